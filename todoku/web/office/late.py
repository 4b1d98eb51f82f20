"""後からの案件作成 at the roll desk: one case by the municipality's order, for somebody who came in late.

A form in, one call of case/open_late.py, and the new case. Either a recipient for whom nothing was due, named by the number
on the roll, or people whom no roll names. The list below shows every case that came late, with its reason.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods

from todoku.case.due import NOT_DUE
from todoku.case.late_deadline import deadlines_of
from todoku.case.late_tables import LateOpening
from todoku.case.open_late import LateEntry, Newcomer, open_late
from todoku.case.tables import Case
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import LATE_KINDS
from todoku.registry.reached import Reached
from todoku.registry.tables import Person, Recipient
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Cell, Column, Empty, Row, Table

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
def late(request: HttpRequest, slug: str) -> HttpResponse:
    """The form and the list; a complete order opens the case and goes there."""
    programme, context = frame(request, slug, "roll", "後からの案件作成")
    form = LateForm(programme, request.POST if request.method == "POST" else None, auto_id="late_%s")
    sentence = ""
    if request.method == "POST" and form.is_valid():
        try:
            case = _open(form, request)
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            last = deadlines_of([case.pk], programme.terms)[case.pk]
            messages.success(
                request,
                f"案件を作成しました。申請の期限は{format_wareki(last)}です。次の印刷で、申請書を別の封筒で送ります。",
            )
            return redirect("case", slug=slug, number=case.number)
    context |= {
        "form": form,
        "errors": [{"target": "late-form", "sentence": sentence}] if sentence else _errors(form),
        "table": _table(request, programme, slug),
    }
    return render(request, "office/late.html", context, status=422 if context["errors"] else 200)


def _open(form: LateForm, request: HttpRequest) -> Case:
    said = form.cleaned_data
    reached = Reached(
        said["postal_code"].replace("-", ""),
        said["address"],
        said["building"],
        said["phone"],
        said["protected"],
    )
    return open_late(
        LateEntry(said["late"], said["happened_on"], said["order"], said["why"]), programme=form.programme,
        recipient=form.recipient(), newcomers=form.newcomers(), payee=form.payee_person(), reached=reached,
        actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip


def _errors(form: LateForm) -> list[dict[str, str]]:
    return [
        {"target": form[name].id_for_label, "sentence": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]


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


urlpatterns = [path("", late, name="roll-late")]
