"""Logs an original or cash found in an envelope (原本・現金の記録): by two persons, at once, before the envelope is put away."""

from datetime import datetime
from uuid import UUID

from todoku.case.tables import Case
from todoku.formats.codes import contains_my_number, plain_number
from todoku.ground.step import Refusal
from todoku.mailroom.tables import Envelope, Valuable
from todoku.mailroom.two_persons import two_persons
from todoku.people.actor import Actor

WHAT_MAX = 100
YEN_MAX = 10_000_000


class CannotLog(Refusal):
    """What was typed does not say what was found."""


def log_valuable(
    envelope: Envelope, *, kind: str, what: str, amount_yen: int | None, number: str, second: Actor, actor: Actor,
    at: datetime, form_key: UUID | None = None,
) -> Valuable:  # fmt: skip
    """The valuable. `number`: the case's, "" where nobody knows. Raises CannotLog and NotTwoPersons.

    The same `form_key` again gives what it logged: a double press or a lost answer logs no cash twice.
    """
    assert kind in dict(Valuable.KINDS), f"unknown kind {kind!r}"
    first_id, second_id = two_persons(actor, second)
    if not what.strip() or len(what.strip()) > WHAT_MAX:
        raise CannotLog(f"何が入っていたかを{WHAT_MAX}文字以内で入力してください。番号は書き写しません。")
    if contains_my_number(what):
        raise CannotLog("個人番号（12桁）と読める数字があります。番号は書き写さないでください。")
    if (kind == "cash") != (amount_yen is not None) or not 0 < (amount_yen or 1) <= YEN_MAX:
        raise CannotLog("現金のときは二人で数えた金額（円）を入力し、現金でないときは空にしてください。")
    if envelope.voided_at is not None:
        raise CannotLog("取り消した封書です。開封し直した封書に記録してください。")
    case = None
    if number.strip():
        case = Case.objects.filter(programme_id=envelope.programme_id, number=plain_number(number)).first()
        if case is None:
            raise CannotLog("この番号は、この給付金の名簿にありません。分からないときは空にしてください。")
    values = {
        "kind": kind, "what": what.strip(), "amount_yen": amount_yen, "case": case, "at": at, "first_id": first_id,
        "first_name": actor.name, "second_id": second_id, "second_name": second.name,
    }  # fmt: skip
    where = {"programme_id": envelope.programme_id, "envelope": envelope}
    if form_key is None:
        return Valuable.objects.create(**where, **values)
    made, _ = Valuable.objects.get_or_create(**where, form_key=form_key, defaults=values)
    return made
