"""The label of a container is read back by another library than the one that drew it."""

import re

import numpy
import pytest
import zxingcpp

from todoku.web.office.qr_svg import qr_svg

SCALE = 6


@pytest.mark.parametrize("code", ["T0001", "B0420", "X9999", "S0007"])
def test_a_label_says_its_code(code):
    drawn = qr_svg(code)
    side = int(re.search(r'viewBox="0 0 (\d+) ', drawn)[1])
    page = numpy.full((side, side), 255, numpy.uint8)
    for col, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn):
        page[int(row), int(col)] = 0
    (found,) = zxingcpp.read_barcodes(numpy.kron(page, numpy.ones((SCALE, SCALE), numpy.uint8)))
    assert found.text == code and f'aria-label="{code}' in drawn
