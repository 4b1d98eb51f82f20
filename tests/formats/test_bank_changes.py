"""Bank codes by the day: gone since, merged into another, announced, never heard of; and what a newer list says otherwise."""

from datetime import date

import pytest

from todoku.formats import bank_changes, bank_master
from todoku.formats.bank_changes import Change, ChangesUnreadable, standing
from todoku.formats.bank_lists import BankList, NotABankList, find_changes, read_list
from todoku.formats.zengin import PROFILES, Header, Row, general_transfer, problems, read

BEFORE, AFTER = date(2024, 9, 1), date(2026, 3, 2)


def test_what_is_in_the_list_stands_open_and_what_nobody_knows_is_unknown() -> None:
    assert standing("0001", "001", AFTER) == bank_changes.OPEN
    assert standing("0001", "", AFTER) == bank_changes.OPEN
    assert standing("0001", "000", AFTER) == bank_changes.UNKNOWN
    assert standing("9999", "001", AFTER) == bank_changes.UNKNOWN


@pytest.mark.parametrize(("on", "was_open"), [(BEFORE, False), (date(2024, 7, 15), True), (AFTER, False)])
def test_a_bank_that_was_merged_names_the_other_one_on_every_day(on: date, was_open: bool) -> None:
    """Between two lists nobody knows: it counts as gone. On the day of the older list it was there."""
    found = standing("0118", "", on)
    assert (found.state, found.name, found.to_bank) == ("closed", "みちのく", "0117")
    assert (found.since, found.was_open) == (date(2025, 1, 15), was_open)
    assert bank_changes.words(found.to_bank) == "青森みちのく（0117）"


def test_every_branch_of_a_merged_bank_leads_to_a_branch_that_is_there() -> None:
    led = [one for one in bank_changes.changes() if one.what == "merged" and one.branch]
    assert len(led) > 200
    at = [standing(one.bank, one.branch, AFTER) for one in led]
    assert {found.state for found in at} == {"closed"}
    there = [found for found in at if bank_master.branch(found.to_bank, found.to_branch)]
    assert len(there) > 0.9 * len(at)


def test_a_branch_of_a_merged_bank_that_the_lists_lead_nowhere_has_its_bank_alone() -> None:
    found = standing("0533", "999", AFTER)
    assert (found.state, found.to_bank, found.to_branch) == ("closed", "0143", "")


def test_no_code_of_the_list_is_called_gone() -> None:
    for bank in bank_master.find_banks("0"):
        for branch in bank_master.find_branches(bank.code, ""):
            assert standing(bank.code, branch.code, AFTER) == bank_changes.OPEN


def test_who_looks_for_an_old_name_is_led_to_the_new_one() -> None:
    assert [one.to_bank for one in bank_changes.find_gone("みちのく銀行")] == ["0117"]
    assert bank_changes.find_gone("") == [] and bank_changes.find_gone("横浜") == []


OLDER = BankList(
    date(2026, 1, 1),
    {"0001": "いち", "0002": "に"},
    {("0001", "001"): "本店", ("0001", "002"): "駅前", ("0001", "003"): "港"}
    | {("0002", f"{n:03}"): f"支店{n}" for n in range(1, 6)},
)
NEWER = BankList(
    date(2026, 2, 1),
    {"0001": "いち", "0003": "さん"},
    {("0001", "001"): "本店営業部", ("0001", "002"): "駅前", ("0001", "010"): "新町", ("0003", "001"): "本店"}
    | {("0001", f"{n + 100}"): f"支店{n}" for n in range(1, 5)},
)


def test_two_lists_say_what_appeared_vanished_was_renamed_or_merged() -> None:
    found = list(find_changes(OLDER, NEWER))
    days = (OLDER.issued_on, NEWER.issued_on)
    assert Change("0001", "001", "renamed", *days, "本店") in found
    assert Change("0001", "003", "closed", *days, "港") in found
    assert Change("0001", "010", "opened", *days, "新町") in found
    assert Change("0002", "", "merged", *days, "に", "0001") in found
    assert Change("0002", "001", "merged", *days, "支店1", "0001", "101") in found
    # Its fifth branch reappears nowhere by name: the bank's own line speaks for it.
    assert not [one for one in found if (one.bank, one.branch) == ("0002", "005")]
    assert Change("0003", "", "opened", *days, "さん") in found
    assert bank_changes.read(bank_changes.write(found)) == tuple(
        sorted(found, key=lambda c: (c.since, c[0], c[1], c[2]))
    )


def test_a_few_names_that_come_back_by_chance_are_no_merger() -> None:
    newer = NEWER._replace(branches={("0001", "001"): "本店", ("0001", "101"): "支店1"})
    gone = next(one for one in find_changes(OLDER, newer) if one.bank == "0002")
    assert (gone.what, gone.to_bank) == ("closed", "")


def test_a_list_is_not_compared_with_a_newer_one_and_a_folder_without_one_is_named(tmp_path) -> None:
    with pytest.raises(NotABankList, match="新しい一覧の日付"):
        list(find_changes(NEWER, OLDER))
    with pytest.raises(NotABankList, match="金融機関の一覧ではありません"):
        read_list(tmp_path)
    folder = bank_master.folder()
    own = read_list(folder)
    assert f"{own.issued_on:%Y%m%d}" == bank_master.issued_on() and own.banks["9900"] == "ゆうちょ"


@pytest.mark.parametrize(
    ("line", "said"),
    [("0001,001,moved,2026-01-01,2026-02-01,本店,,", "what は"), ("1,001,closed,2026-01-01,2026-02-01,本店,,", "bank は4桁"),
     ("0001,001,closed,2026-01-01,R8,本店,,", "seen と since は"), ("0001,001,closed,2026-02-01,2026-02-01,本店,,", "seen")],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(ChangesUnreadable, match=f"2行目：{said}"):
        bank_changes.read(",".join(bank_changes.COLUMNS) + "\n" + line)
    with pytest.raises(ChangesUnreadable, match="見出し"):
        bank_changes.read("bank\n0001\n")


def test_a_file_to_a_branch_that_is_no_more_on_its_day_is_wrong_and_says_where_it_went() -> None:
    merged = next(one for one in bank_changes.changes() if one.bank == "0118" and one.to_branch)
    header = Header("1234567890", "ミホンシ", "1204", "0138", "ヨコハマ", "001", "ホンテン", 1, "7654321")
    row = Row("0118", "ミチノク", merged.branch, "シテン", 1, "1234567", "ミホン　ハナコ", 100_000, "1")
    file = read(general_transfer(header, [row], PROFILES["standard"]))
    (found,) = problems(file, date(2026, 12, 4))
    assert (found.line, found.severity) == (2, "error")
    assert bank_changes.words(merged.to_bank, merged.to_branch) in found.sentence
    assert "審査に戻して口座を直してください" in found.sentence
