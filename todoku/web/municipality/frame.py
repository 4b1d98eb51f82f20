"""The frame around every page of the municipality: programme, the places with what waits for them, who sits here.

Takes a request and a programme's slug; gives the Programme and the context of shared/base_city.html. One query counts
all places.
"""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.timezone import localdate

from todoku.delivery.gift_remainders import remainders
from todoku.people.access import ROLES
from todoku.programme.tables import Programme
from todoku.web.office.frame import programme_of
from todoku.web.shared.pieces import Place

PLACES = (
    Place("today", "今日", ""),
    Place("questions", "照会", "questions/"),
    Place("decisions", "決定", "decisions/"),
    Place("approvals", "振込の承認", "approvals/"),
    Place("after", "照会・組戻し", "after/"),
    Place("watch", "保留・点検", "watch/"),
    Place("cash", "現金支給", "cash/"),
    Place("gifts", "ギフト残額", "gifts/"),
    Place("claims", "返還", "claims/"),
    Place("ledger", "帳簿", "ledger/"),
    Place("reports", "日報", "reports/"),
    Place("cases", "案件を探す", "find/"),
    Place("looks", "閲覧記録", "looks/"),
    Place("programme", "制度", "programme/"),
)

# What waits for the municipality at each place: unanswered questions, open lists, batches to approve or to take; and
# among the batches, files handed over of which the bank has said nothing yet; cash to pay; claims to send or
# overdue; corrections to confirm; holds that are the municipality's or late, and halts.
# Where no list of cash was ever made, its place is not shown.
WAITING = """
select (select count(*) from todoku_question where programme_id = %(p)s and answered_at is null),
       (select count(*) from todoku_decisionlist where programme_id = %(p)s and state = 'open'),
       (select count(*) from todoku_batch b where programme_id = %(p)s and (state = 'approved' or state = 'sealed'
         and not exists (select 1 from todoku_approval a where a.batch_id = b.id and a.side = 'municipality'))),
       (select count(*) from todoku_batch b join todoku_batchfile f on f.batch_id = b.id
          left join todoku_confirmation y on y.file_id = f.id
         where b.programme_id = %(p)s and b.state = 'sending' and y.file_id is null),
       (select count(*) from todoku_transfer t where programme_id = %(p)s and rail in ('cash', 'registered_mail')
         and state = 'sent' and not exists (select 1 from todoku_cashpayment c where c.transfer_id = t.id)),
       (select count(*) from todoku_batch where programme_id = %(p)s and rail in ('cash', 'registered_mail')),
       (select count(*) from todoku_claim where programme_id = %(p)s
         and (state = 'open' or state = 'noticed' and due_on < current_date)),
       (select count(*) from todoku_correction k join todoku_ledgerentry e on e.id = k.entry_id
         where e.programme_id = %(p)s and k.confirmed_at is null and k.given_up_at is null),
       (select count(*) from todoku_bankquery q join todoku_transfer t on t.id = q.transfer_id
         where t.programme_id = %(p)s and q.answered_at is null and q.answer <> '' and t.state in ('sent', 'settled'))
       + (select count(*) from todoku_recall r join todoku_transfer t on t.id = r.transfer_id
           where t.programme_id = %(p)s and r.state = 'asked'),
       (select count(*) from todoku_hold where programme_id = %(p)s and closed_at is null
         and (owner_role = 'city_officer' or due_on < current_date))
       + (select count(*) from todoku_halt where programme_id = %(p)s and released_at is null)
"""


COUNTED = (
    "questions",
    "decisions",
    "approvals",
    "unknown",
    "cash",
    "cash_lists",
    "claims",
    "ledger",
    "after",
    "watch",
)


def waiting(programme: Programme) -> dict[str, int]:
    """Counts by place; places without work are left out."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"p": programme.pk})
        row = cursor.fetchone()
    assert row is not None
    return dict(zip(COUNTED, row, strict=True))


def frame(request: HttpRequest, slug: str, place: str, page_title: str) -> tuple[Programme, dict[str, Any]]:
    """The programme and the frame's context; pages add their own values to it."""
    programme = programme_of(request, slug)
    user: Any = request.user
    base, counts = f"/p/{slug}/", waiting(programme)
    # Where the terms offer no such way, its place is not shown.
    hidden: set[str] = set() if place == "cash" or counts["cash_lists"] else {"cash"}
    if "gift" in programme.terms.payment.rails:
        counts["gifts"] = sum(1 for one in remainders(programme, on=localdate()) if not one.outcome)
    elif place != "gifts":
        hidden.add("gifts")
    return programme, {
        "page_title": page_title,
        "programme": programme,
        "municipality": programme.municipality,
        "places": [
            {
                "name": one.name,
                "url": base + one.url,
                "current": one.key == place,
                "waiting": counts.get(one.key, 0) + (counts["unknown"] if one.key == "approvals" else 0),
            }
            for one in PLACES
            if one.key not in hidden
        ],
        "staff": {
            "name": user.name,
            "organisation": user.organisation.name,
            "role": "・".join(ROLES[role].name for role in sorted(user.roles)),
        },
        "logout_url": "/logout/",
        "access_log_url": f"{base}looks/",
        "sample": programme.is_sample,
        "base": base,
        "counts": counts,
    }
