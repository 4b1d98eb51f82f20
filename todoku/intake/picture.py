"""Pure. A resident's photo in, a plain JPEG out: turned upright, made smaller, without the camera's own data.

Everything but the picture itself is dropped (place, time, device, anything hidden behind it), since only what was
drawn anew is written. What is too large is refused before it is decoded.
"""

import io
import struct
import zlib
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from todoku.ground.step import Refusal
from todoku.programme.message import N_

BYTES_MAX = 10 * 1024 * 1024  # what a phone's best photo stays below; the page says the same
PIXELS_MAX = 40_000_000  # 40 Mpx decode to 120 MB; a bomb of 109 KB would decode to 2.7 GB
LONG_SIDE = 2_400  # enough to read 2 mm print on a whole page; keeps a picture below about 1 MB
SHORT_SIDE_MIN = 200  # nothing can be read on less
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")

TOO_MANY_PIXELS = N_("写真の画素数が大きすぎます。カメラの画質を下げて撮り直してください。")


class PictureRefused(Refusal):
    """The file is not a photo that we can take; the sentence says what to do instead."""


class Picture(NamedTuple):
    """A photo as we keep it: JPEG bytes, width and height in pixels."""

    data: bytes
    width: int
    height: int


def picture(data: bytes) -> Picture:
    """Any JPEG, PNG or WebP photo to a plain JPEG. Raises PictureRefused."""
    _known_kind(data)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > PIXELS_MAX:
                raise PictureRefused(TOO_MANY_PIXELS)
            if min(width, height) < SHORT_SIDE_MIN:
                raise PictureRefused(N_("写真が小さすぎて読めません。元の大きさの写真を選んでください。"))
            opened.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded small from the start
            upright = _upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error, zlib.error) as error:
        raise PictureRefused(
            N_("写真のファイルを開けません。もう一度撮るか、別の写真（JPEGかPNG）を選んでください。")
        ) from error
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Picture(written.getvalue(), *upright.size)


def _known_kind(data: bytes) -> None:
    if not data:
        raise PictureRefused(N_("ファイルが空です。もう一度写真を選んでください。"))
    if len(data) > BYTES_MAX:
        raise PictureRefused(N_("写真は10MBまでです。画質を下げて撮り直してください。"))
    if data[:5] == b"%PDF-":
        raise PictureRefused(N_("PDFは送れません。書類を写真に撮るか、画面の写しを選んでください。"))
    if data[4:8] == b"ftyp" and data[8:12].lower() in _HEIC:
        raise PictureRefused(
            N_(
                "この形式の写真（HEIC）は送れません。このページでカメラを開いて撮り直すか、写真の画面の写し（スクリーンショット）を選んでください。"
            )
        )


def _upright(opened: Image.Image) -> Image.Image:
    """A new picture of the pixels alone, on white where the file was see-through."""
    turned = ImageOps.exif_transpose(opened)
    turned.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    drawn = Image.new("RGB", turned.size, "white")
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        drawn.paste(turned, mask=turned.getchannel("A"))
    else:
        drawn.paste(turned.convert("RGB"))
    return drawn
