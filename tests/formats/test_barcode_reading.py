"""Bars read back: by their own table, from Japan Post's examples, and from a picture that zint drew."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
import zint
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.formats.test_post_barcode import OFFICIAL
from todoku.formats.barcode_reading import BarcodeSays, cut_address, read_bars
from todoku.formats.post_barcode import bars

# zint takes no more than the 20 symbols of a barcode and cuts nothing itself.
TAKEN = [one[:3] for one in OFFICIAL if len(one[2]) + sum(map(str.isalpha, one[2])) <= 20]


@pytest.mark.parametrize(("postal_code", "rest", "data"), [one[:3] for one in OFFICIAL])
def test_the_official_examples_say_what_they_were_made_of(postal_code: str, rest: str, data: str) -> None:
    assert read_bars(bars(postal_code, rest)) == BarcodeSays(data[:7], cut_address(data[7:]))


def test_half_a_letter_at_the_end_is_told() -> None:
    says = read_bars(bars("910-0067", "3丁目80-25　J1ビル2-B"))
    assert says == BarcodeSays("9100067", "3-80-25J1-2…")


@given(st.integers(0, 66), st.sampled_from("1234"), st.sampled_from(OFFICIAL))
def test_one_altered_bar_is_never_read_as_another_address(
    place: int, bar: str, example: tuple[str, ...]
) -> None:
    whole = bars(example[0], example[1])
    altered = whole[:place] + bar + whole[place + 1 :]
    assert (read_bars(altered) is None) == (altered != whole)


@pytest.mark.parametrize("torn", ["", "13", "1" * 67, "13" + "0" * 63 + "31"])
def test_what_is_no_barcode_says_nothing(torn: str) -> None:
    assert read_bars(torn) is None


@pytest.mark.parametrize(("postal_code", "rest", "data"), TAKEN)
def test_the_picture_that_zint_draws_reads_as_our_bars(
    postal_code: str, rest: str, data: str, tmp_path: Path
) -> None:
    """Drawn by zint's library, and by the distribution's command as well where it is installed."""
    pictures = [_by_library(data, tmp_path / "bars.png")]
    if command := shutil.which("zint"):
        pictures.append(_by_command(command, data))
    for picture in pictures:
        assert _shapes(picture) == bars(postal_code, rest)


def _by_library(data: str, path: Path) -> Image.Image:
    symbol = zint.Symbol()
    symbol.symbology, symbol.outfile = zint.Symbology.JAPANPOST, str(path)
    symbol.encode(data)
    symbol.print(0)
    return Image.open(path).convert("L")


def _by_command(command: str, data: str) -> Image.Image:
    asked = [command, "--barcode=JAPANPOST", "--direct", "--filetype=PNG", f"--data={data}"]
    drawn = subprocess.run(asked, check=True, capture_output=True, timeout=60)
    return Image.open(io.BytesIO(drawn.stdout)).convert("L")


def _shapes(picture: Image.Image) -> str:
    """1 long, 2 upper, 3 lower, 4 timing, by how high and how low each bar reaches."""
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    box = dark.getbbox()
    assert box
    columns = [dark.crop((x, 0, x + 1, dark.height)).getbbox() for x in range(dark.width)]
    ends = [
        (column[1], column[3])
        for before, column in zip([None, *columns], columns, strict=False)
        if column and not before
    ]
    shapes = {(True, True): "1", (True, False): "2", (False, True): "3", (False, False): "4"}
    return "".join(shapes[top == box[1], bottom == box[3]] for top, bottom in ends)
