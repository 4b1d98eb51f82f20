"""`bank-list`: a newer list is compared, counted, and its changes are kept once, whatever a person has added to them."""

import json
from pathlib import Path

import pytest

from todoku.commands.__main__ import COMMANDS, run
from todoku.formats import bank_changes


def _list(folder: Path, day: str, branches: dict[str, dict[str, str]]) -> Path:
    (folder / "branches").mkdir(parents=True)
    (folder / "updated_at").write_text(day)
    (folder / "banks.json").write_text(json.dumps({bank: {"name": f"銀行{bank}"} for bank in branches}))
    for bank, rows in branches.items():
        named = {code: {"name": name} for code, name in rows.items()}
        (folder / "branches" / f"{bank}.json").write_text(json.dumps(named))
    return folder


def test_what_changed_is_counted_then_written_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = _list(
        tmp_path / "older", "20260401", {"0001": {"001": "本店", "002": "港"}, "0002": {"001": "本店"}}
    )
    newer = _list(tmp_path / "newer", "20260501", {"0001": {"001": "本店", "003": "新町"}})
    out = tmp_path / "changes.csv"

    def again(*more: str) -> str:
        asked = [str(newer), "--older", str(older), "--out", str(out), *more]
        assert run("bank-list", COMMANDS["bank-list"], asked) == 0
        return capsys.readouterr().out

    said = again()
    assert (
        "新設1件、廃止2件" in said
        and "銀行0002（0002）　統合先は一覧から分かりません" in said
        and not out.exists()
    )
    again("--go")
    # A person who has the bank's notice fills in the day and the successor.
    out.write_text(
        out.read_text().replace(
            "0001,002,closed,2026-04-01,2026-05-01,港,,", "0001,002,merged,2026-04-01,2026-05-01,港,0001,003"
        )
    )
    assert "新設0件、廃止0件" in again("--go")
    kept = {(one.bank, one.branch): (one.what, one.to_branch) for one in bank_changes.read(out.read_text())}
    assert kept == {
        ("0001", "002"): ("merged", "003"),
        ("0001", "003"): ("opened", ""),
        ("0002", ""): ("closed", ""),
    }
