"""What the municipality's books know a payment by (会計年度・科目・支出命令番号), as fields of the new batch and of an open one.

Offers what the programme's last batch had: the budget item stays the same for months, the order's number goes up.
"""

from datetime import date
from typing import Any

from django import forms

from todoku.formats.fiscal_year import accounts_open, fiscal_year
from todoku.payment.build_batch import BUDGET_ITEM_MAX, PAYMENT_ORDER_MAX
from todoku.payment.tables import Batch
from todoku.programme.tables import Programme


class OrderFields(forms.Form):
    """Fiscal year (of the value date, or the one before while its books are open), budget item, payment order."""

    fiscal_year = forms.TypedChoiceField(
        label="会計年度", coerce=int, required=False, empty_value=None,
        error_messages={"invalid_choice": "会計年度を選び直してください。"},
    )  # fmt: skip
    budget_item = forms.CharField(
        label="科目", max_length=BUDGET_ITEM_MAX, required=False,
        error_messages={"max_length": f"科目は{BUDGET_ITEM_MAX}文字以内で入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    payment_order = forms.CharField(
        label="支出命令番号", max_length=PAYMENT_ORDER_MAX, required=False,
        error_messages={"max_length": f"支出命令番号は{PAYMENT_ORDER_MAX}文字以内で入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def offer_years(self, days: list[date]) -> None:
        """The year of the value date, and the one before where its books are still open on one of these days."""
        before = {fiscal_year(day) - 1 for day in days if accounts_open(fiscal_year(day) - 1, day)}
        own = "・".join(f"{year}年度" for year in dict.fromkeys(map(fiscal_year, days)))
        field = self.fields["fiscal_year"]
        assert isinstance(field, forms.TypedChoiceField), "a choice of years"
        field.choices = [("", f"振込日の年度（{own}）")] + [
            (year, f"{year}年度（出納整理期間）") for year in sorted(before)
        ]


def last_order(programme: Programme) -> tuple[str, str]:
    """Budget item and payment order of the programme's newest batch that had them; empty where none did."""
    had = Batch.objects.filter(programme=programme).exclude(budget_item="", payment_order="").order_by("-pk")
    return had.values_list("budget_item", "payment_order").first() or ("", "")


class OrderOf(OrderFields):
    """The order of an open batch, to be put right before the seal."""

    def __init__(self, batch: Batch, *values: Any, **named: Any) -> None:
        item, order = last_order(batch.programme)
        named.setdefault(
            "initial",
            {
                "fiscal_year": "" if batch.fiscal_year == fiscal_year(batch.value_date) else batch.fiscal_year,
                "budget_item": batch.budget_item or item,
                "payment_order": batch.payment_order,
            },
        )  # fmt: skip
        named["prefix"] = "order"
        super().__init__(*values, **named)
        self.offer_years([batch.value_date])
        if order and order != batch.payment_order:
            self.fields["payment_order"].help_text = f"前回は {order}"

    def year(self, batch: Batch) -> int:
        """The year chosen; that of the value date where none was."""
        return int(self.cleaned_data["fiscal_year"] or fiscal_year(batch.value_date))
