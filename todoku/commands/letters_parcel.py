"""`letters-parcel`: from a mailing list in CSV to a printer's encrypted parcel, without the rest of the house.

Comes in: a list, the mailing's terms. Goes out: one parcel that only the printer opens, and for the office the list of which
line became which piece. Dry unless told otherwise; it never writes over another parcel.
"""

import argparse
from datetime import datetime
from pathlib import Path

from todoku.commands.japanese_help import JapaneseParser
from todoku.commands.letters_parcel_example import write_example
from todoku.custody import files
from todoku.formats import mailing_list
from todoku.formats.bank_cut_off import JAPAN
from todoku.formats.csv_list import ERROR, WARNING
from todoku.formats.refused import FormatRefused
from todoku.ground import assets
from todoku.ground.places import var
from todoku.ground.step import Refusal
from todoku.sheets import mailing_terms
from todoku.sheets.mailing_run import Printed, correspondence, encrypted, print_mailing
from todoku.sheets.mailing_terms import MailingTerms
from todoku.sheets.printer_parcel import SUFFIX, checked, opened

HELP = (
    "宛名一覧（CSV）から、印刷会社に渡す暗号化したデータを作ります。データベースは要りません。\n"
    "--go を付けるまで、何も書き出しません。"
)
PARSER = JapaneseParser
_USAGE = """./run todoku letters-parcel 宛名一覧.csv --terms 差出条件.toml --out フォルダー
        ./run todoku letters-parcel --example フォルダー
        ./run todoku letters-parcel --check データ.zip.age --key 秘密鍵.txt"""
_NEEDED = {"list": "宛名一覧（CSV）", "terms": "--terms（差出条件）", "out": "--out（書き出すフォルダー）"}
TERMS_BYTES_MAX = 200_000  # terms have some 3 KB; a list given by mistake is refused by its size
LIST_BYTES_MAX = 50_000_000  # 50,000 rows are under 10 MB


class CannotMake(Refusal):
    """The parcel cannot be made as asked; nothing was written."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = _USAGE
    made = parser.add_argument_group("印刷会社に渡すデータを作る")
    made.add_argument("list", nargs="?", type=Path, metavar="宛名一覧.csv", help="見出しのあるCSV")
    made.add_argument("--terms", type=Path, metavar="差出条件.toml", help="文言・封入・印刷会社・差出の条件")
    made.add_argument("--out", type=Path, metavar="フォルダー", help="書き出すフォルダー")
    made.add_argument("--good-only", action="store_true", help="誤りのある行を除いて作ります")
    made.add_argument("--go", action="store_true", help="書き出します（付けなければ確認だけ）")
    shown = parser.add_argument_group("見本を作る")
    words = "差出条件と宛名一覧の見本、試すための鍵を、空のフォルダーに書き出します"
    shown.add_argument("--example", type=Path, metavar="フォルダー", help=words)
    held = parser.add_argument_group("受け取ったデータを確かめる（印刷会社）")
    held.add_argument("--check", type=Path, metavar="データ.zip.age", help="件数とSHA-256を確かめます")
    held.add_argument("--key", type=Path, metavar="秘密鍵.txt", help="印刷会社の秘密鍵")


def run(options: argparse.Namespace) -> int:
    now = datetime.now(JAPAN)
    if options.example is not None:
        return _example(options.example, now)
    if options.check is not None:
        return _check(options.check, options.key)
    missing = [words for name, words in _NEEDED.items() if getattr(options, name) is None]
    if missing:
        raise CannotMake(
            f"{'、'.join(missing)}が足りません。",
            remedy="./run todoku letters-parcel --help で書き方を、--example で見本を確かめられます。",
        )
    return make(options, now=now)


def make(options: argparse.Namespace, *, now: datetime) -> int:
    """Reads, says what is wrong and what it will cost, and with `go` writes; 0 when all is well."""
    try:
        terms = mailing_terms.parse(_text(options.terms))
        found = mailing_list.read(_bytes(options.list, LIST_BYTES_MAX, "宛名一覧"))
        errors = _tell_problems(found)
        if errors and not options.good_only:
            print(
                "誤りのある行を直すか、--good-only を付けて誤りのない行だけで作ってください。何も書き出していません。"
            )
            return 1
        if not found.rows:
            raise CannotMake("送れる行が1件もありません。宛名一覧を確認してください。")
        assets.collect()
        printed = print_mailing(found.rows, terms, fonts_dir=var("assets", "fonts"))
    except FormatRefused as refused:
        raise CannotMake(refused.sentence) from refused
    _tell_hand_work(printed)
    _tell_mailing(printed, terms)
    if not options.go:
        print("確認だけをしました。書き出すには --go を付けてください。")
        return 0
    return _write(printed, terms, options.out, now)


def _tell_problems(found: mailing_list.MailingList) -> int:
    """Every problem by row, column and remedy; the number of rows that have an error."""
    for problem in found.problems:
        print(f"{'誤り' if problem.severity == ERROR else '注意'} {problem.sentence}")
    warned = {problem.line for problem in found.problems if problem.severity == WARNING}
    errors = found.lines - len(found.rows)
    print(
        f"宛名一覧 {found.lines:,}行: 送れる行 {len(found.rows):,}件、誤りのある行 {errors:,}件、注意のある行 {len(warned):,}件"
    )
    return errors


def _tell_hand_work(printed: Printed) -> None:
    """Pieces that a person must look at: characters that no font has stand as 〓, names set very narrow."""
    lines = {one.piece_no: one.row.line for one in printed.numbered}
    for piece_no, field, _ in printed.result.undrawable:
        print(
            f"注意 {lines[piece_no]}行目「{_FIELDS.get(field, field)}」: 印刷できない文字があり、〓になります。"
            "封をする前に手で書いてください。"
        )
    for piece_no, field in printed.result.tight:
        print(
            f"注意 {lines[piece_no]}行目「{_FIELDS.get(field, field)}」: 長いため、字の幅を詰めました。"
            "校正刷りで確かめてください。"
        )


_FIELDS = {"name": "宛名", "address": "住所", "postal": "郵便番号"}


def _tell_mailing(printed: Printed, terms: MailingTerms) -> None:
    head, trays = printed.laid.head, printed.laid.trays
    print(
        f"{terms.title}: {head['pieces']:,}通、{head['pages']:,}ページ、PDF {len(printed.laid.batches):,}個、"
        f"トレー {head['trays']:,}個、印刷会社 {terms.printer}"
    )
    if trays.unknown:
        print(f"注意 郵便区番号が郵便番号簿から決まらないもの {trays.unknown:,}通は、上5桁で区分しました。")
    names = "と".join(f"{offer.name} {offer.pieces:,}通" for offer in printed.postage.best)
    print(f"郵便料金の見積り: {printed.postage.total_yen:,}円（{names}）")
    for offer in printed.postage.offers:
        if not offer.allowed:
            unmet = "、".join(one.words for one in offer.conditions if not one.met) or "料金が分からない"
            print(f"  使えない割引 {offer.name}: {unmet}")
    for note in printed.postage.notes:
        print(f"  {note}")


def _write(printed: Printed, terms: MailingTerms, folder: Path, now: datetime) -> int:
    """The list of pieces first, the parcel last: a folder without the parcel is one that was not finished."""
    name, listed = f"{terms.label}{SUFFIX}", f"対応表-{terms.label}.csv"
    table = correspondence(printed)
    if (folder / name).exists():
        raise CannotMake(
            f"{folder / name} がすでにあります。書き直しません。",
            remedy="作り直すときは、渡していないことを確かめ、label を新しくするか別のフォルダーを指定してください。",
        )
    if (folder / listed).exists() and (folder / listed).read_bytes() != table:
        raise CannotMake(
            f"フォルダー {folder} には、同じ名の別の差出があります（{listed}）。",
            remedy="差出条件の label を新しくするか、別の空のフォルダーを指定してください。",
        )
    data, packed = encrypted(printed, terms, fonts_dir=var("assets", "fonts"), at=now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write_to(folder, listed, table)
    written = files.write_to(folder, name, data)
    print(f"フォルダー {folder} に書き出しました。")
    print(f"  {name}: 印刷会社へ（{len(packed.files):,}個のファイル）。SHA-256 {written.sha256}")
    print(f"  {listed}: 事務局の控え。印刷会社には渡しません。")
    print("印刷会社から受領の知らせが来たら、そのSHA-256が上と同じか確かめてください。")
    return 0


def _check(parcel: Path, key: Path | None) -> int:
    """The parcel held against its own list, as the printer does it."""
    if key is None:
        raise CannotMake("--key（印刷会社の秘密鍵）が足りません。")
    secret = _secret(_text(key))
    if not parcel.is_file():
        raise CannotMake(f"ファイル {parcel} がありません。場所と名前を確かめてください。")
    with parcel.open("rb") as file:
        found = checked(opened(file, secret))
    told = found.manifest
    print(
        f"{told['title']}（{told['run']}）: {told['pieces']:,}通、{told['pages']:,}ページ、トレー {told['trays']:,}個"
    )
    print(
        f"一致しました。{len(found.files):,}個のファイル。受領の知らせに書くSHA-256 {files.sha256_of(parcel)}"
    )
    return 0


def _secret(text: str) -> str:
    """The key among the lines of a file as age-keygen writes it."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if line and not line.startswith("#")), "")


def _example(folder: Path, now: datetime) -> int:
    terms, listed, _ = written = write_example(folder, today=now.date())
    print(f"{folder} に見本を書き出しました: {'、'.join(path.name for path in written)}")
    print(
        "差出条件を自分のものに直し、公開鍵を印刷会社から受け取ったものにし、宛名一覧を差し替えてから、次のように実行します。"
    )
    print(f"./run todoku letters-parcel {listed} --terms {terms} --out {folder / '差出'}")
    print("見本の鍵は試すためのものです。本物の宛名には使わないでください。")
    return 0


def _bytes(path: Path, most: int, what: str) -> bytes:
    if not path.is_file():
        raise CannotMake(f"ファイル {path} がありません。場所と名前を確かめてください。")
    if path.stat().st_size > most:
        raise CannotMake(f"ファイル {path} は大きすぎて、{what}ではありません。")
    return path.read_bytes()


def _text(path: Path) -> str:
    try:
        return _bytes(path, TERMS_BYTES_MAX, "設定のファイル").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotMake(f"ファイル {path} はUTF-8ではありません。UTF-8で保存し直してください。") from error
