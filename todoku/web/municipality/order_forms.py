"""What an order of the municipality says (職権による変更), as forms: who leaves and how they are reached, or the right amount."""

from collections.abc import Sequence
from typing import Any

from django import forms

from todoku.intake.tables import AccountVersion
from todoku.recovery.put_right import NUMBER_MAX, WHY_MAX, Given
from todoku.recovery.split_off import CountedMember
from todoku.recovery.tables import EntitlementOrder
from todoku.registry.reached import Reached
from todoku.web.office.batch_page import masked

LEAVING = ("dv", "facility", "household")
REASONS = [("", "選んでください"), *EntitlementOrder.REASONS]


class OrderForm(forms.Form):
    """What every order says: its number, its reason, the facts."""

    number = forms.CharField(
        label="決裁の番号", max_length=NUMBER_MAX, help_text="起案文書の番号です。例：福祉第31号"
    )
    reason = forms.ChoiceField(label="変更の理由", choices=REASONS)
    why = forms.CharField(
        label="確認した事実",
        max_length=WHY_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="担当課職員だけが見ます。案件の経過には出ません。",
    )

    def given(self) -> Given:
        said = self.cleaned_data
        return Given(said["number"], said["reason"], said["why"])


class SplitForm(OrderForm):
    """Who leaves, who is their head, and where letters reach them."""

    field_order = (
        "leave",
        "head",
        "reason",
        "postal_code",
        "address",
        "building",
        "phone",
        "protected",
        "number",
        "why",
    )
    leave = forms.MultipleChoiceField(label="分離する世帯員")
    head = forms.ChoiceField(label="新しい受給者")
    postal_code = forms.CharField(label="送付先の郵便番号", max_length=8, required=False)
    address = forms.CharField(
        label="送付先の住所", max_length=300, help_text="手紙はここに届きます。名簿の住所には送りません。"
    )
    building = forms.CharField(label="建物・部屋", max_length=300, required=False)
    phone = forms.CharField(label="電話番号", max_length=30, required=False)
    protected = forms.BooleanField(
        label="住所を伏せる（支援措置と同じ扱い）",
        required=False,
        help_text="暴力からの避難では、印がなくても伏せます。",
    )

    def __init__(self, members: Sequence[CountedMember], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = [one for one in members if not one.is_head]
        choices = [(str(one.person), one.name) for one in self.members]
        for name in ("leave", "head"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["reason"].choices = [REASONS[0], *((c, n) for c, n in REASONS if c in LEAVING)]  # type: ignore[attr-defined]

    @property
    def rows(self) -> list[tuple[CountedMember, bool, bool]]:
        """Each member with whether it is ticked, and named as head."""
        said: Any = self.data
        leave, head = said.getlist("leave") if self.is_bound else [], said.get("head")
        return [(one, str(one.person) in leave, str(one.person) == head) for one in self.members]

    def persons(self) -> list[int]:
        return [int(one) for one in self.cleaned_data["leave"]]

    def reached(self) -> Reached:
        said = self.cleaned_data
        return Reached(
            said["postal_code"], said["address"], said["building"], said["phone"], said["protected"]
        )


class AgainForm(OrderForm):
    """To which account a supplement goes: the one paid to last, or another that was submitted."""

    field_order: Sequence[str] = ("account", "reason", "number", "why")
    account = forms.ChoiceField(
        label="追給の口座", required=False, help_text="届出を受け付けた口座から選びます。"
    )

    def __init__(self, accounts: Sequence[AccountVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = {str(one.pk): one for one in accounts}
        self.fields["account"].choices = account_choices(accounts)  # type: ignore[attr-defined]

    def chosen(self) -> AccountVersion | None:
        return self.accounts.get(self.cleaned_data["account"])


class AmountForm(AgainForm):
    """The right amount in all, and for a supplement the account."""

    field_order = ("right_yen", "reason", "number", "why", "account")
    right_yen = forms.IntegerField(
        label="正しい支給額（合計）",
        min_value=1,
        help_text="追給や返還の分だけでなく、全部を合わせた正しい額です。",
    )

    def __init__(self, accounts: Sequence[AccountVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(accounts, *args, **kwargs)
        self.fields["account"].help_text = "追給のときだけ使います。返還や訂正では使いません。"
        self.fields["why"].help_text = "返還を請求するときは、その理由として記録されます。"


def account_choices(accounts: Sequence[AccountVersion]) -> list[tuple[str, str]]:
    """The account paid to last, or one that was submitted: bank, branch, last three digits."""
    shown = [
        (
            str(one.pk),
            f"受付 {one.submission.receipt_number}　{masked(one.bank, one.branch, one.kind, one.number)}",
        )
        for one in accounts
    ]
    return [("", "前回の支払と同じ"), *shown]
