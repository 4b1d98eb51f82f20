"""帳簿: both doors see the same numbers; the treasurer books a budget, two persons correct it; claims go their way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.recovery.conftest import Recovery, paid_database, recovery  # noqa: F401
from todoku.ledger.tables import Correction, LedgerEntry
from todoku.people.tables import AuditEvent, Staff
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.tables import Claim, ClaimPayment, PaymentReversal

LEDGER, CLAIMS = "/p/sample/ledger/", "/p/sample/claims/"
BUDGET = {
    "fiscal_year": "2026",
    "budget_item": "3-1-1-18 給付金",
    "order": "配当-7",
    "amount_yen": "90000000",
}


def page(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def signed_in(at_door):
    """`with signed_in("municipality", "officer") as browser:` is that person at that door."""

    @contextmanager
    def enter(door: str, username: str) -> Iterator[Client]:
        with at_door(door):
            browser = Client()
            browser.force_login(Staff.objects.get(username=username))
            yield browser

    return enter


@pytest.fixture
def books(recovery: Recovery) -> Recovery:  # noqa: F811
    """The same payments, looked at today."""
    recovery.at = timezone.localtime() - timedelta(minutes=5)
    return recovery


def balances_on(text: str) -> str:
    return text[
        text.index('id="balances-caption"') : text.index("</tbody>", text.index('id="balances-caption"'))
    ]


def test_both_doors_see_the_same_numbers(books, signed_in):
    claim = books.claim(amount_yen=10_000)
    seen = {}
    for door, username in (("municipality", "viewer"), ("office", "manager")):
        with signed_in(door, username) as browser:
            seen[door] = page(browser.get(LEDGER))
    assert balances_on(seen["municipality"]) == balances_on(seen["office"])
    for text in seen.values():
        assert (
            "予算の配当がまだ記帳されていません" in text
            and "返還請求中" in text
            and claim.slip_number in text
        )
        assert "記録と一致しています" in text and "不一致" not in text
    assert '<form method="post" action="/p/' not in seen["office"][seen["office"].index('id="main"') :]


def test_the_treasurer_books_a_budget_and_a_wrong_one_is_told(books, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        wrong = browser.post(LEDGER + "budget/", BUDGET | {"amount_yen": "九千万", "order": ""})
        assert wrong.status_code == 422 and "数字だけで" in page(wrong) and "配当番号を" in page(wrong)
        done = page(browser.post(LEDGER + "budget/", BUDGET, follow=True))
        again = browser.post(LEDGER + "budget/", BUDGET)
    assert "90,000,000円を記帳しました" in done and "まだ記帳されていません" not in done
    assert again.status_code == 422 and "記帳済み" in page(again)
    assert LedgerEntry.objects.filter(kind="appropriation").count() == 1


def test_two_persons_correct_an_entry_on_the_page(books, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        browser.post(LEDGER + "budget/", BUDGET)
        entry = LedgerEntry.objects.get(kind="appropriation")
        used = browser.post(f"{LEDGER}correct/{entry.pk}/", {"reason": "桁の誤り"})
        assert used.status_code == 422 and "すでに支給決定に使われています" in page(used)
        browser.post(LEDGER + "budget/", BUDGET | {"order": "配当-8", "amount_yen": "9000000"})
        assert f"/ledger/correct/{entry.pk}/" in page(browser.get(LEDGER))
        assert browser.post(f"{LEDGER}correct/{entry.pk}/", {"reason": ""}).status_code == 422
        waiting = page(browser.post(f"{LEDGER}correct/{entry.pk}/", {"reason": "桁の誤り"}, follow=True))
        assert "訂正の確認待ち" in waiting and "確認は別の職員が行います" in waiting
        proposal = Correction.objects.get()
        own = browser.post(f"{LEDGER}correction/{proposal.pk}/", {"action": "confirm"})
        assert own.status_code == 422 and "別の人" in page(own)
    with signed_in("municipality", "officer") as browser:
        done = page(browser.post(f"{LEDGER}correction/{proposal.pk}/", {"action": "confirm"}, follow=True))
    assert "反対仕訳" in done and "訂正済" in done and "桁の誤り" in done
    mirror = LedgerEntry.objects.get(reverses=entry)
    assert {mirror.actor_name, mirror.second_name} == {
        books.staff[name].name for name in ("treasurer", "officer")
    }


def test_entries_are_found_by_account_kind_day_and_case_and_saved_on_record(books, signed_in):
    claim = books.claim()
    number = claim.case.number
    with signed_in("municipality", "viewer") as browser:
        by_case = page(browser.get(LEDGER, {"q": number, "kind": "claim"}))
        none = page(browser.get(LEDGER, {"account": "waived"}))
        broken = browser.get(LEDGER, {"since": "きのう", "year": "x", "account": "?", "page": "9"})
        saved = browser.get(LEDGER + "ledger.csv", {"account": "claimed"})
    assert "全 1 件" in by_case and "該当する仕訳はありません" in none and broken.status_code == 200
    lines = saved.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and f",返還請求,返還請求中,支給済,{claim.amount_yen},{number}," in lines[1]
    assert AuditEvent.objects.filter(action="ledger.export").count() == 1


def test_a_claim_goes_from_the_officer_to_the_treasurer_and_its_money_is_settled(books, signed_in):
    transfer = books.transfers[0]
    typed = {
        "number": transfer.number,
        "reason": "not_due",
        "why": "課税世帯と判明",
        "order": "福祉第12号",
        "amount_yen": "30000",
    }
    due_on = (timezone.localdate() + timedelta(days=40)).isoformat()
    with signed_in("municipality", "officer") as browser:
        assert browser.post(CLAIMS + "new/", typed | {"why": ""}).status_code == 422
        assert "ありません" in page(browser.post(CLAIMS + "new/", typed | {"number": "1234567890"}))
        made = page(browser.post(CLAIMS + "new/", typed, follow=True))
        claim = Claim.objects.get()
        assert claim.slip_number in made and "返還請求書と納付書を送る" in made
        told = page(browser.post(f"{CLAIMS}{claim.pk}/notice/", {"due_on": due_on}, follow=True))
        assert "印刷待ち" in told and "納付を待つ" in told
        planned = page(
            browser.post(f"{CLAIMS}{claim.pk}/plan/", {"count": "3", "first": due_on}, follow=True)
        )
        assert "分割納付の計画" in planned and "10,000" in planned
        assert "承認のお知らせと各回の納付書は、事務局の「発送」の「手紙を作る」で印刷します" in planned
        assert planned.count("印刷待ち") == 2, "the claim's letter and the plan's"
        replanned = page(
            browser.post(f"{CLAIMS}{claim.pk}/plan/", {"count": "2", "first": due_on}, follow=True)
        )
        assert replanned.count("印刷待ち") == 2 and replanned.count("計画を変更") == 1
    paid = {"amount_yen": "35000", "received_on": timezone.localdate().isoformat(), "receipt": "領-1"}
    with signed_in("municipality", "treasurer") as browser:
        done = page(browser.post(f"{CLAIMS}{claim.pk}/receive/", paid, follow=True))
        assert "5,000円は過誤納金です" in done and "完納" in done
        again = browser.post(f"{CLAIMS}{claim.pk}/receive/", paid)
        assert again.status_code == 422 and "記帳済み" in page(again)
        payment = ClaimPayment.objects.get()
        back = {"payment": payment.pk, "paid_on": paid["received_on"], "receipt": "還-1"}
        assert "還付を記帳しました" in page(browser.post(f"{CLAIMS}{claim.pk}/refund/", back, follow=True))
        settled = page(browser.post(LEDGER + "settle/", {"order": "戻入-1"}, follow=True))
    assert "戻入 30,000円" in settled and "記録と一致しています" in settled


def test_the_office_sends_and_pauses_but_neither_takes_money_nor_gives_up(books, signed_in):
    claim = books.claim()
    url = f"{CLAIMS}{claim.pk}/"
    due_on = (timezone.localdate() + timedelta(days=40)).isoformat()
    with signed_in("office", "manager") as browser:
        assert "返還請求書を次の" not in page(browser.get(url))
        browser.post(url + "notice/", {"due_on": due_on})
        held = page(browser.post(url + "dispute/", {"why": "申立てあり"}, follow=True))
        assert "申立てにより停止中" in held and "申立てあり" in held
        assert {
            browser.post(url + act + "/").status_code for act in ("receive", "waive", "plan", "cancel")
        } == {404}
    with signed_in("office", "reviewer1") as browser:
        assert {browser.get(path).status_code for path in (LEDGER, CLAIMS, url)} == {403}
    with signed_in("municipality", "treasurer") as browser:
        refused = {
            act
            for act in ("notice", "waive", "plan", "cancel")
            if browser.post(f"{url}{act}/").status_code == 403
        }
    assert refused == {"notice", "waive", "plan", "cancel"}


def test_a_case_tells_its_money_in_its_own_story(books, signed_in):
    claim = books.claim()
    notice(claim, due_on=timezone.localdate() + timedelta(days=40), actor=books.staff["officer"], at=books.at)
    books.pay(claim, 5_000, "領-1")
    with signed_in("municipality", "viewer") as browser:
        told = page(browser.get(f"/p/sample/case/{claim.case.number}/"))
    assert all(
        words in told for words in (f"返還請求 {claim.amount_yen:,}円", "返還金の納付 5,000円", "支払の完了")
    )


def test_the_pages_ask_the_database_a_fixed_number_of_times(books, signed_in):
    claims = [books.claim(place) for place in range(3)]
    for one in claims:
        notice(
            one, due_on=timezone.localdate() + timedelta(days=40), actor=books.staff["officer"], at=books.at
        )
        books.pay(one, 1_000, f"領-{one.pk}")
    counts = {}
    with signed_in("municipality", "officer") as browser:
        for path in (LEDGER, CLAIMS, f"{CLAIMS}{claims[0].pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 26, counts


def test_a_payment_keyed_wrongly_is_taken_back_over_both_doors(books, signed_in):
    claim = books.claim(amount_yen=30_000)
    notice(claim, due_on=timezone.localdate() + timedelta(days=40), actor=books.staff["officer"], at=books.at)
    payment = books.pay(claim, 30_000, "領-1")
    url = f"{CLAIMS}{claim.pk}/"
    with signed_in("office", "manager") as browser:
        assert "誤った記帳の取消しを起案する" in page(browser.get(url))
        empty = browser.post(url + "reverse/", {"payment": payment.pk, "reason": ""})
        assert empty.status_code == 422 and "誤りの内容" in page(empty)
        told = page(
            browser.post(url + "reverse/", {"payment": payment.pk, "reason": "けた違い"}, follow=True)
        )
        assert "取消しの確認待ち" in told and "けた違い" in told
        assert browser.post(url + "confirm_reversal/").status_code == 404
    proposed = PaymentReversal.objects.get()
    with signed_in("municipality", "officer") as browser:
        assert "記帳の取消しを確認する" in page(browser.get(url))
        done = page(browser.post(url + "confirm_reversal/", {"reversal": proposed.pk}, follow=True))
    assert "残りは30,000円です" in done and "請求中" in done
    names = "、".join(books.staff[name].name for name in ("manager", "officer"))
    assert f"けた違い（{names}）" in done
    with signed_in("municipality", "treasurer") as browser:
        paid = {"amount_yen": "3000", "received_on": timezone.localdate().isoformat(), "receipt": "領-1"}
        assert "納付 3,000円を記帳しました" in page(browser.post(url + "receive/", paid, follow=True))
        again = page(browser.post(url + "reverse/", {"payment": payment.pk, "reason": "x"}, follow=True))
    assert "選び直してください" in again
