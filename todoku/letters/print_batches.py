"""Pure. The PDF of a run in, the same pages in batches of so many pieces out: what a printing machine takes at once.

A batch is a stretch of piece numbers in the order of the run. Pages are carried over as they are; their number is held
against the manifest, and one batch at a time is in memory.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pikepdf

from todoku.ground.step import Refusal
from todoku.letters.manifest import ManifestLine

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


def batches(lines: Sequence[ManifestLine], size: int = PIECES_IN_BATCH) -> list[Batch]:
    """The batches of a manifest's lines, which follow each other without a gap of pages. Raises BatchRefused."""
    if size < 1:
        raise BatchRefused("1つのPDFに入れる通数は、1以上を指定してください。")
    found: list[Batch] = []
    page = 1
    for start in range(0, len(lines), size):
        held = lines[start : start + size]
        first = held[0].first_page
        for line in held:
            if line.first_page != page:
                raise BatchRefused(
                    f"連番{line.piece_no}の先頭ページが、印刷明細の前の行と合いません。この印刷ロットを作り直してください。"
                )
            page += line.pages
        found.append(
            Batch(len(found) + 1, held[0].piece_no, held[-1].piece_no, len(held), first, page - first)
        )
    return found


def split(pdf: Path | BinaryIO, wanted: Sequence[Batch]) -> Iterator[tuple[Batch, bytes]]:
    """Each batch with its PDF. Raises BatchRefused where the file has other pages than the manifest."""
    with pikepdf.open(pdf) as source:
        pages = sum(batch.pages for batch in wanted)
        if len(source.pages) != pages:
            raise BatchRefused(
                f"PDFは{len(source.pages):,}ページですが、印刷明細は{pages:,}ページです。この印刷ロットを作り直してください。"
            )
        for batch in wanted:
            yield batch, _part(source, batch)


def _part(source: pikepdf.Pdf, batch: Batch) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as part:
        first = batch.first_page - 1
        part.pages.extend(source.pages[first : first + batch.pages])
        part.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert len(part.pages) == batch.pages, "a batch lost a page"
    return out.getvalue()
