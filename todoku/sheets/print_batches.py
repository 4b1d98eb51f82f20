"""Pure. The PDF of a run in, the same pages in batches of so many pieces out: what a printing machine takes at once.

A batch is a stretch of piece numbers in the order of the run. Pages are carried over to the byte; their number is held
against the manifest, and one batch at a time is in memory however long the run is.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from todoku.ground.step import Refusal
from todoku.sheets.manifest import ManifestLine
from todoku.sheets.pdf_pages import BrokenFile, PdfPages

PIECES_IN_BATCH = 2_000  # 4,000 sheets: two boxes of paper, and some 20 MB


class BatchRefused(Refusal):
    """A PDF whose pages are not those of its manifest."""


class Batch(NamedTuple):
    """A stretch of a run: its number from 1, its pieces, its pages (from 1) in the run's PDF."""

    no: int
    first_piece: int
    last_piece: int
    pieces: int
    first_page: int
    pages: int

    def name(self, run_label: str) -> str:
        return f"{run_label}-{self.no:04d}-{self.first_piece:06d}-{self.last_piece:06d}.pdf"


def batches(
    lines: Sequence[ManifestLine], size: int = PIECES_IN_BATCH, void: frozenset[int] = frozenset()
) -> list[Batch]:
    """The batches of a manifest's lines, which follow each other without a gap of pages; pieces of `void` are in none.

    Raises BatchRefused.
    """
    if size < 1:
        raise BatchRefused("1つのPDFに入れる通数は、1以上を指定してください。")
    found: list[Batch] = []
    page = 1
    for line in lines:
        if line.first_page != page:
            raise BatchRefused(
                f"連番{line.piece_no}の先頭ページが、印刷明細の前の行と合いません。この印刷ロットを作り直してください。"
            )
        page += line.pages
    kept = [line for line in lines if line.piece_no not in void]
    for start in range(0, len(kept), size):
        held = kept[start : start + size]
        pages = sum(line.pages for line in held)
        first, last = held[0], held[-1]
        found.append(Batch(len(found) + 1, first.piece_no, last.piece_no, len(held), first.first_page, pages))
    return found


def pages_of(lines: Sequence[ManifestLine], void: frozenset[int]) -> frozenset[int]:
    """The pages (from 1) of the pieces of `void`: what split leaves out."""
    listed = (line for line in lines if line.piece_no in void)
    return frozenset(page for line in listed for page in range(line.first_page, line.first_page + line.pages))


def split(
    pdf: Path | BinaryIO, wanted: Sequence[Batch], left_out: frozenset[int] = frozenset()
) -> Iterator[tuple[Batch, bytes]]:
    """Each batch with its PDF, without the pages of `left_out`.

    Raises BatchRefused where the file is no whole run or has other pages than the manifest.
    """
    with pdf.open("rb") if isinstance(pdf, Path) else nullcontext(pdf) as file:
        try:
            yield from _parts(PdfPages(file), wanted, left_out)
        except BrokenFile as broken:
            raise BatchRefused(broken.sentence) from broken


def _parts(
    source: PdfPages, wanted: Sequence[Batch], left_out: frozenset[int]
) -> Iterator[tuple[Batch, bytes]]:
    listed = sum(batch.pages for batch in wanted) + len(left_out)
    if source.count != listed:
        raise BatchRefused(
            f"PDFは{source.count:,}ページですが、印刷明細は{listed:,}ページです。この印刷ロットを作り直してください。"
        )
    pages = (page for page in source.pages() if page.place not in left_out)
    for batch in wanted:
        held = list(islice(((page.place, page.contents) for page in pages), batch.pages))
        assert held[0][0] == batch.first_page and len(held) == batch.pages, (
            "a batch has other pages than its own"
        )
        yield batch, source.excerpt([contents for _, contents in held])
