"""What the 審査 desk shows: the queue's counts and table, and one task's data beside what the roll says.

Reads only; a handful of queries per page, whatever the size of the queue.
"""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.timezone import localdate, localtime

from todoku.formats import bank_master, holder_name
from todoku.intake.tables import AccountVersion, Document
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.tables import Member
from todoku.review.codes import CODES
from todoku.review.tables import Finding, Question, Task, Verdict
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Strip, Table

REASONS = {
    "clean": "不備なし", "look": "確認あり", "return": "不備あり", "sample": "抜取り", "answered": "照会の回答あり",
    "sent_back": "自治体から差戻し", "second_account": "別口座の申請あり",
}  # fmt: skip
KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
SEVERITIES = {
    "return": Badge("返戻", "stop"),
    "look": Badge("要確認", "warn"),
    "note": Badge("記録", "info"),
}
EVIDENCE = {"": "なし", "clear": "あり", "unclear": "不鮮明", "expired": "期限切れ", "cut": "必要な面なし"}


def queue_counts(programme: Programme, actor: Actor) -> dict[str, Any]:
    """The strip of the desk and the numbers by look."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) filter (where state in ('open', 'held') and step = 1),
                   count(*) filter (where state in ('open', 'held') and step = 2),
                   count(*) filter (where state = 'done'),
                   count(*) filter (where state = 'void'),
                   count(*)
              from todoku_task where programme_id = %s
            """,
            [programme.pk],
        )
        first, second, done, void, came = cursor.fetchone()  # type: ignore[misc]
        cursor.execute(
            "select count(*) filter (where at >= date_trunc('day', now())), count(*) from todoku_verdict v "
            "join todoku_task t on t.id = v.task_id where t.programme_id = %s and v.staff_id = %s and undone_at is null",
            [programme.pk, actor.id],
        )
        today, mine = cursor.fetchone()  # type: ignore[misc]
    asked = Question.objects.filter(programme=programme, answered_at__isnull=True).count()
    strip = Strip(came_in=came, done=done, waiting=first + second, set_aside=void, title="審査の受け渡し")
    figures = [
        {"label": "一次審査待ち", "value": first, "unit": "件"},
        {"label": "二次審査待ち", "value": second, "unit": "件"},
        {"label": "あなたの今日の判定", "value": today, "unit": "件", "note": f"累計 {mine:,}件"},
        {"label": "自治体の回答待ち", "value": asked, "unit": "件"},
    ]  # fmt: skip
    return {"strip": strip, "figures": figures, "waiting": first + second}


def queue_table(request: HttpRequest, programme: Programme) -> Table:
    """Open tasks, oldest first; filters live in the address."""
    step, reason = request.GET.get("step", ""), request.GET.get("reason", "")
    tasks = Task.objects.filter(programme=programme, state__in=["open", "held"])
    if step in ("1", "2"):
        tasks = tasks.filter(step=int(step))
    if reason in REASONS:
        tasks = tasks.filter(reason=reason)
    page = max(int(request.GET.get("page") or 1), 1) if (request.GET.get("page") or "1").isdigit() else 1
    total = tasks.count()
    shown = tasks.select_related("case", "submission", "claimed_by").order_by("arrived_on", "id")[
        (page - 1) * 50 : page * 50
    ]
    return Table(
        caption="審査待ちの申請",
        columns=[
            Column("number", "番号", fixed=True), Column("arrived", "到着日", fixed=True), Column("age", "経過", numeric=True),
            Column("channel", "方法"), Column("step", "審査"), Column("reason", "区分"), Column("who", "担当"),
        ],
        rows=[_queue_row(task) for task in shown],
        total=total, page=page,
        filters=[
            Filter("step", "審査", step, [("", "すべて"), ("1", "一次"), ("2", "二次")]),
            Filter("reason", "区分", reason, [("", "すべて"), *REASONS.items()]),
        ],
        empty=Empty("審査を待っている申請はありません。", "申請が届いて点検が済むと、ここに古い順に並びます。"),
    )  # fmt: skip


def _queue_row(task: Task) -> Row:
    kind = {"return": "warn", "look": "warn", "sample": "info"}.get(task.reason, "none")
    return Row(
        key=str(task.pk),
        cells=[
            Cell(task.case.printed_number),
            Cell(f"{task.arrived_on:%m/%d}"),
            Cell(f"{(localdate() - task.arrived_on).days}日"),
            Cell(task.submission.get_channel_display()),
            Cell("一次" if task.step == 1 else "二次"),
            Cell("", badge=Badge(REASONS.get(task.reason, task.reason), kind)),
            Cell(task.claimed_by.name if task.claimed_by and task.state == "held" else ""),
        ],
        name=task.case.printed_number,
    )


def task_context(task: Task, programme: Programme) -> dict[str, Any]:
    """Everything one task's page shows."""
    submission = task.submission
    account = AccountVersion.objects.filter(submission=submission).order_by("-version").first()
    members = list(
        Member.objects.filter(recipient_id=task.case.recipient_id, superseded_by_order="")
        .select_related("person", "recipient__head")
        .order_by("-person__is_head", "person__birth_date")
    )
    head = members[0].recipient.head if members else None
    findings = [_finding(one) for one in Finding.objects.filter(submission=submission).order_by("code")]
    earlier = list(
        Verdict.objects.filter(submission=submission, undone_at__isnull=True)
        .exclude(round=task.round)
        .select_related("staff")
    )
    return {
        "task": task,
        "step_name": "一次審査" if task.step == 1 else "二次審査",
        "reason": REASONS.get(task.reason, task.reason),
        "documents": list(Document.objects.filter(submission=submission).order_by("kind", "id")),
        "application": _application(submission),
        "account": _account(account, head, members),
        "roll": _roll(head, members, programme, task),
        "findings": findings,
        "found_codes": {one["code"] for one in findings if one["severity"] == "return"},
        "return_codes": [code for code in CODES.values() if code.handling in ("return", "phone")],
        "refuse_codes": [CODES[code] for code in ("D41", "D42", "D43", "D05") if code in CODES],
        "questions": list(Question.objects.filter(case_id=task.case_id).order_by("-asked_at")),
        "earlier": earlier,
        "page_title": f"{'一次' if task.step == 1 else '二次'}審査 {task.case.printed_number}",
    }


def _finding(found: Finding) -> dict[str, Any]:
    code = CODES[found.code]
    return {
        "code": found.code, "name": code.name, "severity": found.severity,
        "badge": SEVERITIES[found.severity],
        "evidence": "、".join(f"{value}" for value in found.evidence.values() if value not in ("", None)),
        "by": "" if found.found_by == "screening" else found.found_by,
    }  # fmt: skip


def _application(submission: Any) -> list[dict[str, Any]]:
    other = f"本人以外（{submission.applicant_name or '氏名なし'}）"
    who = "受給権者本人" if submission.applicant_is_recipient else other
    items = [
        {"label": "方法・到着日", "value": f"{submission.get_channel_display()}　{submission.arrived_on:%Y/%m/%d}"},
        {"label": "登録", "value": f"{localtime(submission.registered_at):%m/%d %H:%M} {submission.actor_name}"},
        {"label": "申請者", "value": who},
        {"label": "日中の電話", "value": submission.phone or "なし"},
        {"label": "本人確認書類", "value": EVIDENCE.get(submission.identity_evidence, "")},
        {"label": "口座確認書類", "value": EVIDENCE.get(submission.account_evidence, "")},
    ]  # fmt: skip
    if submission.channel == "paper":
        items.insert(
            2,
            {
                "label": "消印・申請日",
                "value": f"{_day(submission.postmark_on)}　{_day(submission.applied_on)}",
            },
        )
        items.append({"label": "署名", "value": "あり" if submission.signed else "なし"})
    if submission.declines:
        items.append({"label": "辞退欄", "value": "印あり"})
    return items


def _day(day: Any) -> str:
    return f"{day:%m/%d}" if day else "不明"


def _account(account: AccountVersion | None, head: Any, members: list[Any]) -> list[dict[str, Any]]:
    """The account as entered; the holder beside the recipient's kana, marked where they differ."""
    if account is None or not (account.bank or account.holder_kana):
        return [{"label": "口座", "value": "記入なし"}]
    bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
    items = [
        {"label": "金融機関", "value": f"{account.bank} {bank.name if bank else '（存在しない番号）'}"},
        {"label": "支店", "value": f"{account.branch} {branch.name if branch else '（存在しない番号）'}"},
        {"label": "種目・口座番号", "value": f"{KINDS.get(account.kind, account.kind)}　{account.number}"},
    ]
    if account.yucho_symbol:
        items.append({"label": "ゆうちょ記号番号", "value": f"{account.yucho_symbol}-{account.yucho_number}"})
    holder: dict[str, Any] = {"label": "口座名義（カナ）", "value": account.holder_kana or "記入なし"}
    if head and account.holder_kana:
        names = [name for name in (head.kana, head.alias_kana, head.latin_name, head.alias) if name]
        household = [member.person.kana for member in members if member.person_id != head.pk]
        tier = holder_name.tier(account.holder_kana, names, household)
        if tier.code not in ("T0", "T1"):
            holder |= {"differs": head.kana, "note": tier.name}
    return [*items, holder]


def _roll(head: Any, members: list[Any], programme: Programme, task: Task) -> list[dict[str, Any]]:
    if head is None:
        return []
    amount = task.case.entitlement.amount_yen
    return [
        {"label": "受給権者", "value": head.name, "note": head.kana},
        {"label": "生年月日", "value": head.birth_date or head.birth_text},
        {
            "label": "住所",
            "value": "非表示（支援措置）" if head.protected else f"{head.address} {head.building}",
        },
        {
            "label": "世帯",
            "value": f"{len(members)}人",
            "note": "、".join(member.person.name for member in members),
        },
        {"label": "支給予定額", "value": f"{amount:,}円"},
        {"label": "申請期限", "value": programme.terms.deadline_words},
    ]
