"""The plan for the inserting machine: every piece once, with its code, place, weight and class; and the tray labels."""

import csv
import io
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest

from todoku.formats.codes import check_digit
from todoku.formats.postage import Posting, estimate
from todoku.formats.postage_tariff import PostageRefused, tariffs
from todoku.formats.postal_sort import lay
from todoku.sheets.envelopes import KAKU2, NAGA3, REPLY_NAGA3
from todoku.sheets.insert_plan import (
    COLUMNS,
    Enclosure,
    InsertRefused,
    Setup,
    as_csv,
    head,
    insert_plan,
    lots,
    setup_for,
)
from todoku.sheets.manifest import ManifestLine
from todoku.sheets.sheet_codes import SheetKind, qr_payload
from todoku.sheets.tray_labels import tray_labels

CODES = ("1000001", "1000002", "1000004", "1000005")


def _lines(count: int) -> list[ManifestLine]:
    lines, page = [], 1
    for no in range(1, count + 1):
        digits = f"{770000000000 + no * 17}"
        number, pages = digits + check_digit(digits), 3 if no % 10 == 0 else 2
        code = qr_payload(number, 1, SheetKind.FORM, 1)
        lines.append(
            ManifestLine(
                no, number, page, pages, CODES[no * 4 // (count + 1)], "tight" if no == 5 else "", code
            )
        )
        page += pages
    return lines


def _plan(count: int, setup: Setup):
    lines = _lines(count)
    trays = lay(((line.piece_no, line.postal_code) for line in lines), tray_size=40)
    return lines, trays, insert_plan(lines, trays, setup)


def test_every_piece_stands_in_the_plan_once_with_its_code_and_its_own_place() -> None:
    lines, trays, plan = _plan(100, setup_for("kaku2", reply=True, leaflets=[Enclosure("案内", 6, 0.2)]))
    assert [line.piece_no for line in plan] == [line.piece_no for line in lines]
    assert {line.code for line in plan} == {line.code for line in lines}
    assert len({(line.tray, line.position) for line in plan}) == 100
    assert max(line.tray for line in plan) == len(trays.trays) == 3
    assert all(line.enclosures == "返信用封筒（長形3号・折らない）＋案内" for line in plan)
    assert [line.first_page for line in plan][:3] == [1, 3, 5]


@pytest.mark.parametrize(
    ("setup", "pages", "grams", "thick", "size"),
    [
        (setup_for("kaku2", reply=True), 2, 31, 0.8, "large"),  # 2 × 4 + 18 + 5 g
        (setup_for("kaku2", reply=True, duplex=True), 2, 27, 0.7, "large"),
        (setup_for("naga3", reply=True), 2, 17, 1.2, "standard"),  # folded in three
        (
            setup_for("naga3", reply=False, leaflets=[Enclosure("冊子", 40, 1)]),
            2,
            53,
            1.9,
            "large",
        ),  # over 50 g
    ],
)
def test_weight_thickness_and_class_follow_from_what_is_enclosed(
    setup: Setup, pages: int, grams: int, thick: float, size: str
) -> None:
    (line,) = insert_plan(
        [ManifestLine(1, "1", 1, pages, "1000001", "", "7" * 17)], lay([(1, "1000001")]), setup
    )
    assert (line.grams, line.thickness_mm, line.size) == (grams, thick, size)


def test_a_reply_envelope_that_must_be_folded_and_a_piece_without_a_code_are_refused() -> None:
    lines, trays, _ = _plan(3, setup_for("naga3", reply=True))
    with pytest.raises(InsertRefused, match="長形3号に折らずに入りません"):
        insert_plan(lines, trays, Setup(NAGA3, REPLY_NAGA3))
    with pytest.raises(InsertRefused, match="連番2に照合コードがありません"):
        insert_plan([lines[0], lines[1]._replace(code=""), lines[2]], trays, Setup(KAKU2))
    with pytest.raises(InsertRefused, match="kaku2、naga3"):
        setup_for("kaku3", reply=True)
    with pytest.raises(PostageRefused, match="封入物を"):
        insert_plan(lines, trays, Setup(NAGA3, None, (Enclosure("石", 5000, 20),)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_the_csv_and_its_head_agree(encoding: str) -> None:
    setup = setup_for("kaku2", reply=True)
    lines, _, plan = _plan(100, setup)
    data = as_csv(plan, "F00001", encoding)
    rows = list(csv.DictReader(io.StringIO(data.decode(encoding))))
    told = head(plan, setup, "F00001", data, encoding)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == told["pieces"] == 100
    assert sum(int(row["用紙枚数"]) for row in rows) == told["sheets"] == sum(line.pages for line in lines)
    assert told["pieces_by_sheets"] == {"2": 90, "3": 10}
    assert told["pieces_by_size"] == {"定形外郵便物（規格内）": 100}
    assert (told["hand_work"], told["trays"], told["reply_unfolded"]) == (1, 3, True)
    assert told["sha256"] == sha256(data).hexdigest()
    assert {row["ロット"] for row in rows} == {"F00001"} and rows[4]["手作業"] == "tight"


def test_the_plan_as_lots_gives_the_postage_of_all_its_pieces() -> None:
    lines, _, plan = _plan(100, setup_for("naga3", reply=True))
    held = lots(plan, {line.piece_no: line.postal_code for line in lines})
    assert sum(lot.pieces for lot in held) == 100
    assert {(lot.size, lot.grams, lot.barcoded) for lot in held} == {
        ("standard", 17, True),
        ("standard", 21, True),
    }
    assert estimate(held, Posting(), tariffs()[-1]).total_yen == 11_000


def test_each_tray_has_a_label_with_its_range_count_and_districts(fonts_dir: Path) -> None:
    pieces = [(no, "0600041" if no <= 300 else f"061{2270 + no // 20:04d}") for no in range(1, 700)]
    trays = lay(pieces).trays
    pdf = pypdfium2.PdfDocument(tray_labels(trays, title="申請書", run_label="F00001", fonts_dir=fonts_dir))
    assert len(pdf) == len(trays) == 3
    for page, tray in zip(pdf, trays, strict=True):
        told = "".join(page.get_textpage().get_text_range().split())
        assert f"{tray.no}/3" in told and f"{tray.first_piece:,}–{tray.last_piece:,}" in told
        assert f"{tray.held:,}通" in told and "F00001" in told
        assert all(_shown(bundle.district) in told for bundle in tray.bundles)


def test_a_label_with_more_districts_than_rows_counts_the_rest(fonts_dir: Path) -> None:
    trays = lay((no, f"{no:03d}0001") for no in range(100, 150)).trays
    (page,) = pypdfium2.PdfDocument(
        tray_labels(trays, title="申請書", run_label="F00001", fonts_dir=fonts_dir)
    )
    assert "ほか39区39通" in "".join(page.get_textpage().get_text_range().split())


def _shown(district: str) -> str:
    return f"{district[:3]}-{district[3:]}" if len(district) > 3 else district
