"""`bank-file`: from a payment list in CSV to a verified bank file, without the rest of the house and any database.

Comes in: a list, who pays, the bank's profile, the value date. Goes out: bank files, decision list, line file and
manifest in one folder, proven by `todoku_verify`. Dry unless told otherwise; it never writes over another payment.
"""

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import todoku_verify
from todoku.custody import files
from todoku.formats import bank_days, bank_profile, payer, payment_list
from todoku.formats.bank_bundle import Bundle, bundle
from todoku.formats.csv_list import ERROR, WARNING
from todoku.formats.payment_bundle import sha256
from todoku.formats.refused import FormatRefused
from todoku.formats.zengin_layout import PROFILES, Profile
from todoku.ground.step import Refusal

HELP = "Make a verified bank file from a payment list in CSV, without any database; writes only with --go."
TEXT_BYTES_MAX = 100_000  # a profile or payer has under 2 KB; a list given by mistake is refused by its size
_JAPAN = ZoneInfo("Asia/Tokyo")
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
    parser.add_argument(
        "list", type=Path, metavar="LIST.csv", help="the payment list, CP932 or UTF-8, with headings"
    )
    parser.add_argument("--payer", type=Path, required=True, help="who pays: a TOML text")
    parser.add_argument(
        "--profile",
        help="the paying bank's: a TOML text, or one of "
        + ", ".join(PROFILES)
        + "; else the payer's bank_profile",
    )
    parser.add_argument("--value-date", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where the files are written"
    )
    parser.add_argument(
        "--good-only", action="store_true", help="leave rows with an error out instead of stopping"
    )
    parser.add_argument("--go", action="store_true", help="write the files; without it they are only checked")


def run(options: argparse.Namespace) -> int:
    return make(options, now=datetime.now(_JAPAN))


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
    profile = asked.profile
    last = (
        bank_days.bank_days_after(asked.value_date, -profile.lead_days)
        if profile.lead_days
        else asked.value_date
    )
    cut_off = datetime.combine(last, profile.cut_off, _JAPAN)
    print(f"金融機関の受付期限（設定「{profile.name}」）: {cut_off:%Y-%m-%d %H:%M}")
    if now > cut_off:
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
