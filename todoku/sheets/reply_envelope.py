"""Pure. The post office's approval in, print-ready artwork of the reply and the outer envelope out (封筒の版下).

料金受取人払 by Japan Post's conditions: the frame, the approval number, three bars, the validity, the customer barcode
of the box or of the code of its own. Where on the sheet the mark stands the office approves on the printed sample.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from todoku.formats.post_barcode import bars, has_barcode
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.sheets.envelopes import MOVES_X, MOVES_Y, Envelope, ReplyEnvelope
from todoku.sheets.typeset import typeset

# What the post measures, in mm; the approval number in points.
FRAME_WIDTH, FRAME_HEIGHT, FRAME_LINE, FRAME_INNER = 18.5, 22.5, 0.6, 1.2
NUMBER_POINTS, NUMBER_DIGITS_MAX = 12, 7
BARS_LENGTH, BARS_WIDTH, BARS_PITCH = 20.0, 1.1, 2.0
TO_CODE_MM, SPARE = 5.0, 0.1  # the least between the mark and the postal code's boxes, and a little more
CODE_WIDTH, CODE_HEIGHT, CODE_PITCH, CODE_TOP, CODE_RIGHT, CODE_LINE = 5.7, 8.0, 7.0, 12.0, 8.0, 0.35
# カスタマバーコード at 10 points: long, timing, pitch, width; placed 10 mm or more from every edge.
LONG, TIMING, PITCH, WIDTH, SYMBOL_BARS = 3.6, 1.2, 1.2, 0.6, 67
EDGE_MM, CLEAR_MM = 10.0, 2.0
VALID_YEARS_MAX = 2
NO_STAMP = ("切手を貼らずに", "お出しください")
DEFERRED, SEPARATE = ("料金後納", "郵　便"), ("料金別納", "郵　便")


class PermitRefused(Refusal):
    """An approval that the post does not give, or that does not fit what it is to be printed on."""


class Permit(NamedTuple):
    """料金受取人払の承認 as the post office wrote it: `deferred` is 後納; `box_number` that of a 私書箱, or "".

    With a code of its own (料金受取人払の包括番号, it ends 90) `box_number` is the 整理番号 in the barcode.
    """

    approval_no: str
    post_office: str
    valid_from: date
    valid_until: date
    postal_code: str
    box_number: str = ""
    deferred: bool = True

    @property
    def own_code(self) -> bool:
        return self.postal_code.endswith("90")

    @property
    def office_short(self) -> str:
        """The office as it stands in the frame: みほん局."""
        return self.post_office.removesuffix("郵便局").removesuffix("局") + "局"


class Sender(NamedTuple):
    """Who sends: lines of its address, its names, its telephone; what stands on the outer envelope."""

    address_lines: tuple[str, ...]
    names: tuple[str, ...]
    phone: str = ""
    title: str = ""  # e.g. 給付金の申請書が入っています
    lines: tuple[str, ...] = ()


class Mark(NamedTuple):
    """料金後納 (else 料金別納), the office where the mail is posted, the days it may take (0, 3 or 7)."""

    post_office: str
    deferred: bool = True
    days: int = 0


def reply_artwork(
    permit: Permit, sender: Sender, envelope: ReplyEnvelope, *, fonts_dir: Path | str, fold: str = ""
) -> bytes:
    """The reply envelope's face in its own size, and a page of what must be held to. Raises PermitRefused.

    `sender` is the office to which it comes back. `fold`: how the resident folds the form, for the page of notes.
    """
    _refuse_permit(permit)
    return typeset("envelopes", reply_values(permit, sender, envelope, fold=fold), fonts_dir)


def outer_artwork(envelope: Envelope, sender: Sender, mark: Mark, *, fonts_dir: Path | str) -> bytes:
    """The outer envelope's face with its window matched to the letters', and a page of what must be held to."""
    return typeset("envelopes", outer_values(envelope, sender, mark), fonts_dir)


def reply_values(
    permit: Permit, sender: Sender, envelope: ReplyEnvelope, *, fold: str = ""
) -> dict[str, Any]:
    """Everything on the reply envelope with its place in mm."""
    code_x = envelope.width - CODE_RIGHT - 6 * CODE_PITCH - CODE_WIDTH
    bars_all = 2 * BARS_PITCH + BARS_WIDTH
    bars_x = min(34.0, code_x - CODE_LINE / 2 - TO_CODE_MM - SPARE - bars_all)
    frame_x = min(10.0, bars_x - FRAME_WIDTH - 0.7)
    scale = envelope.bar_scale
    length = ((SYMBOL_BARS - 1) * PITCH + WIDTH) * scale
    left = max(EDGE_MM, (envelope.width - length) / 2)
    top = envelope.height * 0.4
    lines = _address_lines(permit, sender)
    names_y = top + 6.5 * len(lines) + 4
    return {
        "kind": "reply",
        "title": f"返信用封筒（{envelope.name}）の版下: 守っていただくこと",
        "width": envelope.width,
        "height": envelope.height,
        "permit": {
            "frame": {
                "x": frame_x, "y": CODE_TOP, "width": FRAME_WIDTH, "height": FRAME_HEIGHT, "line": FRAME_LINE,
                "inner": FRAME_INNER,
            },
            "deferred": permit.deferred,
            "office": permit.office_short,
            "number": permit.approval_no,
            "number_points": NUMBER_POINTS,
            "bars": {
                "x": bars_x, "y": CODE_TOP, "width": BARS_WIDTH, "length": BARS_LENGTH, "pitch": BARS_PITCH
            },
            "words": ["差出有効期間", f"{format_wareki(permit.valid_until)}まで", *NO_STAMP],
            "words_width": 26,
        },
        "postal": permit.postal_code,
        "boxes": {
            "x": code_x, "y": CODE_TOP, "width": CODE_WIDTH, "height": CODE_HEIGHT, "pitch": CODE_PITCH, "line": CODE_LINE
        },
        "addressee": {
            "x": left, "y": top, "width": envelope.width - left - EDGE_MM, "size": 11, "lines": lines,
            "names": [*sender.names[:-1], f"{sender.names[-1]}　行"], "names_y": names_y, "name_size": 15,
        },
        "barcode": {
            "shapes": bars(permit.postal_code, permit.box_number), "x": left,
            "y": names_y + 7.5 * len(sender.names) + CLEAR_MM + 1, "pitch": PITCH * scale, "width": WIDTH * scale,
            "long": LONG * scale, "timing": TIMING * scale,
        },
        "specification": _reply_rules(permit, envelope, fold),
    }  # fmt: skip


def outer_values(envelope: Envelope, sender: Sender, mark: Mark) -> dict[str, Any]:
    """Everything on the outer envelope with its place in mm."""
    x, y, width, height = envelope.window
    upright = envelope.height > envelope.width
    side = 22
    # On an upright envelope the mark stands at the upper left, on a lying one at the upper right.
    mark_x = 8 if upright else envelope.width - side - 8
    first, second = DEFERRED if mark.deferred else SEPARATE
    words_x, words_y = (25, envelope.height * 0.45) if upright else (x + width + 10, 34)
    return {
        "kind": "outer",
        "title": f"送付用封筒（{envelope.name}・窓付き）の版下: 守っていただくこと",
        "width": envelope.width,
        "height": envelope.height,
        "window": {"x": x, "y": y, "width": width, "height": height},
        "mark": {
            "x": mark_x, "y": 5, "side": side, "office": mark.post_office, "days": mark.days, "first": first,
            "second": second,
        },
        "words": {
            "x": words_x, "y": words_y, "width": envelope.width - words_x - 12, "size": 20 if upright else 14,
            "title": sender.title, "lines": list(sender.lines),
            "from_y": envelope.height - (50 if upright else 36),
            "from": [*sender.address_lines, *sender.names, *([f"電話 {sender.phone}"] if sender.phone else [])],
        },
        "specification": _outer_rules(envelope, mark),
    }  # fmt: skip


def _refuse_permit(permit: Permit) -> None:
    if not has_barcode(permit.postal_code):
        raise PermitRefused(
            "返信先の郵便番号が、バーコードにできる7桁ではありません。承認書の郵便番号（私書箱や料金受取人払の番号）を"
            "確かめてください。"
        )
    if not permit.approval_no.isascii() or not 1 <= len(permit.approval_no) <= NUMBER_DIGITS_MAX:
        raise PermitRefused(
            f"承認番号は、12ポイントで枠に入る{NUMBER_DIGITS_MAX}字までの数字です。承認書のとおりに書いてください。"
        )
    if not (permit.box_number == "" or (permit.box_number.isascii() and permit.box_number.isdigit())):
        raise PermitRefused("私書箱の番号は数字だけで書いてください。")
    if permit.valid_until > _years_after(permit.valid_from, VALID_YEARS_MAX):
        raise PermitRefused("差出有効期間が2年を超えています。承認書の日付を確かめてください。")


def _address_lines(permit: Permit, sender: Sender) -> list[str]:
    if permit.box_number and not permit.own_code:
        return [f"{permit.post_office}　私書箱第{permit.box_number}号"]
    return list(sender.address_lines)


def _reply_rules(permit: Permit, envelope: ReplyEnvelope, fold: str) -> list[list[str]]:
    rules = [
        ["大きさ", f"{envelope.width:g} × {envelope.height:g} mm（{envelope.name}）。拡大・縮小をしない。"],
        ["色", "青・緑・黒のいずれか1色。地色は白か淡い色。"],
        [
            "受取人払の枠",
            f"外側で横{FRAME_WIDTH} × 縦{FRAME_HEIGHT} mm、線{FRAME_LINE} mm"
            + ("。後納のため二重枠。" if permit.deferred else "。"),
        ],
        ["承認番号", f"{NUMBER_POINTS}ポイント以上。"],
        [
            "3本の線",
            f"長さ{BARS_LENGTH:g} mm、太さ{BARS_WIDTH} mm、中心の間隔{BARS_PITCH:g} mm。"
            f"郵便番号の枠との間は{TO_CODE_MM:g} mm以上。",
        ],
        [
            "カスタマバーコード",
            f"{envelope.bar_scale * 10:g}ポイント相当。まわり{CLEAR_MM:g} mm以上と、封筒の端から{EDGE_MM:g} mm以上をあける。",
        ],
        ["差出有効期間", f"{format_wareki(permit.valid_until)}まで。過ぎたものは使えない。"],
        ["封入", "折らずに封入する（返送されたものを機械で開封するため）。"],
        ["承認", "刷り見本を承認局に見せ、承認を受けてから本刷りする。位置は承認局の指示による。"],
    ]
    if permit.own_code:
        rules.append(
            [
                "整理番号",
                "郵便番号の枠の下に、OCR-B書体（高さ2.4〜4.0 mm）で入れる。この版下には入っていない。",
            ]
        )
    if fold:
        rules.append(["返送の折り方", fold])
    return rules


def _outer_rules(envelope: Envelope, mark: Mark) -> list[list[str]]:
    x, y, width, height = envelope.window
    sideways, upright = envelope.play
    play = f"用紙の遊びは左右±{sideways:g} mm、上下±{upright:g} mm。"
    if envelope.holds_the_window:
        play += "どこに寄っても宛名とバーコードが窓に見える。"
    else:
        play += (
            f"窓から外れないのは左右±{MOVES_X:g} mm、上下±{MOVES_Y:g} mmまで。封筒の内側にのり止めを設けるか、"
            "内寸の合う封筒にし、傾けて見える範囲を確かめる。"
        )
    days = {0: "1本", 3: "2本（3日程度の余裕を承諾）", 7: "2本と上部1本（7日程度の余裕を承諾）"}[mark.days]
    return [
        ["大きさ", f"{envelope.width:g} × {envelope.height:g} mm（{envelope.name}）。"],
        ["窓", f"左から{x:g} mm、上から{y:g} mm、横{width:g} × 縦{height:g} mm。紙面の宛名とバーコードだけが見える。"],
        ["封入のずれ", play],
        ["折り", "A4を折らずに封入。" if envelope.layers == 1 else "A4を三つ折り（宛名を外側）にして封入。"],
        ["料金の表示", f"一辺20〜30 mmの枠。差出局名の下の線は{days}。"],
        ["色の破線", "窓の抜き型。印刷しない。"],
    ]  # fmt: skip


def _years_after(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def texts_of(permit: Permit, sender: Sender) -> Sequence[str]:
    """The words that stand on a reply envelope, for whoever proves that nothing was lost."""
    return (
        permit.approval_no, permit.office_short, format_wareki(permit.valid_until), *NO_STAMP,
        *_address_lines(permit, sender), *sender.names,
    )  # fmt: skip
