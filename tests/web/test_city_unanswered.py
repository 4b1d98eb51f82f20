"""Returned applications that nobody answered: on the municipality's first page, ended by an order, all or none."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.office_day import OfficeDay
from tests.open_today import open_today
from tests.proofs import proofed
from tests.web.office import text_of
from todoku.letters.dispatch import dispatch
from todoku.letters.release import release
from todoku.letters.tables import PrintRun
from todoku.rounds.due_letters import make_due_letters

RULE = "\n[returns]\nclose_after_days = 60\n"


@pytest.fixture
def overdue(town):
    """Two cases whose return letters were posted seventy days ago, and one whose letter is fresh."""
    programme = open_today(town.programme, days_ago=80, change=lambda text: text + RULE)
    office = OfficeDay(programme, town.households, timezone.now() - timedelta(days=71))
    old, fresh = office.applicants[:2], office.applicants[2:3]
    for group, days in ((old, 70), (fresh, 1)):
        office.at = timezone.now() - timedelta(days=days, hours=1)
        office.invite(group)
        for one in group:
            office.arrive(office.form(one, identity_evidence=""))
            office.verdict("reviewer1", "return", codes=["D20"])
        make_due_letters(programme=programme, actor=office.staff["printer"], at=office.later())
        run, manager = proofed(PrintRun.objects.filter(kind="return").latest("pk")), office.staff["manager"]
        release(run, actor=manager, at=office.later())
        dispatch(run, posted_on=office.today, counted=run.pieces, actor=manager, at=office.later())
    return office, old, fresh


def test_an_officer_ends_by_an_order_what_nobody_answered(overdue, at_door):
    (office, old, fresh), client = overdue, Client()
    with at_door("municipality"):
        client.force_login(office.staff_row("officer"))
        first = client.get("/p/sample/").content.decode()
        shown = text_of(client.get("/p/sample/unanswered/"))
        without = client.post("/p/sample/unanswered/close/", {"case": [old[0].case], "order": ""})
        mixed = client.post(
            "/p/sample/unanswered/close/", {"case": [old[0].case, fresh[0].case], "order": "福第3号"}
        )
        assert (without.status_code, "決裁の番号" in text_of(without)) == (422, True)
        assert (mixed.status_code, office.stage(old[0])) == (422, "returned")
        done = client.post("/p/sample/unanswered/close/", {"case": [old[0].case], "order": "福第3号"})
    assert "回答のない返戻" in first
    beside = without.content.decode()
    assert (
        'id="order-error"' in beside and f'value="{old[0].case}" aria-label' in beside and "checked" in beside
    )
    assert f"{old[0].number[:4]}-{old[0].number[4:8]}" in shown and "本人確認書類なし" in shown
    assert f"{fresh[0].number[:4]}-{fresh[0].number[4:8]}-{fresh[0].number[8:]}" not in shown
    assert done.headers["Location"] == "/p/sample/unanswered/"
    assert [office.stage(one) for one in (*old, *fresh)] == ["lapsed", "returned", "returned"]


def test_who_may_only_look_ends_nothing(overdue, at_door):
    (office, old, _), client = overdue, Client()
    with at_door("municipality"):
        client.force_login(office.staff_row("treasurer"))
        shown = client.get("/p/sample/unanswered/").content.decode()
        refused = client.post("/p/sample/unanswered/close/", {"case": [old[0].case], "order": "福第3号"})
    assert 'name="case"' not in shown and refused.status_code == 403
    assert office.stage(old[0]) == "returned"
