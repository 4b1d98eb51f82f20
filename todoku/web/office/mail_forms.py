"""The forms of 郵便室: a second person who signs in the page, a pick-up, an envelope as it is opened, what was found in it.

A second person proves to be there by a password of their own; wrong ones count by the same record as at the door.
"""

import uuid
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q

from todoku.mailroom.open_many import Household, Opened
from todoku.mailroom.tables import Sheet, UnplacedPaper, Valuable
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.entry_tries import NotConfirmed, confirm_witness
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.web.office.paper_form import entered_day
from todoku.web.office.scan import scanned_number

HOUSEHOLDS_SHOWN = 4  # in one envelope; more of them go into the pool and are matched there
# Counts of sheets in the order in which most envelopes need them: a form and the copies with it.
BOXES = ("form", "attachment", "answer", "list", "original", "letter", "other")
assert set(BOXES) == set(dict(Sheet.KINDS)), "every kind of sheet has its box"
ILLEGIBLE, NO_POSTMARK = ("9", "判読不能"), ("0", "なし")


def colleagues(programme: Programme, besides: int) -> dict[str, Staff]:
    """The people of the office who may stand beside: they work in the mailroom of this municipality, and are not besides."""
    here = Q(grants__municipality_code="") | Q(grants__municipality_code=programme.municipality_id)
    found = (
        Staff.objects.filter(
            here, is_active=True, organisation__kind="office", grants__role__in=ACTIONS["mail.view"]
        )
        .exclude(pk=besides)
        .distinct()
        .order_by("name")
    )
    return {str(one.pk): one for one in found}


class TwoPersons(forms.Form):
    """The second of two persons: chosen, and their password typed by themselves. `cleaned_data["second"]` is an Actor."""

    second = forms.ChoiceField(
        label="もう一人の職員",
        error_messages={
            "required": "もう一人の職員を選んでください。", "invalid_choice": "もう一人の職員を選んでください。"
        },
    )  # fmt: skip
    second_password = forms.CharField(
        label="もう一人の職員のパスワード", widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="その職員が自分で入力します。",
        error_messages={"required": "もう一人の職員がパスワードを入力してください。"},
    )  # fmt: skip

    def __init__(
        self, *values: Any, people: dict[str, Staff], actor: Actor, at: datetime, **named: Any
    ) -> None:
        super().__init__(*values, **named)
        self._people, self._actor, self._at = people, actor, at
        self.fields["second"].choices = [  # type: ignore[attr-defined]
            ("", "選んでください"), *((key, one.name) for key, one in people.items())
        ]  # fmt: skip
        self.order_fields(
            [*(name for name in self.fields if not name.startswith("second")), "second", "second_password"]
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen, password = self._people.get(values.get("second", "")), values.pop("second_password", "")
        # Whatever else is wrong is put right first: nobody types a password in vain.
        if chosen and password and not self.errors:
            try:
                confirm_witness(chosen, password, actor=self._actor, at=self._at)
            except NotConfirmed as refusal:
                self.add_error("second_password", refusal.sentence)
        if chosen:
            values["second"] = Actor(chosen.pk, chosen.name, chosen.roles, "office", self._actor.door)
        return values


def _count(
    label: str, *, least: int = 0, most: int = 20_000, required: bool = True, **named: Any
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": f"{label}を入力してください。", "invalid": f"{label}は数字で入力してください。",
            "min_value": f"{label}は{least}以上で入力してください。", "max_value": f"{label}は{most:,}までです。",
        },
        **named,
    )  # fmt: skip


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": f"{label}を入力してください。", "invalid": f"{label}を確かめてください。"},
    )  # fmt: skip


class SentOnce(forms.Form):
    """A form with a key of its own: sent twice, by a double press or after a lost answer, it counts once."""

    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class PickUp(SentOnce, TwoPersons):
    """A pick-up at the post office box."""

    on = _day("受け取った日")
    place = forms.CharField(
        label="受け取った場所",
        max_length=60,
        error_messages={"required": "郵便局の名前などを入力してください。"},
    )
    bags = _count("袋・箱の数", least=1, most=200)
    stated = _count(
        "郵便局の控えの通数",
        required=False,
        help_text="控えのないときは空欄にします。数えた通数は、袋ごとに後で入力します。",
    )


class Count(forms.Form):
    """A number counted by hand."""

    counted = _count("数えた通数")


class Sheets(forms.Form):
    """Sheets of a container, counted by hand."""

    counted = _count("数えた枚数", most=1_000_000)


class Found(SentOnce, TwoPersons):
    """An original or cash in an envelope."""

    kind = forms.ChoiceField(label="種類", choices=Valuable.KINDS)
    what = forms.CharField(
        label="内容", max_length=100, help_text="通帳、運転免許証など。番号や氏名は書き写しません。",
        error_messages={"required": "何が入っていたかを入力してください。"},
    )  # fmt: skip
    amount_yen = _count("金額（現金のとき）", least=1, most=10_000_000, required=False)
    number = forms.CharField(
        label="案件の番号", max_length=30, required=False, help_text="分からないときは空欄にします。"
    )

    def clean_number(self) -> str:
        return scanned_number(self.cleaned_data["number"])


class SentBack(TwoPersons):
    """A return by recorded mail."""

    mail_number = forms.CharField(
        label="引受番号", max_length=20, help_text="郵便局の控えの11桁。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "郵便局の控えにある引受番号を入力してください。"},
    )  # fmt: skip
    returned_on = _day("差し出した日")


class HouseholdEntry(forms.Form):
    """What one household put in: number, sheets by kind, or why there is no number."""

    number = forms.CharField(
        label="番号（QR）", max_length=30, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number-box"}),
    )  # fmt: skip
    unplaced = forms.ChoiceField(
        label="番号のないとき",
        required=False,
        choices=[
            ("", "0 番号あり"),
            *((value, f"{digit} {name}") for digit, (value, name) in enumerate(UnplacedPaper.REASONS, 1)),
        ],
    )

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        for kind, name in Sheet.KINDS:
            self.fields[f"n_{kind}"] = _count(name, most=200, required=False)

    @property
    def sheet_fields(self) -> list[Any]:
        return [self[f"n_{kind}"] for kind in BOXES]

    @property
    def filled(self) -> bool:
        """Whether anything of this household was typed."""
        return any(self.data.get(self.add_prefix(name)) for name in self.fields)

    def household(self) -> Household:
        values = self.cleaned_data
        sheets = tuple(kind for kind, _ in Sheet.KINDS for _ in range(values.get(f"n_{kind}") or 0))
        return Household(
            scanned_number(values["number"]), sheets, "" if values["number"] else values["unplaced"]
        )


def entered_postmark(typed: str, today: date) -> tuple[str, date | None]:
    """A postmark as it is typed: four digits of month and day, 0 for none, 9 for one that cannot be read."""
    if typed.strip() in ILLEGIBLE:
        return "illegible", None
    if typed.strip() in NO_POSTMARK:
        return "none", None
    return "read", entered_day(typed.strip(), today)


def typed_postmark(postmark: str, day: date | None) -> str:
    """The same the other way: what somebody would type for it."""
    return f"{day:%m%d}" if day else (ILLEGIBLE if postmark == "illegible" else NO_POSTMARK)[0]


class EnvelopeEntry(SentOnce):
    """The outside of an envelope: its postmark as four digits, 0 for none, 9 for one that cannot be read."""

    postmark = forms.CharField(
        label="消印", max_length=20, help_text="月日の4桁。なければ 0、読めなければ 9。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 8, "data-full": 4}),
        error_messages={"required": "消印の月日を4桁で入力してください。なければ 0、読めなければ 9 です。"},
    )  # fmt: skip
    mis_sent = forms.BooleanField(label="別の宛先の郵便（誤配達）", required=False)

    def __init__(self, *values: Any, today: date, **named: Any) -> None:
        super().__init__(*values, **named)
        self._today = today

    def clean_postmark(self) -> tuple[str, date | None]:
        return entered_postmark(self.cleaned_data["postmark"], self._today)

    def opened(self, households: list[HouseholdEntry]) -> Opened:
        kind, day = self.cleaned_data["postmark"]
        return Opened(
            kind,
            day,
            tuple(one.household() for one in households),
            self.cleaned_data["mis_sent"],
            self.cleaned_data["form_key"],
        )


class Correction(TwoPersons):
    """A postmark or a number put right, with the reason, before a second person."""

    postmark = forms.CharField(
        label="消印", max_length=20, help_text="月日の4桁。なければ 0、読めなければ 9。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "消印の月日を4桁で入力してください。なければ 0、読めなければ 9 です。"},
    )  # fmt: skip
    household = forms.TypedChoiceField(
        label="番号を直す世帯", coerce=int, empty_value=None, required=False,
        help_text="番号が合っているときは選びません。",
    )  # fmt: skip
    number = forms.CharField(
        label="正しい番号（QR）", max_length=30, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    why = forms.CharField(
        label="理由", max_length=100, help_text="どう間違えたか。氏名や番号は書きません。",
        error_messages={"required": "訂正する理由を入力してください。"},
    )  # fmt: skip

    def __init__(self, *values: Any, households: int, today: date, **named: Any) -> None:
        super().__init__(*values, **named)
        self._today = today
        self.fields["household"].choices = [  # type: ignore[attr-defined]
            ("", "直さない"), *((place, f"世帯{place}") for place in range(1, households + 1))
        ]  # fmt: skip

    def clean_postmark(self) -> tuple[str, date | None]:
        return entered_postmark(self.cleaned_data["postmark"], self._today)

    def clean_number(self) -> str:
        return scanned_number(self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        if bool(self.cleaned_data.get("household")) != bool(self.cleaned_data.get("number")):
            self.add_error("number", "番号を直すときは、世帯を選び、正しい番号を読み取ってください。")
        values = super().clean()
        if "postmark" in values:
            values["postmark"], values["postmark_on"] = values["postmark"]
        return values
