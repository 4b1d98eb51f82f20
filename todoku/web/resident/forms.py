"""The fields of the public door's pages: words, kinds of keyboard, and what can be told at once to be wrong.

Takes what was typed; gives it tidied. Whether an account or a name will do is asked of the checks (judged.py).
"""

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from todoku.case.door_keys import KEY_LENGTH, tidy_key, tidy_number
from todoku.formats.codes import case_number_valid
from todoku.intake.forms import plain_digits, plain_symbol
from todoku.web.resident.who_forms import BirthFields, Page, digits


def posted(request: HttpRequest) -> QueryDict | None:
    """What binds a form: what was posted, also where that is nothing at all."""
    return request.POST if request.method == "POST" else None


class LookUpForm(BirthFields):
    """Number and birth date; the year may be Western or of an era."""

    field_order = ("number",)
    number = forms.CharField(
        label=_("お問い合わせ番号"),
        help_text=_("お送りした申請書・お知らせの、宛名の下に印刷された13桁の番号です。"),
        max_length=40,
        widget=digits(20),
        error_messages={"required": _("お問い合わせ番号を入力してください。")},
    )

    def clean_number(self) -> str:
        number = tidy_number(self.cleaned_data["number"])
        if len(number) != 13:
            raise forms.ValidationError(
                _("お問い合わせ番号は13桁の数字です。印刷された番号を確かめてください。")
            )
        if not case_number_valid(number):
            raise forms.ValidationError(
                _("お問い合わせ番号に写し間違いがあるようです。印刷された番号をもう一度確かめてください。")
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["birth_date"] = self.birth_date()
        return cleaned


class KeyForm(Page):
    """The key printed inside the letter."""

    key = forms.CharField(
        label=_("確認キー"),
        help_text=_(
            "申請書・お知らせに「確認キー」として印刷された、英字と数字の8文字です。大文字でも小文字でもかまいません。"
        ),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": "14"}
        ),
        error_messages={"required": _("確認キーを入力してください。")},
    )

    def clean_key(self) -> str:
        key = tidy_key(self.cleaned_data["key"])
        if len(key) != KEY_LENGTH:
            raise forms.ValidationError(_("確認キーは8文字です。印刷された文字を確かめてください。"))
        return key


class WhoForm(Page):
    """Who applies; on the web the recipient alone."""

    who = forms.ChoiceField(
        label=_("申請するのは、どなたですか"),
        choices=[("self", _("申請書の宛名のご本人")), ("proxy", _("ご本人に代わって申請する方（代理人）"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("申請する方を選んでください。")},
    )


CALLED_FOR = _("申請の内容を確かめるときだけ、お電話します。")


def _telephone(called_for: Any = CALLED_FOR) -> forms.CharField:
    return forms.CharField(
        label=_("日中に連絡のつく電話番号"),
        help_text=called_for,
        max_length=20,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "size": "20"}),
        error_messages={"required": _("日中に連絡のつく電話番号を入力してください。")},
    )


def _clean_telephone(typed: str) -> str:
    digits = plain_digits(typed).lstrip("+")
    if not (digits.isdigit() and 9 <= len(digits) <= 15):
        raise forms.ValidationError(_("電話番号を、市外局番から数字で入力してください。"))
    return plain_digits(typed)


class PhoneForm(Page):
    """A telephone number."""

    phone = _telephone()

    def clean_phone(self) -> str:
        return _clean_telephone(self.cleaned_data["phone"])


class WayForm(Page):
    """How the money is wanted: one of the ways that the terms offer."""

    WAYS = {
        "bank": _("口座に振り込む"),
        "gift": _("デジタルギフトを手紙で受け取る"),
        "cash": _("窓口で現金を受け取る"),
        "registered_mail": _("現金書留で受け取る"),
    }
    way = forms.ChoiceField(
        label=_("どのように受け取りますか"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("受取方法を選んでください。"),
            "invalid_choice": _("受取方法を選んでください。"),
        },
    )

    def __init__(self, *values: Any, rails: tuple[str, ...] = (), **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["way"].choices = [(rail, self.WAYS[rail]) for rail in rails]  # type: ignore[attr-defined]


class RailForm(Page):
    """Which kind of account."""

    rail = forms.ChoiceField(
        label=_("どこの口座に振り込みますか"),
        choices=[("bank", _("銀行・信用金庫・農協など")), ("yucho", _("ゆうちょ銀行"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("振込先を選んでください。")},
    )


class YuchoForm(Page):
    """Symbol and number of a ゆうちょ passbook."""

    yucho_symbol = forms.CharField(
        label=_("記号"),
        help_text=_("5桁の数字です。"),
        max_length=12,
        widget=digits(8),
        error_messages={"required": _("記号を入力してください。")},
    )
    yucho_number = forms.CharField(
        label=_("番号"),
        help_text=_("8桁までの数字です。末尾の1も入力してください。"),
        max_length=12,
        widget=digits(10),
        error_messages={"required": _("番号を入力してください。")},
    )

    def clean_yucho_symbol(self) -> str:
        symbol = plain_symbol(self.cleaned_data["yucho_symbol"])
        if not (len(symbol) == 5 and symbol.isdigit()):
            raise forms.ValidationError(
                _("記号は5桁の数字です。通帳の1ページ目の「記号」を入力してください。")
            )
        return symbol

    def clean_yucho_number(self) -> str:
        number = plain_digits(self.cleaned_data["yucho_number"])
        if not (1 <= len(number) <= 8 and number.isdigit()):
            raise forms.ValidationError(
                _("番号は8桁までの数字です。通帳の1ページ目の「番号」を入力してください。")
            )
        return number


class NumberForm(Page):
    """Kind and number of a bank account."""

    kind = forms.ChoiceField(
        label=_("預金の種類"),
        choices=[("1", _("普通")), ("2", _("当座")), ("4", _("貯蓄"))],
        initial="1",
        widget=forms.RadioSelect,
    )
    account_number = forms.CharField(
        label=_("口座番号"),
        help_text=_("7桁の数字です。7桁に満たないときは、頭に0を付けてください。"),
        max_length=12,
        widget=digits(10),
        error_messages={"required": _("口座番号を入力してください。")},
    )

    def clean_account_number(self) -> str:
        number = plain_digits(self.cleaned_data["account_number"])
        if len(number) > 7 or not number.isdigit():
            raise forms.ValidationError(
                _(
                    "口座番号は7桁までの数字です。ゆうちょ銀行のときは、前のページで「ゆうちょ銀行」を選んでください。"
                )
            )
        return number


class HolderForm(Page):
    """The account holder in kana."""

    holder_kana = forms.CharField(
        label=_("口座名義（カナ）"),
        help_text=_("通帳やキャッシュカードに書かれたとおりに、カタカナかアルファベットで入力してください。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("口座名義（カナ）を入力してください。")},
    )


class PhotoForm(Page):
    """One photo. Telling the phone that HEIC is not among the kinds makes it hand over a JPEG."""

    photo = forms.FileField(
        label=_("カメラで撮る"),
        required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png", "capture": "environment"}),
    )
    chosen = forms.FileField(
        label=_("撮ってある写真"),
        required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png"}),
    )


class TakeBackForm(Page):
    """Taking a decline back (撤回): one tick."""

    sure = forms.BooleanField(
        label=_("給付金を受け取ることを確認しました"),
        error_messages={"required": _("受け取るときは、確認の欄に印を付けてください。")},
    )


class DeclineForm(Page):
    """Declining (辞退) is said twice: by the tick and by the button."""

    phone = _telephone(_("辞退のお申し出にお間違いがないか、お電話で確かめます。"))
    sure = forms.BooleanField(
        label=_("給付金を受け取らないことを確認しました"),
        error_messages={"required": _("受け取らないときは、確認の欄に印を付けてください。")},
    )

    def clean_phone(self) -> str:
        return _clean_telephone(self.cleaned_data["phone"])
