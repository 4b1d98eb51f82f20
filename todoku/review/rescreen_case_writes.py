"""Writes what the open Version makes of a chunk of cases: amounts, cohorts, stages, and one TermsChange for each.

Takes Judged rows whose stages the caller holds and which stand on no open list. Ledger, decisions and transfers are never
written here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from todoku.case import stages
from todoku.case.hand_over import renew_keys
from todoku.case.move import move
from todoku.ground.copy_rows import copy_rows
from todoku.people.actor import Actor
from todoku.programme.tables import Programme, Version
from todoku.review.reopen import reopen
from todoku.review.rescreen_case_rows import Judged
from todoku.review.rescreen_tables import Rescreening

AMOUNTS = ("amount_up", "amount_down")
PROPOSED = ("not_due", "kept", "supplement", "recovery")
SUPERSEDE = """
update todoku_entitlement set superseded_by_order = %s
 where case_id = any(%s) and part = 1 and superseded_by_order = ''
"""
INSERT = """
insert into todoku_entitlement (case_id, programme_id, payout, recipient_id, version_id, part, amount_yen, member_count,
                                why, superseded_by_order)
select c.id, c.programme_id, c.payout, c.recipient_id, %s, 1, q.yen, q.members, %s, ''
  from unnest(%s::bigint[], %s::bigint[], %s::int[]) as q(case_id, yen, members) join todoku_case c on c.id = q.case_id
"""
COHORTS = """
update todoku_case c set cohort = q.cohort from unnest(%s::bigint[], %s::text[]) as q(case_id, cohort) where c.id = q.case_id
"""
REISSUE = """
insert into todoku_reissue (case_id, issue, why, at, actor_name)
select k.case_id, k.issue, %s, %s, %s from todoku_doorkey k where k.case_id = any(%s)
"""


def words_of(version: Version) -> str:
    """By what an amount was replaced."""
    return f"第{version.number}版の開始"


def write_cases(
    judged: Sequence[Judged], run: Rescreening, programme: Programme, *, actor: Actor, at: datetime
) -> None:
    """Writes the chunk: history first, then what holds from now on."""
    version = programme.version
    copy_rows(
        "todoku_termschange",
        ("programme_id", "case_id", "rescreening_id", "version_id", "kind", "state", "stage", "yen_before", "yen_after",
         "cohort_before", "cohort_after", "reason", "at", "undone_order"),
        (row for one in judged for row in _rows(one, run, version, at)),
    )  # fmt: skip
    replace_amounts(
        [(one.case, one.differs.yen, one.now.member_count) for one in _of(judged, *AMOUNTS) if one.differs],
        version=version,
        words=words_of(version),
    )
    _cohorts(_of(judged, "cohort"), programme, actor, at)
    _stages(judged, programme, actor, at)
    # A letter printed with the old amount and not yet posted has another issue from now on: it is pulled.
    listed = {one.case for one in _of(judged, *AMOUNTS, "cohort") if _stage_of(one) == stages.LISTED}
    renew_keys(sorted(listed), programme=programme)


def replace_amounts(rows: Sequence[tuple[int, int, int]], *, version: Version, words: str) -> None:
    """(case, yen, members): the amount that stands is superseded in these words, the new one takes its place."""
    if not rows:
        return
    cases, yens, members = map(list, zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(SUPERSEDE, [words, cases])
        assert cursor.rowcount == len(cases), f"{len(cases)} amounts to replace, {cursor.rowcount} stood"
        cursor.execute(INSERT, [version.pk, words, cases, yens, members])
        assert cursor.rowcount == len(cases), "every case has one amount"


def _of(judged: Sequence[Judged], *kinds: str) -> list[Judged]:
    return [one for one in judged if one.differs and set(kinds) & set(one.differs.kinds)]


def _stage_of(one: Judged) -> str:
    """The stage at which it stands from now on."""
    revived = one.differs is not None and "revived" in one.differs.kinds
    return one.stood.lapsed_at if revived else one.stood.stage


def _rows(one: Judged, run: Rescreening, version: Version, at: datetime) -> Iterator[tuple[Any, ...]]:
    differs, stood = one.differs, one.stood
    assert differs is not None
    for kind in differs.kinds:
        yield (
            run.programme_id, one.case, run.pk, version.pk, "amount" if kind in AMOUNTS else kind,
            "proposed" if kind in PROPOSED else "done", stood.stage, stood.yen,
            one.now.amount_yen if kind == "kept" else differs.yen, stood.cohort, differs.cohort, differs.reason, at, "",
        )  # fmt: skip


def _cohorts(judged: Sequence[Judged], programme: Programme, actor: Actor, at: datetime) -> None:
    """The new cohort; who was invited in another way gets the letter of the new one, which a person of the office prints."""
    if not judged:
        return
    to = {one.case: one.differs.cohort for one in judged if one.differs}
    with connection.cursor() as cursor:
        cursor.execute(COHORTS, [list(to), list(to.values())])
    known = {one.name: one.mode for one in programme.terms.cohorts}
    again = [
        one.case
        for one in judged
        if _stage_of(one) == stages.INVITED and known.get(one.stood.cohort) != known[to[one.case]]
    ]
    if again:
        renew_keys(again, programme=programme)
        with connection.cursor() as cursor:
            cursor.execute(REISSUE, [words_of(programme.version), at, actor.name, again])


def _stages(judged: Sequence[Judged], programme: Programme, actor: Actor, at: datetime) -> None:
    why = f"{words_of(programme.version)}により対象外"
    lapsed = [one.case for one in _of(judged, "lapsed")]
    move(lapsed, programme=programme, to=stages.LAPSED, why=why, actor=actor, at=at)
    for stage in (stages.LISTED, stages.INVITED):
        back = [one.case for one in _of(judged, "revived") if one.stood.lapsed_at == stage]
        why = f"{words_of(programme.version)}によりふたたび対象"
        move(back, programme=programme, to=stage, why=why, actor=actor, at=at)
    reopen(
        [one.case for one in _of(judged, "not_due")], programme=programme, reason="new_terms",
        remark=f"{words_of(programme.version)}により対象外の見込み", actor=actor, at=at,
    )  # fmt: skip
