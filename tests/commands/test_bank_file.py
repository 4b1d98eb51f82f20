"""From a payment list in CSV to a verified bank file, without the rest of the house."""

import argparse
import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from todoku.commands import bank_file
from todoku.commands.bank_file import CannotMake, make
from todoku.custody import files
from todoku.formats.bank_days import bank_days_after
from todoku.formats.zengin import read
from todoku.ground.places import ROOT

PAYER = """
municipality = "141003"
programme = "kyufu-2026"
[payer]
requester_code = "0000001234"
requester_kana = "ミホンシ　カイケイカンリシャ"
bank = "0138"
branch = "200"
account_kind = 1
account_number = "7654321"
[books]
budget_item = "3-1-1 給付金"
payment_order = "第45号"
"""
HEADINGS = "管理番号,口座名義カナ,銀行コード,支店コード,預金種目,口座番号,ゆうちょ記号,ゆうちょ番号,金額\r\n"
ROWS = (
    "14,ﾐﾎﾝ ｼﾞﾛｳ,,,,,14030,12345671,￥３０，０００円\r\n"
    "12,ミホン　タロウ,0138,200,普通,0012345,,,100000\r\n"
    '13,みほん はなこ,0001,001,2,7654321,,,"100,000"\r\n'
)
LOST_ZERO = "15,ミホン,138,200,1,0012345,,,1\r\n"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
FRIDAY = date(2026, 12, 4)
FILES = ["decisions-1.tsv", "lines-1.tsv", "manifest-1.json", "sougou-20261204-1-1.txt"]


class Desk:
    """A folder with a list and who pays; `make` runs the command's own function over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.write(HEADINGS + ROWS)
        (folder / "payer.toml").write_text(PAYER, encoding="utf-8")

    def write(self, text: str) -> None:
        (self.folder / "list.csv").write_bytes(text.encode("cp932"))

    def make(self, **others: object) -> int:
        now = others.pop("now", NOW)
        asked = {
            "list": self.folder / "list.csv", "payer": self.folder / "payer.toml", "profile": "standard",
            "value_date": FRIDAY, "out": self.out, "good_only": False, "go": True,
        }  # fmt: skip
        assert isinstance(now, datetime)
        return make(argparse.Namespace(**{**asked, **others}), now=now)

    def held(self) -> dict[str, bytes]:
        return (
            {path.name: path.read_bytes() for path in sorted(self.out.iterdir())} if self.out.exists() else {}
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    assert FRIDAY.strftime("%a") == "Fri"
    return Desk(tmp_path)


def _todoku(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "bank-file", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere", "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_a_list_becomes_a_verified_bank_file_where_there_is_no_database(desk: Desk) -> None:
    pays_on = bank_days_after(datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=20), 1)
    words = (
        desk.folder / "list.csv", "--payer", desk.folder / "payer.toml", "--profile", "standard",
        "--value-date", pays_on, "--out", desk.out,
    )  # fmt: skip
    checked = _todoku(*words)
    assert (checked.returncode, checked.stderr, desk.held()) == (0, "", {})
    assert "確認だけ" in checked.stdout
    made = _todoku(*words, "--go")
    assert (made.returncode, made.stderr) == (0, "")
    assert "一致しました。3件、230,000円。" in made.stdout
    assert len(desk.held()) == 4


def test_a_refusal_is_a_sentence_and_not_a_traceback(desk: Desk) -> None:
    answer = _todoku(
        desk.folder / "list.csv", "--payer", desk.folder / "nobody.toml", "--profile", "standard",
        "--value-date", "2026-12-04", "--out", desk.out,
    )  # fmt: skip
    assert answer.returncode == 1
    assert "nobody.toml がありません" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_files_say_what_the_list_says(desk: Desk) -> None:
    assert desk.make() == 0
    held = desk.held()
    assert list(held) == FILES
    file = read(held["sougou-20261204-1-1.txt"])
    assert (file.header.client_name, file.header.value_date) == ("ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ", "1204")
    assert [(row.bank, row.customer_code_1, row.name, row.amount) for row in file.rows] == [
        ("0001", "0000000013", "ﾐﾎﾝ ﾊﾅｺ", 100_000),
        ("0138", "0000000012", "ﾐﾎﾝ ﾀﾛｳ", 100_000),
        ("9900", "0000000014", "ﾐﾎﾝ ｼﾞﾛｳ", 30_000),
    ]
    assert held["decisions-1.tsv"].decode().splitlines()[1] == (
        "0000000000012\t1\tgrant\t\t100000\tbank\t0138\t200\t1\t0012345\tミホン　タロウ"
    )
    manifest = json.loads(held["manifest-1.json"])
    assert (manifest["count"], manifest["total_yen"], manifest["fiscal_year"]) == (3, 230_000, 2026)
    assert (manifest["budget_item"], manifest["payment_order"]) == ("3-1-1 給付金", "第45号")


def test_nothing_is_written_while_a_row_has_an_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write(HEADINGS + ROWS + LOST_ZERO)
    assert desk.make() == 1
    told = capsys.readouterr().out
    assert "誤り 5行目「銀行コード」: 4桁ありません" in told
    assert "--good-only" in told
    assert desk.held() == {}
    assert desk.make(good_only=True) == 0
    told = capsys.readouterr().out
    assert "振り込める行 3件 230,000円、誤りのある行 1件" in told
    assert list(desk.held()) == FILES


def test_without_go_everything_is_checked_and_nothing_written(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.make(go=False) == 0
    told = capsys.readouterr().out
    assert "sougou-20261204-1-1.txt: 3件 230,000円" in told
    assert "受付期限（設定「standard」）: 2026-12-01 12:00" in told
    assert desk.held() == {}
    late = datetime(2026, 12, 1, 12, 1, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert desk.make(go=False, now=late) == 0
    assert "受付期限を過ぎています" in capsys.readouterr().out


def test_the_same_list_for_the_same_day_gives_the_same_bytes_and_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.make()
    first = desk.held()
    capsys.readouterr()
    afterwards = datetime(2026, 12, 10, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert desk.make(now=afterwards) == 0
    told = capsys.readouterr().out
    assert "すでに書き出してあります" in told
    assert "一致しました" in told
    assert desk.held() == first
    lines = (HEADINGS + ROWS).split("\r\n")
    desk.write("\r\n".join([lines[0], lines[3], lines[1], lines[2], ""]))
    assert desk.make() == 0
    assert desk.held() == first, "the order of the list does not matter"


def test_t04_an_old_file_with_the_same_content_under_another_name_is_named_by_digest(desk: Desk) -> None:
    desk.make()
    old = desk.out / "振込_最新_コピー.txt"
    old.write_bytes(desk.held()["sougou-20261204-1-1.txt"])
    digest = json.loads(desk.held()["manifest-1.json"])["files"][0]["sha256"]
    for go in (False, True):
        with pytest.raises(CannotMake) as refused:
            desk.make(go=go)
        assert "振込_最新_コピー.txt は、sougou-20261204-1-1.txt と同じ内容" in refused.value.sentence
        assert digest in refused.value.sentence
    old.unlink()
    assert desk.make() == 0


def test_another_payment_is_never_written_into_the_same_folder(desk: Desk) -> None:
    desk.make()
    first = desk.held()
    with pytest.raises(CannotMake, match="別の振込データ") as refused:
        desk.make(value_date=date(2026, 12, 7))
    assert "空のフォルダー" in refused.value.remedy
    desk.write(HEADINGS + ROWS.replace("100000", "100001"))
    with pytest.raises(CannotMake, match="別の振込データ"):
        desk.make()
    assert desk.held() == first


def test_the_same_payments_in_the_folder_beside_are_not_made_a_second_time_unnoticed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.make()
    first, beside = desk.held(), desk.folder / "again"
    for others in ({}, {"go": False}, {"profile": "no_line_end"}):
        with pytest.raises(CannotMake) as refused:
            desk.make(out=beside, **others)
        assert f"フォルダー {desk.out} にすでにあります" in refused.value.sentence
        assert bank_file.SAME_FOLDER in refused.value.remedy
    assert not beside.exists()
    capsys.readouterr()
    assert desk.make() == 0, "in its own folder it is verified again as ever"
    assert "注意 同じ支払" not in capsys.readouterr().out
    assert desk.make(out=beside, value_date=date(2026, 12, 7)) == 0
    assert f"注意 同じ支払の一覧が、フォルダー {desk.out} にもあります" in capsys.readouterr().out
    desk.write(HEADINGS + ROWS.replace("12,", "22,"))
    assert desk.make(out=desk.folder / "others") == 0, "another list is another payment"
    assert "注意 同じ支払" not in capsys.readouterr().out
    assert desk.held() == first


def test_a_run_that_was_cut_off_is_finished_by_the_next(desk: Desk) -> None:
    desk.make()
    whole = desk.held()
    for name in ("manifest-1.json", "sougou-20261204-1-1.txt"):
        (desk.out / name).unlink()
    (desk.out / ".sougou-20261204-1-1.txt.part").write_bytes(b"1210")
    assert desk.make() == 0
    assert desk.held() == whole


class Killed(BaseException):
    """Stands for the end of the process."""


def test_killed_after_any_step_of_writing_the_next_run_leaves_the_same_files(
    desk: Desk, tmp_path: Path
) -> None:
    desk.make()
    whole = desk.held()
    steps = 4 * len(whole)
    for last in range(1, steps + 1):
        desk.out = tmp_path / f"killed-{last}" / "out"
        seen: list[str] = []

        def kill(step: str, seen: list[str] = seen, last: int = last) -> None:
            seen.append(step)
            if len(seen) == last:
                raise Killed

        files.AFTER_STEP.append(kill)
        try:
            with pytest.raises(Killed):
                desk.make()
        finally:
            files.AFTER_STEP.remove(kill)
        assert (whole.items() >= desk.held().items()) or not desk.held(), "what has its name is whole"
        assert desk.make() == 0
        assert desk.held() == whole
    assert steps == 16


def test_a_file_altered_in_the_folder_is_found_and_its_line_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.make()
    path = desk.out / "sougou-20261204-1-1.txt"
    altered = path.read_bytes().replace(b"0000100000", b"0000900000", 1)
    path.write_bytes(altered)
    capsys.readouterr()
    assert desk.make() == 1
    told = capsys.readouterr().out
    assert "一致しません" in told
    assert "sougou-20261204-1-1.txt 2行目「振込金額」" in told
    assert path.read_bytes() == altered, "what was altered is left for those who look into it"


def test_a_bank_that_takes_few_records_gets_several_files(desk: Desk) -> None:
    (desk.folder / "bank.toml").write_text(
        'name = "minato"\nmax_records = 2\neol = "none"\n', encoding="utf-8"
    )
    assert desk.make(profile=str(desk.folder / "bank.toml")) == 0
    held = desk.held()
    assert [name for name in held if name.startswith("sougou")] == [
        "sougou-20261204-1-1.txt", "sougou-20261204-1-2.txt"
    ]  # fmt: skip
    assert [len(read(held[f"sougou-20261204-1-{number}.txt"]).rows) for number in (1, 2)] == [2, 1]
    assert b"\r\n" not in held["sougou-20261204-1-1.txt"]


def test_the_payers_text_may_name_the_profile(desk: Desk) -> None:
    payer = desk.folder / "payer.toml"
    with pytest.raises(CannotMake, match="--profile"):
        desk.make(profile=None)
    payer.write_text(PAYER.replace("[books]", 'bank_profile = "no_line_end"\n[books]'), encoding="utf-8")
    assert desk.make(profile=None) == 0
    assert json.loads(desk.held()["manifest-1.json"])["layout"]["eol"] == "none"


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"value_date": date(2026, 12, 5)}, "休業日です。翌営業日は2026-12-07"),
        ({"value_date": date(2027, 1, 1)}, "翌営業日は2027-01-04"),
        ({"value_date": date(2026, 11, 20)}, "今日か、過ぎています"),
        ({"profile": "standart"}, "「standard」の書き誤り"),
        ({"list": Path("nowhere.csv")}, "nowhere.csv がありません"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_remedy(
    desk: Desk, others: dict[str, object], says: str
) -> None:
    with pytest.raises(CannotMake, match=says):
        desk.make(**others)
    assert desk.held() == {}


def test_a_list_without_a_good_row_or_without_headings_makes_no_file(desk: Desk) -> None:
    desk.write(HEADINGS)
    with pytest.raises(CannotMake, match="1件もありません"):
        desk.make()
    desk.write(ROWS)
    with pytest.raises(CannotMake, match="「管理番号」"):
        desk.make()
    (desk.folder / "payer.toml").write_bytes("municipality = '東京'".encode("cp932"))
    with pytest.raises(CannotMake, match="UTF-8ではありません"):
        desk.make()
    (desk.folder / "payer.toml").write_bytes(b"#" * (bank_file.TEXT_BYTES_MAX + 1))
    with pytest.raises(CannotMake, match="大きすぎて"):
        desk.make()
