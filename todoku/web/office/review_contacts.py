"""確認連絡: who must be reached today, by time; one contact with its script, its log, and what came of the call.

Takes a reviewer's request; gives the list, or one contact. Keeping is review/log_contact.py; whom to call is the numbers
that the office knows, never one that a caller gave.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.answer_by_phone import PhoneAnswer, known_numbers
from todoku.review.asked import by_phone
from todoku.review.codes import code_words
from todoku.review.contact_script import script
from todoku.review.desk_tables import Contact, ContactTry
from todoku.review.log_contact import Tried, end_contact, log_contact
from todoku.web.office.case_answers import AnswerEntry
from todoku.web.office.cases import is_protected
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.kept_from import kept_from
from todoku.web.office.review_held import tell_seeded
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

# Hours in which somebody may be called.
FIRST_HOUR, LAST_HOUR = 9, 20
STATES = {
    "open": Badge("連絡待ち", "wait"), "answered": Badge("回答あり", "ok"), "letter": Badge("手紙に切替え", "info"),
    "closed": Badge("取りやめ", "none"),
}  # fmt: skip
DONE = {
    "answered": "お答えを記録しました。",
    "letter": "回数に達したため、手紙でお願いします。", "open": "記録しました。次の日時に連絡します。",
}  # fmt: skip


class TryEntry(forms.Form):
    """A call in which nobody could be asked, or somebody will be called again."""

    outcome = forms.ChoiceField(
        label="結果", choices=[one for one in ContactTry.OUTCOMES if one[0] != "answered"]
    )
    called_number = forms.CharField(
        label="かけた電話番号",
        max_length=20,
        error_messages={"required": "かけた電話番号を入力してください。"},
    )
    said = forms.CharField(label="メモ", required=False, max_length=300)
    next_at = forms.DateTimeField(
        label="次に連絡する日時", required=False, input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "日時を選んでください。"},
    )  # fmt: skip


class EndEntry(forms.Form):
    """Why the contact is given up."""

    words = forms.CharField(
        label="取りやめる理由",
        max_length=300,
        error_messages={"required": "取りやめる理由を書いてください。"},
    )


@require_GET
@asks("contact.make")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom to call, the earliest first; what is due by tonight stands marked until it is made."""
    programme, context = frame(request, slug, "review", "確認連絡")
    context["table"] = contacts_table(
        programme, state=request.GET.get("state", "due"), page=page_number(request)
    )
    return render(request, "office/contacts.html", context)


def tonight() -> Any:
    """The end of today."""
    return localtime().replace(hour=23, minute=59, second=59, microsecond=0)


def call_again(now: datetime) -> datetime:
    """When to try next: three hours on, and where that is evening, the next morning; nobody is called at night."""
    later = now + timedelta(hours=3)
    if FIRST_HOUR <= later.hour < LAST_HOUR:
        return later
    return later.replace(hour=FIRST_HOUR, minute=0) + timedelta(days=later.hour >= LAST_HOUR)


def contacts_table(programme: Programme, *, state: str, page: int) -> Table:
    """Contacts by their time: those due today, all that are open, or those that ended."""
    found = Contact.objects.filter(programme=programme)
    if state == "due":
        found = found.filter(state="open", next_at__lte=tonight())
    elif state == "open":
        found = found.filter(state="open")
    elif state == "ended":
        found = found.filter(~Q(state="open"))
    shown = found.select_related("case", "opened_by").order_by("next_at", "pk")[(page - 1) * 50 : page * 50]
    slug, now = programme.slug, timezone.now()
    return Table(
        id="contacts", caption="確認連絡", total=found.count(), page=page,
        columns=[
            Column("time", "連絡する日時", fixed=True), Column("state", "状態"), Column("case", "案件", fixed=True),
            Column("asked", "確かめること"), Column("tries", "回数", numeric=True), Column("by", "依頼した人"),
        ],
        rows=[_row(one, slug, now) for one in shown],
        filters=[Filter("state", "状態", state, [("due", "今日まで"), ("open", "連絡待ち"), ("ended", "終わったもの")])],
        empty=Empty(
            "今日連絡する申請者はいません。" if state == "due" else "この状態の確認連絡はありません。",
            "審査の画面で「確認連絡」（l）を選ぶと、ここに日時の順に並びます。"
        ),
    )  # fmt: skip


def _row(one: Contact, slug: str, now: Any) -> Row:
    late = one.state == "open" and one.next_at < now
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{localtime(one.next_at):%m/%d %H:%M}", href=f"/p/{slug}/review/contacts/{one.pk}/"),
            Cell("", badge=Badge("時刻を過ぎています", "warn") if late else STATES[one.state]),
            case_cell(one.case.number, slug), code_words(one.codes), one.tries, one.opened_by.name,
        ],
        name=f"確認連絡 {one.pk}",
        marked=late,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@asks("contact.make")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One contact: the script, the numbers, the log, and the forms of what came of the call; each look is recorded."""
    programme = programme_of(request, slug)
    contact = get_object_or_404(
        Contact.objects.select_related(
            "programme__municipality", "case__recipient__head", "case__recipient__reached_at", "opened_by", "submission"
        ),
        pk=pk, programme=programme,
    )  # fmt: skip
    if kept_from(request, contact.case):
        return refuse(request, "case.view_protected")
    typed = request.POST.get("do", "") if request.method == "POST" else ""
    forms_shown = _forms(contact, request, typed)
    sentence = ""
    if typed and forms_shown[typed].is_valid():
        try:
            done = _do(request, contact, typed, forms_shown[typed].cleaned_data)
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            messages.success(request, f"{contact.case.printed_number} {done}")
            return redirect("contacts", slug=slug)
    return _page(request, slug, contact, forms_shown, sentence, status=422 if typed else 200)


def _forms(contact: Contact, request: HttpRequest, typed: str) -> dict[str, forms.Form]:
    """The three forms; the one that was sent holds what was typed."""
    made: dict[str, forms.Form] = {}
    codes = contact.codes if by_phone(contact.codes) else []
    known = [] if is_protected(contact.case) else known_numbers(contact.case)
    called = {"called_number": known[0]} if len(known) == 1 else {}
    for name in ("answered", "again", "end"):
        data = request.POST if name == typed else None
        if name == "answered":
            rails = contact.programme.terms.payment.rails
            made[name] = AnswerEntry(data, codes=codes, rails=rails, initial=called, auto_id="answer_%s")
        else:
            made[name] = (TryEntry if name == "again" else EndEntry)(
                data, initial=called, auto_id=f"{name}_%s"
            )
    made["again"].fields["next_at"].initial = call_again(localtime())
    return made


def _do(request: HttpRequest, contact: Contact, typed: str, values: dict[str, Any]) -> str:
    actor, at = actor_of(request), timezone.now()
    if typed == "end":
        end_contact(contact, words=values["words"], actor=actor, at=at)
        return "の確認連絡を取りやめました。申請は審査待ちに戻りました。"
    if typed == "answered":
        tried = Tried("answered", values["called_number"], answer=PhoneAnswer(**values))
    else:
        tried = Tried(
            values["outcome"], values["called_number"], said=values["said"], next_at=values["next_at"]
        )
    state = log_contact(contact, tried, actor=actor, at=at).state
    tell_seeded(request, contact.task_id, made_up=contact.submission.programme_id != contact.programme_id)
    return DONE[state]


def _page(
    request: HttpRequest, slug: str, contact: Contact, made: dict[str, forms.Form], sentence: str, status: int
) -> HttpResponse:
    _, context = frame(request, slug, "review", "確認連絡")
    record_look(
        actor=actor_of(request), action="contact.make", subject_kind="case", subject_id=contact.case_id,
        at=timezone.now(), programme_slug=slug, reason="確認連絡",
    )  # fmt: skip
    terms = contact.programme.terms
    context |= {
        "page_title": f"確認連絡 {contact.case.printed_number}", "contact": contact, "case": contact.case,
        "state": STATES[contact.state], "forms": made, "last": contact.tries + 1 >= terms.review.contact_tries,
        "limit": terms.review.contact_tries, "completes": by_phone(contact.codes),
        "numbers": [] if is_protected(contact.case) else known_numbers(contact.case),
        "protected": is_protected(contact.case),
        "script": script(
            contact.codes, office=terms.quoted(contact.programme.municipality.name)["contact"],
            programme=terms.programme.name, words=contact.words,
        ),
        "log": list(contact.log.select_related("staff").order_by("pk")),
    }  # fmt: skip
    if sentence:
        context["errors"] = [{"target": "main", "sentence": sentence}]
    return render(request, "office/contact.html", context, status=status)


urlpatterns = [
    path("contacts/", index, name="contacts"),
    path("contacts/<int:pk>/", show, name="contact"),
]
