"""Pure. Two lists of banks and branches, an older and a newer one, in; what changed between them (異動) out.

A list says nothing of where a closed branch went. A bank whose branches reappear under another bank in the newer list was
merged into it; branch by branch only where the name is the same. The rest is for a person who has the bank's notice.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from todoku.formats.bank_changes import Change

BranchCode = tuple[str, str]
# Of a bank that vanished: the share of its branches that must reappear by name under one other bank to call it a merger.
SHARE_TO_MERGE, LEAST_TO_MERGE = 0.3, 3


class BankList(NamedTuple):
    """A list of one day: bank code → name, (bank, branch) → name."""

    issued_on: date
    banks: Mapping[str, str]
    branches: Mapping[BranchCode, str]


class NotABankList(ValueError):
    """The folder is no list of banks; `sentence` says what is missing."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_list(folder: Path) -> BankList:
    """A list as the zengin-code package lays it out (banks.json, branches/, updated_at). Raises NotABankList."""
    try:
        day = (folder / "updated_at").read_text("utf-8").strip()
        issued_on = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
        banks = json.loads((folder / "banks.json").read_text("utf-8"))
        branches = {
            (bank, code): str(row["name"])
            for bank in banks
            for code, row in json.loads((folder / "branches" / f"{bank}.json").read_text("utf-8")).items()
        }
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError) as why:
        raise NotABankList(
            f"{folder} は金融機関の一覧ではありません。banks.json・branches・updated_at のあるフォルダを指定してください。"
        ) from why
    return BankList(issued_on, {code: str(row["name"]) for code, row in banks.items()}, branches)


def find_changes(older: BankList, newer: BankList) -> Iterator[Change]:
    """What the newer list says otherwise; a bank's own branches are left out where the whole bank came or went."""
    if older.issued_on >= newer.issued_on:
        raise NotABankList(
            "新しい一覧の日付が、いまの一覧より後ではありません。新しい一覧を指定してください。"
        )
    seen, since = older.issued_on, newer.issued_on
    for bank in sorted(older.banks.keys() - newer.banks.keys()):
        yield from _bank_gone(bank, older, newer)
    for bank in sorted(newer.banks.keys() - older.banks.keys()):
        yield Change(bank, "", "opened", seen, since, newer.banks[bank])
    for bank in sorted(older.banks.keys() & newer.banks.keys()):
        if older.banks[bank] != newer.banks[bank]:
            yield Change(bank, "", "renamed", seen, since, older.banks[bank])
    for at in sorted(older.branches.keys() | newer.branches.keys()):
        if at[0] not in older.banks or at[0] not in newer.banks:
            continue
        was, is_now = older.branches.get(at), newer.branches.get(at)
        if was is None and is_now is not None:
            yield Change(*at, "opened", seen, since, is_now)
        elif was is not None and is_now is None:
            yield Change(*at, "closed", seen, since, was)
        elif was != is_now and was is not None:
            yield Change(*at, "renamed", seen, since, was)


def _bank_gone(bank: str, older: BankList, newer: BankList) -> Iterator[Change]:
    """A bank that vanished; merged, with those of its branches that go on by the same name, where the list shows it."""
    seen, since = older.issued_on, newer.issued_on
    mine = {at: name for at, name in older.branches.items() if at[0] == bank}
    fresh = {at: name for at, name in newer.branches.items() if at not in older.branches}
    went = Counter(
        to for name in set(mine.values()) for to in {at[0] for at, now in fresh.items() if now == name}
    )
    into, found = went.most_common(1)[0] if went else ("", 0)
    if found < max(LEAST_TO_MERGE, SHARE_TO_MERGE * len(mine)):
        yield Change(bank, "", "closed", seen, since, older.banks[bank])
        return
    yield Change(bank, "", "merged", seen, since, older.banks[bank], into)
    for at, name in sorted(mine.items()):
        same = [to for to, now in fresh.items() if to[0] == into and now == name]
        if len(same) == 1:
            yield Change(*at, "merged", seen, since, name, *same[0])
