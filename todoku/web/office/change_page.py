"""What both staff doors show of a change after the base date (異動), and how both record a decision by its number.

Takes LaterChange rows; leaves tables, facts and a form, and hands a form that was sent to its step. Names stand in the facts:
who opens a page records the look. Who is named to receive instead is confirmed in payee_page.py.
"""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from todoku.case.change_rules import WAITS
from todoku.case.late_tables import LaterChange
from todoku.case.name_payee import Heir
from todoku.case.stages import stage_name
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_OUTCOMES, CHANGE_PHASES, CHANGE_WHO
from todoku.registry.tables import Person
from todoku.review.settle_change import settle_change
from todoku.review.tables import Question
from todoku.web.office.cells import page_number
from todoku.web.shared.doors import actor_of
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

STATES = dict(LaterChange.STATES)
# Of what waits, that which another person confirms.
TO_CONFIRM = ("payee", "受け取る方の確認待ち")
LOOKS = {"waiting": "wait", "done": "ok", "undone": "none"}
SUCCESSORS_MAX = 30
ANOTHER_CONFIRMS = "別の業務責任者か、自治体の担当課が書類を見て確認すると、受け取る方が変わります。"


class Decision(forms.Form):
    """What the municipality ordered for one change; the heir's fields only where the heirs receive."""

    then = forms.ChoiceField(
        label="判断", choices=Question.CHANGES, widget=forms.RadioSelect,
        error_messages={"required": "判断を選んでください。"},
    )  # fmt: skip
    order = forms.CharField(
        label="自治体の決裁番号", max_length=100, error_messages={"required": "決裁番号を入力してください。"}
    )
    why = forms.CharField(
        label="確認した事実", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    payee = forms.ChoiceField(
        label="新しい受給者", required=False, help_text="新しい世帯主・養育する方が申請するときに選びます。"
    )
    name = forms.CharField(label="相続人代表者の氏名", max_length=200, required=False)
    kana = forms.CharField(label="氏名（カナ）", max_length=200, required=False)
    birth_date = forms.DateField(
        label="生年月日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "生年月日を確かめてください。"},
    )  # fmt: skip
    postal_code = forms.CharField(label="郵便番号", max_length=8, required=False)
    address = forms.CharField(label="住所", max_length=300, required=False)
    building = forms.CharField(label="方書", max_length=300, required=False)
    phone = forms.CharField(label="電話番号", max_length=30, required=False)

    def __init__(self, successors: list[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.successors = {str(one.pk): one for one in successors}
        self.fields["payee"].choices = [("", "選んでください")] + [  # type: ignore[attr-defined]
            (key, f"{one.name}（{one.relation or '世帯員'}）") for key, one in self.successors.items()
        ]

    def successor(self) -> Person | None:
        """Who receives instead, where somebody was chosen."""
        return self.successors.get(self.cleaned_data["payee"])

    def heir(self) -> Heir | None:
        """Who stands for the heirs, where they receive."""
        said = self.cleaned_data
        if said["then"] != "estate":
            return None
        return Heir(
            said["name"], said["kana"], said["birth_date"], said["postal_code"], said["address"], said["building"],
            said["phone"],
        )  # fmt: skip


class AtTheCity(Decision):
    """The same at the municipality. As the answer to a question it is a ruling with its reason and scope, without a number."""

    scope = forms.ChoiceField(
        label="適用の範囲", choices=[("case", "この案件限り"), ("like", "同じ異動（同じ立場・同じ時期）の案件にも")],
        widget=forms.RadioSelect, initial="case", required=False,
    )  # fmt: skip
    words = forms.CharField(
        label="どのような場合か（探すことば）",
        max_length=200,
        required=False,
        help_text="例 施設への入所に伴う転出。",
    )

    def __init__(self, successors: list[Person], *args: Any, answers: bool, **kwargs: Any) -> None:
        super().__init__(successors, *args, **kwargs)
        self.fields["order"].label = "決裁番号"
        self.fields["order"].required = not answers
        self.fields["why"].label = "理由" if answers else "確認した事実"
        self.fields["why"].required = answers
        self.fields["why"].error_messages["required"] = (
            "理由を書いてください。事務局はこの理由のとおりに扱います。"
        )


def changes_table(request: HttpRequest, programme: Programme, *, base: str, empty: Empty) -> Table:
    """The changes of the state that the address names, what waits where it names none; `base` is the place of their pages."""
    state, page = request.GET.get("state", "waiting"), page_number(request)
    state = state if state in (*STATES, TO_CONFIRM[0]) else ""
    found = LaterChange.objects.filter(programme=programme)
    if state:
        found = found.filter(
            **({"state": state} if state in STATES else {"state": "waiting", "waits_for": state})
        )
    rows = found.select_related("case").order_by("-state", "-found_at", "pk")[(page - 1) * 50 : page * 50]
    return Table(
        id="changes", caption="異動", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("event", "異動"), Column("who", "誰に"), Column("phase", "時期"),
            Column("rule", "制度の定め"), Column("state", "状態"), Column("waits", "判断が要る理由"),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.case.printed_number, href=f"{base}{one.pk}/"),
                    Cell(CHANGE_EVENTS[one.event], note=f"{one.happened_on:%Y/%m/%d}" if one.happened_on else "日付不明"),
                    Cell(CHANGE_WHO[one.who]), Cell(CHANGE_PHASES[one.phase]), Cell(CHANGE_OUTCOMES[one.rule]),
                    Cell("", badge=Badge(STATES[one.state], LOOKS[one.state])), Cell(WAITS.get(one.waits_for, "")),
                ],
                marked=one.state == "waiting",
            )
            for one in rows
        ],
        filters=[Filter("state", "状態", state, [*LaterChange.STATES, TO_CONFIRM])],
        empty=empty,
    )  # fmt: skip


def question_of(change: LaterChange) -> Question | None:
    """The question that is open about it, or else the one that was asked last."""
    found = Question.objects.filter(change=change).select_related("forwarder", "made", "by_ruling")
    return found.filter(state__in=Question.OPEN).first() or found.order_by("-pk").first()


def changes_of(programme: Programme) -> QuerySet[LaterChange]:
    """The programme's changes with what their pages show."""
    found = LaterChange.objects.select_related(
        "case__standing", "case__recipient__head", "person", "programme"
    )
    return found.filter(programme=programme)


def shown(change: LaterChange, form: Decision | None, sentence: str) -> dict[str, Any]:
    """What a page of one change shows at either door; `sentence` is that of a refusal, if the form sent was refused."""
    return {
        "change": change, "stage": stage_name(change.case.standing.stage), "facts": facts_of(change),
        "badge": Badge(STATES[change.state], LOOKS[change.state]), "form": form,
        "errors": [{"target": "decide", "sentence": sentence}] if sentence else [],
    }  # fmt: skip


def settle(request: HttpRequest, change: LaterChange, form: Decision) -> str:
    """Records the decision of a form that is valid, by the number of the municipality's order; gives what is told of it."""
    said, number = form.cleaned_data, change.case.printed_number
    settled = settle_change(
        change, then=said["then"], order=said["order"], why=said["why"], payee=form.successor(), heir=form.heir(),
        actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    words = CHANGE_OUTCOMES[said["then"]]
    if settled.state == "waiting":
        return f"{number} の受け取る方を「{words}」として入力しました。{ANOTHER_CONFIRMS}"
    return f"{number} を「{words}」として記録しました。"


def successors(change: LaterChange) -> list[Person]:
    """Who of the roll could receive instead: those counted in the case and those who live with them now."""
    counted = Person.objects.filter(
        member__recipient=change.case.recipient_id, member__superseded_by_order=""
    )
    households = counted.values("household_number")
    found = Person.objects.filter(
        Q(pk__in=counted.values("pk")) | Q(household_number__in=households),
        programme=change.programme_id, in_latest_roll=True, left_reason="",
    )  # fmt: skip
    return list(found.exclude(pk=change.case.recipient.head_id).order_by("-is_head", "pk")[:SUCCESSORS_MAX])


def facts_of(change: LaterChange) -> list[dict[str, str]]:
    """What happened to whom, which line of the Version's table it is, and how it stands."""
    payee = change.case.recipient.head
    on = f"{change.happened_on:%Y/%m/%d}" if change.happened_on else "日付不明"
    facts = [
        ("異動", f"{CHANGE_EVENTS[change.event]}（{on}）"), ("異動した方", change.person.name),
        ("立場", CHANGE_WHO[change.who]), ("時期", CHANGE_PHASES[change.phase]),
        ("制度の定め", CHANGE_OUTCOMES[change.rule]), ("いまの受給者", payee.name),
    ]  # fmt: skip
    if change.waits_for:
        facts.append(("判断が要る理由", WAITS[change.waits_for]))
    if change.outcome:
        facts.append(
            ("扱い", CHANGE_OUTCOMES[change.outcome] + (f"（決裁 {change.order}）" if change.order else ""))
        )
    return [{"label": label, "value": words} for label, words in facts]
