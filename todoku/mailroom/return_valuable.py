"""Returns an original or cash by recorded mail (原本・現金の返送): two persons, the number of the post office's slip."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.formats.recorded_mail import RecordedMailRefused, printed_recorded_mail, recorded_mail_number
from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Valuable
from todoku.mailroom.two_persons import two_persons
from todoku.people.actor import Actor


class CannotReturn(Refusal):
    """The return cannot be recorded like this."""


def return_valuable(
    valuable: Valuable, *, mail_number: str, returned_on: date, second: Actor, actor: Actor, at: datetime
) -> Report:
    """Records the return. Safe to call twice with the same number. Raises CannotReturn and NotTwoPersons."""
    first_id, second_id = two_persons(actor, second)
    try:
        number = recorded_mail_number(mail_number)
    except RecordedMailRefused as refused:
        raise CannotReturn(refused.sentence) from refused
    with transaction.atomic():
        held = Valuable.objects.select_for_update().get(pk=valuable.pk)
        if held.returned_on is not None:
            if held.mail_number == number:
                return Report(note="この返送は記録済みです。")
            raise CannotReturn(
                f"{held.returned_on}に引受番号{printed_recorded_mail(held.mail_number)}で返送済みです。"
            )
        if not localdate(held.at) <= returned_on <= localdate(at):
            raise CannotReturn("返送した日は、見つけた日から今日までの日付で入力してください。")
        held.returned_on, held.mail_number = returned_on, number
        held.returned_id, held.returned_by = first_id, actor.name
        held.return_witness_id, held.return_witness = second_id, second.name
        held.save(
            update_fields=[
                "returned_on", "mail_number", "returned_id", "returned_by", "return_witness_id", "return_witness"
            ]
        )  # fmt: skip
    return Report(done=1, note=f"引受番号{printed_recorded_mail(number)}で返送を記録しました。")
