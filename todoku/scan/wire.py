"""Pure. How the child tells the parent what it read: JSON and raw bytes, never objects.

The child has opened files that nobody checked; whatever it says is data with known names and types, or it is refused.
"""

import json
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

from todoku.scan.limits import MESSAGE_BYTES_MAX
from todoku.scan.reading import (
    Area,
    FileProblem,
    Layouts,
    PageProblem,
    PageReading,
    SheetLayout,
    Tick,
)
from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import SheetCode

_HEAD = struct.Struct(">II")  # length of the JSON, length of everything behind it
END = "end"


class MessageRefused(ValueError):
    """What came is no message of ours: the sender is ended."""

    sentence = "読取りの途中で異常が起きました。このファイルを別に調べてください。"


def write(out: BinaryIO, head: dict[str, Any], *blobs: bytes) -> None:
    """Send one message."""
    text = json.dumps({**head, "blobs": [len(blob) for blob in blobs]}, ensure_ascii=False).encode()
    out.write(_HEAD.pack(len(text), sum(map(len, blobs))))
    out.write(text)
    for blob in blobs:
        out.write(blob)
    out.flush()


def read(take: Callable[[int], bytes], most: int = MESSAGE_BYTES_MAX) -> tuple[dict[str, Any], list[bytes]]:
    """Receive one message; `take` gives exactly so many bytes. Raises MessageRefused on anything else than a message."""
    text_size, rest = _HEAD.unpack(take(_HEAD.size))
    if text_size + rest > most:
        raise MessageRefused(f"{text_size + rest} bytes")
    text, body = take(text_size), take(rest)
    try:
        head = json.loads(text)
    except ValueError as wrong:
        raise MessageRefused("no JSON") from wrong
    if not isinstance(head, dict) or not isinstance(head.get("blobs"), list):
        raise MessageRefused("no head")
    blobs, at = [], 0
    for size in head.pop("blobs"):
        if not isinstance(size, int) or size < 0 or at + size > len(body):
            raise MessageRefused("sizes")
        blobs.append(body[at : at + size])
        at += size
    return head, blobs


def layouts_as_data(layouts: Layouts) -> list[Any]:
    """Layouts for the first message to a child, or for a file of boxes."""
    return [
        [
            sheet,
            [list(box) for box in one.boxes.values()],
            {k: list(v) for k, v in one.printed_ink.items()},
            one.printed.hex(),
        ]
        for sheet, one in layouts.items()
    ]


def layouts_from(data: list[Any]) -> Layouts:
    """Layouts from such data."""
    return {
        int(sheet): SheetLayout(
            {box[0]: _box(box) for box in boxes},
            {k: tuple(v) for k, v in ink.items()},
            bytes.fromhex(printed),
        )
        for sheet, boxes, ink, printed in data
    }


def _box(values: list[Any]) -> Box:
    box = Box(*values)
    return box._replace(sizes=tuple(box.sizes))


def write_reading(out: BinaryIO, one: PageReading) -> None:
    """Send a reading: its flat values as JSON, its pictures as bytes."""
    head: dict[str, Any] = one._asdict()
    crops = head.pop("crops")
    head.pop("picture")
    head["crops"] = list(crops)
    head["ticks"] = {name: list(tick) for name, tick in one.ticks.items()}
    head["inked"] = dict(one.inked)
    write(out, {"reading": head}, one.picture, *crops.values())


def write_problem(out: BinaryIO, one: FileProblem) -> None:
    """Send a problem of the file."""
    write(out, {"problem": list(one)})


def reading_or_problem(head: dict[str, Any], blobs: list[bytes]) -> PageReading | FileProblem | None:
    """What a message says; None at the end of a file. Raises MessageRefused."""
    try:
        if head.get(END) is True:
            return None
        if "problem" in head:
            code, page, sentence, file = head["problem"]
            return FileProblem(str(code), None if page is None else int(page), str(sentence), str(file))
        return _reading(head["reading"], blobs)
    except (KeyError, TypeError, ValueError, IndexError) as wrong:
        raise MessageRefused("values") from wrong


def _reading(told: dict[str, Any], blobs: list[bytes]) -> PageReading:
    code, turned = told["code"], told["turned"]
    names = [str(name) for name in told["crops"]]
    return PageReading(
        file=str(told["file"]),
        page=int(told["page"]),
        state=str(told["state"]),
        code=SheetCode(str(code[0]), int(code[1]), int(code[2]), int(code[3])) if code else None,
        turned=None if turned is None else int(turned),
        dpi=float(told["dpi"]),
        width=int(told["width"]),
        height=int(told["height"]),
        registered_by=str(told["registered_by"]),
        ticks={str(k): Tick(str(v[0]), float(v[1]), str(v[2])) for k, v in told["ticks"].items()},
        inked={str(k): bool(v) for k, v in told["inked"].items()},
        problems=tuple(PageProblem(str(p[0]), str(p[1])) for p in told["problems"]),
        digest=str(told["digest"]),
        masked=tuple(Area(int(a[0]), int(a[1]), int(a[2]), int(a[3])) for a in told["masked"]),
        picture_matrix=tuple(float(value) for value in told["picture_matrix"]),
        picture_type=str(told["picture_type"]),
        picture=blobs[0],
        crops=dict(zip(names, blobs[1:], strict=True)),
    )
