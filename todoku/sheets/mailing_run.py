"""Pure. A mailing list and its terms in, everything for the printer in memory out; nobody's database is asked.

Every row becomes one letter in postal order; a row without a number of ours gets one, the same for the same list. Nothing
in clear is written to disk: the run exists in memory until it is encrypted.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from todoku.formats.codes import case_number
from todoku.formats.mailing_list import MailRow
from todoku.formats.postage import Estimate, estimate
from todoku.formats.postage_tariff import tariff_on
from todoku.ground.step import Refusal
from todoku.sheets.insert_plan import lots
from todoku.sheets.letter_sheets import LetterPiece, write_letters
from todoku.sheets.mail_address import on_envelope
from todoku.sheets.mailing_terms import MailingTerms
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.printer_files import Job, Laid, counts, entries, laid, read_manifest
from todoku.sheets.printer_parcel import Packed, pack
from todoku.sheets.reply_envelope import outer_artwork, reply_artwork

KIND = "granted"  # the plainest letter: title, sentences, whom to ask
# What that letter has besides, and a mailing has not unless its own words say so.
PLAIN = {"rows": [], "after": [], "signer": ""}
ROWS_MAX = 50_000  # some 200 MB in memory; a longer list is cut by its owner
FOLDS = {3: "A4を三つ折りにして入れる。", 4: "A4を四つ折りにして入れる。"}  # by layers


class TooLong(Refusal):
    """More rows than are made in memory at once."""


class Numbered(NamedTuple):
    """A row with its piece number and the 13-digit number that its letter bears."""

    piece_no: int
    number: str
    row: MailRow


class Printed(NamedTuple):
    """A mailing as it would go to the printer: its letters, their places, the postage."""

    numbered: list[Numbered]
    pdf_sha256: str
    result: FormsResult
    laid: Laid
    postage: Estimate


def numbered(rows: Sequence[MailRow]) -> list[Numbered]:
    """The rows in postal order, each with its number: its own where it is one of ours, else one made from the list."""
    ordered = sorted(rows, key=lambda row: (row.postal_code, row.address, row.building, row.line))
    taken = {row.number for row in rows if row.has_our_number}
    known = "\n".join(f"{row.line}\t{row.name}\t{row.postal_code}\t{row.address}" for row in ordered)
    list_digits = int(sha256(known.encode()).hexdigest(), 16) % 100_000
    found = []
    for piece_no, row in enumerate(ordered, 1):
        number = row.number if row.has_our_number else _made(list_digits, row.line, taken)
        found.append(Numbered(piece_no, number, row))
    return found


def print_mailing(rows: Sequence[MailRow], terms: MailingTerms, *, fonts_dir: Path | str) -> Printed:
    """The letters of a list, laid into trays and reckoned. Raises what the writers of letters and artwork raise."""
    if len(rows) > ROWS_MAX:
        raise TooLong(
            f"宛名が{len(rows):,}件あります。一度に作れるのは{ROWS_MAX:,}件までです。郵便番号で分けた一覧にしてください。"
        )
    pieces, pdf, lines = numbered(rows), io.BytesIO(), io.StringIO(newline="")
    result = write_letters(
        pdf, KIND, map(_piece, pieces), {**PLAIN, **terms.letter}, fonts_dir=fonts_dir, run_label=terms.label,
        manifest=ManifestFile(lines, terms.label),
    )  # fmt: skip
    found = laid(
        Job(
            terms.label, terms.title, pdf, read_manifest(lines.getvalue().encode("utf-8-sig")), terms.setup, terms.sizes,
            terms.encoding, _artwork(terms, fonts_dir), (("差出予定日", terms.posted_on.isoformat()),),
        )
    )  # fmt: skip
    assert len(found.plan) == len(rows) == result.pieces, "a row was lost between the list and the plan"
    held = lots(found.plan, {one.piece_no: one.row.postal_code for one in pieces})
    postage = estimate(held, terms.posting, tariff_on(terms.posted_on), terms.own)
    return Printed(pieces, result.sha256, result, found, postage)


def encrypted(
    printed: Printed, terms: MailingTerms, *, fonts_dir: Path | str, at: datetime
) -> tuple[bytes, Packed]:
    """The parcel for the printer's key."""
    out = io.BytesIO()
    told = {"printer": terms.printer, **counts(printed.laid, made_at=at, source_sha256=printed.pdf_sha256)}
    listed = entries(printed.laid, parcel_name=terms.label, fonts_dir=fonts_dir)
    packed = pack(listed, told, terms.key, out, at=at)
    return out.getvalue(), packed


def correspondence(printed: Printed) -> bytes:
    """Which line of the list became which piece (対応表): for the office alone; numbers and places, nobody's name."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("一覧の行", "管理番号", "お問い合わせ番号", "連番", "トレー", "位置"))
    for one in sorted(printed.numbered, key=lambda one: one.row.line):
        place = printed.laid.trays.place(one.piece_no)
        rows.writerow((one.row.line, one.row.number, one.number, one.piece_no, place.tray, place.position))
    return text.getvalue().encode("utf-8-sig")


def _made(list_digits: int, line: int, taken: set[str]) -> str:
    """A number for a line; the first digit goes on where a My Number would be hidden in it or another row has it."""
    for first in range(9, 0, -1):
        number = case_number(f"{first}{list_digits:05d}{line:06d}")
        if number is not None and number not in taken:
            taken.add(number)
            return number
    raise AssertionError(f"line {line} finds no number")


def _piece(one: Numbered) -> LetterPiece:
    row = one.row
    to = on_envelope(row.postal_code, row.address, row.building, protected=False, protected_run=False)
    return LetterPiece(
        piece_no=one.piece_no, number=one.number, issue=1, key="", postal_code=to.postal_code, address_lines=to.lines,
        addressee=row.name, barcode_rest=to.barcode_rest, values=(),
    )  # fmt: skip


def _artwork(terms: MailingTerms, fonts_dir: Path | str) -> dict[str, bytes]:
    outer, reply = terms.setup.outer, terms.setup.reply
    drawn = {f"outer-{outer.code}.pdf": outer_artwork(outer, terms.sender, terms.mark, fonts_dir=fonts_dir)}
    if reply and terms.permit:
        drawn[f"reply-{reply.code}.pdf"] = reply_artwork(
            terms.permit, terms.sender, reply, fonts_dir=fonts_dir, fold=FOLDS[reply.layers]
        )
    return drawn
