"""Pure. Writes the letters of a run that are not forms: notices, requests for what is missing, decisions.

Takes a kind, flat pieces and the programme's wording; leaves one PDF. Which case gets which letter is decided before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from todoku.case.door_keys import shown_key
from todoku.letters.fit import AIRY, wrap
from todoku.letters.form_layout import MM, Box, compile_layout, page_fonts
from todoku.letters.manifest import FormsResult, ManifestFile
from todoku.letters.sheet_run import Sheet, SheetRun, whole_file
from todoku.letters.wording import KINDS, complete

LETTER, MORE, ACCOUNT_FORM, ATTACH_SHEET, SLIP = 1, 2, 3, 4, 5  # base pages of letter.typ
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
    layout = compile_layout("letter", words, fonts_dir)
    measure = page_fonts(fonts_dir)["R"].width
    lists = [box for page in (LETTER, MORE) if (box := layout.boxes.get(("items", page)))]
    with whole_file(target) as out:
        run = SheetRun(
            out,
            layout,
            fonts_dir=fonts_dir,
            run_label=run_label,
            honorific=words["honorific"],
            protected_run=protected_run,
            manifest=manifest,
        )
        for piece in pieces:
            run.add(piece, list(_sheets(piece, words, lists, measure)))
        return run.finish(f"{words['title']} {run_label}")


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
    if words["account_form_title"]:
        yield ACCOUNT_FORM, {}
    if words["attach_sheet_title"]:
        yield ATTACH_SHEET, {}
    if words["slip_title"]:
        for values in piece.slips or (piece.values[:SLIP_ROWS],):
            yield SLIP, _slip(piece, values, words)


def _slip(piece: LetterPiece, values: Sequence[str], words: Mapping[str, Any]) -> dict[str, str]:
    """A payment slip (納付書) in its two parts: who pays, and the three values under the table's first labels."""
    name = f"{piece.addressee}　{words['honorific']}"
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
