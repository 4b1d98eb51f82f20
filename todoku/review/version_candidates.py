"""What rulings suggest for the next Version (次の版への候補): noted from a ruling, done once an opened Version cites it.

A Version cites a ruling by its title anywhere in its text, be it in a sentence or in a remark: 裁定第3号.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.review.ruling_tables import Ruling, VersionCandidate

SEVERITIES = {"off": "見ない", "note": "記録だけ", "look": "人が見る", "return": "返戻する"}

# Done by the first Version that was opened after the note and names the ruling; read, never written: one truth.
LISTED = """
select k.id, r.id, r.number, k.place, k.code, k.text, k.noted_at, n.name,
       (select min(v.number) from todoku_version v
         where v.programme_id = k.programme_id and v.opened_at >= k.noted_at
           and position('裁定第' || r.number || '号' in v.text) > 0)
  from todoku_versioncandidate k
  join todoku_ruling r on r.id = k.ruling_id
  join todoku_staff n on n.id = k.noted_by_id
 where k.programme_id = %s and k.dropped_at is null
 order by k.id
"""


class CannotNote(Refusal):
    """The change is not told completely."""


class Candidate(NamedTuple):
    """One change that waits for a Version, or the number of the Version that made it."""

    pk: int
    ruling: int
    ruling_number: int
    place: str
    code: str
    text: str
    noted_at: datetime
    noted_by: str
    done_in: int | None

    @property
    def title(self) -> str:
        """The ruling as a Version must cite it."""
        return f"裁定第{self.ruling_number}号"

    @property
    def toml(self) -> str:
        """The line as it would stand in the Version, with the citation that marks it as done."""
        if self.place == "severity":
            return f'{self.code} = "{self.text}"  # {self.title}'
        return f"# {self.title}（{self.code}）: {self.text}"


def note_candidate(
    ruling: Ruling, *, place: str, code: str, text: str, actor: Actor, at: datetime
) -> VersionCandidate:
    """Notes a change of a severity ([review.checks]) or of a criterion's sentence ([criteria]) for the next Version."""
    if actor.id is None or not actor.roles & ACTIONS["ruling.note"]:
        raise CannotNote("次の版への候補を書けるのは、業務責任者と自治体の担当課です。")
    if place not in dict(VersionCandidate.PLACES) or code not in CODES:
        raise CannotNote("どの指摘の、何を変えるかを選んでください。")
    if place == "severity" and text not in SEVERITIES:
        raise CannotNote("扱いを「見ない・記録だけ・人が見る・返戻する」から選んでください。")
    if not text.strip():
        raise CannotNote("審査基準の文章を、次の版に載せる形で書いてください。")
    return VersionCandidate.objects.create(
        programme_id=ruling.programme_id, ruling=ruling, place=place, code=code, text=text.strip()[:1000],
        noted_by_id=actor.id, noted_at=at,
    )  # fmt: skip


def drop_candidate(candidate: VersionCandidate, *, actor: Actor, at: datetime) -> None:
    """Takes a candidate off the list; it stays on record."""
    if not actor.roles & ACTIONS["ruling.note"]:
        raise CannotNote("次の版への候補を外せるのは、業務責任者と自治体の担当課です。")
    VersionCandidate.objects.filter(pk=candidate.pk, dropped_at__isnull=True).update(
        dropped_by_id=actor.id, dropped_at=at
    )


def candidates(programme: Programme) -> list[Candidate]:
    """All candidates of a programme, in the order in which they were noted, each with the Version that took it in."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, [programme.pk])
        return [Candidate(*row) for row in cursor.fetchall()]
