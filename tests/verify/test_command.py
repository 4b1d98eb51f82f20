"""The command as a treasurer runs it: a folder or files in, a sentence and an exit code out; and packed in one file."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.verify.bundles import laid_out, verified
from todoku.commands.verifier import NAME, packed
from todoku.ground.places import ROOT
from todoku.sampletown.bundle import Bundle

FIRST = "sougou-20261204-12-1.txt"


def run(
    *words: str | Path, at: Path = ROOT, program: tuple[str, ...] = ("-m", "todoku_verify")
) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *program, *map(str, words)], cwd=at, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def folder(small: Bundle, tmp_path: Path) -> Path:
    return laid_out(small, tmp_path / "bundle")


def alter(path: Path) -> None:
    data = path.read_bytes()
    at = 122 * 7 + 43
    path.write_bytes(data[:at] + bytes(reversed(data[at : at + 7])) + data[at + 7 :])


def test_a_folder_that_agrees_ends_with_0(folder: Path, small: Bundle) -> None:
    verdict = verified(small)
    assert run(folder) == (0, verdict.told() + "\n")
    assert run(folder, "--sha256", verdict.manifest_sha256)[0] == 0


def test_an_altered_file_ends_with_1_and_is_told_by_line_and_field(folder: Path) -> None:
    account = (folder / FIRST).read_bytes()[122 * 7 + 43 : 122 * 7 + 50].decode()
    alter(folder / FIRST)
    code, text = run(folder)
    assert code == 1
    assert text.startswith("一致しません。")
    assert f"{FIRST} 8行目「口座番号」" in text and account not in text
    assert account in run(folder, "--show")[1]
    assert run(folder, "--sha256", "0" * 64)[0] == 1


def test_a_digest_may_be_written_in_groups_as_the_page_shows_it(folder: Path, small: Bundle) -> None:
    digest = verified(small).manifest_sha256
    groups = [digest[at : at + 8] for at in range(0, 64, 8)]
    assert run(folder, "--sha256", " ".join(groups))[0] == 0
    assert run(folder, "--sha256", *groups)[0] == 0
    assert run("--sha256", *groups, folder)[0] == 0
    assert run(folder, "--sha256", digest.upper())[0] == 0
    assert run(folder, "--sha256", *groups[:-1], groups[-1][::-1])[0] == 1


@pytest.mark.parametrize("digest", ["", "12345678", "0" * 63, "0" * 63 + "x", "0" * 72])
def test_what_is_no_digest_proves_nothing_and_is_named(folder: Path, digest: str) -> None:
    code, text = run(folder, "--sha256", digest)
    assert code == 2
    assert text.startswith("読み取れません。--sha256: 指紋は0～9とa～fの64桁です")


def test_programs_are_answered_in_json(folder: Path, small: Bundle) -> None:
    code, text = run(folder, "--json")
    told = json.loads(text)
    assert (code, told["ok"], told["count"], told["total_yen"]) == (0, True, 300, verified(small).total_yen)
    alter(folder / FIRST)
    code, text = run(folder, "--json")
    told = json.loads(text)
    assert (code, told["ok"]) == (1, False)
    assert [(one["file"], one["line"], one["field"]) for one in told["differences"]] == [
        (FIRST, 8, "口座番号"), (FIRST, 0, "SHA-256"),
    ]  # fmt: skip
    (folder / "lines-12.tsv").unlink()
    code, text = run(folder, "--json")
    assert (code, json.loads(text)["unreadable"]) == (2, "lines-12.tsv")


@pytest.mark.parametrize("name", ["manifest-12.json", "lines-12.tsv", "decisions-5.tsv", FIRST])
def test_a_missing_file_ends_with_2_and_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    code, text = run(folder)
    assert code == 2
    assert text.startswith("読み取れません。")
    assert ("manifest-*.json" if name.startswith("manifest") else name) in text


def test_what_cannot_be_read_ends_with_2_and_says_why(folder: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere")[0] == 2
    (folder / "decisions-3.tsv").write_bytes(b"something else\n")
    code, text = run(folder)
    assert (code, "decisions-3.tsv" in text) == (2, True)
    (folder / "manifest-13.json").write_bytes(b"{}")
    assert "2個あります" in run(folder)[1]


def test_a_bank_file_under_another_name_is_proven_when_it_is_named(folder: Path, tmp_path: Path) -> None:
    stick = tmp_path / "20261204.dat"
    (folder / FIRST).rename(stick)
    assert run(folder)[0] == 2
    assert run(folder, stick)[0] == 0
    alter(stick)
    code, text = run(folder, stick)
    assert (code, "20261204.dat 8行目「口座番号」" in text) == (1, True)


def test_packed_it_is_the_same_bytes_each_time_and_needs_nothing_else(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "todoku.commands", "verifier", "--to", str(empty / NAME)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    data = (empty / NAME).read_bytes()
    assert data == packed()
    assert done.stdout.split()[0] == hashlib.sha256(data).hexdigest()
    bare = ("-I", "-S", NAME)
    assert run(folder, at=empty, program=bare)[0] == 0
    alter(folder / FIRST)
    code, text = run(folder, at=empty, program=bare)
    assert (code, "8行目「口座番号」" in text) == (1, True)
    assert sorted(path.name for path in empty.iterdir()) == [NAME]


def test_the_packed_file_holds_the_verifier_and_no_time_or_order_of_this_machine() -> None:
    entries = zipfile.ZipFile(io.BytesIO(packed())).infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(
        ["__main__.py", *(f"todoku_verify/{path.name}" for path in (ROOT / "todoku_verify").glob("*.py"))]
    )
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
