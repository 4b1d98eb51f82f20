"""Pure. Whether paper of a household lies with us that is not keyed yet: what has arrived is an answer already.

Fragments of SQL for every rule by which silence has a consequence: an acceptance, an end, a reminder. They hold a case as
long as anything of it is opened, read or being keyed; what stops it is a keying, a person who judged the page, or a place
to which paper goes that is done with.
"""

# A sheet that was opened and never scanned: until a submission came of its envelope, or of none that is known later on.
# What is no application ends where it is stored; any other only where it went back to who sent it.
_SHEET = """
select 1 from todoku_sheet sh
  join todoku_envelope en on en.id = sh.envelope_id
  join todoku_container co on co.id = sh.container_id
 where sh.case_id = {case} and sh.voided_at is null
   and co.station <> 'returned'
   and not (sh.kind in ('letter', 'original', 'other') and co.station in ('store', 'safe', 'municipality'))
   and not exists (select 1 from todoku_scanpage pa where pa.sheet_id = sh.id)
   and not exists (select 1 from todoku_submission su
                    where su.case_id = sh.case_id and su.channel = 'paper'
                      and (su.envelope_id = sh.envelope_id
                           or su.envelope_id is null and su.registered_at >= en.opened_at))
"""
# A scanned page: until the task of its household in that lot is done or closed by a person (one that an undo left void has
# no day), or it was keyed by hand after it had been placed.
# One that still waits for a look (確認待ち) or a better scan may be the decline itself, whatever was keyed beside it.
_PAGE = """
select 1 from todoku_scanpage pa
  join todoku_scanlot lo on lo.id = pa.lot_id and lo.state not in ('refused', 'void')
  cross join lateral (select coalesce(max(ac.at), lo.received_at) as at from todoku_pageact ac where ac.page_id = pa.id) pl
 where pa.case_id = {case} and pa.state in ('read', 'look', 'attached', 'rescan')
   and not exists (select 1 from todoku_keytask ta
                    where ta.lot_id = pa.lot_id and ta.case_id = pa.case_id and ta.state in ('done', 'void')
                      and pa.state in ('read', 'attached') and pl.at <= ta.done_at)
   and not exists (select 1 from todoku_submission su
                    where su.case_id = pa.case_id and su.channel = 'paper' and su.registered_at >= pl.at)
"""
_TASK = "select 1 from todoku_keytask ta where ta.case_id = {case} and ta.state not in ('done', 'void')"
# Paper without a number that one person has matched and nobody confirmed yet.
_MATCHED = "select 1 from todoku_unplacedpaper un where un.case_id = {case} and un.state = 'proposed'"

# By day of arrival, what could be anybody's of a programme: bags and lots that nobody has gone through, paper and pages
# whose household is not known yet. %(programme)s and %(until)s.
WHOSE_IS_UNKNOWN = """
select (select count(*) from todoku_bag b join todoku_pickup u on u.id = b.pickup_id
         where u.programme_id = %(programme)s and u.on <= %(until)s and b.closed_at is null),
       (select count(*) from todoku_scanlot l
         where l.programme_id = %(programme)s and l.arrived_on <= %(until)s and l.state = 'reading'),
       (select count(*) from todoku_unplacedpaper n join todoku_envelope e on e.id = n.envelope_id
         where n.programme_id = %(programme)s and e.arrived_on <= %(until)s and n.state in ('waiting', 'proposed')),
       (select count(*) from todoku_scanpage p join todoku_scanlot l on l.id = p.lot_id and l.state not in ('refused', 'void')
         where p.programme_id = %(programme)s and p.state in ('unplaced', 'look', 'rescan') and p.case_id is null
           and l.arrived_on <= %(until)s)
"""


def no_paper_in_hand(case: str) -> str:
    """A condition of SQL, true where nothing of the case lies here unkeyed. `case`: the expression of its id, as "c.id".

    Parts joined by "and", so that each is an anti-join of its own.
    """
    parts = (part.format(case=case).strip() for part in (_SHEET, _PAGE, _TASK, _MATCHED))
    return "\n   and ".join(f"not exists ({part})" for part in parts)
