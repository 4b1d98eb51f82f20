"""Texts of tab-separated lines, read strictly: a table says the shape of each value, and a wrong one is named."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from todoku_verify.findings import Findings, Unreadable


class Field(NamedTuple):
    """A value of a line: its Japanese name and its shape."""

    label: str
    shape: bytes


def pattern(fields: Sequence[Field]) -> re.Pattern[bytes]:
    """One pattern for a whole line, a group for each value."""
    return re.compile(b"\t".join(b"(" + field.shape + b")" for field in fields) + b"\n")


def body(
    file: str, data: bytes, kind: str, head: Sequence[tuple[str, object]], found: Findings
) -> Iterator[tuple[int, bytes]]:
    """The lines below the first, each with its number. The first one names what the file belongs to (`head`)."""
    lines = io.BytesIO(data)
    first = lines.readline()
    if not first.startswith(f"{kind}\t1\t".encode()):
        raise Unreadable(file, f"1行目が「{kind} 1」で始まっていません。ファイルを選び直してください。")
    values = first.removesuffix(b"\n").split(b"\t")[2:]
    if len(values) != len(head) or not first.endswith(b"\n"):
        found.add(file, 1, "1行目", f"団体・事業・番号の{len(head)}項目ではありません。")
    expected = [(label, str(value).encode()) for label, value in head]
    for (label, wanted), value in zip(expected, values, strict=False):
        found.same(file, 1, [(label, wanted, value)], "振込データ明細書と違います。")
    return enumerate(lines, 2)


def report_shape(file: str, line: int, row: bytes, fields: Sequence[Field], found: Findings) -> None:
    """Says what is wrong with a line that does not fit its pattern."""
    values = row.removesuffix(b"\n").split(b"\t")
    if len(values) != len(fields):
        found.add(file, line, "項目の数", "項目が足りないか、余っています。", len(fields), len(values))
        return
    if not row.endswith(b"\n"):
        found.add(file, line, "行末", "ファイルが途中で終わっています。")
    for field, value in zip(fields, values, strict=True):
        if re.fullmatch(field.shape, value) is None:
            found.add(file, line, field.label, "この項目に書けない値です。", "", value)
