"""What an order to split members off says (世帯からの分離), as a form: who leaves, and how they are reached."""

from collections.abc import Sequence
from typing import Any

from django import forms

from todoku.recovery.split_off import CountedMember
from todoku.registry.reached import Reached
from todoku.web.office.amount_forms import REASONS, OrderForm

LEAVING = ("dv", "facility", "household")


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
