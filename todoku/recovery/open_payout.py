"""Opens a further payout (後の支給回の開始): takes whom its terms name, paid in the payout before where it follows one; leaves
a recipient, its members and a case at LISTED for each, with amount, number and letter key of its own.

Opens exactly what a trial showed, or nothing. Chunks are whole or not there, and nobody has a second case in a payout: killed
work is tried and opened again, and goes on where it was. It prints no letter and pays nobody: notices, forms, decision and
payment follow as in the payout before.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case.open_cases import Head, fresh_numbers, opening_of, write_openings
from todoku.case.payout_tables import PayoutOpening
from todoku.ground.copy_rows import has_doubled, refresh_if_many, refresh_statistics
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.contents import Payout
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.recovery.payout_candidates import PAID_BEFORE, Candidate, all_candidates
from todoku.recovery.try_payout import CannotOpenPayout, Progress, ask_payout, count, digest_of, write_down
from todoku.registry.tables import ReachedAt

_GROWN = (
    "todoku_recipient",
    "todoku_member",
    "todoku_case",
    "todoku_casestage",
    "todoku_entitlement",
    "todoku_doorkey",
    "todoku_followingcase",
)

_RECIPIENTS = """
insert into todoku_recipient (programme_id, payout, municipality_code, household_number, unit_number, head_id, care_of_id)
select programme_id, %(payout)s, municipality_code, household_number, unit_number, head_id, care_of_id
  from todoku_recipient where id = any(%(before)s)
"""
_PAIRS = """
select o.id, n.id from todoku_recipient o
  join todoku_recipient n on n.programme_id = o.programme_id and n.payout = %(payout)s
   and n.household_number = o.household_number and n.unit_number = o.unit_number
 where o.id = any(%(before)s)
"""
_MEMBERS = """
insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
select m.programme_id, %(payout)s, q.made, m.person_id, m.relation, ''
  from unnest(%(old)s::bigint[], %(new)s::bigint[]) as q(before, made)
  join todoku_member m on m.recipient_id = q.before and m.superseded_by_order = ''
"""
_BORN = """
insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
select %(programme)s, %(payout)s, q.recipient, q.person, q.relation, ''
  from unnest(%(recipients)s::bigint[], %(persons)s::bigint[], %(relations)s::text[]) as q(recipient, person, relation)
"""
# A notice names this account, and silence is its acceptance.
_ACCOUNTS = """
insert into todoku_knownaccount (programme_id, person_id, bank, branch, kind, number, holder_kana, source, taken_at)
select distinct on (r.head_id) %(programme)s, r.head_id, q.bank, q.branch, q.kind, q.number, q.holder, %(source)s, %(at)s
  from unnest(%(new)s::bigint[], %(banks)s::text[], %(branches)s::text[], %(kinds)s::int[], %(numbers)s::text[],
              %(holders)s::text[]) as q(recipient, bank, branch, kind, number, holder)
  join todoku_recipient r on r.id = q.recipient
on conflict (programme_id, person_id) do update
   set bank = excluded.bank, branch = excluded.branch, kind = excluded.kind, number = excluded.number,
       holder_kana = excluded.holder_kana, source = excluded.source, taken_at = excluded.taken_at
"""
_FOLLOWS = """
insert into todoku_followingcase (case_id, earlier_id, payout, opening_id, at)
select c.id, q.earlier, %(payout)s, %(opening)s, %(at)s
  from unnest(%(new)s::bigint[], %(cases)s::bigint[]) as q(recipient, earlier)
  join todoku_case c on c.programme_id = %(programme)s and c.payout = %(payout)s and c.recipient_id = q.recipient
"""


def open_payout(
    number: int, *, shown: str, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None,
    random_source: Random | None = None,
) -> Report:  # fmt: skip
    """Opens what the trial with the digest `shown` counted. Safe to run twice: a second trial finds nobody left.

    Report: `done` cases opened, the note their yen. Raises CannotOpenPayout where whom it is for has changed since the
    trial, or where a cohort's last day leaves no time to answer.
    """
    payout = ask_payout(number, programme, actor)
    tally = count(programme, payout)
    if digest_of(programme, payout, tally) != shown:
        raise CannotOpenPayout(
            "試算の後に、対象になる方・額・制度の版のどれかが変わりました。もう一度試算してください。"
        )
    _ask_days(tally["cohorts"], programme.terms, localdate(at))
    random_source = random_source or secrets.SystemRandom()
    opened = 0
    opening = write_down(programme, payout, tally, trial=False, actor=actor, at=at)
    for chunks, chunk in enumerate(all_candidates(programme, payout), 1):
        due = [one for one in chunk if not one.left]
        with transaction.atomic():
            Programme.objects.select_for_update().get(pk=programme.pk)
            opened += _write(due, opening, payout, programme, actor, at, random_source)
        # The next chunk is held against what is opened by now: planned as if there were nothing, each against each.
        if due and has_doubled(chunks):
            refresh_statistics(*_GROWN)
        if progress:
            progress(opened, opening.cases)
    refresh_if_many(opened, *_GROWN)
    assert opened == opening.cases, f"{opening.cases} cases shown, {opened} opened"
    return Report(
        done=opened,
        note=f"第{number}回「{payout.title}」の案件を{opened:,}件（{opening.total_yen:,}円）作成しました。",
    )


def _ask_days(cohorts: dict[str, Any], terms: Terms, today: date) -> None:
    """Whoever is written to has days left to answer."""
    for name in cohorts:
        cohort = terms.cohort(name)
        last = cohort.opt_out_date or terms.deadline_for("", None, name)
        if last <= today:
            raise CannotOpenPayout(
                f"区分「{cohort.title}」の期限（{last:%Y/%m/%d}）を過ぎているため、お知らせしても答える日がありません。"
                "期限を改めた制度の版を開始してから、もう一度試算してください。"
            )


def _write(
    due: Sequence[Candidate], opening: PayoutOpening, payout: Payout, programme: Programme, actor: Actor, at: datetime,
    random_source: Random,
) -> int:  # fmt: skip
    """A chunk: recipients, members, accounts and cases, and whom each case follows; gives how many."""
    if not due:
        return 0
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "programme": programme.pk, "payout": payout.number, "before": [one.recipient for one in due], "at": at,
            "opening": opening.pk, "source": PAID_BEFORE,
        }  # fmt: skip
        cursor.execute(_RECIPIENTS, values)
        cursor.execute(_PAIRS, values)
        made: dict[int, int] = dict(cursor.fetchall())
        assert len(made) == len(due), f"{len(due)} recipients to follow, {len(made)} made"
        cursor.execute(_MEMBERS, {**values, "old": list(made), "new": list(made.values())})
        born = [(made[one.recipient], child.person, child.relation) for one in due for child in one.born]
        recipients, persons, relations = map(list, zip(*born, strict=True)) if born else ([], [], [])
        cursor.execute(
            _BORN, {**values, "recipients": recipients, "persons": persons, "relations": relations}
        )
        _reach(made)
        paid = [(made[one.recipient], *one.paid_into) for one in due if one.paid_into]
        if paid:
            columns = map(list, zip(*paid, strict=True))
            cursor.execute(
                _ACCOUNTS,
                {
                    **values,
                    **dict(
                        zip(("new", "banks", "branches", "kinds", "numbers", "holders"), columns, strict=True)
                    ),
                },
            )
    numbers = fresh_numbers(len(due), random_source)
    openings = [
        opening_of(
            Head(made[one.recipient], one.kana, one.latin_name, one.name, one.birth_date, one.account_source),
            drawn,
            one.due,
        )
        for one, drawn in zip(due, numbers, strict=True)
    ]
    why = f"第{payout.number}回「{payout.title}」の開始"
    opened = write_openings(openings, programme, payout.number, why=why, actor=actor, at=at)
    if payout.follows:
        with connection.cursor() as cursor:
            cursor.execute(
                _FOLLOWS,
                {**values, "new": [made[one.recipient] for one in due], "cases": [one.case for one in due]},
            )
            assert cursor.rowcount == opened, f"{opened} cases opened, {cursor.rowcount} follow one"
    return opened


def _reach(made: dict[int, int]) -> None:
    """Where the municipality ordered that somebody is reached holds on: nobody is written to at the home that he fled."""
    ordered = list(ReachedAt.objects.filter(recipient_id__in=list(made)))
    for one in ordered:
        one.recipient_id = made[one.recipient_id]
        one.pk = one.recipient_id
    ReachedAt.objects.bulk_create(ordered)
