"""受け取る方の確認 on a change's page at both staff doors: whom one person named, for another who compares him with the papers.

Takes a LaterChange and its PayeeProposal; leaves facts and a form, and hands the answer to its step. Also the line on the
first page of whoever may confirm. Names and an address stand here: who opens the page records the look.
"""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.timezone import localtime

from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import ACTION
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.review.settle_payee import settle_payee
from todoku.web.shared.doors import actor_of
from todoku.web.shared.pieces import Need

# A change has one proposal that waits; those before it were not confirmed, or were taken back by an order.
EARLIER_MAX = 5
NEED = (
    "受け取る方の確認",
    "異動のあった案件で、代わりに受け取る方が入力されました。入力した人とは別の人が、書類を見て確認します。",
    "確認する",
)
# Of those that somebody else named: nobody confirms his own.
NAMED_BY_OTHERS = """
select count(*) from todoku_payeeproposal where programme_id = %(p)s and state = 'waiting' and proposed_by_id <> %(me)s
"""


def payee_of(change: LaterChange, actor: Actor, url: str) -> dict[str, Any]:
    """What the page shows of who is named, and of those named before; the answer goes to `url`."""
    wanted = PayeeProposal.objects.select_related("payee", "instead_of", "proposed_by", "answered_by")
    rows = list(wanted.filter(change=change).order_by("-pk")[: EARLIER_MAX + 1])
    waiting = next((one for one in rows if one.state == "waiting"), None)
    allowed = may(actor.roles, ACTION)
    return {
        "waiting": waiting, "items": _said(waiting, allowed) if waiting else [], "url": url, "allowed": allowed,
        "mine": waiting is not None and waiting.proposed_by_id == actor.id,
        "earlier": [_told(one) for one in rows if one is not waiting],
    }  # fmt: skip


def answer_payee(request: HttpRequest, change: LaterChange) -> str:
    """Confirms or refuses the very proposal that the page showed; gives what is told. Raises CannotDecide."""
    key = request.POST.get("proposal", "")
    one = get_object_or_404(change.payees, pk=int(key) if key.isdecimal() else 0)
    done = settle_payee(
        one, confirmed=request.POST.get("do") == "confirm", why=request.POST.get("why", ""), actor=actor_of(request),
        at=timezone.now(),
    )  # fmt: skip
    number = change.case.printed_number
    if done.state == "confirmed":
        return f"{number} の受け取る方を確認しました。これからの手紙は、この方に送ります。"
    return f"{number} の伺いを「{done.get_state_display()}」にしました。案件は、いまの受給者のままです。"


def payee_needs(count: int, slug: str, roles: frozenset[str], place: str) -> list[Need]:
    """The line of the first page, where somebody else named whom this person may confirm; `place` is that of the changes."""
    if not count or not may(roles, ACTION):
        return []
    title, text, action = NEED
    return [Need(count, title, text, f"/p/{slug}/{place}/?state=payee", action)]


def _said(one: PayeeProposal, allowed: bool) -> list[dict[str, str]]:
    """What was entered, line by line, as the papers are read; where letters go only for whoever may confirm it."""
    rows = [("扱い", one.get_then_display()), ("いまの受給者", one.instead_of.name)]
    if one.payee:
        rows.append(("新しい受給者", f"{one.payee.name}（{one.payee.kana}）"))
        rows.append(("宛名番号", one.payee.number))
        rows.append(("続柄", one.payee.relation or "なし"))
    else:
        rows.append(("相続人代表者", f"{one.name}（{one.kana}）"))
    born = one.payee.birth_date if one.payee else one.birth_date
    rows.append(("生年月日", f"{born:%Y/%m/%d}" if born else "なし"))
    if not one.payee and allowed:
        code = f"〒{one.postal_code[:3]}-{one.postal_code[3:]} " if one.postal_code else ""
        rows.append(("手紙が届く住所", f"{code}{one.address}{one.building}"))
        rows.append(("電話番号", one.phone or "なし"))
    rows += [("決裁", one.order), ("確認した事実", one.why or "なし")]
    rows.append(("入力", f"{one.proposed_by.name}（{localtime(one.proposed_at):%m/%d %H:%M}）"))
    return [{"label": label, "value": value} for label, value in rows]


def _told(one: PayeeProposal) -> str:
    """One that was answered, in a line without anybody's name but the staff's."""
    assert one.answered_by and one.answered_at, "what was answered says by whom"
    return (
        f"{localtime(one.answered_at):%Y/%m/%d %H:%M}　{one.get_state_display()}（{one.get_then_display()}、決裁 {one.order}）"
        f"　入力 {one.proposed_by.name}、確認 {one.answered_by.name}{one.answer_why and '　' + one.answer_why}"
    )
