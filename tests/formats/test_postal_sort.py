"""Districts by the post's own table, and trays in which every piece of a run lies exactly once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.postal_sort import (
    AREA,
    DISTRICT,
    NEVER,
    District,
    SortRefused,
    by_district,
    district,
    lay,
)

CODES = ("", "0600041", "0612274", "1000001", "2520231", "2520303", "9808691")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("0600041", District("060", True)),  # 札幌中央, an office of three digits
        ("0612274", District("06122", True)),  # an office of five digits in the same area
        ("0788381", District("07883", False)),  # passed from another office since: the table does not tell
        ("9999999", District("99999", False)),
        ("", District("", False)),
    ],
)
def test_a_district_has_three_or_five_digits_as_the_table_of_the_post_has_them(
    code: str, found: District
) -> None:
    assert district(code) == found


def test_pieces_are_counted_by_district_in_the_order_of_their_codes() -> None:
    assert by_district(["0612274", "0600041", "0600042"]) == {"060": 2, "06122": 1}


def test_a_run_is_cut_into_trays_and_bundles_and_each_piece_is_found_again() -> None:
    pieces = [(no, "0600041" if no <= 120 else "0612274") for no in range(1, 301)]
    plan = lay(pieces)
    assert [(tray.no, tray.first_piece, tray.last_piece, tray.held) for tray in plan.trays] == [
        (1, 1, 250, 250), (2, 251, 300, 50),
    ]  # fmt: skip
    assert [(b.no, b.district, b.held) for b in plan.trays[0].bundles] == [
        (1, "060", 100), (2, "060", 20), (3, "06122", 100), (4, "06122", 30),
    ]  # fmt: skip
    assert (plan.trays[0].first_code, plan.trays[0].last_code) == ("0600041", "0612274")
    assert plan.place(121) == (1, 121, 3)
    assert plan.place(300) == (2, 50, 1)
    assert plan.unknown == 0


@pytest.mark.parametrize(("at", "counts"), [(NEVER, [4]), (AREA, [3, 1]), (DISTRICT, [2, 1, 1])])
def test_a_new_tray_may_begin_with_each_area_or_district(at: str, counts: list[int]) -> None:
    pieces = [(1, "0600041"), (2, "0600042"), (3, "0612274"), (4, "1000001")]
    if at == AREA:
        pieces[2] = (3, "0600042")
    assert [tray.held for tray in lay(pieces, new_tray_at=at).trays] == counts


def test_numbers_out_of_order_and_trays_for_nothing_are_refused() -> None:
    with pytest.raises(SortRefused, match="連番1が連番2の後"):
        lay([(2, ""), (1, "")])
    with pytest.raises(SortRefused, match="1以上"):
        lay([(1, "")], tray_size=0)
    assert lay([]).trays == ()


def test_a_piece_without_a_code_has_its_place_too_and_is_counted() -> None:
    plan = lay([(1, ""), (2, "1000001")])
    assert plan.unknown == 1
    assert [bundle.district for bundle in plan.trays[0].bundles] == ["", "100"]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(CODES)), max_size=120),
    st.integers(1, 40),
    st.integers(1, 15),
    st.sampled_from((NEVER, AREA, DISTRICT)),
)
def test_every_piece_has_exactly_one_place_and_trays_are_ranges_of_the_run(
    steps: list[tuple[int, str]], tray_size: int, bundle_size: int, at: str
) -> None:
    number, pieces = 0, []
    for step, code in steps:  # numbers rise, with gaps
        number += step
        pieces.append((number, code))
    plan = lay(pieces, tray_size=tray_size, bundle_size=bundle_size, new_tray_at=at)
    assert plan.pieces == tuple(no for no, _ in pieces)
    assert len(set(plan.places)) == len(plan.places) == len(pieces)
    assert sum(tray.held for tray in plan.trays) == len(pieces)
    code_of = dict(pieces)
    for tray in plan.trays:
        held = [no for no in plan.pieces if tray.first_piece <= no <= tray.last_piece]
        assert len(held) == tray.held <= tray_size
        assert [plan.place(no).position for no in held] == list(range(1, tray.held + 1))
        assert sum(bundle.held for bundle in tray.bundles) == tray.held
        for bundle in tray.bundles:
            inside = [no for no in held if plan.place(no).bundle == bundle.no]
            assert (inside[0], inside[-1], len(inside)) == (
                bundle.first_piece,
                bundle.last_piece,
                bundle.held,
            )
            assert len(inside) <= bundle_size
            assert {district(code_of[no]).code for no in inside} == {bundle.district}
