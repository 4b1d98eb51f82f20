"""Records a letter that came back (不着・郵便返戻): takes a case number and the reason on the envelope.

Leaves the case where it stands; later print runs set the case aside until somebody has found the right address.
"""

from datetime import date, datetime

from django.db import connection, transaction

from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal, Report
from todoku.letters.tables import Undelivered
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# Of what left, piece by piece: a run goes in several lots, and a piece that was scanned void lies in none.
_POSTED = """
select l.letter_id, l.posted_on from todoku_postedletter l join todoku_case c on c.id = l.case_id
 where c.programme_id = %s and c.number = %s order by l.posted_on desc, l.letter_id desc limit 1
"""


class CannotRecord(Refusal):
    """There is no posted letter that this could be."""


def record_undelivered(
    number: str, *, programme: Programme, reason: str, returned_on: date, actor: Actor, at: datetime
) -> Report:
    """Records the last posted letter of the case as returned. `reason` is a key of Undelivered.REASONS.

    Raises CannotRecord for a mistyped or unknown number, a case without a posted letter, and a letter that is
    recorded already or was posted only after that day.
    """
    assert reason in dict(Undelivered.REASONS), f"unknown reason {reason!r}"
    if not case_number_valid(number):
        raise CannotRecord(
            "番号の桁数か検査数字が合いません。宛名の下の13桁の番号をもう一度入力してください。"
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_POSTED, [programme.pk, plain_number(number)])
            posted = cursor.fetchone()
        if posted is None:
            raise CannotRecord("この番号で発送した郵便がありません。番号と制度を確認してください。")
        letter, posted_on = posted
        if returned_on < posted_on:
            raise CannotRecord(f"返戻の日が発送の日（{posted_on}）より前です。日付を確認してください。")
        if Undelivered.objects.filter(letter_id=letter).exists():
            raise CannotRecord("この郵便の返戻は、すでに記録されています。")
        Undelivered.objects.create(
            letter_id=letter, reason=reason, returned_on=returned_on, at=at, actor_name=actor.name
        )
    return Report(done=1)
