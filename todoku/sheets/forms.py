"""Pure. Writes the pre-filled application forms (申請書) of a run: flat pieces in, one PDF out.

Takes pieces in the order in which they shall lie in the tray; asks nobody, reads no clock, decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from todoku.case.door_keys import shown_key
from todoku.sheets.form_layout import Layout, compile_layout
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.sheet_run import Sheet, open_run
from todoku.sheets.wording import complete

FORM, GUIDE, LIST, ATTACH_SHEET = 1, 2, 3, 4  # base pages of form.typ

Member = tuple[str, str, str, int]  # name, birth date as printed, relation, yen


class Piece(NamedTuple):
    """One form: to whom and where, and everything printed on it beforehand.

    `number`: 13 digits. `issue`: of the door key. `key`: 8 characters of letter_key, printed on the page that stays
    with the resident. `postal_code`: 7 digits or "". `barcode_rest`: the address after the 町域, "" for no customer barcode.
    `account_known`: the masked account on record, or "". `deadline`: as printed, e.g. 令和8年11月21日 必着.
    """

    piece_no: int
    number: str
    issue: int
    key: str
    postal_code: str
    address_lines: tuple[str, ...]
    addressee: str
    barcode_rest: str
    members: tuple[Member, ...]
    total_yen: int
    deadline: str
    account_known: str = ""
    protected: bool = False


def write_forms(
    target: Path | str | BinaryIO,
    pieces: Iterable[Piece],
    wording: Mapping[str, Any],
    *,
    fonts_dir: Path | str,
    run_label: str,
    protected_run: bool = False,
    manifest: ManifestFile | None = None,
) -> FormsResult:
    """Write every piece's pages into `target` (a path or an open binary file); memory does not grow with the run.

    A household has two pages; members beyond the lines of page 1 go to list pages, which page 1 names. Where the wording
    says that copies are glued on a sheet of their own (貼付台紙), that is the last page.
    Raises WordingRefused, FontRefused, ProtectedRefused, PieceOrderRefused; a path then stays untouched.
    """
    words = complete("form", wording)
    layout = compile_layout("form", words, fonts_dir)
    cells = member_cells(layout)
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
            assert piece.members, f"piece {piece.piece_no} has no member"
            run.add(piece, list(sheets_of(piece, words, cells)))
        return run.finish()


# Field names of one line of members: no, name, birth, relation, amount.
Cells = Sequence[tuple[str, str, str, str, str]]


def member_cells(layout: Layout) -> tuple[Cells, Cells]:
    """The lines for members that the form has, and those of a list page."""
    return _lines(layout.on_page(FORM), "member"), _lines(layout.on_page(LIST), "listed")


def sheets_of(piece: Piece, words: Mapping[str, Any], cells: tuple[Cells, Cells]) -> Iterator[Sheet]:
    """The pages of one piece with the texts of their fields, but for window, number and codes."""
    on_form, on_list = cells
    here, rest = piece.members[: len(on_form)], piece.members[len(on_form) :]
    texts = {
        "deadline": piece.deadline,
        "total": f"{piece.total_yen:,}{words['yen']}",
        "account_known": piece.account_known or words["account_known_none"],
    }
    _put_members(texts, here, on_form, words, 1)
    if len(here) < len(on_form):
        texts[on_form[len(here)][1]] = words["blank_below"]
    if rest:
        last = LIST + (len(rest) - 1) // len(on_list)
        pages = str(LIST) if last == LIST else f"{LIST}〜{last}"
        texts["more"] = words["more"].replace("{count}", str(len(rest))).replace("{page}", pages)
    yield FORM, texts
    yield GUIDE, {"key": shown_key(piece.key)}
    for start in range(0, len(rest), len(on_list)):
        listed: dict[str, str] = {}
        _put_members(listed, rest[start : start + len(on_list)], on_list, words, len(on_form) + start + 1)
        yield LIST, listed
    if words["attachments"] == "sheet":
        yield ATTACH_SHEET, {}


def _put_members(
    texts: dict[str, str], members: Sequence[Member], cells: Cells, words: Mapping[str, Any], first: int
) -> None:
    for i, (name, birth, relation, amount_yen) in enumerate(members):
        at_no, at_name, at_birth, at_relation, at_amount = cells[i]
        texts[at_no] = str(first + i)
        texts[at_name] = name
        texts[at_birth] = birth
        texts[at_relation] = relation
        # Who adds nothing to a household's sum still counts: 0円 beside a name would read like a refusal.
        texts[at_amount] = f"{amount_yen:,}{words['yen']}" if amount_yen else words["in_household"]


def _lines(fields: Mapping[str, object], part: str) -> Cells:
    """The cells of every line that the template's page has for members."""
    count = sum(name.startswith(f"{part}_") and name.endswith("_name") for name in fields)
    assert count, f"the template has no lines called {part}"
    return [
        (
            f"{part}_{i}_no",
            f"{part}_{i}_name",
            f"{part}_{i}_birth",
            f"{part}_{i}_relation",
            f"{part}_{i}_amount",
        )
        for i in range(count)
    ]
