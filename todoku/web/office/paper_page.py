"""What stands beside a paper form while it is keyed: the case, what came before, and what is typed, read back.

Reads only. The sentences of `told` are answers to one field, as htmx asks for them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.timezone import localdate

from todoku.case.members import members_of
from todoku.case.stages import DECLINED, RETURNED, stage_name
from todoku.case.tables import Case
from todoku.formats import bank_master, holder_name
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.formats.wareki import format_wareki
from todoku.formats.yucho import YuchoRefused, check_digit_agrees, transfer_account
from todoku.intake.forms import plain_digits
from todoku.intake.tables import Submission
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.review.documents import Kind, paper
from todoku.review.tables import Verdict
from todoku.web.office.cells import one_row
from todoku.web.office.paper_form import entered_day
from todoku.web.office.proof_form import EMPTY_DAY, printed_day

KIND_NAMES = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
WEEK = "月火水木金土日"


class Told(NamedTuple):
    """What the desk says to one field: a sentence, and whether it agrees ("ok") or doubts ("warn")."""

    sentence: str
    kind: str = "ok"

    @property
    def icon(self) -> str:
        return "check" if self.kind == "ok" else "warn"


def beside(case: Case) -> dict[str, Any]:
    """The recipient, the amount and the members as printed on the form; what arrived before; what was asked for."""
    head = case.recipient.head
    members = members_of([case.recipient_id]).get(case.recipient_id, [])
    earlier = list(Submission.objects.filter(case=case).order_by("-id")[:5])
    returned: list[str] = []
    if case.standing.stage == RETURNED and earlier:
        asked = Verdict.objects.filter(submission=earlier[0], outcome="return", undone_at__isnull=True).last()
        returned = [CODES[code].name for code in sorted(asked.codes)] if asked else []
    return {
        "case": case,
        "head": head,
        "born": format_wareki(head.birth_date) if head.birth_date else head.birth_text,
        "amount": case.entitlement.amount_yen,
        "stage": stage_name(case.standing.stage),
        "members": [
            (line.name, format_wareki(line.birth_date) if line.birth_date else line.birth_text, line.relation)
            for line in members
        ],
        "earlier": earlier,
        "declined_on": localdate(case.standing.since) if case.standing.stage == DECLINED else None,
        "returned": returned,
    }


def my_day(programme: Programme, actor: Actor, day: date) -> dict[str, Any]:
    """How many forms this person keyed on a day and how long one took (median of seconds); and the last of them."""
    assert actor.id is not None, "forms are keyed by a person"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*),
                   percentile_cont(0.5) within group (order by extract(epoch from e.finished_at - e.started_at)::float8)
              from todoku_entry e join todoku_submission s on s.id = e.submission_id
             where s.programme_id = %s and e.staff_id = %s
               and (e.finished_at at time zone 'Asia/Tokyo')::date = %s
            """,
            [programme.pk, actor.id, day],
        )
        count, seconds = one_row(cursor)
    last = (
        Submission.objects.filter(programme=programme, entry__staff_id=actor.id)
        .select_related("case__standing")
        .order_by("-id")
        .first()
        if count
        else None
    )
    return {"keyed": count, "seconds": round(seconds) if seconds is not None else None, "last": last}


def told(
    what: str, typed: Mapping[str, str], *, field: str = "", case: Case | None = None, today: date,
    kinds: Mapping[str, Kind] | None = None,
) -> Told | None:  # fmt: skip
    """What the desk says to what was typed: `what` is day or proof (in the box named `field`), bank, branch, yucho or holder.

    None where there is nothing to say.
    """
    if what == "day":
        return _day(typed.get(field, ""), today)
    if what == "proof":
        return _proof(typed, field, kinds or {}, today)
    if what == "holder":
        return _holder(typed.get("holder_kana", "").strip(), case)
    tellers = {"bank": _bank, "branch": _branch, "yucho": _yucho}
    return tellers[what](typed) if what in tellers else None


def _day(typed: str, today: date) -> Told | None:
    try:
        day = entered_day(typed, today)
    except ValidationError as refused:
        return Told(refused.messages[0], "warn")
    if day is None:
        return None
    words = f"{day:%Y/%m/%d}（{WEEK[day.weekday()]}）"
    if day > today:
        return Told(f"{words} 今日より後の日付です。", "warn")
    return Told(words, "warn" if (today - day).days > 60 else "ok")


def _proof(typed: Mapping[str, str], field: str, kinds: Mapping[str, Kind], today: date) -> Told | None:
    """The day that a paper carries, in both calendars; whether it had run out when the envelope was posted or came."""
    kind = typed.get("second_kind" if field == "second_on" else "identity_kind", "")
    try:
        day = printed_day(typed.get(field, ""))
        on = entered_day(typed.get("postmark_on") or typed.get("arrived_on", ""), today)
    except ValidationError as refused:
        return Told(refused.messages[0], "warn")
    if kind not in kinds or not kinds[kind].dated:
        return None
    if day is None:
        return Told(EMPTY_DAY, "warn")
    one = paper(kind, day, kinds)
    words = f"{format_wareki(day)}（{day:%Y/%m/%d}）{'発行' if one.issued else 'まで'}"
    if one.issued and day > today:
        return Told(f"{words} 今日より後の日付です。", "warn")
    if on is None or one.last_day is None or on <= one.last_day:
        return Told(words)
    late = f"発行から{kinds[kind].months}か月を過ぎて" if one.issued else "期限が切れて"
    return Told(f"{words} {on:%m/%d}には{late}います。紙面どおりなら、そのまま続けてください。", "warn")


def _bank(typed: Mapping[str, str]) -> Told | None:
    code = plain_digits(typed.get("bank", ""))
    if not code:
        return None
    bank = bank_master.bank(code)
    if bank:
        return Told(bank.name)
    return Told("一覧にない番号です。紙面どおりなら、そのまま続けてください。", "warn")


def _branch(typed: Mapping[str, str]) -> Told | None:
    bank, code = plain_digits(typed.get("bank", "")), plain_digits(typed.get("branch", ""))
    if not code:
        return None
    branch = bank_master.branch(bank, code)
    if branch:
        return Told(f"{branch.name}支店" if not branch.name.endswith(("店", "所", "部")) else branch.name)
    return Told("この金融機関にない支店です。紙面どおりなら、そのまま続けてください。", "warn")


def _yucho(typed: Mapping[str, str]) -> Told | None:
    symbol, number = typed.get("yucho_symbol", ""), typed.get("yucho_number", "")
    if not (symbol and number):
        return None
    try:
        account = transfer_account(symbol, number)
    except YuchoRefused as refused:
        return Told(refused.sentence, "warn")
    words = (
        f"ゆうちょ銀行 {account.branch}店 {KIND_NAMES[account.kind]} {account.number} として振り込みます。"
    )
    if not check_digit_agrees(symbol, number):
        return Told(f"{words} 検査数字が合いません。写し間違いがないか紙面を見直してください。", "warn")
    return Told(words)


def _holder(written: str, case: Case | None) -> Told | None:
    if not written:
        return None
    try:
        half = bank_kana(written)
    except KanaRefused as refused:
        return Told(refused.sentence, "warn")
    if case is None:
        return Told(half)
    head = case.recipient.head
    names = [name for name in (head.kana, head.alias_kana, head.latin_name, head.alias) if name]
    tier = holder_name.tier(written, names)
    agrees = tier.code in ("T0", "T1", "T2")
    return Told(f"{half}　名簿のカナと{holder_name.TIERS[tier.code]}", "ok" if agrees else "warn")
