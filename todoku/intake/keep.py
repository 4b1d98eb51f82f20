"""Writes submissions with their accounts and keyings, flat rows by COPY; one or two hundred thousand alike.

Takes forms whose case is known; leaves them "sent". Whether they count is settled by first_counts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from todoku.intake.forms import BANK, AccountRow, PaperForm, is_blank
from todoku.intake.receipt import receipt_number
from todoku.people.actor import Actor
from todoku.programme.contents import Intake
from todoku.programme.counts_on import counts_on
from todoku.programme.tables import Programme

_SUBMISSION = (
    "id, case_id, programme_id, channel, state, receipt_number, arrived_on, postmark_on, applied_on, registered_at, "
    "applicant_is_recipient, applicant_name, phone, signed, declines, members_corrected, identity_evidence, "
    "account_evidence, rail, rail_marked, idempotency_key, body_sha256, actor_name, opened_on, envelope_id, "
    "counts_on"
)
_ACCOUNT = (
    "submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol, yucho_number, entered_at, "
    "entered_by, staff_id"
)
_PROOFS = (
    "submission_id, version, first, first_on, second, second_on, counted_on, entered_at, entered_by, staff_id"
)


class Arrival(NamedTuple):
    """One form and its account, and the case it belongs to."""

    case: int
    form: PaperForm
    account: AccountRow
    marked: str = "one"  # how the way of receiving was marked: "one", "none", "several"


def keep(
    arrivals: Sequence[Arrival], *, programme: Programme, actor: Actor, at: datetime, started_at: datetime | None = None,
    entry: bool = True,
) -> list[int]:  # fmt: skip
    """Adds the rows; gives the ids of the submissions in the order given. A person's keying is kept as an Entry.

    Without `entry` the keyings are kept elsewhere: those of a scanned form, by two persons.
    """
    rule = programme.terms.intake
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('todoku_submission_id_seq') from generate_series(1, %s)", [len(arrivals)]
        )
        ids = [number for (number,) in cursor.fetchall()]
        with cursor.copy(f"copy todoku_submission ({_SUBMISSION}) from stdin") as copy:
            for number, arrival in zip(ids, arrivals, strict=True):
                copy.write_row(
                    (*_submission(number, arrival, programme, actor, at), _counts_on(arrival.form, rule))
                )
        with cursor.copy(f"copy todoku_accountversion ({_ACCOUNT}) from stdin") as copy:
            for number, arrival in zip(ids, arrivals, strict=True):
                if arrival.form.rail not in ("", BANK) and is_blank(arrival.account):
                    continue
                copy.write_row((number, 1, *arrival.account, at, actor.name, actor.id))
        _keep_proofs(cursor, ids, arrivals, actor, at)
        if entry and actor.id is not None:
            with cursor.copy(
                "copy todoku_entry (submission_id, staff_id, started_at, finished_at) from stdin"
            ) as copy:
                for number in ids:
                    copy.write_row((number, actor.id, started_at, at))
    return ids


def _keep_proofs(
    cursor: CursorWrapper, ids: Sequence[int], arrivals: Sequence[Arrival], actor: Actor, at: datetime
) -> None:
    """The papers that show who applies, where their kind was keyed."""
    named = [
        (number, one.form.proofs, one.form.proofs_counted_on)
        for number, one in zip(ids, arrivals, strict=True)
        if one.form.proofs.first
    ]
    if not named:
        return
    with cursor.copy(f"copy todoku_proofversion ({_PROOFS}) from stdin") as copy:
        for number, proofs, counted_on in named:
            copy.write_row((number, 1, *proofs, counted_on, at, actor.name, actor.id))


def _submission(
    number: int, arrival: Arrival, programme: Programme, actor: Actor, at: datetime
) -> tuple[object, ...]:
    case, form = arrival.case, arrival.form
    return (
        number, case, programme.pk, form.channel, "sent", receipt_number(number), form.arrived_on, form.postmark_on,
        form.applied_on, at, form.applicant_is_recipient, form.applicant_name, form.phone, form.signed, form.declines,
        form.members_corrected, form.identity_evidence, form.account_evidence, form.rail or BANK, arrival.marked,
        form.key, "", actor.name, form.opened_on, form.envelope,
    )  # fmt: skip


def _counts_on(form: PaperForm, rule: Intake) -> date | None:
    """The day that counts against the deadline, by the Version; None where only a person can say."""
    return counts_on(
        deadline_by=rule.deadline_by, no_postmark=rule.no_postmark, channel=form.channel, postmark_on=form.postmark_on,
        arrived_on=form.arrived_on,
    )  # fmt: skip
