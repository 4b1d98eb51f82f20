"""The judgement: manifest, lines, decision lists and bank files in, a verdict out. Contents first, digests as well.

A person who alters a file can also make its digest anew; contents that no longer agree with the decision are found
all the same. Against a bundle forged as a whole only the digest that the approvals show helps: hand it in.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from todoku_verify import bank, decisions
from todoku_verify.findings import KEPT, Findings, Verdict
from todoku_verify.lines import Lines
from todoku_verify.manifest import FILE as MANIFEST
from todoku_verify.manifest import Manifest, read

Named = tuple[str, bytes]


def verify(
    manifest: bytes, lines: bytes, decided: Mapping[int, bytes] | Sequence[bytes], banks: Sequence[Named],
    *, sha256: str = "", some: bool = False, kept: int = KEPT,
) -> Verdict:  # fmt: skip
    """Proves bank files: every record pays one granted decision and says exactly that, and nothing else is there.

    `decided`: the decision lists by number, or in any order. `banks`: names and bytes. `sha256`: the manifest's
    digest as approved. `some`: only some of the manifest's bank files are at hand. `kept`: differences told one by
    one. Raises Unreadable where the manifest, the lines or a list is not of our format.
    """
    found = Findings(kept)
    told = read(manifest, found)
    lists = decided if isinstance(decided, Mapping) else _by_number(told, decided)
    given = _paired(told, lines, banks, found)
    granted = decisions.read(told, lists, found)
    count = total = 0
    for file, records in Lines(told, granted, found).files(lines):
        if file.number in given:
            name, data = given[file.number]
            bank.compare(told, name, bank.whole(told, file, records), data, found)
            count, total = count + file.count, total + file.total_yen
        elif not some:
            found.add(file.name, 0, "ファイル", "この振込ファイルがありません。")
        del records  # before the next file's are made: a city's files never stand in memory twice
    digest = hashlib.sha256(manifest).hexdigest()
    _digests(told, lines, lists, given, found)
    if sha256 and sha256.lower() != digest:
        found.add(MANIFEST, 0, "SHA-256", "承認された振込データ明細書ではありません。", sha256, digest)
    return Verdict(
        ok=found.count == 0,
        count=count,
        total_yen=total,
        files=len(given),
        lists=len(told.decision_lists),
        not_paid=sum(payment is not None for payment in granted.payable.values()),
        manifest_sha256=digest,
        differences=tuple(found.differences),
        more=found.count - len(found.differences),
    )


def _by_number(told: Manifest, lists: Sequence[bytes]) -> dict[int, bytes]:
    """Lists by the number in their first line; one that says another number stands for one that is missing."""
    numbers = [listed.number for listed in told.decision_lists]
    by_number: dict[int, bytes] = {}
    strangers = []
    for data in lists:
        number = data[: data.find(b"\n")].rpartition(b"\t")[2]
        if re.fullmatch(rb"[0-9]{1,10}", number) and int(number) in numbers and int(number) not in by_number:
            by_number[int(number)] = data
        else:
            strangers.append(data)
    missing = [number for number in numbers if number not in by_number]
    return by_number | dict(zip(missing, strangers, strict=False))


def _paired(told: Manifest, lines: bytes, banks: Sequence[Named], found: Findings) -> dict[int, Named]:
    """Which bank file is which of the manifest's: by name, or by the transfer number of its first payment."""
    by_name = {file.name: file.number for file in told.files}
    given: dict[int, Named] = {}
    for name, data in sorted(banks, key=lambda one: one[0] not in by_name):
        number = by_name.get(name) or _first_payment(lines, data)
        if number is None or number in given:
            found.add(name, 0, "ファイル", "振込データ明細書にない振込ファイルか、同じファイルの2つ目です。")
        else:
            given[number] = name, data
    return given


def _first_payment(lines: bytes, data: bytes) -> int | None:
    """The file in which the line file puts the first payment of a bank file under another name."""
    first = re.match(rb".{120}\r?\n?2.{90}([0-9]{10})", data, re.DOTALL)
    line = first and re.search(rb"\n([0-9]+)\t[0-9]+\t" + first[1], lines)
    return int(line[1]) if line else None


def _digests(
    told: Manifest, lines: bytes, lists: Mapping[int, bytes], given: Mapping[int, Named], found: Findings
) -> None:
    named = [(told.lines.name, told.lines.sha256, lines)]
    named += [
        (decisions.name_of(one.number), one.sha256, lists[one.number])
        for one in told.decision_lists
        if one.number in lists
    ]
    named += [
        (given[one.number][0], one.sha256, given[one.number][1]) for one in told.files if one.number in given
    ]
    for name, expected, data in named:
        digest = (("SHA-256", expected, hashlib.sha256(data).hexdigest()),)
        found.same(name, 0, digest, "振込データ明細書に記録されたファイルではありません。")
