"""Bundles for the verifier's tests: made by the real writer, then altered, with digests made anew or left as they were."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from todoku.sampletown.bundle import BATCH, Bundle
from todoku_verify import Unreadable, Verdict, verify


def verified(bundle: Bundle, **options: Any) -> Verdict:
    return verify(bundle.manifest, bundle.lines, bundle.lists, bundle.banks, **options)


def is_found(bundle: Bundle, **options: Any) -> bool:
    """Whether a bundle is refused: differences, or a file that is not of our format."""
    try:
        return not verified(bundle, **options).ok
    except Unreadable:
        return True


def told(bundle: Bundle) -> set[tuple[str, int, str]]:
    """File, line and field of every difference."""
    return {(one.file, one.line, one.field) for one in verified(bundle, kept=100_000).differences}


def with_bank(bundle: Bundle, change: Callable[[bytes], bytes], place: int = 0) -> Bundle:
    """One bank file changed, digests left as they were."""
    banks = list(bundle.banks)
    banks[place] = banks[place][0], change(banks[place][1])
    return bundle._replace(banks=tuple(banks))


def with_list(bundle: Bundle, number: int, change: Callable[[bytes], bytes]) -> Bundle:
    return bundle._replace(lists=bundle.lists | {number: change(bundle.lists[number])})


def with_manifest(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> Bundle:
    """The manifest with other values, written as the real one is."""
    values = json.loads(bundle.manifest)
    change(values)
    return bundle._replace(manifest=canonical(values))


def canonical(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def re_digested(bundle: Bundle, *, sums: bool = True) -> Bundle:
    """What a forger does who knows the format: every digest made anew, with `sums` counts and totals of files too."""

    def change(values: dict[str, Any]) -> None:
        values["lines"]["sha256"] = _sha256(bundle.lines)
        for listed in values["decision_lists"]:
            data = bundle.lists[listed["number"]]
            listed["sha256"] = _sha256(data)
            if sums:
                grants = [int(row.split(b"\t")[4]) for row in data.splitlines() if b"\tgrant\t" in row]
                listed |= {"grants": len(grants), "total_yen": sum(grants)}
        for file, (_name, data) in zip(values["files"], bundle.banks, strict=True):
            file["sha256"] = _sha256(data)
            trailer = re.search(rb"8([0-9]{6})([0-9]{12}) {101}", data)
            if sums and trailer:
                file |= {"count": int(trailer[1]), "total_yen": int(trailer[2])}
        if sums:
            values["count"] = sum(file["count"] for file in values["files"])
            values["total_yen"] = sum(file["total_yen"] for file in values["files"])

    return with_manifest(bundle, change)


def with_trailer(data: bytes) -> bytes:
    """A bank file whose trailer is counted anew from its records."""
    records = data.split(b"\r\n")
    amounts = [int(record[80:90]) for record in records if record[:1] == b"2"]
    records[-3] = f"8{len(amounts):06}{sum(amounts):012}".encode().ljust(120)
    return b"\r\n".join(records)


def laid_out(bundle: Bundle, folder: Path) -> Path:
    """The bundle's files under their names in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    named = [(f"manifest-{BATCH}.json", bundle.manifest), (f"lines-{BATCH}.tsv", bundle.lines), *bundle.banks]
    named += [(f"decisions-{number}.tsv", data) for number, data in bundle.lists.items()]
    for name, data in named:
        (folder / name).write_bytes(data)
    return folder


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
