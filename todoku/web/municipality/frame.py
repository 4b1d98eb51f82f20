"""The frame around every page of the municipality: programme, the places with what waits for them, who sits here.

Takes a request and a programme's slug; gives the Programme and the context of shared/base_city.html. One query counts
all places.
"""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.timezone import localdate

from todoku.delivery.gift_remainders import remainders
from todoku.letters.approve_proof import WAITING_PROOFS
from todoku.people.access import ROLES
from todoku.programme.tables import Programme
from todoku.recovery.waiting_claims import WAITING_CLAIMS
from todoku.web.office.cells import one_row
from todoku.web.office.frame import programme_of
from todoku.web.office.payee_page import NAMED_BY_OTHERS
from todoku.web.shared.pieces import Place

PLACES = (
    Place("today", "今日", ""),
    Place("proofs", "校了", "proofs/"),
    Place("addresses", "送付先", "addresses/"),
    Place("register", "住基照会", "register/"),
    Place("questions", "照会", "questions/"),
    Place("changes", "異動", "changes/"),
    Place("rulings", "裁定", "rulings/"),
    Place("decisions", "決定", "decisions/"),
    Place("objections", "不服・訂正", "objections/"),
    Place("approvals", "振込の承認", "approvals/"),
    Place("after", "照会・組戻し", "after/"),
    Place("watch", "保留・点検", "watch/"),
    Place("cash", "現金支給", "cash/"),
    Place("gifts", "ギフト残額", "gifts/"),
    Place("incidents", "事故", "incidents/"),
    Place("claims", "返還", "claims/"),
    Place("ledger", "帳簿", "ledger/"),
    Place("reports", "日報", "reports/"),
    Place("cases", "案件を探す", "find/"),
    Place("paper", "紙の受取り", "paper/"),
    Place("handback", "検収", "handback/"),
    Place("quality", "審査の品質", "quality/"),
    Place("looks", "閲覧記録", "looks/"),
    Place("programme", "制度", "programme/"),
    Place("criteria", "審査基準", "criteria/"),
    Place("people", "担当者", "people/"),
)

# What waits for the municipality, each counted apart: proofs, changes of address and questions to the register;
# unanswered questions, changes after the base date that nobody asks about, payees whom somebody else named, late cases to
# confirm; open lists; batches
# to approve or to take, and among them files handed over of which the bank has said nothing yet (unknown); cash to
# pay; claims to send or to follow up, and payments on them that a second person must take back (reversals);
# corrections to confirm; queries to answer and recalls to send; holds that are the municipality's or late, and halts;
# containers that the office has given (paper) and archives that it has handed over.
COUNTED = {
    "proofs": f"select count(*) from ({WAITING_PROOFS}) w",
    "addresses": """
select count(*) from todoku_addresschange a join todoku_case c on c.id = a.case_id
 where c.programme_id = %(p)s and a.state = 'asked'
""",
    "register": """
select count(*) from todoku_registerinquiry i join todoku_undelivered u on u.id = i.undelivered_id
  join todoku_letter l on l.id = u.letter_id join todoku_case c on c.id = l.case_id
 where c.programme_id = %(p)s and i.answer = ''
""",
    "questions": "select count(*) from todoku_question where programme_id = %(p)s and state = 'sent'",
    "changes": """
select count(*) from todoku_laterchange x where programme_id = %(p)s and state = 'waiting' and waits_for <> 'payee'
   and not exists (
  select 1 from todoku_question q where q.change_id = x.id and q.state in ('with_manager', 'sent'))
""",
    "payees": NAMED_BY_OTHERS,
    "late": "select count(*) from todoku_lateproposal where programme_id = %(p)s and state = 'waiting'",
    "decisions": "select count(*) from todoku_decisionlist where programme_id = %(p)s and state = 'open'",
    "objections": "select count(*) from todoku_objection where programme_id = %(p)s and state in ('received', 'assigned')",
    "approvals": """
select count(*) from todoku_batch b where programme_id = %(p)s and (state = 'approved' or state = 'sealed'
   and not exists (select 1 from todoku_approval a where a.batch_id = b.id and a.side = 'municipality'))
""",
    "unknown": """
select count(*) from todoku_batch b join todoku_batchfile f on f.batch_id = b.id
  left join todoku_confirmation y on y.file_id = f.id
 where b.programme_id = %(p)s and b.state = 'sending' and y.file_id is null and exists (
   select 1 from todoku_transfer t where t.batch_id = b.id and t.file_number = f.number and t.state = 'sending')
""",
    "incidents": """
select count(*) from todoku_incident where programme_id = %(p)s and reported_at is not null and acknowledged_at is null
""",
    "cash": """
select count(*) from todoku_transfer t where programme_id = %(p)s and rail in ('cash', 'registered_mail')
   and state = 'sent' and not exists (select 1 from todoku_cashpayment c where c.transfer_id = t.id)
""",
    "claims": f"select count(*) from ({WAITING_CLAIMS}) w",
    "reversals": """
select count(*) from todoku_paymentreversal v join todoku_claimpayment p on p.id = v.payment_id
  join todoku_claim c on c.id = p.claim_id
 where c.programme_id = %(p)s and v.confirmed_at is null and v.given_up_at is null
""",
    "ledger": """
select count(*) from todoku_correction k join todoku_ledgerentry e on e.id = k.entry_id
 where e.programme_id = %(p)s and k.confirmed_at is null and k.given_up_at is null
""",
    "after": """
select (select count(*) from todoku_bankquery q join todoku_transfer t on t.id = q.transfer_id
         where t.programme_id = %(p)s and q.answered_at is null and q.answer <> '' and t.state in ('sent', 'settled'))
       + (select count(*) from todoku_recall r join todoku_transfer t on t.id = r.transfer_id
           where t.programme_id = %(p)s and r.state = 'asked')
""",
    "paper": """
select count(*) from todoku_carry y join todoku_container c on c.id = y.container_id
 where c.programme_id = %(p)s and y.to_station = 'municipality' and y.taken_id is null
""",
    "handback": "select count(*) from todoku_handback where programme_id = %(p)s and state = 'handed'",
    "criteria": """
select count(*) from todoku_version v where v.programme_id = %(p)s and v.opened_at is null and not exists (
  select 1 from todoku_criteriasignature s where s.version_id = v.id and s.text_sha256 = v.sha256)
""",
    "watch": """
select (select count(*) from todoku_hold where programme_id = %(p)s and closed_at is null
           and (owner_role = 'city_officer' or due_on < %(today)s))
       + (select count(*) from todoku_halt where programme_id = %(p)s and released_at is null)
""",
}
# Counted apart and shown in the menu with another place's.
SHOWN_WITH = {"unknown": "approvals", "reversals": "claims", "payees": "changes", "late": "changes"}
# Where no list of cash was ever made, its place is not shown.
CASH_LISTS = """
select count(*) from todoku_batch where programme_id = %(p)s and rail in ('cash', 'registered_mail')
"""
WAITING = "select " + ", ".join(f"({counted})" for counted in (CASH_LISTS, *COUNTED.values()))


def waiting(programme: Programme, person: int | None) -> tuple[int, dict[str, int]]:
    """How many lists of cash there are, and what waits for this person, by the keys of COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"p": programme.pk, "today": localdate(), "me": person or 0})
        cash_lists, *counts = one_row(cursor)
    return cash_lists, dict(zip(COUNTED, counts, strict=True))


def frame(
    request: HttpRequest, slug: str, place: str, page_title: str, *, preparing: bool = False
) -> tuple[Programme, dict[str, Any]]:
    """The programme and the frame's context; pages add their own values to it. Before its first Version is open, a
    programme has the place of its criteria alone (`preparing`: the page does without an open one)."""
    programme = programme_of(request, slug, preparing=preparing)
    user: Any = request.user
    is_open = not preparing or programme.versions.filter(opened_at__isnull=False).exists()
    base, (cash_lists, counts) = f"/p/{slug}/", waiting(programme, user.pk)
    # Where the terms offer no such way, its place is not shown.
    hidden: set[str] = set() if place == "cash" or cash_lists else {"cash"}
    if not is_open:
        hidden = {one.key for one in PLACES} - {"criteria"}
    elif "gift" in programme.terms.payment.rails:
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
                "waiting": sum(counts.get(key, 0) for key in (one.key, *_with(one.key))),
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


def _with(place: str) -> list[str]:
    return [key for key, shown in SHOWN_WITH.items() if shown == place]
