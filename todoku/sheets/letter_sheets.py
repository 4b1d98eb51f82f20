"""Pure. Writes the letters of a run that are not forms: notices, requests for what is missing, decisions.

Takes a kind, flat pieces and the programme's wording; leaves one PDF. Which case gets which letter is decided before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from todoku.case.door_keys import shown_key
from todoku.sheets.fit import AIRY, wrap
from todoku.sheets.form_layout import MM, Box, compile_layout, page_fonts
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.sheet_run import Sheet, called, open_run
from todoku.sheets.wording import KINDS, complete

# Base pages of letter.typ.
LETTER, MORE, ACCOUNT_FORM, ATTACH_SHEET, SLIP, SIGN_SHEET, DECLINE_SHEET, PROXY_SHEET = range(1, 9)
ADDRESS_SIDE, MESSAGE_SIDE = 1, 2  # base pages of postcard.typ
POSTCARDS = ("reminder",)
# What may come back: its base page, the key of its title in the wording, its name in a list of enclosures.
BACK = {
    "sign": (SIGN_SHEET, "sign_sheet_title", "署名の用紙"),
    "account": (ACCOUNT_FORM, "account_form_title", "口座の届出書"),
    "attach": (ATTACH_SHEET, "attach_sheet_title", "貼付台紙"),
    "decline": (DECLINE_SHEET, "decline_title", "辞退届"),
    "proxy": (PROXY_SHEET, "proxy_title", "代理手続申立書"),
}
# What the account form is called where it asks for the way of receiving too.
WITH_THE_WAY = "受取方法と口座の届出書"
REPLY_ENVELOPE = "返信用封筒"
REPLY_UNUSED = "返信用封筒（お電話かウェブでお答えのときは使いません）"
# What the writer prints on them besides number and codes.
FIELDS_OF = {
    ATTACH_SHEET: ("ask_identity", "ask_account"),
    DECLINE_SHEET: ("decline_name", "decline_amount"),
    PROXY_SHEET: ("proxy_principal",),
}
SLIP_ROWS = 3  # of the table: how much, until when, the number of the slip
LETTER_KINDS = tuple(kind for kind in KINDS if kind not in ("form", "gift"))
BULLET, INDENT = (
    "□ ",
    "　 ",
)  # a resident ticks off what is in the envelope; both are one and a half sizes wide


class LetterPiece(NamedTuple):
    """One letter: to whom and where, the values of its table, the sentences of its list.

    `values`: one per row that the wording names for the kind, as printed. `items`: whole sentences, customer-facing.
    `slips`: how much, until when and under which number, for each payment slip; without any, one slip of `values`.
    `back`: which sheets (keys of BACK) are enclosed to come back; None: every one that the wording of the kind names.
    `fields`: what else is printed on them, field and text.
    `key` is printed only where the kind offers the web. The rest as in `forms.Piece`.
    """

    piece_no: int
    number: str
    issue: int
    key: str
    postal_code: str
    address_lines: tuple[str, ...]
    addressee: str
    barcode_rest: str
    values: tuple[str, ...]
    items: tuple[str, ...] = ()
    protected: bool = False
    slips: tuple[tuple[str, ...], ...] = ()
    back: tuple[str, ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()


def enclosed(back: Sequence[str], *, ways: bool = False) -> str:
    """What a letter says that is enclosed: the sheets that come back, and the envelope for them, which lies in every piece
    of such a run: what goes into an envelope is set once for the machine. `ways`: the account form asks for the way too."""
    named = {key: WITH_THE_WAY if ways and key == "account" else name for key, (_, _, name) in BACK.items()}
    names = [name for key, name in named.items() if key in back]
    return "、".join([*names, REPLY_ENVELOPE]) if names else REPLY_UNUSED


def write_letters(
    target: Path | str | BinaryIO,
    kind: str,
    pieces: Iterable[LetterPiece],
    wording: Mapping[str, Any],
    *,
    fonts_dir: Path | str,
    run_label: str,
    protected_run: bool = False,
    manifest: ManifestFile | None = None,
) -> FormsResult:
    """Write every letter of one kind (one of LETTER_KINDS) into `target`; raises as `write_forms`.

    A list longer than its box goes on overleaf. Kinds that ask for an account or for papers carry the form or the
    sheet that comes back as their last page, so that the page with the key stays with the resident.
    """
    assert kind in LETTER_KINDS, f"no letter is called {kind}"
    words = complete(kind, wording)
    layout = compile_layout("postcard" if kind in POSTCARDS else "letter", words, fonts_dir)
    measure = page_fonts(fonts_dir)["R"].width
    lists = [box for page in (LETTER, MORE) if (box := layout.boxes.get(("items", page)))]
    with open_run(
        target,
        layout,
        words,
        fonts_dir=fonts_dir,
        run_label=run_label,
        protected_run=protected_run,
        manifest=manifest,
    ) as run:
        for piece in pieces:
            sheets = _sides(piece, words) if kind in POSTCARDS else _sheets(piece, words, lists, measure)
            run.add(piece, list(sheets))
        return run.finish()


def _sides(piece: LetterPiece, words: Mapping[str, Any]) -> Iterator[Sheet]:
    """The two sides of a postcard, which anybody may read: no key, no amount, nothing of the case but its number."""
    assert len(piece.values) == len(words["rows"]), f"piece {piece.piece_no} does not fill the card's rows"
    yield ADDRESS_SIDE, {}
    yield MESSAGE_SIDE, {f"value_{i}": value for i, value in enumerate(piece.values)}


def _sheets(
    piece: LetterPiece, words: Mapping[str, Any], lists: Sequence[Box], measure: Callable[[str], int]
) -> Iterator[Sheet]:
    assert len(piece.values) == len(words["rows"]), f"piece {piece.piece_no} does not fill the table's rows"
    assert bool(piece.items) == bool(words["items_title"]), (
        f"piece {piece.piece_no} and the wording disagree on a list"
    )
    texts = {f"value_{i}": value for i, value in enumerate(piece.values)}
    if words["online_title"]:
        texts["key"] = shown_key(piece.key)
    paragraphs = [_paragraph(words["bullet"] + " ", item, lists[0], measure) for item in piece.items]
    columns = list(_columns(paragraphs, lists, words["items_more"])) if paragraphs else []
    if columns:
        texts["items"] = columns[0]
    yield LETTER, texts
    for column in columns[1:]:
        yield MORE, {"items": column}
    yield from _coming_back(piece, words)
    if words["slip_title"]:
        for values in piece.slips or (piece.values[:SLIP_ROWS],):
            yield SLIP, _slip(piece, values, words)


def _coming_back(piece: LetterPiece, words: Mapping[str, Any]) -> Iterator[Sheet]:
    """The sheets that the resident fills in and sends back; none that the kind has no words for."""
    name = called(piece.addressee, words["honorific"])
    further = {"decline_name": name, "proxy_principal": name, **dict(piece.fields)}
    for key, (base, title, _) in BACK.items():
        if not words[title] or piece.back is not None and key not in piece.back:
            continue
        own = {name: text for name, text in further.items() if name in FIELDS_OF.get(base, ())}
        yield base, own


def _slip(piece: LetterPiece, values: Sequence[str], words: Mapping[str, Any]) -> dict[str, str]:
    """A payment slip (納付書) in its two parts: who pays, and the three values under the table's first labels."""
    name = called(piece.addressee, words["honorific"])
    return {
        f"{part}_{field}": value
        for part in ("slip", "copy")
        for field, value in (("name", name), *((f"value_{i}", values[i]) for i in range(SLIP_ROWS)))
    }


def _columns(paragraphs: Sequence[Sequence[str]], lists: Sequence[Box], more: str) -> Iterator[str]:
    """The list as one text per page: an item stays whole, and a page that is not the last says so."""
    first, later = lists
    room = _room(first)
    longest = room - 1  # what is longer than a page's room is broken after all
    paragraphs = [lines[k : k + longest] for lines in paragraphs for k in range(0, len(lines), longest)]
    if sum(map(len, paragraphs)) + len(paragraphs) - 1 <= room:
        yield "\n\n".join("\n".join(lines) for lines in paragraphs)
        return
    column: list[str] = []
    for i, lines in enumerate(paragraphs):
        last = i == len(paragraphs) - 1
        if column and len(column) + len(lines) > room - (0 if last else 1):
            yield "\n".join([*column, more])
            column, room = [], _room(later)
        column += lines
    yield "\n".join(column)


def _paragraph(bullet: str, item: str, box: Box, measure: Callable[[str], int]) -> list[str]:
    """One item as lines with a hanging indent, at the size of the box."""
    width = box.w * MM * 1000 / box.sizes[0] - measure(bullet)
    return [(INDENT if i else bullet) + line for i, line in enumerate(wrap(item, width, measure))]


def _room(box: Box) -> int:
    """Lines that stand in the box at the wished distance."""
    size = box.sizes[0]
    return min(box.lines, int((box.h * MM - size) / (size * AIRY)) + 1)
