"""Photos: the picture alone is kept, upright and small; what is no photo is refused with what to do instead."""

import io
import zlib

import pytest
from PIL import Image

from todoku.intake.picture import LONG_SIDE, PictureRefused, picture


def photo(size=(800, 600), *, kind="JPEG", **options):
    written = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(written, kind, **options)
    return written.getvalue()


def with_place_and_time(size=(800, 600)):
    """A JPEG that says where and when it was taken, by which telephone, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "MAKER", "PHONE", 6
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (35.0, 26.0, 38.0)
    exif.get_ifd(0x8769)[0x9003] = "2026:11:21 12:34:56"
    return photo(size, exif=exif, comment=b"hidden words")


def test_nothing_but_the_picture_is_kept():
    given = with_place_and_time()
    assert b"MAKER" in given and b"hidden words" in given
    kept = picture(given)
    assert b"MAKER" not in kept.data and b"hidden words" not in kept.data
    assert not Image.open(io.BytesIO(kept.data)).getexif()


def test_a_picture_on_its_side_is_turned_upright():
    kept = picture(with_place_and_time((800, 600)))
    assert (kept.width, kept.height) == (600, 800)


def test_a_large_photo_becomes_small_and_stays_whole():
    kept = picture(photo((4000, 3000)))
    assert (kept.width, kept.height) == (LONG_SIDE, LONG_SIDE * 3 // 4)


def test_a_picture_that_is_seen_through_stands_on_white():
    written = io.BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(written, "PNG")
    kept = Image.open(io.BytesIO(picture(written.getvalue()).data))
    assert kept.getpixel((10, 10)) == (255, 255, 255)


def bomb() -> bytes:
    """A small PNG that says it is 30,000 by 30,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = (30_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    body = zlib.compress(bytes(3_751 * 30_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空です"),
        (b"%PDF-1.7 ...", "PDFは送れません"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
        (b"\xff" * (10 * 1024 * 1024 + 1), "10MBまで"),
        (b"no picture at all", "開けません"),
        (photo()[:2_000], "開けません"),
        (photo((150, 150)), "小さすぎて"),
        (b"GIF89a" + bytes(200), "開けません"),
    ],
)
def test_what_is_no_photo_of_ours_is_refused_with_the_remedy(data, words):
    with pytest.raises(PictureRefused) as refused:
        picture(data)
    assert words in refused.value.sentence


def test_a_bomb_is_refused_before_it_is_decoded():
    data = bomb()
    assert len(data) < 200_000
    with pytest.raises(PictureRefused) as refused:
        picture(data)
    assert "画素数" in refused.value.sentence
