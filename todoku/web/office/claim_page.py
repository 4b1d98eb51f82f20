"""What both staff doors show of claims (返還): the list with its clocks, one claim with everything that happened to it.

Reads only, and runs an act that a page posts. No name and no address stands here: a claim is found by its slip or case.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_POST

from todoku.formats.codes import plain_number
from todoku.ground.step import Refusal
from todoku.letters.tables import Letter
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Programme
from todoku.recovery.claim_facts import facts_of, near_lapse, with_facts
from todoku.recovery.steps import ENDED, Facts, lapses, lapses_soon, next_step, overdue_yen, parts_of_plan
from todoku.recovery.tables import Claim, ClaimNotice, ClaimPayment, PaymentReversal
from todoku.rounds.claim_letters import NOTICE_OF, plan_occasion
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.claim_acts import ACTS, form_of, offered
from todoku.web.office.deeds import deed_words
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Moment, Row, Table

STATES = {
    "open": Badge("請求の準備", "wait"), "noticed": Badge("請求中", "info"),
    "disputed": Badge("申立てにより停止中", "warn"), "paid": Badge("完納", "ok"), "cancelled": Badge("取消し", "none"),
    "waived": Badge("免除", "none"), "written_off": Badge("不納欠損", "none"),
}  # fmt: skip
# Beside the states: claims of which a payment's reversal waits for its second person.
REVERSAL = ("reversal", "取消しの確認待ち")
REASONS = dict(Claim.REASONS)
KINDS = dict(ClaimNotice.KINDS)
LETTER_OF = {notice: letter for letter, notice in NOTICE_OF.items()}
LAPSE_SHOWN = 10


def day_words(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""


def claims_context(request: HttpRequest, programme: Programme, slug: str) -> dict[str, Any]:
    """The list: what is claimed in figures, claims near their lapse, the table."""
    today = localdate()
    soon = near_lapse(programme, today)
    sums = Claim.objects.filter(programme=programme).aggregate(
        under_way=Count("pk", filter=~Q(state__in=ENDED)), to_send=Count("pk", filter=Q(state="open")),
        disputed=Count("pk", filter=Q(state="disputed")), paid=Count("pk", filter=Q(state="paid")),
        yen=Sum("amount_yen", filter=~Q(state="cancelled")),
    )  # fmt: skip
    return {
        "figures": [
            {"label": "請求した額", "value": sums["yen"] or 0, "unit": "円"},
            {"label": "手続き中", "value": sums["under_way"]},
            {"label": "請求書を送る前", "value": sums["to_send"]},
            {"label": "申立てで停止中", "value": sums["disputed"]},
            {"label": "完納", "value": sums["paid"]},
        ],
        "soon": [
            {"url": f"/p/{slug}/claims/{one.pk}/", "slip": one.slip_number, "day": lapses(facts_of(one)).last_day}
            for one in soon[:LAPSE_SHOWN]
        ],
        "soon_count": len(soon),
        "table": claims_table(request, programme, slug, today),
    }  # fmt: skip


def claims_table(request: HttpRequest, programme: Programme, slug: str, today: date) -> Table:
    """Fifty claims, those under way first, each with what comes next and until when."""
    state, typed, page = (
        request.GET.get("state", ""),
        request.GET.get("q", "").strip()[:20],
        page_number(request),
    )
    found = Claim.objects.filter(programme=programme)
    if state in STATES:
        found = found.filter(state=state)
    elif state == REVERSAL[0]:
        waiting = PaymentReversal.objects.filter(confirmed_at=None, given_up_at=None)
        found = found.filter(pk__in=waiting.values("payment__claim"))
    if number := plain_number(typed):
        found = found.filter(Q(slip_number__startswith=number) | Q(case__number__startswith=number))
    shown = with_facts(found.select_related("case")).order_by("ended_at", "-pk")
    # Without an end comes first: a claim under way has none.
    shown = shown.extra(order_by=["-ended_at", "-id"])[(page - 1) * 50 : page * 50]
    return Table(
        id="claims", caption="返還", total=found.count(), page=page,
        columns=[
            Column("slip", "納付書番号", fixed=True), Column("case", "案件", fixed=True), Column("state", "状態"),
            Column("reason", "理由"), Column("amount", "請求額（円）", numeric=True),
            Column("left", "残り（円）", numeric=True), Column("due", "納期限", fixed=True), Column("next", "次の手続き"),
            Column("lapse", "時効", fixed=True),
        ],
        rows=[_row(one, slug, today) for one in shown],
        filters=[
            Filter("state", "状態", state, [*((code, badge.text) for code, badge in STATES.items()), REVERSAL]),
            Filter("q", "納付書・案件の番号", typed),
        ],
        empty=Empty("返還はまだありません。", "支給の後に返還が必要と分かったとき、自治体の担当課がここで請求します。"),
    )  # fmt: skip


def _row(one: Claim, slug: str, today: date) -> Row:
    facts = facts_of(one)
    step, lapse = next_step(facts, today), lapses(facts).last_day
    ended = one.state in ENDED
    note = f"{day_words(step.until)}まで" if step.until and not ended else ""
    return Row(
        key=str(one.pk), name=one.slip_number,
        cells=[
            Cell(one.slip_number, href=f"/p/{slug}/claims/{one.pk}/"), case_cell(one.case.number, slug),
            Cell("", badge=STATES[one.state]), Cell(REASONS[one.reason]), Cell(one.amount_yen), Cell(facts.left_yen),
            Cell(day_words(one.due_on)),
            Cell("" if ended else step.words, badge=Badge("期限超過", "stop") if step.late else None, note=note),
            Cell(
                "" if ended else day_words(lapse),
                badge=Badge("半年以内", "warn") if lapses_soon(facts, today) else None,
            ),
        ],
    )  # fmt: skip


def claim_of(programme: Programme, pk: int) -> Claim:
    """One claim of the programme with what its clock needs; 404 otherwise."""
    claims = with_facts(
        Claim.objects.select_related("case", "transfer", "opened_by", "ended_by", "programme")
    )
    claims = claims.prefetch_related("payments__reversals__proposed_by", "payments__reversals__confirmed_by")
    return get_object_or_404(claims, pk=pk, programme=programme)


def claim_context(
    request: HttpRequest,
    claim: Claim,
    slug: str,
    keys: tuple[str, ...],
    *,
    bound: tuple[str, Any] | None = None,
) -> dict[str, Any]:
    """One claim: what is left, what comes next, what may be done by this person at this door, what happened."""
    facts, today, actor = facts_of(claim), localdate(), actor_of(request)
    step = next_step(facts, today)
    record_look(
        actor=actor, action="claim.view", subject_kind="case", subject_id=claim.case_id, at=timezone.now(),
        programme_slug=slug, reason=f"返還 {claim.slip_number}",
    )  # fmt: skip
    acts = [
        act for act in offered(claim, facts, today) if act.key in keys and may(actor.roles, act.permission)
    ]
    first = {"open": "notice"}.get(claim.state, "remind" if overdue_yen(facts, today) else "")
    return {
        "claim": claim,
        "badge": STATES[claim.state],
        "left": facts.left_yen,
        "overdue": overdue_yen(facts, today),
        "step": step,
        "ended": claim.state in ENDED,
        "facts": claim_facts(claim, facts, slug),
        "acts": [
            {
                "key": act.key, "title": act.title, "note": act.note, "danger": act.danger,
                "url": f"/p/{slug}/claims/{claim.pk}/{act.key}/",
                "form": bound[1] if bound and bound[0] == act.key else form_of(act, claim),
                "open": bound[0] == act.key if bound else act.key == first,
            }
            for act in acts
        ],
        "plan": plan_table(facts, today),
        "payments": payments_table(claim),
        "letters": letters_table(claim),
        "moments": moments_of(claim),
    }  # fmt: skip


def claim_facts(claim: Claim, facts: Facts, slug: str) -> list[dict[str, Any]]:
    """The facts of the claim, one a line."""
    lapse = lapses(facts).last_day
    lines = [
        ("理由", REASONS[claim.reason], claim.why),
        ("決裁の番号", claim.order, ""),
        ("元の支払", f"振込番号 {claim.transfer.number}　{claim.transfer.amount_yen:,}円", ""),
        ("納期限", day_words(claim.due_on) or "請求書の送付で決まります", ""),
        (
            "時効の完成",
            f"{day_words(lapse)}の翌日" if claim.state not in ENDED else "—",
            "請求・督促・承認・納付で更新",
        ),
    ]
    if claim.end_why:
        lines.append(("終わった理由", claim.end_why, claim.ended_by.name if claim.ended_by else ""))
    return [{"label": label, "value": value, "note": note} for label, value, note in lines]


def plan_table(facts: Facts, today: date) -> Table | None:
    """The plan in force, part by part, and which parts the payments have reached."""
    if not facts.plan:
        return None
    rows = []
    for place, day, yen, open_yen in parts_of_plan(facts):
        badge = (
            Badge("納付済", "ok") if not open_yen
            else Badge("期限超過", "stop") if day < today and facts.state == "noticed" else Badge("これから", "wait")
        )  # fmt: skip
        rows.append(
            Row(key=str(place), cells=[Cell(place), Cell(day_words(day)), Cell(yen), Cell("", badge=badge)])
        )
    return Table(
        id="plan", caption="分割納付の計画", total=len(rows), unit="回", rows=rows,
        columns=[
            Column("number", "回", fixed=True), Column("due", "納期限", fixed=True), Column("yen", "額（円）", numeric=True),
            Column("state", "状態"),
        ],
    )  # fmt: skip


def payments_table(claim: Claim) -> Table:
    """Payments and refunds, newest first."""
    payments = sorted(claim.payments.all(), key=lambda one: -one.pk)
    return Table(
        id="payments", caption="納付と還付", total=len(payments),
        columns=[
            Column("day", "日", fixed=True), Column("kind", "区分"), Column("yen", "額（円）", numeric=True),
            Column("excess", "うち過誤納（円）", numeric=True), Column("receipt", "番号"), Column("state", "状態"),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(day_words(one.received_on)), Cell("還付" if one.refund_of_id else "納付"), Cell(one.amount_yen),
                    Cell(one.excess_yen), Cell(one.receipt), _keyed(one),
                ],
            )
            for one in payments
        ],
        empty=Empty("納付はまだありません。"),
    )  # fmt: skip


def _keyed(payment: ClaimPayment) -> Cell:
    """Whether a payment counts, with who took it back and why where it does not."""
    last = max(payment.reversals.all(), key=lambda one: one.pk, default=None)
    if last is None or last.given_up_at:
        return Cell("", badge=Badge("記帳済", "ok"))
    if last.confirmed_at is None or last.confirmed_by is None:
        return Cell(
            "", badge=Badge("取消しの確認待ち", "wait"), note=f"{last.proposed_by.name}: {last.reason}"
        )
    names = f"{last.proposed_by.name}、{last.confirmed_by.name}"
    return Cell("", badge=Badge("取消し", "none"), note=f"{last.reason}（{names}）")


def letters_table(claim: Claim) -> Table:
    """Letters of the claim and how far each has come: waiting to be printed, printed, posted."""
    notices = sorted(claim.notices.all(), key=lambda one: -one.pk)
    occasions = {one.pk: one.pk for one in notices if one.kind != "acknowledged"}
    agreed, planned = [one.pk for one in notices if one.kind == "acknowledged"], plan_occasion(claim)
    if agreed and planned:
        occasions[agreed[0]] = planned
    found = Letter.objects.filter(
        case_id=claim.case_id, kind__in=NOTICE_OF, occasion__in=list(occasions.values())
    )
    letters = {
        (one.kind, one.occasion): one
        for one in found.select_related("run", "pulled").prefetch_related("run__postings")
    }
    rows = []
    for one in notices:
        letter = letters.get((LETTER_OF[one.kind], occasions.get(one.pk, 0)))
        posted = letter.posting if letter else None
        way = (
            Badge("計画を変更", "none") if one.pk not in occasions
            else Badge(f"{posted.posted_on:%m/%d}差出", "ok") if posted
            else Badge("印刷済", "info") if letter
            else Badge("印刷待ち", "wait")
        )  # fmt: skip
        cells = [
            Cell(day_words(one.sent_on)),
            Cell(KINDS[one.kind]),
            Cell(day_words(one.due_on)),
            Cell("", badge=way),
        ]
        rows.append(Row(key=str(one.pk), cells=[*cells, Cell(one.actor_name)]))
    return Table(
        id="letters", caption="請求・督促", total=len(rows), rows=rows,
        columns=[
            Column("day", "日", fixed=True), Column("kind", "種類"), Column("due", "納期限", fixed=True),
            Column("way", "手紙"), Column("who", "担当"),
        ],
        empty=Empty("まだ請求していません。"),
    )  # fmt: skip


def moments_of(claim: Claim) -> list[Moment]:
    """Who did what on this claim, newest first."""
    told = AuditEvent.objects.filter(subject_kind="claim", subject_id=claim.pk).order_by("-at", "-pk")
    return [
        Moment(deed_words(one.action), f"{localtime(one.at):%Y/%m/%d %H:%M}", one.reason, who=one.actor_name)
        for one in told
    ]


Show = Callable[..., HttpResponse]


def run_act(request: HttpRequest, slug: str, pk: int, key: str, show: Show) -> HttpResponse:
    """Runs one posted act; `show(request, slug, pk, bound, errors)` draws the page again where it cannot."""
    act, claim = ACTS[key], claim_of(programme_of(request, slug), pk)
    form = form_of(act, claim, request.POST)
    if not form.is_valid():
        errors = [
            {"target": form[name].id_for_label, "sentence": str(one)}
            for name, found in form.errors.items()
            for one in found
        ]
        return show(request, slug, pk, (key, form), errors)
    try:
        words = act.run(claim, form.cleaned_data, actor_of(request), timezone.now())
    except Refusal as refusal:
        target = form[next(iter(form.fields))].id_for_label
        return show(request, slug, pk, (key, form), [{"target": target, "sentence": refusal.sentence}])
    messages.success(request, words)
    return redirect("claim", slug=slug, pk=pk)


def act_paths(keys: Sequence[str], show: Show) -> list[URLPattern]:
    """The routes of a door's acts, each asking for its own permission; `show` as for run_act."""

    def acting(key: str) -> Callable[..., HttpResponseBase]:
        @require_POST
        @asks(ACTS[key].permission)
        def run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
            return run_act(request, slug, pk, key, show)

        return run

    return [path(f"<int:pk>/{key}/", acting(key), name=f"claim-{key}") for key in keys]
