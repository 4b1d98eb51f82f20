"""`programme`: makes a programme from two TOML files and opens it. What an installation is set up with.

Comes in: a Version's text (実施要綱) and a municipality's text. Goes out: a programme whose terms are frozen once it is
opened, in a database marked as production. It never changes a Version or a municipality that is there already.
"""

import argparse
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from todoku.commands.terminal import acting, programme_named
from todoku.criteria.draft_version import draft_version
from todoku.criteria.open_next_version import open_next_version
from todoku.criteria.revise_version import draft_of, revise_version
from todoku.criteria.sheet import Sheet, build, canonical, digest
from todoku.criteria.sheet_pdf import sheet_pdf
from todoku.criteria.standing import standing
from todoku.ground import databases
from todoku.ground.places import var
from todoku.ground.step import Refusal
from todoku.people.actor import SYSTEM
from todoku.programme.set_up import make_programme
from todoku.programme.tables import Municipality, Programme
from todoku.programme.terms import parse
from todoku.programme.town_text import town_values
from todoku.web.shared.pieces import BANDS

HELP = "Check a programme's TOML text, print its criteria sheet, make a programme of it, draft another text, open it, list all."
TEXT_BYTES_MAX = 1_000_000  # the shipped Versions have 8 KB; a roll given by mistake is refused by its size


class CannotSetUp(Refusal):
    """The programme cannot be set up as asked."""


def arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="what", metavar="check|sheet|make|draft|open|list", required=True)
    check = words.add_parser(
        "check", help="name every mistake in a Version's text and every example that fails; changes nothing"
    )
    check.add_argument("terms", type=Path)
    sheet = words.add_parser(
        "sheet", help="write the criteria sheet of a Version's text as a PDF; changes nothing"
    )
    sheet.add_argument("terms", type=Path)
    sheet.add_argument("--town", required=True, help="the municipality's name as the sheet prints it")
    sheet.add_argument("--out", type=Path, required=True, help="the PDF to write")
    make = words.add_parser("make", help="make the municipality, the programme and its first Version")
    make.add_argument("--municipality", type=Path, required=True, help="the municipality's TOML text")
    make.add_argument("--terms", type=Path, required=True, help="the Version's TOML text")
    make.add_argument("--slug", help="short name in addresses of pages; else the Version's own")
    draft = words.add_parser(
        "draft", help="put down a Version's text to be signed: the unopened one anew, or the next"
    )
    draft.add_argument("slug")
    draft.add_argument("--terms", type=Path, required=True, help="the Version's TOML text")
    draft.add_argument("--why", default="", help="why a running programme changes")
    draft.add_argument("--as", dest="username", required=True, help="user name of the person who drafts it")
    opened = words.add_parser(
        "open", help="freeze the newest Version, signed by the municipality: every page quotes it"
    )
    opened.add_argument("slug")
    opened.add_argument("--as", dest="username", required=True, help="user name of the person who opens it")
    words.add_parser("list", help="every programme with its state")


def run(options: argparse.Namespace) -> int:
    deeds = {"check": _check, "sheet": _sheet, "make": _make, "draft": _draft, "open": _open, "list": _list}
    return deeds[options.what](options)


def _text(path: Path) -> str:
    """A text file of the operator's; refuses what cannot be one."""
    if not path.is_file():
        raise CannotSetUp(f"ファイル {path} がありません。場所と名前を確かめてください。")
    if path.stat().st_size > TEXT_BYTES_MAX:
        raise CannotSetUp(f"ファイル {path} は大きすぎて、制度の定義ではありません。")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CannotSetUp(f"ファイル {path} はUTF-8ではありません。UTF-8で保存し直してください。") from error


def _check(options: argparse.Namespace) -> int:
    text = _text(options.terms)
    terms = parse(text)
    print(f"{terms.programme.name} ({terms.programme.slug}): 誤りはありません。")
    return _examples(build(text, municipality="", version=1))


def _examples(sheet: Sheet) -> int:
    """Says how the examples came out; 1 where one did not as written."""
    count = len(sheet.recipients) + len(sheet.applications)
    for name in sheet.failing:
        print(f"書かれたとおりの結果にならない例: {name}")
    print(
        f"例 {count}件のうち、書かれたとおり {count - len(sheet.failing)}件。例のない基準 {len(sheet.uncovered)}件。"
    )
    return 1 if sheet.failing else 0


def _sheet(options: argparse.Namespace) -> int:
    sheet = build(_text(options.terms), municipality=options.town, version=1)
    sha256 = digest(canonical(sheet))
    pdf = sheet_pdf(
        sheet, sha256=sha256, signed=[], on=timezone.localdate(), fonts_dir=var("assets", "fonts")
    )
    options.out.write_bytes(pdf)
    print(f"審査基準書 {options.out}（SHA-256 {sha256}）")
    return _examples(sheet)


def _make(options: argparse.Namespace) -> int:
    text = _text(options.terms)
    town = town_values(_text(options.municipality), bands=BANDS)
    slug = options.slug or parse(text).programme.slug
    at = timezone.now()
    with transaction.atomic():
        databases.mark("production", at=at, note="./run todoku programme make")
        _refuse_other_values(town)
        programme = make_programme(Municipality(**town), text, slug, actor=SYSTEM, at=at)
    print(f"{programme.municipality.name} {programme.name} ({programme.slug}) を作りました。")
    print("職員を登録し、自治体の担当課職員が審査基準書に署名してから、")
    print(f"./run todoku programme open {slug} --as 利用者ID で開始してください。")
    return 0


def _refuse_other_values(town: dict[str, Any]) -> None:
    """A municipality that is there already must be the same in every value: an account is not changed in passing."""
    known = Municipality.objects.filter(code=town["code"]).values(*town).first()
    differing = [key for key in town if known and known[key] != town[key]]
    if differing:
        raise CannotSetUp(
            f"団体コード {town['code']} の自治体は、{'、'.join(differing)} が違う値ですでに記録されています。",
            remedy="ファイルを記録に合わせてください。記録のほうは変えていません。",
        )


def _draft(options: argparse.Namespace) -> int:
    programme, text = programme_named(options.slug), _text(options.terms)
    actor = acting(options.username, "programme.draft", programme)
    if programme.versions.filter(opened_at__isnull=False).exists():
        before = draft_of(programme)
        seen = before.sha256 if before else ""
        version = revise_version(
            programme, text, why=options.why, seen_sha256=seen, actor=actor, at=timezone.now()
        )
    else:
        version = draft_version(programme, text, actor=actor, at=timezone.now())
    now = standing(version)
    print(
        f"{programme.name} 第{version.number}版の案を記録しました。自治体の署名を待ちます（SHA-256 {now.sha256}）。"
    )
    return _examples(now.sheet)


def _open(options: argparse.Namespace) -> int:
    programme = programme_named(options.slug)
    actor = acting(options.username, "programme.open", programme)
    version = open_next_version(programme.versions.latest("number"), actor=actor, at=timezone.now())
    assert version.opened_at is not None
    opened = timezone.localtime(version.opened_at)
    print(
        f"{programme.name} 第{version.number}版: {opened:%Y-%m-%d %H:%M} に {version.opened_by} が開始しました。"
    )
    return 0


def _list(options: argparse.Namespace) -> int:
    for programme in (
        Programme.objects.filter(rehearsal_of__isnull=True).order_by("slug").select_related("municipality")
    ):
        version = programme.versions.latest("number")
        state = "受付の準備中" if version.opened_at is None else f"第{version.number}版を開始"
        print(f"{programme.slug:<30} {programme.municipality.name}　{programme.name}　{state}")
    return 0
