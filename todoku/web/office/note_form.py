"""The fields of a contact note (応対記録), the same at every desk: to a case, or to a caller not known yet."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from todoku.intake.add_note import NoteForm
from todoku.intake.tables import ContactNote


class NoteEntry(forms.Form):
    """Who asked what, how they were known, what was promised."""

    channel = forms.ChoiceField(
        label="方法", choices=ContactNote.CHANNELS, initial="call", widget=forms.RadioSelect
    )
    caller = forms.CharField(
        label="相手",
        max_length=100,
        required=False,
        help_text="名乗りのとおり。分からないときは「不明」。",
    )
    identity_checked = forms.CharField(
        label="本人確認",
        max_length=100,
        required=False,
        help_text="何で確かめたか（例: 番号と生年月日）。",
    )
    asked = forms.CharField(
        label="問い合わせの内容",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
        error_messages={"required": "問い合わせの内容を入力してください。"},
    )
    promised = forms.CharField(
        label="答えたこと・約束したこと",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 2000}),
    )
    call_back_on = forms.DateField(
        label="折り返しの日", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def note(self, number: str = "") -> NoteForm:
        """The note as the verb takes it."""
        values = self.cleaned_data
        return NoteForm(number=number or values.get("number", ""), **{name: values[name] for name in _FIELDS})


_FIELDS = ("asked", "caller", "channel", "identity_checked", "promised", "call_back_on")


class CallerNote(NoteEntry):
    """A note where the case may not be known."""

    number = forms.CharField(
        label="番号",
        max_length=30,
        required=False,
        help_text="分かれば13桁。分からないときは空欄のまま保存し、後で探せます。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = (
        "number",
        "caller",
        "channel",
        "identity_checked",
        "asked",
        "promised",
        "call_back_on",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("number") and not values.get("caller", "").strip():
            self.add_error(
                "caller",
                ValidationError("案件の番号か、相手の名乗り（不明なら「不明」）を入力してください。"),
            )
        return values
