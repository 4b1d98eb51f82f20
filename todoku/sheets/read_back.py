"""Pure. Reads every page of a finished run back from its bytes and holds it against who should be in it (全ページ照合).

Takes the file, the boxes of its layout, and the pieces that should be there, one after another, from another source than
the writer's; says which pages are wrong. Person of the code = of the address = of the body; everyone once, in order.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

from todoku.formats.barcode_reading import cut_address, read_bars
from todoku.formats.codes import printed_number
from todoku.formats.post_barcode import address_number, has_barcode
from todoku.sheets.form_layout import BasePage, base_pages
from todoku.sheets.manifest import UNDRAWABLE, VARIANT
from todoku.sheets.page_pictures import Sample, pictures
from todoku.sheets.page_text import PageReader, PageSays
from todoku.sheets.pdf_pages import BrokenFile, Page, PdfPages
from todoku.sheets.qr_modules import SIDE, digits_of, modules_of
from todoku.sheets.sheet_codes import read_payload

EVERY = 1_000  # of so many pages one is drawn and read off the picture
WRONG_MAX = 200  # then reading stops: where every page is wrong nobody needs the whole list
HASH_BYTES = 1 << 20
# A character with the selector of its form (異体字セレクタ): what is drawn as one.
_UNIT = re.compile("(?s).[\ufe00-\ufe0f\U000e0100-\U000e01ef]*")
HONORIFICS = ("様", "御中", "殿")  # what a name may end with instead of the run's word
# Fields that name the piece's person on whatever sheet has them.
NAMED_FIELDS = ("slip_name", "copy_name", "decline_name", "proxy_principal")


class Expected(NamedTuple):
    """One piece as it should be. `address`: the lines in one; `barcode_rest`: the address after the 町域, "" for no bars.

    `pages` and `hand_work` are what the manifest tells the printer. `key`: as printed wherever a sheet has a place for it.
    `members`: the names in the order of the form, () for what is no form.
    """

    piece_no: int
    number: str
    issue: int
    postal_code: str
    address: str
    name: str
    barcode_rest: str
    pages: int
    key: str = ""
    members: tuple[str, ...] = ()
    hand_work: str = ""


class WrongPage(NamedTuple):
    """One finding: page of the file (from 1; 0 = the file itself), what disagrees, and a sentence for a person."""

    page: int
    what: str
    sentence: str


class ReadBack(NamedTuple):
    """What was read: pages and pieces, what is wrong, how many pages were drawn, the digest of the bytes read."""

    pages: int
    pieces: int
    wrong: tuple[WrongPage, ...]
    rasterised: int
    sha256: str


_SAYS = {
    "file": "PDFを最後まで読めません",
    "unreadable": "ページを読めません",
    "code": "QRコードが、この順番の通・ページのものではありません",
    "sheet": "QRコードの用紙の種類が、印刷された用紙と違います",
    "number": "整理番号が、この順番の通のものではありません",
    "page": "ページ番号が違います",
    "piece": "通し番号が違います",
    "postal": "郵便番号が、宛先の人のものではありません",
    "address": "住所が、宛先の人のものではありません",
    "name": "宛名が、宛先の人のものではありません",
    "bars": "カスタマバーコードが、宛先の住所のものではありません",
    "body": "本文が、宛先の人のものではありません",
    "missing": "あるはずのページがありません",
    "extra": "ないはずのページがあります",
    "picture": "紙面の画像から読み取ったQRコードか整理番号が違います",
    "many": "まちがいが多いので、照合をここで止めました",
}


def read_back(
    file: BinaryIO,
    expected: Iterable[Expected],
    boxes: Sequence[Mapping[str, Any]],
    *,
    run_label: str,
    honorific: str,
    every: int = EVERY,
) -> ReadBack:
    """Read the whole file. `boxes` as `form_layout.boxes_json` wrote them; `honorific`: the word after every name.

    Raises nothing for a wrong or broken file: that is what it is there to find.
    """
    reading = _Reading(base_pages(boxes), run_label, honorific, every)
    try:
        pdf = PdfPages(file)
        reader = PageReader(pdf, reading.bases)
        reading.hold(((page, reader.read(page.content)) for page in pdf.pages()), expected, pdf.count)
        reading.look(pdf)
    except BrokenFile as broken:
        reading.wrong.append(WrongPage(0, "file", broken.sentence))
    return ReadBack(reading.pages, reading.pieces, tuple(reading.wrong), reading.rasterised, _digest(file))


class _Reading:
    """One file under way."""

    def __init__(self, bases: Sequence[BasePage], run_label: str, honorific: str, every: int) -> None:
        self.bases, self._label, self._honorific, self._every = bases, run_label, honorific, every
        self.pages = self.pieces = self.rasterised = 0
        self.wrong: list[WrongPage] = []
        self._samples: list[Sample] = []
        self._shown: dict[int, tuple[str, str]] = {}  # sample's page → code and number as they should be
        self._drawn: set[int] = set()  # base pages of which one was chosen
        self._lines = [_lines(base) for base in bases]

    def hold(self, pages: Iterator[tuple[Page, PageSays]], expected: Iterable[Expected], count: int) -> None:
        """Each page against the piece whose turn it is."""
        for piece in expected:
            listed = 0  # lines for members on the pages so far
            for at in range(1, piece.pages + 1):
                page, says = next(pages, (None, None))
                if page is None or says is None:
                    self._find(self.pages + 1, "missing")
                    return
                self.pages += 1
                self._compare(piece, at, says, listed)
                if len(self.wrong) >= WRONG_MAX:
                    self._find(self.pages, "many")
                    return
                listed += len(self._lines[says.base - 1]) if says.base else len(piece.members)
                if not says.fault:
                    self._choose(page, says, piece, count)
            if listed < len(piece.members):
                self._find(self.pages, "body")
            self.pieces += 1
        for page, _ in pages:
            self.pages += 1
            self._find(page.place, "extra")
            if len(self.wrong) >= WRONG_MAX:
                return

    def look(self, pdf: PdfPages) -> None:
        """Draw the samples and read them off the picture."""
        for picture in pictures(pdf, self._samples):
            self.rasterised += 1
            if (picture.code, picture.number) != self._shown[picture.place]:
                self._find(picture.place, "picture")

    def _compare(self, piece: Expected, at: int, says: PageSays, listed: int) -> None:
        """What on this page disagrees with page `at` of the piece."""
        if says.fault:
            self._find(self.pages, "unreadable", says.fault)
            return
        texts, code = says.texts, read_payload(_digits(says))
        if code is None or (code.number, code.page, code.issue) != (piece.number, at, piece.issue % 10):
            self._find(self.pages, "code")
        elif code.sheet != self.bases[says.base - 1].sheet or (says.base == 1) != (at == 1):
            self._find(self.pages, "sheet")
        if texts.get("number") != printed_number(piece.number):
            self._find(self.pages, "number")
        if texts.get("page_code") != f"{at}/{piece.pages}":
            self._find(self.pages, "page")
        if texts.get("piece") != f"{self._label}-{piece.piece_no:06d}":
            self._find(self.pages, "piece")
        if at == 1:
            self._compare_address(piece, says)
        if not (self._body_agrees(piece, says) and self._members_agree(piece, says, listed)):
            self._find(self.pages, "body")

    def _compare_address(self, piece: Expected, says: PageSays) -> None:
        """The window: code, lines, name and bars of one person."""
        code, texts = piece.postal_code, says.texts
        if texts.get("postal", "") != (f"〒{code[:3]}-{code[3:]}" if code else ""):
            self._find(self.pages, "postal")
        if not agrees(texts.get("address", ""), piece.address, piece.hand_work):
            self._find(self.pages, "address")
        if not agrees(texts.get("name", ""), self._called(piece), piece.hand_work):
            self._find(self.pages, "name")
        if not _bars_agree(piece, says.bars):
            self._find(self.pages, "bars")

    def _called(self, piece: Expected) -> str:
        return piece.name if piece.name.endswith(HONORIFICS) else f"{piece.name}　{self._honorific}"

    def _body_agrees(self, piece: Expected, says: PageSays) -> bool:
        """The key, and the name on a slip or a declaration, are those of the piece's person."""
        texts, boxes = says.texts, self.bases[says.base - 1].boxes
        if "key" in boxes and texts.get("key", "") != piece.key:
            return False
        wanted = self._called(piece)
        return all(
            agrees(texts.get(field, ""), wanted, piece.hand_work) for field in NAMED_FIELDS if field in boxes
        )

    def _members_agree(self, piece: Expected, says: PageSays, listed: int) -> bool:
        """The lines for members bear the names that are left, and nobody further."""
        lines = self._lines[says.base - 1]
        names = piece.members[listed : listed + len(lines)]
        for field, name in zip(lines, names, strict=False):
            if not agrees(says.texts.get(field, ""), name, piece.hand_work):
                return False
        # The first line below the last member closes the list; nothing stands below that.
        return not any(says.texts.get(field) for field in lines[len(names) + 1 :])

    def _choose(self, page: Page, says: PageSays, piece: Expected, count: int) -> None:
        """Keep a page to be drawn: the first, the last, every thousandth, and each kind of page once."""
        place = page.place
        if place not in (1, count) and place % self._every and says.base in self._drawn:
            return
        boxes = self.bases[says.base - 1].boxes
        self._drawn.add(says.base)
        self._samples.append(Sample(place, page.contents, boxes["qr"], boxes["number"]))
        self._shown[place] = (_digits(says), printed_number(piece.number))

    def _find(self, page: int, what: str, detail: str = "") -> None:
        more = f"（{detail}）" if detail else ""
        self.wrong.append(WrongPage(page, what, f"{page}ページ目: {_SAYS[what]}{more}。"))


def agrees(read: str, wanted: str, hand_work: str = "") -> bool:
    """Whether a text reads as it was received, blanks and line breaks aside.

    A piece that the manifest flags may show 〓 for what no font draws, or the common form of a kanji.
    """
    read, wanted = "".join(read.split()), "".join(wanted.split())
    if read == wanted:
        return True
    at = 0
    for one in _UNIT.findall(wanted) if hand_work else ():
        if read.startswith(one, at):
            at += len(one)
        elif VARIANT in hand_work and read.startswith(one[0], at):
            at += 1
        elif UNDRAWABLE in hand_work and read.startswith("〓", at):
            at += 1
        else:
            return False
    return bool(hand_work) and at == len(read)


def _bars_agree(piece: Expected, bars: str) -> bool:
    """The barcode says this postal code and this address, or is absent where there is none."""
    if not piece.barcode_rest or not has_barcode(piece.postal_code):
        return not bars
    says, wanted = read_bars(bars), address_number(piece.barcode_rest)
    if not says or says.postal_code != piece.postal_code:
        return False
    return says.address == wanted or says.address == cut_address(wanted)


def _digits(says: PageSays) -> str:
    image = says.images.get("qr")
    if not image or image.side != SIDE or len(image.bits) != SIDE * 6:
        return ""
    return digits_of(modules_of(image.bits)) or ""


def _lines(base: BasePage) -> list[str]:
    """The fields for names of members on one base page, from above."""
    return [
        name
        for part in ("member", "listed")
        for i in range(len(base.boxes))
        if (name := f"{part}_{i}_name") in base.boxes
    ]


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(HASH_BYTES):
        digest.update(block)
    return digest.hexdigest()
