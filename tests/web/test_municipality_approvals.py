"""The treasurer approves what the office approved, takes the file once, and reads it again only on record."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import DECIDED, day, day_database, signed_in  # noqa: F401
from tests.payment.ground import report_bytes
from tests.payment.independent import parse
from todoku.custody import files
from todoku.custody.tables import HandOver
from todoku.payment.tables import Approval, Batch, SendRecord, Transfer
from todoku.people.tables import AuditEvent

BATCHES = "/p/sample/approvals/"


def page(answer) -> str:
    return answer.content.decode()


def test_the_treasurer_sees_who_did_what_before_and_approves(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        early = page(browser.get(f"{BATCHES}{batch.pk}/"))
        assert "事務局の承認を待っています" in early and "出納として承認する" not in early
        day.approve(batch, "approver")
        seen = page(browser.get(f"{BATCHES}{batch.pk}/"))
        assert all(day.staff[name].name in seen for name in ("maker", "approver"))
        assert batch.sha256[:8] in seen and "金融機関ごとの件数と金額" in seen
        done = page(browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": batch.sha256}, follow=True))
    assert "承認しました" in done and "受け取って振込依頼を記録する" in done
    assert Batch.objects.get().state == "approved"


def test_the_file_is_taken_once_and_then_read_again_only_on_record(day, signed_in):  # noqa: F811
    batch = day.approved()
    with signed_in("municipality", "treasurer") as browser:
        before = page(browser.get(f"{BATCHES}{batch.pk}/file/", follow=True))
        assert "の後に保存できます" in before
        take = {"sha256": batch.sha256, "receipt": "EB-0001"}
        done = page(browser.post(f"{BATCHES}{batch.pk}/take/", take, follow=True))
        assert f"{DECIDED}件の振込依頼を記録しました" in done
        again = browser.post(f"{BATCHES}{batch.pk}/take/", take)
        assert again.status_code == 422 and "二度と渡せません" in page(again)
        first = browser.get(f"{BATCHES}{batch.pk}/file/")
        second = browser.get(f"{BATCHES}{batch.pk}/file/")
    assert first.content == second.content == files.read(batch.file.path)
    assert parse(first.content).total == batch.total_yen
    assert f"sougou-{batch.value_date:%Y%m%d}-{batch.pk}.txt" in first["Content-Disposition"]
    assert SendRecord.objects.get().bank_receipt == "EB-0001"
    assert AuditEvent.objects.filter(action="batch.reread", subject_id=batch.pk).count() == 2


def test_the_banks_receipt_is_noted_when_it_comes(day, signed_in):  # noqa: F811
    batch = day.sent()
    with signed_in("municipality", "treasurer") as browser:
        empty = browser.post(f"{BATCHES}{batch.pk}/receipt/", {"receipt": ""})
        assert empty.status_code == 422 and "受付番号を" in page(empty)
        done = page(browser.post(f"{BATCHES}{batch.pk}/receipt/", {"receipt": "EB-0002"}, follow=True))
    assert "受付番号 EB-0002" in done
    assert HandOver.objects.filter(parcel_id=batch.file_id).order_by("pk").last().receipt == "EB-0002"


def test_a_changed_file_is_refused_with_a_sentence(day, signed_in):  # noqa: F811
    batch = day.sealed()
    day.approve(batch, "approver")
    path = files.inside(batch.file.path)
    path.write_bytes(path.read_bytes()[:-2])
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": batch.sha256})
    assert answer.status_code == 422 and "確定したときの内容と違います" in page(answer)
    assert Approval.objects.filter(side="municipality").count() == 0


def test_the_treasurer_rejects_with_a_reason_and_the_office_sees_it(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        without = browser.post(f"{BATCHES}{batch.pk}/reject/", {"reason": ""})
        assert without.status_code == 422 and "取り消す理由を書いてください" in page(without)
        done = page(browser.post(f"{BATCHES}{batch.pk}/reject/", {"reason": "予算の確認"}, follow=True))
        assert "取り消しました" in done
    with signed_in("office", "maker") as browser:
        assert "予算の確認" in page(browser.get(f"/p/sample/payment/batch/{batch.pk}/"))
    assert Batch.objects.get().state == "void"


POSTS = {
    "approve/": {"treasurer"}, "reject/": {"treasurer"}, "take/": {"treasurer"}, "receipt/": {"treasurer"},
    "result/": {"treasurer"},
}  # fmt: skip


def test_each_deed_is_refused_to_whoever_lacks_the_role(day, signed_in):  # noqa: F811
    batch = day.approved()
    for username in ("viewer", "officer", "approver", "treasurer"):
        with signed_in("municipality", username) as browser:
            refused = {
                path for path in POSTS if browser.post(f"{BATCHES}{batch.pk}/{path}").status_code == 403
            }
            file = browser.get(f"{BATCHES}{batch.pk}/file/").status_code
        assert refused == {path for path, allowed in POSTS.items() if username not in allowed}, username
        assert (file == 403) is (username != "treasurer")
    assert SendRecord.objects.count() == 0


def test_who_only_views_sees_the_batch_without_buttons_names_or_whole_accounts(day, signed_in):  # noqa: F811
    batch = day.approved()
    with signed_in("municipality", "viewer") as browser:
        seen = page(browser.get(f"{BATCHES}{batch.pk}/")) + page(browser.get(BATCHES))
    main = seen[seen.index('id="main"') :]
    assert '<form method="post" action="/p/' not in main
    rows = list(Transfer.objects.select_related("recipient__head"))
    assert [row.pk for row in rows if row.account_number in seen or row.recipient.head.name in seen] == []


def test_a_batch_that_is_not_sealed_is_no_business_of_the_municipality(day, signed_in):  # noqa: F811
    batch = day.built()
    with signed_in("municipality", "treasurer") as browser:
        assert f"振込データ {batch.pk}" not in page(browser.get(BATCHES))
        answer = browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": ""})
    assert answer.status_code == 422 and Approval.objects.count() == 0


def test_a_report_that_reaches_the_municipality_first_is_taken_there(day, signed_in):  # noqa: F811
    batch = day.sent()
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.post(
            f"{BATCHES}{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", report_bytes())}
        )
        assert answer.status_code == 422 and "より前に結果は取り込めません" in page(answer)
    assert Batch.objects.get().state == "sent"


def test_the_pages_ask_the_database_a_fixed_number_of_times(day, signed_in):  # noqa: F811
    batch = day.sent()
    counts = {}
    with signed_in("municipality", "treasurer") as browser:
        for path in (BATCHES, f"{BATCHES}{batch.pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 26, counts
