"""審査 desk, beside the verdict: put aside, hand on, comment, plan a contact. Each is a small form over the task, or a page.

Takes a reviewer's request for the task in hand; gives one call of its verb, and then the next task. What is refused stands
on the form's own page with all that was typed.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from todoku.ground.step import Refusal
from todoku.intake.forms import Proofs
from todoku.intake.tables import ProofVersion
from todoku.people.tables import Staff
from todoku.review.comment import comment
from todoku.review.hand_on import hand_on
from todoku.review.open_contact import open_contact
from todoku.review.put_aside import put_aside
from todoku.review.read_proofs import read_proofs
from todoku.review.tables import Finding, Task
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.review_forms import AsideForm, CommentForm, ContactForm, HandForm, PapersForm
from todoku.web.office.review_held import held_task, take_next_task
from todoku.web.shared.doors import actor_of, asks


class Act(NamedTuple):
    """One thing that can be done with a task instead of a verdict: its words, its key, its form, its button."""

    words: str
    key: str
    form: Callable[..., forms.Form]
    button: str


ACTS: dict[str, Act] = {
    "aside": Act("保留", "s", AsideForm, "保留する"),
    "hand": Act("引継ぎ", "g", HandForm, "引き継ぐ"),
    "contact": Act("確認連絡", "l", ContactForm, "連絡を予定する"),
    "comment": Act("メモ", "w", CommentForm, "メモを残す"),
    "papers": Act("書類", "k", PapersForm, "この種類と日付で点検する"),
}


STAYS = ("comment", "papers")  # after these the same application is judged


@require_http_methods(["GET", "POST"])
@asks("review.judge")
def act(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """The form of one act on its own page, and what it does."""
    task = held_task(request, programme_of(request, slug), pk)
    if task is None:
        return redirect("review", slug=slug)
    if what not in ACTS:
        raise Http404("act")
    found = set(Finding.objects.filter(submission_id=task.submission_id).values_list("code", flat=True))
    form = ACTS[what].form(request.POST or None, task=task, found=found, auto_id=f"{what}_%s")
    if request.method == "POST" and form.is_valid():
        try:
            done = DO[what](request, task, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{task.case.printed_number} {done}")
            if what in STAYS:
                return redirect("review-task", slug=slug, pk=pk)
            return take_next_task(request, task.programme)
    _, context = frame(request, slug, "review", ACTS[what].words)
    context |= {"task": task, "act": ACTS[what], "what": what, "form": form, "page_title": ACTS[what].words}
    return render(request, "office/review_act.html", context, status=422 if form.is_bound else 200)


def _aside(request: HttpRequest, task: Task, typed: dict[str, Any]) -> str:
    put_aside(task, reason=typed["reason"], until=typed["until"], actor=actor_of(request), at=timezone.now())
    return f"を{typed['until']:%m/%d}まで保留しました。"


def _hand(request: HttpRequest, task: Task, typed: dict[str, Any]) -> str:
    to = Staff.objects.get(pk=int(typed["to"])) if typed["to"] else None
    hand_on(
        task, words=typed["words"], to=to, queue=typed["queue"], actor=actor_of(request), at=timezone.now()
    )
    return f"を{to.name}さんに引き継ぎました。" if to else "をほかの列へ移しました。"


def _contact(request: HttpRequest, task: Task, typed: dict[str, Any]) -> str:
    open_contact(
        task,
        codes=typed["codes"],
        next_at=typed["next_at"],
        words=typed["words"],
        actor=actor_of(request),
        at=timezone.now(),
    )
    return "の確認連絡を予定しました。「確認連絡」の一覧から電話します。"


def _comment(request: HttpRequest, task: Task, typed: dict[str, Any]) -> str:
    comment(task, typed["words"], actor=actor_of(request), at=timezone.now())
    return "にメモを残しました。"


def _papers(request: HttpRequest, task: Task, typed: dict[str, Any]) -> str:
    read = Proofs(typed["first"], typed["first_on"], typed["second"], typed["second_on"])
    read_proofs(task, read, actor=actor_of(request), at=timezone.now())
    return "を、読み取った書類で点検し直しました。"


DO: dict[str, Callable[[HttpRequest, Task, dict[str, Any]], str]] = {
    "aside": _aside, "hand": _hand, "contact": _contact, "comment": _comment, "papers": _papers,
}  # fmt: skip


def act_forms(task: Task, found: Collection[str], last: ProofVersion | None) -> list[dict[str, Any]]:
    """The acts with their empty forms, as the task's page lays them over itself; `last`: the papers as named last."""
    known = {"papers": {"last": last}}
    return [
        {
            "what": what,
            "act": one,
            "form": one.form(task=task, found=found, auto_id=f"{what}_%s", **known.get(what, {})),
        }
        for what, one in ACTS.items()
    ]


urlpatterns = [path("task/<int:pk>/act/<slug:what>/", act, name="review-act")]
