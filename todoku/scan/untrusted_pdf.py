"""Pure. A PDF that nobody has checked becomes grey pages: counted, measured and searched first, then drawn.

Encrypted files are refused. Active content (JavaScript, actions, embedded files), found however deep it is hidden, is
never run: the pages are taken as pictures, and the remark goes to a person. Works in the child process alone.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pikepdf
import pypdfium2

from todoku.scan import limits
from todoku.scan.reading import FileProblem, Grey

POINTS_PER_INCH = 72
# Keys and action types that make a viewer do something, ISO 32000-1 §12.6 and §7.11.4, and XFA forms (§12.7.8).
ACTIVE_KEYS = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/AA": "自動実行の動作",
    "/EmbeddedFiles": "埋め込みファイル",
    "/EF": "埋め込みファイル",
    "/XFA": "XFAフォーム",
    "/RichMedia": "動画・音声など",
}
ACTIVE_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "プログラムの起動",
    "/SubmitForm": "データの送信",
    "/ImportData": "データの読込み",
    "/GoToE": "埋め込みファイル",
    "/GoToR": "他のファイルを開く動作",
    "/Rendition": "動画・音声など",
    "/RichMediaExecute": "動画・音声など",
}


def pdf_pages(data: bytes) -> Iterator[tuple[int, Grey] | FileProblem]:
    """Page numbers with their pictures at 200 dpi, or what was refused."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            problem = _refused(pdf)
            active = sorted(active_content(pdf)) if problem is None else []
    except pikepdf.PasswordError:
        problem, active = _encrypted(), []
    except pikepdf.PdfError:
        problem, active = _broken(), []
    if problem is not None:
        yield problem
        return
    if active:
        yield FileProblem(
            "active_content",
            None,
            f"PDFに読取りに要らない仕掛けがあります（{'、'.join(active)}）。動かさず、画像としてだけ取り込みました。",
        )
    yield from _drawn(data)


def _drawn(data: bytes) -> Iterator[tuple[int, Grey] | FileProblem]:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        yield _broken()
        return
    with pdf:
        for index in range(len(pdf)):
            yield _page(pdf, index)


def _page(pdf: pypdfium2.PdfDocument, index: int) -> tuple[int, Grey] | FileProblem:
    scale = limits.PDF_DPI / POINTS_PER_INCH
    try:
        page = pdf[index]
        width, height = page.get_size()
        if width * scale * height * scale > limits.PIXELS_MAX:
            return FileProblem(
                "too_many_pixels",
                index + 1,
                f"{index + 1}ページ目の紙が大きすぎます。A4 で作り直すか、紙を読み取ってください。",
            )
        if min(width, height) * scale < limits.SIDE_MIN:
            return _broken(index + 1)
        grey = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_numpy()
        picture: Grey = np.array(
            grey.reshape(grey.shape[:2]), dtype=np.uint8
        )  # its own memory, not the page's
        page.close()
    except pypdfium2.PdfiumError:
        return _broken(index + 1)
    return index + 1, picture


def _refused(pdf: pikepdf.Pdf) -> FileProblem | None:
    """What makes the whole file be set aside, or None."""
    if pdf.is_encrypted:
        return _encrypted()
    if _pages(pdf) > limits.PAGES_MAX:
        return FileProblem(
            "too_many_pages",
            None,
            f"PDFのページ数が多すぎます（{limits.PAGES_MAX}まで）。束を分けて読み取ってください。",
        )
    if len(pdf.objects) > limits.OBJECTS_MAX:
        return FileProblem(
            "too_many_objects", None, "PDFの中身が多すぎます。紙を読取機で読み直してください。"
        )
    if any(isinstance(one, pikepdf.Stream) and _too_large(one) for one in pdf.objects):
        return FileProblem(
            "stream_too_large",
            None,
            f"PDFの中に、開くと {limits.STREAM_BYTES_MAX >> 20}MB を超えるデータがあります。紙を読取機で読み直してください。",
        )
    return None


def _pages(pdf: pikepdf.Pdf) -> int:
    """How many pages the file says it has; counted only where that is within the limit, since the tree may be vast."""
    tree = pdf.Root.get("/Pages")
    told = tree.get("/Count", 0) if isinstance(tree, pikepdf.Dictionary) else 0
    return told if isinstance(told, int) and told > limits.PAGES_MAX else len(pdf.pages)


def _too_large(stream: pikepdf.Stream) -> bool:
    """Whether a stream would decode to more than the limit: deflate is tried up to it, pictures tell their size."""
    filters: Any = stream.get("/Filter", [])
    names = [str(one) for one in (filters if isinstance(filters, list | pikepdf.Array) else [filters])]
    data = stream.read_raw_bytes()
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            break
        inflate = zlib.decompressobj()
        try:
            data = inflate.decompress(data, limits.STREAM_BYTES_MAX + 1)
        except zlib.error:
            return False  # what cannot be inflated shows nothing
        if len(data) > limits.STREAM_BYTES_MAX:
            return True
    width, height = stream.get("/Width", 0), stream.get("/Height", 0)
    return isinstance(width, int) and isinstance(height, int) and width * height > limits.PIXELS_MAX


def active_content(pdf: pikepdf.Pdf) -> set[str]:
    """The kinds of active content anywhere in the file, in Japanese; objects that no page names are searched too."""
    found: set[str] = set()
    for top in pdf.objects:
        inside: list[Any] = [top]
        while inside:
            one = inside.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                found |= _active_in(one)
                inside += [child for _, child in one.items() if _is_inline(child)]
            elif isinstance(one, pikepdf.Array):
                inside += [child for child in one if _is_inline(child)]
    return found


def _is_inline(child: Any) -> bool:
    """A dictionary or list that stands inside its parent: what has a number of its own is visited by that number."""
    return isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect


def _active_in(one: pikepdf.Dictionary | pikepdf.Stream) -> set[str]:
    found = {name for key, name in ACTIVE_KEYS.items() if key in one}
    action = one.get("/S")
    if isinstance(action, pikepdf.Name) and str(action) in ACTIVE_ACTIONS:
        found.add(ACTIVE_ACTIONS[str(action)])
    if isinstance(one.get("/OpenAction"), pikepdf.Dictionary):  # a plain list only says which page to show
        found.add("開いたときの動作")
    return found


def _encrypted() -> FileProblem:
    return FileProblem(
        "encrypted",
        None,
        "パスワードや制限が付いたPDFは取り込めません。付けずに保存し直すか、紙を読み取ってください。",
    )


def _broken(page: int | None = None) -> FileProblem:
    where = "PDF" if page is None else f"{page}ページ目"
    return FileProblem(
        "broken_pdf" if page is None else "broken_page",
        page,
        f"{where}が壊れていて開けません。この紙をもう一度読み取ってください。",
    )
