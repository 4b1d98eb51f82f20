"""Pure. What the bank answers after a payment: its list of transfers that came back (資金返却).

Goes in: the bytes of general transfer files (総合振込). Comes out: a CSV in CP932 with a few of its transfers
and a reason for each, in the words of a bank's screen. It pays nobody and keeps nothing.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date

from todoku.formats import zengin

FAILED_SHARE = 0.004
"""Our own estimate: four transfers in a thousand come back from accounts taken from application forms."""

HEADINGS = ("依頼番号", "金額", "資金返却理由", "返却日")

REASONS = {
    "NO_ACCOUNT": "該当口座なし",
    "NAME_MISMATCH": "受取人名相違",
    "CLOSED": "口座解約済",
    "BLOCKED": "入金停止",
    "BRANCH_ABOLISHED": "店舗統廃合により該当店なし",
    "TYPE_MISMATCH": "預金種目相違",
    "OTHER": "その他",
}
_WEIGHTS = {
    "NO_ACCOUNT": 30,
    "NAME_MISMATCH": 30,
    "CLOSED": 20,
    "BLOCKED": 6,
    "BRANCH_ABOLISHED": 5,
    "TYPE_MISMATCH": 7,
    "OTHER": 2,
}


def returned_transfers(
    files: Sequence[bytes], seed: int, share: float = FAILED_SHARE, *, returned_on: date | None = None
) -> bytes:
    """Return the bank's list of failed transfers of a batch's files; at least one where share is above zero.

    The transfer is named by 顧客コード1 (our own 10-digit number), the amount is in yen, the day of return is
    `returned_on` as yyyy/mm/dd or, like a bank that gives no year, the file's transfer day as MMDD.
    Raises ZenginRefused where the bytes are no transfer file.
    """
    sent = [zengin.read(data) for data in files]
    rows = [row for file in sent for row in file.rows]
    rng = random.Random(f"{seed}:returned:{len(rows)}")
    failing = min(len(rows), max(1, round(len(rows) * share))) if share > 0 else 0
    chosen = sorted(rng.sample(range(len(rows)), failing))
    day = returned_on.strftime("%Y/%m/%d") if returned_on else sent[0].header.value_date
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for at in chosen:
        reason = REASONS[rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]]
        row = rows[at]
        writer.writerow((row.customer_code_1, row.amount, reason, day))
    return text.getvalue().encode("cp932")
