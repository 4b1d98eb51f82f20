"""What a command shows and asks at the terminal: progress on one line, reports, and who is acting."""

import getpass
import sys
import time

from django.contrib.auth import authenticate
from django.utils.timezone import localdate

from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff, roles_held
from todoku.programme.tables import Programme

REFUSED_SHOWN = 20
LINE_SECONDS = 0.2


class NotAllowed(Refusal):
    """The person does not sign in, or may not do this."""


class ProgressLine:
    """A progress callable that keeps one line at the terminal up to date; silent where there is no terminal."""

    def __init__(self, words: str) -> None:
        self.words, self.began, self.shown = words, time.monotonic(), 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self.shown < LINE_SECONDS:
            return
        self.shown = now
        rate = done / max(now - self.began, 0.001)
        left = f" 残り約{(total - done) / rate:.0f}秒" if total and rate else ""
        of = f"{done:,}/{total:,}" if total else f"{done:,}"
        print(f"\r{self.words} {of} 件（毎秒{rate:,.0f}件{left}）\x1b[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def programme_named(slug: str | None) -> Programme:
    """The programme of a slug; without one, the only programme there is. Raises NotAllowed naming the choices."""
    found = list(
        Programme.objects.filter(rehearsal_of__isnull=True).select_related("municipality").order_by("slug")
    )
    chosen = [one for one in found if slug in (None, one.slug)]
    if len(chosen) != 1:
        names = "、".join(one.slug for one in found) or "（まだありません）"
        raise NotAllowed(f"事業を --programme で指定してください。登録済みの事業: {names}")
    return chosen[0]


def acting(username: str | None, action: str, programme: Programme) -> Actor:
    """The person who acts, signed in by password (asked for, or the first line of standard input).

    Raises NotAllowed. The shell proves that somebody may run programs here, not who they are: what a person answers
    for is done under their own password, as on the page.
    """
    if not username:
        raise NotAllowed("実施する人の利用者IDを --as で指定してください。")
    password = (
        getpass.getpass(f"{username} のパスワード: ")
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    user = authenticate(None, username=username, password=password)
    if not isinstance(user, Staff) or not may(user.roles, action):
        raise NotAllowed("利用者IDかパスワードが違うか、この作業の権限がありません。")
    codes = {code for _, code in roles_held(user.pk, on=localdate())}
    if not codes & {"", programme.municipality_id}:
        raise NotAllowed("この自治体の事業を扱う権限がありません。")
    return Actor(user.pk, user.name, user.roles, user.organisation.kind, door="work")


def show(report: Report, words: str) -> int:
    """Prints a report; 0 when nothing was refused."""
    print(
        f"{words}: 済 {report.done:,}件、待ち {report.waiting:,}件、不可 {len(report.refused):,}件。{report.note}"
    )
    for what, why in report.refused[:REFUSED_SHOWN]:
        print(f"  {what}: {why}")
    if len(report.refused) > REFUSED_SHOWN:
        print(f"  ほか {len(report.refused) - REFUSED_SHOWN:,}件")
    return 1 if report.refused else 0
