"""The line file (明細): which decision each bank record pays. Made into the records that the bank files must hold."""

import io
import re
from array import array
from collections.abc import Iterator
from itertools import pairwise

from todoku_verify.decisions import AMOUNT, LIST, Decided, Key
from todoku_verify.findings import Findings
from todoku_verify.manifest import FILE as MANIFEST
from todoku_verify.manifest import Manifest
from todoku_verify.rows import Field, body, pattern, report_shape

_NUMBER = b"[1-9][0-9]{0,9}"
FIELDS = (
    Field("ファイル番号", _NUMBER),
    Field("行番号", _NUMBER),
    Field("振込番号", b"[0-9]{10}"),
    Field("決定一覧の番号", _NUMBER),
    Field("案件番号", b"[0-9]{13}"),
    Field("回", b"[1-9][0-9]{0,3}"),
    Field("金額", _NUMBER),
    Field("金融機関名", rb"[^\t\n\x00-\x1f]*"),
    Field("支店名", rb"[^\t\n\x00-\x1f]*"),
    Field("再振込の元の番号", b"(?:[0-9]{10})?"),
)
_ROW = pattern(FIELDS)
_BANK_NAME = re.compile(rb"[ 0-9A-Z\xb1-\xdf-]{0,15}")


class Lines:
    """Reads the line file once, from top to bottom; `files` gives each bank file's records in turn."""

    def __init__(self, manifest: Manifest, decided: Decided, found: Findings) -> None:
        self._manifest, self._decided, self._found = manifest, decided, found
        self._file = manifest.lines.name
        # Transfer numbers, each given once; a set of a million would take ten times the memory.
        self._numbers = array("Q")
        self._retried: dict[bytes, int] = {}
        self._lists: set[bytes] = set()
        self._starts: dict[tuple[bytes, bytes, bytes], bytes] = {}  # few thousand branches in a million lines
        self._names: dict[bytes, bytes] = {}
        layout = manifest.layout
        self._clearing_house = layout.clearing_house.encode()
        self._before_number = layout.new_code.encode()
        self._after_number = b"0" * 10 + layout.transfer_category.encode() + b" " * 8

    def files(self, data: bytes) -> Iterator[tuple[Manifest, list[bytes | None]]]:
        """Each file of the manifest with its records; None where a line has no decision to compare with."""
        rows = self._rows(data)
        row = next(rows, None)
        for file in self._manifest.files:
            records: list[bytes | None] = []
            total = 0
            while row is not None and self._belongs(row, file, len(records)):
                line, values, key = row
                records.append(self._record(line, values, key))
                total += int(values[6])
                row = next(rows, None)
            sums = (("件数", file.count, len(records)), ("合計金額", file.total_yen, total))
            self._found.same(MANIFEST, 0, sums, f"{file.name}の数字が明細と違います。")
            yield file, records
        if row is not None:
            self._found.add(self._file, row[0], "行", "振込データ明細書にあるより多くの行があります。")
        self._close(data)

    def _rows(self, data: bytes) -> Iterator[tuple[int, tuple[bytes, ...], Key]]:
        """The lines that can be read: number, values, and the key (case number, tab, part) as it stands."""
        manifest = self._manifest
        head = (
            ("団体コード", manifest.municipality),
            ("事業", manifest.programme),
            ("振込データの番号", manifest.batch),
        )
        fits = _ROW.fullmatch
        for line, row in body(self._file, data, "todoku-lines", head, self._found):
            match = fits(row)
            if match is None:
                report_shape(self._file, line, row, FIELDS, self._found)
            else:
                yield line, match.groups(), row[match.start(5) : match.end(6)]

    def _belongs(self, row: tuple[int, tuple[bytes, ...], Key], file: Manifest, before: int) -> bool:
        """Whether a line is the next one of the file; a wrong number is noted once and the count goes on."""
        line, values, _ = row
        number, place = int(values[0]), int(values[1])
        if number != file.number:
            if before >= file.count or (number, place) == (file.number + 1, 1):
                return False
            self._found.add(self._file, line, "ファイル番号", "順番と違います。", file.number, number)
        if place != before + 1:
            self._found.add(self._file, line, "行番号", "順番と違います。", before + 1, place)
        return True

    def _record(self, line: int, values: tuple[bytes, ...], key: Key) -> bytes | None:
        """What the bank file must say on this line: the account and amount decided, the number given here."""
        _file, _place, number, listed, _case, _part, amount, bank_name, branch_name, retry_of = values
        self._numbers.append(int(number))
        self._lists.add(listed)
        if retry_of:
            self._retry(line, retry_of)
        payment = self._decided.payable.get(key)
        if payment is None or payment[LIST] != listed:
            self._not_decided(line, key, listed, payment)
            return None
        self._decided.payable[key] = None
        if payment[AMOUNT] != amount.rjust(10, b"0"):
            self._found.add(
                self._file, line, "金額", "支給決定と違います。", int(payment[AMOUNT]), int(amount)
            )
        branch = payment[:7], bank_name, branch_name
        start = self._starts.get(branch)
        if start is None:
            start = self._starts[branch] = self._start(line, *branch)
        return start + payment[7:55] + self._before_number + number + self._after_number

    def _not_decided(self, line: int, key: Key, listed: bytes, payment: bytes | None) -> None:
        case = key.split(b"\t")[0]
        if payment is not None:
            sentence = "この案件の支給は別の決定一覧で決定されています。"
            self._found.add(self._file, line, "決定一覧の番号", sentence, payment[LIST], listed)
        elif key in self._decided.payable:
            self._found.add(self._file, line, "案件番号", "同じ支給決定が2度支払われます。", "", case)
        else:
            sentence = self._decided.unpayable.get(key, "この案件・回の支給決定がありません。")
            self._found.add(self._file, line, "案件番号", sentence, "", case)

    def _start(self, line: int, branch: bytes, bank_name: bytes, branch_name: bytes) -> bytes:
        """A record up to the 手形交換所番号; one code has one name wherever it stands."""
        named = []
        for label, code, text in (("金融機関名", branch[:4], bank_name), ("支店名", branch, branch_name)):
            name = _half(text.decode("utf-8", "replace"))
            wanted = self._names.setdefault(code, name)
            if self._manifest.layout.names == "blank":
                wanted = b""
            if name != wanted or _BANK_NAME.fullmatch(name) is None:
                sentence = "この金融機関・支店の名前ではありません。"
                self._found.add(self._file, line, label, sentence, wanted.decode("shift_jis"), text)
            named.append(name.ljust(15))
        return b"2" + branch[:4] + named[0] + branch[4:] + named[1] + self._clearing_house

    def _retry(self, line: int, retry_of: bytes) -> None:
        if retry_of in self._retried:
            self._found.add(
                self._file, line, "再振込の元の番号", "同じ振込の再振込が2度あります。", "", retry_of
            )
        self._retried[retry_of] = line

    def _close(self, data: bytes) -> None:
        """What can be said only after the last line."""
        if any(a == b for a, b in pairwise(sorted(self._numbers))):
            self._say_twice(data)
        retried = {int(number): line for number, line in self._retried.items()}
        for number in filter(retried.__contains__, self._numbers):
            sentence = "この振込データの中の振込を、再振込の元にしています。"
            self._found.add(self._file, retried[number], "再振込の元の番号", sentence, "", f"{number:010}")
        for listed in self._manifest.decision_lists:
            if str(listed.number).encode() not in self._lists:
                sentence = "明細のどの行も使わない決定一覧です。"
                self._found.add(MANIFEST, 0, "決定一覧の番号", sentence, "", listed.number)

    def _say_twice(self, data: bytes) -> None:
        seen: set[bytes] = set()
        for line, row in enumerate(io.BytesIO(data), 1):
            number = b"".join(row.split(b"\t")[2:3])
            if line > 1 and number in seen:
                self._found.add(self._file, line, "振込番号", "同じ番号が2度あります。", "", number)
            seen.add(number)


def _half(text: str) -> bytes:
    """A name in half-width kana, one byte a character; what has no byte becomes a sign that no name may hold."""
    return text.encode("shift_jis", "replace")
