"""Bought alone, the bank file's command speaks Japanese throughout and writes its own sample, which works as it is."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from todoku.commands.bank_file import SAME_FOLDER
from todoku.commands.bank_file_example import (
    BANK,
    BANK_TEXT,
    LIST,
    PAYER,
    PAYER_TEXT,
    CannotShow,
    write_example,
)
from todoku.formats import bank_profile, payer
from todoku.formats.bank_cut_off import JAPAN
from todoku.formats.bank_days import bank_days_after
from todoku.formats.zengin_layout import PROFILES
from todoku.ground.places import ROOT

ENGLISH = re.compile(r"\b(usage|options|positional|arguments|show|help|the|optional|default)\b(?<!--help)")


def _todoku(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "bank-file", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere", "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_the_help_is_japanese_and_says_where_to_make_the_same_payment_again() -> None:
    answer = _todoku("--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("使い方: ./run todoku bank-file 支払一覧.csv --payer")
    assert ENGLISH.findall(answer.stdout) == []
    assert SAME_FOLDER in answer.stdout
    assert all(name in answer.stdout for name in PROFILES)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 1, "支払一覧（CSV）、--payer（支払元の設定）、--value-date（振込指定日）、--out（書き出すフォルダー）が足りません"),
        (("a.csv", "--payer", "p.toml", "--out", "o", "--value-date", "12月4日"), 1, "2026-12-04 のように"),
        (("a.csv", "--fast"), 2, "知らない言葉です: --fast"),
        (("a.csv", "--out"), 2, "--out: すぐ後に値を書いてください"),
    ],
)  # fmt: skip
def test_what_is_missing_or_not_understood_is_said_in_japanese(
    words: tuple[str, ...], code: int, says: str
) -> None:
    answer = _todoku(*words)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert says in answer.stderr
    assert ENGLISH.findall(answer.stderr) == [] and "Traceback" not in answer.stderr


def test_the_sample_makes_a_verified_bank_file_by_the_command_that_it_names(tmp_path: Path) -> None:
    folder = tmp_path / "見本"
    shown = _todoku("--example", folder)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted([PAYER, BANK, LIST])
    assert SAME_FOLDER in shown.stdout
    (line,) = [one for one in shown.stdout.splitlines() if one.startswith("./run todoku bank-file ")]
    words = line.removeprefix("./run todoku bank-file ").split()
    later = bank_days_after(datetime.now(JAPAN).date() + timedelta(days=20), 1)
    assert words[words.index("--value-date") + 1] < later.isoformat()
    made = _todoku(*words, "--go")
    assert (made.returncode, made.stderr) == (0, "")
    assert "一致しました。3件、230,000円。" in made.stdout
    assert "誤り" not in made.stdout.replace("誤りのある行 0件", "") and "注意 " not in made.stdout


def test_a_sample_is_never_written_over_anything(tmp_path: Path) -> None:
    mine = tmp_path / PAYER
    mine.write_text("大切", encoding="utf-8")
    for taken in (tmp_path, mine):
        with pytest.raises(CannotShow) as refused:
            write_example(taken)
        assert (
            "空のフォルダーではありません" in refused.value.sentence and "--example" in refused.value.remedy
        )
    assert [path.name for path in tmp_path.iterdir()] == [PAYER]
    assert mine.read_text(encoding="utf-8") == "大切"
    (tmp_path / "empty").mkdir()
    assert len(write_example(tmp_path / "empty")) == 3


def test_the_sample_settings_say_everything_that_can_be_set_and_the_manual_shows_them() -> None:
    bank = bank_profile.parse(BANK_TEXT)
    assert all(re.search(rf"^{key} = ", BANK_TEXT, re.MULTILINE) for key in bank_profile.KEYS)
    assert bank == PROFILES["standard"]._replace(name="minato", max_records=50_000)
    assert payer.parse(PAYER_TEXT).payment_order == "第45号"
    manual = (ROOT / "docs" / "manual.ja.md").read_text(encoding="utf-8")
    assert f"```toml\n{PAYER_TEXT}```" in manual
    assert f"```toml\n{BANK_TEXT}```" in manual
    assert SAME_FOLDER in manual
