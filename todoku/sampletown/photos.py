"""Pure. Small drawn "photos" of an identity document and a passbook, for uploads of the web form.

Goes in: a household and its Answer. Comes out: JPEG bytes, each clearly marked 見本 (sample) across the picture.
They imitate no real document: a plain card with the words a reviewer has to compare.
"""

from __future__ import annotations

import io
from datetime import date
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from todoku.formats import bank_master, kana
from todoku.sampletown.answers import Answer
from todoku.sampletown.household import Household

SIZE = (640, 400)
JPEG_QUALITY = 70
_PAPER, _INK, _MARK = (246, 243, 234), (40, 40, 46), (236, 186, 180)
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FONT_NAMES = ("ipaexg.ttf", "BIZUDGothic-Regular.ttf", "NotoSansCJK-Regular.ttc", "ipag.ttf", "ipamjm.ttf")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def identity_photo(
    household: Household, answer: Answer, *, font: Path | None = None, marked: bool = True
) -> bytes:
    """Draw the head's identity document; blurred or expired where the answer says so. `marked`: with 見本 across it.

    `font` is a font file with Japanese characters; without one, and with none installed, Latin text alone.
    """
    head = household.head
    expired = "identity:expired" in answer.flaws
    lines = [
        ("本人確認書類　ID CARD", ""),
        ("氏名　NAME", head.name),
        ("生年月日　BIRTH", head.birth),
        ("住所　ADDRESS", household.address.street),
        ("", household.address.building),
        ("有効期限　VALID UNTIL", valid_until(answer.posted_on, expired).strftime("%Y/%m/%d")),
    ]
    picture = _card(lines, font, marked=marked)
    if "identity:unclear" in answer.flaws:
        picture = picture.filter(ImageFilter.GaussianBlur(7))
    return _jpeg(picture)


def passbook_photo(answer: Answer, *, font: Path | None = None, marked: bool = True) -> bytes:
    """Draw the first page of the passbook; its cover, or another account's page, where the answer says so."""
    account = answer.account
    if "account_proof:wrong_side" in answer.flaws:
        return _jpeg(_card([("預金通帳　PASSBOOK", ""), ("", "表紙　COVER")], font, marked=marked))
    number = account.yucho_number or account.number
    if "account_proof:other_account" in answer.flaws:
        number = number[::-1]
    bank = bank_master.bank(account.bank)
    branch = bank_master.branch(account.bank, account.branch)
    assert bank and branch, "the accounts of the town stand at branches of the master"
    where = f"記号 {account.symbol}" if account.symbol else f"{branch.name}　{account.branch}"
    lines = [
        ("預金通帳　PASSBOOK", ""),
        ("金融機関　BANK", f"{bank.name}　{account.bank}"),
        ("店　BRANCH", where),
        ("番号　NUMBER", number),
        ("口座名義　HOLDER", kana.bank_kana(account.holder_kana)),
    ]
    return _jpeg(_card(lines, font, marked=marked))


def valid_until(posted_on: date, expired: bool) -> date:
    """The day that the drawn card carries."""
    return date(posted_on.year + (-1 if expired else 2), 3, 31)


def _card(lines: list[tuple[str, str]], font: Path | None, *, marked: bool) -> Image.Image:
    """Draw labelled lines on a card over the sample mark."""
    picture = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((8, 8, SIZE[0] - 9, SIZE[1] - 9), outline=_INK, width=2)
    small, large, huge = (_font(font, points) for points in (15, 22, 92))
    if marked:
        draw.text((250, 130), _drawable("見本", huge) or "MIHON", fill=_MARK, font=huge)
        draw.text((250, 235), "SAMPLE", fill=_MARK, font=huge)
    for at, (label, value) in enumerate(lines):
        top = 26 + at * 58
        draw.text((28, top), _drawable(label, small), fill=_INK, font=small)
        draw.text((28, top + 20), _drawable(value, large), fill=_INK, font=large)
    return picture


def _drawable(text: str, font: Font) -> str:
    """Return the text, or its ASCII part where the font at hand is Pillow's own, which is Latin only."""
    latin_only = not isinstance(font, ImageFont.FreeTypeFont) or isinstance(font.path, io.BytesIO)
    return "".join(c for c in text if c.isascii()).strip() if latin_only else text


@lru_cache(maxsize=16)
def _font(font: Path | None, points: int) -> Font:
    path = font or _installed_font()
    return ImageFont.truetype(str(path), points) if path else ImageFont.load_default(points)


@lru_cache(maxsize=1)
def _installed_font() -> Path | None:
    """Return a Japanese font of the system, or None."""
    installed = {path.name: path for folder in _FONT_FOLDERS for path in folder.rglob("*.tt[fc]")}
    return next((installed[name] for name in _FONT_NAMES if name in installed), None)


def _jpeg(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=JPEG_QUALITY)
    return data.getvalue()
