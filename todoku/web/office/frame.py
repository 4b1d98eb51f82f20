"""The frame around every office page: programme, desks with what waits there, the person who sits here.

Takes a request and a programme's slug; gives the Programme and the context of shared/base_desk.html. One query counts
all desks, each no further than COUNTED_MAX, since every page asks it. A programme outside the person's grants does not
exist for them.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest
from django.utils.timezone import localdate

from todoku.people.access import ROLES, may
from todoku.programme.tables import Programme
from todoku.recovery.waiting_claims import WAITING_CLAIMS
from todoku.web.shared.pieces import Desk, Place
from todoku.web.shared.staff_entry import programmes_of

# Days after which the oldest waiting thing is late: the office's promise is to look within three days.
LATE_DAYS = 3
# Beyond so many the rail says "or more": the desk itself counts exactly, and a page of another desk does not read through all
# that waits there.
COUNTED_MAX = 10_000


# Digits open the first nine; what came later stands behind them, so that no hand has to learn anew.
PLACES = (
    Place("roll", "名簿", "roll/"),
    Place("print", "発送", "print/"),
    Place("mail", "郵便室", "mail/"),
    Place("intake", "受付", "intake/"),
    Place("paper", "入力", "paper/"),
    Place("scan", "読取", "scan/"),
    Place("keying", "打鍵", "keying/"),
    Place("review", "審査", "review/"),
    Place("payment", "支給", "payment/"),
    Place("questions", "照会", "questions/"),
    Place("watch", "保留", "payment/holds/"),
    Place("claims", "返還", "claims/"),
    Place("ledger", "帳簿", "ledger/"),
    Place("notes", "窓口", "notes/"),
    Place("progress", "進捗", "progress/"),
    Place("handback", "納品", "handback/"),
)


def _oldest(table: str, *states: str) -> str:
    """The days of arrival of what stands in these states, the oldest of each state first, no more of any than are counted: read
    from the end of an index over programme, state and day."""
    return " union all ".join(
        f"(select arrived_on from {table} where programme_id = %(p)s and state = '{state}'"
        f" order by arrived_on limit {COUNTED_MAX})"
        for state in states
    )


# Desk → how many wait, and the oldest day among them. A desk that is not named here counts nothing.
COUNTED = {
    "roll": """
select count(*), min(since)::date from (
  select staged_at as since from todoku_rollimport where programme_id = %(p)s and state = 'staged'
  union all select staged_at from todoku_factimport where programme_id = %(p)s and state = 'staged'
  union all select found_at from todoku_laterchange where programme_id = %(p)s and state = 'waiting'
  union all select proposed_at from todoku_lateproposal where programme_id = %(p)s and state = 'waiting') w
""",
    "print": """
select count(*), min(made_at)::date from todoku_printrun
 where programme_id = %(p)s and state in ('made', 'released')
""",
    "mail": """
select count(*), min(since)
  from (select p.on as since from todoku_bag b join todoku_pickup p on p.id = b.pickup_id
         where p.programme_id = %(p)s and b.closed_at is null
         union all
        select y.at::date from todoku_carry y join todoku_container c on c.id = y.container_id
         where c.programme_id = %(p)s and y.taken_id is null
         union all
        select e.arrived_on from todoku_unplacedpaper u join todoku_envelope e on e.id = u.envelope_id
         where u.programme_id = %(p)s and u.state in ('waiting', 'proposed')
         union all
        select at::date from todoku_valuable where programme_id = %(p)s and returned_on is null
         union all
        select opened_at::date from todoku_difference where programme_id = %(p)s and state <> 'explained'
         union all
        select opened_at::date from todoku_incident where programme_id = %(p)s and state = 'open') w
""",
    "intake": f"""
select count(*), min(arrived_on)
  from ({_oldest("todoku_submission", "sent", "received")}
         union all {_oldest("todoku_unmatchedapplication", "waiting", "asked")}) w
""",
    "scan": """
select count(*), min(l.arrived_on) from todoku_scanpage p join todoku_scanlot l on l.id = p.lot_id
 where p.programme_id = %(p)s and p.state in ('look', 'foreign', 'unplaced', 'rescan') and l.state = 'read'
""",
    "keying": f"""
select count(*), min(arrived_on) from ({_oldest("todoku_keytask", "first", "second", "differs", "aside")}) w
""",
    "review": f"""
select count(*), min(arrived_on)
  from (select arrived_on from todoku_task where programme_id = %(p)s and state in ('open', 'held')
         order by arrived_on limit {COUNTED_MAX}) w
""",
    "questions": """
select count(*), (min(asked_at) at time zone 'Asia/Tokyo')::date from todoku_question
 where programme_id = %(p)s and state = 'with_manager'
""",
    "payment": """
select count(*), min(made_at)::date from todoku_batch
 where programme_id = %(p)s and state in ('open', 'sealed', 'approved', 'sending', 'sent')
""",
    "watch": """
select count(*), min(since)::date
  from (select opened_at as since from todoku_hold where programme_id = %(p)s and closed_at is null
         union all
        select at from todoku_halt where programme_id = %(p)s and released_at is null) w
""",
    "claims": f"select count(*), min(since) from ({WAITING_CLAIMS}) w",
    "notes": """
select count(*), min(call_back_on) from todoku_contactnote
 where programme_id = %(p)s and call_back_on is not null and call_back_done_at is null
""",
}
WAITING = " union all ".join(f"select '{desk}', w.* from ({counted}) w" for desk, counted in COUNTED.items())


def programme_of(request: HttpRequest, slug: str, *, preparing: bool = False) -> Programme:
    """The programme of an address, if this person may work in it; 404 otherwise. Asked once a request.

    `preparing`: one without an open Version will do, for the pages on which it is agreed.
    """
    known: dict[str, Programme] = request.__dict__.setdefault("programmes", {})
    if slug not in known:
        found = programmes_of(request).select_related("municipality").filter(slug=slug).first()
        if found is None and preparing:
            waiting = programmes_of(request, preparing=True).select_related("municipality")
            found = waiting.filter(slug=slug).first()
        if found is None:
            raise Http404("programme")
        known[slug] = found
    return known[slug]


def frame(
    request: HttpRequest, slug: str, desk: str, page_title: str, *, preparing: bool = False
) -> tuple[Programme, dict[str, Any]]:
    """The programme and the frame's context; pages add their own values to it."""
    programme = programme_of(request, slug, preparing=preparing)
    user: Any = request.user
    base = f"/p/{slug}/"
    return programme, {
        "page_title": page_title,
        "programme": programme,
        "municipality": programme.municipality,
        "desks": desks(programme, base, desk),
        "staff": {
            "name": user.name,
            "organisation": user.organisation.name,
            "role": "・".join(ROLES[role].name for role in sorted(user.roles)),
        },
        "home_url": base,
        "search_url": f"{base}find/",
        "logout_url": "/logout/",
        "switch_url": "/?choose=1",
        "criteria_url": f"{base}criteria/" if may(user.roles, "programme.view") else "",
        "people_url": f"{base}people/" if may(user.roles, "succession.view") else "",
        "sample": programme.is_sample,
        "base": base,
    }


def desks(programme: Programme, base: str, current: str) -> list[Desk]:
    """The rail: every desk with its waiting count, up to COUNTED_MAX, and the age of the oldest."""
    today = localdate()
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"p": programme.pk, "today": today})
        waiting = {key: (count, oldest) for key, count, oldest in cursor.fetchall()}
    return [
        Desk(
            name=place.name, url=base + place.url, waiting=min(count, COUNTED_MAX), or_more=count >= COUNTED_MAX,
            oldest=age_words(oldest, today),
            current=place.key == current, late=_days(oldest, today) > LATE_DAYS,
        )
        for place, (count, oldest) in ((one, waiting.get(one.key, (0, None))) for one in PLACES)
    ]  # fmt: skip


def _days(oldest: date | None, today: date) -> int:
    return max((today - oldest).days, 0) if oldest else 0


def age_words(oldest: date | None, today: date) -> str:
    """The age of the oldest waiting thing in words."""
    if oldest is None:
        return ""
    days = _days(oldest, today)
    return "今日" if days == 0 else f"{days}日"
