"""`enrol`: makes or changes a staff account, or closes it. The first account of an installation comes from here.

Comes in: a user name, a side, roles; the password is asked for, or read as one line of standard input. Goes out: an
account that can sign in at its side's door. It never prints a password.
"""

import argparse
import getpass
import sys

from django.db import transaction
from django.utils import timezone

from todoku.ground.step import Refusal
from todoku.people.access import ROLES
from todoku.people.actor import SYSTEM
from todoku.people.enrol import CannotEnrol, enrol
from todoku.people.look import record_look
from todoku.people.retire import retire
from todoku.people.tables import Organisation, Staff
from todoku.programme.tables import Municipality

HELP = "Make or change a staff account (the password is asked for), close one, or list all."
SIDES = ("office", "municipality")


class NotEnough(Refusal):
    """Something that an account needs was not said."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", nargs="?", help="what the person types to sign in; without it: list all")
    parser.add_argument("--name", help="the person's name as records show it")
    parser.add_argument("--side", choices=SIDES, help="office (事務局) or municipality (自治体)")
    parser.add_argument("--organisation", help="the employer's name; made when it is not there yet")
    parser.add_argument(
        "--role", action="append", default=[], choices=[role for role in ROLES if role != "system"],
        help="may be given several times; docs/reference/roles.md says what each may do",
    )  # fmt: skip
    parser.add_argument(
        "--municipality", default="",
        help="6-digit code to which the roles are limited; needed on the municipality's side",
    )  # fmt: skip
    parser.add_argument("--close", action="store_true", help="close the account: it opens no door any more")


def run(options: argparse.Namespace) -> int:
    if not options.username:
        return _list()
    if options.close:
        staff = retire(options.username, actor=SYSTEM, at=timezone.now())
        print(f"{staff.username}: 利用を止めました。")
        return 0
    _need(options)
    with transaction.atomic():
        staff = enrol(
            options.username, name=options.name, organisation=_organisation(options), roles=options.role,
            password=_password(), municipality_code=options.municipality,
        )  # fmt: skip
        record_look(
            actor=SYSTEM, action="staff.enrol", subject_kind="staff", subject_id=staff.pk, at=timezone.now(),
            reason=" ".join(options.role),
        )  # fmt: skip
    print(f"{staff.username}: {'・'.join(ROLES[role].name for role in sorted(staff.roles))}")
    return 0


def _need(options: argparse.Namespace) -> None:
    missing = [f"--{word}" for word in ("name", "side", "organisation", "role") if not getattr(options, word)]
    if options.side == "municipality" and not options.municipality:
        missing.append("--municipality")
    if missing:
        raise NotEnough(f"{' '.join(missing)} を指定してください。")
    if options.municipality and not Municipality.objects.filter(code=options.municipality).exists():
        raise NotEnough(
            f"団体コード {options.municipality} の自治体はまだありません。",
            remedy="./run todoku programme make で先に自治体と制度を作ってください。",
        )


def _organisation(options: argparse.Namespace) -> Organisation:
    """The employer by its name; the same name on the other side is refused."""
    found, _ = Organisation.objects.get_or_create(
        name=options.organisation,
        defaults={
            "kind": options.side,
            "municipality_code": options.municipality if options.side == "municipality" else "",
        },
    )
    if found.kind != options.side:
        raise CannotEnrol(
            f"「{found.name}」は{found.get_kind_display()}の所属です。--side か名前を直してください。"
        )
    return found


def _password() -> str:
    """Asked for twice at a terminal; one line of standard input otherwise."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("パスワード（12文字以上）: ")
    if first != getpass.getpass("もう一度: "):
        raise CannotEnrol("二つのパスワードが違います。もう一度実行してください。")
    return first


def _list() -> int:
    """Every account with its side, roles and state."""
    for staff in Staff.objects.select_related("organisation").order_by("organisation__name", "username"):
        roles = "・".join(ROLES[role].name for role in sorted(staff.roles))
        state = "" if staff.is_active else "　利用停止"
        print(f"{staff.username:<16} {staff.name}　{staff.organisation.name}　{roles}{state}")
    return 0
