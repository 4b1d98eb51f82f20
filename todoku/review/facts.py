"""Gathers, for many submissions at once, everything that the checks need: a few queries, flat rows, in chunks.

Takes a programme and a condition on submissions; gives Gathered rows (submission, case, number, account, Facts), their
rows held against a second run. Writes nothing and judges nothing: the checks do.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case import stages
from todoku.case.late_deadline import DEADLINE_COLUMNS
from todoku.ground.copy_rows import bigints
from todoku.intake.forms import BANK
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review.accounts_in_use import InUse, in_use, of_others
from todoku.review.application_facts import AS_CHANNEL, facts_of
from todoku.review.findings import Facts
from todoku.review.same_people import SamePeople, same_people

CHUNK_ROWS = 5_000  # a chunk is one transaction of about a second, so progress moves and a stop is quick

# Where a chunk begins is said of each table: joined in the order of cases, each would be read from its first row again.
# Held in one order and skipping what another run holds: two runs share the work and never wait for each other.
HOLD = """
select s.id
  from todoku_submission s
  join todoku_case c on c.id = s.case_id and c.id > %(after)s
  join todoku_casestage g on g.case_id = s.case_id and g.case_id > %(after)s
 where s.programme_id = %(programme)s and s.case_id > %(after)s and {condition}
 order by s.case_id limit %(limit)s for update of {held} skip locked
"""

# One row per submission; the last account version counts, since a correction is a new version.
QUERY = """
select s.id, s.case_id, c.number, a.id, s.channel, s.arrived_on, s.postmark_on, s.applied_on,
       s.applicant_is_recipient, s.phone, s.signed, s.declines, s.declined_on, s.members_corrected,
       s.identity_evidence, s.account_evidence, s.rail, s.rail_marked, s.counts_on, s.keyless,
       pv.first, pv.first_on, pv.second, pv.second_on, pv.counted_on,
       a.bank, a.branch, a.kind, a.number, a.holder_kana, a.yucho_symbol, a.yucho_number,
       p.kana, p.alias_kana, p.latin_name, p.alias, p.left_reason,
       array(select q.kana from todoku_member m join todoku_person q on q.id = m.person_id
              where m.recipient_id = c.recipient_id and m.person_id <> p.id and m.superseded_by_order = '') as others,
       v.kind, w.kana,
       {of_others} as of_others,
       earlier.id is not null, coalesce(earlier.same, true),
       {deadline},
       g.stage, g.previous
  from todoku_submission s
  join todoku_case c on c.id = s.case_id
  join todoku_casestage g on g.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id
  left join todoku_representative v on v.ward_id = r.head_id and v.state = 'confirmed'
  left join todoku_person w on w.id = v.guardian_id
  left join todoku_lateopening late on late.case_id = c.id
  left join lateral (
    select * from todoku_accountversion v where v.submission_id = s.id order by v.version desc limit 1) a on true
  left join lateral (
    select * from todoku_proofversion v where v.submission_id = s.id order by v.version desc limit 1) pv on true
  left join lateral (
    select x.id, case when s.rail <> x.rail then false when s.rail <> 'bank' then true else
                 (coalesce(y.bank, ''), coalesce(y.branch, ''), coalesce(y.number, ''), coalesce(y.kind, 1))
               = (coalesce(a.bank, ''), coalesce(a.branch, ''), coalesce(a.number, ''), coalesce(a.kind, 1)) end as same
      from todoku_submission x
      left join lateral (select * from todoku_accountversion v where v.submission_id = x.id
                          order by v.version desc limit 1) y on true
     where x.case_id = s.case_id and x.id <> s.id and x.state = 'screened' and s.state = 'not_counted'
     order by x.arrived_on, x.id limit 1) earlier on true
 where s.id = any(%s::bigint[])
 order by s.id
""".replace("{deadline}", DEADLINE_COLUMNS).replace("{of_others}", of_others("a", "v"))


class Gathered(NamedTuple):
    """One submission ready for the checks, and the stage at which its case stands."""

    submission: int
    case: int
    number: str
    account: int | None
    arrived_by: str
    stage: str
    facts: Facts
    # It answers a return: what was asked for is looked at, since no check sees whether a photo shows it.
    is_answer: bool = False
    # The stage that the application took the case from.
    came_from: str = ""


class Beside(NamedTuple):
    """What lies in other households' applications: the use of this one's account, and people who stand in both."""

    used: InUse | None
    same: SamePeople | None


def gather(
    programme: Programme, condition: str, *, held: str, limit: int = CHUNK_ROWS, after: int = 0
) -> list[Gathered]:
    """The next submissions that meet an SQL condition over s (submission), c (case) and g (its stage), in four queries.

    `after`: the case behind which to go on, so that a chunk is found without passing over all that went before.
    `held` is the row (s or g) that the caller's transaction keeps from others until it ends; what another transaction
    holds is left to it.
    """
    with connection.cursor() as cursor:
        values = {"programme": programme.pk, "after": after, "limit": limit}
        cursor.execute(HOLD.format(condition=condition, held=held), values)
        chosen = [row[0] for row in cursor.fetchall()]
    terms = programme.terms
    return [gathered(row, beside, terms, came_from=row[-1]) for row, beside in read(chosen)]


def read(submissions: Sequence[int]) -> list[tuple[Sequence[Any], Beside]]:
    """The rows of QUERY for these submissions, each with what other households' applications say of it."""
    if not submissions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [bigints(submissions)])
        rows = cursor.fetchall()
    used, same = in_use(submissions), same_people(submissions)
    return [(row, Beside(used.get(row[0]), same.get(row[0]))) for row in rows]


def gathered(row: Sequence[Any], beside: Beside, terms: Terms, *, came_from: str) -> Gathered:
    """One row of QUERY under these terms; `came_from` is the stage that the application took the case from."""
    submission, case, number, account, *values, stage, _ = row
    channel = values[0]
    facts = facts_of(values, terms, came_from=came_from)
    used, same = beside
    if same:
        facts = facts._replace(same_person_cases=same.cases, same_person_decided=same.decided)
    if used:
        facts = facts._replace(
            account_households=used.households, account_decided=used.decided, account_cases=used.cases,
            account_approved=used.approved,
        )  # fmt: skip
    # What goes over another rail names no account, whatever else was written on the form.
    account = account if facts.rail == BANK else None
    return Gathered(
        submission, case, number, account, AS_CHANNEL.get(channel, channel), stage, facts,
        came_from == stages.RETURNED, came_from,
    )  # fmt: skip
