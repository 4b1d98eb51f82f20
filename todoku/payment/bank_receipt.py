"""The bank's receipt for a file that was handed over (受付番号), written down when it comes (受付番号の記録).

Takes a sent batch; leaves one more line in the file's chain of hands. The send itself is recorded once, by send.
"""

from datetime import datetime

from todoku.custody.tables import HandOver
from todoku.ground.step import Refusal
from todoku.payment.tables import Batch
from todoku.people.actor import Actor

RECEIPT_MAX = 60


class NoReceipt(Refusal):
    """There is no number, or the file has not been handed over."""


def bank_receipt(batch: Batch, *, receipt: str, actor: Actor, at: datetime) -> HandOver:
    """Adds the bank's receipt number to the custody of the batch's file."""
    receipt = receipt.strip()
    if not receipt or len(receipt) > RECEIPT_MAX:
        raise NoReceipt(f"金融機関の受付番号を{RECEIPT_MAX}文字以内で入れてください。")
    if batch.state not in ("sent", "reconciled") or batch.file is None or batch.sha256 is None:
        raise NoReceipt("受付番号は、振込データを金融機関へ渡してから記録してください。")
    return HandOver.objects.create(
        parcel=batch.file, from_party="出納", to_party="指定金融機関", at=at, count_stated=batch.count,
        count_found=batch.count, sha256=batch.sha256, receipt=receipt, actor_name=actor.name,
    )  # fmt: skip
