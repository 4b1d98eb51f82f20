"""Raises the sample where it found too much (抜取り率の引上げ): by the rule of the terms, recorded as an act with its reason.

Takes what people said of the sample since the last act; leaves rates for what comes next. A lead lowers or raises one by
hand with a reason, never below what the terms say. Safe to run at any time: the same looks raise a rate once.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import CHANNELS
from todoku.review.codes import CODES
from todoku.review.quality_tables import SampleRate
from todoku.review.sample_errors import acts_of, key_of, measured
from todoku.review.sample_measure import Measured
from todoku.review.sample_rates import (
    WHOLE,
    Key,
    Raised,
    agreed_percent,
    percent_of,
    risen,
    upper_percent,
)


class NotTheLead(Refusal):
    """Only a lead changes a rate by hand."""


class BelowTheTerms(Refusal):
    """What the terms say is the least."""


class NeedsWhy(Refusal):
    """A rate changed by hand needs its reason."""


def rates_now(programme: Programme) -> Raised:
    """The rates that acts changed, by their last act."""
    return _by_last(acts_of(programme))


def raise_rates(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Raises every rate whose error rate passed the agreed limit; gives how many (done)."""
    before = len(acts_of(programme))
    risen_rates(programme=programme, actor=actor, at=at)
    return Report(done=SampleRate.objects.filter(programme=programme).count() - before)


def risen_rates(*, programme: Programme, actor: Actor, at: datetime) -> Raised:
    """Raises what has to rise and gives the rates as they are then: what a screening begins with."""
    acts = acts_of(programme)
    if not _due(programme, acts):
        return _by_last(acts)
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        # Read again under the lock: two runs that meet here raise once.
        SampleRate.objects.bulk_create(
            SampleRate(
                programme=programme, channel=one.key.channel, criterion=one.key.criterion, was_percent=was, percent=to,
                looked=one.looked_since, wrong=one.wrong_since,
                upper_percent=round(upper_percent(looked=one.looked_since, wrong=one.wrong_since), 2),
                reason="誤り率の上限が、取り決めた割合を超えたため", actor_name=actor.name, at=at,
            )
            for one, was, to in _due(programme, acts_of(programme))
        )  # fmt: skip
    return rates_now(programme)


def _by_last(acts: list[SampleRate]) -> Raised:
    return {key_of(act): act.percent for act in acts}


def _due(programme: Programme, acts: list[SampleRate]) -> list[tuple[Measured, float, float]]:
    """What has to rise, with its rate before and after. Of a criterion only where it was found wrong at all."""
    raised, review = _by_last(acts), programme.terms.review
    due = []
    for one in measured(programme, acts):
        was = percent_of(review, raised, one.key)
        to = risen(was, review.quality.sample, looked=one.looked_since, wrong=one.wrong_since)
        if to is not None and (one.wrong_since or one.key.criterion == WHOLE):
            due.append((one, was, to))
    return due


def set_rate(
    key: Key, percent: float, *, programme: Programme, reason: str, actor: Actor, at: datetime
) -> SampleRate:
    """A lead sets a rate by hand (percent), with a reason that stays visible; not below what the terms say."""
    assert key.channel in CHANNELS and (key.criterion == WHOLE or key.criterion in CODES), f"unknown {key}"
    if not may(actor.roles, "quality.manage") or actor.id is None:
        raise NotTheLead("抜取り率を変えられるのは業務責任者だけです。")
    if not reason.strip():
        raise NeedsWhy("抜取り率を変える理由を書いてください。品質の画面に残ります。")
    least = agreed_percent(programme.terms.review, key)
    if not least <= percent <= 100:
        raise BelowTheTerms(f"抜取り率は、制度で取り決めた{least:g}%以上、100%以下にしてください。")
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        one = next((found for found in measured(programme) if found.key == key), None)
        return SampleRate.objects.create(
            programme=programme, channel=key.channel, criterion=key.criterion,
            was_percent=percent_of(programme.terms.review, rates_now(programme), key), percent=percent,
            looked=one.looked_since if one else 0, wrong=one.wrong_since if one else 0,
            reason=reason.strip()[:300], staff_id=actor.id, actor_name=actor.name, at=at,
        )  # fmt: skip
