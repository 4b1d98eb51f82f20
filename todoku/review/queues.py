"""Pure. The queues (審査の列) that review work is dealt from, by what a case needs of its reviewer, and its due day.

Takes the codes found on a submission; gives one queue, the hardest of those that the codes name, and the day by which
the look is due. Deals nothing: claim.py does.
"""

from collections.abc import Iterable
from datetime import date, timedelta

# Code → name, the hardest first: that of whose authority, then of who is due, then of where the money goes.
QUEUES: dict[str, str] = {
    "proxy": "代理・本人以外",
    "register": "名簿・重複・辞退",
    "account": "口座",
    "identity": "本人確認",
    "form": "記入",
    "sample": "抜取り",
    "clean": "不備なし",
}
_CODES: dict[str, tuple[str, ...]] = {
    "proxy": ("D05", "D06"),
    "register": ("D40", "D41", "D42", "D43", "D44", "D50", "D51"),
    "account": ("D10", "D11", "D12", "D13", "D14", "D15", "D30", "D31"),
    "identity": ("D20", "D21", "D22", "D23", "D24", "D25", "D26", "D27"),
    "form": ("D01", "D02", "D03", "D04", "D07"),
}
QUEUE_OF_CODE: dict[str, str] = {code: queue for queue, codes in _CODES.items() for code in codes}
_HARDNESS = {queue: place for place, queue in enumerate(QUEUES)}


def queue_of(codes: Iterable[str], *, step: int, sampled: bool) -> str:
    """The queue of a look at a submission with these codes (those that only stand as a note are left out by the caller).

    A second look stays with the skill that the first one needed; it is never part of the sample.
    """
    found = {QUEUE_OF_CODE[code] for code in codes}
    if found:
        return min(found, key=_HARDNESS.__getitem__)
    return "sample" if sampled and step == 1 else "clean"


def queue_sql(submission: str) -> str:
    """The same for many, as an expression of SQL: the queue by the findings of `submission`, a column's name.

    Without the sample, which is known at the screening alone. Holds fixed words of this file and nothing that was typed.
    """
    rows = ", ".join(f"('{code}', '{queue}', {_HARDNESS[queue]})" for code, queue in QUEUE_OF_CODE.items())
    return (
        "coalesce((select q.queue from todoku_finding f"
        f" join (values {rows}) as q(code, queue, place) on q.code = f.code"
        f" where f.submission_id = {submission} and f.severity <> 'note' order by q.place limit 1), 'clean')"
    )


def due_on(since: date, days: int) -> date:
    """By when a look is due (期限日): so many days after arrival; of a case that came back, after the day it did."""
    return since + timedelta(days=days)
