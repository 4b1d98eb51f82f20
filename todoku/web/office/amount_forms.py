"""What puts an amount right (支給額の訂正・追給), as forms of both staff doors: the order, the right amount, the account."""

from collections.abc import Sequence
from typing import Any

from django import forms

from todoku.intake.tables import AccountVersion
from todoku.recovery.put_right import NUMBER_MAX, WHY_MAX, Given
from todoku.recovery.tables import EntitlementOrder
from todoku.web.office.batch_page import masked

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
