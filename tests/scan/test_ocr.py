"""The recogniser suggests; these tests hold its form, and that print is read. Real hands are another matter."""

import subprocess
import sys

from tests.scan import paper_fixture
from tests.scan.paper_fixture import Bend, form_page, open_page, printed, scanned, town, words
from todoku.scan.find_code import find_code
from todoku.scan.ocr import model_file, recogniser, suggest
from todoku.scan.register import register


def test_the_model_is_found_without_importing_its_package() -> None:
    code = (
        "import sys; from todoku.scan.ocr import recogniser; recogniser(); print('rapidocr' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert model_file().suffix == ".onnx"
    assert done.stdout.strip() == "False"


def test_a_printed_line_is_read_with_the_places_of_its_characters() -> None:
    page = paper_fixture.white()
    words(page, 200, 20, 20, "口座番号 0123456")
    line = recogniser().read(page[150:205, 150:560])
    assert line.text.replace(" ", "") == "口座番号0123456"
    assert line.confidence > 0.8
    assert len(line.places) == len(line.text) and list(line.places) == sorted(line.places)


def test_boxed_digits_and_kana_come_as_suggestions_and_an_empty_field_as_none() -> None:
    boxes = dict(town().layouts[paper_fixture.FORM].boxes)
    page = printed(form_page(0)).copy()
    paper_fixture.digits_in_cells(page, 200, boxes["account_number"], "1234567")
    holder = boxes["holder_kana"]
    for i, letter in enumerate("ミホンタロウ"):
        words(page, 200, holder.x + i * holder.w / 20 + 1.6, holder.y + 1.6, letter, 13)
    grey = open_page(scanned(page, bend=Bend(skew=1))).grey
    found = find_code(grey, 200, boxes["qr"]).found
    place = register(grey, 200, boxes, found)
    assert place is not None
    told = suggest(grey, place.matrix, boxes, recogniser())
    assert told["account_number"].text == "1234567" and 0.5 < told["account_number"].confidence <= 1
    assert told["holder_kana"].text == "ﾐﾎﾝﾀﾛｳ"
    assert told["bank_code"] == ("", 0.0)
