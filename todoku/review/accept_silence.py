"""Push cohorts: after the opt-out date, a notice that nobody answered counts as accepted (贈与の申込みと承諾).

Takes INVITED cases of push cohorts with a known account whose notice was posted in time and did not come back; leaves a
submission of the channel push with that account, a proposal, and the case at PASSED. Safe to run twice, or twice at once.
Paper that lies here unkeyed is an answer; while nobody knows whose a paper of those days is, nobody's silence is certain.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Report
from todoku.intake.paper_in_hand import WHOSE_IS_UNKNOWN, no_paper_in_hand
from todoku.intake.receipt import receipt_number
from todoku.people.actor import Actor
from todoku.programme.contents import Cohort
from todoku.programme.tables import Programme
from todoku.registry.account_names import misnamed
from todoku.review.find_shared import find_shared, tell_shared
from todoku.review.tell_same import tell_same

CHUNK_CASES = 10_000

# Whoever has died cannot accept; what came back was not read; what was posted after the last day gave no time to object.
# An account in another name is paid into by nobody's silence.
SILENT = f"""
select c.id, k.bank, k.branch, k.kind, k.number, k.holder_kana, k.source
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id and g.stage = 'invited'
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id and p.left_reason <> 'death'
  join todoku_knownaccount k on k.programme_id = c.programme_id and k.person_id = r.head_id
   and r.head_id <> all(%(misnamed)s)
 where c.programme_id = %(programme)s and c.cohort = %(cohort)s
   and not exists (select 1 from todoku_submission s
                    where s.case_id = c.id and not (s.declines and s.state = 'superseded'))
   and not exists (select 1 from todoku_laterchange w where w.case_id = c.id and w.state = 'waiting')
   and {no_paper_in_hand("c.id")}
   and not exists (select 1 from todoku_letter l join todoku_undelivered u on u.letter_id = l.id where l.case_id = c.id)
   and exists (select 1 from todoku_postedletter l
                where l.case_id = c.id and l.kind = 'push_notice' and l.posted_on < %(until)s)
 order by c.id limit %(limit)s for update of g skip locked
"""
# What is left at INVITED afterwards without any application waits for a person.
LEFT = """
select count(*) from todoku_case c join todoku_casestage g on g.case_id = c.id and g.stage = 'invited'
 where c.programme_id = %s and c.cohort = %s
   and not exists (select 1 from todoku_submission s
                    where s.case_id = c.id and not (s.declines and s.state = 'superseded'))
"""
# What WHOSE_IS_UNKNOWN counts, and at which desk it is cleared.
UNKNOWN = (
    ("開封が終わっていない袋", "袋", "mail"), ("読取中のスキャン", "件", "scan"), ("所属不明の書類", "件", "mail"),
    ("だれのか分からない画像", "枚", "scan"),
)  # fmt: skip
REMEDIES = {
    "mail": "郵便室で、袋の開封を終え、所属不明の書類がだれのものかを決めてください。",
    "scan": "読取で、スキャンの読取りを終え、だれのか分からない画像の行き先を決めてください。",
}
PROPOSE = """
insert into todoku_proposal (case_id, submission_id, account_id, outcome, reason, via, at)
select s.case_id, s.id, a.id, 'grant', '', 'push', %s
  from todoku_submission s join todoku_accountversion a on a.submission_id = s.id
 where s.id = any(%s)
"""


class Held(NamedTuple):
    """A push cohort past its last day in which nobody's silence is certain: how many cases wait, for what, at which desks."""

    name: str
    title: str
    cases: int
    unknown: str
    desks: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What holds it and what there is to do, for a clerk."""
        remedy = "".join(REMEDIES[desk] for desk in self.desks)
        return f"区分「{self.title}」は、{self.unknown}を片付けるまで承諾とみなしません。{remedy}"


def held_cohorts(programme: Programme, today: date) -> list[Held]:
    """The cohorts that paper holds which could be anybody's answer. Reads only; asks nothing before a last day is over."""
    held = [_held(programme, cohort) for cohort in programme.terms.cohorts if _is_over(cohort, today)]
    return [one for one in held if one and one.cases]


def accept_silence(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Passes every pushed case whose opt-out date has gone by unanswered. `waiting`: cases left for a person to look at.

    `note`: which cohorts are held altogether by paper that could be anybody's, and what there is to do about it.
    """
    done = waiting = 0
    notes: list[str] = []
    today = localdate(at)
    for cohort in programme.terms.cohorts:
        if not _is_over(cohort, today):
            continue
        held = _held(programme, cohort)
        if held:
            notes.append(held.sentence)
        while not held and (chunk := _accept_chunk(programme, cohort, actor, at))[0]:
            done, waiting = done + chunk[0] - chunk[1], waiting + chunk[1]
        waiting += held.cases if held else _left(programme, cohort)
    if done:
        # Whose account came up again in a later chunk.
        back = find_shared(programme=programme, actor=actor, at=at)
        done, waiting = done - back, waiting + back
    return Report(done=done, waiting=waiting, note=" ".join(notes))


def _is_over(cohort: Cohort, today: date) -> bool:
    """Whether the last day of a pushed cohort has gone by."""
    return cohort.mode == "push" and cohort.opt_out_date is not None and cohort.opt_out_date < today


def _held(programme: Programme, cohort: Cohort) -> Held | None:
    """What came by the cohort's last day and could still be anybody's answer; None for nothing."""
    with connection.cursor() as cursor:
        cursor.execute(WHOSE_IS_UNKNOWN, {"programme": programme.pk, "until": cohort.opt_out_date})
        counts = cursor.fetchone()
    found = [(*one, count) for one, count in zip(UNKNOWN, counts, strict=True) if count]
    if not found:
        return None
    unknown = "・".join(f"{name}{count:,}{unit}" for name, unit, _, count in found)
    desks = tuple(dict.fromkeys(desk for _, _, desk, _ in found))
    return Held(cohort.name, cohort.title, _left(programme, cohort), unknown, desks)


def _left(programme: Programme, cohort: Cohort) -> int:
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [programme.pk, cohort.name])
        return int(cursor.fetchone()[0])


def _accept_chunk(programme: Programme, cohort: Cohort, actor: Actor, at: datetime) -> tuple[int, int]:
    """Passes the next cases; gives how many, and how many of them went on to review for their account."""
    values: dict[str, Any] = {
        "programme": programme.pk, "cohort": cohort.name, "until": cohort.opt_out_date, "limit": CHUNK_CASES,
        "misnamed": list(misnamed(programme)),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SILENT, values)
        rows = cursor.fetchall()
        if not rows:
            return 0, 0
        submissions = _keep(rows, programme, cohort, actor, at)
        cursor.execute(PROPOSE, [at, submissions])
        assert cursor.rowcount == len(rows), f"{len(rows)} cases accepted, {cursor.rowcount} proposals"
        passed = move(
            [row[0] for row in rows], programme=programme, to=stages.PASSED, why="お知らせの申出期限を経過",
            actor=actor, at=at,
        )  # fmt: skip
        # A known account that other households name too goes to persons, like every other.
        back = tell_shared(submissions, programme=programme, actor=actor, at=at)
        # Nor is anybody paid by silence who stands in another application.
        return passed, back + tell_same(submissions, programme=programme, actor=actor, at=at)


def _keep(
    rows: Sequence[tuple[Any, ...]], programme: Programme, cohort: Cohort, actor: Actor, at: datetime
) -> list[int]:
    """Adds a submission of the channel push and its account for each case; gives the submissions' ids."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_submission_id_seq') from generate_series(1, %s)", [len(rows)])
        ids = [number for (number,) in cursor.fetchall()]
    copy_rows(
        "todoku_submission",
        ("id", "case_id", "programme_id", "channel", "state", "receipt_number", "arrived_on", "registered_at",
         "applicant_is_recipient", "applicant_name", "phone", "signed", "declines", "members_corrected",
         "identity_evidence", "account_evidence", "body_sha256", "actor_name"),
        (
            (number, row[0], programme.pk, "push", "screened", receipt_number(number), cohort.opt_out_date, at,
             True, "", "", True, False, False, "", "", "", actor.name)
            for number, row in zip(ids, rows, strict=True)
        ),
    )  # fmt: skip
    copy_rows(
        "todoku_accountversion",
        ("submission_id", "version", "bank", "branch", "kind", "number", "holder_kana", "yucho_symbol", "yucho_number",
         "entered_at", "entered_by"),
        ((number, 1, *row[1:6], "", "", at, row[6]) for number, row in zip(ids, rows, strict=True)),
    )  # fmt: skip
    return ids
