"""Takes one paper form as an operator keyed it; leaves a Submission with its account and the case at RECEIVED.

Where another application of the case came first, the form is kept all the same and does not count. It judges nothing:
what is missing or wrong in the form is found by the checks.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from todoku.case import stages
from todoku.ground.step import Refusal
from todoku.intake.carry_over import completed
from todoku.intake.end_aside import ask_not_in_keying, close_keyed_alone, in_keying
from todoku.intake.find_cases import FoundCase, find_cases, open_case
from todoku.intake.first_counts import count_first
from todoku.intake.forms import BANK, EVIDENCE, SEVERAL, PaperForm, account_row, ask_rail, is_blank
from todoku.intake.keep import Arrival, keep
from todoku.intake.tables import Submission
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class WrongDate(Refusal):
    """The dates on the form and on the envelope cannot all be right."""


def receive_paper(
    form: PaperForm, *, programme: Programme, actor: Actor, at: datetime, started_at: datetime | None = None,
    entry: bool = True,
) -> Submission:  # fmt: skip
    """Keeps the form and gives its Submission; `state` says whether it counts. Without `entry` key_form keeps its keyings.

    The same `form.key` again gives the Submission of the first time. A form that was scanned is not keyed by one person
    alone; one that was set aside is closed by this. Raises WrongNumber, UnknownNumber, CaseClosed, InKeying, WrongDate,
    RailNotOffered or TooLong; then nothing is kept.
    """
    with transaction.atomic():
        if form.key and (known := Submission.objects.filter(idempotency_key=form.key).first()):
            return known
        arrival = arrival_of(form, find_cases([form.number], programme=programme), rails_of(programme), at)
        alone = entry and form.channel == "paper"
        if alone:
            ask_not_in_keying(arrival.case, in_keying([arrival.case]))
        (number,) = keep(
            [arrival], programme=programme, actor=actor, at=at, started_at=started_at, entry=entry
        )
        count_first([arrival.case], programme=programme, actor=actor, at=at)
        if alone:
            close_keyed_alone([(arrival.case, form.arrived_on)], actor=actor, at=at)
        return Submission.objects.get(pk=number)


def rails_of(programme: Programme) -> tuple[str, ...]:
    """How the money can be wanted in this programme."""
    return programme.terms.payment.rails


def arrival_of(form: PaperForm, found: dict[str, FoundCase], rails: tuple[str, ...], at: datetime) -> Arrival:
    """The form with its case and account, ready to be kept; a correction is completed from what was returned."""
    assert form.identity_evidence in EVIDENCE and form.account_evidence in EVIDENCE, (
        "unknown word for evidence"
    )
    case = open_case(form.number, found)
    check_dates(form, at)
    failed = case.stage == stages.FAILED
    if case.before is not None:
        form = completed(form, case.before, account_failed=failed)
    account = account_row(form)
    # A correction has no boxes for it: an account that is written, or asked for again, says what is wanted.
    settled = case.before is not None and (failed or not is_blank(account))
    marked = marked_way(form.rail, rails, settled=settled)
    form = form if marked == "one" else replace(form, rail=BANK)
    ask_rail(form.rail or BANK, rails)
    return Arrival(case.id, form, account, marked)


def marked_way(rail: str, rails: tuple[str, ...], *, settled: bool) -> str:
    """How plainly the way of receiving is marked: "one", "none" or "several"; where there is but one way, always "one"."""
    if len(rails) == 1:
        return "one"
    if rail == SEVERAL:
        return "several"
    return "one" if rail or settled else "none"


def check_dates(form: PaperForm, at: datetime) -> None:
    """Passes where the days can all be right. Raises WrongDate."""
    if form.arrived_on > timezone.localdate(at):
        raise WrongDate("到着日が今日より後になっています。封筒の受付印の日付を入力してください。")
    if form.postmark_on and form.postmark_on > form.arrived_on:
        raise WrongDate("消印の日付が到着日より後になっています。消印と受付印を見て、入力し直してください。")
