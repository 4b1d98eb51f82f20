"""A lot as scanners deliver it: every readable code right and none wrong, every planted defect found, ticks as they were set.

The lot is drawn with a seed: 150, 200 and 300 dpi, up to 3° of skew, 3 mm of shift, noise, blur, stains, upside down.
"""

from collections import Counter

import numpy as np
import pytest

from tests.scan import paper_fixture
from tests.scan.paper_fixture import Bend, form_page, open_page, printed, scanned, town, white, words
from todoku.scan.crop import decoded, patch
from todoku.scan.fields import read_fields
from todoku.scan.open_file import OpenPage, open_file
from todoku.scan.read_page import read_page
from todoku.scan.reading import BLANK, FOREIGN, POOR, READ, UNREADABLE, Grey, PageReading
from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import read_payload

PAGES = 30
MM = 200 / 25.4  # pixels
WAYS = ("check", "small_check", "cross", "slash", "circle", "long_check", "none", "none", "none")


def boxes() -> dict[str, Box]:
    return dict(town().layouts[paper_fixture.FORM].boxes)


def bent(rng: np.random.Generator, dpi: int) -> Bend:
    """What a working scanner does to a page at most."""
    return Bend(
        skew=float(rng.uniform(-3, 3)),
        shift=(float(rng.uniform(-2.5, 2.5)), float(rng.uniform(-2.5, 2.5))),
        noise=float(rng.uniform(2, 22)),
        blur=float(rng.uniform(0.3, 1.1)) * dpi / 200,
        stains=int(rng.integers(0, 4)),
        paper=int(rng.uniform(205, 252)),
        turn=int(rng.choice([0, 0, 180])),
    )


def opened(data: bytes) -> OpenPage:
    (page,) = open_file(data)
    assert isinstance(page, OpenPage)
    return page


def test_codes_ticks_and_fields_of_a_generated_lot_are_read_as_they_were_written() -> None:
    seen: Counter[str] = Counter()
    wrong, stained = [], 0
    for n in range(PAGES):
        rng = np.random.default_rng(n)
        dpi = (150, 200, 300)[n % 3]
        index = form_page(int(rng.integers(24)))
        page, fields = printed(index, dpi).copy(), boxes()
        ways = {name: str(rng.choice(WAYS)) for name, box in fields.items() if box.tick}
        for name, how in ways.items():
            if how != "none":
                paper_fixture.tick(page, dpi, fields[name], how, float(rng.uniform(0.35, 0.8)))
        paper_fixture.digits_in_cells(page, dpi, fields["account_number"], "0123456")
        paper_fixture.scribble(page, dpi, fields["signature"], n)
        paper_fixture.card(page, dpi, fields["attach_account"])
        bend = bent(rng, dpi)
        scan = scanned(page, dpi, bend, n)
        data = paper_fixture.tiff([scan], dpi) if n % 4 == 0 else paper_fixture.jpeg(scan, 70, dpi)
        one = read_page(opened(data), town().layouts)
        assert one.code is not None and (one.code.number, one.code.page) == town().codes[index], n
        assert (one.state, one.turned, one.registered_by) == (READ, bend.turn, "four_marks"), n
        seen.update(one.ticks[name].state for name in ways)
        wanted = {name: "empty" if how == "none" else "marked" for name, how in ways.items()}
        wrong += [(n, name) for name, tick in one.ticks.items() if tick.state not in (wanted[name], "unsure")]
        inked = {name for name, has in one.inked.items() if has}
        assert inked >= {"account_number", "signature", "attach_account"}, n
        assert set(one.crops) == inked
        stained += len(inked) - 3
    assert wrong == []
    assert (
        stained <= PAGES * 15 * 0.01
    )  # the rim of a coffee stain may look like writing: a person sees the picture
    assert seen["unsure"] <= PAGES * 3 * 0.02  # what a person must look at


def test_a_code_spoilt_in_one_place_is_still_read_and_a_wrong_check_digit_never() -> None:
    fields, page = boxes(), printed(form_page(0)).copy()
    code = fields["qr"]
    paper_fixture.stroke(page, 200, [(code.x + 10, code.y + 12), (code.x + 13, code.y + 13)], 3)
    one = read_page(open_page(scanned(page)), town().layouts)
    assert one.code is not None and one.code.number == town().codes[form_page(0)][0]
    # It looks like ours, but the check digit of its number is wrong.
    assert read_payload("20000000000170111") is not None
    forged = with_code(printed(form_page(0)), "20000000000170111")
    assert read_page(open_page(scanned(forged)), town().layouts).state == UNREADABLE
    other = with_code(printed(form_page(0)), "https://example.lg.jp/")
    assert read_page(open_page(scanned(other)), town().layouts).code is None


def with_code(page: Grey, text: str) -> Grey:
    """The page with another QR in the place of its own."""
    box, changed = boxes()["qr"], page.copy()
    code = paper_fixture.qr(text, 7)
    x, y = round(box.x * MM), round(box.y * MM)
    changed[y - 8 : y + 186, x - 8 : x + 186] = 255
    changed[y : y + code.shape[0], x : x + code.shape[1]] = code
    return changed


def without(page: Grey, *names: str) -> Grey:
    """The page with these boxes covered by white paper."""
    covered = page.copy()
    for box in (boxes()[name] for name in names):
        covered[
            int((box.y - 1) * MM) : int((box.y + box.h + 1) * MM),
            int((box.x - 1) * MM) : int((box.x + box.w + 1) * MM),
        ] = 255
    return covered


def letter_of_somebody() -> Grey:
    page = white()
    for i in range(8):
        words(page, 200, 25, 30 + i * 9, f"書類を同封します。その{i + 1}")
    return page


def form(nth: int = 0) -> Grey:
    return printed(form_page(nth))


def read(scan: Grey) -> PageReading:
    return read_page(open_page(np.ascontiguousarray(scan)), town().layouts)


def test_what_is_wrong_with_a_page_is_found_and_said() -> None:
    good = scanned(form(), bend=Bend(skew=1))
    planted: dict[str, tuple[Grey, str, set[str]]] = {
        "nothing": (good, READ, set()),
        "left edge cut": (good[:, int(17 * MM) :], POOR, {"cut"}),
        "lower edge cut": (good[: int(280 * MM)], POOR, {"cut"}),
        "torn in half": (good[: int(190 * MM)], POOR, {"too_short"}),
        "very crooked": (scanned(form(), bend=Bend(skew=5)), POOR, {"crooked"}),
        "two sheets as one": (
            np.vstack([good[: int(230 * MM)], scanned(form(1))]),
            UNREADABLE,
            {"two_sheets", "two_codes"},
        ),
        "a second sheet behind": (
            np.vstack([good, good[int(80 * MM) : int(180 * MM)]]),
            POOR,
            {"two_sheets"},
        ),
        "too dark": (scanned(form(), bend=Bend(paper=95)), POOR, {"too_dark"}),
        "too faint": (np.clip(good.astype(int) // 5 + 200, 0, 255).astype(np.uint8), POOR, {"too_faint"}),
        "blurred": (scanned(form(), bend=Bend(blur=2.6)), POOR, {"blurred"}),
        "one mark gone": (scanned(without(form(), "mark_bl")), READ, {"three_marks"}),
        "two marks gone": (scanned(without(form(), "mark_bl", "mark_br")), POOR, {"no_marks"}),
        "code gone": (scanned(without(form(), "qr")), UNREADABLE, set()),
        "code gone, upside down": (scanned(without(form(), "qr"), bend=Bend(turn=180)), UNREADABLE, set()),
        "empty back": (scanned(white()), BLANK, set()),
        "a letter": (scanned(letter_of_somebody()), FOREIGN, set()),
        "a faint letter": (
            (scanned(letter_of_somebody()) // 5 + 195).astype(np.uint8),
            FOREIGN,
            {"too_faint"},
        ),
    }
    for name, (scan, state, codes) in planted.items():
        one = read(scan)
        assert one.state == state, name
        assert codes <= {problem.code for problem in one.problems}, name
        assert all(problem.sentence.endswith("。") for problem in one.problems)
        if state == POOR:
            assert not one.ticks and not one.inked, name
    assert not read(good).problems


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_kept_upright(turn: int) -> None:
    one = read(scanned(form(), bend=Bend(turn=turn, skew=1)))
    assert (one.state, one.turned) == (READ, turn)
    kept = decoded(one.picture)
    x, y = boxes()["qr"].x + 10, boxes()["qr"].y + 10
    a, b, c, d, e, f, *_ = one.picture_matrix
    middle = kept[int(d * x + e * y + f) - 20 : int(d * x + e * y + f) + 20, int(a * x + b * y + c) - 20 :][
        :, :40
    ]
    assert kept.shape[0] > kept.shape[1] and middle.std() > 60  # the code is where the matrix says


def test_a_mark_that_is_something_else_does_not_bend_the_page() -> None:
    page = without(form(), "mark_br")
    page[int(276 * MM) : int(280 * MM), int(190 * MM) : int(194 * MM)] = 0
    one = read(scanned(page))
    assert one.registered_by == "three_marks"
    assert {tick.state for tick in one.ticks.values()} == {"empty"}


def test_places_are_found_to_a_fraction_of_a_millimetre() -> None:
    page, fields = form().copy(), boxes()
    one = read(scanned(page, bend=Bend(skew=-2.4, shift=(2, -1), noise=10), seed=4))
    code = patch(decoded(one.picture), one.picture_matrix, fields["qr"].x, fields["qr"].y, 20, 20, 10.0)
    straight = patch(page, (MM, 0, 0, 0, MM, 0, 0, 0, 1), fields["qr"].x, fields["qr"].y, 20, 20, 10.0)
    off = np.abs((code > 128).astype(int) - (straight > 128).astype(int)).mean()
    assert off < 0.06  # of the area of a code of 1 mm modules: an offset of 0.1 mm


def test_a_jpeg_that_lies_as_it_should_is_kept_as_it_came() -> None:
    data = paper_fixture.jpeg(scanned(form()))
    assert read_page(opened(data), town().layouts).picture == data
    upside_down = read_page(opened(paper_fixture.jpeg(scanned(form(), bend=Bend(turn=180)))), town().layouts)
    assert upside_down.picture != data and len(upside_down.picture) < 250_000


def test_a_kept_picture_can_be_asked_again_with_other_boxes() -> None:
    page, fields = form().copy(), boxes()
    paper_fixture.tick(page, 200, fields["kind_current"])
    one = read(scanned(page))
    again = read_fields(decoded(one.picture), one.picture_matrix, town().layouts[paper_fixture.FORM])
    assert {name: tick.state for name, tick in again.ticks.items()} == {
        name: tick.state for name, tick in one.ticks.items()
    }
    assert again.ticks["kind_current"].state == "marked"
