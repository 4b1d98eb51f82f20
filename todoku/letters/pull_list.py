"""The pull list (抜き取り): a run just before posting, held against what has become known since it was printed.

Takes a run with its letters; leaves PulledPiece rows with tray and position. One query finds them; nothing is moved, and a
piece is out only when its code was scanned void (void_piece.py). A spoiled piece that waits for its reprint is held against
the same facts: where one speaks against it, its row says which, and the case waits for a letter anew (waiting.STANDING).
Gift letters have their own guard (deliver_gifts).
"""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.ground.step import Refusal, Report
from todoku.letters.left_out import PLACED
from todoku.letters.tables import PrintRun, PulledPiece
from todoku.letters.waiting import changed_amounts, misnamed_payees
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.registry.account_names import misnamed
from todoku.registry.reached import REACHED

REASONS = dict(PulledPiece.REASONS)
# From which stages a letter of this kind still says something true; from any other it comes too late.
STILL_TRUE: dict[str, tuple[str, ...]] = {
    "form": ("listed", "invited", "returned"), "push_notice": ("listed", "invited"), "reminder": ("invited",),
    "return": ("returned",), "return_reminder": ("returned",),
    # Of a supplement the case itself stands at what became of its first part.
    "transfer_failed": ("failed", "decided", "paying", "paid"),
}  # fmt: skip
# Letters that say what was due when they were printed.
FIRST = frozenset({"form", "push_notice"})


class CannotList(Refusal):
    """Of this run nothing can be pulled any more."""


class Fact(NamedTuple):
    """A piece that must not leave, and why (a key of PulledPiece.REASONS)."""

    letter: int
    piece_no: int
    reason: str


# Whose representative (法定代理人) was confirmed or ended since the run was made, by a list from when it was taken: what was
# addressed to the one before is opened by nobody else.
CHANGED_HANDS = """todoku_printrun n join todoku_representative v on v.programme_id = n.programme_id
                     left join todoku_factimport i on i.id = v.fact_import_id
              where n.id = %(run)s and greatest(coalesce(i.taken_at, v.answered_at), v.ended_at) > n.made_at"""
# Every piece of a run with the first reason why it must not leave, or "". What the register says of an address is
# compared by the differences of the rolls taken since the run was made; an order of the municipality by its day. What sets
# a case aside before printing (waiting.CANDIDATES) pulls its piece after it; people under 支援措置 are printed in spite of it.
JUDGED = f"""
select l.id as letter_id, l.piece_no,
       case when not r.protected and (h.protected or coalesce(x.protected, false) or exists (
                 select 1 from todoku_member m join todoku_person q on q.id = m.person_id
                  where m.recipient_id = c.recipient_id and m.superseded_by_order = '' and q.protected)) then 'protected'
            when h.left_reason = 'death' then 'died'
            when g.stage = 'declined' then 'declined'
            when cardinality(%(true)s::text[]) > 0 and g.stage in ('paying', 'paid') and g.stage <> all(%(true)s)
                 then 'paid'
            when cardinality(%(true)s::text[]) > 0 and g.stage in ('refused', 'lapsed') then 'ended'
            when l.kind in ('return', 'return_reminder') and exists (
                 select 1 from todoku_termschange n
                  where n.case_id = c.id and n.kind = 'return_dropped' and n.at > r.made_at) then 'terms'
            when cardinality(%(true)s::text[]) > 0 and g.stage <> all(%(true)s) then 'answered'
            when not exists (select 1 from todoku_entitlement e
                              where e.case_id = c.id and e.part = 1 and e.superseded_by_order = '') then 'ended'
            when l.kind in ('form', 'push_notice') and k.issue <> l.occasion then 'ended'
            when not h.mail_to_head and x.recipient_id is null then 'ended'
            when x.since > r.made_at or h.id in (select v.ward_id from {CHANGED_HANDS}) then 'moved'
            when x.recipient_id is null and exists (
                 select 1 from todoku_rollimport i join todoku_rolldifference d on d.roll_import_id = i.id
                  where i.programme_id = r.programme_id and i.taken_at > r.made_at and d.number = h.number
                    and d.fields ?| array['postal_code', 'address', 'building', 'name']) then 'moved'
            when not r.protected and exists (
                 select 1 from todoku_undelivered u join todoku_letter b on b.id = u.letter_id
                   left join todoku_registerinquiry q on q.undelivered_id = u.id
                  where b.case_id = c.id and not coalesce(q.mail_again, false)
                    and not exists (select 1 from todoku_addresschange n where n.case_id = c.id
                                     and n.state = 'approved' and n.answered_at > u.at)) then 'undelivered'
            when c.id = any(%(changed)s) or exists (
                 select 1 from todoku_entitlementorder o where o.case_id = c.id and o.part = 1
                    and o.before_yen <> o.after_yen and o.at > r.made_at) then 'amount'
            when l.kind = 'push_notice' and (h.id = any(%(misnamed)s) or not exists (
                 select 1 from todoku_knownaccount a where a.programme_id = c.programme_id and a.person_id = h.id
                    and coalesce(a.taken_at <= r.made_at, true))) then 'account'
            else '' end as reason
  from todoku_letter l
  join todoku_printrun r on r.id = l.run_id
  join todoku_case c on c.id = l.case_id
  join todoku_casestage g on g.case_id = c.id
  join todoku_doorkey k on k.case_id = c.id
  join todoku_recipient t on t.id = c.recipient_id
  join todoku_person h on h.id = t.head_id
  left join {REACHED} x on x.recipient_id = t.id
 where l.run_id = %(run)s and l.piece_no between %(first)s and %(last)s
"""
# Of these, what neither was posted nor is listed yet.
FACTS = f"""
select letter_id, piece_no, reason from ({JUDGED}) j
 where reason <> '' and not exists (select 1 from todoku_pulledpiece p where p.letter_id = j.letter_id)
   and not exists (select 1 from todoku_dispatch d
                    where d.run_id = %(run)s and j.piece_no between d.from_piece and d.to_piece)
"""
# Spoiled or wrongly enclosed, void, the last copy of its letter: printed again where no reason speaks against it by now.
SPOILED = f"""
select j.letter_id, j.piece_no, j.reason from ({JUDGED}) j
  join todoku_letter l on l.id = j.letter_id
  join todoku_pulledpiece p on p.letter_id = l.id and p.voided_at is not null and p.reason in ('spoiled', 'mis_enclosed')
 where not exists (
   select 1 from todoku_letter n where n.case_id = l.case_id and n.kind = l.kind and n.occasion = l.occasion
                                   and n.copy > l.copy)
"""
_LEAVE_OUT = f"""
update todoku_pulledpiece p set reason = s.reason from ({SPOILED}) s
 where p.letter_id = s.letter_id and s.reason <> '' returning p.reason
"""
_LIST = f"""
insert into todoku_pulledpiece (letter_id, reason, tray, position, listed_at, listed_by, voided_by)
select f.letter_id, f.reason, (n.place - 1) / n.size + 1, (n.place - 1) %% n.size + 1, %(at)s, %(by)s, ''
  from ({FACTS}) f
  join ({PLACED}) n on n.id = f.letter_id
"""
LAST = 2_147_483_647


def unlisted(run: PrintRun, first: int = 1, last: int = LAST) -> list[Fact]:
    """Pieces of a range that must not leave and stand on no list yet, in the run's order."""
    if run.kind == "gift":
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS} order by piece_no", judged_by(run, first, last))
        return [Fact(*row) for row in cursor.fetchall()]


def spoiled(run: PrintRun) -> list[Fact]:
    """Spoiled pieces that have no next copy, in the run's order; those without a reason are to be printed again."""
    if run.kind == "gift":
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{SPOILED} order by piece_no", judged_by(run))
        return [Fact(*row) for row in cursor.fetchall()]


def leave_out(run: PrintRun, *, actor: Actor, at: datetime, values: dict[str, Any] | None = None) -> str:
    """Writes down why spoiled pieces are not printed again (刷り直しから除く); gives it in words, "" for none.

    `run`: locked by the caller, with its programme; `values`: its judged_by, where known. From then on such a case is
    written to as one whose piece was pulled.
    """
    if run.kind == "gift":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE_OUT, values or judged_by(run))
        found = Counter(reason for (reason,) in cursor.fetchall())
    if not found:
        return ""
    words = "、".join(f"{REASONS[reason]}{count:,}通" for reason, count in found.items())
    record_look(
        actor=actor, action="print.left_out", subject_kind="print_run", subject_id=run.pk, at=at,
        programme_slug=run.programme.slug, reason=words,
    )  # fmt: skip
    return f"破損のあとで事情が変わった通を、刷り直しから除きました（{words}）。"


def list_pulls(run: PrintRun, *, actor: Actor, at: datetime) -> Report:
    """Puts on the list what became known since the run was made. Safe to run again: what is listed stays listed.

    Report: `done` pieces newly listed, `waiting` pieces listed and not yet scanned void. Of a posted run only spoiled
    pieces are looked at. Raises CannotList.
    """
    if run.kind == "gift":
        raise CannotList("ギフトコードの手紙は、差出しを記録するときに、失効したコードの通を示します。")
    with transaction.atomic():
        found = PrintRun.objects.select_for_update(of=("self",)).select_related("programme").get(pk=run.pk)
        values = judged_by(found)
        words = leave_out(found, actor=actor, at=at, values=values)
        if found.state not in ("made", "released"):
            if not words:
                raise CannotList("発送前の印刷ロットではありません。抜き取りは、差し出す前に行います。")
            return Report(note=words)
        with connection.cursor() as cursor:
            cursor.execute(_LIST, values | {"at": at, "by": actor.name})
            added = cursor.rowcount
    left = PulledPiece.objects.filter(letter__run=run, voided_at=None).count()
    return Report(
        done=added, waiting=left, note=f"{added:,}通を加えました。抜き取る通は、残り{left:,}通です。{words}"
    )


def judged_by(run: PrintRun, first: int = 1, last: int = LAST) -> dict[str, Any]:
    """The values of JUDGED for the pieces of a run."""
    changed: list[int] = []
    if run.kind in FIRST and not run.protected:
        cohorts = run.letters.values_list("case__cohort", flat=True).distinct()
        changed = [case for cohort in cohorts for case in changed_amounts(run.programme, cohort)]
    return {
        "run": run.pk, "true": list(STILL_TRUE.get(run.kind, ())), "first": first, "last": last, "changed": changed,
        "misnamed": misnamed_payees(run.kind, misnamed(run.programme)) if run.kind == "push_notice" else [],
    }  # fmt: skip
