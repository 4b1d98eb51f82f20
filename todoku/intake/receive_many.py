"""Takes many keyed forms at once (a file of key entries, a sample town); the same rules as for one: a form that was scanned
and waits for its two keyings is refused here too, one that was set aside is closed by this.

Chunks of flat rows, each kept and settled in one transaction; refused forms are named by their number and leave
nothing. Safe to run twice where the forms carry keys.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from todoku.ground.copy_rows import has_doubled, refresh_statistics
from todoku.ground.long_work import Progress
from todoku.ground.step import Refusal, Report, total
from todoku.intake.end_aside import ask_not_in_keying, close_keyed_alone, in_keying
from todoku.intake.find_cases import find_cases
from todoku.intake.first_counts import count_first
from todoku.intake.forms import PaperForm
from todoku.intake.keep import Arrival, keep
from todoku.intake.receive_paper import arrival_of, rails_of
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

_GROWN = ("todoku_submission", "todoku_accountversion", "todoku_entry", "todoku_casestage")
CHUNK_FORMS = 10_000  # some 20 MB of rows; a stop loses at most this much work


def receive_many(
    forms: Iterable[PaperForm], *, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> Report:  # fmt: skip
    """Keeps every form that can be kept. Report: done = kept and counting, waiting = kept but not counting, refused."""
    reports: list[Report] = []
    seen = 0
    for count, chunk in enumerate(_chunks(forms), 1):
        with transaction.atomic():
            reports.append(_receive_chunk(chunk, programme, actor, at))
        if len(chunk) == CHUNK_FORMS and has_doubled(count):
            refresh_statistics(*_GROWN)
        seen += len(chunk)
        if progress:
            progress(seen)
    return total(reports)


def _receive_chunk(chunk: list[PaperForm], programme: Programme, actor: Actor, at: datetime) -> Report:
    new = _new(chunk)
    found, rails = find_cases([form.number for form in new], programme=programme), rails_of(programme)
    waiting = in_keying([one.id for one in found.values()])
    arrivals: list[Arrival] = []
    refused: list[tuple[str, str]] = []
    for form in new:
        try:
            arrival = arrival_of(form, found, rails, at)
            if form.channel == "paper":
                ask_not_in_keying(arrival.case, waiting)
            arrivals.append(arrival)
        except Refusal as refusal:
            refused.append((form.number, refusal.sentence))
    keep(arrivals, programme=programme, actor=actor, at=at)
    cases = list({arrival.case for arrival in arrivals})
    counted = count_first(cases, programme=programme, actor=actor, at=at)
    on_paper = [(one.case, one.form.arrived_on) for one in arrivals if one.form.channel == "paper"]
    close_keyed_alone(on_paper, actor=actor, at=at)
    assert len(arrivals) == counted.received + counted.not_counted, "a form was neither counted nor set aside"
    return Report(done=counted.received, waiting=counted.not_counted, refused=tuple(refused))


def _new(chunk: list[PaperForm]) -> list[PaperForm]:
    """The forms that are not here yet, by their keys; of two with one key in a file, the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select idempotency_key from todoku_submission where idempotency_key = any(%s)",
            [[form.key for form in chunk if form.key]],
        )
        known = {key for (key,) in cursor.fetchall()}
    new = []
    for form in chunk:
        if form.key is None or form.key not in known:
            new.append(form)
            known.add(form.key)
    return new


def _chunks(forms: Iterable[PaperForm]) -> Iterator[list[PaperForm]]:
    left = iter(forms)
    while chunk := list(islice(left, CHUNK_FORMS)):
        yield chunk
