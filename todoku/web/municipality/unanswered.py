"""回答のない返戻: returned applications whose days have run out; an officer ends them by an order that has a number.

Cases appear by number alone. What a rule of the terms ends by itself is not here; what it must not end is.
"""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.rounds.close_unanswered import LAPSE, NoOrder, close_by_order, overdue_returns
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty, Need


@require_GET
@asks("case.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, oldest first."""
    return _index(request, slug)


def _index(request: HttpRequest, slug: str, sentence: str = "", target: str = "case") -> HttpResponse:
    programme, context = frame(request, slug, "cases", "回答のない返戻")
    found, actor = overdue_returns(programme, localdate()), actor_of(request)
    if found:
        record_look(
            actor=actor, action="return.view", subject_kind="cases", subject_id=None, at=timezone.now(),
            programme_slug=slug, reason=f"回答のない返戻 {len(found)}件を表示",
        )  # fmt: skip
    returns = programme.terms.returns
    context |= {
        "rows": [
            (one, printed_number(one.number), [CODES[code].name for code in one.codes]) for one in found
        ],
        "days": returns.close_after_days,
        "by_rule": returns.closing == LAPSE,
        "may_close": may(actor.roles, "return.close"),
        "order": request.POST.get("order", ""),
        "sentence": sentence,
        "target": target,
        "chosen": request.POST.getlist("case"),
        "empty": Empty(
            "回答のない返戻はありません。", "返戻の手紙の期限が過ぎてもお答えがない案件が、ここに並びます。"
        ),
    }
    return render(request, "municipality/unanswered.html", context, status=422 if sentence else 200)


@require_POST
@asks("return.close")
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Ends the chosen cases, all or none."""
    programme = programme_of(request, slug)
    chosen = [int(typed) for typed in request.POST.getlist("case") if typed.isascii() and typed.isdigit()]
    if not chosen:
        return _index(request, slug, "期限切れとする案件を選んでください。")
    try:
        report = close_by_order(
            chosen,
            programme=programme,
            order=request.POST.get("order", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except NoOrder as refusal:
        return _index(request, slug, refusal.sentence, "order")
    except Refusal as refusal:
        return _index(request, slug, refusal.sentence)
    messages.success(request, f"{report.done}件を期限切れとしました。")
    return redirect("unanswered", slug=slug)


def unanswered_needs(programme: Programme, slug: str, roles: frozenset[str], today: date) -> list[Need]:
    """What the first page says of them."""
    found = overdue_returns(programme, today)
    if programme.terms.returns.closing == LAPSE:
        found = [one for one in found if one.kept]  # the rule ends the others this night
    if not found:
        return []
    text = "返戻の手紙の期限が過ぎても、お答えがない案件があります。期限切れとするか、連絡を続けるかを決めてください。"
    button = "決める" if may(roles, "return.close") else "内容を見る"
    return [Need(len(found), "回答のない返戻", text, f"/p/{slug}/unanswered/", button)]


urlpatterns = [path("", index, name="unanswered"), path("close/", close, name="unanswered-close")]
