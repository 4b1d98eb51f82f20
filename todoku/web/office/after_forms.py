"""Forms of what comes after a file is with the bank: a recall, the bank's query, the answer to it, an unmatched return."""

from typing import Any

from django import forms
from django.utils.timezone import localdate

from todoku.bank.bank_query import ACCOUNT_KINDS, ANSWERS, Amendment
from todoku.bank.resolve_return import OUTCOMES

NUMBER_HINT = "振込番号の10桁か、案件の番号の13桁です。"
_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


def number_field() -> forms.CharField:
    """Our number of one transfer."""
    return forms.CharField(
        label="振込番号または案件の番号", max_length=20, help_text=NUMBER_HINT,
        error_messages={"required": "振込番号の10桁か、案件の番号の13桁を入れてください。"},
        widget=forms.TextInput(attrs=_DIGITS),
    )  # fmt: skip


def words_field(label: str, hint: str, most: int = 200) -> forms.CharField:
    """A few sentences that somebody else reads later."""
    return forms.CharField(
        label=label, max_length=most, help_text=f"{hint}氏名や口座番号は書かないでください。",
        error_messages={"required": f"{label}を書いてください。"},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": most}),
    )  # fmt: skip


class NewQuery(forms.Form):
    """What the bank asked, and when."""

    number = number_field()
    asked_on = forms.DateField(
        label="照会を受けた日", initial=localdate, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "照会を受けた日を入れてください。", "invalid": "2026-12-04 のように入れてください。"},
    )  # fmt: skip
    question = words_field("金融機関に聞かれたこと", "例: 口座番号相違、受取人名相違。")


class NewRecall(forms.Form):
    """Which transfer is to come back, and why."""

    number = number_field()
    reason = words_field("組戻しを依頼する理由", "出納が読み、記録に残ります。")


class ProposedAnswer(forms.Form):
    """The answer that the treasurer is to give: an account, or the money back."""

    answer = forms.ChoiceField(
        label="金融機関への回答", choices=list(ANSWERS.items()), widget=forms.RadioSelect,
        error_messages={"required": "訂正を依頼するか、返却を依頼するかを選んでください。"},
    )  # fmt: skip
    bank = forms.CharField(
        label="金融機関コード（4桁）", max_length=4, required=False, widget=forms.TextInput(attrs=_DIGITS)
    )
    branch = forms.CharField(
        label="支店コード（3桁）", max_length=3, required=False, widget=forms.TextInput(attrs=_DIGITS)
    )
    kind = forms.TypedChoiceField(
        label="口座の種類", choices=[(code, name) for code, name in ACCOUNT_KINDS.items()], coerce=int, required=False,
    )  # fmt: skip
    account_number = forms.CharField(
        label="口座番号（7桁）", max_length=7, required=False, widget=forms.TextInput(attrs=_DIGITS)
    )
    holder_kana = forms.CharField(
        label="口座名義（カナ）", max_length=100, required=False,
        help_text="通帳に書かれたとおりに入れます。", widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    why = words_field("根拠（何を見て確かめたか）", "例: 申請書に添えられた通帳の写し。")

    def amendment(self) -> Amendment | None:
        """The account as typed, where the answer is one."""
        values = self.cleaned_data
        if values["answer"] != "amend":
            return None
        return Amendment(
            values["bank"],
            values["branch"],
            values["kind"] or 0,
            values["account_number"],
            values["holder_kana"],
        )


class Resolution(forms.Form):
    """What was found out about a line that fits no transfer."""

    outcome = forms.ChoiceField(
        label="分かったこと", choices=list(OUTCOMES.items()), widget=forms.RadioSelect,
        error_messages={"required": "何が分かったかを選んでください。"},
    )  # fmt: skip
    words = words_field("確かめた相手と内容", "例: みなと銀行 為替課に電話で確認。", 150)


class AnswerFile(forms.Form):
    """The bank's answers on accounts."""

    file = forms.FileField(
        label="金融機関から受け取った口座照会の結果（99）",
        error_messages={"required": "金融機関から受け取ったファイルを選んでください。", "empty": "ファイルが空です。"},
        widget=forms.FileInput(attrs={"accept": ".txt,.dat,text/plain"}),
    )  # fmt: skip


def error_lines(form: Any) -> list[dict[str, str]]:
    """What a form refuses, each with the field it stands beside."""
    return [
        {"target": str(form[name].id_for_label) if name in form.fields else "", "sentence": str(sentence)}
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]
