"""The strict reader of a sheet's QR: against what zint drew, and against every single wrong module."""

from hypothesis import given
from hypothesis import strategies as st

from todoku.sheets.qr_modules import SIDE, digits_of, modules_of
from todoku.sheets.sheet_codes import qr_drawer

DRAW = qr_drawer()
NUMBER = "74000000791990332"


def drawn(payload: str) -> str:
    return modules_of(DRAW(payload).partition("ID ")[2].partition(">")[0])


@given(st.text("0123456789", min_size=17, max_size=17))
def test_what_was_drawn_is_read(payload: str) -> None:
    assert digits_of(drawn(payload)) == payload


def test_not_one_module_may_be_wrong() -> None:
    modules = drawn(NUMBER)
    assert len(modules) == SIDE * SIDE
    for at, module in enumerate(modules):
        assert digits_of(modules[:at] + "10"[int(module)] + modules[at + 1 :]) is None


def test_a_code_that_is_not_digits_or_turned_is_none_of_ours() -> None:
    assert digits_of(drawn("ABC")) is None
    assert digits_of("0" * SIDE * SIDE) is None
    assert digits_of(drawn(NUMBER)[::-1]) is None
