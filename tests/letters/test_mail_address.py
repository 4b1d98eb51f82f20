"""What stands in the window of an envelope, and what must never stand in an ordinary one."""

import pytest

from todoku.sheets.mail_address import AddressWithheld, on_envelope

HOME = ("2210835", "横浜市神奈川区鶴屋町３丁目２９番１号", "メゾン緑　１０１号室")


def test_an_envelope_of_an_ordinary_run_never_carries_a_protected_address():
    with pytest.raises(AddressWithheld):
        on_envelope(*HOME, protected=True, protected_run=False)
    assert on_envelope(*HOME, protected=True, protected_run=True).lines == HOME[1:]


@pytest.mark.parametrize(
    ("code", "address", "building", "rest"),
    [
        (*HOME, "３丁目２９番１号　メゾン緑　１０１号室"),
        ("2210835", "横浜市神奈川区鶴屋町3-29-1", "", "3-29-1"),
        ("2200000", "横浜市西区", "", ""),  # a 代表郵便番号 has no customer barcode
        ("", "横浜市西区北幸１丁目１番１号", "", ""),
    ],
)
def test_the_barcode_takes_what_follows_the_town(code, address, building, rest):
    assert on_envelope(code, address, building, protected=False, protected_run=False).barcode_rest == rest
