"""The officer's orders at the municipality's door: shown in yen before they are given; the household left learns nothing."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.open_today import Letter
from tests.recovery.orders_ground import SHELTER, WRONG
from tests.recovery.test_supplement import MORE, decided, proposed
from tests.web.resident import Resident, text_of
from todoku.case.tables import Case
from todoku.people.tables import Staff
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.tables import Claim, EntitlementOrder, WaitingSplit
from todoku.registry.tables import ReachedAt
from todoku.review.tables import DecisionList
from todoku.rounds.claim_letters import claim_items

QUERIES_MAX = 26


def url(case: Case, page: str) -> str:
    return f"/p/sample/case/{case.number}/{page}"


def said(orders, case: Case, **values: object) -> dict[str, object]:
    leaving = orders.members(case)[-2:]
    return {
        "leave": [str(one) for one in leaving], "head": str(leaving[0]), "reason": "dv", "number": "福祉第31号",
        "why": "支援機関の証明書を確認", "postal_code": "100-0001", "address": SHELTER.address, "building": SHELTER.building,
        "phone": SHELTER.phone, "protected": "on", "step": "plan",
    } | values  # fmt: skip


@pytest.fixture
def at_desk(at_door):
    """`with at_desk("municipality", "officer") as browser:` is that person at that door."""

    @contextmanager
    def enter(door: str, username: str):
        with at_door(door):
            browser = Client()
            browser.force_login(Staff.objects.get(username=username))
            yield browser

    return enter


def seen_of(page: str) -> str:
    """What the page showed, as its form carries it back."""
    start = page.index('name="seen" value="') + len('name="seen" value="')
    return page[start : page.index('"', start)]


def test_a_split_off_is_shown_in_yen_then_given_and_leads_to_the_new_case(orders, at_desk):
    case = orders.case("paid")
    people = len(orders.members(case))
    with at_desk("municipality", "officer") as browser:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(url(case, "split/")).status_code == 200
        assert len(queries) <= QUERIES_MAX
        faulty = browser.post(url(case, "split/"), said(orders, case, address="", head=""))
        assert faulty.status_code == 422 and "id_address" in faulty.content.decode()
        shown = browser.post(url(case, "split/"), said(orders, case)).content.decode()
        assert f"{people - 2}人　{(people - 2) * 100_000:,}円" in shown
        assert "200,000円の返還を請求します" in shown
        assert not EntitlementOrder.objects.exists(), "looking gives no order"
        other = browser.post(url(case, "split/"), said(orders, case, step="order", seen="残る世帯=別の内容"))
        assert other.status_code == 200 and not EntitlementOrder.objects.exists()
        done = browser.post(
            url(case, "split/"), said(orders, case, step="order", seen=seen_of(shown)), follow=True
        )
    new = EntitlementOrder.objects.get().new_case
    assert new is not None
    assert done.redirect_chain[-1][0].endswith(f"/case/{new.number}/")
    assert ReachedAt.objects.get(recipient=new.recipient_id).postal_code == "1000001"
    assert SHELTER.address not in done.content.decode(), "the new case's own page hides the address too"


def test_the_amount_page_gives_a_supplement_that_another_officer_decides(orders, at_desk):
    case = orders.case("paid")
    right = case.entitlement.amount_yen + MORE
    form = {
        "right_yen": right,
        "reason": "amount",
        "number": WRONG.number,
        "why": WRONG.why,
        "account": "",
        "step": "plan",
    }
    with at_desk("municipality", "officer") as browser:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url(case, "amount/")).status_code == 200
        assert len(queries) <= QUERIES_MAX
        same = browser.post(url(case, "amount/"), form | {"right_yen": right - MORE})
        assert same.status_code == 422 and "同じです" in same.content.decode()
        shown = browser.post(url(case, "amount/"), form).content.decode()
        assert f"追給　{MORE:,}円" in shown and "別の担当課職員" in shown
        browser.post(url(case, "amount/"), form | {"step": "order", "seen": seen_of(shown)})
        made = DecisionList.objects.get(kind="supplement")
        own = browser.post(f"/p/sample/decisions/{made.pk}/decide/", {"sha256": made.sha256, "sure": "1"})
        assert own.status_code == 422 and "提案した人とは別" in own.content.decode()
    with at_desk("municipality", "officer2") as browser:
        browser.post(f"/p/sample/decisions/{made.pk}/decide/", {"sha256": made.sha256, "sure": "1"})
        listed = browser.get(url(case, "")).content.decode()
    made.refresh_from_db()
    assert made.state == "decided"
    assert f"ほかに追給 {MORE:,}円" in listed and WRONG.number in listed and WRONG.why in listed


def test_only_an_officer_sees_the_forms_and_the_reasons(orders, at_desk):
    case = orders.case("listed")
    orders.split(case)
    for username in ("viewer", "treasurer"):
        with at_desk("municipality", username) as browser:
            page = browser.get(url(case, "")).content.decode()
            assert "世帯からの分離" in page and "世帯員を分離する" not in page
            assert browser.get(url(case, "split/")).status_code == 403
            assert browser.post(url(case, "amount/"), {}).status_code == 403


def test_nobody_of_the_household_that_was_left_finds_a_trace(orders, at_desk, at_door):
    """Canaries: the new address, telephone, number and the reason stand on no page, status or letter of the old case."""
    case = orders.case("paid")
    order = orders.split(case)
    new = order.new_case
    claim = Claim.objects.get(case=case)
    notice(claim, due_on=orders.at.date().replace(month=12, day=28), actor=orders.officer, at=orders.at)
    traces = [
        SHELTER.address,
        SHELTER.building,
        SHELTER.phone,
        new.number,
        new.printed_number,
        "暴力",
        "避難",
        order.why,
    ]
    pages = {"status": status_page(case, at_door)}
    for door, username in (("office", "manager"), ("office", "clerk"), ("municipality", "viewer")):
        with at_desk(door, username) as browser:
            pages[username] = browser.get(url(case, "")).content.decode()
    letters = list(claim_items("claim_notice", orders.programme))
    assert letters
    pages["letter"] = " ".join(word for one in letters for word in (*one.values, *one.items))
    found = [(where, trace) for where, page in pages.items() for trace in traces if trace in page]
    assert found == []
    assert "職権により" in pages["manager"] and "2人" in pages["manager"]


def status_page(case: Case, at_door) -> str:
    head = case.recipient.head
    letter = Letter(case=case.pk, number=case.number, key="", born=head.birth_date, kana=head.kana)
    with at_door("resident"):
        resident = Resident(letter)
        assert resident.look_up().status_code == 302
        return text_of(resident.get("status/"))


def test_the_resident_sees_what_was_paid_and_the_supplement_once_it_is_decided(orders, at_door):
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    made = proposed(orders, case)
    assert "追加の支給額" not in status_page(case, at_door)
    decided(orders, made)
    page = status_page(case, at_door)
    assert f"{paid:,}" in page and f"追加の支給額 {MORE:,}" in page


def test_a_split_off_of_a_sealed_payment_is_kept_listed_and_let_go(orders, at_desk):
    case = orders.case("decided")
    orders.sealed()
    with at_desk("municipality", "officer") as browser:
        assert "見合わせ中の分離はありません" in browser.get("/p/sample/splits/").content.decode()
        shown = browser.post(url(case, "split/"), said(orders, case)).content.decode()
        assert "見合わせとして記録する" in shown and "この内容で命じる" not in shown
        done = browser.post(
            url(case, "split/"), said(orders, case, step="order", seen=seen_of(shown)), follow=True
        ).content.decode()
        assert "見合わせとして記録しました" in done and case.printed_number in done and "見合わせ中" in done
        assert SHELTER.address not in done
        kept = WaitingSplit.objects.get()
        assert "見合わせ中の分離" in browser.get("/p/sample/").content.decode()
        faulty = browser.post(f"/p/sample/splits/{kept.pk}/end/", {"why": ""})
        assert faulty.status_code == 422 and "理由を書いてください" in faulty.content.decode()
        gone = browser.post(f"/p/sample/splits/{kept.pk}/end/", {"why": "申出の取下げ"}, follow=True)
        assert "見合わせ中の分離はありません" in gone.content.decode()
    with at_desk("municipality", "treasurer") as browser:
        assert browser.get("/p/sample/splits/").status_code == 403
    assert not EntitlementOrder.objects.exists()
