"""The pages of gift codes and of cash: who may do what, how many questions they ask the database, and no code on any."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.money_fixture import signed_in  # noqa: F401
from tests.payment.conftest import _town, rails, rails_database  # noqa: F401
from tests.payment.rails_ground import STOCK, OtherRails, offer_every_rail, urls_of
from todoku.custody.tables import Parcel
from todoku.delivery.gift_letters import make_gift_letters
from todoku.delivery.gift_outbox import make_gift_outbox
from todoku.delivery.tables import CashPayment, GiftCode, GiftList, GiftMessage, GiftRemainder
from todoku.formats.gift_list import GiftUrl
from todoku.letters.release import release
from todoku.letters.tables import PrintRun
from todoku.payment.tables import Transfer
from todoku.people.entry_tries import WITNESS_MINUTES, too_many_tries
from todoku.people.tables import AuditEvent, Staff
from todoku.sampletown import gifts
from todoku.sampletown.staff import SAMPLES, sample_password

GIFTS, CASH = "/p/sample/payment/gift/", "/p/sample/cash/"
QUERIES_MAX = 26


@pytest.fixture
def now(rails) -> OtherRails:  # noqa: F811
    """The ground on the clock of the pages."""
    return OtherRails(_town(), timezone.localtime() - timedelta(hours=3))


def expires(now: OtherRails):
    return (now.at + timedelta(days=800)).date()


def page(answer) -> str:
    return answer.content.decode(errors="replace")


def text_of(html: str) -> str:
    """The words of a page's main part, without tags."""
    main = html[html.find("<main") : html.find("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def upload(now: OtherRails, browser: Client, **other):
    data = gifts.gift_list(1, STOCK, expires_on=expires(now))
    values = {
        "file": SimpleUploadedFile("gift.csv", data), "order_number": "A-1", "count": sum(STOCK.values()),
        "total_yen": sum(value * count for value, count in STOCK.items()),
    } | other  # fmt: skip
    return browser.post(GIFTS + "take/", values)


def released(now: OtherRails):
    now.list_taken(expires_on=expires(now))
    return now.released_over("gift")


def test_a_list_is_taken_on_the_page_and_what_differs_from_the_order_is_said(now, signed_in):  # noqa: F811
    with signed_in("office", "maker") as browser:
        wrong = upload(now, browser, count=3)
        assert wrong.status_code == 422 and "注文は3枚" in page(wrong)
        done = upload(now, browser)
        assert done.status_code == 302
        shown = page(browser.get(GIFTS))
    assert GiftList.objects.get().order_number == "A-1"
    words = text_of(shown)
    assert "A-1 見本ギフト株式会社 54 1,720,000" in words and "50,000 2029" in words.replace(
        f"{expires(now):%Y}", "2029"
    ), words


@pytest.mark.parametrize("username", [one.username for one in SAMPLES if one.side == "office"])
def test_no_page_shows_a_code_to_anybody(now, signed_in, username):  # noqa: F811
    """Every page of the desk, and the print file, asked for by each person of the office."""
    batch = released(now)
    run = make_gift_letters(programme=now.programme, actor=now.staff["printer"], at=now.at)
    code = GiftCode.objects.filter(transfer__batch=batch).first()
    addresses = [
        GiftUrl(url).reveal().removeprefix(gifts.SITE)
        for url in urls_of(gifts.gift_list(1, STOCK, expires_on=expires(now)))
    ]
    with signed_in("office", username) as browser:
        answers = [
            browser.get(path)
            for path in (
                GIFTS, f"{GIFTS}list/{code.gift_list_id}/", f"{GIFTS}code/{code.pk}/", f"/p/sample/print/run/{run.pk}/",
                f"/p/sample/print/run/{run.pk}/file/pdf/", f"/p/sample/print/run/{run.pk}/file/manifest/",
                f"/p/sample/payment/batch/{batch.pk}/",
            )
        ]  # fmt: skip
        pdf = browser.post(f"{GIFTS}letters/{run.pk}/pdf/")
        answers += [browser.post(f"{GIFTS}letters/"), browser.post(f"{GIFTS}unclaimed/")]
    for answer in answers:
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert not any(address.encode() in said for address in addresses), answer.request["PATH_INFO"]
    assert answers[4].status_code in (403, 404), "the locked file does not leave by the ordinary way"
    assert pdf.status_code == (200 if username == "printer" else 403)
    assert pdf.content.startswith(b"%PDF") == (username == "printer")
    assert not AuditEvent.objects.filter(reason__contains=gifts.SITE).exists()


def test_the_print_file_is_opened_on_record(now, signed_in):  # noqa: F811
    released(now)
    run = make_gift_letters(programme=now.programme, actor=now.staff["printer"], at=now.at)
    with signed_in("office", "printer") as browser:
        answer = browser.post(f"{GIFTS}letters/{run.pk}/pdf/")
    assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(action="gift.take_print", subject_id=run.pk).count() == 1


def test_posting_on_the_print_desk_settles_the_payments(now, signed_in):  # noqa: F811
    batch = released(now)
    run = make_gift_letters(programme=now.programme, actor=now.staff["printer"], at=now.at)
    release(run, actor=now.staff["manager"], at=now.at)
    posting = {"posted_on": f"{timezone.localdate():%Y-%m-%d}", "counted": run.pieces}
    with signed_in("office", "manager") as browser:
        refused = browser.post(f"/p/sample/print/run/{run.pk}/dispatch/", posting)
        assert refused.status_code == 422 and "印刷・発送の担当者だけ" in page(refused)
    with signed_in("office", "printer") as browser:
        assert browser.post(f"/p/sample/print/run/{run.pk}/dispatch/", posting).status_code == 302
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"settled"}
    assert PrintRun.objects.get(pk=run.pk).state == "dispatched"


def test_two_persons_stop_a_code_and_give_another(now, signed_in):  # noqa: F811
    now.list_taken(expires_on=expires(now))
    now.released_over("gift")
    now.posted()
    code = GiftCode.objects.filter(state="delivered").first()
    where = f"{GIFTS}code/{code.pk}/"
    with signed_in("office", "maker") as browser:
        assert "書いてください" in page(browser.post(where + "ask/", {"why": ""}))
        assert (
            browser.post(where + "ask/", {"why": "紛失の申出（12/1 発行元に停止を依頼）"}).status_code == 302
        )
        assert "承認は、別の人が行います" in page(browser.get(where))
        browser.post(where + "revoke/")
    code.refresh_from_db()
    assert code.state == "delivered"
    with signed_in("office", "approver") as browser:
        browser.post(where + "revoke/")
        browser.post(where + "reissue/")
    assert GiftCode.objects.get(replaces=code).state == "assigned"
    with signed_in("office", "reviewer1") as browser:
        assert browser.get(where).status_code == 403 and browser.post(where + "reissue/").status_code == 403


def test_the_pages_ask_a_fixed_number_of_questions(now, signed_in):  # noqa: F811
    released(now)
    made = GiftList.objects.get()
    code = GiftCode.objects.filter(state="assigned").first()
    with signed_in("office", "maker") as browser:
        for path in (GIFTS, f"{GIFTS}list/{made.pk}/", f"{GIFTS}code/{code.pk}/"):
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(path).status_code == 200
            assert len(captured) <= QUERIES_MAX, (path, len(captured))
    now.released_over("cash")
    with signed_in("municipality", "officer") as browser:
        for path in (CASH, CASH + "day/"):
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(path).status_code == 200
            assert len(captured) <= QUERIES_MAX, (path, len(captured))


# --- cash ----------------------------------------------------------------------------------------------------------------


def hand_over(browser: Client, transfer: Transfer, **other):
    values = {
        "receipt_number": "領-1", "identity_seen": "運転免許証", "witness": Staff.objects.get(username="treasurer").pk,
        "witness_password": sample_password(),
    } | other  # fmt: skip
    return browser.post(f"{CASH}{transfer.number}/", values)


def test_cash_is_handed_over_by_two_who_are_both_there(now, signed_in):  # noqa: F811
    transfer = Transfer.objects.filter(batch=now.released_over("cash")).first()
    with signed_in("municipality", "officer") as browser:
        wrong = hand_over(browser, transfer, witness_password="x")
        assert wrong.status_code == 422 and "パスワードが違います" in page(wrong)
        alone = hand_over(browser, transfer, witness=Staff.objects.get(username="officer").pk)
        assert alone.status_code == 422 and "立ち会う職員を選んでください" in page(alone)
        assert not CashPayment.objects.exists()
        done = hand_over(browser, transfer)
        assert done["Location"] == f"{CASH}{transfer.number}/receipt/"
        receipt = page(browser.get(done["Location"]))
        assert "領-1" in receipt and "会計 おさむ" in receipt and f"{transfer.amount_yen:,}" in receipt
        again = hand_over(browser, transfer, receipt_number="領-2")
        assert again.status_code == 422 and "今は現金で渡せません" in page(again)
        listed = page(browser.get(CASH + "day/"))
        assert "領-1" in listed and "不一致" not in listed


def test_guessing_at_the_witness_ends_after_five_tries_and_is_on_record(now, signed_in):  # noqa: F811
    transfer = Transfer.objects.filter(batch=now.released_over("cash")).first()
    with signed_in("municipality", "officer") as browser:
        for _ in range(5):
            assert "パスワードが違います" in page(hand_over(browser, transfer, witness_password="x"))
        failed = AuditEvent.objects.filter(action="sign_in", refused=True)
        assert set(failed.values_list("actor_name", flat=True)) == {"treasurer"} and failed.count() == 5
        closed = page(hand_over(browser, transfer))  # the right one now, and it is not looked at
        assert "15分後にもう一度入力するか、別の職員が立ち会ってください" in closed
        assert failed.count() == 5 and not CashPayment.objects.exists()
        # The same record closes the entrance of the door to that name, and after a while it is open again.
        browser.logout()
        tried = browser.post("/login/", {"username": "treasurer", "password": sample_password()})
        assert "しばらくログインできません" in page(tried)
    at = timezone.now()
    assert too_many_tries("treasurer", None, at=at, minutes=WITNESS_MINUTES)
    assert not too_many_tries("treasurer", None, at=at + timedelta(minutes=16), minutes=WITNESS_MINUTES)
    assert not too_many_tries("officer", None, at=at, minutes=WITNESS_MINUTES)


def test_who_only_looks_hands_out_nothing_and_the_office_has_no_such_door(now, signed_in):  # noqa: F811
    transfer = Transfer.objects.filter(batch=now.released_over("cash")).first()
    with signed_in("municipality", "viewer") as browser:
        assert browser.get(CASH).status_code == 200
        assert hand_over(browser, transfer).status_code == 403
        assert browser.get(f"{CASH}{transfer.number}/").status_code == 403
    with signed_in("office", "manager") as browser:
        assert browser.get(CASH).status_code == 404
    assert not CashPayment.objects.exists()


def test_uncollected_cash_goes_back_with_a_reason(now, signed_in):  # noqa: F811
    transfers = list(Transfer.objects.filter(batch=now.released_over("cash")))
    numbers = [one.number for one in transfers[:2]]
    with signed_in("municipality", "treasurer") as browser:
        browser.post(CASH + "back/", {"chosen": numbers, "reason": ""})
        assert not Transfer.objects.filter(state="returned").exists()
        browser.post(CASH + "back/", {"chosen": numbers, "reason": "期限までに来庁なし"})
    assert Transfer.objects.filter(state="returned").count() == 2


def test_registered_mail_is_posted_and_ends(now, signed_in):  # noqa: F811
    first, second = Transfer.objects.filter(batch=now.released_over("registered_mail")).order_by("number")
    with signed_in("municipality", "officer") as browser:
        for number, (one, receipt) in enumerate(((first, "郵-1"), (second, "郵-2"))):
            done = hand_over(browser, one, receipt_number=receipt, mail_number=f"5130123456{number}1")
            assert done.status_code == 302, page(done)
        browser.post(f"{CASH}{first.number}/mail/", {"result": "delivered"})
        browser.post(f"{CASH}{second.number}/mail/", {"result": "returned"})
    states = (
        Transfer.objects.filter(rail="registered_mail").order_by("number").values_list("state", flat=True)
    )
    assert list(states) == ["settled", "returned"]


# --- messages ------------------------------------------------------------------------------------------------------------

MESSAGES = f"{GIFTS}messages/"


@pytest.fixture
def by_sms(now) -> OtherRails:  # noqa: F811
    """The same where the terms ask for messages."""
    offer_every_rail(
        now.programme, now.at - timedelta(minutes=5), "values_yen", 'delivery = ["letter", "sms"]\nvalues_yen'
    )
    return OtherRails(_town(), now.at)


def test_a_programme_by_letter_alone_says_so_and_makes_no_message(now, signed_in):  # noqa: F811
    released(now)
    with signed_in("office", "printer") as browser:
        assert "手紙だけでお届けします" in page(browser.get(MESSAGES))
        assert MESSAGES not in page(browser.get(GIFTS))
        browser.post(MESSAGES + "make/", {"way": "sms"})
    assert not GiftMessage.objects.exists()


def test_the_carriers_file_is_made_handed_over_by_name_and_answered(by_sms, signed_in):  # noqa: F811
    data = gifts.gift_list(1, STOCK, expires_on=expires(by_sms))
    addresses = [GiftUrl(url).reveal().removeprefix(gifts.SITE) for url in urls_of(data)]
    released(by_sms)
    shown = []
    with signed_in("office", "printer") as browser:
        assert MESSAGES in page(browser.get(GIFTS))
        shown.append(page(browser.get(MESSAGES)))
        assert "SMSの配信データを作る" in shown[-1]
        assert browser.post(MESSAGES + "make/", {"way": "sms"}).status_code == 302
        parcel = Parcel.objects.get(kind="gift_outbox")
        file, answer = f"{MESSAGES}{parcel.pk}/file/", f"{MESSAGES}{parcel.pk}/answer/"
        nameless = browser.post(file, {"receiver": " "})
        assert nameless.status_code == 422 and "渡す相手" in page(nameless)
        taken = browser.post(file, {"receiver": "配信社 配信 次郎"})
        assert taken.status_code == 200 and taken["Cache-Control"] == "no-store"
        assert any(address in taken.content.decode("utf-8-sig") for address in addresses)
        shown.append(page(browser.get(MESSAGES)))
        assert "配信社 配信 次郎" in text_of(shown[-1])
        lost, *sent = GiftMessage.objects.order_by("pk").values_list("number", flat=True)
        rows = (
            "管理番号,送信結果,理由\n"
            + f"{lost},不達,宛先不明\n"
            + "".join(f"{one},送信済,\n" for one in sent)
        )
        wrong = browser.post(
            answer, {"file": SimpleUploadedFile("x.csv", rows.replace("送信済", "済", 1).encode())}
        )
        assert wrong.status_code == 422 and "送信結果の言葉が分かりません" in page(wrong)
        given = browser.post(answer, {"file": SimpleUploadedFile("x.csv", rows.encode())}, follow=True)
        shown.append(page(given))
        assert f"送信済み{len(sent)}件、不達1件" in shown[-1] and "手紙で送ります" in shown[-1]
        with CaptureQueriesContext(connection) as captured:
            browser.get(MESSAGES)
        assert len(captured) <= QUERIES_MAX
    assert not any(address in one for address in addresses for one in shown)
    assert "09000000000" not in "".join(shown)


@pytest.mark.parametrize("username", ["maker", "approver", "manager"])
def test_nobody_but_who_delivers_codes_makes_or_takes_the_carriers_file(by_sms, signed_in, username):  # noqa: F811
    released(by_sms)
    made = make_gift_outbox("sms", programme=by_sms.programme, actor=by_sms.staff["printer"], at=by_sms.at)
    with signed_in("office", username) as browser:
        assert "印刷・発送の担当者が渡し" in page(browser.get(MESSAGES))
        for act in ("make/", f"{made.pk}/file/", f"{made.pk}/answer/", f"{made.pk}/sent/"):
            assert browser.post(MESSAGES + act, {"receiver": "配信社", "way": "sms"}).status_code == 403
    assert made.hand_overs.count() == 1


# --- what is left of a gift ------------------------------------------------------------------------------------------------


def test_what_is_left_is_seen_by_the_municipality_and_settled_by_its_officers_alone(now, signed_in):  # noqa: F811
    batch = released(now)
    now.posted()
    transfer = next(
        one for one in Transfer.objects.filter(batch=batch).order_by("pk") if one.codes.count() > 1
    )
    used = transfer.codes.order_by("pk")[0]
    transfer.codes.filter(pk=used.pk).update(state="redeemed", redeemed_at=now.at)
    transfer.codes.exclude(pk=used.pk).update(state="expired")
    left, where = transfer.amount_yen - used.value_yen, f"/p/sample/gifts/{transfer.number}/"
    with signed_in("municipality", "viewer") as browser:
        listed = page(browser.get("/p/sample/gifts/"))
        assert transfer.number in listed and where not in listed and f"{left:,}" in listed
        assert "1 件 ギフトの残額" in text_of(page(browser.get("/p/sample/")))
        assert browser.get(where).status_code == 403 and browser.post(where).status_code == 403
    with signed_in("office", "maker") as browser:
        assert browser.get("/p/sample/gifts/").status_code == 404
        assert "自治体の整理待ち" in page(browser.get(GIFTS))
    with signed_in("municipality", "treasurer") as browser:
        both = browser.post(where, {"outcome": "lapsed", "refunded_yen": "5", "document": "要綱第9条"})
        assert both.status_code == 422 and "空欄にしてください" in page(both)
        more = browser.post(
            where, {"outcome": "refunded", "refunded_yen": str(left + 1), "document": "通知1号"}
        )
        assert more.status_code == 422 and f"残額の{left:,}円まで" in page(more)
        assert browser.post(where, {"outcome": "lapsed", "document": "要綱第9条"}).status_code == 302
        assert "もう整理されています" in page(browser.get(where))
        with CaptureQueriesContext(connection) as captured:
            assert "失効として整理" in page(browser.get("/p/sample/gifts/"))
        assert len(captured) <= QUERIES_MAX
    assert GiftRemainder.objects.get().left_yen == left
