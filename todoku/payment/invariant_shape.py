"""Pure. The shape of an invariant's check (不変条件の点検): a sentence, and the query that names what breaks it."""

from typing import NamedTuple

# A violation of one of these stops sealing and sending of the programme until two people release it.
HALTING = frozenset(f"I-{number:02}" for number in range(1, 12))

LIVE = "('ready', 'sealed', 'sending', 'sent', 'settled')"


class Check(NamedTuple):
    """One question to the database: `sql` gives the column `what`, a word for each row that breaks the sentence.

    `invariant`: the invariant's number; `key`: the check's own name; `subject`: what kind of thing `what` names
    (振込, 案件, 振込データ …); `halts`: whether a row found stops the programme's payments.
    """

    invariant: str
    key: str
    sentence: str
    subject: str
    sql: str
    always_halts: bool = False

    @property
    def halts(self) -> bool:
        return self.always_halts or self.invariant in HALTING
