"""現金書留 at the municipality: addressed from its own page, by the guard of addresses; the case is one link away."""

import pytest
from django.utils.html import escape

from tests.payment.conftest import rails, rails_database  # noqa: F401
from tests.web.test_office_gifts import CASH, hand_over, now, page  # noqa: F401
from todoku.delivery.tables import CashPayment
from todoku.payment.tables import Transfer
from todoku.people.address_guard import HIDDEN
from todoku.people.tables import AuditEvent
from todoku.registry.reached import Reached, reach
from todoku.registry.tables import Person

ELSEWHERE = Reached("1000001", "東京都千代田区見本一丁目9番9号", "見本荘303", "", False)


@pytest.fixture
def mail(now):  # noqa: F811
    """One registered letter that waits to be posted."""
    batch = now.released_over("registered_mail")
    return (
        Transfer.objects.filter(batch=batch)
        .select_related("case__recipient__head")
        .order_by("number")
        .first()
    )


def opened_looks():
    return AuditEvent.objects.filter(action="case.view_protected", refused=False)


def test_registered_mail_is_addressed_from_its_page(mail, now, signed_in):  # noqa: F811
    head, path = mail.case.recipient.head, f"{CASH}{mail.number}/"
    with signed_in("municipality", "officer") as browser:
        first = page(browser.get(path))
        assert "<h1>現金書留を差し出す" in first and "現金を渡す" not in first
        assert escape(head.address) in first and f"〒{head.postal_code[:3]}-" in first
        assert f'href="/p/sample/case/{mail.case.number}/"' in first
        reach(mail.case.recipient, ELSEWHERE, order="福祉第31号", at=now.at)
        ordered = page(browser.get(path))
        assert "〒100-0001 東京都千代田区見本一丁目9番9号 見本荘303" in ordered
        assert escape(head.address) not in ordered
        hand_over(browser, mail, mail_number="51301234567")
        assert ELSEWHERE.address in page(browser.get(path)), "the post may still ask where it went"
        browser.post(f"{path}mail/", {"result": "delivered"})
        assert "宛先の住所" not in page(browser.get(path))


def test_a_protected_address_takes_a_reason_that_is_recorded(mail, signed_in):
    street, path = escape(mail.case.recipient.head.address), f"{CASH}{mail.number}/"
    Person.objects.filter(pk=mail.case.recipient.head_id).update(protected=True)
    with signed_in("municipality", "treasurer") as browser:
        shown = page(browser.get(path))
        assert HIDDEN in shown and street not in shown and "担当課職員だけ" in shown
        assert f"{path}address/" not in shown
        assert browser.post(f"{path}address/", {"reason": "宛名書き"}).status_code == 403
    with signed_in("municipality", "officer") as browser:
        shown = page(browser.get(path))
        assert HIDDEN in shown and street not in shown and f"{path}address/" in shown
        assert browser.post(f"{path}address/", {"reason": " "}).status_code == 302
        assert not opened_looks().exists()
        opened = page(browser.post(f"{path}address/", {"reason": "現金書留の宛名書き"}))
        assert street in opened and HIDDEN not in opened
        assert f'action="{path}"' in opened, "what is posted next is the posting, not the look"
        assert [look.reason for look in opened_looks()] == ["現金書留の宛名書き"]
        assert hand_over(browser, mail, mail_number="51301234567").status_code == 302
    assert CashPayment.objects.get().mail_number == "51301234567"


def test_cash_at_the_counter_needs_no_address(now, signed_in):  # noqa: F811
    one = Transfer.objects.filter(batch=now.released_over("cash")).select_related("case").first()
    path = f"{CASH}{one.number}/"
    with signed_in("municipality", "officer") as browser:
        shown = page(browser.get(path))
        assert "<h1>現金を渡す" in shown and "宛先の住所" not in shown
        assert f'href="/p/sample/case/{one.case.number}/"' in shown
        answer = browser.post(f"{path}address/", {"reason": "念のため"})
        assert answer.status_code == 302 and not opened_looks().exists()
