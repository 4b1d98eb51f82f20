"""A bank file read by positions alone, from the published record layout; shares no code with the product.

A line is 120 bytes: header 1, data 2, trailer 8, end 9, each ended by CR LF.
"""

from typing import NamedTuple


class Paid(NamedTuple):
    """One data record, fields as the bytes say."""

    bank: str
    branch: str
    kind: str
    account: str
    name: str
    amount: int
    number: str


class BankFile(NamedTuple):
    """Everything that moves money in a 総合振込 file."""

    client_code: str
    client_name: str
    value_date: str
    payer: tuple[str, str, str, str]
    rows: list[Paid]
    count: int
    total: int


def parse(data: bytes) -> BankFile:
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(len(line) == 120 for line in lines), [len(line) for line in lines]
    assert [line[:1] for line in lines] == [b"1", *[b"2"] * (len(lines) - 3), b"8", b"9"]
    head, trailer = lines[0], lines[-2]
    assert head[1:4] == b"210", "総合振込, JIS codes"
    assert lines[-1] == b"9" + b" " * 119
    assert trailer[19:] == b" " * 101 and head[103:] == b" " * 17
    return BankFile(
        client_code=text(head, 5, 14),
        client_name=text(head, 15, 54),
        value_date=text(head, 55, 58),
        payer=(text(head, 59, 62), text(head, 78, 80), text(head, 96, 96), text(head, 97, 103)),
        rows=[_paid(line) for line in lines[1:-2]],
        count=int(text(trailer, 2, 7)),
        total=int(text(trailer, 8, 19)),
    )


def _paid(line: bytes) -> Paid:
    assert line[38:42] == b"0000" and line[90:91] == b"0" and line[111:120] == b"7        "
    assert line[101:111] == b"0000000000"
    return Paid(
        bank=text(line, 2, 5), branch=text(line, 21, 23), kind=text(line, 43, 43), account=text(line, 44, 50),
        name=text(line, 51, 80), amount=int(text(line, 81, 90)), number=text(line, 92, 101),
    )  # fmt: skip


def text(line: bytes, first: int, last: int) -> str:
    """Bytes `first` to `last`, counted from 1 as the layout counts them, without the blanks behind."""
    return line[first - 1 : last].decode("cp932").rstrip()
