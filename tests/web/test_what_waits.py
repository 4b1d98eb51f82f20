"""The first pages of both staff doors: whatever the menu counts stands there in words, and nothing that asks for nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.recovery.conftest import Recovery, paid_database, recovery  # noqa: F401
from tests.web.office import do_long_work, text_of
from todoku.ledger.reverse import propose
from todoku.ledger.tables import LedgerEntry
from todoku.letters.tables import PrintRun
from todoku.people.access import ACTIONS, may
from todoku.people.tables import Staff
from todoku.recovery.plan import equal_parts, plan
from todoku.recovery.reverse_payment import propose_reversal
from todoku.recovery.tables import Claim
from todoku.registry.tables import Person
from todoku.rounds.due_letters import make_due_letters
from todoku.web.municipality import frame as city
from todoku.web.municipality import today
from todoku.web.office import frame as office
from todoku.web.office import home

TOWN = "/p/sample/"
NOTHING = "今日、対応をお願いすることはありません"


@pytest.fixture
def books(recovery: Recovery, clock) -> Recovery:  # noqa: F811
    """The same payments, looked at on the morning on which the pages are."""
    recovery.at = timezone.localtime() - timedelta(minutes=5)
    return recovery


def noticed(books: Recovery, place: int = 0, **values: object) -> Claim:
    return books.noticed(place, timezone.localdate() + timedelta(days=10), **values)


def test_every_desk_that_the_menu_counts_has_its_line_on_the_first_page():
    names = {place.key: place.name for place in office.PLACES}
    assert set(office.COUNTED) <= set(names)
    assert set(home.NEEDS) == {names[key] for key in office.COUNTED}
    assert {action for action, _, _ in home.NEEDS.values()} <= set(ACTIONS)


def test_whatever_the_municipalitys_menu_counts_is_told_of_on_today():
    places = {place.key: place.url for place in city.PLACES}
    counted = {*city.COUNTED, "gifts"}
    for key in counted - today.WITH_CLOCKS:
        (one,) = today.counted_needs({key: 3}, "sample", frozenset({"city_officer"}))
        where = places[city.SHOWN_WITH.get(key, key)]
        assert one.count == 3 and one.url.startswith(TOWN + where), key
    assert today.counted_needs(dict.fromkeys(counted, 0), "sample", frozenset({"city_officer"})) == []


def test_a_claim_that_waits_breaks_nobodys_first_page_and_is_told_to_who_sends_it(books, signed_in):
    books.claim()
    for person in Staff.objects.filter(organisation__kind="office"):
        with signed_in("office", person.username) as browser:
            seen = browser.get(TOWN)
        assert seen.status_code == 200, person.username
        assert ("返還を見る" in text_of(seen)) == may(person.roles, "claim.notice"), person.username


def test_a_claim_under_a_kept_plan_asks_nobody_for_anything(books, signed_in, clock):
    officer = books.staff["officer"]
    kept, overdue = noticed(books, amount_yen=30_000), noticed(books, 1, amount_yen=30_000)
    first = timezone.localdate() + timedelta(days=60)
    plan(kept, equal_parts(30_000, 3, first), actor=officer, at=books.at)
    clock.forward(days=20)
    seen = {}
    for door, who in (("municipality", "officer"), ("office", "manager")):
        with signed_in(door, who) as browser:
            seen[door] = text_of(browser.get(TOWN))
    assert city.waiting(books.programme, officer.id)[1]["claims"] == 1
    for words in seen.values():
        assert "1 件 返還 請求書の送付か、督促・催告を待っている返還があります。" in words
    clock.forward(days=41)
    assert city.waiting(books.programme, officer.id)[1]["claims"] == 2, (
        f"{overdue.slip_number} and the plan's first part"
    )


def test_what_waits_for_the_municipality_stands_on_its_first_page(books, signed_in):
    with signed_in("municipality", "officer") as browser:
        assert NOTHING in text_of(browser.get(TOWN))
    claim = noticed(books, amount_yen=30_000)
    books.claim(1)
    payment = books.pay(claim, 10_000, "領-1")
    propose_reversal(payment, reason="けた違い", actor=books.staff["manager"], at=books.at)
    with signed_in("municipality", "treasurer") as browser:
        values = {
            "fiscal_year": "2026",
            "budget_item": "3-1-1-18",
            "order": "配当-8",
            "amount_yen": "90000000",
        }
        assert browser.post(TOWN + "ledger/budget/", values).status_code == 302
        more = values | {"order": "配当-9", "amount_yen": "5000"}
        assert browser.post(TOWN + "ledger/budget/", more).status_code == 302
        entry = LedgerEntry.objects.filter(kind="appropriation").latest("pk")
        propose(entry, reason="桁の誤り", actor=books.staff["treasurer"], at=timezone.now())
        seen = browser.get(TOWN)
    told, where = text_of(seen), seen.content.decode()
    assert "1 件 返還 請求書の送付" in told and "1 件 仕訳の訂正" in told
    assert "1 件 納付・還付の記帳の取消し" in told and f"{TOWN}claims/?state=reversal" in where
    assert "返納金（整理待ち） 戻ってきた10,000円が整理を待っています" in told and "整理する" in told
    with signed_in("municipality", "viewer") as browser:
        assert "内容を見る" in text_of(browser.get(TOWN)) and NOTHING not in text_of(browser.get(TOWN))
        chosen = text_of(browser.get(TOWN + "claims/", {"state": "reversal"}))
    assert claim.slip_number in chosen and "全 1 件" in chosen


def test_letters_wait_in_plain_sight_until_somebody_makes_them(books, signed_in):
    claim = books.claim(amount_yen=30_000)
    until = timezone.localdate() + timedelta(days=30)
    with signed_in("municipality", "officer") as browser:
        done = browser.post(f"{TOWN}claims/{claim.pk}/notice/", {"due_on": f"{until}"}, follow=True)
    assert "「発送」の「手紙を作る」で印刷します" in done.content.decode()
    with signed_in("office", "printer") as browser:
        assert "1 通 作成を待つ手紙 返還請求書1通。" in text_of(browser.get(TOWN))
        assert "返還請求書 1 通" in text_of(browser.get(TOWN + "print/"))
        make_due_letters(programme=books.programme, actor=books.staff["printer"], at=timezone.now())
        assert "作成を待つ手紙 返還請求書" not in text_of(browser.get(TOWN))
        assert "作成を待つ手紙はありません" in text_of(browser.get(TOWN + "print/"))
    with signed_in("office", "maker") as browser:
        assert "作成を待つ手紙" not in text_of(browser.get(TOWN))


def test_letters_of_protected_people_have_a_button_of_their_own(books, signed_in):
    claim = noticed(books, amount_yen=30_000)
    Person.objects.filter(pk=claim.case.recipient.head_id).update(protected=True)
    with signed_in("office", "printer") as browser:
        assert "支援措置の方の手紙1通" in text_of(browser.get(TOWN))
        desk = text_of(browser.get(TOWN + "print/"))
        assert "支援措置の方の手紙 1 通" in desk and "支援措置の方だけの手紙を作る" in desk
        browser.post(TOWN + "print/make/", {"what": "letters"})
        assert do_long_work().done_count == 0
        browser.post(TOWN + "print/make/", {"what": "letters", "protected": "1"})
        assert do_long_work().done_count == 1
        assert "支援措置の方の手紙" not in text_of(browser.get(TOWN + "print/"))
    assert PrintRun.objects.get(kind="claim_notice").pieces == 1
