"""Keeps keyings of scanned forms (打鍵): the first of all fields, the second of account and papers, the choice where they differ.

Two that agree, or the third look, make the Submission by the way of every paper form. The second sees nothing of the first;
the third sees both and is neither. What cannot be received any more is set aside with the reason.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.intake.claim_key_task import UNDO_SECONDS
from todoku.intake.compare import differences
from todoku.intake.find_cases import CaseClosed, UnknownNumber, WrongNumber
from todoku.intake.forms import PaperForm, RailNotOffered, account_row
from todoku.intake.keyed_values import Dates, dates_of, form_of, names_paper, twice
from todoku.intake.leading_page import ask_page_stands
from todoku.intake.receive_paper import check_dates, receive_paper
from todoku.intake.sheets_of import Sheets, sheets_of
from todoku.intake.tables import KeyCorrection, Keying, KeyTask
from todoku.people.actor import Actor

FIRST, SECOND, CHOICE = 1, 2, 3
_ROUND_OF = {"first": FIRST, "second": SECOND, "differs": CHOICE}


class NotYours(Refusal):
    """The task is with somebody else by now, or further on."""


class SameKeyer(Refusal):
    """Who typed a form does not type it a second time, nor choose between the two."""


class TooLateToTakeBack(Refusal):
    """The minute is over, or somebody has gone on."""


class Kept(NamedTuple):
    """What a keying came to: the task's state now and, where it was received, the receipt number."""

    state: str
    receipt: str = ""


def key_first(
    task: int, values: Mapping[str, str], *, actor: Actor, at: datetime, started_at: datetime | None = None
) -> Kept:
    """Keeps the first keying. A form without an account and without a named paper is received at once, any other waits for
    the second.

    Raises NotYours, SameKeyer, PageMoved, WrongDate or TooLong; then nothing is kept.
    """
    with transaction.atomic():
        held = _held(task, "first", actor)
        sheets = sheets_of(held)
        form = _form(held, sheets, values)
        check_dates(form, at)
        account_row(form)
        _keep(held, FIRST, values, actor, at, started_at)
        if not twice(sheets.fields, values):
            return _received(held, form, actor, at)
        return _goes_to(held, "second")


def key_second(
    task: int, values: Mapping[str, str], *, actor: Actor, at: datetime, started_at: datetime | None = None
) -> Kept:
    """Keeps the second keying and compares: received where the two agree, else for a third person. Raises as key_first."""
    with transaction.atomic():
        held = _held(task, "second", actor)
        first = typed_in(held, FIRST)
        sheets = sheets_of(held)
        again = {name: values.get(name, "") for name in twice(sheets.fields, first)}
        account_row(_form(held, sheets, {**first, **again}))
        _keep(held, SECOND, again, actor, at, started_at)
        if differences(first, again):
            return _goes_to(held, "differs")
        return _received(held, _form(held, sheets, first), actor, at)


def settle(
    task: int, chosen: Mapping[str, str], *, actor: Actor, at: datetime, started_at: datetime | None = None
) -> Kept:
    """Keeps the choice between two keyings that differ, each put-right field with who had it otherwise; receives the form.

    `chosen`: account and papers as the paper says it, by field. Raises as key_first.
    """
    with transaction.atomic():
        held = _held(task, "differs", actor)
        first, second = typed_in(held, FIRST), typed_in(held, SECOND)
        sheets = sheets_of(held)
        final = {name: chosen.get(name, "") for name in twice(sheets.fields, first)}
        # Who overlooked the paper that another person named said that none was sent.
        missed = names_paper(final) and not names_paper(first) and first.get("identity_evidence") == "none"
        form = _form(held, sheets, {**first, **final, **({"identity_evidence": "clear"} if missed else {})})
        account_row(form)
        _keep(held, CHOICE, final, actor, at, started_at)
        assert actor.id is not None
        for typed, why in ((first, "1回目の入力"), (second, "2回目の入力")):
            for name in differences(typed, final):
                KeyCorrection.objects.create(
                    task=held, field=name, before=typed.get(name, "")[:200], after=final.get(name, "")[:200], why=why, at=at,
                    staff_id=actor.id, actor_name=actor.name,
                )  # fmt: skip
        return _received(held, form, actor, at)


def set_aside(task: int, why: str, *, actor: Actor, at: datetime) -> Kept:
    """Takes a form that cannot be keyed out of the pile, with the reason. Raises NotYours."""
    with transaction.atomic():
        held = KeyTask.objects.select_for_update().get(pk=task)
        if held.state not in _ROUND_OF or held.claimed_id != actor.id:
            raise NotYours("この申請書は、もうほかの担当者が扱っています。次の一通へ進んでください。")
        held.aside_why = why.strip()[:200] or "入力できない申請書"
        return _goes_to(held, "aside")


def take_back(task: int, *, actor: Actor, at: datetime) -> KeyTask:
    """Undoes the last keying within its minute and gives the task back to its person. Raises TooLateToTakeBack."""
    with transaction.atomic():
        held = KeyTask.objects.select_for_update().get(pk=task)
        last = Keying.objects.filter(task=held, undone_at__isnull=True).order_by("-round").first()
        late = last is None or at - last.finished_at > timedelta(seconds=UNDO_SECONDS)
        if last is None or late or last.staff_id != actor.id or held.state not in ("second", "differs"):
            raise TooLateToTakeBack(
                "1分を過ぎたか、登録が済んだため取り消せません。直すときは「直前の入力」から口座を直してください。"
            )
        Keying.objects.filter(pk=last.pk).update(undone_at=at)
        held.state = {FIRST: "first", SECOND: "second"}[last.round]
        held.claimed_id, held.claimed_at = actor.id, at
        held.save(update_fields=["state", "claimed_id", "claimed_at"])
    return held


def typed_in(task: KeyTask, keyed: int) -> dict[str, str]:
    """What was typed in this round of a task."""
    values = Keying.objects.values_list("values", flat=True)
    return dict(values.get(task=task, round=keyed, undone_at__isnull=True))


def _held(task: int, state: str, actor: Actor) -> KeyTask:
    held = (
        KeyTask.objects.select_for_update(of=("self",))
        .select_related("page", "lot", "case", "envelope", "programme__municipality")
        .get(pk=task)
    )
    assert actor.id is not None, "only a person keys"
    if held.state != state or held.claimed_id != actor.id:
        raise NotYours("この申請書は、もうほかの担当者が扱っています。次の一通へ進んでください。")
    if Keying.objects.filter(task=held, staff_id=actor.id, undone_at__isnull=True).exists():
        raise SameKeyer("この申請書はあなたが一度入力しました。照合はほかの担当者が行います。")
    ask_page_stands(held)
    return held


def _form(task: KeyTask, sheets: Sheets, values: Mapping[str, str]) -> PaperForm:
    dates = dates_of(values, known_dates(task))
    return form_of(values, task.case.number, dates, sheets=sheets.codes, key=f"scan-{task.pk}")


def known_dates(task: KeyTask) -> Dates:
    """What the envelope says of its days, or the lot where the envelope is not known."""
    envelope = task.envelope
    if envelope is None:
        return Dates(task.arrived_on)
    return Dates(envelope.arrived_on, envelope.postmark_on, localdate(envelope.opened_at), envelope.pk)


def _keep(
    task: KeyTask, keyed: int, values: Mapping[str, str], actor: Actor, at: datetime, started_at: datetime | None
) -> None:  # fmt: skip
    assert actor.id is not None
    Keying.objects.create(
        task=task, round=keyed, staff_id=actor.id, actor_name=actor.name, started_at=started_at, finished_at=at,
        values={name: value.strip() for name, value in values.items()},
    )  # fmt: skip


def _goes_to(task: KeyTask, state: str) -> Kept:
    task.state, task.claimed_id, task.claimed_at = state, None, None
    task.save(update_fields=["state", "claimed_id", "claimed_at", "aside_why"])
    return Kept(state)


def _received(task: KeyTask, form: PaperForm, actor: Actor, at: datetime) -> Kept:
    """The form on the way of every paper form; where its case takes none any more, it is set aside."""
    try:
        with transaction.atomic():
            kept = receive_paper(form, programme=task.programme, actor=actor, at=at, entry=False)
    except (CaseClosed, UnknownNumber, WrongNumber, RailNotOffered) as refusal:
        task.aside_why = refusal.sentence[:200]
        return _goes_to(task, "aside")
    task.submission, task.done_at, task.state = kept, at, "done"
    task.claimed_id = task.claimed_at = None
    task.save(update_fields=["submission", "done_at", "state", "claimed_id", "claimed_at"])
    return Kept("done", kept.receipt_number)
