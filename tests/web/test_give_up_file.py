"""One file of two that the bank never had is given up at the municipality's door: by two persons, with a reason."""

import pytest

from tests.web.test_municipality_approvals import (  # noqa: F401
    BATCHES,
    ask,
    main_of,
    on_the_way,
    page,
    two_files,
)
from todoku.payment.tables import BankInquiry, Batch, Transfer
from todoku.people.tables import AuditEvent

SURE = {"reason": "回線の障害", "sure": "on"}


@pytest.fixture
def denied(on_the_way, signed_in):  # noqa: F811
    """The address of the first file's page; the bank has denied it, of the second nothing is known."""
    with signed_in("municipality", "treasurer") as browser:
        ask(browser, on_the_way, 1, "not_received")
    return f"{BATCHES}{on_the_way.pk}/file/1/unknown/"


def test_a_file_is_given_up_after_another_person_agreed_on_their_own_session(denied, signed_in):
    inquiry = {"inquiry": str(BankInquiry.objects.get().pk)}
    with signed_in("municipality", "treasurer") as browser:
        seen = main_of(browser.get(denied))
        alone = browser.post(denied + "give-up/", inquiry | SURE)
        self_agreed = browser.post(denied + "agree/", inquiry | {"to": "give_up"})
    assert "このファイルの依頼を取りやめる</h3>" in seen
    assert 'id="give-up"' not in seen and 'id="agree-give-up"' not in seen
    assert alone.status_code == 422 and "もう一人の同意がまだありません" in page(alone)
    assert self_agreed.status_code == 422 and "本人は同意できません" in page(self_agreed)
    with signed_in("municipality", "officer") as browser:
        assert 'id="agree-give-up"' in main_of(browser.get(denied))
        agreed = page(browser.post(denied + "agree/", inquiry | {"to": "give_up"}, follow=True))
        assert "依頼の取りやめに同意しました" in agreed
        assert browser.post(denied + "give-up/", inquiry | SURE).status_code == 403
    with signed_in("municipality", "treasurer") as browser:
        ready = main_of(browser.get(denied))
        assert 'id="give-up"' in ready and 'id="again"' not in ready
        unsure = browser.post(denied + "give-up/", inquiry | {"reason": "回線の障害"})
        assert unsure.status_code == 422 and "全件が取消しになることを確かめ" in page(unsure)
        done = page(browser.post(denied + "give-up/", inquiry | SURE, follow=True))
        after = main_of(browser.get(denied))
        twice = browser.post(denied + "give-up/", inquiry | SURE)
    assert "依頼を取りやめました" in done and "依頼を取りやめ" in after and "回線の障害" in after
    assert 'id="answer"' not in after and "渡さないでください" in after
    assert twice.status_code == 422
    assert set(Transfer.objects.filter(state="void").values_list("file_number", flat=True)) == {1}
    assert Batch.objects.get().state == "sending"
    assert AuditEvent.objects.filter(action="batch.give_up").count() == 1


def test_after_the_value_date_the_page_offers_no_hand_over_any_more(denied, signed_in, clock):
    clock.forward(days=30)
    with signed_in("municipality", "officer") as browser:
        seen = main_of(browser.get(denied))
    assert "過ぎたため、同じファイルはもう渡せません" in seen
    assert 'id="agree"' not in seen and 'id="agree-give-up"' in seen
