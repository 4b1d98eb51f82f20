"""The fields of one key task as the desk asks them: only those that its sheets have, in the order of the paper.

What the reading found (ticks, signature, recognised digits) stands there as an offer, never as an entry of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from todoku.intake.keyed_values import AGAIN, PAPERS, UNCLEAR
from todoku.review.documents import Kind
from todoku.scan.tables import ScanPage
from todoku.web.office.paper_form import KINDS, AccountEntry, PaperEntry
from todoku.web.office.proof_form import CHOOSE, SAME_TWICE, KeyedChoice, PrintedDay, ProofEntry, kind_choices

# Beside the first and the second keying.
NEITHER = "3"
LABELS = {name: field.label for name, field in PaperEntry.base_fields.items()}
# The desk's field → the box whose recognised text is offered for it.
OFFER_OF = {
    "bank": "bank_code", "branch": "branch_code", "account_number": "account_number", "yucho_symbol": "yucho_symbol",
    "yucho_number": "yucho_number", "holder_kana": "holder_kana",
}  # fmt: skip
TELLERS = {
    "arrived_on": "day", "postmark_on": "day", "applied_on": "day", "bank": "bank", "branch": "branch",
    "yucho_number": "yucho", "holder_kana": "holder", "identity_on": "proof", "second_on": "proof",
}  # fmt: skip


class FirstEntry(PaperEntry):
    """The first keying: every field that the sheets of the task have."""

    def __init__(self, *values: Any, fields: Sequence[str], **named: Any) -> None:
        super().__init__(*values, **named)
        for name in [one for one in self.fields if one not in fields]:
            del self.fields[name]

    def values(self) -> dict[str, str]:
        """What was typed, as a keying keeps it."""
        return {name: _text(value) for name, value in self.cleaned_data.items()}


class SecondEntry(AccountEntry, ProofEntry):
    """The second keying: account and papers alone, by somebody who has not seen the first."""

    field_order = AGAIN

    def __init__(self, *values: Any, fields: Sequence[str], **named: Any) -> None:
        super().__init__(*values, **named)
        for name in [one for one in self.fields if one not in fields]:
            del self.fields[name]

    def values(self) -> dict[str, str]:
        """What was typed, as a keying keeps it."""
        return {name: _text(value) for name, value in self.cleaned_data.items()}


class Choice(forms.Form):
    """The third look: for each field that differs, one of the two or what the paper says instead."""

    def __init__(
        self, *values: Any, first: Mapping[str, str], second: Mapping[str, str], differing: Sequence[str],
        kinds: Mapping[str, Kind], **named: Any,
    ) -> None:  # fmt: skip
        super().__init__(*values, **named)
        self._first, self._second, self._differing = first, second, differing
        for name in differing:
            label = LABELS[name] or name
            self.fields[f"pick_{name}"] = forms.ChoiceField(
                label=label, widget=forms.RadioSelect,
                choices=[
                    ("1", _shown(name, first, kinds)), ("2", _shown(name, second, kinds)), (NEITHER, "どちらでもない"),
                ],
                error_messages={"required": f"{label}を選んでください。"},
            )  # fmt: skip
            self.fields[f"other_{name}"] = _other(name, f"{label}（紙面のとおり）", kinds)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in ("identity_kind", "second_kind"):
            if values.get(f"pick_{name}") == NEITHER and not values.get(f"other_{name}"):
                self.add_error(f"other_{name}", CHOOSE)
        if self.errors:
            return values
        chosen = self.values()
        if chosen["second_kind"] not in ("", UNCLEAR) and chosen["second_kind"] == chosen["identity_kind"]:
            of = "second_kind" if "second_kind" in self._differing else "identity_kind"
            self.add_error(f"pick_{of}", SAME_TWICE)
        return values

    def values(self) -> dict[str, str]:
        """Account and papers as they now stand."""
        chosen = {name: self._first.get(name, "") for name in AGAIN}
        for name in self._differing:
            picked = self.cleaned_data[f"pick_{name}"]
            chosen[name] = {
                "1": self._first.get(name, ""),
                "2": self._second.get(name, ""),
                NEITHER: _text(self.cleaned_data[f"other_{name}"]),
            }[picked]
        return chosen


def suggested(pages: Sequence[ScanPage], fields: Sequence[str]) -> dict[str, str]:
    """Choices that the ticks and the ink of the sheets suggest, by field; nothing where they are not plain."""
    found: dict[str, str] = {}
    for page in pages:
        ticks = page.ticks
        kinds = [
            code
            for code, box in (("1", "kind_ordinary"), ("2", "kind_current"))
            if ticks.get(box) == "marked"
        ]
        if len(kinds) == 1:
            found.setdefault("kind", kinds[0])
        rails = [name.removeprefix("rail_") for name in ticks if name.startswith("rail_")]
        marked = [code for code in rails if ticks[f"rail_{code}"] == "marked"]
        if rails and len(marked) <= 1 and not any(ticks[f"rail_{one}"] == "unsure" for one in rails):
            found.setdefault("rail", marked[0] if marked else "none")
        if page.sheet_code in (1, 5, 7, 8) and page.matrix:
            found.setdefault("signed", "1" if "signature" in page.inked else "0")
    return {name: value for name, value in found.items() if name in fields}


def offers(pages: Sequence[ScanPage]) -> dict[str, tuple[str, int]]:
    """Recognised texts with their confidence in per cent, by field."""
    found: dict[str, tuple[str, int]] = {}
    for page in pages:
        for name, box in OFFER_OF.items():
            if box in page.offered:
                text, sure = page.offered[box]
                found.setdefault(name, (str(text), round(float(sure) * 100)))
    return found


def show_offer(bound: BoundField, text: str, sure: int) -> None:
    """Greys the recognised text into the box: a key confirms it, typing replaces it."""
    attrs = bound.field.widget.attrs
    attrs["data-offer"], attrs["placeholder"] = text, text
    attrs["data-sure"] = str(sure)


def _other(name: str, label: str, kinds: Mapping[str, Kind]) -> forms.Field:
    """The box for what neither of the two has typed."""
    if name in ("identity_on", "second_on"):
        return PrintedDay(label=label)
    if name in PAPERS:
        choices, keys = kind_choices(kinds)
        found = forms.ChoiceField(label=label, required=False)
        found.widget, found.choices = KeyedChoice(keys=keys), choices
        return found
    box = forms.TextInput(attrs={"autocomplete": "off", "size": 20})
    return forms.CharField(label=label, required=False, max_length=100, widget=box)


def _shown(name: str, values: Mapping[str, str], kinds: Mapping[str, Kind]) -> str:
    value = values.get(name, "")
    if name == "kind":
        return dict(KINDS).get(value, value)
    if name in PAPERS and value in ("", UNCLEAR):
        return "書かれていない" if name in ("identity_on", "second_on") else "なし・分からない"
    return kinds[value].name if value in kinds else value or "（空欄）"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
