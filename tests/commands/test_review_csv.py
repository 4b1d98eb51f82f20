"""The review bought alone: a CSV of applications in; findings, proposed verdicts and the letter's sentences out as CSV."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from todoku.commands.__main__ import main
from todoku.commands.review_csv import FIELD_WORDS, FINDINGS, PROBLEMS, VERDICTS
from todoku.programme.shipped import version_text
from todoku.review.codes import CODES

TERMS = "tokubetsu-teigaku-2020"
SOUND = {
    "受付番号": "A1", "受付方法": "郵送", "到着日": "2020-06-01", "申請日": "2020-05-30", "電話番号": "045-000-0000",
    "本人確認書類": "鮮明", "口座確認書類": "鮮明", "署名": "あり", "金融機関コード": "0005", "支店コード": "001",
    "預金種目": "普通", "口座番号": "1234567", "口座名義カナ": "ﾔﾏﾀﾞ ﾀﾛｳ", "受給者カナ": "ヤマダ　タロウ",
    "ゆうちょ記号": "", "ゆうちょ番号": "", "消印日": "", "辞退": "", "対象者欄の訂正": "", "本人申請": "本人", "異動事由": "",
    "世帯員カナ": "ヤマダ　ハナコ、ヤマダ　ジロウ", "世帯番号": "", "本人確認書類の種類": "", "有効期限": "", "2点目の種類": "",
}  # fmt: skip


def _write(path: Path, rows, encoding: str = "cp932") -> Path:
    text = io.StringIO(newline="")
    lines = csv.DictWriter(text, list(SOUND), lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _row(number: str, **changes: str) -> dict[str, str]:
    return {**SOUND, "受付番号": number, "口座番号": f"{int(number[1:]) + 1_000_000:07d}", **changes}


def _read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def _review(listed: Path, out: Path, *more: str, terms: str = TERMS) -> int:
    return main(["review-csv", str(listed), str(out), "--terms", terms, *more])


BANKLESS = {"金融機関コード": "", "支店コード": "", "口座番号": ""}


@pytest.mark.parametrize(
    ("changes", "codes", "verdict"),
    [
        ({}, [], "不備なし"),
        ({"本人確認書類": ""}, ["D20"], "返戻"),
        ({"本人確認書類": "期限切れ"}, ["D21"], "返戻"),
        ({"口座確認書類": "見切れ"}, ["D31"], "返戻"),
        ({"本人確認書類の種類": "運転免許証", "有効期限": "R12.5.3"}, [], "不備なし"),
        ({"本人確認書類の種類": "在留カード", "有効期限": "2020-05-01", "消印日": "2020-05-30"}, ["D21"], "返戻"),
        ({"本人確認書類の種類": "在留カード", "有効期限": "2020-05-01"}, ["D21"], "人が確認"),
        ({"本人確認書類の種類": "住民票の写し"}, ["D27"], "返戻"),
        ({"本人確認書類の種類": "住民票の写し", "2点目の種類": "年金手帳"}, [], "不備なし"),
        ({"本人確認書類の種類": "ここにない書類"}, ["D26"], "返戻"),
        ({"金融機関コード": "0118", "支店コード": "999"}, ["D11"], "人が確認"),
        ({"署名": "なし"}, ["D02"], "返戻"),
        ({"本人申請": "いいえ"}, ["D05"], "返戻"),
        ({"電話番号": ""}, ["D04"], "人が確認"),
        ({"対象者欄の訂正": "あり"}, ["D51"], "人が確認"),
        ({"口座名義カナ": "ﾍﾞﾂ ﾉﾋﾄ"}, ["D12"], "人が確認"),
        ({"口座名義カナ": "ﾔﾏﾀﾞ ﾊﾅｺ"}, ["D12"], "人が確認"),
        (BANKLESS, ["D10"], "返戻"),
        ({"支店コード": "999"}, ["D11"], "人が確認"),
        ({**BANKLESS, "ゆうちょ記号": "99999", "ゆうちょ番号": "1"}, ["D14"], "人が確認"),
        ({"到着日": "令和2年9月14日", "消印日": "令和2年9月10日"}, [], "不備なし"),
        ({"到着日": "令和2年9月14日", "消印日": "2020/9/12"}, ["D42"], "人が確認"),
        ({"異動事由": "死亡"}, ["D43"], "人が確認"),
        ({**BANKLESS, "辞退": "○", "口座名義カナ": "", "本人確認書類": "", "口座確認書類": ""}, ["D50"], "人が確認"),
    ],
)  # fmt: skip
def test_what_a_line_says_becomes_the_finding_of_its_code(tmp_path, changes, codes, verdict):
    assert _review(_write(tmp_path / "in.csv", [_row("A1", **changes)]), tmp_path / "out") == 0
    (proposed,) = _read(tmp_path / "out" / VERDICTS)
    assert [one["不備コード"] for one in _read(tmp_path / "out" / FINDINGS)] == codes
    assert (proposed["判定の案"], proposed["審査する人数"]) == (verdict, "2")
    asked = [CODES[code].sentence for code in codes] if verdict == "返戻" else []
    assert proposed["返戻の手紙の文"].split("\n") == (asked or [""])


def test_web_passes_without_a_person_where_the_terms_say_so_and_an_own_file_of_terms_counts(tmp_path):
    listed = _write(tmp_path / "in.csv", [_row("A1", 受付方法="ウェブ")], "utf-8-sig")
    assert _review(listed, tmp_path / "one") == 0
    assert _read(tmp_path / "one" / VERDICTS)[0]["審査する人数"] == "0"
    own = tmp_path / "own.toml"
    own.write_text(version_text(TERMS).replace('web = "straight"', 'web = "one_person"'), "utf-8")
    assert _review(listed, tmp_path / "two", terms=str(own)) == 0
    assert _read(tmp_path / "two" / VERDICTS)[0]["審査する人数"] == "1"


def test_one_account_of_two_households_is_named_on_both_and_not_within_one_household(tmp_path):
    rows = [
        _row("A1", 口座番号="7777777", 世帯番号="1"), _row("A2", 口座番号="7777777", 世帯番号="2"),
        _row("A3", 口座番号="8888888", 世帯番号="3"), _row("A4", 口座番号="8888888", 世帯番号="3"),
    ]  # fmt: skip
    assert _review(_write(tmp_path / "in.csv", rows), tmp_path / "out") == 0
    found = [(one["受付番号"], one["不備コード"], one["根拠"]) for one in _read(tmp_path / "out" / FINDINGS)]
    assert found == [("A1", "D15", "ほかに1世帯: A2"), ("A2", "D15", "ほかに1世帯: A1")]


def test_problems_are_named_by_line_and_column_without_the_value_and_stop_all_unless_told(tmp_path, capsys):
    rows = [
        _row("A1"),
        _row("A2", 到着日="きのう"),
        _row("A3", 口座確認書類="みえた"),
        _row("A1", 電話番号="1"),
    ]
    listed, out = _write(tmp_path / "in.csv", rows), tmp_path / "out"
    assert _review(listed, out) == 1
    said = capsys.readouterr().out
    assert "3行目「到着日」" in said and "きのう" not in said and "--good-only" in said
    problems = [(one["行"], one["列"]) for one in _read(out / PROBLEMS)]
    assert problems == [("3", "到着日"), ("4", "口座確認書類"), ("5", "受付番号")]
    assert not (out / VERDICTS).exists()
    assert _review(listed, out, "--good-only") == 0
    assert [one["受付番号"] for one in _read(out / VERDICTS)] == ["A1"]
    assert "誤りのある3行は除きました" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.write_bytes("受付番号,到着日\r\nA1,2020-06-01\r\n".encode("cp932")), "受給者カナ"),
        (lambda p: p.write_bytes("受付番号,個人番号\r\nA1,1\r\n".encode("cp932")), "個人番号の列"),
        (lambda p: p.write_bytes(b"PK\x03\x04 a workbook"), "CSVではないファイル"),
        (lambda p: None, "がありません"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_remedy(tmp_path, capsys, make, said):
    make(tmp_path / "in.csv")
    assert _review(tmp_path / "in.csv", tmp_path / "out") != 0
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert not (tmp_path / "out" / VERDICTS).exists()


def test_unknown_terms_and_a_folder_with_results_are_refused(tmp_path, capsys):
    listed = _write(tmp_path / "in.csv", [_row("A1")])
    assert _review(listed, tmp_path / "out", terms="nothing") != 0
    assert _review(listed, tmp_path / "out") == 0
    assert _review(listed, tmp_path / "out") != 0
    told = capsys.readouterr()
    assert "「nothing」という制度はありません" in told.out + told.err
    assert "すでにあります" in told.out + told.err


def test_a_cell_that_a_spreadsheet_would_reckon_is_written_as_text(tmp_path):
    assert _review(_write(tmp_path / "in.csv", [_row("A1", 受付番号="=1+1")]), tmp_path / "out") == 0
    assert _read(tmp_path / "out" / VERDICTS)[0]["受付番号"] == "'=1+1"


def test_every_field_of_a_finding_has_its_word():
    source = Path("todoku/review/checks.py").read_text("utf-8")
    fields = {part.split('"')[3] for part in source.split("Finding(")[1:] if part.startswith('"D')}
    assert fields <= set(FIELD_WORDS)


def test_no_table_is_imported_and_no_database_asked(tmp_path):
    listed = _write(tmp_path / "in.csv", [_row("A1")])
    script = (
        "import sys; from django.apps import apps; from todoku.commands.__main__ import main;"
        f"code = main(['review-csv', {str(listed)!r}, {str(tmp_path / 'out')!r}, '--terms', {TERMS!r}]);"
        "assert 'todoku.review.tables' not in sys.modules and not apps.ready; sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
