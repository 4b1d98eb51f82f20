"""`bank-file`: from a payment list in CSV to a verified bank file, without the rest of the house and any database.

Comes in: a list, who pays, the bank's profile, the value date. Goes out: bank files, decision list, line file and
manifest in one folder, proven by `todoku_verify`. Dry unless told otherwise; it never writes over another payment.
"""

import argparse
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

import todoku_verify
from todoku.commands.bank_file_example import BANK_TEXT, write_example
from todoku.commands.japanese_help import JapaneseParser
from todoku.custody import files
from todoku.formats import bank_days, bank_profile, payer, payment_list
from todoku.formats.bank_bundle import Bundle, bundle
from todoku.formats.bank_cut_off import JAPAN, cut_off, first_value_date
from todoku.formats.csv_list import ERROR, WARNING
from todoku.formats.payment_bundle import sha256
from todoku.formats.refused import FormatRefused
from todoku.formats.zengin_layout import PROFILES, Profile
from todoku.ground.step import Refusal

HELP = (
    "支払一覧（CSV）から、検証済みの総合振込データを作ります。データベースは要りません。\n"
    "--go を付けるまで、何も書き出しません。"
)
PARSER = JapaneseParser
SAME_FOLDER = (
    "同じ支払は、同じフォルダーで作ってください。別のフォルダーに作ると、同じ振込データがもう一つできます。"
)
_USAGE = """./run todoku bank-file 支払一覧.csv --payer 支払元.toml --profile 設定 --value-date 2026-12-04 --out フォルダー
        ./run todoku bank-file --example フォルダー"""
_NEEDED = {
    "list": "支払一覧（CSV）", "payer": "--payer（支払元の設定）", "value_date": "--value-date（振込指定日）",
    "out": "--out（書き出すフォルダー）",
}  # fmt: skip
HELP_COLUMNS = 76  # a terminal of 80
TEXT_BYTES_MAX = 100_000  # a profile or payer has under 2 KB; a list given by mistake is refused by its size
_OURS = ("sougou-", "manifest-", "decisions-", "lines-")
_BANK_FILE_BYTES_MAX = 200_000_000  # 999,999 records and their ends are 122 MB; nothing larger is a bank file


class CannotMake(Refusal):
    """The bank file cannot be made as asked; nothing was written."""


class Asked(NamedTuple):
    """What was asked for, read and understood."""

    payments: payment_list.PaymentList
    payer: payer.Payer
    profile: Profile
    value_date: date


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = _USAGE
    parser.epilog = f"{SAME_FOLDER}\n\nはじめからある金融機関の設定:\n  {_profiles()}"
    made = parser.add_argument_group("振込データを作る")
    made.add_argument("list", nargs="?", type=Path, metavar="支払一覧.csv", help="見出しのあるCSV")
    made.add_argument("--payer", type=Path, metavar="支払元.toml", help="支払元の設定")
    made.add_argument(
        "--profile", metavar="設定", help="金融機関の設定のファイルか、下の名前（支払元に書けば不要）"
    )
    made.add_argument("--value-date", metavar="年-月-日", help="振込指定日（例 2026-12-04）")
    made.add_argument("--out", type=Path, metavar="フォルダー", help="書き出すフォルダー")
    made.add_argument("--good-only", action="store_true", help="誤りのある行を除いて作ります")
    made.add_argument("--go", action="store_true", help="書き出します（付けなければ確認だけ）")
    shown = parser.add_argument_group("見本を作る")
    words = "設定2つと支払一覧の見本を、空のフォルダーに書き出します"
    shown.add_argument("--example", type=Path, metavar="フォルダー", help=words)


def _profiles() -> str:
    return "\n  ".join(wrap("  ".join(PROFILES), HELP_COLUMNS))


def run(options: argparse.Namespace) -> int:
    now = datetime.now(JAPAN)
    if options.example is not None:
        return _example(options.example, now)
    missing = [words for name, words in _NEEDED.items() if getattr(options, name) is None]
    if missing:
        raise CannotMake(
            f"{'、'.join(missing)}が足りません。",
            remedy="./run todoku bank-file --help で書き方を、--example で見本を確かめられます。",
        )
    options.value_date = _day(options.value_date)
    return make(options, now=now)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CannotMake(
            f"振込指定日「{text}」は日付ではありません。2026-12-04 のように書いてください。"
        ) from error


def _example(folder: Path, now: datetime) -> int:
    """Writes the sample files and says the command that makes a bank file of them."""
    written = write_example(folder)
    payer_text, bank_text, listed = written
    day = first_value_date(bank_profile.parse(BANK_TEXT), now)
    print(f"{folder} に見本を書き出しました: {'、'.join(path.name for path in written)}")
    print("設定を自分の自治体と金融機関のものに直し、支払一覧を差し替えてから、次のように実行します。")
    print(
        f"./run todoku bank-file {listed} --payer {payer_text} --profile {bank_text}"
        f" --value-date {day} --out {folder / day.isoformat()}"
    )
    print(SAME_FOLDER)
    return 0


def make(options: argparse.Namespace, *, now: datetime) -> int:
    """Reads, says what is wrong, and with `go` writes and verifies; 0 when all is well."""
    try:
        asked = _asked(options)
        errors = _tell_problems(asked.payments)
        if errors and not options.good_only:
            print(
                "誤りのある行を直すか、--good-only を付けて誤りのない行だけで作ってください。何も書き出していません。"
            )
            return 1
        if not asked.payments.rows:
            raise CannotMake("振り込める行が1件もありません。支払一覧を確認してください。")
        made = bundle(asked.payments.rows, asked.payer, asked.profile, asked.value_date)
    except FormatRefused as refused:
        raise CannotMake(refused.sentence) from refused
    _tell_bundle(made, asked, now)
    copies = list(_copies(made, options.out))
    if copies:
        raise CannotMake("\n".join(copies))
    written = _written_already(made, options.out)
    _tell_neighbours(made, options.out, written)
    if not options.go and not written:
        print("確認だけを行いました。書き出すには --go を付けてください。")
        return 0
    if not written:
        _ask_day(asked.value_date, now)
        _write(made, options.out)
    return _verified(made, options.out)


def _asked(options: argparse.Namespace) -> Asked:
    found = payer.parse(_text(options.payer))
    named = options.profile or found.bank_profile
    if not named:
        raise CannotMake("金融機関の設定を --profile か、支払元の設定の bank_profile で指定してください。")
    profile = bank_profile.chosen(
        _text(Path(named)) if named not in PROFILES and Path(named).is_file() else named
    )
    if not bank_days.is_bank_day(options.value_date):
        day = bank_days.next_bank_day(options.value_date)
        raise CannotMake(f"振込指定日{options.value_date}は銀行の休業日です。翌営業日は{day}です。")
    return Asked(payment_list.read(_bytes(options.list)), found, profile, options.value_date)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise CannotMake(f"ファイル {path} がありません。場所と名前を確かめてください。")
    return path.read_bytes()


def _text(path: Path) -> str:
    data = _bytes(path)
    if len(data) > TEXT_BYTES_MAX:
        raise CannotMake(f"ファイル {path} は大きすぎて、設定のファイルではありません。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotMake(f"ファイル {path} はUTF-8ではありません。UTF-8で保存し直してください。") from error


def _tell_problems(found: payment_list.PaymentList) -> int:
    """Every problem by row, column and remedy; the number of rows that have an error."""
    for problem in found.problems:
        print(f"{'誤り' if problem.severity == ERROR else '注意'} {problem.sentence}")
    warned = {problem.line for problem in found.problems if problem.severity == WARNING}
    errors = found.lines - len(found.rows)
    total = sum(row.amount_yen for row in found.rows)
    print(
        f"支払一覧 {found.lines:,}行: 振り込める行 {len(found.rows):,}件 {total:,}円、"
        f"誤りのある行 {errors:,}件、注意のある行 {len(warned):,}件"
    )
    return errors


def _tell_bundle(made: Bundle, asked: Asked, now: datetime) -> None:
    for file in made.files:
        print(f"{file.name}: {file.row_count:,}件 {file.total_yen:,}円 SHA-256 {file.sha256}")
    until = cut_off(asked.profile, asked.value_date)
    print(f"金融機関の受付期限（設定「{asked.profile.name}」）: {until:%Y-%m-%d %H:%M}")
    if now > until:
        print("注意 受付期限を過ぎています。間に合うか、金融機関に確認してください。")


def _ask_day(value_date: date, now: datetime) -> None:
    if value_date <= now.date():
        raise CannotMake("振込指定日が今日か、過ぎています。先の営業日を指定してください。")


def _copies(made: Bundle, folder: Path) -> Iterator[str]:
    """Sentences on files of the folder that hold the same payments under another name: how an old file is sent again."""
    ours = {name for name, _ in made.all}
    digests = {file.sha256: file.name for file in made.files}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in ours or not path.is_file() or path.stat().st_size > _BANK_FILE_BYTES_MAX:
            continue
        same = digests.get(files.sha256_of(path))
        if same:
            yield (
                f"{path.name} は、{same} と同じ内容の振込データです（SHA-256 {files.sha256_of(path)}）。"
                "渡すファイルを取り違えないよう、このファイルの由来を確かめ、別の場所へ移してください。"
            )


def _tell_neighbours(made: Bundle, folder: Path, written: bool) -> None:
    """Looks for the same payments in the folders beside this one, whatever their day. The same bank file is refused."""
    name, decided = made.decisions
    for beside in _folders_beside(folder):
        if not os.access(beside / name, os.R_OK) or files.sha256_of(beside / name) != sha256(decided):
            continue
        same = {path.name for path in beside.iterdir()} >= {file.name for file in made.files}
        if same and not written:
            raise CannotMake(
                f"同じ支払の振込データが、フォルダー {beside} にすでにあります。",
                remedy=f"{SAME_FOLDER}作り直すときは --out にそのフォルダーを指定し、要らないときは別の場所へ移してください。",
            )
        print(
            f"注意 同じ支払の一覧が、フォルダー {beside} にもあります。"
            "二重払いでないか、金融機関へ渡していないかを確かめてください。"
        )


def _folders_beside(folder: Path) -> Iterator[Path]:
    here = folder.resolve()
    if os.access(here.parent, os.R_OK | os.X_OK):
        yield from sorted(path for path in here.parent.iterdir() if path != here and os.path.isdir(path))


def _written_already(made: Bundle, folder: Path) -> bool:
    """Whether the folder holds this very batch, by its manifest. Raises CannotMake where it holds another one."""
    held = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    ours = dict(made.all)
    name, proof = made.manifest
    if ours.keys() <= held.keys() and held[name].read_bytes() == proof:
        print(
            f"この振込データは、すでに書き出してあります（{name} SHA-256 {sha256(proof)}）。書き直しません。"
        )
        return True
    different = [
        name
        for name in sorted(held)
        if name.startswith(_OURS) and (name not in ours or files.sha256_of(held[name]) != sha256(ours[name]))
    ]
    if different:
        raise CannotMake(
            f"フォルダー {folder} には別の振込データがあります（{'、'.join(different)}）。",
            remedy="別の空のフォルダーを指定してください。同じ支払を二度渡さないよう、元のフォルダーも確かめてください。",
        )
    return False


def _write(made: Bundle, folder: Path) -> None:
    """Each file whole and durable, the manifest last: a folder without it is one that was not finished."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, data in made.all:
        files.write_to(folder, name, data)
    print(f"フォルダー {folder} に {len(made.all)} 個のファイルを書き出しました。")


def _verified(made: Bundle, folder: Path) -> int:
    """The verdict of the verifier over the files as they lie in the folder now."""
    held = {name: (folder / name).read_bytes() for name, _ in made.all}
    verdict = todoku_verify.verify(
        held[made.manifest[0]],
        held[made.lines[0]],
        [held[made.decisions[0]]],
        [(name, held[name]) for name, _ in made.bank_files],
    )
    print(verdict.told())
    return 0 if verdict.ok else 1
