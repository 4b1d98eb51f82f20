"""Pure. What every run of letters shares: the head of each sheet, the window, the count, the faults, the manifest.

Takes pieces one by one with the texts of their pages; leaves a finished PDF. A run is all ordinary or all protected.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from todoku.formats.codes import printed_number
from todoku.formats.post_barcode import bars, has_barcode
from todoku.ground.step import Refusal
from todoku.sheets.form_layout import Layout, boxes_json
from todoku.sheets.manifest import FormsResult, ManifestFile, ManifestLine, hand_work
from todoku.sheets.pdf_writer import SheetWriter
from todoku.sheets.sheet_codes import SHEET_KINDS, qr_payload

HONORIFICS = ("様", "御中", "殿")


class ProtectedRefused(Refusal):
    """A protected person's piece in an ordinary run, or the other way round (支援措置)."""


class PieceOrderRefused(Refusal):
    """Piece numbers do not rise: a piece would be printed twice or the tray could not be searched."""


class Addressed(Protocol):
    """What every piece says about where it goes."""

    @property
    def piece_no(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def issue(self) -> int: ...
    @property
    def postal_code(self) -> str: ...
    @property
    def address_lines(self) -> tuple[str, ...]: ...
    @property
    def addressee(self) -> str: ...
    @property
    def barcode_rest(self) -> str: ...
    @property
    def protected(self) -> bool: ...


Sheet = tuple[int, Mapping[str, str]]  # base page (from 1) and the texts of its own fields


class SheetRun:
    """One run under way; made by `open_run`."""

    def __init__(
        self,
        out: BinaryIO,
        layout: Layout,
        words: Mapping[str, Any],
        *,
        fonts_dir: Path | str,
        run_label: str,
        protected_run: bool,
        manifest: ManifestFile | None,
    ) -> None:
        self._writer = SheetWriter(out, layout, fonts_dir)
        self._template, self._boxes = layout.template, boxes_json(layout)
        self._run_label, self._honorific, self._title = run_label, words["honorific"], words["title"]
        self._protected_run, self._manifest = protected_run, manifest
        self._pages = self._pieces = self._last_no = 0
        self._undrawable: list[tuple[int, str, str]] = []
        self._variants: list[tuple[int, str, str]] = []
        self._tight: list[tuple[int, str]] = []

    def add(
        self, piece: Addressed, sheets: Sequence[Sheet], codes: Mapping[int, Mapping[str, str]] | None = None
    ) -> None:
        """Write all pages of one piece; the first sheet carries the window. `codes`: page (from 1) → field → 2D code."""
        self._admit(piece)
        number, label = printed_number(piece.number), f"{self._run_label}-{piece.piece_no:06d}"
        undrawable: list[tuple[int, str, str]] = []
        variants: list[tuple[int, str, str]] = []
        tight: list[tuple[int, str]] = []
        first = ""
        for page, (base, own) in enumerate(sheets, 1):
            texts, marks = {}, ""
            if page == 1:
                texts = self._window(piece)
                if piece.barcode_rest and has_barcode(piece.postal_code):
                    marks = bars(piece.postal_code, piece.barcode_rest)
            texts |= {"number": number, "page_code": f"{page}/{len(sheets)}", "piece": label, **own}
            qr = qr_payload(piece.number, page, SHEET_KINDS[self._template, base], piece.issue)
            first = qr if page == 1 else first
            faults = self._writer.put_page(base, texts, qr, marks, (codes or {}).get(page))
            if faults.undrawable:
                undrawable += [(piece.piece_no, field, found) for field, found in faults.undrawable]
            if faults.variants:
                variants += [(piece.piece_no, field, found) for field, found in faults.variants]
            if faults.tight:
                tight += [(piece.piece_no, field) for field in faults.tight]
        if self._manifest:
            postal = "" if piece.protected else piece.postal_code
            line = (
                piece.piece_no,
                piece.number,
                self._pages + 1,
                len(sheets),
                postal,
                hand_work(undrawable, variants, tight),
                first,
            )
            self._manifest.add(ManifestLine(*line))
        self._pages += len(sheets)
        self._pieces += 1
        self._undrawable += undrawable
        self._variants += variants
        self._tight += tight

    def finish(self) -> FormsResult:
        """Close the PDF's tables; counts must agree with what was written."""
        written = self._writer.finish(f"{self._title} {self._run_label}")
        assert written.pages == self._pages, f"{written.pages} pages written, {self._pages} counted"
        return FormsResult(
            self._pages,
            self._pieces,
            self._undrawable,
            written.sha256,
            written.bytes,
            self._variants,
            self._tight,
            self._boxes,
            self._honorific,
        )

    def _admit(self, piece: Addressed) -> None:
        if piece.protected != self._protected_run:
            wanted = "支援措置の方だけ" if self._protected_run else "支援措置のない方だけ"
            raise ProtectedRefused(
                f"この印刷は{wanted}のものですが、連番{piece.piece_no}はそうではありません。分けて作成してください。"
            )
        if piece.piece_no <= self._last_no:
            raise PieceOrderRefused(
                f"連番{piece.piece_no}が連番{self._last_no}の後に来ています。連番の順に並べて作成してください。"
            )
        self._last_no = piece.piece_no

    def _window(self, piece: Addressed) -> dict[str, str]:
        name, postal = piece.addressee, piece.postal_code
        return {
            "postal": f"〒{postal[:3]}-{postal[3:]}" if postal else "",
            "address": "\n".join(line for line in piece.address_lines if line),
            "name": called(name, self._honorific),
        }


def called(name: str, honorific: str) -> str:
    """A name as a letter calls it: with the run's word, unless it ends with one of its own (御中)."""
    return name if name.endswith(HONORIFICS) else f"{name}　{honorific}"


@contextmanager
def open_run(
    target: Path | str | BinaryIO,
    layout: Layout,
    words: Mapping[str, Any],
    *,
    fonts_dir: Path | str,
    run_label: str,
    protected_run: bool,
    manifest: ManifestFile | None,
) -> Iterator[SheetRun]:
    """A run to add pieces to, written into `target`: a path, which stays untouched where something is raised, or an open
    binary file. `words`: complete, as the layout was compiled with them."""
    with _whole_file(target) as out:
        yield SheetRun(
            out,
            layout,
            words,
            fonts_dir=fonts_dir,
            run_label=run_label,
            protected_run=protected_run,
            manifest=manifest,
        )


@contextmanager
def _whole_file(target: Path | str | BinaryIO) -> Iterator[BinaryIO]:
    """The file to write into. A path appears only when the run is whole (temporary name, fsync, rename)."""
    if not isinstance(target, (str, os.PathLike)):
        yield target
        return
    path = Path(target)
    making = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with making.open("wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        making.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        making.unlink(missing_ok=True)
