"""Cash by registered mail (現金書留): posted by two officers under the mail's number, then delivered or come back.

Takes a released payment; leaves its CashPayment with the number of the post (引受番号), and later the payment settled or
returned. The post office pays for what it loses up to 500,000 yen (損害要償額の上限), so more does not go by mail.
"""

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from todoku.delivery.pay_cash import CannotPayCash, record_payment, released
from todoku.delivery.reached import came_back, reached
from todoku.delivery.tables import CashPayment
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff

MAIL_YEN_MAX = 500_000
_MAIL_NUMBER = re.compile(r"\d{11,13}")  # 引受番号 as the post prints it on the slip, hyphens left out


def send_cash_mail(
    transfer: Transfer, *, receipt_number: str, mail_number: str, witness: Staff, actor: Actor, at: datetime
) -> CashPayment:  # fmt: skip
    """Records the posting: the receipt of the post office and the number of the mail. Raises CannotPayCash."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", mail_number))
    if not _MAIL_NUMBER.fullmatch(number):
        raise CannotPayCash("現金書留の引受番号を、控えのとおり11〜13桁の数字で入力してください。")
    with transaction.atomic():
        held = released(transfer, "registered_mail", actor, witness)
        if held.amount_yen > MAIL_YEN_MAX:
            raise CannotPayCash(
                f"現金書留で送れるのは{MAIL_YEN_MAX:,}円までです。口座への振込か窓口での支給にしてください。"
            )
        if CashPayment.objects.filter(transfer=held).exists():
            raise CannotPayCash("この支払は、もう差し出しています。")
        return record_payment(held, receipt_number, number, "", witness, actor, at)


def mail_delivered(transfer: Transfer, *, actor: Actor, at: datetime) -> None:
    """The post says that the mail was delivered: the payment is settled."""
    with transaction.atomic():
        held = _posted(transfer, actor)
        reached(held.batch, [held.pk], why="現金書留の配達完了", actor=actor, at=at)  # type: ignore[arg-type]


def mail_returned(transfer: Transfer, *, actor: Actor, at: datetime) -> None:
    """The mail came back with the cash in it: the payment is returned, and the resident names another way."""
    with transaction.atomic():
        held = _posted(transfer, actor)
        came_back(held.batch, [held.pk], why="現金書留が戻った", actor=actor, at=at)  # type: ignore[arg-type]


def _posted(transfer: Transfer, actor: Actor) -> Transfer:
    if not may(actor.roles, "cash.pay") or actor.organisation != "municipality":
        raise CannotPayCash("現金書留の結果を記録できるのは、自治体の職員だけです。")
    held = Transfer.objects.select_for_update(of=("self",)).select_related("batch").get(pk=transfer.pk)
    if held.state != "sent" or not CashPayment.objects.filter(transfer=held).exists():
        raise CannotPayCash("差し出した現金書留で、結果を待っているものではありません。")
    return held
