"""The templates themselves: what they report about their fields is what printing and scanning rely on."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from benches.letters import WORDING
from todoku.sheets.envelopes import MOVES_X, MOVES_Y, WINDOW_HEIGHT, WINDOW_WIDTH, WINDOW_X, WINDOW_Y
from todoku.sheets.form_layout import (
    CHAIN,
    Box,
    FontRefused,
    Layout,
    base_pages,
    boxes_from_json,
    boxes_json,
    compile_layout,
)
from todoku.sheets.letter_sheets import LETTER_KINDS, POSTCARDS
from todoku.sheets.sheet_codes import BAR_LONG, BAR_PITCH, SHEET_KINDS
from todoku.sheets.wording import KINDS, complete

# Left, top, right, bottom of the envelope's window in mm, and how far the sheet may slide sideways and up or down.
WINDOW = (WINDOW_X, WINDOW_Y, WINDOW_X + WINDOW_WIDTH, WINDOW_Y + WINDOW_HEIGHT)
SHIFT = (MOVES_X, MOVES_Y)
THIRD = 105  # what lies above this may face the window


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind not in POSTCARDS])
def layout(request: pytest.FixtureRequest, fonts_dir: Path) -> Layout:
    template = request.param if request.param in ("form", "gift") else "letter"
    return compile_layout(template, complete(request.param, WORDING), fonts_dir)


@pytest.fixture(scope="module", params=POSTCARDS)
def card(request: pytest.FixtureRequest, fonts_dir: Path) -> Layout:
    return compile_layout("postcard", complete(request.param, WORDING), fonts_dir)


def test_a_postcard_has_its_fields_on_the_card_apart_and_names_no_key_and_no_amount(card: Layout) -> None:
    assert card.pages == 2
    for box in card.boxes.values():
        assert box.x >= 6 and box.y >= 5 and box.x + box.w <= 95 and box.y + box.h <= 143, box
    for page in (1, 2):
        for one, other in combinations(card.on_page(page).values(), 2):
            assert not _overlap(one, other), (one, other)
    assert {"postal", "address", "name", "bars", "number", "qr"} <= set(card.on_page(1))
    assert "key" not in {name for name, _ in card.boxes}
    assert card.on_page(1)["qr"][3:7] == card.on_page(2)["qr"][3:7]


def test_the_sheet_for_copies_has_its_areas_at_one_place_wherever_it_is_enclosed(fonts_dir: Path) -> None:
    form = compile_layout("form", complete("form", {**WORDING, "attachments": "sheet"}), fonts_dir)
    asked = compile_layout("letter", complete("return", WORDING), fonts_dir)
    for name in ("attach_identity", "attach_account"):
        assert form.on_page(4)[name][2:7] == asked.on_page(4)[name][2:7]
    assert not {"attach_identity", "attach_account"} & set(form.on_page(1))


def test_declining_and_standing_in_for_another_are_sheets_of_their_own_that_are_signed(
    fonts_dir: Path,
) -> None:
    declined = compile_layout("letter", complete("decline_form", WORDING), fonts_dir).on_page(7)
    assert {"signature", "applied_day", "day_phone", "decline_person_1"} <= {
        name for name, box in declined.items() if box.role == "entry"
    }
    statement = compile_layout("letter", complete("proxy_form", WORDING), fonts_dir).on_page(8)
    assert {"signature", "proxy_signature", "proxy_name", "relation_legal", "scope_both", "proxy_reason"} <= {
        name for name, box in statement.items() if box.role == "entry"
    }
    assert statement["proxy_principal"].role == "print", "who is stood in for is printed, not written"
    whole = complete("decline_form", {**WORDING, "decline_who_title": ""})
    assert not [
        name for name, _ in compile_layout("letter", whole, fonts_dir).boxes if "decline_person" in name
    ]
    form = compile_layout("form", complete("form", WORDING), fonts_dir)
    assert not [name for name, _ in form.boxes if "decline" in name or "refuse" in name]


def test_every_field_lies_on_the_paper(layout: Layout) -> None:
    assert layout.boxes
    for box in layout.boxes.values():
        assert box.x >= 10 and box.y >= 10 and box.x + box.w <= 200 and box.y + box.h <= 290, box


def test_no_two_fields_overlap(layout: Layout) -> None:
    for page in range(1, layout.pages + 1):
        for one, other in combinations(layout.on_page(page).values(), 2):
            assert not _overlap(one, other), (one, other)


def test_number_code_and_page_stand_at_the_same_place_on_every_page(layout: Layout) -> None:
    for name in ("number", "qr", "page_code", "mark_tl", "mark_br"):
        places = {layout.on_page(page)[name][3:7] for page in range(1, layout.pages + 1)}
        assert len(places) == 1, name


def test_the_address_shows_whole_in_the_window_however_the_sheet_slides(layout: Layout) -> None:
    left, top, right, bottom = WINDOW
    for name in ("postal", "address", "name", "bars"):
        box, clear = layout.on_page(1)[name], 2 if name == "bars" else 0
        assert box.x - SHIFT[0] - clear >= left and box.x + box.w + SHIFT[0] + clear <= right, name
        assert box.y - SHIFT[1] - clear >= top and box.y + box.h + SHIFT[1] + clear <= bottom, name


def test_nothing_but_the_address_shows_in_the_window(layout: Layout) -> None:
    left, top, right, bottom = WINDOW
    seen = Box(
        "window",
        "mark",
        1,
        left - SHIFT[0],
        top - SHIFT[1],
        right - left + 2 * SHIFT[0],
        bottom - top + 2 * SHIFT[1],
    )
    showing = {name for name, box in layout.on_page(1).items() if _overlap(box, seen)}
    assert showing == {"postal", "address", "name", "bars"}


def test_the_bars_have_room_and_their_official_size(layout: Layout) -> None:
    box = layout.on_page(1)["bars"]
    assert box.w == pytest.approx(67 * BAR_PITCH, abs=0.05) and box.h == pytest.approx(BAR_LONG)
    assert box.y - (layout.on_page(1)["name"].y + layout.on_page(1)["name"].h) >= 2
    assert 0.95 <= BAR_PITCH <= 1.30


def test_the_key_lies_where_no_window_looks(layout: Layout) -> None:
    places = [box for (name, _), box in layout.boxes.items() if name == "key"]
    assert all(box.page > 1 or box.y > THIRD for box in places)


def test_the_form_has_every_box_that_a_person_fills(fonts_dir: Path) -> None:
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    entries = {name: box.cells for name, box in boxes.items() if box.role == "entry"}
    assert entries == {
        "use_known_account": 0, "bank_name": 0, "bank_code": 4, "branch_name": 0, "branch_code": 3,
        "kind_ordinary": 0, "kind_current": 0, "account_number": 7, "yucho_symbol": 5, "yucho_number": 8,
        "holder_kana": 20, "applied_year": 0, "applied_month": 0, "applied_day": 0, "signature": 0, "day_phone": 0,
        "attach_identity": 0, "attach_account": 0,
    }  # fmt: skip
    # A card (85.6 × 54 mm) fits each attachment area but for its lower edge; cells are wide enough for a hand.
    assert all(boxes[name].w >= 86 and boxes[name].h >= 52 for name in ("attach_identity", "attach_account"))
    assert all(box.w / box.cells >= 7 for box in boxes.values() if box.cells)


def test_only_the_example_is_filled_in(fonts_dir: Path) -> None:
    guide = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(2)
    assert not [name for name, box in guide.items() if box.role == "entry"]


@pytest.mark.parametrize("kind", [kind for kind in LETTER_KINDS if kind not in POSTCARDS])
def test_a_letter_has_one_field_per_row_of_its_table(fonts_dir: Path, kind: str) -> None:
    words = complete(kind, WORDING)
    fields = compile_layout("letter", words, fonts_dir).on_page(1)
    assert sum(name.startswith("value_") for name in fields) == len(words["rows"])
    assert ("items" in fields) == bool(words["items_title"])


def test_a_missing_font_is_refused_by_name(tmp_path: Path, fonts_dir: Path) -> None:
    with pytest.raises(FontRefused) as refused:
        compile_layout("form", complete("form", WORDING), tmp_path)
    assert "BIZUDGothic-Regular.ttf" in refused.value.sentence
    for file in (file for files in CHAIN for file in files.values()):
        (tmp_path / file).write_bytes((fonts_dir / "BIZUDGothic-Regular.ttf").read_bytes())
    with pytest.raises(FontRefused) as refused:
        compile_layout("form", complete("form", WORDING), tmp_path)
    assert "BIZ UDGothic" in refused.value.sentence and "太字" in refused.value.sentence


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.w - 0.01
        and other.x < one.x + one.w - 0.01
        and one.y < other.y + other.h - 0.01
        and other.y < one.y + one.h - 0.01
    )


def test_the_boxes_of_a_run_survive_as_json_by_kind_of_sheet(fonts_dir: Path) -> None:
    for template, kind in (("form", "form"), ("letter", "return")):
        layout = compile_layout(template, complete(kind, WORDING), fonts_dir)
        kept = json.loads(json.dumps(boxes_json(layout)))
        found = boxes_from_json(kept)
        assert set(found) == {SHEET_KINDS[template, page] for page in range(1, layout.pages + 1)}
        assert found[SHEET_KINDS[template, 1]] == layout.on_page(1)
        assert [page.boxes for page in base_pages(kept)] == [
            layout.on_page(page) for page in range(1, layout.pages + 1)
        ]
