"""The status page: a short time line with dates, what happens next, what we need; then what can be done here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case import stages
from todoku.people.actor import RESIDENT
from todoku.people.look import record_look
from todoku.review.asked import by_phone
from todoku.review.codes import CODES
from todoku.web.resident.entrance import Entrance, long_day, page, public
from todoku.web.resident.seen import Seen, moments, say, seen, status_of
from todoku.web.resident.visit import Visit
from todoku.web.shared.doors import address_of


@public
def status(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """What became of the application, for whoever showed number and birth date."""
    visit, at = Visit(request.session, entrance.slug), timezone.now()
    found = status_of(visit.lookup_token) if visit.lookup_token else None
    if found is None:
        return redirect(entrance.url("look_up"))
    record_look(
        actor=RESIDENT._replace(address=address_of(request)), action="status", subject_kind="case",
        subject_id=found.case_id, at=at, programme_slug=entrance.slug,
    )  # fmt: skip
    case = seen(found, entrance, at)
    words = case.words()
    values = {
        "case": case,
        "status": found,
        "supplement_paid": long_day(found.supplement_paid_on) if found.supplement_paid_on else "",
        "headline": say(words.headline),
        "moments": moments(words, asks=not case.pushed or case.stage != stages.INVITED),
        # While a decline waits for its confirmation the payment waits too: no day of it is named.
        "then": say(words.then) if words.then and not found.decline_told_on else "",
        "to_correct": _to_correct(case),
        "decline_told": long_day(found.decline_told_on) if found.decline_told_on else "",
        "too_late": long_day(case.take_back_until) if case.take_back_until else "",
        "taken_back": visit.taken_back and case.may_take_back,
        "objection": _objection(case),
        "by_phone": case.stage == stages.RETURNED and by_phone(case.status.return_codes or []),
        "why_failed": [say(sentence) for sentence in case.why_failed],
        "actions": _actions(case, entrance, taken_back=visit.taken_back),
        "closed": case.closed,
        "deadline": long_day(case.deadline),
        "passbook_name": entrance.terms.payment.passbook_name,
    }
    return page(request, entrance, "status", gettext("申請の状況"), values=values)


def _to_correct(case: Seen) -> list[str]:
    """What a returned application lacked, each in the sentence of the letter."""
    if case.stage != stages.RETURNED:
        return []
    return [gettext(CODES[code].sentence) for code in case.status.return_codes or []]


def _objection(case: Seen) -> str:
    """What became of an objection or a wish for correction, with its days."""
    s = case.status
    if s.objection_on is None:
        return ""
    received = long_day(s.objection_on)
    if s.objection_answered_on is None:
        return gettext(
            "%(day)sにお申し出（不服・訂正）を受け付けました。内容を確かめて、手紙でお答えします。"
        ) % {"day": received}
    answered = long_day(s.objection_answered_on)
    return gettext(
        "お申し出（不服・訂正）に、%(day)sにお答えしました。くわしくは、お送りする手紙をご覧ください。"
    ) % {"day": answered}


def _actions(case: Seen, entrance: Entrance, *, taken_back: bool) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is the main one) of what can be done here today."""
    words_of_declining = [] if taken_back and case.may_take_back else _about_declining(case, entrance)
    if not case.applies:
        return words_of_declining
    words = {
        stages.RETURNED: gettext("ウェブで直して送る"),
        stages.FAILED: gettext("口座を確かめて届け出る"),
        stages.PAID: gettext("別の口座を届け出る"),
    }.get(case.stage, gettext("口座を変える") if case.pushed else gettext("申請する"))
    actions = [(words, entrance.url("apply"), not case.pushed or case.awaits_account)]
    if case.may_decline:
        actions.append((gettext("給付金を受け取らない（辞退する）"), entrance.url("decline"), False))
    return actions + words_of_declining


def _about_declining(case: Seen, entrance: Entrance) -> list[tuple[str, str, bool]]:
    """Declining what was applied for already, and taking it back."""
    if case.may_take_back:
        return [(gettext("辞退を取りやめる（給付金を受け取る）"), entrance.url("take_back"), True)]
    if case.may_withdraw:
        return [(gettext("給付金を受け取らない（辞退する）"), entrance.url("withdraw"), False)]
    return []


urlpatterns: list[URLPattern] = [path("<slug:slug>/status/", status, name="status")]
