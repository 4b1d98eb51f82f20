"""The web form, one question a page. What is answered is kept at once; back loses nothing; the checks stand behind.

Takes an opened case; leaves answers in the draft. Photos, the review page and sending have files of their own.
"""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext

from todoku.formats import bank_changes, bank_master
from todoku.review.account_checks import where_it_went
from todoku.review.asked import web_parts
from todoku.review.code_sentences import explain
from todoku.review.documents import kinds_of
from todoku.web.resident import steps
from todoku.web.resident.account_words import account_words, live_notes
from todoku.web.resident.entrance import page
from todoku.web.resident.forms import (
    HolderForm,
    NumberForm,
    PhoneForm,
    RailForm,
    WayForm,
    WhoForm,
    YuchoForm,
    posted,
)
from todoku.web.resident.judged import problems
from todoku.web.resident.opened import Opened, opened
from todoku.web.resident.papers import (
    DAY_OF,
    KindForm,
    PaperDayForm,
    SecondDayForm,
    SecondForm,
    day_title,
    offered,
)
from todoku.web.resident.seen import say
from todoku.web.resident.ways import way_hints
from todoku.web.resident.who_forms import BirthForm, HomeForm, NameForm, Page

FORMS: dict[str, type[Page]] = {
    "name": NameForm,
    "birth": BirthForm,
    "home": HomeForm,
    "who": WhoForm,
    "phone": PhoneForm,
    "way": WayForm,
    "rail": RailForm,
    "yucho": YuchoForm,
    "number": NumberForm,
    "holder": HolderForm,
    "paper": KindForm,
    "paper_day": PaperDayForm,
    "second": SecondForm,
    "second_day": SecondDayForm,
}
# What is typed on these pages is shown to the office's checks at once.
CHECKED = ("yucho", "number", "holder")
# And these are held against them before they lead on.
STOPPING = (*CHECKED, "paper", "paper_day", "second", "second_day")
TEMPLATES = {"second": "paper", "second_day": "paper_day"}


@opened("apply")
def begin(request: HttpRequest, here: Opened) -> HttpResponse:
    """Straight to the first question that is still open."""
    return to_first_open(here)


@opened("apply")
def question(request: HttpRequest, here: Opened, name: str) -> HttpResponse:
    """A page with one question that a form asks."""
    if name not in FORMS:
        raise Http404
    step, draft = steps.STEPS[name], here.visit.draft
    if not steps.may_open(step, steps_of(here), draft):
        return to_first_open(here)
    form = _form(name, request, here, draft)
    if request.method == "POST" and form.is_valid():
        if name == "who" and form.cleaned_data["who"] == "proxy":
            return page(
                request, here.entrance, "proxy", gettext("代理の方の申請"), values=place_of(here, step)
            )
        answered = steps.answered(draft, form.cleaned_data)
        wrong = _stopping(here, answered, step) if name in STOPPING else []
        if not wrong:
            here.visit.save(answered)
            return to_step(here, after(step, steps_of(here, answered), answered))
        for sentence in wrong:
            form.add_error("year" if name in DAY_OF.values() else step.gives[-1], sentence)
    values = place_of(here, step) | {"form": form, "account": account_words(draft), "name": name}
    if name == "way":
        values |= {"hints": way_hints(here)}
    title = _day_title(here, step) if name in DAY_OF.values() else _title(form, step)
    return page(request, here.entrance, f"question_{TEMPLATES.get(name, name)}", title, values=values)


def _day_title(here: Opened, step: steps.Step) -> str:
    asked = next(paper for paper, day in DAY_OF.items() if day == step.name)
    return day_title(kinds_of(here.entrance.terms.criteria.evidence)[here.visit.draft[asked]])


def _form(name: str, request: HttpRequest, here: Opened, draft: dict[str, Any]) -> Page:
    if name in DAY_OF:
        kinds = offered(here.entrance.terms, here.today)
        which = KindForm if name == "paper" else SecondForm
        return which(posted(request), initial=draft, kinds=kinds)
    if name in DAY_OF.values():
        return FORMS[name](posted(request), initial=_boxes(draft.get(name, "")))
    if name == "way":
        return WayForm(posted(request), initial=draft, rails=rails_of(here))
    return FORMS[name](posted(request), initial=draft)


def _boxes(day: str) -> dict[str, str]:
    """A day that was given before, in the boxes of its page."""
    return dict(zip(("year", "month", "day"), (part.lstrip("0") for part in day.split("-")), strict=False))


def _stopping(here: Opened, answered: dict[str, Any], step: steps.Step) -> list[str]:
    """What the checks would stop at this very page."""
    found = problems(answered, here.case, here.entrance.terms, here.today)
    return [say(problem.sentence) for problem in found if problem.stops and problem.step == step.name]


def _title(form: forms.Form, step: steps.Step) -> str:
    titles = {
        "name": gettext("お名前を入力してください"),
        "birth": gettext("生年月日を入力してください"),
        "home": gettext("住民票の住所を入力してください"),
        "yucho": gettext("通帳の記号と番号を入力してください"),
        "number": gettext("口座番号を入力してください"),
    }
    return titles.get(step.name) or str(form.fields[step.gives[0]].label)


@opened("apply")
def find_bank(request: HttpRequest, here: Opened) -> HttpResponse:
    """Finds the bank by name, reading or code; a press on one of those found chooses it."""
    typed = request.GET.get("q", "").strip()
    if request.method == "POST":
        chosen = bank_master.bank(request.POST.get("code", ""))
        if chosen is None:
            return redirect(here.entrance.url("apply_bank"))
        # ゆうちょ passbooks carry symbol and number, so its customers are asked for these.
        answers = {"rail": "yucho"} if chosen.code == bank_master.YUCHO else {"bank": chosen.code}
        return _chosen(here, steps.BANK, answers)
    found = [(bank.code, bank.name) for bank in bank_master.find_banks(typed)] if typed else []
    return _search(request, here, steps.BANK, gettext("金融機関を選んでください"), typed, found, gone(typed))


@opened("apply")
def find_branch(request: HttpRequest, here: Opened) -> HttpResponse:
    """Finds the branch of the chosen bank."""
    bank, typed = here.visit.draft.get("bank", ""), request.GET.get("q", "").strip()
    if request.method == "POST":
        chosen = bank_master.branch(bank, request.POST.get("code", ""))
        if chosen is None:
            return redirect(here.entrance.url("apply_branch"))
        return _chosen(here, steps.BRANCH, {"branch": chosen.code})
    found = [(branch.code, branch.name) for branch in bank_master.find_branches(bank, typed)] if typed else []
    return _search(
        request, here, steps.BRANCH, gettext("支店を選んでください"), typed, found, gone(typed, bank)
    )


def gone(typed: str, bank: str = "") -> list[str]:
    """What has become of banks, or of one bank's branches, of this name that are no more."""
    sentences = []
    for one in bank_changes.find_gone(typed, bank):
        stands = bank_changes.Standing("closed", one.since, one.name, one.to_bank, one.to_branch)
        evidence = where_it_went(one.bank, one.branch, stands)
        sentences.append(say(explain("D11", evidence)))
    return sentences


def _chosen(here: Opened, step: steps.Step, answers: dict[str, str]) -> HttpResponse:
    answered = steps.answered(here.visit.draft, answers)
    here.visit.save(answered)
    return to_step(here, after(step, steps_of(here, answered), answered))


def _search(
    request: HttpRequest, here: Opened, step: steps.Step, title: str, typed: str, found: list[tuple[str, str]],
    gone: list[str],
) -> HttpResponse:  # fmt: skip
    if not steps.may_open(step, steps_of(here), here.visit.draft):
        return to_first_open(here)
    values = place_of(here, step) | {
        "typed": typed,
        "found": found,
        "gone": gone,
        "kind": step.name,
        "account": account_words(here.visit.draft),
        "here": here.entrance.url(f"apply_{step.name}"),
    }
    template = "found" if getattr(request, "htmx", False) else "search"
    return page(request, here.entrance, template, title, values=values)


@opened("apply")
def live(request: HttpRequest, here: Opened, name: str) -> HttpResponse:
    """What the checks say to what is being typed, before the page is sent; one fragment for one box."""
    if name not in CHECKED or request.method != "POST":
        raise Http404
    form = FORMS[name](request.POST)
    step, notes = steps.STEPS[name], []
    if form.is_valid():
        answered = steps.answered(here.visit.draft, form.cleaned_data)
        found = problems(answered, here.case, here.entrance.terms, here.today)
        notes = [("warn", say(problem.sentence)) for problem in found if problem.step == name]
        notes = notes or [("ok", note) for note in live_notes(step.name, answered)]
    else:
        typed = [field for field in step.gives if request.POST.get(field, "").strip()]
        notes = [("warn", sentence) for field in typed for sentence in map(str, form.errors.get(field, []))]
    return page(request, here.entrance, "live", "", values={"notes": notes})


def steps_of(here: Opened, draft: dict[str, Any] | None = None) -> list[steps.Step]:
    terms = here.entrance.terms
    evidence = tuple(terms.intake.evidence.get("web", ()))
    answers = here.visit.draft if draft is None else draft
    return steps.steps_for(
        answers,
        evidence,
        rails_of(here),
        web_parts(here.case.return_codes),
        kinds_of(terms.criteria.evidence),
    )


def rails_of(here: Opened) -> tuple[str, ...]:
    """How the money can be wanted: a supplement that came back goes to an account."""
    return (steps.BY_BANK,) if here.case.awaits_account else here.entrance.terms.payment.rails


def after(step: steps.Step, pages: list[steps.Step], draft: dict[str, Any]) -> steps.Step:
    """The next page: after a change the first one still open, else simply the following one."""
    open_now = steps.first_open(pages, draft)
    if step not in pages:
        return open_now
    following = pages[pages.index(step) + 1]
    return open_now if draft.get("reviewed") or pages.index(open_now) < pages.index(following) else following


def to_first_open(here: Opened) -> HttpResponse:
    """Where a page was asked for whose turn has not come: the question that is still open."""
    return to_step(here, steps.first_open(steps_of(here), here.visit.draft))


def to_step(here: Opened, step: steps.Step) -> HttpResponse:
    return redirect(step_url(here, step))


def step_url(here: Opened, step: steps.Step) -> str:
    if step.name in FORMS:
        return here.entrance.url("apply_question", step.name)
    return here.entrance.url(f"apply_{step.name}")


def place_of(here: Opened, step: steps.Step) -> dict[str, Any]:
    """Where the page stands: "3 / 6", and the way back."""
    pages = steps_of(here)
    earlier = steps.before(step, pages) if step in pages else None
    number, count, part = steps.place(step, pages)
    return {
        "step": {"number": number, "total": count, "name": gettext(part)},
        "back_url": step_url(here, earlier) if earlier else _before_all(here),
    }


def _before_all(here: Opened) -> str:
    return here.entrance.url("without_letter" if here.visit.keyless else "status")


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/apply/", begin, name="apply"),
    path("<slug:slug>/apply/bank/", find_bank, name="apply_bank"),
    path("<slug:slug>/apply/branch/", find_branch, name="apply_branch"),
    path("<slug:slug>/apply/<slug:name>/", question, name="apply_question"),
    path("<slug:slug>/apply/<slug:name>/check/", live, name="apply_live"),
]
