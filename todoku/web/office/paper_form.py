"""The fields of a keyed paper form in the order of the paper, and what is typed in them made plain.

What is wrong or missing on the paper is keyed as it stands: only slips of the keys are refused here, field by field.
"""

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from todoku.formats.wareki import parse_date
from todoku.intake.forms import SEVERAL, AccountForm, PaperForm, plain_digits
from todoku.intake.keyed_values import ALL, IN_PART, PAPERS
from todoku.programme.vocabulary import RAILS
from todoku.web.office.proof_form import KeyedChoice, ProofEntry

EVIDENCE = [
    ("clear", "あり"),
    ("unclear", "不鮮明"),
    ("expired", "期限切れ"),
    ("cut", "面不足"),
    ("none", "なし"),
]
KINDS = [("1", "普通"), ("2", "当座"), ("4", "貯蓄"), ("9", "その他")]
# What a paper with several boxes may hold besides one plain mark.
NOT_PLAIN = [("none", "記入なし"), (SEVERAL, "二つ以上")]
YES_NO = [("1", "あり"), ("0", "なし")]


def entered_day(typed: str, today: date) -> date | None:
    """A day as operators key it: 1121 (the last one that is not ahead), 20261121, 11/21, R8.11.21; "" is None.

    Raises ValidationError with the remedy.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not plain:
        return None
    short = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})|(\d{2})(\d{2})", plain)
    if short is None:
        known = parse_date(plain).date
        if known is None:
            raise ValidationError("日付は月日の4桁（例: 1121）か年月日の8桁で入力してください。")
        return known
    month, day = (int(part) for part in short.groups() if part is not None)
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    raise ValidationError(f"{month}月{day}日という日はありません。月日の4桁を入力し直してください。")


class DayField(forms.CharField):
    """A day keyed as four digits."""

    def __init__(self, *, today: date | None = None, **named: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "size": 10, "data-full": 4}
        )
        super().__init__(widget=widget, max_length=20, **named)
        self.today = today or date.min

    def clean(self, value: Any) -> date | None:
        return entered_day(super().clean(value), self.today)


def _digits(label: str, size: int, *, longest: int = 0, **named: Any) -> forms.CharField:
    attrs: dict[str, Any] = {"inputmode": "numeric", "autocomplete": "off", "size": longest or size}
    if not longest:
        attrs["data-full"] = size
    return forms.CharField(
        label=label, required=False, max_length=(longest or size) + 12, widget=forms.TextInput(attrs=attrs), **named
    )  # fmt: skip


def _words(label: str, size: int, longest: int) -> forms.CharField:
    attrs = {"autocomplete": "off", "size": size}
    return forms.CharField(
        label=label,
        required=False,
        max_length=longest,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"max_length": f"{label}は{longest}文字までです。書かれたとおりか確かめてください。"},
    )


def _choice(label: str, choices: list[tuple[str, str]], *, initial: str | None = None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, initial=initial, widget=forms.RadioSelect,
        error_messages={"required": f"{label}を選んでください。", "invalid_choice": f"{label}を選んでください。"},
    )  # fmt: skip


class AccountEntry(forms.Form):
    """The account as written on the paper: of a bank by codes, or of ゆうちょ by symbol and number."""

    bank = _digits("金融機関コード", 4)
    branch = _digits("支店コード", 3)
    kind = _choice("預金種目", KINDS, initial="1")
    account_number = _digits("口座番号", 7, longest=8)
    yucho_symbol = _digits("ゆうちょ 記号", 5)
    yucho_number = _digits("ゆうちょ 番号", 8, longest=8)
    holder_kana = _words("名義（カナ）", 30, 100)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("bank", "branch", "account_number", "yucho_symbol", "yucho_number"):
            typed = plain_digits(values.get(name, ""))
            if typed and not (typed.isascii() and typed.isdigit()):
                self.add_error(
                    name,
                    f"{self.fields[name].label}は数字で入力してください。書かれていないときは空欄にします。",
                )
        if (values.get("yucho_symbol") or values.get("yucho_number")) and values.get("bank"):
            self.add_error(
                "bank", "銀行とゆうちょの両方が入力されています。どちらか一方だけを残してください。"
            )
        return values

    def account(self) -> AccountForm:
        """The account as keyed."""
        return AccountForm(**_account_values(self.cleaned_data))


class CorrectEntry(AccountEntry, ProofEntry):
    """Account and papers of a form just keyed, put right."""


def _account_values(values: dict[str, Any]) -> dict[str, Any]:
    names = ("bank", "branch", "account_number", "holder_kana", "yucho_symbol", "yucho_number")
    return {"kind": int(values["kind"]), **{name: values[name] for name in names}}


class PaperEntry(AccountEntry, ProofEntry):
    """One paper form on one screen."""

    arrived_on = DayField(
        label="到着日", error_messages={"required": "封筒の受付印の日付を月日の4桁で入力してください。"}
    )
    postmark_on = DayField(label="消印", required=False)
    applied_on = DayField(label="申請日", required=False)
    signed = _choice("署名", YES_NO)
    applicant_is_recipient = _choice("申請する人", [("1", "本人"), ("0", "本人以外")], initial="1")
    applicant_name = _words("本人以外の氏名", 20, 100)
    phone = _digits("電話", 11, longest=13)
    rail = _choice("受取方法", list(RAILS.items()))
    declines = _choice("辞退届", [("0", "なし"), (ALL, "全員"), (IN_PART, "一部の方")], initial="0")
    members_corrected = _choice("世帯員の訂正", [("0", "なし"), ("1", "あり")], initial="0")
    identity_evidence = _choice("本人確認書類", EVIDENCE)
    account_evidence = _choice("口座確認書類", EVIDENCE)

    field_order = (
        "arrived_on", "postmark_on", "members_corrected", "declines", "rail", "bank", "branch", "kind", "account_number",
        "yucho_symbol", "yucho_number", "holder_kana", "applied_on", "signed", "applicant_is_recipient", "applicant_name",
        "phone", "identity_evidence", *PAPERS, "account_evidence",
    )  # fmt: skip

    def __init__(self, *values: Any, today: date, rails: tuple[str, ...] = ("bank",), **named: Any) -> None:
        super().__init__(*values, **named)
        if len(rails) > 1:
            self.fields["rail"].choices = [  # type: ignore[attr-defined]
                *((rail, RAILS[rail]) for rail in rails), *NOT_PLAIN
            ]  # fmt: skip
        else:
            del self.fields["rail"]
        if self.kinds:
            shown: Any = self.fields["identity_evidence"]
            shown.widget = KeyedChoice(
                opens={word: "identity_kind" for word, _ in EVIDENCE if word != "none"}
            )
            shown.choices = EVIDENCE
        for name in ("arrived_on", "postmark_on", "applied_on"):
            self.fields[name].today = today  # type: ignore[attr-defined]

    def paper(self, number: str, key: str | None) -> PaperForm:
        """The form as the verb takes it."""
        values = self.cleaned_data
        yes = {
            name: values[name] == "1" for name in ("signed", "applicant_is_recipient", "members_corrected")
        }
        yes["declines"] = values["declines"] in (ALL, IN_PART)
        yes["members_corrected"] |= values["declines"] == IN_PART
        return PaperForm(
            number=number, arrived_on=values["arrived_on"], postmark_on=values["postmark_on"],
            applied_on=values["applied_on"], applicant_name=values["applicant_name"], phone=values["phone"],
            identity_evidence=values["identity_evidence"].replace("none", ""),
            account_evidence=values["account_evidence"].replace("none", ""), key=key,
            rail=values.get("rail", "").replace("none", ""), proofs=self.proofs(), **yes, **_account_values(values),
        )  # fmt: skip
