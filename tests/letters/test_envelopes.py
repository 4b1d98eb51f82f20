"""The artwork of envelopes measured in the finished file: from its drawing, and from a picture of it at 600 dpi."""

from ctypes import c_float, c_int
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from benches.letters import WORDING
from todoku.formats.post_barcode import bars
from todoku.sheets.envelopes import (
    KAKU2,
    NAGA3,
    OUTER,
    REPLY,
    REPLY_FOR,
    REPLY_NAGA3,
    REPLY_NAGA40,
    ReplyEnvelope,
    fits_unfolded,
)
from todoku.sheets.form_layout import MM, compile_layout
from todoku.sheets.reply_envelope import (
    Mark,
    Permit,
    PermitRefused,
    Sender,
    outer_artwork,
    reply_artwork,
    texts_of,
)
from todoku.sheets.wording import complete

PERMIT = Permit("12345", "みほん中央郵便局", date(2026, 10, 1), date(2027, 9, 30), "9808691", "215", True)
SENDER = Sender(
    ("宮城県みほん市本町1丁目1番1号",),
    ("みほん市", "給付金事務局"),
    "022-000-0000",
    "給付金のお知らせです",
)
DPI = 600
DOT = 25.4 / DPI
BOTH = pytest.mark.parametrize("envelope", list(REPLY.values()), ids=list(REPLY))


class Drawn(NamedTuple):
    """One path of a page in mm from its upper left corner, outer edge to outer edge, and its line (0: filled)."""

    x: float
    y: float
    width: float
    height: float
    line: float

    def near(self, **wanted: float) -> bool:
        return all(abs(getattr(self, name) - value) < 0.02 for name, value in wanted.items())


def drawn(data: bytes) -> list[Drawn]:
    """Every path of the first page."""
    page = pypdfium2.PdfDocument(data)[0]
    height, found = page.get_height(), []
    for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = one.get_bounds()
        fill, stroked, line = c_int(), c_int(), c_float()
        assert pdfium.FPDFPath_GetDrawMode(one.raw, fill, stroked)
        assert pdfium.FPDFPageObj_GetStrokeWidth(one.raw, line)
        # The reader widens a stroked path by its whole line, not by the half that lies outside.
        half = line.value / 2 if stroked.value else 0.0
        x, y = (left + half) / MM, (height - top + half) / MM
        size = ((right - left - 2 * half) / MM, (top - bottom - 2 * half) / MM)
        found.append(Drawn(x, y, *size, 2 * half / MM))
    return found


def dark(data: bytes, box: tuple[float, float, float, float]) -> np.ndarray:
    """Which dots of a part (x, y, width, height in mm) of the first page are ink, at 600 dpi."""
    picture = pypdfium2.PdfDocument(data)[0].render(scale=DPI / 72, grayscale=True).to_numpy()
    x, y, width, height = (round(value / DOT) for value in box)
    return picture.reshape(picture.shape[:2])[y : y + height, x : x + width] < 128


def stretches(row: np.ndarray) -> list[tuple[float, float]]:
    """Where a row of dots is ink: (start, length) in mm."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(int), [0]))))
    return [(start * DOT, (end - start) * DOT) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def words(data: bytes) -> str:
    return "".join(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range().split())


@BOTH
@pytest.mark.parametrize("deferred", [True, False])
def test_the_frame_is_22_5_by_18_5_mm_and_double_when_the_postage_is_paid_later(
    fonts_dir: Path, envelope: ReplyEnvelope, deferred: bool
) -> None:
    data = reply_artwork(PERMIT._replace(deferred=deferred), SENDER, envelope, fonts_dir=fonts_dir)
    (outer,) = [one for one in drawn(data) if one.near(width=18.5, height=22.5)]
    assert outer.line >= 0.5
    inner = [
        one for one in drawn(data) if one.line > 0.5 and one.x > outer.x + 0.5 and one.width < outer.width
    ]
    assert len([one for one in inner if one.height > 15]) == int(deferred)
    # The same in the picture: across the frame, below its words' first line.
    across = dark(data, (outer.x - 0.5, outer.y + 11.35, 19.4, 0.1)).all(axis=0)
    found = stretches(across)
    first, last = found[0], found[-1]
    assert abs(last[0] + last[1] - first[0] - 18.5) < 2 * DOT
    assert min(first[1], last[1]) >= 0.5
    down = dark(data, (outer.x + 0.2, outer.y - 1, 0.2, 24.5)).all(axis=1)
    assert abs(stretches(down)[0][1] - 22.5) < 2 * DOT


@BOTH
def test_the_three_bars_are_20_mm_long_and_stand_2_mm_apart(fonts_dir: Path, envelope: ReplyEnvelope) -> None:
    data = reply_artwork(PERMIT, SENDER, envelope, fonts_dir=fonts_dir)
    three = [one for one in drawn(data) if one.near(height=20, line=0) and one.width < 3]
    assert len(three) == 3
    assert all(1.0 <= one.width <= 1.2 for one in three)
    assert [round(b.x - a.x, 2) for a, b in zip(three, three[1:], strict=False)] == [2.0, 2.0]
    box = (three[0].x - 0.5, three[0].y - 1, 7, 22)
    seen = stretches(dark(data, (box[0], box[1] + 10, box[2], 0.2)).all(axis=0))
    assert [round(b[0] - a[0], 1) for a, b in zip(seen, seen[1:], strict=False)] == [2.0, 2.0]
    assert all(0.99 <= length <= 1.2 for _, length in seen)
    middle = dark(data, (three[1].x + 0.4, box[1], 0.2, 22)).all(axis=1)
    assert abs(stretches(middle)[0][1] - 20) < 2 * DOT


@BOTH
def test_nothing_of_the_mark_comes_within_5_mm_of_the_postal_code(
    fonts_dir: Path, envelope: ReplyEnvelope
) -> None:
    found = drawn(reply_artwork(PERMIT, SENDER, envelope, fonts_dir=fonts_dir))
    boxes = [one for one in found if abs(one.height - 8.35) < 0.1]
    assert len(boxes) == 7
    mark = [one for one in found if one.y < 36 and one not in boxes]
    assert min(one.x for one in boxes) - max(one.x + one.width for one in mark) >= 5
    assert (
        abs(envelope.width - 8 - max(one.x + one.width for one in boxes)) < 0.2
    )  # JIS: 8 mm from the right edge


@BOTH
def test_the_customer_barcode_reads_back_from_the_picture_and_keeps_clear_of_the_edges(
    fonts_dir: Path, envelope: ReplyEnvelope
) -> None:
    data = reply_artwork(PERMIT, SENDER, envelope, fonts_dir=fonts_dir)
    found = [one for one in drawn(data) if one.line == 0 and one.y > 60]
    assert len(found) == 67
    left, top = min(one.x for one in found), min(one.y for one in found)
    right, end = max(one.x + one.width for one in found), max(one.y + one.height for one in found)
    assert left >= 10 and envelope.width - right >= 10 and envelope.height - end >= 10
    seen = dark(data, (left - 2, top - 2, right - left + 4, end - top + 4))
    edge = round(2 / DOT) - 2
    assert not seen[:edge].any() and not seen[-edge:].any()
    assert not seen[:, :edge].any() and not seen[:, -edge:].any()
    middle = (top + end) / 2 - top + 2
    read = ""
    for start, length in stretches(seen[round(middle / DOT)]):
        column = stretches(seen[:, round((start + length / 2) / DOT)])[0]
        up = column[0] < middle - 0.7 * envelope.bar_scale
        down = column[0] + column[1] > middle + 0.7 * envelope.bar_scale
        read += "1" if up and down else "2" if up else "3" if down else "4"
        assert 0.5 * 0.8 <= length <= 0.7 * 1.15  # 0.6 mm at 10 points, from 8 to 11.5 points
    assert read == bars("9808691", "215")
    pitch = (right - left - 0.6 * envelope.bar_scale) / 66
    assert abs(pitch - 1.2 * envelope.bar_scale) < 0.01


@BOTH
def test_every_word_stands_on_the_envelope_and_the_approval_number_in_12_points(
    fonts_dir: Path, envelope: ReplyEnvelope
) -> None:
    data = reply_artwork(PERMIT, SENDER, envelope, fonts_dir=fonts_dir)
    told = words(data)
    assert all("".join(text.split()) in told for text in texts_of(PERMIT, SENDER))
    assert "給付金事務局行" in told and "9808691" in told and "料金受取人払郵便" in told
    assert "私書箱第215号" in told and "令和9年9月30日まで" in told and "切手を貼らずにお出しください" in told
    page = pypdfium2.PdfDocument(data)[0]
    text = page.get_textpage()
    at = text.get_text_range().index("12345")
    assert pdfium.FPDFText_GetFontSize(text.raw, at) >= 12
    assert (page.get_width() / MM, page.get_height() / MM) == pytest.approx((envelope.width, envelope.height))


@pytest.mark.parametrize("envelope", list(OUTER.values()), ids=list(OUTER))
def test_the_window_lies_over_the_address_block_of_the_letters(fonts_dir: Path, envelope) -> None:
    data = outer_artwork(envelope, SENDER, Mark("みほん中央局", days=3), fonts_dir=fonts_dir)
    x, y, width, height = envelope.window
    (window,) = [one for one in drawn(data) if abs(one.width - 90) < 0.3 and abs(one.height - 45) < 0.3]
    assert abs(window.x - x) < 0.2 and abs(window.y - y) < 0.2
    boxes = compile_layout("letter", complete("granted", WORDING), fonts_dir).on_page(1)
    sideways, upright = envelope.play  # the sheet lies in the middle of the envelope
    for name in ("postal", "address", "name", "bars"):
        box = boxes[name]
        assert x + 2 <= box.x + sideways and box.x + sideways + box.w <= x + width - 2
        assert y + 2 <= box.y + upright and box.y + upright + box.h <= y + height - 2
    assert "料金後納" in words(data) and "給付金事務局" in words(data)


def test_the_mark_of_paid_postage_tells_by_its_lines_how_long_delivery_may_take(fonts_dir: Path) -> None:
    counted = {}
    for days in (0, 3, 7):
        data = outer_artwork(
            NAGA3, SENDER, Mark("みほん中央局", deferred=False, days=days), fonts_dir=fonts_dir
        )
        counted[days] = len([one for one in drawn(data) if abs(one.width - 22) < 0.5 and one.height < 0.5])
        assert "料金別納" in words(data)
    assert counted == {0: 1, 3: 2, 7: 3}


def test_the_page_of_notes_says_that_a_loose_sheet_may_leave_the_window(fonts_dir: Path) -> None:
    pdf = pypdfium2.PdfDocument(outer_artwork(KAKU2, SENDER, Mark("みほん局"), fonts_dir=fonts_dir))
    told = "".join(pdf[1].get_textpage().get_text_range().split())
    assert "のり止め" in told and "左から35mm、上から29.5mm" in told
    assert not KAKU2.holds_the_window and not NAGA3.holds_the_window


def test_the_reply_envelope_for_each_outer_one_lies_in_it_unfolded() -> None:
    assert all(fits_unfolded(OUTER[code], reply) for code, reply in REPLY_FOR.items())
    assert REPLY_FOR == {"kaku2": REPLY_NAGA3, "naga3": REPLY_NAGA40}
    assert not fits_unfolded(NAGA3, REPLY_NAGA3)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"postal_code": "9800000"}, "バーコードにできる7桁ではありません"),
        ({"approval_no": "12345678"}, "12ポイントで枠に入る7字まで"),
        ({"box_number": "2A"}, "数字だけ"),
        ({"valid_until": date(2028, 10, 2)}, "2年を超えています"),
    ],
)
def test_an_approval_that_the_post_would_not_have_given_is_refused(
    fonts_dir: Path, changed, says: str
) -> None:
    with pytest.raises(PermitRefused, match=says):
        reply_artwork(PERMIT._replace(**changed), SENDER, REPLY_NAGA3, fonts_dir=fonts_dir)
