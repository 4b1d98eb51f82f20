"""後からの案件作成 at both staff doors: one case by the municipality's order, for somebody who came in late.

A form in, one call of case/open_late.py, and a request that another person compares with the papers on a page of its own:
then the case is opened, or it is refused. Either a recipient for whom nothing was due, named by the number on the roll, or
people whom no roll names. The lists below show what waits, and every case that came late, with its reason.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods

from todoku.case.due import NOT_DUE
from todoku.case.late_deadline import deadlines_of
from todoku.case.late_tables import LateOpening, LateProposal
from todoku.case.open_late import Asked, LateEntry, Newcomer, asked_of, open_late, propose_late, refuse_late
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import LATE_KINDS
from todoku.registry.protected import is_under_protection
from todoku.registry.reached import Reached
from todoku.registry.tables import Person, Recipient
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame
from todoku.web.office.watch_door import Door, wrong
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

BADGES = {
    "waiting": Badge("確認待ち", "wait"),
    "opened": Badge("作成済", "ok"),
    "refused": Badge("作成しない", "none"),
}
ROWS = 4  # a family that shelters here; a larger one is entered in two orders


class LateForm(forms.Form):
    """What the order says: which late entry, since when, and who."""

    late = forms.ChoiceField(
        label="区分", widget=forms.RadioSelect, error_messages={"required": "区分を選んでください。"}
    )
    happened_on = forms.DateField(
        label="事実のあった日",
        help_text="出生・転入・申出・申告の日です。「何日以内」の申請期限は、この日から数えます。",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "日付を入力してください。", "invalid": "日付を確かめてください。"},
    )
    order = forms.CharField(
        label="自治体の決裁番号", max_length=100, error_messages={"required": "決裁番号を入力してください。"}
    )
    why = forms.CharField(
        label="確認した事実", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "確認した書類などを入力してください。"},
    )  # fmt: skip
    number = forms.CharField(
        label="名簿の番号", max_length=15, required=False,
        help_text="対象外とされた世帯・方の案件を作成するとき、世帯番号か宛名番号を入れます。",
    )  # fmt: skip
    payee = forms.CharField(
        label="受け取る方の宛名番号", max_length=15, required=False,
        help_text="児童の分を、名簿にいる保護者が受け取るときに入れます。",
    )  # fmt: skip
    postal_code = forms.CharField(label="郵便番号", max_length=8, required=False)
    address = forms.CharField(label="手紙が届く住所", max_length=300, required=False)
    building = forms.CharField(label="方書", max_length=300, required=False)
    phone = forms.CharField(label="電話番号", max_length=30, required=False)
    protected = forms.BooleanField(
        label="支援措置を受けている（住所をどの画面にも出さない）", required=False,
        help_text="「避難」の区分では、印がなくても住所を出しません。",
    )  # fmt: skip

    def __init__(self, programme: Programme, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        late = [(one.name, f"{one.title}（{one.until:%Y/%m/%d}まで）") for one in programme.terms.late]
        self.fields["late"].choices = late  # type: ignore[attr-defined]
        for place in range(ROWS):
            who = "代表者" if place == 0 else f"{place + 1}人目"
            self.fields[f"name_{place}"] = forms.CharField(
                label=f"{who}の氏名", max_length=200, required=False
            )
            self.fields[f"kana_{place}"] = forms.CharField(label="カナ", max_length=200, required=False)
            self.fields[f"birth_{place}"] = forms.DateField(
                label="生年月日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
                error_messages={"invalid": f"{who}の生年月日を確かめてください。"},
            )  # fmt: skip
            self.fields[f"relation_{place}"] = forms.CharField(label="続柄", max_length=40, required=False)

    def people(self) -> list[list[forms.BoundField]]:
        """The rows of newcomers, as fields."""
        return [
            [self[f"{name}_{place}"] for name in ("name", "kana", "birth", "relation")]
            for place in range(ROWS)
        ]

    def newcomers(self) -> list[Newcomer]:
        """The rows that say something; one without a birth date is refused."""
        said, found = self.cleaned_data, []
        for place in range(ROWS):
            name, born = said[f"name_{place}"], said[f"birth_{place}"]
            if not name and not said[f"kana_{place}"]:
                continue
            if not isinstance(born, date):
                raise WhoIsMeant("対象になる方の生年月日を入力してください。")
            found.append(Newcomer(name, said[f"kana_{place}"], born, said[f"relation_{place}"]))
        return found

    def recipient(self) -> Recipient | None:
        """The recipient named by the number on the roll; None where newcomers are entered."""
        number = self.cleaned_data["number"].strip()
        if not number:
            return None
        found = Recipient.objects.filter(
            Q(unit_number=number) | Q(household_number=number, unit_number=""), programme=self.programme
        ).first()
        if found is None:
            raise WhoIsMeant("この番号の世帯・方は、この事業の名簿にありません。番号を確かめてください。")
        return found

    def payee_person(self) -> Person | None:
        number = self.cleaned_data["payee"].strip()
        if not number:
            return None
        found = Person.objects.filter(programme=self.programme, number=number, left_reason="").first()
        if found is None:
            raise WhoIsMeant("受け取る方の宛名番号が名簿にありません。番号を確かめてください。")
        return found


class WhoIsMeant(Refusal):
    """What was entered does not say who is meant."""


@require_http_methods(["GET", "POST"])
@asks("change.decide")
def late(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """The form and the lists; what is complete waits for another person on its own page."""
    programme, context = door.open(request, slug, "後からの案件作成")
    form = LateForm(programme, request.POST if request.method == "POST" else None, auto_id="late_%s")
    sentence = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = _propose(form, request)
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            messages.success(
                request,
                "入力しました。別の業務責任者か、自治体の担当課が書類を見て確認すると、案件を作成します。",
            )
            return redirect("late-proposal", slug=slug, pk=made.pk)
    context |= {
        "form": form,
        "errors": [wrong("late-form", sentence)] if sentence else _errors(form),
        "waiting": _waiting_table(programme),
        "table": _table(request, programme, slug),
    }
    return render(request, "office/late.html", context, status=422 if context["errors"] else 200)


def _propose(form: LateForm, request: HttpRequest) -> LateProposal:
    said = form.cleaned_data
    reached = Reached(
        said["postal_code"].replace("-", ""),
        said["address"],
        said["building"],
        said["phone"],
        said["protected"],
    )
    return propose_late(
        LateEntry(said["late"], said["happened_on"], said["order"], said["why"]),
        Asked(form.recipient(), tuple(form.newcomers()), form.payee_person(), reached),
        programme=form.programme, actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@asks("change.decide")
def proposal(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One request with all that was entered, for the person who compares it with the papers. The look is recorded."""
    programme, context = door.open(request, slug, "後からの案件作成の確認")
    wanted = LateProposal.objects.select_related(
        "recipient__head", "payee", "proposed_by", "answered_by", "opening__case"
    )
    one, actor, status = get_object_or_404(wanted, pk=pk, programme=programme), actor_of(request), 200
    if request.method == "POST":
        try:
            return _answer(request, slug, one)
        except Refusal as refusal:
            context["errors"], status = [wrong("answer", refusal.sentence)], 422
            # Somebody else may have answered it meanwhile: what is shown is what stands.
            one = wanted.get(pk=one.pk)
    # Also beside a refusal: all of it is on the page again.
    record_look(
        actor=actor, action="case.view_protected" if _protected(one) else "change.decide",
        subject_kind="late_proposal", subject_id=one.pk, at=timezone.now(),
        programme_slug=slug, reason="後からの案件作成の確認",
    )  # fmt: skip
    waits = one.state == "waiting"
    context |= {
        "page_title": f"後からの案件作成の伺い {one.pk}", "one": one, "badge": BADGES[one.state], "items": _said(one, programme),
        "people": asked_of(one).newcomers, "may_open": waits and one.proposed_by_id != actor.id, "may_refuse": waits,
        "why": request.POST.get("why", ""), "case": one.opening.case if one.state == "opened" else None,
    }  # fmt: skip
    return render(request, "office/late_proposal.html", context, status=status)


def _protected(one: LateProposal) -> bool:
    """Whether where the people are is kept from others: said so, fled, or of a household under 支援措置."""
    reached = asked_of(one).reached
    dv = one.late in {late.name for late in one.programme.terms.late if late.kind == "dv"}
    return (
        dv
        or bool(reached and reached.protected)
        or one.recipient_id is not None
        and is_under_protection(one.recipient_id)
    )


def _answer(request: HttpRequest, slug: str, one: LateProposal) -> HttpResponse:
    """Opens or refuses, as the button says; gives where to go."""
    actor, at = actor_of(request), timezone.now()
    if request.POST.get("do") == "refuse":
        refuse_late(one, why=request.POST.get("why", ""), actor=actor, at=at)
        messages.success(request, "案件を作成しないことにしました。")
        return redirect("roll-late", slug=slug)
    case = open_late(one, actor=actor, at=at)
    last = deadlines_of([case.pk], one.programme.terms)[case.pk]
    messages.success(
        request,
        f"案件を作成しました。申請の期限は{format_wareki(last)}です。次の印刷で、申請書を別の封筒で送ります。",
    )
    return redirect("case", slug=slug, number=case.number)


def _said(one: LateProposal, programme: Programme) -> list[dict[str, str]]:
    """What was entered, line by line, as the papers are read."""
    asked = asked_of(one)
    rows = [
        ("区分", next((late.title for late in programme.terms.late if late.name == one.late), one.late)),
        ("事実のあった日", f"{one.happened_on:%Y/%m/%d}"), ("決裁", one.order), ("確認した事実", one.why),
    ]  # fmt: skip
    if asked.recipient is not None:
        rows.append(("名簿の番号", asked.recipient.unit_number or asked.recipient.household_number))
        rows.append(("名簿の方", asked.recipient.head.name))
    if asked.payee is not None:
        rows.append(("受け取る方", f"{asked.payee.number}　{asked.payee.name}"))
    if asked.reached is not None and asked.reached.address:
        place = asked.reached
        rows.append(("手紙が届く住所", f"〒{place.postal_code} {place.address}{place.building}"))
        rows.append(("電話番号", place.phone or "なし"))
        rows.append(("支援措置", "受けている（住所をどの画面にも出さない）" if place.protected else "印なし"))
    rows.append(("入力", f"{one.proposed_by.name}（{localtime(one.proposed_at):%m/%d %H:%M}）"))
    if one.answered_by and one.answered_at:
        told = f"{one.answered_by.name}（{localtime(one.answered_at):%m/%d %H:%M}）"
        rows.append((one.get_state_display(), f"{told}{one.answer_why and '　' + one.answer_why}"))
    return [{"label": label, "value": value} for label, value in rows]


def _errors(form: LateForm) -> list[dict[str, str]]:
    return [
        {"target": form[name].id_for_label, "sentence": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]


def _waiting_table(programme: Programme) -> Table:
    """What waits for another person, the oldest first; whom it is about stands on its own page alone."""
    rows = list(
        LateProposal.objects.filter(programme=programme, state="waiting")
        .select_related("proposed_by")
        .order_by("pk")
    )
    titles = {one.name: one.title for one in programme.terms.late}
    return Table(
        id="waiting", caption="確認を待つもの", total=len(rows),
        columns=[
            Column("pk", "伺い", fixed=True), Column("kind", "区分"), Column("on", "事実の日", fixed=True),
            Column("order", "決裁"), Column("by", "入力"), Column("at", "日時", fixed=True),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(f"伺い {one.pk}", href=f"{one.pk}/"), Cell(titles.get(one.late, one.late)),
                    Cell(f"{one.happened_on:%Y/%m/%d}"), Cell(one.order), Cell(one.proposed_by.name),
                    Cell(f"{localtime(one.proposed_at):%m/%d %H:%M}"),
                ],
            )
            for one in rows
        ],
        empty=Empty("確認を待つものはありません。", "入力した人とは別の人が確認すると、案件になります。"),
    )  # fmt: skip


def _table(request: HttpRequest, programme: Programme, slug: str) -> Table:
    found, page = LateOpening.objects.filter(programme=programme), page_number(request)
    rows = list(found.select_related("case").order_by("-at", "-pk")[(page - 1) * 50 : page * 50])
    last_days = deadlines_of([one.case_id for one in rows], programme.terms)
    return Table(
        id="late", caption="後から作成した案件", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("kind", "区分"), Column("on", "事実の日", fixed=True),
            Column("last", "申請期限", fixed=True), Column("before", "前の判定"),
            Column("order", "決裁"), Column("at", "作成"), Column("by", "担当"),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.case.printed_number, href=f"/p/{slug}/case/{one.case.number}/"),
                    Cell(LATE_KINDS.get(one.kind, "名簿・一覧の修正")), Cell(f"{one.happened_on:%Y/%m/%d}"),
                    Cell(f"{last_days[one.case_id]:%Y/%m/%d}"), Cell(NOT_DUE.get(one.earlier_reason, "")),
                    Cell(one.order or "名簿・一覧"), Cell(f"{localtime(one.at):%m/%d %H:%M}"), Cell(one.actor_name),
                ],
            )
            for one in rows
        ],
        empty=Empty("後から作成した案件はありません。", "後の名簿や一覧で対象になった方の案件も、ここに理由とともに並びます。"),
    )  # fmt: skip


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [path("", late, here, name="roll-late"), path("<int:pk>/", proposal, here, name="late-proposal")]


urlpatterns = patterns(Door(frame, "roll", "shared/base_desk.html"))
