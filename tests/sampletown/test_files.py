"""The files that leave the town: readable as the outside world writes them, and true to the manifest."""

import csv
import json
from collections import Counter
from datetime import date

import pytest

from todoku.formats import bank_master, codes, kana, yucho
from todoku.sampletown import accounts, answers, broken, kinds, later, roll, town
from todoku.sampletown.places import YOKOHAMA
from todoku.sampletown.write import read_manifest, write_town


def read_csv(path) -> list[list[str]]:
    with path.open(encoding="cp932", newline="") as file:
        return list(csv.reader(file))


def test_the_manifest_reads_back_and_counts_every_kind(written):
    assert read_manifest(written.folder) == written.manifest
    assert set(written.manifest.kinds) == set(kinds.KINDS)
    assert sum(written.manifest.tax.values()) == written.manifest.households


def test_every_line_of_the_roll_has_42_columns_and_ends_with_crlf(written):
    data = (written.folder / "roll.csv").read_bytes()
    headings, *rows = read_csv(written.folder / "roll.csv")
    assert tuple(headings) == roll.BENEFIT42_HEADINGS
    assert {len(row) for row in rows} == {42}
    assert len(rows) == written.manifest.persons
    assert data.count(b"\r\n") == data.count(b"\n") == written.manifest.persons + 1


def test_members_name_their_head_and_the_head_names_nobody(written):
    rows = [
        dict(zip(roll.BENEFIT42_HEADINGS, row, strict=True))
        for row in read_csv(written.folder / "roll.csv")[1:]
    ]
    heads = {row["宛名番号"] for row in rows if row["受給者宛名番号"] == ""}
    members = {row["受給者宛名番号"] for row in rows} - {""}
    assert len(heads) == written.manifest.households
    assert members <= heads


def test_a_comma_in_a_building_name_is_quoted(written):
    lines = (written.folder / "roll.csv").read_bytes().decode("cp932").split("\r\n")
    quoted = [line for line in lines if '"ハイツ見本,' in line]
    heads = [line for line in quoted if ",世帯主," in line]
    assert len(heads) == written.manifest.kinds["comma_in_building"]


def test_the_flag_of_violence_protection_stands_among_the_customs_attributes(written):
    rows = read_csv(written.folder / "roll.csv")[1:]
    marks = roll.BENEFIT42_HEADINGS.index("住民カスタム属性")
    heads = roll.BENEFIT42_HEADINGS.index("受給者宛名番号")
    protected = [row for row in rows if "支援措置" in row[marks] and row[heads] == ""]
    assert len(protected) == written.manifest.kinds["support_measures"]


def test_the_extract_carries_the_same_people_in_the_columns_of_the_registers(tmp_path):
    terms = {"seed": 3, "households": 300, "base_date": date(2026, 10, 1), "opened_on": date(2026, 11, 2)}
    extract = write_town(tmp_path / "extract", layout="extract", **terms)
    benefit = write_town(tmp_path / "benefit", **terms)
    headings, *rows = read_csv(tmp_path / "extract" / "roll.csv")
    others = read_csv(tmp_path / "benefit" / "roll.csv")[1:]
    assert tuple(headings) == roll.EXTRACT_HEADINGS
    assert [row[0] for row in rows] == [row[0] for row in others]
    assert extract.persons == benefit.persons
    assert ("20", "12", "", "") == roll.relation_codes("子の妻")


def test_the_later_roll_differs_as_the_manifest_says(written):
    before = {row[0]: row for row in read_csv(written.folder / "roll.csv")[1:]}
    after = {row[0]: row for row in read_csv(written.folder / "roll_later.csv")[1:]}
    changed = sum(before[number] != after[number] for number in before.keys() & after.keys())
    assert set(written.manifest.events) == {*later.RATES, "moved_in_late"}
    assert written.manifest.later_rows == Counter(
        added=len(after.keys() - before.keys()), gone=len(before.keys() - after.keys()), changed=changed
    )


def test_after_a_death_the_household_still_has_exactly_one_head(written):
    head, relation = (roll.BENEFIT42_HEADINGS.index(name) for name in ("世帯主宛名番号", "続柄"))
    rows = read_csv(written.folder / "roll_later.csv")[1:]
    heads = Counter(row[13] for row in rows if row[relation] == "世帯主")
    assert set(heads.values()) == {1}
    assert {row[head] for row in rows} == {row[0] for row in rows if row[relation] == "世帯主"}


def test_known_accounts_stand_at_branches_that_exist_and_at_the_heads_name(written):
    headings, *rows = read_csv(written.folder / "known_accounts.csv")
    names = {row[0]: (row[3], row[18]) for row in read_csv(written.folder / "roll.csv")[1:]}
    assert tuple(headings) == accounts.KNOWN_HEADINGS
    assert 0.5 < len(rows) / written.manifest.households < 0.7
    for number, holder, account, branch, bank, kind, _source in rows:
        assert bank_master.branch(bank, branch)
        assert len(account) == 7 and kind in ("1", "2", "4")
        assert holder in [kana.bank_kana(name) for name in names[number] if name]


def test_accounts_of_yucho_carry_an_agreeing_check_digit_and_lead_to_the_same_account():
    households = town.build(5, 300, YOKOHAMA, date(2026, 10, 1))
    drawn = [accounts.account_of(each, 5, "14") for each in households]
    passbooks = [account for account in drawn if account.kind == "yucho"]
    assert 30 < len(passbooks) < 100
    for account in passbooks:
        assert yucho.check_digit_agrees(account.symbol, account.yucho_number)
        assert yucho.transfer_account(account.symbol, account.yucho_number) == (
            (account.bank, account.branch, account.account_kind, account.number)
        )


def test_every_prefecture_has_a_regional_bank_of_its_own():
    prefectures = [f"{number:02d}" for number in range(1, 48)]
    assert all(len(accounts.bank_weights(prefecture)) == 8 for prefecture in prefectures)


def test_no_file_holds_anything_that_could_be_a_my_number(written):
    for name in written.manifest.files:
        text = (
            (written.folder / name)
            .read_bytes()
            .decode("cp932" if name.endswith("csv") else "utf-8", "replace")
        )
        found = any(codes.contains_my_number(line) for line in text.splitlines())
        assert found == name.startswith("broken/my_number")


@pytest.mark.parametrize("case", broken.CASES)
def test_a_broken_roll_is_wrong_in_the_place_it_says(case):
    made = broken.CASES[case](YOKOHAMA)
    lines = made.data.rstrip(b"\r\n").split(b"\r\n")
    assert len(lines) == made.persons + 1
    assert made.line <= len(lines)
    assert made.severity in (broken.ERROR, broken.WARNING, broken.FINE)
    assert made.column in (*roll.BENEFIT42_HEADINGS, broken.MY_NUMBER_HEADING)


def test_the_broken_bytes_cannot_be_read_as_cp932_and_the_sound_ones_can():
    with pytest.raises(UnicodeDecodeError):
        broken.broken_encoding().data.decode("cp932")
    assert "平成32年5月1日" in broken.impossible_era_year().data.decode("cp932")


def test_answers_are_one_json_object_a_line(written):
    lines = (written.folder / "answers.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == written.manifest.answers["paper"] + written.manifest.answers["web"]
    assert set(json.loads(lines[0])) == set(answers.Answer.__slots__)
