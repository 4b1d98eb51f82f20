"""Bought alone, letters to a mailing list: the sample works as it is, bad rows are named, nothing is lost or left in clear."""

import csv
import io
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.letters.finished import Finished
from todoku.commands.letters_parcel import _secret
from todoku.commands.letters_parcel_example import KEY, LIST, LIST_TEXT, TERMS, CannotShow, write_example
from todoku.formats.codes import case_number_valid, check_digit, printed_number
from todoku.ground import assets
from todoku.ground.places import ROOT
from todoku.sheets.printer_parcel import checked, file_of, opened

ENGLISH = re.compile(r"\b(usage|options|positional|arguments|show|help|the|optional|default)\b(?<!--help)")
MANY = 30


@pytest.fixture(autouse=True)
def collected() -> None:
    assets.collect()


def _todoku(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "letters-parcel", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=180,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere", "PYTHONUTF8": "1"},
    )  # fmt: skip


def _sample(tmp_path: Path, rows: str = "") -> tuple[Path, Path, Path]:
    written = write_example(tmp_path / "見本", today=date(2026, 11, 24))
    if rows:
        (tmp_path / "見本" / LIST).write_text(rows, encoding="utf-8-sig")
    return written


def _clear(parcel: Path, key: Path) -> io.BytesIO:
    with parcel.open("rb") as file:
        return opened(file, _secret(key.read_text(encoding="utf-8")))


def test_the_help_is_japanese() -> None:
    answer = _todoku("--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("使い方: ./run todoku letters-parcel 宛名一覧.csv --terms")
    assert ENGLISH.findall(answer.stdout) == []


def test_the_sample_becomes_a_parcel_by_the_command_that_it_names_and_the_key_opens_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "見本"
    shown = _todoku("--example", folder)
    assert (shown.returncode, shown.stderr) == (0, "")
    (line,) = [one for one in shown.stdout.splitlines() if one.startswith("./run todoku letters-parcel ")]
    words = line.removeprefix("./run todoku letters-parcel ").split()
    dry = _todoku(*words)
    assert (dry.returncode, dry.stderr) == (0, "")
    assert "郵便料金の見積り: 330円" in dry.stdout and "--go を付けてください" in dry.stdout
    assert not (folder / "差出").exists()
    made = _todoku(*words, "--go")
    assert (made.returncode, made.stderr) == (0, "")
    parcel = folder / "差出" / "M00001.zip.age"
    held = _todoku("--check", parcel, "--key", folder / KEY)
    assert "一致しました。" in held.stdout and "3通、3ページ" in held.stdout
    (digest,) = re.findall(r"M00001\.zip\.age: .*SHA-256 ([0-9a-f]{64})", made.stdout)
    assert digest in held.stdout
    again = _todoku(*words, "--go")
    assert (again.returncode, again.stdout.count("書き出しました")) == (1, 0)
    assert "すでにあります" in again.stderr


def test_every_good_row_is_in_exactly_one_place_and_every_bad_one_is_named(tmp_path: Path) -> None:
    number = "700000000123" + check_digit("700000000123")
    good = [f"K{no},見本 {no}号,100-{no % 7 + 1:04d},東京都千代田区千代田{no}-1," for no in range(1, MANY)]
    good.append(f"{number},見本 𠮷田,060-0041,北海道札幌市中央区大通東1丁目,")
    bad = [",,100-0001,千代田区,", "K1,見本 二重,100-0001,東京都千代田区千代田9,"]
    terms, listed, key = _sample(tmp_path, "\n".join(["管理番号,氏名,郵便番号,住所,方書", *good, *bad]))
    out = tmp_path / "差出"
    stopped = _todoku(listed, "--terms", terms, "--out", out, "--go")
    assert stopped.returncode == 1 and not out.exists()
    assert f"{MANY + 2}行目「氏名」: 宛名がありません。" in stopped.stdout
    assert f"{MANY + 3}行目「管理番号」: 同じ番号の行があります(2行目)" in stopped.stdout
    made = _todoku(listed, "--terms", terms, "--out", out, "--good-only", "--go")
    assert (made.returncode, made.stderr) == (0, "")
    clear = _clear(out / "M00001.zip.age", key)
    told = checked(clear).manifest
    assert told["pieces"] == MANY
    table = list(csv.DictReader(io.StringIO((out / "対応表-M00001.csv").read_text(encoding="utf-8-sig"))))
    assert [int(row["一覧の行"]) for row in table] == list(range(2, MANY + 2))
    assert sorted(int(row["連番"]) for row in table) == list(range(1, MANY + 1))
    assert len({(row["トレー"], row["位置"]) for row in table}) == MANY
    numbers = {row["お問い合わせ番号"] for row in table}
    assert len(numbers) == MANY and all(map(case_number_valid, numbers)) and number in numbers
    plan = list(csv.DictReader(io.StringIO(file_of(clear, "insert/M00001-insert.csv").decode("utf-8-sig"))))
    assert {row["照合コード"][:13] for row in plan} == numbers
    assert "見本" not in file_of(clear, "insert/M00001-insert.csv").decode("utf-8-sig")
    # The letter on each page is that of its row.
    path = tmp_path / "print.pdf"
    path.write_bytes(file_of(clear, told["batches"][0]["name"]))
    pdf = Finished(path)
    by_piece = {int(row["連番"]): row for row in table}
    for piece_no in (1, MANY // 2, MANY):
        row = by_piece[piece_no]
        line = (good + bad)[int(row["一覧の行"]) - 2].split(",")
        assert printed_number(row["お問い合わせ番号"]) in pdf.text(piece_no - 1)
        assert "".join(line[3].split()) in "".join(pdf.text(piece_no - 1).split())


def test_the_same_list_gives_the_same_numbers_and_another_one_into_the_same_folder_is_refused(
    tmp_path: Path,
) -> None:
    terms, listed, _ = _sample(tmp_path)
    first, second = tmp_path / "1", tmp_path / "2"
    for out in (first, second):
        assert _todoku(listed, "--terms", terms, "--out", out, "--go").returncode == 0
    table = "対応表-M00001.csv"
    assert (first / table).read_bytes() == (second / table).read_bytes()
    (first / "M00001.zip.age").unlink()  # as after a crash between the two files
    assert _todoku(listed, "--terms", terms, "--out", first, "--go").returncode == 0
    (second / "M00001.zip.age").unlink()
    listed.write_text(
        LIST_TEXT.replace("見本 花子", "見本 次郎").replace("\ufeff", "")
        + "4,見本 三郎,100-0001,千代田区千代田2,\n",
        encoding="utf-8",
    )
    other = _todoku(listed, "--terms", terms, "--out", second, "--go")
    assert other.returncode == 1 and "同じ名の別の差出があります" in other.stderr


def test_nothing_in_clear_is_left_in_the_folder_or_the_state(tmp_path: Path) -> None:
    terms, listed, _ = _sample(tmp_path)
    out = tmp_path / "差出"
    assert _todoku(listed, "--terms", terms, "--out", out, "--go").returncode == 0
    assert sorted(path.name for path in out.iterdir()) == ["M00001.zip.age", "対応表-M00001.csv"]
    for path in out.iterdir():
        data = path.read_bytes()
        assert "見本 花子".encode() not in data and "大通東".encode() not in data and b"%PDF" not in data


def test_a_changed_parcel_and_another_key_are_refused(tmp_path: Path) -> None:
    terms, listed, key = _sample(tmp_path)
    out = tmp_path / "差出"
    assert _todoku(listed, "--terms", terms, "--out", out, "--go").returncode == 0
    parcel = out / "M00001.zip.age"
    data = bytearray(parcel.read_bytes())
    data[len(data) // 2] ^= 1
    parcel.write_bytes(bytes(data))
    answer = _todoku("--check", parcel, "--key", key)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "途中で変わったデータ" in answer.stderr and "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 1, "宛名一覧（CSV）、--terms（差出条件）、--out（書き出すフォルダー）が足りません"),
        (("a.csv", "--terms", "t.toml", "--out", "o"), 1, "ファイル t.toml がありません"),
        (("--check", "a.age"), 1, "--key（印刷会社の秘密鍵）が足りません"),
        (("a.csv", "--fast"), 2, "知らない言葉です: --fast"),
    ],
)  # fmt: skip
def test_what_is_missing_or_not_understood_is_said_in_japanese(
    words: tuple[str, ...], code: int, says: str
) -> None:
    answer = _todoku(*words)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert says in answer.stderr
    assert ENGLISH.findall(answer.stderr) == [] and "Traceback" not in answer.stderr


def test_a_sample_is_never_written_over_anything(tmp_path: Path) -> None:
    (tmp_path / TERMS).write_text("大切", encoding="utf-8")
    with pytest.raises(CannotShow) as refused:
        write_example(tmp_path, today=date(2026, 11, 24))
    assert "空のフォルダーではありません" in refused.value.sentence
    assert [path.name for path in tmp_path.iterdir()] == [TERMS]
