"""The command: finds the files in a folder or as named, asks `verify`, prints the verdict; writes nothing."""

import argparse
import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from todoku_verify import decisions, manifest
from todoku_verify.findings import Findings, Unreadable, Verdict
from todoku_verify.verify import verify

YES, NO, NOT_READ = 0, 1, 2
DIGITS = 64  # of a SHA-256 in hexadecimal
_HELP = "振込ファイルを、支給決定一覧・明細・振込データ明細書と1バイトずつ照合します。何も書き換えません。"
_ENDS = "終了コード: 0 一致、1 不一致、2 読み取れないファイルがある"


def main(words: Sequence[str]) -> int:
    """Runs the command; 0 agrees, 1 differs, 2 could not read."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console without Japanese still gets its answer
    parser = argparse.ArgumentParser(prog="todoku-verify", description=_HELP, epilog=_ENDS)
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="FOLDER_OR_FILES", help="フォルダーまたはファイル"
    )
    parser.add_argument("--sha256", metavar="DIGEST", help="承認された明細書の指紋（空白があってもよい）")
    parser.add_argument("--json", action="store_true", help="結果をJSONで出力する")
    parser.add_argument("--show", action="store_true", help="口座番号と名義を隠さずに出力する")
    options = parser.parse_args(_joined(words))
    try:
        verdict = judged(options.paths, "" if options.sha256 is None else _digest(options.sha256))
    except Unreadable as unreadable:
        told = {"ok": False, "unreadable": unreadable.file, "sentence": unreadable.sentence}
        print(json.dumps(told, ensure_ascii=False) if options.json else f"読み取れません。{unreadable}")
        return NOT_READ
    values = verdict.values(show=options.show)
    print(json.dumps(values, ensure_ascii=False) if options.json else verdict.told(show=options.show))
    return YES if verdict.ok else NO


def _joined(words: Sequence[str]) -> list[str]:
    """The words with a digest that was written in groups, as the page shows it, put together after --sha256."""
    found: list[str] = []
    for word in words:
        follows = found[-2:-1] == ["--sha256"] and len(found[-1]) < DIGITS
        if follows and re.fullmatch("[0-9A-Fa-f]{8}", word):
            found[-1] += word
        else:
            found.append(word)
    return found


def _digest(text: str) -> str:
    """The digest without blanks, in small letters; raises Unreadable for what is none: it would prove nothing."""
    digest = "".join(text.split()).lower()
    if not re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", digest):
        raise Unreadable(
            "--sha256",
            f"指紋は0～9とa～fの{DIGITS}桁です（今は{len(digest)}桁）。画面から写し直してください。",
        )
    return digest


def judged(paths: Sequence[Path], sha256: str) -> Verdict:
    """Reads what the manifest names from the folders and files given, and verifies it. Raises Unreadable."""
    files = _files(paths)
    manifests = [path for name, path in files.items() if re.fullmatch(r"manifest-.*\.json", name)]
    if len(manifests) != 1:
        where = "、".join(str(path) for path in paths)
        raise Unreadable(
            where, f"振込データ明細書(manifest-*.json)が{len(manifests)}個あります。1つだけにしてください。"
        )
    data = _read(manifests[0])
    told = manifest.read(data, Findings())
    lists = {one.number: _named(files, decisions.name_of(one.number)) for one in told.decision_lists}
    lines = _named(files, told.lines.name)
    names = {one.name for one in told.files}
    known = {manifests[0].name, told.lines.name, *(decisions.name_of(number) for number in lists)}
    # A bank file that was given another name on its way is taken if it was named on the command line.
    renamed = [path for path in paths if path.is_file() and path.name not in names | known]
    lacking = sorted(names - files.keys())
    if len(renamed) < len(lacking):
        raise Unreadable(lacking[0], "この振込ファイルがありません。フォルダーに入れてやり直してください。")
    paired = [files[name] for name in sorted(names & files.keys())] + renamed
    return verify(data, lines, lists, [(path.name, _read(path)) for path in paired], sha256=sha256)


def _files(paths: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise Unreadable(str(path), "ありません。場所と名前を確かめてください。")
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file() and found.setdefault(file.name, file) != file:
                raise Unreadable(
                    file.name, "同じ名前のファイルが2つあります。1つのフォルダーだけを指定してください。"
                )
    return found


def _named(files: dict[str, Path], name: str) -> bytes:
    if name not in files:
        raise Unreadable(name, "ありません。同じフォルダーに入れてやり直してください。")
    return _read(files[name])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(str(path), f"開けません({error.strerror})。") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
