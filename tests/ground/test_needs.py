"""Each unmet need is one line: what is missing, and what to install."""

from pathlib import Path

import pytest

from todoku.ground import needs


def test_a_machine_that_runs_these_tests_has_all_it_must() -> None:
    needs.ensure(browser=True)
    assert needs.chromium() is not None


def test_a_state_folder_that_takes_no_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "var"
    in_the_way.write_text("a file where a folder should be")
    monkeypatch.setenv("TODOKU_VAR", str(in_the_way))
    with pytest.raises(needs.NeedsUnmet) as refused:
        needs.ensure()
    assert str(in_the_way) in refused.value.sentence
    assert "TODOKU_VAR" in refused.value.sentence


def test_a_folder_where_nothing_was_collected_yet_needs_every_piece(var_folder: Path) -> None:
    lines = [str(need) for need in needs.unmet()]
    assert any("BIZUDGothic-Regular.ttf" in line for line in lines)
    assert all("./run todoku assets" in line and "\n" not in line for line in lines)


def test_a_browser_that_does_not_start_counts_as_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'requires the chromium snap' >&2\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("TODOKU_CHROMIUM", str(stub))
    assert needs.chromium() is None
    with pytest.raises(needs.NeedsUnmet) as refused:
        needs.ensure(browser=True)
    assert str(stub) in refused.value.sentence


def _browser(folder: Path, name: str, *, starts: bool = True) -> str:
    """A program of this name that answers like a browser, or like Ubuntu's stub."""
    program = folder / name
    program.write_text(f"#!/bin/sh\nexit {0 if starts else 1}\n")
    program.chmod(0o755)
    return str(program)


def test_the_browser_without_a_window_is_taken_first_and_the_full_one_where_there_is_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TODOKU_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    full = _browser(tmp_path, "chromium")
    assert needs.chromium() == full
    shell = _browser(tmp_path, "chromium-headless-shell")
    assert needs.chromium() == shell
    _browser(tmp_path, "chromium-headless-shell", starts=False)
    assert needs.chromium() == full


def test_the_remedy_for_a_browser_is_a_package_or_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TODOKU_CHROMIUM", raising=False)
    assert "chrom" in needs.chromium_remedy()
