"""The clock of a question for the pages of both doors: whole days at each side, and whose day has passed."""

from django.utils.timezone import localdate

from todoku.review.question_clock import Clock, clock
from todoku.review.tables import Question
from todoku.web.shared.pieces import Badge


def clock_of(question: Question) -> Clock:
    """The days that the question lay, and lies, with the office's manager and with the municipality."""
    return clock(
        asked_on=localdate(question.asked_at),
        sent_on=localdate(question.forwarded_at) if question.forwarded_at else None,
        due_on=question.due_on,
        closed_on=localdate(question.answered_at) if question.answered_at else None,
        today=localdate(),
    )


def clock_badge(question: Question) -> Badge | None:
    """A word where the day has passed."""
    return Badge("期限超過", "stop") if clock_of(question).late else None
