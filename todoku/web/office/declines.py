"""辞退の申出: what was said about declining at a desk or by web, and its second confirmation another way than it came.

Each button is one call of its verb. Lists the words that wait, the oldest first; names stand on the case's page alone.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.case.stages import stage_name
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tell_decline import CAN_DECLINE, Told, tell_decline
from todoku.payment.confirm_decline import SAME_WAY, confirm_decline, drop_decline
from todoku.payment.take_back_decline import take_back
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.review.answer_by_phone import known_numbers
from todoku.review.pass_on import UNTOLD
from todoku.web.office.cases import case_of, is_protected
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Need, Row, Table

BADGES = {
    "told": Badge("再確認待ち", "wait"), "done": Badge("確認済み", "ok"), "dropped": Badge("受給を希望", "none"),
    "refused": Badge("取り扱わず", "stop"),
}  # fmt: skip


# Two columns: declines to be made sure of, and what officials wrote of cases they sent back.
WORDS_WAITING = f"""
(select count(*) from todoku_declineword where programme_id = %(p)s and kind = 'decline' and state = 'told'),
(select count(*) from ({UNTOLD}) u)"""


def word_needs(declines: int, backs: int, slug: str, roles: frozenset[str]) -> list[Need]:
    """Words that wait for a person, by the counts of WORDS_WAITING."""
    needs = []
    if declines and may(roles, "decline.confirm"):
        text = "辞退の申出が、本人への再確認を待っています。確かめるまで支払は止まります。"
        needs.append(Need(declines, "辞退の申出", text, f"/p/{slug}/declines/", "本人に確かめる"))
    if backs and may(roles, "question.forward"):
        text = "自治体が差し戻した理由を、審査担当にまだ伝えていません。"
        needs.append(Need(backs, "自治体からの差戻し", text, f"/p/{slug}/decisions/backs/", "伝える"))
    return needs


class WordEntry(forms.Form):
    """Who said it, and by which way."""

    channel = forms.ChoiceField(
        label="申出の方法", choices=[one for one in DeclineWord.CHANNELS if one[0] != "web"]
    )
    said_by = forms.CharField(
        label="だれの申出か", max_length=100, help_text="本人でないときは、本人との関係も書きます。",
        error_messages={"required": "だれの申出かを入力してください。"},
    )  # fmt: skip
    phone = forms.CharField(label="日中つながる電話番号", max_length=30, required=False)


class SecondEntry(forms.Form):
    """How it was made sure a second time."""

    second = forms.ChoiceField(label="再確認の方法", widget=forms.RadioSelect, required=False)
    words = forms.CharField(
        label="いつ、だれに、どう確かめたか", max_length=150, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "いつ、だれに、どう確かめたかを入力してください。"},
    )  # fmt: skip

    def __init__(self, *values: Any, channel: str, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["second"].choices = [  # type: ignore[attr-defined]
            (code, name) for code, name in DeclineWord.SECONDS if (channel, code) not in SAME_WAY
        ]


@require_GET
@asks("decline.confirm")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The words that wait for their second confirmation, the oldest first."""
    programme, context = frame(request, slug, "notes", "辞退の申出")
    page = page_number(request)
    found = DeclineWord.objects.filter(programme=programme, kind="decline", state="told").order_by(
        "told_at", "pk"
    )
    shown = found.select_related("case__standing")[(page - 1) * 50 : page * 50]
    context["table"] = Table(
        id="declines", caption="再確認を待つ辞退の申出", total=found.count(), page=page,
        columns=[
            Column("case", "案件", fixed=True), Column("told", "申出の日時"), Column("channel", "方法"),
            Column("stage", "いまの段階"), Column("do", "操作", fixed=True),
        ],
        rows=[
            Row(
                key=str(one.pk), name=one.case.number,
                cells=[
                    case_cell(one.case.number, slug), Cell(f"{localtime(one.told_at):%Y/%m/%d %H:%M}"),
                    Cell(one.get_channel_display()), Cell(stage_name(one.case.standing.stage)),
                    Cell("本人に確かめる", href=f"/p/{slug}/case/{one.case.number}/decline/"),
                ],
            )
            for one in shown
        ],
        empty=Empty("再確認を待つ申出はありません。", "申出は、案件の画面の「辞退の申出」から記録します。"),
    )  # fmt: skip
    return render(request, "office/declines.html", context)


@require_GET
@asks("case.view")
def show(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """What was said of this case, and what can be done now."""
    return _show(request, slug, case_of(programme_of(request, slug), number))


def _show(
    request: HttpRequest, slug: str, case: Case, *, entry: WordEntry | None = None, second: SecondEntry | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    _, context = frame(request, slug, "notes", "辞退の申出")
    actor = actor_of(request)
    record_look(
        actor=actor, action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(),
        programme_slug=slug, reason="辞退の申出",
    )  # fmt: skip
    words = list(DeclineWord.objects.filter(case=case).select_related("settled_by").order_by("-pk"))
    waits = next((one for one in words if one.kind == "decline" and one.state == "told"), None)
    stage = case.standing.stage
    tells = (
        "take_back" if stage == "declined" else "decline" if stage in CAN_DECLINE and waits is None else ""
    )
    context |= {
        "page_title": f"辞退の申出 {case.printed_number}", "case": case, "stage": stage_name(stage),
        "words": [(one, BADGES[one.state]) for one in words], "waits": waits, "tells": tells,
        "entry": entry or WordEntry(auto_id="word_%s"),
        "second": (second or SecondEntry(channel=waits.channel, auto_id="second_%s")) if waits else None,
        "form": entry or second,  # whichever was refused: its summary stands on top
        "numbers": [] if is_protected(case) else known_numbers(case), "protected": is_protected(case),
        "may_tell": may(actor.roles, "decline.tell"), "may_confirm": may(actor.roles, "decline.confirm"),
    }  # fmt: skip
    return render(request, "office/decline.html", context, status=status)


@require_POST
@asks("decline.tell")
def tell(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Keeps the word; what is taken back takes effect at once."""
    case, form = case_of(programme_of(request, slug), number), WordEntry(request.POST, auto_id="word_%s")
    kind = "take_back" if request.POST.get("kind") == "take_back" else "decline"
    if form.is_valid():
        actor, at = actor_of(request), timezone.now()
        try:
            # A word that cannot be carried out is not kept either: it would wait, and stand in the way of the next one.
            with transaction.atomic():
                word = tell_decline(case, Told(kind=kind, **form.cleaned_data), actor=actor, at=at)
                if kind == "take_back":
                    take_back(word, actor=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            done = "辞退を撤回しました。手続きは続きから進みます。" if kind == "take_back" else (
                "辞退の申出を記録しました。別の方法で本人に確かめるまで、審査などの手続きは続き、支払だけを保留します。"
            )  # fmt: skip
            messages.success(request, done)
            return redirect("case-decline", slug=slug, number=number)
    return _show(request, slug, case, entry=form, status=422)


@require_POST
@asks("decline.confirm")
def settle(request: HttpRequest, slug: str, number: str, pk: int) -> HttpResponse:
    """Confirms the word, or drops it: it was not meant."""
    case = case_of(programme_of(request, slug), number)
    word = get_object_or_404(DeclineWord.objects.select_related("programme"), pk=pk, case=case)
    form = SecondEntry(request.POST, channel=word.channel, auto_id="second_%s")
    if form.is_valid():
        actor, at, words = actor_of(request), timezone.now(), form.cleaned_data["words"]
        try:
            if request.POST.get("do") == "drop":
                drop_decline(word, words=words, actor=actor, at=at)
            else:
                confirm_decline(word, second=form.cleaned_data["second"], words=words, actor=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            dropped = request.POST.get("do") == "drop"
            messages.success(
                request, "申出を取り下げました。手続きはそのまま進みます。" if dropped else "辞退を確認しました。支給しません。"
            )  # fmt: skip
            return redirect("case-decline", slug=slug, number=number)
    return _show(request, slug, case, second=form, status=422)


urlpatterns = [
    path("declines/", index, name="declines"),
    path("case/<str:number>/decline/", show, name="case-decline"),
    path("case/<str:number>/decline/tell/", tell, name="case-decline-tell"),
    path("case/<str:number>/decline/<int:pk>/", settle, name="case-decline-settle"),
]
