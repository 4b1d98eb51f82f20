"""The 支給 desk: who may press what, what the pages say, and that no page shows a whole account or a name."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from tests.money_fixture import DECIDED
from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, report_bytes
from tests.payment.rails_ground import OtherRails, offer_every_rail
from todoku.case.tables import Case
from todoku.formats.bank_days import bank_days_after
from todoku.formats.fiscal_year import fiscal_year
from todoku.ground.tables import LongWork
from todoku.intake.tables import AccountVersion
from todoku.payment.build_batch import build_batch
from todoku.payment.inquire import inquire
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Approval, Batch, Transfer
from todoku.payment.void import void
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Municipality, Programme
from todoku.review.codes import CODES
from todoku.review.tables import DecisionList, Proposal
from todoku.web.office.batch_files import grouped
from todoku.web.office.order_form import OrderFields

DESK = "/p/sample/payment/"


def page(answer) -> str:
    return answer.content.decode()


def test_decisions_become_transfers_and_a_batch_by_the_maker(day, signed_in):
    with signed_in("office", "maker") as browser:
        first = page(browser.get(DESK))
        assert f"まだ振込を作っていない支払が <b>{DECIDED}</b> 件" in first
        made = page(browser.post(DESK + "make/", follow=True))
        assert f"{DECIDED}件の振込を作成しました。" in made
        chosen = bank_days_after(day.at.date(), 3)
        order = {"budget_item": "3-1-1-18 給付金", "payment_order": "支令-0007"}
        answer = browser.post(
            DESK + "build/", {"day": "other", "other_day": chosen.isoformat(), **order}, follow=True
        )
        batch = Batch.objects.get()
        assert (batch.rail, batch.fiscal_year) == ("bank", fiscal_year(chosen))
        assert {name: getattr(batch, name) for name in order} == order
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


def test_a_day_that_cannot_be_is_explained_beside_the_field(day, signed_in):
    day.ready()
    with signed_in("office", "maker") as browser:
        for choice, words in WRONG_DAYS:
            answer = browser.post(DESK + "build/", choice)
            assert (answer.status_code, words in page(answer)) == (422, True), choice
    assert Batch.objects.count() == 0


def test_the_new_batch_offers_the_order_of_the_last_one_and_asks_for_no_rail_where_there_is_one(
    day, signed_in
):
    day.sealed()
    with signed_in("office", "maker") as browser:
        void_first(day)
        seen = page(browser.get(DESK))
    assert f'value="{BUDGET_ITEM}"' in seen and f"前回は {PAYMENT_ORDER}" in seen
    assert f'value="{PAYMENT_ORDER}"' not in seen and 'name="rail"' not in seen


def void_first(day) -> None:
    """Frees the rows of the one batch, so that the desk has something to pay again."""
    void(Batch.objects.get(), reason="作り直し", actor=day.staff["maker"], at=day.at)
    day.ready()


def test_where_the_terms_offer_several_rails_a_batch_is_of_the_one_chosen(day, signed_in):
    programme = offer_every_rail(day.programme, day.at)
    money = OtherRails(day.town._replace(programme=programme), day.at)
    money.decided_over("cash", 2)
    money.ready()
    with signed_in("office", "maker") as browser:
        seen = page(browser.get(DESK))
        # Whatever else waited that morning was reviewed and decided with them.
        by_bank = Transfer.objects.filter(rail="bank", state="ready").count()
        assert f"振込待ち {by_bank}件" in seen and by_bank >= DECIDED
        assert "振込待ち 2件" in seen and "振込待ちはありません" in seen
        order = {"budget_item": BUDGET_ITEM, "payment_order": PAYMENT_ORDER}
        chosen = {
            "day": "other",
            "other_day": day.value_date.isoformat(),
            "rail": "cash",
            "all_waiting": "on",
        }
        built = page(browser.post(DESK + "build/", chosen | order, follow=True))
    batch = Batch.objects.get()
    assert (batch.rail, batch.count) == ("cash", 2)
    assert "窓口で現金" in built and "金融機関ごとの件数と金額" not in built


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"payment_order": "x" * 41}, "支出命令番号は40文字以内"),
        ({"fiscal_year": "1999"}, "会計年度を選び直してください"),
        ({"rail": "stamps"}, "支給手段を選び直してください"),
    ],
)
def test_an_order_that_cannot_be_is_explained_beside_its_field(day, signed_in, chosen, words):
    day.ready()
    with signed_in("office", "maker") as browser:
        other = {"day": "other", "other_day": bank_days_after(day.day, 3).isoformat()}
        answer = browser.post(DESK + "build/", other | chosen)
    assert (answer.status_code, words in page(answer), Batch.objects.count()) == (422, True, 0)


def test_the_year_before_is_offered_while_its_books_are_open():
    for value_date, offered in (
        (date(2027, 4, 1), [2026]), (date(2027, 5, 31), [2026]), (date(2027, 6, 1), []), (date(2026, 12, 4), []),
    ):  # fmt: skip
        form = OrderFields()
        form.offer_years([value_date])
        choices = [year for year, _ in form.fields["fiscal_year"].choices if year != ""]
        assert choices == offered, value_date


def test_a_batch_without_its_order_is_not_sealed_until_it_is_put_right(day, signed_in):
    day.ready()
    batch = build_batch(
        programme=day.programme, value_date=day.value_date, received_by=None, actor=day.staff["maker"], at=day.at
    )  # fmt: skip
    path = f"{DESK}batch/{batch.pk}/"
    with signed_in("office", "maker") as browser:
        seen = page(browser.get(path))
        assert "科目と支出命令番号が入っていません" in seen and "確定する</button>" not in seen
        assert "入っていません" in page(browser.post(path + "seal/", follow=True))
        without = browser.post(path + "order/", {"order-budget_item": "3-1-1-18", "order-payment_order": " "})
        assert without.status_code == 422 and "支出命令番号（40文字まで）を入力してください" in page(without)
        right = {"order-budget_item": "3-1-1-18", "order-payment_order": "支令-0009"}
        done = page(browser.post(path + "order/", right, follow=True))
        assert "記録しました" in done and "確定する" in done and "支令-0009" in done
        page(browser.post(path + "seal/", follow=True))
        late = browser.post(path + "order/", right)
    batch.refresh_from_db()
    assert (batch.state, batch.budget_item, batch.payment_order) == ("sealed", "3-1-1-18", "支令-0009")
    assert late.status_code == 422 and "変えられません" in page(late)


def test_a_batch_of_several_files_shows_each_with_its_digest_and_the_lists_that_it_pays(day, signed_in):
    Municipality.objects.update(bank_profile='name = "small"\nmax_records = 5\n')
    day.programme = Programme.objects.select_related("municipality").get()
    batch = day.sealed()
    with signed_in("office", "approver") as browser:
        seen = page(browser.get(f"{DESK}batch/{batch.pk}/"))
    files = list(batch.files.order_by("number"))
    assert [file.count for file in files] == [5, DECIDED - 5]
    decided = DecisionList.objects.get(state="decided")
    for sha256 in (*(file.sha256 for file in files), decided.sha256):
        assert grouped(sha256) in seen
    assert all(group in seen for group in grouped(batch.sha256).split())
    assert all(file.name in seen for file in files)
    assert ">1-1<" in seen and ">1-5<" in seen and f">2-{DECIDED - 5}<" in seen
    assert f"/p/sample/decisions/{decided.pk}/" in seen


def test_the_cancel_window_says_until_when_the_batch_can_be_stopped(day, signed_in, clock):
    batch = day.approved()
    path, until = (
        f"{DESK}batch/{batch.pk}/",
        f"{localtime(batch.releasable_at):%m月%d日 %H:%M}まで、取りやめられます",
    )
    with signed_in("office", "maker") as browser:
        within = page(browser.get(path))
        clock.forward(hours=1)
        after = page(browser.get(path))
        clock.forward(hours=-1)
        browser.post(path + "void/", {"reason": "二重の疑い"})
    assert until in within and "取りやめる" in within
    assert until not in after
    assert Batch.objects.get().state == "void"


def test_a_held_case_is_named_on_the_batch(day, signed_in):
    batch = day.sealed()
    case = Transfer.objects.filter(batch=batch).order_by("number").first().case
    with signed_in("office", "maker") as browser:
        before = page(browser.get(f"{DESK}batch/{batch.pk}/"))
        Hold.objects.create(
            programme=day.programme, case=case, kind="death", due_on=day.day, opened_at=day.at, opened_by=None
        )
        after = page(browser.get(f"{DESK}batch/{batch.pk}/"))
    assert "保留中の案件" not in before
    held = after[after.index("保留中の案件") :]
    assert case.printed_number in held and "死亡" in held


def test_the_office_sees_that_the_outcome_is_unknown_and_can_do_nothing_about_it(day, signed_in):
    batch = day.sending()
    path = f"{DESK}batch/{batch.pk}/"
    inquire(
        batch.files.get(), sha256=batch.files.get().sha256, answer="unknown", bank_person="決済部 佐藤", reference="",
        actor=day.staff["treasurer"], at=day.at,
    )  # fmt: skip
    with signed_in("office", "maker") as browser:
        seen = page(browser.get(path))
        voided = browser.post(path + "void/", {"reason": "急ぎ"})
        asked = page(browser.get(path + "void/"))
    main = seen[seen.index('id="main"') :]
    assert (
        "金融機関が受け付けたか、まだ分かっていません" in main and "確認中" in main and "決済部 佐藤" in main
    )
    assert '<form method="post" action="/p/' not in main and "取り消す</a>" not in main
    assert voided.status_code == 422
    assert "受け付けていない」と回答したときだけ" in asked and "<textarea" not in asked
    assert Batch.objects.get().state == "sending"


def test_after_the_bank_denied_every_file_the_office_can_void_the_batch(day, signed_in):
    batch = day.sending()
    file = batch.files.get()
    inquire(
        file, sha256=file.sha256, answer="not_received", bank_person="決済部 佐藤", reference="",
        actor=day.staff["treasurer"], at=day.at,
    )  # fmt: skip
    path = f"{DESK}batch/{batch.pk}/"
    with signed_in("office", "maker") as browser:
        seen = page(browser.get(path))
        done = page(browser.post(path + "void/", {"reason": "金融機関が受け付けていない"}, follow=True))
    assert "どのファイルも受け付けていません" in seen and "取り消す</a>" in seen
    assert "取り消しました" in done and Batch.objects.get().state == "void"
    assert set(Transfer.objects.values_list("state", flat=True)) == {"void"}


def test_the_maker_seals_and_another_person_approves(day, signed_in):
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


def test_another_digest_than_the_one_seen_is_not_approved(day, signed_in):
    batch = day.sealed()
    with signed_in("office", "approver") as browser:
        answer = page(browser.post(f"{DESK}batch/{batch.pk}/approve/", {"sha256": "0" * 64}, follow=True))
    assert "内容が変わっています" in answer
    assert Approval.objects.count() == 0


POSTS = {
    "make/": {"maker"},
    "build/": {"maker"},
    "batch/1/order/": {"maker"},
    "batch/1/seal/": {"maker"},
    "batch/1/approve/": {"approver"},
    "batch/1/void/": {"maker", "approver"},
    "batch/1/result/": {"maker"},
}


def test_each_deed_is_refused_to_whoever_lacks_the_role(day, signed_in):
    day.sealed()
    told = 0
    for username in ("manager", "clerk", "reviewer1", "printer", "approver", "maker"):
        with signed_in("office", username) as browser:
            refused = {path for path in POSTS if browser.post(DESK + path).status_code == 403}
        assert refused == {path for path, allowed in POSTS.items() if username not in allowed}, username
        told += len(refused)
    assert AuditEvent.objects.filter(refused=True, subject_kind="page").count() == told


def test_buttons_are_absent_for_whoever_may_not_press_them(day, signed_in):
    batch = day.sealed()
    with signed_in("office", "manager") as browser:
        seen = page(browser.get(f"{DESK}batch/{batch.pk}/"))
        desk = page(browser.get(DESK))
    assert "承認する</button>" not in seen and "取り消す</a>" not in seen
    assert "振込データを作成</button>" not in desk


def test_no_page_shows_a_whole_account_or_a_name(day, signed_in):
    batch = day.sealed()
    rows = list(Transfer.objects.select_related("recipient__head").all())
    with signed_in("office", "maker") as browser:
        shown = page(browser.get(f"{DESK}batch/{batch.pk}/")) + page(browser.get(DESK))
    assert [row.number for row in rows if row.account_number in shown or row.holder_kana in shown] == []
    assert [row.number for row in rows if row.recipient.head.name in shown] == []
    assert all(f"****{row.account_number[-3:]}" in shown for row in rows)
    assert AuditEvent.objects.filter(action="batch.view", subject_id=batch.pk).count() == 1


def test_many_lines_are_sealed_as_long_work(day, signed_in):
    batch = day.built()
    Batch.objects.filter(pk=batch.pk).update(count=5_001)
    with signed_in("office", "maker") as browser:
        answer = page(browser.post(f"{DESK}batch/{batch.pk}/seal/", follow=True))
    work = LongWork.objects.get(kind="batch.seal")
    assert (work.arguments["batch"], work.state) == (batch.pk, "waiting")
    assert f"振込データ {batch.pk} の確定" in answer
    assert "確定前の確認をする" in answer and "確定前の確認 <" not in answer


def test_voiding_asks_a_second_time_and_says_what_follows(day, signed_in):
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
def sent_last_week(day):
    """A batch whose value date has come: everything about it happened five bank days ago."""
    earlier = day.day - bank_days_after(day.day, -5)
    day.at -= earlier
    day.day -= earlier
    return day.sent()


def test_the_banks_report_closes_the_batch_and_names_what_came_back(sent_last_week, signed_in):
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


def test_before_the_value_date_a_report_is_refused_beside_its_field(day, signed_in):
    batch = day.sent()
    failed = Transfer.objects.filter(batch=batch).order_by("number").first()
    before = report_bytes((failed.number, failed.amount_yen, "口座解約済", ""))
    with signed_in("office", "maker") as browser:
        early = browser.post(f"{DESK}batch/{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", before)})
        assert early.status_code == 422 and "より前に結果は取り込めません" in page(early)
        empty = browser.post(f"{DESK}batch/{batch.pk}/result/", {})
        assert empty.status_code == 422 and "ファイルを選んでください" in page(empty)
    assert Batch.objects.get().state == "sent"


def test_a_report_for_a_batch_that_was_never_sent_says_so(day, signed_in):
    batch = day.approved()
    with signed_in("office", "maker") as browser:
        answer = browser.post(
            f"{DESK}batch/{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", report_bytes())}
        )
    assert answer.status_code == 422
    assert "まだ金融機関へ渡されていません" in page(answer)


def test_a_case_is_handed_back_with_a_reason(day, signed_in):
    batch = day.built()
    case = Transfer.objects.filter(batch=batch).order_by("number").first().case
    with signed_in("office", "maker") as browser:
        asked = browser.post(f"{DESK}back/{case.number}/", {"reason": ""})
        assert asked.status_code == 422 and "理由を書いてください" in page(asked)
        done = page(browser.post(f"{DESK}back/{case.number}/", {"reason": "名義違い"}, follow=True))
    assert f"{case.printed_number} を審査へ戻しました" in done
    assert Batch.objects.get().count == DECIDED - 1


def test_the_manager_makes_the_list_and_others_read_it(day, signed_in):
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
        assert one.sha256[:8] in seen and CODES["D05"].name in seen
        assert f"前回より−5件（前回 {DECIDED}件）" in seen
        assert browser.post("/p/sample/decisions/make/").status_code == 403


def without_branch(account: AccountVersion) -> AccountVersion:
    """The same account as a further version whose branch nobody keyed: a version is never rewritten."""
    account.pk, account.version, account.branch = None, account.version + 1, ""
    account.save(force_insert=True)
    return account


def test_a_case_without_a_whole_account_is_named_and_goes_back_to_review(day, signed_in):
    proposal = Proposal.objects.filter(case__standing__stage="passed", outcome="grant").order_by("pk").first()
    case = Case.objects.get(pk=proposal.case_id)
    with signed_in("office", "manager") as browser:
        whole = page(browser.get("/p/sample/decisions/"))
        Proposal.objects.filter(pk=proposal.pk).update(account=without_branch(proposal.account))
        seen = page(browser.get("/p/sample/decisions/"))
        back = page(browser.post("/p/sample/decisions/back/", follow=True))
        again = page(browser.post("/p/sample/decisions/back/", follow=True))
    assert "口座がそろっていない" not in whole
    assert "口座がそろっていない案件 1件" in seen and case.printed_number in seen
    assert "まだ一覧に載っていない案件が <b>5</b> 件" in seen
    assert "1件を審査へ戻しました" in back and "審査へ戻せる案件はありません" in again
    assert Case.objects.get(pk=case.pk).standing.stage == "in_review"


def test_pages_ask_the_database_a_fixed_number_of_times(day, signed_in):
    batch = day.sealed()
    with signed_in("office", "maker") as browser:
        counts = {}
        for path in (DESK, f"{DESK}batch/{batch.pk}/", "/p/sample/decisions/", "/p/sample/decisions/1/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 32, counts
