"""The 支給 desk: who may press what, what the pages say, and that no page shows a whole account or a name."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import DECIDED, day, day_database, signed_in  # noqa: F401
from tests.payment.ground import report_bytes
from todoku.formats.bank_days import bank_days_after
from todoku.ground.tables import LongWork
from todoku.payment.tables import Approval, Batch, Transfer
from todoku.people.tables import AuditEvent
from todoku.review.codes import CODES
from todoku.review.tables import DecisionList

DESK = "/p/sample/payment/"


def page(answer) -> str:
    return answer.content.decode()


def test_decisions_become_transfers_and_a_batch_by_the_maker(day, signed_in):  # noqa: F811
    with signed_in("office", "maker") as browser:
        first = page(browser.get(DESK))
        assert f"まだ振込を作っていない案件が <b>{DECIDED}</b> 件" in first
        made = page(browser.post(DESK + "make/", follow=True))
        assert f"{DECIDED}件の振込を作成しました。" in made
        chosen = bank_days_after(day.at.date(), 3)
        answer = browser.post(DESK + "build/", {"day": "other", "other_day": chosen.isoformat()}, follow=True)
        batch = Batch.objects.get()
        assert answer.redirect_chain[-1][0] == f"{DESK}batch/{batch.pk}/"
        assert (batch.count, batch.value_date, batch.state) == (DECIDED, chosen, "open")
        assert "確認が必要な明細はありません" in page(answer) or "確定する" in page(answer)


# A choice of the form, and the words beside the field that must be put right.
WRONG_DAYS = [
    ({"day": "other", "other_day": "2026-11-22"}, "振込日にできません"),
    ({"day": "other", "other_day": ""}, "振込日を入力してください"),
    ({"day": "other", "other_day": "あした"}, "2026-12-04 のように"),
    ({}, "振込日を選んでください"),
    ({"day": "1999-01-01"}, "振込日を選び直してください"),
]


def test_a_day_that_cannot_be_is_explained_beside_the_field(day, signed_in):  # noqa: F811
    day.ready()
    with signed_in("office", "maker") as browser:
        for choice, words in WRONG_DAYS:
            answer = browser.post(DESK + "build/", choice)
            assert (answer.status_code, words in page(answer)) == (422, True), choice
    assert Batch.objects.count() == 0


def test_the_maker_seals_and_another_person_approves(day, signed_in):  # noqa: F811
    batch = day.built()
    with signed_in("office", "maker") as browser:
        sealed = page(browser.post(f"{DESK}batch/{batch.pk}/seal/", follow=True))
        assert "振込データを確定しました" in sealed
        batch.refresh_from_db()
        assert batch.sha256[:8] in sealed
    with signed_in("office", "approver") as browser:
        seen = page(browser.get(f"{DESK}batch/{batch.pk}/"))
        assert "事務局として承認する" in seen and day.staff["maker"].name in seen
        done = page(browser.post(f"{DESK}batch/{batch.pk}/approve/", {"sha256": batch.sha256}, follow=True))
        assert "次は、自治体の出納が承認します" in done
        assert "自治体の出納（会計管理者）が行います" in done
    assert Approval.objects.get().staff_id == day.staff["approver"].id


def test_another_digest_than_the_one_seen_is_not_approved(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("office", "approver") as browser:
        answer = page(browser.post(f"{DESK}batch/{batch.pk}/approve/", {"sha256": "0" * 64}, follow=True))
    assert "内容が変わっています" in answer
    assert Approval.objects.count() == 0


POSTS = {
    "make/": {"maker"},
    "build/": {"maker"},
    "batch/1/seal/": {"maker"},
    "batch/1/approve/": {"approver"},
    "batch/1/void/": {"maker", "approver"},
    "batch/1/result/": {"maker"},
}


def test_each_deed_is_refused_to_whoever_lacks_the_role(day, signed_in):  # noqa: F811
    day.sealed()
    told = 0
    for username in ("manager", "clerk", "reviewer1", "printer", "approver", "maker"):
        with signed_in("office", username) as browser:
            refused = {path for path in POSTS if browser.post(DESK + path).status_code == 403}
        assert refused == {path for path, allowed in POSTS.items() if username not in allowed}, username
        told += len(refused)
    assert AuditEvent.objects.filter(refused=True, subject_kind="page").count() == told


def test_buttons_are_absent_for_whoever_may_not_press_them(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("office", "manager") as browser:
        seen = page(browser.get(f"{DESK}batch/{batch.pk}/"))
        desk = page(browser.get(DESK))
    assert "承認する</button>" not in seen and "取り消す</a>" not in seen
    assert "振込データを作成</button>" not in desk


def test_no_page_shows_a_whole_account_or_a_name(day, signed_in):  # noqa: F811
    batch = day.sealed()
    rows = list(Transfer.objects.select_related("recipient__head").all())
    with signed_in("office", "maker") as browser:
        shown = page(browser.get(f"{DESK}batch/{batch.pk}/")) + page(browser.get(DESK))
    assert [row.number for row in rows if row.account_number in shown or row.holder_kana in shown] == []
    assert [row.number for row in rows if row.recipient.head.name in shown] == []
    assert all(f"****{row.account_number[-3:]}" in shown for row in rows)
    assert AuditEvent.objects.filter(action="batch.view", subject_id=batch.pk).count() == 1


def test_many_lines_are_sealed_as_long_work(day, signed_in):  # noqa: F811
    batch = day.built()
    Batch.objects.filter(pk=batch.pk).update(count=5_001)
    with signed_in("office", "maker") as browser:
        answer = page(browser.post(f"{DESK}batch/{batch.pk}/seal/", follow=True))
    work = LongWork.objects.get(kind="batch.seal")
    assert (work.arguments["batch"], work.state) == (batch.pk, "waiting")
    assert f"振込データ {batch.pk} の確定" in answer
    assert "確定前の確認をする" in answer and "確定前の確認 <" not in answer


def test_voiding_asks_a_second_time_and_says_what_follows(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("office", "maker") as browser:
        asked = page(browser.get(f"{DESK}batch/{batch.pk}/void/"))
        assert "確定したファイルは使えなくなります" in asked
        without = browser.post(f"{DESK}batch/{batch.pk}/void/", {"reason": " "})
        assert without.status_code == 422 and "取り消す理由を書いてください" in page(without)
        done = page(browser.post(f"{DESK}batch/{batch.pk}/void/", {"reason": "振込日の変更"}, follow=True))
        assert "取り消しました" in done
        assert "振込日の変更" in page(browser.get(f"{DESK}batch/{batch.pk}/"))
    assert Batch.objects.get().state == "void"


@pytest.fixture
def sent_last_week(day):  # noqa: F811
    """A batch whose value date has come: everything about it happened a week ago."""
    day.at -= timedelta(days=7)
    day.day -= timedelta(days=7)
    return day.sent()


def test_the_banks_report_closes_the_batch_and_names_what_came_back(sent_last_week, signed_in):  # noqa: F811
    batch = sent_last_week
    failed = Transfer.objects.filter(batch=batch).order_by("number").first()
    report = report_bytes((failed.number, failed.amount_yen, "口座解約済", "2026/11/20"))
    with signed_in("office", "maker") as browser:
        path = f"{DESK}batch/{batch.pk}/result/"
        wrong = browser.post(
            path, {"file": SimpleUploadedFile("a.csv", report.replace(b"1000000001", b"1000009999"))}
        )
        assert wrong.status_code == 422 and "この振込データにありません" in page(wrong)
        done = page(browser.post(path, {"file": SimpleUploadedFile("a.csv", report)}, follow=True))
    assert f"振込済 {DECIDED - 1}件、振込不能 1件を取り込みました。" in done
    assert f"/p/sample/case/{failed.case.number}/" in done and "解約済" in done
    assert Batch.objects.get().state == "reconciled"


def test_before_the_value_date_a_report_is_refused_beside_its_field(day, signed_in):  # noqa: F811
    batch = day.sent()
    failed = Transfer.objects.filter(batch=batch).order_by("number").first()
    before = report_bytes((failed.number, failed.amount_yen, "口座解約済", ""))
    with signed_in("office", "maker") as browser:
        early = browser.post(f"{DESK}batch/{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", before)})
        assert early.status_code == 422 and "より前に結果は取り込めません" in page(early)
        empty = browser.post(f"{DESK}batch/{batch.pk}/result/", {})
        assert empty.status_code == 422 and "ファイルを選んでください" in page(empty)
    assert Batch.objects.get().state == "sent"


def test_a_report_for_a_batch_that_was_never_sent_says_so(day, signed_in):  # noqa: F811
    batch = day.approved()
    with signed_in("office", "maker") as browser:
        answer = browser.post(
            f"{DESK}batch/{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", report_bytes())}
        )
    assert answer.status_code == 422
    assert "まだ金融機関へ渡されていません" in page(answer)


def test_a_case_is_handed_back_with_a_reason(day, signed_in):  # noqa: F811
    batch = day.built()
    case = Transfer.objects.filter(batch=batch).order_by("number").first().case
    with signed_in("office", "maker") as browser:
        asked = browser.post(f"{DESK}back/{case.number}/", {"reason": ""})
        assert asked.status_code == 422 and "理由を書いてください" in page(asked)
        done = page(browser.post(f"{DESK}back/{case.number}/", {"reason": "名義違い"}, follow=True))
    assert f"{case.printed_number} を審査へ戻しました" in done
    assert Batch.objects.get().count == DECIDED - 1


def test_the_manager_makes_the_list_and_others_read_it(day, signed_in):  # noqa: F811
    with signed_in("office", "manager") as browser:
        asked = page(browser.get("/p/sample/decisions/"))
        assert "まだ一覧に載っていない案件が <b>6</b> 件" in asked
        made = page(browser.post("/p/sample/decisions/make/", follow=True))
        assert "6件の一覧を作りました" in made
        nothing = page(browser.post("/p/sample/decisions/make/", follow=True))
        assert "決定を待っている案件はありません" in nothing
    one = DecisionList.objects.get(state="open")
    assert (one.grants, one.refusals) == (4, 2)
    with signed_in("office", "clerk") as browser:
        seen = page(browser.get(f"/p/sample/decisions/{one.pk}/"))
        assert one.sha256[:8] in seen and CODES["D42"].name in seen
        assert f"前回より−5件（前回 {DECIDED}件）" in seen
        assert browser.post("/p/sample/decisions/make/").status_code == 403


def test_pages_ask_the_database_a_fixed_number_of_times(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("office", "maker") as browser:
        counts = {}
        for path in (DESK, f"{DESK}batch/{batch.pk}/", "/p/sample/decisions/", "/p/sample/decisions/1/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 32, counts
