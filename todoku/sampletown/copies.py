"""Pure. Photocopies that residents enclose: an identity document or a passbook, glued on the form or on a sheet alone.

Goes in: a household and its Answer. Comes out: the document as a grey picture at the wanted resolution, marked 見本.
They imitate no real document. Some show a My Number (個人番号) with a right check digit, so that masking meets one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from todoku.formats import bank_master, kana
from todoku.formats.codes import my_number_valid
from todoku.sampletown.answers import ACCOUNT_PROOF, IDENTITY, Answer
from todoku.sampletown.household import Household

Grey = NDArray[np.uint8]
CARD_MM, BOOK_MM = (85.6, 54.0), (84.0, 50.0)
KINDS = ("licence", "health", "number_card", "number_notice")
"""A licence, a proof of health insurance, both sides of a My Number card, a notice of the number."""
_WEIGHTS = (46, 22, 22, 10)
SHOWS_MY_NUMBER = ("number_card", "number_notice")


class Copy(NamedTuple):
    """A copy of one document: its picture, its size in mm, and the My Number that stands on it, "" for none."""

    grey: Grey
    width_mm: float
    height_mm: float
    my_number: str = ""


def identity_copy(
    household: Household, answer: Answer, rng: random.Random, dpi: float, *, font: Path, kind: str = ""
) -> Copy:
    """The head's identity document; not to be read or expired where the answer says so."""
    kind = kind or rng.choices(KINDS, _WEIGHTS)[0]
    head, expired = household.head, "identity:expired" in answer.flaws
    until = f"{answer.posted_on.year + (-1 if expired else 2)}年03月31日まで有効"
    number = invented_my_number(rng) if kind in SHOWS_MY_NUMBER else ""
    titles = {
        "licence": "運転免許証", "health": "資格確認書", "number_card": "マイナンバーカード", "number_notice": "個人番号通知書",
    }  # fmt: skip
    lines = [
        (titles[kind], 3.0),
        (f"氏名　{head.name}", 3.4),
        (f"生年月日　{head.birth}", 2.6),
        (f"住所　{household.address.street}", 2.4),
        (f"　　　{household.address.building}", 2.4),
        (until, 2.6),
        (_shown(number) if number else f"記号番号　{rng.randrange(10**8):08d}", 4.2 if number else 2.8),
    ]
    page = _card(CARD_MM, lines, dpi, font, portrait=kind != "number_notice")
    if "identity:unclear" in answer.flaws:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), dpi / 28), dtype=np.uint8)
    return Copy(_copied(page, rng), *CARD_MM, number)


def passbook_copy(answer: Answer, rng: random.Random, dpi: float, *, font: Path) -> Copy:
    """The first page of the passbook; its cover, or another account's page, where the answer says so."""
    if "account_proof:wrong_side" in answer.flaws:
        lines: Sequence[tuple[str, float]] = [("預金通帳", 6.0), ("（表紙）", 3.4)]
    else:
        lines = [(text, 3.2) for text in _account_lines(answer, rng)]
    return Copy(_copied(_card(BOOK_MM, lines, dpi, font), rng), *BOOK_MM)


def copies_of(
    household: Household, answer: Answer, rng: random.Random, dpi: float, *, font: Path
) -> dict[str, Copy]:
    """The copies that an answer encloses, by the word of the answer: "identity", "account_proof"."""
    found = {}
    if IDENTITY in answer.attachments:
        found[IDENTITY] = identity_copy(household, answer, rng, dpi, font=font)
    if ACCOUNT_PROOF in answer.attachments:
        found[ACCOUNT_PROOF] = passbook_copy(answer, rng, dpi, font=font)
    return found


def copied_on_a_sheet(copies: Sequence[Copy], dpi: float, rng: random.Random) -> Grey:
    """A plain A4 sheet with copies on it, as a copying machine leaves them: anywhere in the upper half, not straight."""
    dots = dpi / 25.4
    sheet = np.full((ceil(297 * dots), ceil(210 * dots)), 255, np.uint8)
    for i, copy in enumerate(copies):
        lay(sheet, dpi, copy, 30 + rng.random() * 50, 30 + i * 95 + rng.random() * 25, rng.gauss(0, 2.5))
    return sheet


def lay(page: Grey, dpi: float, copy: Copy, x: float, y: float, degrees: float) -> None:
    """Glue a copy on a page with its upper left corner near x, y (mm), turned a little; it hides what is below."""
    dots = dpi / 25.4
    height, width = copy.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    pad = int(abs(np.sin(np.radians(degrees))) * max(width, height)) + 3
    turn[:, 2] += pad
    size = (width + 2 * pad, height + 2 * pad)
    turned = cv2.warpAffine(copy.grey, turn, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))
    covers = cv2.warpAffine(np.full_like(copy.grey, 255), turn, size) > 127
    left, top = max(0, round(x * dots) - pad), max(0, round(y * dots) - pad)
    part = page[top : top + size[1], left : left + size[0]]
    inside = covers[: part.shape[0], : part.shape[1]]
    part[inside] = turned[: part.shape[0], : part.shape[1]][inside]


def invented_my_number(rng: random.Random) -> str:
    """12 digits whose check digit is right, of nobody: they begin with 9999."""
    eleven = f"9999{rng.randrange(10**7):07d}"
    return next(eleven + last for last in "0123456789" if my_number_valid(eleven + last))


def _shown(number: str) -> str:
    return f"個人番号　{number[:4]} {number[4:8]} {number[8:]}"


def _account_lines(answer: Answer, rng: random.Random) -> list[str]:
    """What stands inside the passbook. Where the form's number could not be read, the passbook's own is invented."""
    account = answer.account
    number = account.yucho_number or account.number or f"{rng.randrange(10**7):07d}"
    if "account_proof:other_account" in answer.flaws:
        number = number[::-1]
    bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
    assert bank and branch, "the accounts of the town stand at branches of the master"
    where = f"記号　{account.symbol}" if account.symbol else f"店番　{account.branch}　{branch.name}"
    return [
        f"{bank.name}　{bank.code}",
        "総合口座通帳",
        where,
        f"番号　{number}",
        f"{kana.bank_kana(account.holder_kana)}　様",
    ]


def _card(
    size_mm: tuple[float, float],
    lines: Sequence[tuple[str, float]],
    dpi: float,
    font: Path,
    *,
    portrait: bool = False,
) -> Grey:
    """A framed card with lines (text, height in mm), the sample mark, and a head where it has a portrait."""
    dots = dpi / 25.4
    card = Image.new("L", (round(size_mm[0] * dots), round(size_mm[1] * dots)), 244)
    draw = ImageDraw.Draw(card)
    draw.rectangle((1, 1, card.width - 2, card.height - 2), outline=90, width=max(1, round(0.3 * dots)))
    draw.text((24 * dots, 17 * dots), "見本", fill=222, font=_font(str(font), round(20 * dots)))
    if portrait:
        x, y = 62 * dots, 9 * dots
        draw.rectangle((x, y, x + 20 * dots, y + 25 * dots), fill=205, outline=120)
        draw.ellipse((x + 6 * dots, y + 4 * dots, x + 14 * dots, y + 14 * dots), fill=150)
        draw.ellipse((x + 2 * dots, y + 15 * dots, x + 18 * dots, y + 34 * dots), fill=130)
        draw.rectangle((x - dots, y + 25.2 * dots, x + 22 * dots, y + 36 * dots), fill=244)
    room = (size_mm[1] - 8) / max(len(lines), 6)
    for i, (text, high) in enumerate(lines):
        draw.text((5 * dots, (4 + i * room) * dots), text, fill=38, font=_font(str(font), round(high * dots)))
    return np.array(card, dtype=np.uint8)


def _copied(card: Grey, rng: random.Random) -> Grey:
    """What a copying machine makes of it: a grey ground, a little noise, one of several contrasts."""
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 5, card.shape).astype(np.int16)
    contrast = 0.86 + rng.random() * 0.2
    return np.clip((card.astype(np.int16) - 128) * contrast + 120 + noise, 0, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _font(path: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels)
