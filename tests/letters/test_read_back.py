"""Whatever goes wrong between a list of people and a pile of paper is found in the file, before anything is printed."""

import csv
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benches.letters import WORDING, expected_of, town_pieces
from tests.letters.rebuilt import contents_of, line_in, rebuilt, with_bars_of, with_code_of, with_field_of
from todoku.sheets.form_layout import Box, base_pages
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.read_back import Expected, ReadBack, agrees, read_back

COUNT = 8
LARGE = 3  # the piece of a household that needs a list page
GAIJI = 5  # the piece whose name has a character that no font draws


class Run(NamedTuple):
    data: bytes
    result: FormsResult
    expected: list[Expected]
    pages: list[bytes]

    @property
    def boxes(self) -> dict[str, Box]:
        return dict(base_pages(self.result.boxes)[0].boxes)

    def read(self, data: bytes, expected: list[Expected] | None = None) -> ReadBack:
        pieces = self.expected if expected is None else expected
        return read_back(
            io.BytesIO(data), pieces, self.result.boxes, run_label="R0001", honorific="様", every=4
        )

    def wrong(self, pages: list[bytes]) -> list[tuple[int, str]]:
        return [(one.page, one.what) for one in self.read(rebuilt(self.data, pages)).wrong]


def pieces_of_the_town() -> list[Piece]:
    pieces = list(town_pieces(COUNT))
    large, odd = pieces[LARGE], pieces[GAIJI]
    members = tuple((f"見本　{no:02d}番", "2001/02/03", "同居人", 10_000) for no in range(1, 10))
    pieces[LARGE] = large._replace(members=members, total_yen=90_000)
    pieces[GAIJI] = odd._replace(
        addressee="橋\ue003　葛\U000e0100子", members=(("橋\ue003　葛\U000e0100子", "", "", 1),)
    )
    return pieces


@pytest.fixture(scope="module")
def run(fonts_dir: Path) -> Run:
    pieces, out, lines = pieces_of_the_town(), io.BytesIO(), io.StringIO()
    manifest = ManifestFile(lines, "R0001")
    result = write_forms(out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001", manifest=manifest)
    told = list(csv.DictReader(io.StringIO(lines.getvalue())))
    expected = list(expected_of(pieces, told))
    return Run(out.getvalue(), result, expected, contents_of(out.getvalue()))


def test_a_run_as_it_should_be_has_nothing_wrong_and_its_digest_is_that_of_the_file(run: Run) -> None:
    found = run.read(run.data)
    assert found.wrong == ()
    assert (found.pages, found.pieces, found.sha256) == (2 * COUNT + 1, COUNT, run.result.sha256)
    assert found.rasterised == 8  # 1, 2, every fourth, 9 for its list, the last


def test_a_run_put_together_again_as_it_was_has_nothing_wrong(run: Run) -> None:
    assert run.wrong(run.pages) == []


def test_two_pages_swapped_are_found(run: Run) -> None:
    pages = [*run.pages]
    pages[2], pages[4] = pages[4], pages[2]
    wrong = run.wrong(pages)
    assert {page for page, _ in wrong} == {3, 5}
    assert {"code", "number", "piece", "name", "body"} <= {what for page, what in wrong if page == 3}


def test_the_two_sides_of_one_piece_swapped_are_found(run: Run) -> None:
    pages = [*run.pages]
    pages[0], pages[1] = pages[1], pages[0]
    assert {(1, "code"), (1, "page"), (2, "code"), (2, "page")} <= set(run.wrong(pages))


def test_a_page_of_another_recipient_is_found(run: Run) -> None:
    pages = [*run.pages]
    pages[3] = run.pages[5]
    assert {page for page, _ in run.wrong(pages)} == {4}


def test_a_dropped_and_a_doubled_page_are_found(run: Run) -> None:
    for pages in ([*run.pages[:-1]], [*run.pages, run.pages[-1]]):
        (place, what), *_ = run.wrong(pages)
        assert (place, what) in [(17, "missing"), (18, "extra")]
    assert run.wrong([*run.pages[:4], *run.pages[5:]])[0] == (5, "code")
    assert run.wrong([*run.pages[:4], run.pages[4], *run.pages[4:]])[0] == (6, "code")


def test_the_address_of_one_with_the_code_of_another_is_found(run: Run) -> None:
    pages = [*run.pages]
    pages[0] = with_code_of(pages[0], pages[2])
    assert run.wrong(pages) == [(1, "code")]


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("number", "number"),
        ("piece", "piece"),
        ("name", "name"),
        ("address", "address"),
        ("postal", "postal"),
        ("member_0_name", "body"),
    ],
)
def test_one_field_of_another_person_is_found(run: Run, field: str, what: str) -> None:
    pages = [*run.pages]
    pages[2] = with_field_of(pages[2], pages[13], run.boxes[field])
    assert run.wrong(pages) == [(3, what)]


def test_the_bars_and_the_page_number_of_another_page_are_found(run: Run) -> None:
    bars = [with_bars_of(run.pages[0], run.pages[4]), *run.pages[1:]]
    assert run.wrong(bars) == [(1, "bars")]
    number = [with_field_of(run.pages[0], run.pages[1], run.boxes["page_code"]), *run.pages[1:]]
    assert run.wrong(number) == [(1, "page")]


def test_the_key_of_another_on_the_page_that_stays_at_home_is_found(run: Run) -> None:
    key = dict(base_pages(run.result.boxes)[1].boxes)["key"]
    pages = [run.pages[0], with_field_of(run.pages[1], run.pages[3], key), *run.pages[2:]]
    assert run.wrong(pages) == [(2, "body")]


def test_a_member_left_out_of_the_list_is_found(run: Run) -> None:
    at = 2 * LARGE + 2
    listed = dict(base_pages(run.result.boxes)[2].boxes)
    pages = [*run.pages]
    pages[at] = pages[at].replace(line_in(pages[at], listed["listed_2_name"]) + b"\n", b"")
    assert run.wrong(pages) == [(at + 1, "body")]


def test_a_run_killed_in_the_middle_and_a_run_written_twice_are_found(run: Run) -> None:
    for data in (run.data[: len(run.data) // 2], run.data[:-1], run.data[:-700], b"", run.data + run.data):
        assert [(one.page, one.what) for one in run.read(data).wrong] == [(0, "file")]
    assert (18, "extra") in run.wrong([*run.pages, *run.pages])


def test_somebody_who_should_be_in_the_run_and_is_not_is_found(run: Run) -> None:
    stranger = run.expected[-1]._replace(piece_no=COUNT + 1, number="7400000079199")
    assert run.read(run.data, [*run.expected, stranger]).wrong[0][:2] == (18, "missing")
    assert run.read(run.data, run.expected[:-1]).wrong[0][:2] == (16, "extra")


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [
        ("code", rb"ID ([0-9a-f])", lambda found: b"ID %x" % (int(found[1], 16) ^ 8)),
        ("bars", rb"\((1)3", lambda found: b"(23"),
        ("bars", rb"(\d)\)Tj", lambda found: b"%d)Tj" % (5 - int(found[1]))),
    ],
)
def test_one_altered_module_or_bar_is_found(
    run: Run, what: str, old: bytes, new: Callable[[re.Match[bytes]], bytes]
) -> None:
    altered, times = re.subn(old, new, run.pages[0], count=1)
    assert times == 1
    assert run.wrong([altered, *run.pages[1:]]) == [(1, what)]


def test_text_outside_every_field_or_too_pale_to_read_makes_a_page_unreadable(run: Run) -> None:
    stray = run.pages[0].replace(b"ET\n", b"0 g /R 9 Tf 1 0 0 1 20.00 20.00 Tm<0001>Tj\nET\n")
    pale = run.pages[0].replace(b"0.03 g", b"1 g", 1)
    bare = run.pages[0].replace(b"/S1 Do\n", b"")
    for page in (stray, pale, bare):
        assert run.wrong([page, *run.pages[1:]]) == [(1, "unreadable")]


def test_a_mark_for_a_missing_character_agrees_only_where_the_manifest_says_so() -> None:
    assert agrees("橋〓　翔太", "橋\ue003　翔太", "undrawable")
    assert agrees("葛城", "葛\U000e01ef城", "variant")
    assert not agrees("橋〓　翔太", "橋\ue003　翔太")
    assert not agrees("葛城", "葛\U000e01ef城", "undrawable")
    assert not agrees("橋〓　翔", "橋\ue003　翔太", "undrawable")
    assert not agrees("橋〓　翔太郎", "橋\ue003　翔太", "undrawable")


# One drawn number stands for all that is thrown here: whatever is then done with the pages, two runs of an example draw
# the same, and no example is too large.
@given(st.integers(0, 2**32 - 1), st.sampled_from(["shuffle", "cut", "double", "graft", "digit"]))
@settings(max_examples=60)
def test_whatever_happens_to_the_pages_of_a_run_is_found(run: Run, seed: int, way: str) -> None:
    chance, pages = random.Random(seed), [*run.pages]
    one, other = chance.sample(range(len(pages)), 2)
    if way == "shuffle":
        while pages == run.pages:
            chance.shuffle(pages)
    elif way == "cut":
        del pages[min(one, other) : max(one, other)]
    elif way == "double":
        pages[one:one] = pages[other : other + chance.randint(1, 3)]
    elif way == "graft":
        pages[one] = with_code_of(pages[one], pages[other])
    else:
        texts = [found.span(1) for found in re.finditer(rb"Tm<([0-9A-F]{4,})>", pages[one])]
        start, end = texts[
            chance.randrange(3)
        ]  # number, page or piece; on an address page postal, address, name
        at = chance.randrange(start // 4 * 4 + start % 4, end, 4) + 3
        altered = b"%X" % ((pages[one][at] + chance.randint(1, 8)) % 16)
        if altered == pages[one][at : at + 1]:
            altered = b"0" if altered != b"0" else b"1"
        pages[one] = pages[one][:at] + altered + pages[one][at + 1 :]
    assert run.wrong(pages) != []
