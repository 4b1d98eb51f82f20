"""The way of the paper in counts (紙の受け渡し): slip, envelopes, sheets, carries, scans, keyings, applications.

Reads only, one query. As in hand_overs each term is counted on its own; what an explained difference accounts for is set
aside, so that a line whose difference is still open does not balance.
"""

from django.db import connection

from todoku.programme.tables import Programme
from todoku.progress.hand_overs import HandOver

LINES: tuple[tuple[str, str, tuple[str, str, str, str], str], ...] = (
    ("counted", "郵便局の控え → 封書", ("控え", "数えた封書", "未計数", "説明済みの差"), "通"),
    ("opened", "封書 → 開封", ("数えた封書", "開封", "開封待ち", "説明済みの差"), "通"),
    ("laid", "開封 → トレー", ("開封した用紙", "入れ物の中", "未収納", "説明済みの差"), "枚"),
    # Sheets only of what both have counted. What the giver alone has stated is no count yet, and who has to count does not
    # see it: what waits for its count stands in a line of its own, by hand-overs.
    ("given", "引渡し → 受取り", ("引渡し", "受取り済", "受取り待ち", "取消"), "件"),
    ("carried", "受取り済みの引渡し", ("渡した枚数", "数えた枚数", "", "説明済みの差"), "枚"),
    ("scanned", "用紙 → スキャン", ("数えた面", "読み取った面", "読取中", "説明済みの差"), "面"),
    (
        "matched",
        "入れ物とスキャンの突合せ",
        ("入れ物から読み取った束", "一致", "読取中", "説明済みの差"),
        "束",
    ),
    ("keyed", "スキャン → 入力", ("入力する申請書", "入力済", "入力待ち", "保留"), "件"),
    ("received", "入力 → 申請", ("入力済", "申請", "登録待ち", "説明済みの差"), "件"),
)

_COUNTS = """
with bags as (
  select b.id, b.pickup_id, b.counted, b.closed_at, p.stated,
         (select count(*) from todoku_envelope e where e.bag_id = b.id and e.voided_at is null) as opened
    from todoku_bag b join todoku_pickup p on p.id = b.pickup_id where p.programme_id = %(p)s
), pickups as (
  select pickup_id, max(stated) as stated, coalesce(sum(counted), 0) as counted, bool_or(counted is null) as waits
    from bags where stated is not null group by pickup_id
), explained as (
  select subject_kind as kind, coalesce(sum(remaining), 0) as yes from todoku_difference
   where programme_id = %(p)s and state = 'explained' group by subject_kind
), carries as (
  select y.stated, y.found, y.taken_id is null as waits, y.taken_back
    from todoku_carry y join todoku_container c on c.id = y.container_id
   where c.programme_id = %(p)s
), matched as (
  select l.state = 'reading' as waits, coalesce(bool_or(d.state <> 'explained'), false) as open, count(d.id) > 0 as differed
    from todoku_scanlot l
    left join todoku_difference d on d.programme_id = %(p)s and d.subject_kind in ('scan_tray', 'scan_order')
                                 and d.subject_id = l.id
   where l.programme_id = %(p)s and l.container_id is not null and l.state in ('reading', 'read', 'done')
   group by l.id
), lots as (
  select state, stated_sheets * case when both_sides then 2 else 1 end as stated, sides as sheets
    from todoku_scanlot where programme_id = %(p)s and stated_sheets is not null and state in ('reading', 'read', 'done')
), tasks as (select state, submission_id from todoku_keytask where programme_id = %(p)s and state <> 'void')
select 'counted', coalesce(sum(stated), 0), coalesce(sum(counted), 0),
       coalesce(sum(greatest(stated - counted, 0)) filter (where waits), 0),
       coalesce((select yes from explained where kind = 'pickup'), 0) from pickups
union all
select 'opened', coalesce(sum(counted), 0), coalesce(sum(opened), 0),
       coalesce(sum(greatest(counted - opened, 0)) filter (where closed_at is null), 0),
       coalesce((select yes from explained where kind = 'bag'), 0) from bags where counted is not null
union all
select 'laid', coalesce(sum(sheets), 0),
       (select count(*) from todoku_sheet where programme_id = %(p)s and voided_at is null), 0, 0
  from todoku_envelope where programme_id = %(p)s and voided_at is null
union all
select 'given', count(*), count(*) filter (where not waits and not taken_back), count(*) filter (where waits),
       count(*) filter (where taken_back) from carries
union all
select 'carried', coalesce(sum(stated), 0), coalesce(sum(found), 0), 0,
       coalesce((select yes from explained where kind = 'carry'), 0) from carries where not waits and not taken_back
union all
select 'scanned', coalesce(sum(stated), 0), coalesce(sum(sheets) filter (where state <> 'reading'), 0),
       coalesce(sum(stated) filter (where state = 'reading'), 0),
       coalesce((select yes from explained where kind = 'scan_lot'), 0) from lots
union all
select 'matched', count(*), count(*) filter (where not waits and not differed), count(*) filter (where waits),
       count(*) filter (where not waits and differed and not open) from matched
union all
select 'keyed', count(*), count(*) filter (where state = 'done'),
       count(*) filter (where state in ('first', 'second', 'differs')), count(*) filter (where state = 'aside') from tasks
union all
select 'received', count(*) filter (where state = 'done'), count(distinct submission_id), 0, 0 from tasks
"""


def paper_hand_overs(programme: Programme) -> list[HandOver]:
    """Every hand-over of the paper's way in order, counted in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"p": programme.pk})
        counts = {row[0]: tuple(int(one) for one in row[1:]) for row in cursor.fetchall()}
    return [HandOver(key, name, words, unit, *counts[key]) for key, name, words, unit in LINES]
