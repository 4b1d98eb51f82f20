"""The treasurer approves what the office approved, waits the cancel window, takes the files once, and asks by digest."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

import todoku_verify
from tests.money_fixture import DECIDED
from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, report_bytes
from tests.payment.independent import parse
from tests.payment.rails_ground import OtherRails, offer_every_rail
from todoku.custody import files
from todoku.payment.build_batch import build_batch
from todoku.payment.seal import seal
from todoku.payment.tables import (
    Approval,
    BankInquiry,
    Batch,
    BatchFile,
    Confirmation,
    HandedAgain,
    SendRecord,
    Transfer,
)
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Municipality, Programme
from todoku.web.office.batch_files import grouped

BATCHES = "/p/sample/approvals/"


def page(answer) -> str:
    return answer.content.decode()


def main_of(answer) -> str:
    """The page's main part: the frame has forms of its own."""
    text = page(answer)
    return text[text.index('id="main"') :]


@pytest.fixture
def two_files(day):
    """The municipality's bank takes five records a file."""
    Municipality.objects.update(bank_profile='name = "small"\nmax_records = 5\n')
    day.programme = Programme.objects.select_related("municipality").get()
    return day


@pytest.fixture
def on_the_way(two_files, clock):
    """Two files taken, of which the bank has said nothing yet."""
    batch = two_files.sending()
    clock.forward(hours=2)
    return batch


def test_the_treasurer_sees_who_did_what_before_and_approves(day, signed_in):
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        early = page(browser.get(f"{BATCHES}{batch.pk}/"))
        assert "事務局の承認を待っています" in early and "出納として承認する" not in early
        day.approve(batch, "approver")
        seen = page(browser.get(f"{BATCHES}{batch.pk}/"))
        assert all(day.staff[name].name in seen for name in ("maker", "approver"))
        assert batch.sha256[:8] in seen and "金融機関ごとの件数と金額" in seen
        assert grouped(batch.files.get().sha256) in seen
        done = page(browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": batch.sha256}, follow=True))
    assert "承認しました" in done and "取りやめられます" in done
    assert Batch.objects.get().state == "approved"


def test_within_the_window_stopping_is_the_deed_and_taking_says_from_when(day, signed_in, clock):
    batch = day.approved()
    path, from_when = f"{BATCHES}{batch.pk}/", f"{localtime(batch.releasable_at):%m月%d日 %H:%M}からできます"
    with signed_in("municipality", "treasurer") as browser:
        within = main_of(browser.get(path))
        early = browser.post(path + "take/", {"sha256": batch.sha256})
        clock.forward(hours=1)
        after = main_of(browser.get(path))
    assert 'class="button main danger"' in within and "取りやめる" in within and from_when in within
    assert "受け取って振込依頼を記録する" not in within
    assert early.status_code == 422 and "取りやめられるようにしています" in page(early)
    assert "受け取って振込依頼を記録する" in after and from_when not in after
    assert SendRecord.objects.count() == 0


def test_the_treasurer_stops_an_approved_batch_within_the_window(day, signed_in):
    batch = day.approved()
    with signed_in("municipality", "treasurer") as browser:
        done = page(browser.post(f"{BATCHES}{batch.pk}/reject/", {"reason": "金額の誤り"}, follow=True))
    assert "取り消しました" in done
    assert (Batch.objects.get().state, SendRecord.objects.count()) == ("void", 0)


def test_the_files_are_taken_once_and_then_saved_again_only_on_record(two_files, signed_in, clock):
    batch = two_files.approved()
    clock.forward(hours=1)
    path = f"{BATCHES}{batch.pk}/"
    with signed_in("municipality", "treasurer") as browser:
        before = page(browser.get(path + "file/1/", follow=True))
        assert "の後に保存できます" in before
        assert "の後に保存できます" in page(browser.get(path + "bundle/", follow=True))
        done = page(browser.post(path + "take/", {"sha256": batch.sha256}, follow=True))
        assert f"{DECIDED}件の振込依頼を記録しました" in done
        again = browser.post(path + "take/", {"sha256": batch.sha256})
        assert again.status_code == 422 and "二度と渡せません" in page(again)
        saved = [browser.get(f"{path}file/{number}/") for number in (1, 2, 1)]
        missing = browser.get(path + "file/3/")
    kept = list(batch.files.select_related("parcel").order_by("number"))
    assert [one.content for one in saved] == [files.read(kept[n].parcel.path) for n in (0, 1, 0)]
    assert [parse(one.content).count for one in saved] == [5, DECIDED - 5, 5]
    assert kept[1].name in saved[1]["Content-Disposition"]
    assert (missing.status_code, SendRecord.objects.count()) == (404, 2)
    assert (Batch.objects.get().state, Confirmation.objects.count()) == ("sending", 0)
    assert AuditEvent.objects.filter(action="batch.reread", subject_id=batch.pk).count() == 3


def test_each_files_receipt_ends_its_own_unknown_outcome(on_the_way, signed_in):
    path = f"{BATCHES}{on_the_way.pk}/"
    with signed_in("municipality", "treasurer") as browser:
        empty = browser.post(path + "file/1/receipt/", {"receipt": " "})
        assert empty.status_code == 422 and 'href="#receipt-1"' in page(empty)
        first = page(browser.post(path + "file/1/receipt/", {"receipt": "EB-0001"}, follow=True))
        assert Batch.objects.get().state == "sending"
        assert "receipt-1" not in first and "receipt-2" in first and "受付番号 EB-0001" in first
        twice = browser.post(path + "file/1/receipt/", {"receipt": "EB-9999"})
        assert twice.status_code == 422 and "待っているファイルではありません" in page(twice)
        page(browser.post(path + "file/2/receipt/", {"receipt": "EB-0002"}, follow=True))
    assert Batch.objects.get().state == "sent"
    assert list(Confirmation.objects.order_by("file__number").values_list("receipt", flat=True)) == [
        "EB-0001", "EB-0002",
    ]  # fmt: skip


def test_no_page_of_an_unknown_outcome_offers_to_send_again(on_the_way, signed_in):
    path = f"{BATCHES}{on_the_way.pk}/"
    with signed_in("municipality", "treasurer") as browser:
        shown = [
            main_of(browser.get(one))
            for one in (path, path + "file/1/unknown/", path + "file/1/unknown/sheet/")
        ]
    actions = {action for text in shown for action in re.findall(r'action="(/p/[^"]+)"', text)}
    assert actions == {path + "file/1/receipt/", path + "file/2/receipt/", path + "file/1/unknown/answer/"}
    assert "もう一度渡さず" in shown[1]


def test_the_page_of_an_unknown_outcome_gives_what_is_read_out_to_the_bank(on_the_way, signed_in):
    file = on_the_way.files.get(number=2)
    with signed_in("municipality", "treasurer") as browser:
        seen = main_of(browser.get(f"{BATCHES}{on_the_way.pk}/file/2/unknown/"))
        sheet = main_of(browser.get(f"{BATCHES}{on_the_way.pk}/file/2/unknown/sheet/"))
    for text in (seen, sheet):
        groups = re.findall(r"<code>(\w{8})</code>", text)
        assert "".join(groups) == file.sha256
        assert file.name in text and f"{file.count:,}件" in text and f"{file.total_yen:,}円" in text
        assert f"{on_the_way.value_date:%Y年%m月%d日}" in text
    assert f'data-copy="{file.sha256}"' in seen and "これまでの照会" in seen
    assert "改めて渡すものではありません" in sheet
    assert AuditEvent.objects.filter(action="batch.view", subject_id=on_the_way.pk).count() == 2


def ask(browser, batch, number, answer, **said):
    """Records the bank's answer about one file through its page."""
    file = batch.files.get(number=number)
    values = {"sha256": file.sha256, "answer": answer, "bank_person": "決済部 佐藤"} | said
    return browser.post(f"{BATCHES}{batch.pk}/file/{number}/unknown/answer/", values, follow=True)


def test_the_banks_answer_received_needs_its_number_and_confirms(on_the_way, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        nobody = ask(browser, on_the_way, 1, "received", bank_person="")
        without = ask(browser, on_the_way, 1, "received")
        other = ask(browser, on_the_way, 1, "received", sha256="0" * 64, reference="R-1")
        assert [one.status_code for one in (nobody, without, other)] == [422] * 3
        assert "回答した担当者" in page(nobody) and "受付番号" in page(without) and "指紋" in page(other)
        assert BankInquiry.objects.count() == 0
        done = page(ask(browser, on_the_way, 1, "received", reference="R-1"))
    assert "受付番号 R-1 を記録しました" in done
    made = BankInquiry.objects.get()
    assert Confirmation.objects.get().inquiry == made and made.asked_by.username == "treasurer"


def test_an_answer_not_known_yet_leaves_all_as_it_is_and_stays_in_the_record(on_the_way, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        ask(browser, on_the_way, 1, "unknown")
        seen = main_of(ask(browser, on_the_way, 1, "unknown", reference="受付窓口 12"))
    assert seen.count("照会の回答「確認中」") == 2 and "受付窓口 12" in seen and "決済部 佐藤" in seen
    assert (Batch.objects.get().state, Confirmation.objects.count()) == ("sending", 0)


def test_a_denied_file_goes_again_only_after_another_person_agreed_on_their_own_session(
    on_the_way, signed_in
):
    path = f"{BATCHES}{on_the_way.pk}/file/1/unknown/"
    with signed_in("municipality", "treasurer") as browser:
        denied = main_of(ask(browser, on_the_way, 1, "not_received"))
        inquiry = {"inquiry": str(BankInquiry.objects.get().pk)}
        alone = browser.post(path + "again/", inquiry)
        self_agreed = browser.post(path + "agree/", inquiry)
    assert 'id="agree"' not in denied and 'id="again"' not in denied and "取り消す</a>" not in denied
    assert alone.status_code == 422 and "もう一人の同意がまだありません" in page(alone)
    assert self_agreed.status_code == 422 and "照会した本人は同意できません" in page(self_agreed)
    with signed_in("municipality", "officer") as browser:
        seen = main_of(browser.get(path))
        assert 'id="agree"' in seen and 'id="again"' not in seen
        browser.post(path + "agree/", inquiry)
        assert browser.post(path + "again/", inquiry).status_code == 403
    with signed_in("municipality", "treasurer") as browser:
        ready = main_of(browser.get(path))
        done = page(browser.post(path + "again/", inquiry, follow=True))
        twice = browser.post(path + "again/", inquiry)
    officer = AuditEvent.objects.get(action="batch.agree_again").actor_name
    assert f"<b>{officer}</b>さんが、再持込に同意しています" in ready and 'id="again"' in ready
    assert "再持込を記録しました" in done
    assert twice.status_code == 422 and "最新の回答があるときだけ" in page(twice)
    again = HandedAgain.objects.get()
    assert (again.taken_by.username, again.second.username) == ("treasurer", "officer")
    assert (SendRecord.objects.count(), Batch.objects.get().state) == (2, "sending")


def test_after_the_bank_denied_every_file_the_treasurer_can_void(on_the_way, signed_in):
    path = f"{BATCHES}{on_the_way.pk}/"
    with signed_in("municipality", "treasurer") as browser:
        ask(browser, on_the_way, 1, "not_received")
        early = main_of(browser.get(path + "reject/"))
        refused = browser.post(path + "reject/", {"reason": "急ぎ"})
        last = main_of(ask(browser, on_the_way, 2, "not_received"))
        done = page(browser.post(path + "reject/", {"reason": "回線の障害"}, follow=True))
    assert "回答したときだけ" in early and "<textarea" not in early
    assert refused.status_code == 422
    assert "この振込データを取り消す" in last and "取り消しました" in done
    assert Batch.objects.get().state == "void"


def test_everything_that_proves_the_batch_is_saved_as_one_file_that_the_verifier_reads(on_the_way, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        saved = browser.get(f"{BATCHES}{on_the_way.pk}/bundle/")
    with zipfile.ZipFile(io.BytesIO(saved.content)) as folder:
        found = {name: folder.read(name) for name in folder.namelist()}
    kept = {name: data for name, data in found.items() if name.startswith("sougou-")}
    decisions = {
        int(re.sub(r"\D", "", name)): data for name, data in found.items() if name.startswith("decisions-")
    }
    pk = on_the_way.pk
    verdict = todoku_verify.verify(
        found[f"manifest-{pk}.json"], found[f"lines-{pk}.tsv"], decisions, sorted(kept.items())
    )
    assert (verdict.ok, len(kept)) == (True, 2)
    assert "batch-" in saved["Content-Disposition"]
    assert AuditEvent.objects.filter(action="batch.bundle", subject_id=pk).count() == 1


def test_a_changed_file_is_refused_with_a_sentence(day, signed_in):
    batch = day.sealed()
    day.approve(batch, "approver")
    path = files.inside(BatchFile.objects.select_related("parcel").get().parcel.path)
    path.write_bytes(path.read_bytes()[:-2])
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": batch.sha256})
    assert answer.status_code == 422 and "確定したときの内容と違います" in page(answer)
    assert Approval.objects.filter(side="municipality").count() == 0


def test_a_file_changed_after_it_was_taken_is_not_saved(on_the_way, signed_in):
    kept = on_the_way.files.select_related("parcel").get(number=2)
    path = files.inside(kept.parcel.path)
    path.write_bytes(path.read_bytes().replace(b"1000", b"9000", 1))
    with signed_in("municipality", "treasurer") as browser:
        one = browser.get(f"{BATCHES}{on_the_way.pk}/file/2/")
        all_of_it = browser.get(f"{BATCHES}{on_the_way.pk}/bundle/")
    assert [one.status_code, all_of_it.status_code] == [422, 422]
    assert "確定したときの内容と違います" in page(one)
    assert not AuditEvent.objects.filter(action__in=["batch.reread", "batch.bundle"]).exists()


def test_the_treasurer_rejects_with_a_reason_and_the_office_sees_it(day, signed_in):
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
    "approve/": {"treasurer"}, "reject/": {"treasurer"}, "take/": {"treasurer"}, "result/": {"treasurer"},
    "file/1/receipt/": {"treasurer"}, "file/1/unknown/answer/": {"treasurer"},
    "file/1/unknown/again/": {"treasurer"}, "file/1/unknown/agree/": {"treasurer", "officer"},
}  # fmt: skip


def test_each_deed_is_refused_to_whoever_lacks_the_role(on_the_way, signed_in):
    path = f"{BATCHES}{on_the_way.pk}/"
    for username in ("viewer", "officer", "approver", "treasurer"):
        with signed_in("municipality", username) as browser:
            refused = {post for post in POSTS if browser.post(path + post).status_code == 403}
            saves = [browser.get(path + one).status_code for one in ("file/1/", "bundle/")]
        assert refused == {post for post, allowed in POSTS.items() if username not in allowed}, username
        assert saves == [200 if username == "treasurer" else 403] * 2
    assert (SendRecord.objects.count(), BankInquiry.objects.count()) == (2, 0)


@pytest.mark.parametrize("state", ["approved", "sending"])
def test_who_only_views_sees_the_batch_without_buttons_names_or_whole_accounts(day, signed_in, state):
    batch = getattr(day, state)()
    with signed_in("municipality", "viewer") as browser:
        seen = main_of(browser.get(f"{BATCHES}{batch.pk}/")) + main_of(browser.get(BATCHES))
        if state == "sending":
            seen += main_of(browser.get(f"{BATCHES}{batch.pk}/file/1/unknown/"))
    assert '<form method="post" action="/p/' not in seen and "取りやめる</a>" not in seen
    rows = list(Transfer.objects.select_related("recipient__head"))
    assert [row.pk for row in rows if row.account_number in seen or row.recipient.head.name in seen] == []


def test_a_file_that_was_not_taken_has_no_unknown_outcome(day, signed_in):
    batch = day.approved()
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.get(f"{BATCHES}{batch.pk}/file/1/unknown/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{BATCHES}{batch.pk}/"
    assert "まだ金融機関へ渡されていません" in page(answer)


def test_today_names_the_files_whose_outcome_is_unknown(on_the_way, signed_in):
    with signed_in("municipality", "treasurer") as browser:
        seen = main_of(browser.get("/p/sample/"))
        browser.post(f"{BATCHES}{on_the_way.pk}/file/1/receipt/", {"receipt": "EB-0001"})
        one_left = main_of(browser.get("/p/sample/"))
        browser.post(f"{BATCHES}{on_the_way.pk}/file/2/receipt/", {"receipt": "EB-0002"})
        none_left = main_of(browser.get("/p/sample/"))
    need = re.compile(r"<b>(\d+)</b>件</p><div class=\"need-text\"><h3>結果が分からない振込ファイル")
    assert [need.findall(text) for text in (seen, one_left, none_left)] == [["2"], ["1"], []]


def test_cash_is_released_at_once_and_no_bank_is_asked(day, signed_in, clock):
    programme = offer_every_rail(day.programme, day.at)
    money = OtherRails(day.town._replace(programme=programme), day.at)
    money.decided_over("cash", 2)
    money.ready()
    batch = build_batch(
        programme=programme, rail="cash", value_date=money.value_date, received_by=None, actor=money.staff["maker"],
        at=money.at, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
    )  # fmt: skip
    batch = seal(batch, actor=money.staff["maker"], at=money.at)
    for username in ("approver", "treasurer"):
        batch = money.approve(batch, username)
    clock.forward(hours=1)
    with signed_in("municipality", "treasurer") as browser:
        seen = main_of(browser.get(f"{BATCHES}{batch.pk}/"))
        done = main_of(browser.post(f"{BATCHES}{batch.pk}/take/", {"sha256": batch.sha256}, follow=True))
    assert "支給の開始を記録する" in seen and "金融機関へ渡す" not in seen
    assert "結果が分からないとき" not in done and "支給開始" in done
    assert Batch.objects.get(pk=batch.pk).state == "sent"


def test_a_batch_that_is_not_sealed_is_no_business_of_the_municipality(day, signed_in):
    batch = day.built()
    with signed_in("municipality", "treasurer") as browser:
        assert f"振込データ {batch.pk}" not in page(browser.get(BATCHES))
        answer = browser.post(f"{BATCHES}{batch.pk}/approve/", {"sha256": ""})
    assert answer.status_code == 422 and Approval.objects.count() == 0


def test_a_report_that_reaches_the_municipality_first_is_taken_there(day, signed_in):
    batch = day.sent()
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.post(
            f"{BATCHES}{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", report_bytes())}
        )
        assert answer.status_code == 422 and "より前に結果は取り込めません" in page(answer)
    assert Batch.objects.get().state == "sent"


def test_the_pages_ask_the_database_a_fixed_number_of_times(on_the_way, signed_in):
    counts = {}
    with signed_in("municipality", "treasurer") as browser:
        for path in (BATCHES, f"{BATCHES}{on_the_way.pk}/", f"{BATCHES}{on_the_way.pk}/file/1/unknown/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 30, counts
