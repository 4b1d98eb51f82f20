"""Pure. One line of writing in, its text with a confidence out: only ever offered to a person who confirms it.

Runs the recogniser PP-OCRv6 from the file that the rapidocr package carries; that package's own code is not imported.
On real handwriting no confidence is safe (right answers averaged 0.98, wrong ones 0.94), so none decides anything.
"""

import importlib.util
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from todoku.formats.kana import KanaRefused, bank_kana
from todoku.scan.crop import Matrix, patch
from todoku.scan.levels import levels
from todoku.scan.reading import Grey
from todoku.sheets.form_layout import Box

PACKAGE, MODEL = "rapidocr", "models/PP-OCRv6_rec_small.onnx"
LINE_HEIGHT = 48  # pixels; what the recogniser was trained on
LINE_WIDTH_MAX = 2_400  # a line of A4 at that height; a longer one is squeezed
CELL_SCALE = 8.0  # pixels a millimetre for boxed characters
CELL_EDGE_MM = 0.7  # frame and lines between cells
_BLANK = 0

Scores = NDArray[np.float32]


class ModelMissing(Exception):
    """The package that carries the recogniser's file is not installed: set-up brings it."""

    sentence = "文字認識のファイルがありません。準備（./run up）をもう一度行ってください。"


class Line(NamedTuple):
    """A line as it was recognised: text, mean confidence 0–1, and where each character stands (0–1 from the left)."""

    text: str
    confidence: float
    places: tuple[float, ...]


class Suggestion(NamedTuple):
    """A pre-fill for a field of the key entry desk, to be confirmed by a person."""

    text: str
    confidence: float


class Recogniser:
    """The loaded model: about 0.3 s and 80 MB once, then some 20 ms a line on one core."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model_file()), options, providers=["CPUExecutionProvider"]
        )
        told = self._session.get_modelmeta().custom_metadata_map["character"]
        self._letters = ["", *told.removesuffix("\n").split("\n"), " "]
        self._input = self._session.get_inputs()[0].name

    def read(self, line: Grey) -> Line:
        """What stands on one line of writing, dark on light."""
        best = self._scores(line)
        return _decoded(best.argmax(axis=1), best.max(axis=1), self._letters)

    def read_only(self, line: Grey, allowed: str) -> Line:
        """As read, choosing among these characters alone (a field of digits holds digits)."""
        scores = self._scores(line)
        columns = [_BLANK, *(i for i, letter in enumerate(self._letters) if letter and letter in allowed)]
        part = scores[:, columns]
        best = np.array(columns)[part.argmax(axis=1)]
        return _decoded(best, part.max(axis=1), self._letters)

    def _scores(self, line: Grey) -> Scores:
        width = int(min(LINE_WIDTH_MAX, max(LINE_HEIGHT // 2, line.shape[1] * LINE_HEIGHT / line.shape[0])))
        shrinking = line.shape[0] > LINE_HEIGHT
        fitted = cv2.resize(
            line, (width, LINE_HEIGHT), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        )
        one = (np.asarray(fitted, dtype=np.float32) / 255 - 0.5) / 0.5
        out: Any = self._session.run(None, {self._input: np.stack([one, one, one])[None]})
        scores: Scores = out[0][0]
        assert scores.shape[1] == len(self._letters), "the model and its list of characters belong together"
        return scores


def model_file() -> Path:
    """Where the installed package keeps the recogniser; found without importing the package. Raises ModelMissing."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / MODEL).is_file():
            return Path(folder) / MODEL
    raise ModelMissing(ModelMissing.sentence)


@lru_cache(maxsize=1)
def recogniser() -> Recogniser:
    """The one recogniser of this process."""
    return Recogniser()


def suggest_digits(grey: Grey, matrix: Matrix, box: Box, reader: Recogniser) -> Suggestion:
    """The digits of a field with cells (account number, codes), an empty cell left out; confidence of the worst digit."""
    line = cells_as_line(grey, matrix, box) if box.cells else _plain_field(grey, matrix, box)
    if line is None:
        return Suggestion("", 0.0)
    seen = reader.read_only(line, "0123456789")
    return Suggestion(seen.text, seen.confidence)


def suggest_kana(grey: Grey, matrix: Matrix, box: Box, reader: Recogniser) -> Suggestion:
    """The account holder as a bank writes it (half-width kana), or "" where what was seen cannot be written so."""
    line = cells_as_line(grey, matrix, box) if box.cells else _plain_field(grey, matrix, box)
    if line is None:
        return Suggestion("", 0.0)
    seen = reader.read(line)
    try:
        return Suggestion(bank_kana(unicodedata.normalize("NFKC", seen.text)), seen.confidence)
    except KanaRefused:
        return Suggestion("", 0.0)


def suggest(
    grey: Grey, matrix: Matrix, boxes: Mapping[str, Box], reader: Recogniser
) -> dict[str, Suggestion]:
    """Pre-fills for the fields of a form that the recogniser is good at; the rest is left to the hand."""
    found = {}
    for name, box in boxes.items():
        if box.role != "entry" or not box.cells:
            continue
        kana = name.endswith("_kana")
        found[name] = (suggest_kana if kana else suggest_digits)(grey, matrix, box, reader)
    return found


def cells_as_line(grey: Grey, matrix: Matrix, box: Box) -> Grey | None:
    """The insides of a field's cells side by side without the lines between them; None if no cell has ink."""
    pitch = box.w / box.cells
    part = patch(grey, matrix, box.x, box.y, box.w, box.h, CELL_SCALE)
    edge = round(CELL_EDGE_MM * CELL_SCALE)
    paper = levels(part, 85)[0]
    kept: list[Grey] = []
    for i in range(box.cells):
        left, right = round(i * pitch * CELL_SCALE) + edge, round((i + 1) * pitch * CELL_SCALE) - edge
        cell = part[edge:-edge, left:right]
        if float((cell < paper - 60).mean()) > 0.006:
            kept.append(_trimmed(cell, paper))
    return np.hstack(kept) if kept else None


def _trimmed(cell: Grey, paper: float) -> Grey:
    """A cell without most of its white at the sides, so that the characters stand as close as in print."""
    columns = np.flatnonzero((cell < paper - 60).any(axis=0))
    room = round(CELL_SCALE * 0.7)
    return cell[:, max(0, columns[0] - room) : columns[-1] + room]


def _plain_field(grey: Grey, matrix: Matrix, box: Box) -> Grey | None:
    part = patch(
        grey,
        matrix,
        box.x + CELL_EDGE_MM,
        box.y + CELL_EDGE_MM,
        box.w - 2 * CELL_EDGE_MM,
        box.h - 2 * CELL_EDGE_MM,
        CELL_SCALE,
    )
    return part if levels(part, 85)[0] - float(part.min()) > 60 else None


def _decoded(best: NDArray[np.intp], sure: Scores, letters: Sequence[str]) -> Line:
    """CTC: repeats are one character, blanks part them."""
    text, places, kept = [], [], []
    before = _BLANK
    for step, one in enumerate(best):
        if one != _BLANK and one != before:
            text.append(letters[one])
            places.append((step + 0.5) / len(best))
            kept.append(float(sure[step]))
        before = one
    # A letter of the list may be more than one character: places must stay one per character.
    spread = [place for letter, place in zip(text, places, strict=True) for _ in letter]
    return Line("".join(text), sum(kept) / len(kept) if kept else 0.0, tuple(spread))
