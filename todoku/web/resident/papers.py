"""Which paper the resident sends to show who he is, and the day that it carries: two questions before its photo.

Takes the kinds that the criteria agree on; gives fields and words. Whether the paper counts is asked of the checks (judged.py).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from todoku.intake.forms import Proofs
from todoku.programme.message import N_
from todoku.programme.terms import Terms
from todoku.review.documents import Kind, kinds_of
from todoku.web.resident.who_forms import BirthFields, Page

# The resident's words for the kinds of the standard; a kind of the Version's own has the Version's name.
WORDS: dict[str, str] = {
    "driving_licence": N_("運転免許証"),
    "driving_record": N_("運転経歴証明書"),
    "my_number_card": N_("マイナンバーカード（表面）"),
    "passport": N_("パスポート"),
    "residence_card": N_("在留カード・特別永住者証明書"),
    "insurance_qualification": N_("資格確認書（健康保険）"),
    "insurance_card": N_("健康保険証"),
    "care_insurance": N_("介護保険被保険者証"),
    "disability_certificate": N_("障害者手帳・療育手帳"),
    "welfare_certificate": N_("生活保護受給者証・児童扶養手当証書"),
    "facility_certificate": N_("施設・病院・支援団体の証明書"),
    "resident_record": N_("住民票の写し・印鑑登録証明書"),
    "pension_book": N_("年金手帳・基礎年金番号通知書"),
    "utility_bill": N_("公共料金の領収書・役所からの郵便物"),
    "membership_card": N_("社員証・学生証・診察券"),
}
# Said at the town's counter; nobody photographs it.
NOT_BY_WEB = ("asked_at_counter",)
# Answer → the answer that holds its day.
DAY_OF = {"paper": "paper_day", "second": "second_day"}


def word_of(kind: Kind) -> str:
    """What the resident's page calls a kind."""
    return gettext(WORDS[kind.kind]) if kind.kind in WORDS else kind.name


def offered(terms: Terms, today: date) -> dict[str, Kind]:
    """The kinds that can be sent today: those that count for nothing, or no longer, are not offered."""
    return {
        word: kind
        for word, kind in kinds_of(terms.criteria.evidence).items()
        if kind.counts != "nothing" and word not in NOT_BY_WEB and not (kind.until and kind.until < today)
    }


def proofs_of(draft: Mapping[str, Any]) -> Proofs:
    """The papers of the draft as they are kept."""
    return Proofs(
        draft.get("paper", ""), _day(draft, "paper_day"), draft.get("second", ""), _day(draft, "second_day")
    )


def _day(draft: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(draft[name]) if draft.get(name) else None


class KindForm(Page):
    """Which paper: one that is enough alone, or one of two."""

    paper = forms.ChoiceField(
        label=_("どの本人確認書類を送りますか"),
        help_text=_("「2点」とある書類は、種類の違うものを2点送ってください。"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("本人確認書類を選んでください。"),
            "invalid_choice": _("本人確認書類を選んでください。"),
        },
    )

    def __init__(self, *values: Any, kinds: Mapping[str, Kind], **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["paper"].choices = [(word, _choice(kind)) for word, kind in kinds.items()]  # type: ignore[attr-defined]


def _choice(kind: Kind) -> str:
    if kind.counts == "one_of_two":
        return gettext("%(paper)s（2点）") % {"paper": word_of(kind)}
    return word_of(kind)


class SecondForm(Page):
    """The other paper of two."""

    second = forms.ChoiceField(
        label=_("もう1点は、どの書類ですか"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("本人確認書類を選んでください。"),
            "invalid_choice": _("本人確認書類を選んでください。"),
        },
    )

    def __init__(self, *values: Any, kinds: Mapping[str, Kind], **named: Any) -> None:
        super().__init__(*values, **named)
        first = (self.initial or {}).get("paper")
        self.fields["second"].choices = [  # type: ignore[attr-defined]
            (word, word_of(kind))
            for word, kind in kinds.items()
            if kind.counts == "one_of_two" and word != first
        ]


class PaperDayForm(BirthFields):
    """Until when the paper is valid, or when it was issued; `gives` is the answer's name in the draft."""

    gives = "paper_day"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day = self._of_boxes()
        if day is None:
            self.add_error("year", _("書類に書かれた日を、年・月・日とも数字で入力してください。"))
            return cleaned
        return cleaned | {self.gives: day.isoformat()}


class SecondDayForm(PaperDayForm):
    """The same of the other paper."""

    gives = "second_day"


def day_title(kind: Kind) -> str:
    """The question for the day of a paper."""
    if kind.dated == "issued":
        return gettext("%(paper)sが発行された日を入力してください") % {"paper": word_of(kind)}
    return gettext("%(paper)sの有効期限を入力してください") % {"paper": word_of(kind)}
