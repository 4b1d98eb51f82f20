"""What is typed at the review desk beside a verdict: put aside, hand on, comment, contact; one form each.

Takes a request's values; gives cleaned ones. What may be done is asked by the verbs.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate, localtime

from todoku.intake.tables import ProofVersion
from todoku.review.codes import CODES
from todoku.review.documents import kinds_of
from todoku.review.open_contact import ASKABLE
from todoku.review.put_aside import DAYS_MAX
from todoku.review.queues import QUEUES
from todoku.review.reviewers import reviewers
from todoku.review.tables import Task
from todoku.web.office.proof_form import PrintedDay

WORDS = forms.Textarea(attrs={"rows": 3, "maxlength": 300})


DAY_HELP = "書類に印刷された日。例：20310503、令和13年5月3日。印刷のない書類は空欄。"


class AsideForm(forms.Form):
    """Why a look waits, and until which day."""

    reason = forms.CharField(
        label="保留する理由", widget=WORDS, error_messages={"required": "保留する理由を書いてください。"}
    )
    until = forms.DateField(
        label="いつまで", widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"この日の朝に、審査待ちへ自動で戻ります（最長{DAYS_MAX}日）。期限日は変わりません。",
        error_messages={"required": "いつまで保留するかを選んでください。", "invalid": "日付を選んでください。"},
    )  # fmt: skip

    def __init__(self, *values: Any, task: Task, found: Collection[str] = (), **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["until"].initial = (localdate() + timedelta(days=1)).isoformat()


class HandForm(forms.Form):
    """To whom or to which queue a look goes, and what the next should know."""

    to = forms.ChoiceField(label="引き継ぐ相手", required=False)
    queue = forms.ChoiceField(label="または、列", required=False, choices=[("", "選ばない"), *QUEUES.items()])
    words = forms.CharField(
        label="伝えること", widget=WORDS, error_messages={"required": "次の人に伝えることを書いてください。"}
    )

    def __init__(self, *values: Any, task: Task, found: Collection[str] = (), **named: Any) -> None:
        super().__init__(*values, **named)
        others = [
            (str(one.pk), one.name)
            for one in reviewers(task.programme, on=localdate())
            if one.pk != task.claimed_by_id
        ]
        self.fields["to"].choices = [("", "選ばない"), *others]  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """Words for whoever looks next."""

    words = forms.CharField(
        label="次に見る人へのメモ", widget=WORDS,
        help_text="後でこの案件を審査する人に見えます。氏名や口座番号は書かないでください。",
        error_messages={"required": "メモを書いてください。"},
    )  # fmt: skip

    def __init__(self, *values: Any, task: Task, found: Collection[str] = (), **named: Any) -> None:
        super().__init__(*values, **named)


class ContactForm(forms.Form):
    """What is to be asked of the applicant, and when to call."""

    codes = forms.MultipleChoiceField(
        label="確かめること", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "確かめる不備の項目を1つ以上選んでください。"},
    )  # fmt: skip
    words = forms.CharField(label="ほかに聞くこと", required=False, widget=WORDS)
    next_at = forms.DateTimeField(
        label="連絡する日時", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"required": "連絡する日時を選んでください。", "invalid": "日時を選んでください。"},
    )  # fmt: skip

    def __init__(self, *values: Any, task: Task, found: Collection[str] = (), **named: Any) -> None:
        super().__init__(*values, **named)
        ordered = sorted(ASKABLE, key=lambda code: (code not in found, code))
        self.fields["codes"].choices = [(code, f"{code} {CODES[code].name}") for code in ordered]  # type: ignore[attr-defined]
        self.fields["codes"].initial = [code for code in ordered if code in found]
        self.fields["next_at"].initial = localtime()


class PapersForm(forms.Form):
    """Which papers the pictures show, and the day that each carries, as it is printed."""

    first = forms.ChoiceField(
        label="1点目の種類",
        error_messages={
            "required": "書類の種類を選んでください。",
            "invalid_choice": "書類の種類を選んでください。",
        },
    )
    first_on = PrintedDay(label="有効期限か発行日", help_text=DAY_HELP)
    second = forms.ChoiceField(label="2点目の種類（1点で足りないとき）", required=False)
    second_on = PrintedDay(label="2点目の有効期限か発行日")

    def __init__(
        self,
        *values: Any,
        task: Task,
        found: Collection[str] = (),
        last: ProofVersion | None = None,
        **named: Any,
    ) -> None:
        super().__init__(*values, **named)
        kinds = [(word, kind.name) for word, kind in kinds_of(task.programme.terms.criteria.evidence).items()]
        self.fields["first"].choices = [("", "選んでください"), *kinds]  # type: ignore[attr-defined]
        self.fields["second"].choices = [("", "なし"), *kinds]  # type: ignore[attr-defined]
        if last:
            days = {name: f"{day:%Y%m%d}" if day else "" for name, day in _days_of(last)}
            self.initial = {"first": last.first, "second": last.second, **days}


def _days_of(last: ProofVersion) -> tuple[tuple[str, date | None], ...]:
    return ("first_on", last.first_on), ("second_on", last.second_on)
