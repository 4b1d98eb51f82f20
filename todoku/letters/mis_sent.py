"""A letter that reached somebody else (誤送付): opens an incident and stops the run it came from.

Takes the number on the letter that the caller holds; finds the piece and its run. Where a run is mixed up, more of it may
be wrong: what has not left yet stays until a person frees it.
"""

from datetime import datetime

from django.db import transaction

from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal
from todoku.incident.open_incident import open_incident
from todoku.incident.tables import Incident
from todoku.letters.stop_run import stop_run
from todoku.letters.tables import Letter
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class NoSuchLetter(Refusal):
    """There is no letter that bears this number."""


class AlreadyClosed(Refusal):
    """The incident about this letter has come to its end."""


def mis_sent(
    number: str, *, programme: Programme, what: str, found_at: datetime, actor: Actor, at: datetime
) -> Incident:  # fmt: skip
    """The incident about the last letter of that number, its run stopped. Told again, it is the same incident.

    Raises NoSuchLetter, AlreadyClosed, CannotOpenIncident, CannotStop.
    """
    if not case_number_valid(plain_number(number)):
        raise NoSuchLetter(
            "番号に誤りがあります（13桁の最後は検査数字です）。届いた手紙の番号を、もう一度聞いてください。"
        )
    letter = (
        Letter.objects.filter(case__programme=programme, case__number=plain_number(number))
        .select_related("run")
        .order_by("-pk")
        .first()
    )
    if letter is None:
        raise NoSuchLetter("この番号の手紙は、この給付金では印刷していません。番号を確かめてください。")
    with transaction.atomic():
        incident = open_incident(
            programme=programme, kind="mis_sent", what=what, found_at=found_at, pieces=1, persons=2, actor=actor, at=at,
            subject=("letter", letter.pk),
            doing="同じ印刷ロットの未発送分を止め、封入と差出しの記録を確認しています。手紙の回収を手配します。",
        )  # fmt: skip
        if incident.state == "closed":
            raise AlreadyClosed(
                f"この手紙についての事故{incident.pk}は完了しています。"
                "新しく分かったことは、手紙の番号を空にして、新しい事故として記録してください。"
            )
        stop_run([letter.run], incident=incident, actor=actor, at=at)
    return incident
