"""Who somebody is who has no letter (申請書がない方): name, birth date and home, as typed.

Takes what was typed; gives it tidied. Whether such a person is on the roll is asked of nobody here: a person finds out.
"""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from todoku.formats.codes import contains_my_number
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.formats.wareki import ERAS, parse_date
from todoku.intake.forms import plain_digits

WESTERN = "西暦"


def digits(size: int, **attributes: str) -> forms.TextInput:
    """A box for digits: the keyboard of digits, no spelling help, wide enough."""
    return forms.TextInput(
        {"inputmode": "numeric", "autocomplete": "off", "size": str(size), "spellcheck": "false"} | attributes
    )


class Page(forms.Form):
    """Every form of this door: our own words for errors, none of the browser's."""

    use_required_attribute = False
    required_css_class = ""


class BirthFields(Page):
    """A birth date in four boxes; the year may be Western or of an era."""

    era = forms.ChoiceField(
        label=_("西暦か元号"),
        choices=[(WESTERN, _("西暦")), *((era.name, era.name) for era in reversed(ERAS))],
        initial=WESTERN,
    )
    year = forms.CharField(label=_("年"), max_length=6, required=False, widget=digits(6))
    month = forms.CharField(label=_("月"), max_length=4, required=False, widget=digits(4))
    day = forms.CharField(label=_("日"), max_length=4, required=False, widget=digits(4))

    def birth_date(self) -> date | None:
        """The day that the boxes mean; None and an error where they mean none."""
        born = self._of_boxes()
        if born is None:
            self.add_error("year", _("生年月日を、年・月・日とも数字で入力してください。"))
        return born

    def _of_boxes(self) -> date | None:
        parts = [plain_digits(self.data.get(name, "")) for name in ("year", "month", "day")]
        era = self.cleaned_data.get("era", WESTERN)
        if len(parts[0]) == 4:  # a Western year, whatever the box before it says
            era = WESTERN
        elif era == WESTERN:
            return None
        return parse_date("{}{}年{}月{}日".format("" if era == WESTERN else era, *parts)).date


class BirthForm(BirthFields):
    """The applicant's birth date; `born` is the day in ISO form, as the draft keeps it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        born = self.birth_date()
        if born is not None and born > timezone.localdate():
            self.add_error("year", _("生年月日が先の日付になっています。年と元号を確かめてください。"))
        elif born is not None:
            cleaned["born"] = born.isoformat()
        return cleaned


def _no_my_number(text: str) -> str:
    if contains_my_number(text):
        raise forms.ValidationError(
            _("マイナンバーと思われる12桁の数字があります。消してから進んでください。")
        )
    return " ".join(text.split())


class NameForm(Page):
    """Name in writing and in kana."""

    name = forms.CharField(
        label=_("お名前"),
        help_text=_("住民票のとおりに、姓と名のあいだを空けて入力してください。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": _("お名前を入力してください。")},
    )
    kana = forms.CharField(
        label=_("フリガナ"),
        help_text=_("カタカナかひらがなで、姓と名のあいだを空けて入力してください。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("フリガナを入力してください。")},
    )

    def clean_name(self) -> str:
        return _no_my_number(self.cleaned_data["name"])

    def clean_kana(self) -> str:
        kana = _no_my_number(self.cleaned_data["kana"])
        try:
            bank_kana(kana)
        except KanaRefused as refused:
            raise forms.ValidationError(
                _("フリガナは、カタカナかひらがなで入力してください。漢字は使えません。")
            ) from refused
        return kana


class HomeForm(Page):
    """The home of the residents' register."""

    postal_code = forms.CharField(
        label=_("郵便番号"),
        help_text=_("7桁の数字です。"),
        max_length=12,
        widget=digits(10, autocomplete="postal-code"),
        error_messages={"required": _("郵便番号を入力してください。")},
    )
    address = forms.CharField(
        label=_("住民票の住所"),
        help_text=_(
            "市区町村から番地まで入力してください。引っ越した方も、住民票のある住所を入力してください。"
        ),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "street-address", "spellcheck": "false"}),
        error_messages={"required": _("住所を入力してください。")},
    )
    building = forms.CharField(
        label=_("建物の名前と部屋番号"),
        help_text=_("ないときは、空けておいてください。"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "address-line2", "spellcheck": "false"}),
    )

    def clean_postal_code(self) -> str:
        code = plain_digits(self.cleaned_data["postal_code"]).lstrip("〒")
        if not (len(code) == 7 and code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("郵便番号は7桁の数字です。確かめて入力してください。"))
        return code

    def clean_address(self) -> str:
        return _no_my_number(self.cleaned_data["address"])

    def clean_building(self) -> str:
        return _no_my_number(self.cleaned_data["building"])
