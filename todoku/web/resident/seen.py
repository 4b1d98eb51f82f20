"""What a resident may see of the case: asked from the database by digest, turned into the words of the status page.

Initials, amount, dates and stage; never an address, a head-count, an account or anybody else's data.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case import stages
from todoku.case.failure_wording import failure_wording
from todoku.case.public_wording import PublicStatus, public_wording
from todoku.intake.receive_web import OPEN_ON_THE_WEB
from todoku.intake.tell_decline import BY_WORD, apply_until, last_day_to_take_back, too_late
from todoku.programme.message import Message
from todoku.programme.terms import Terms
from todoku.web.resident.entrance import Entrance, long_day
from todoku.web.shared.pieces import Moment


class Status(NamedTuple):
    """A row of resident_status: the case by its keyed digest."""

    case_id: int
    programme_id: int
    number: str
    initials: str
    stage: str
    since: datetime
    cohort: str
    late_kind: str
    late_on: date | None
    amount_yen: int
    invited_on: date | None
    arrived_on: date | None
    registered_at: datetime | None
    channel: str | None
    receipt: str | None
    not_yet_taken: bool
    return_codes: list[str] | None
    refusal_code: str | None
    decided_at: datetime | None
    pays_on: date | None
    failure: str | None
    supplement_yen: int | None
    supplement_paid_on: date | None
    rail: str | None
    supplement_back_on: date | None
    supplement_answered: bool
    decline_told_on: date | None
    declined_unapplied: bool
    objection: str | None
    objection_on: date | None
    objection_answered_on: date | None


def status_of(lookup_token: str) -> Status | None:
    """The case that this digest opens, or None; one query, the same for wrong and unknown."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(Status._fields)} from resident_status(%s)", [lookup_token])
        row = cursor.fetchone()
    return Status._make(row) if row else None


@dataclass(frozen=True)
class Seen:
    """A case on a given day, under its programme's terms."""

    status: Status
    terms: Terms
    today: date

    @property
    def stage(self) -> str:
        """Where the case stands; what was sent by web a moment ago counts as received already."""
        s = self.status
        return stages.RECEIVED if s.not_yet_taken and s.stage in OPEN_ON_THE_WEB else s.stage

    @property
    def pushed(self) -> bool:
        """Payment comes by itself, unless the resident objects or names another account."""
        return self.terms.cohort(self.status.cohort).mode == "push"

    @property
    def by_bank(self) -> bool:
        """Whether the money goes to an account; so it is until another way was chosen."""
        return self.status.rail in (None, "bank")

    @property
    def applies(self) -> bool:
        """Whether something can be sent by web today."""
        if self.awaits_account:
            return "web" in self.terms.intake.channels
        if self.stage not in OPEN_ON_THE_WEB or "web" not in self.terms.intake.channels:
            return False
        if self.stage == stages.RETURNED:
            return True
        if self.stage == stages.FAILED:
            return self.today <= self.terms.payment.repay_deadline
        return self.terms.is_open(self.today, self.deadline) and not self._opt_out_is_over

    @property
    def awaits_account(self) -> bool:
        """A supplement came back and waits for another account."""
        return self.status.supplement_back_on is not None and not self.status.supplement_answered

    @property
    def may_decline(self) -> bool:
        """Whether the benefit can be declined by web: before anything was applied for."""
        return self.applies and self.stage in (stages.LISTED, stages.INVITED)

    @property
    def deadline(self) -> date:
        """The last day of this case."""
        return self.terms.deadline_for(self.status.late_kind, self.status.late_on, self.status.cohort)

    @property
    def may_withdraw(self) -> bool:
        """Whether what was applied for can be declined here: until it is paid, once at a time."""
        told = self.status.decline_told_on is not None
        return not told and self.stage in BY_WORD and "web" in self.terms.intake.channels

    @property
    def may_take_back(self) -> bool:
        """Whether a decline, told or confirmed, can be taken back here."""
        if "web" not in self.terms.intake.channels:
            return False
        if self.stage == stages.DECLINED:
            return not too_late(self.terms, self.today, apply_until=self._apply_until)
        return self.status.decline_told_on is not None

    @property
    def take_back_until(self) -> date | None:
        """The last day on which a confirmed decline could be taken back; None where it can be still, or none was confirmed."""
        if self.stage != stages.DECLINED or not too_late(
            self.terms, self.today, apply_until=self._apply_until
        ):
            return None
        days = (last_day_to_take_back(self.terms), self._apply_until)
        return min(day for day in days if day is not None)

    @property
    def _apply_until(self) -> date | None:
        s = self.status
        return apply_until(self.terms, s.cohort, self.deadline, unapplied=s.declined_unapplied)

    @property
    def closed(self) -> bool:
        """The deadline has passed and nothing was sent."""
        waits = self.stage in (stages.LISTED, stages.INVITED) and not self.pushed
        return waits and self.today > self.deadline

    @property
    def opt_out_on(self) -> date | None:
        return self.terms.cohort(self.status.cohort).opt_out_date

    @property
    def pays_on(self) -> date | None:
        """The day of payment: of the batch once there is one, before that of the calendar, while it lies ahead."""
        if self.status.pays_on is not None:
            return self.status.pays_on
        counted_from = self.status.arrived_on or (self.opt_out_on if self.pushed else None)
        slot = self.terms.payment_date_for(counted_from) if counted_from else None
        return slot.pays_on if slot and slot.pays_on >= self.today else None

    @property
    def why_failed(self) -> tuple[Message, ...]:
        """Why the transfer did not arrive and what usually cures it, until an account has been sent since."""
        failed = self.stage == stages.FAILED and self.by_bank
        return failure_wording(self.status.failure) if failed and self.status.failure else ()

    @property
    def _opt_out_is_over(self) -> bool:
        return self.pushed and self.opt_out_on is not None and self.today > self.opt_out_on

    def words(self) -> PublicStatus:
        """Headline, time line, what comes next, what we need."""
        s, stage = self.status, self.stage
        since = timezone.localdate(s.since)
        # A batch may wait for its file past its day: what did not come true is not announced, at whatever stage.
        gone_by = self.pays_on is not None and self.pays_on < self.today
        correction = s.not_yet_taken and s.stage in (stages.RETURNED, stages.FAILED)
        words = public_wording(
            stage,
            sent_on=s.invited_on,
            arrived_on=s.arrived_on,
            registered_on=timezone.localdate(s.registered_at) if s.registered_at else None,
            returned_on=since,
            decided_on=timezone.localdate(s.decided_at) if s.decided_at and not correction else None,
            pays_on=None if gone_by else self.pays_on,
            due_on=self.pays_on if gone_by and stage == stages.PAYING else None,
            paid_on=s.pays_on,
            failed_on=since,
            ended_on=since,
            deadline=None if stage == stages.RETURNED or self.closed else self.deadline,
            repay_deadline=self.terms.payment.repay_deadline,
            opt_out_on=None if self._opt_out_is_over else self.opt_out_on,
            pushed=self.pushed,
            by_bank=self.by_bank,
        )
        silent = self.closed or (stage == stages.INVITED and self._opt_out_is_over)
        return words._replace(needs=()) if silent else words


def seen(status: Status, entrance: Entrance, at: datetime) -> Seen:
    return Seen(status, entrance.terms, timezone.localdate(at))


def say(message: Message) -> str:
    """A sentence in the reader's language, its days written as that language does."""
    return message.text(gettext, lambda value: long_day(value) if isinstance(value, date) else value)


def moments(words: PublicStatus, *, asks: bool) -> list[Moment]:
    """The time line as the shared piece draws it; what can be done stands at the present step.

    `asks`: we need it. Otherwise it is an offer, and the step is not marked as a request.
    """
    needed = " ".join(say(need) for need in words.needs)
    drawn = []
    for step in words.steps:
        is_now = step.state == "now"
        drawn.append(
            Moment(
                title=say(step.text),
                date=long_day(step.on) if step.on else "",
                state="need" if is_now and needed and asks else step.state,
                text=needed if is_now else "",
            )
        )
    return drawn
