"""Kind and day of the papers that show who applies, as they are keyed from a paper: one key for a kind, a day in any writing.

Takes the kinds that the criteria agree on; gives plain values. Whether a paper counts is said by the checks, not here.
"""

from collections.abc import Mapping
from datetime import date
from string import ascii_lowercase
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from todoku.formats.wareki import parse_date
from todoku.intake.forms import NO_PROOFS, Proofs
from todoku.intake.keyed_values import PAPERS, UNCLEAR, proofs_of
from todoku.intake.tables import ProofVersion
from todoku.programme.terms import Terms
from todoku.review.documents import Kind, kinds_of

KEYS = "123456789" + ascii_lowercase
# When such a day is whole the hand goes on: 20310503, 5130503 (令和) or 4310331 (平成), R130503 or H310331.
WHOLE_DAY = r"^(?:(?:19|20)\d{6}|[45]\d{6}|[RHrh]\d{6})$"
EMPTY_DAY = "写しで読めないときは空欄のまま進みます。期限は、審査で人が写しを見て確かめます。"
SAME_TWICE = "2点目は、1点目と種類の違う書類を選んでください。"
CHOOSE = "本人確認書類の種類を選んでください。写しから分からないときは「分からない」を選びます。"


class KeyedChoice(forms.RadioSelect):
    """Radios that are chosen by one key each; a choice may open other boxes, which are passed over until then."""

    def __init__(
        self, *, keys: Mapping[str, str] | None = None, opens: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.keys, self.opens = keys or {}, opens or {}

    def create_option(self, name: str, value: Any, *rest: Any, **named: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *rest, **named)
        word = str(value)
        if word in self.keys:
            option["attrs"]["data-digit"] = self.keys[word]
        if word in self.opens:
            option["attrs"]["data-opens"] = self.opens[word]
        return option


def printed_day(typed: str) -> date | None:
    """A whole day in any usual writing; None where nothing is typed. Raises ValidationError with the remedy."""
    if not typed.strip():
        return None
    day = parse_date(typed).date
    if day is None:
        raise ValidationError("書類のとおりに、20310503、令和13年5月3日、R130503 のように入力してください。")
    return day


class PrintedDay(forms.CharField):
    """A day as it is printed on a paper; left out where it cannot be read."""

    def __init__(self, **named: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "size": 14, "data-full-when": WHOLE_DAY})
        super().__init__(widget=widget, required=False, max_length=20, **named)

    def clean(self, value: Any) -> date | None:
        return printed_day(super().clean(value))


def asked_kinds(terms: Terms) -> Mapping[str, Kind]:
    """The kinds to choose from, where the terms ask applications on paper for such a paper; else none."""
    return kinds_of(terms.criteria.evidence) if terms.intake.needs("paper", "identity") else {}


class ProofEntry(forms.Form):
    """Up to two papers. Without kinds nothing is asked."""

    identity_kind = forms.ChoiceField(label="本人確認書類の種類", required=False)
    identity_on = PrintedDay(label="有効期限か発行日", help_text=EMPTY_DAY)
    second_kind = forms.ChoiceField(label="2点目の種類", required=False)
    second_on = PrintedDay(label="2点目の日付", help_text=EMPTY_DAY)

    def __init__(self, *values: Any, kinds: Mapping[str, Kind] | None = None, **named: Any) -> None:
        super().__init__(*values, **named)
        self.kinds = kinds or {}
        if not self.kinds:
            for name in PAPERS:
                del self.fields[name]
            return
        choices, keys = kind_choices(self.kinds)
        for name, day, other in (
            ("identity_kind", "identity_on", "second_kind"),
            ("second_kind", "second_on", ""),
        ):
            opens = {
                word: " ".join([day] * bool(kind.dated) + [other] * (kind.counts == "one_of_two")).strip()
                for word, kind in self.kinds.items()
            }
            field: Any = self.fields[name]
            field.widget = KeyedChoice(keys=keys, opens=opens)
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "identity_kind" not in self.fields:
            return values
        if values.get("identity_evidence") == "none":
            self._forget(*PAPERS)
            return values | {"identity_kind": "", "second_kind": "", "identity_on": None, "second_on": None}
        first = values.get("identity_kind", "")
        if not first and "identity_kind" not in self.errors and "identity_evidence" not in self.errors:
            self.add_error("identity_kind", CHOOSE)
        second = values.get("second_kind", "") if _of(self.kinds, first, "counts") == "one_of_two" else ""
        if not _of(self.kinds, first, "dated"):
            self._forget("identity_on")
        if not _of(self.kinds, second, "dated"):
            self._forget("second_on")
        if second and second == first:
            self.add_error("second_kind", SAME_TWICE)
        return values | {
            "identity_on": values.get("identity_on") if _of(self.kinds, first, "dated") else None,
            "second_kind": second,
            "second_on": values.get("second_on") if _of(self.kinds, second, "dated") else None,
        }

    def _forget(self, *names: str) -> None:
        """What was typed in boxes that the choice does not open is no slip: nobody sees them any more."""
        for name in names:
            self.errors.pop(name, None)

    def proofs(self) -> Proofs:
        """The papers as keyed; none where no kind could be told."""
        if not self.kinds:
            return NO_PROOFS
        return proofs_of({name: _text(value) for name, value in self.cleaned_data.items()})


def kind_choices(kinds: Mapping[str, Kind]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Kinds and the word for one that nobody can tell, with the key of each."""
    keys = {word: KEYS[place] for place, word in enumerate(kinds) if place < len(KEYS)}
    return [*((word, kind.name) for word, kind in kinds.items()), (UNCLEAR, "分からない")], {
        **keys,
        UNCLEAR: "0",
    }


def proof_values(last: ProofVersion | None) -> dict[str, str]:
    """Papers that were named, as the boxes take them."""
    if last is None:
        return {"identity_kind": UNCLEAR}
    days = {"identity_on": last.first_on, "second_on": last.second_on}
    return {
        "identity_kind": last.first,
        "second_kind": last.second,
        **{name: f"{day:%Y%m%d}" if day else "" for name, day in days.items()},
    }


def _of(kinds: Mapping[str, Kind], word: str, what: str) -> str:
    return str(getattr(kinds[word], what)) if word in kinds else ""


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
