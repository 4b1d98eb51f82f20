"""The first pages: which programmes there are, what one of them is, and whom to ask. Nobody has to say who he is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.web.resident.entrance import Entrance, entered, long_day, open_programmes, page, public
from todoku.web.resident.without_letter import open_to
from todoku.web.shared.doors import asks

# What the first page explains, in the order in which people ask. Folded where it is long.
_EXPLAINED = ("who", "how_to_apply", "documents")
_FOLDED = ("deemed_declined", "change_account", "repayment", "protection", "privacy")


@asks("public")
def home(request: HttpRequest) -> HttpResponse:
    """One programme: straight to it. Several: a list. None: says so."""
    entrances = [entered(version) for version in open_programmes()]
    if len(entrances) == 1:
        return redirect(entrances[0].url("start"))
    title = gettext("給付金のご案内")
    values = {"page_title": title, "door_name": title, "entrances": entrances}
    return render(request, "resident/home.html", values)


@public
def start(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """What the programme is, how much, until when, and the two ways on."""
    terms, today = entrance.terms, timezone.localdate()
    headings = _headings()
    values = {
        "wording": {key: entrance.wording(key) for key in ("purpose", "amount", "caution")},
        "deadline": long_day(terms.deadline),
        "by_postmark": terms.intake.deadline_by == "postmark" and "paper" in terms.intake.channels,
        "opens": long_day(terms.intake.opens) if today < terms.intake.opens else "",
        "is_open": terms.is_open(today),
        # Who came in late, or whose payout came later, has a last day of his own in his letter.
        "late_open": not terms.is_open(today) and terms.is_open(today, terms.last_deadline),
        "by_web": "web" in terms.intake.channels,
        "without_letter": open_to(entrance),
        "explained": [(headings[key], entrance.wording(key)) for key in _EXPLAINED],
        "folded": [(headings[key], text) for key in _FOLDED if (text := entrance.wording(key))],
    }
    return page(request, entrance, "start", gettext(terms.programme.name), values=values)


def _headings() -> dict[str, str]:
    return {
        "who": gettext("対象となる方"),
        "how_to_apply": gettext("申請の方法"),
        "documents": gettext("必要な書類"),
        "deemed_declined": gettext("期限までに申請がないとき"),
        "change_account": gettext("口座を変えるとき"),
        "repayment": gettext("お返しいただくことがあるとき"),
        "protection": gettext("差押えの禁止と税金"),
        "privacy": gettext("個人情報の扱い"),
    }


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("<slug:slug>/", start, name="start"),
]
