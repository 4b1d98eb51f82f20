"""`bank-list`: what a newer list of banks and branches says otherwise than the one in use, added to the dated changes.

Comes in: a folder with a newer list, laid out as the zengin-code package lays out its own. Goes out: lines of
todoku/formats/bank_changes.csv. The list in use is put in its place with the package, after this.
"""

import argparse
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files as package_files
from pathlib import Path

from todoku.custody.files import write_to
from todoku.formats import bank_changes, bank_master
from todoku.formats.bank_changes import Change
from todoku.formats.bank_lists import NotABankList, find_changes, read_list
from todoku.ground.step import Refusal

HELP = "Keep what a newer list of banks and branches changes: opened, closed, renamed, merged, each with its days."
WORDS = {"opened": "新設", "closed": "廃止", "renamed": "名称変更", "merged": "統合"}


class CannotCompare(Refusal):
    """One of the two lists is none, or they are not in order."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "newer", type=Path, help="the folder of the newer list: banks.json, branches/, updated_at"
    )
    parser.add_argument("--older", type=Path, help="compare with this list instead of the one in use")
    parser.add_argument("--out", type=Path, help="the file of changes to add to, instead of the one in use")
    parser.add_argument("--go", action="store_true", help="write; without it the changes are only counted")


def run(options: argparse.Namespace) -> int:
    out = options.out or Path(str(package_files("todoku.formats") / bank_changes.FILE))
    try:
        older, newer = read_list(options.older or bank_master.folder()), read_list(options.newer)
        found = list(find_changes(older, newer))
    except NotABankList as why:
        raise CannotCompare(why.sentence) from why
    known = bank_changes.read(out.read_text("utf-8")) if out.exists() else ()
    fresh = _fresh(found, known)
    counts = Counter(one.what for one in fresh)
    print(
        f"{older.issued_on}の一覧から{newer.issued_on}の一覧まで："
        + "、".join(f"{WORDS[what]}{counts[what]:,}件" for what in WORDS)
    )
    for one in fresh:
        if one.what in bank_changes.GONE and not one.branch:
            went = (
                f" → {newer.banks[one.to_bank]}（{one.to_bank}）"
                if one.to_bank
                else "　統合先は一覧から分かりません"
            )
            print(f"  {one.name}（{one.bank}）{went}")
    if options.go:
        write_to(out.parent, out.name, bank_changes.write([*known, *fresh]).encode("utf-8"))
        print(
            f"{out.name} に{len(fresh):,}行を加えました。統合先や実際の日付が分かるものは、書き足してください。"
        )
    else:
        print("数えただけです。--go を付けると書き込みます。")
    return 0


def _fresh(found: Iterable[Change], known: Iterable[Change]) -> list[Change]:
    """What is not kept yet; of a change that somebody has completed by hand the completed line stays."""
    kept = {(one.bank, one.branch, one.since) for one in known}
    return [one for one in found if (one.bank, one.branch, one.since) not in kept]
