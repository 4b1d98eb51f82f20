"""Who receives for whom (受給権者), by the one rule that examples and pages ask too: `Terms.payee_of`.

Takes the persons for whom the lists or grounds may say otherwise than the programme; gives a word of PAYEES for each, in
chunks over flat rows. Reads only: make_recipients.py finds the person behind the word.
"""

from collections.abc import Iterator, Sequence

from todoku.case.due import payees
from todoku.case.members import persons_alone
from todoku.programme.tables import Programme
from todoku.registry.make_recipients import may_differ

CHUNK_PERSONS = 10_000  # as many as cases are opened in one transaction


def payee_words(programme: Programme, payout: int = 1) -> dict[int, str]:
    """The word for each person of whom the programme's own payee may not hold; nothing is said of the others."""
    persons, terms = may_differ(programme, payout), programme.terms
    found: dict[int, str] = {}
    for chunk in _chunks(persons):
        lines = persons_alone(chunk)
        found |= zip(lines, payees((line.rule for line in lines.values()), terms), strict=True)
    return found


def _chunks(persons: Sequence[int]) -> Iterator[Sequence[int]]:
    return (persons[first : first + CHUNK_PERSONS] for first in range(0, len(persons), CHUNK_PERSONS))
