"""追給: the office proposes it and the municipality decides; one that came back gets its account from the resident's door."""

from datetime import timedelta

import pytest

from tests.open_today import letters
from tests.recovery.orders_ground import WRONG
from tests.web.office import Desk, text_of, toasts_of
from tests.web.resident import Resident
from tests.web.resident import text_of as words_of
from todoku.case.tables import Entitlement
from todoku.intake.register_web import register_web
from todoku.intake.tables import AccountVersion, Submission
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.supplement import supplement
from todoku.recovery.tables import EntitlementOrder
from todoku.review.decide import decide
from todoku.review.tables import DecisionList

MORE = 20_000
ASK = "別の口座をお届けください。"
PAGES = "decisions/supplements/"


@pytest.fixture
def paid(orders):
    """A case that was paid, whose head has a birth date on record."""
    known = {one.case for one in letters(orders.programme)}
    return next(
        one
        for one in (t.case for t in Transfer.objects.filter(state="settled").order_by("pk"))
        if one.pk in known
    )


def decided(orders):
    made = DecisionList.objects.get(kind="supplement", state="open")
    decide(made, sha256=made.sha256, actor=orders.other_officer, at=orders.at)
    orders.make_transfers()


def come_back(orders, case):
    """A supplement that was decided and that the bank sent back."""
    whole = case.entitlement.amount_yen + MORE
    supplement(case, corrected_yen=whole, given=WRONG, actor=orders.officer, at=orders.at)
    decided(orders)
    orders.pay(returned=[Transfer.objects.get(case=case, part=2)])


def said(case, **values):
    typed = {
        "right_yen": str(case.entitlement.amount_yen + MORE), "number": "起案第7号", "reason": "amount",
        "why": "児童一人を数えていなかった", "account": "", "step": "plan",
    }  # fmt: skip
    return typed | values


def test_the_office_proposes_what_the_municipality_then_decides(orders, paid, at_door):
    with at_door("office"):
        desk = Desk("manager")
        empty = text_of(desk.get(PAGES))
        assert "決定を待つ追給はありません" in empty and "戻った追給はありません" in empty
        lost = desk.get(PAGES, number="1234")
        assert lost.status_code == 422 and "13桁の番号を確かめてください" in lost.content.decode()
        assert desk.get(PAGES, number=paid.printed_number).status_code == 302
        url = f"{PAGES}{paid.number}/"
        faulty = desk.post(url, said(paid, right_yen="", why=""))
        assert faulty.status_code == 422 and "正しい支給額（合計）を入力してください" in text_of(faulty)
        low = desk.post(url, said(paid, right_yen=str(paid.entitlement.amount_yen)))
        assert low.status_code == 422 and "追給は、正しい支給額がこれより多いとき" in low.content.decode()
        shown = desk.post(url, said(paid))
        assert "追給する額 20,000円" in text_of(shown)
        assert not Entitlement.objects.filter(case=paid, part=2).exists()
        other = desk.post(url, said(paid, step="order", seen="1"))
        assert "追給する額 20,000円" in text_of(other)
        done = desk.post(url, said(paid, step="order", seen=str(MORE)), follow=True)
        assert "追給 20,000円を提案しました" in toasts_of(done)
        assert paid.printed_number in text_of(done) and "全 1 件" in text_of(done)
        again = desk.post(url, said(paid, step="order", seen=str(MORE)))
        assert again.status_code == 422 and "追給が途中です" in again.content.decode()
        assert Desk("payment_maker").get(url).status_code == 403
        assert "追給を提案するのは業務責任者です" in text_of(Desk("payment_maker").get(PAGES))
    order = EntitlementOrder.objects.get()
    assert (order.kind, order.number, order.given_by.organisation.kind) == (
        "supplement",
        "起案第7号",
        "office",
    )
    decided(orders)
    assert Transfer.objects.get(case=paid, part=2).amount_yen == MORE


def test_a_supplement_that_came_back_is_asked_for_and_answered_at_the_residents_door(orders, paid, at_door):
    letter = next(one for one in letters(orders.programme) if one.case == paid.pk)
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        assert ASK not in words_of(resident.get("status/"))
        resident.show_key()
        assert resident.get("apply/who/").status_code == 409, "nothing is asked for"
    come_back(orders, paid)
    with at_door("office"):
        assert "口座の届出を待つ" in text_of(Desk("manager").get(PAGES))
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        shown = words_of(resident.get("status/"))
        assert ASK in shown and "別の口座を届け出る" in shown and "お振込みが完了しました" in shown
        resident.fill()
        assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
        assert "別の口座を届け出る" not in words_of(resident.get("status/")), "it lies here already"
    sent = Submission.objects.get(case=paid, channel="web")
    # The door's clock is today's; the bank's answer of this story is of December.
    Submission.objects.filter(pk=sent.pk).update(registered_at=orders.at + timedelta(hours=1))
    register_web(programme=orders.programme, actor=SYSTEM, at=orders.at)
    sent.refresh_from_db()
    assert sent.state == "not_counted", "what was paid before stays the application that counts"
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        shown = words_of(resident.get("status/"))
        assert "口座の届出を受け付けました" in shown and "別の口座を届け出る" not in shown
    account = AccountVersion.objects.get(submission=sent)
    with at_door("office"):
        desk = Desk("manager")
        url = f"{PAGES}{paid.number}/2/"
        assert url in desk.get(PAGES).content.decode()
        typed = {
            "account": "",
            "number": "起案第8号",
            "reason": "amount",
            "why": "口座の届出",
            "step": "order",
            "seen": str(MORE),
        }
        refused = desk.post(url, typed)
        assert refused.status_code == 422 and "戻った口座です" in refused.content.decode()
        done = desk.post(url, typed | {"account": str(account.pk)}, follow=True)
        assert "もう一度提案しました" in toasts_of(done)
    decided(orders)
    retry = Transfer.objects.get(case=paid, part=2, state="ready")
    assert (retry.amount_yen, retry.account_number) == (MORE, "1234567")
    orders.books()


def test_a_decided_supplement_alone_is_offered_to_the_maker(orders, paid, signed_in):
    orders.make_transfers()
    desk = "/p/sample/payment/"
    with signed_in("office", "maker") as browser:
        assert "振込を作成する</button>" not in browser.get(desk).content.decode()
        whole = paid.entitlement.amount_yen + MORE
        supplement(paid, corrected_yen=whole, given=WRONG, actor=orders.officer, at=orders.at)
        made = DecisionList.objects.get(kind="supplement", state="open")
        decide(made, sha256=made.sha256, actor=orders.other_officer, at=orders.at)
        seen = browser.get(desk)
        assert "振込を作成する</button>" in seen.content.decode()
        assert "まだ振込を作っていない支払が 1 件" in text_of(seen)
        done = browser.post(desk + "make/", follow=True)
        assert "1件の振込を作成しました" in toasts_of(done)
        assert "振込を作成する</button>" not in browser.get(desk).content.decode()
    assert Transfer.objects.get(case=paid, part=2).amount_yen == MORE
