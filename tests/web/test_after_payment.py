"""振込後の照会・組戻し on both doors: results keyed, late returns, recalls, the bank's query with its clock, inquiries."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bank.test_account_inquiry import answered
from tests.money_fixture import DECIDED
from tests.next_version import next_version
from tests.open_today import letters
from tests.payment.ground import report_bytes
from tests.web.resident import Resident, text_of
from todoku.bank.bank_query import Amendment, answer_query, open_query, propose_answer
from todoku.bank.read_result import read_result
from todoku.bank.recall import ask_recall
from todoku.bank.tables import AccountInquiry, BankQuery, Recall
from todoku.case.failure_wording import failure_wording
from todoku.custody.files import read
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import BankReport, Transfer
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Municipality
from todoku.rounds.due_letters import due_items

TOWN = "/p/sample/"


def page(answer) -> str:
    return answer.content.decode()


def seen(answer) -> str:
    """The page's own part, without frame and messages."""
    return page(answer)[page(answer).index('id="main"') :]


@pytest.fixture
def sent(day, clock):
    """The value date's noon: the bank has the batch, its result is not in."""
    batch = day.sent()
    day.to_value_date()
    clock.to(day.at)
    return batch


@pytest.fixture
def reconciled(day, sent):
    read_result(sent, report_bytes(), name="k.csv", actor=day.staff["maker"], at=day.at)
    sent.refresh_from_db()
    return sent


def transfers(batch):
    return list(Transfer.objects.filter(batch=batch).order_by("number"))


def keyed(*rows, **more):
    """What the form of keyed returns posts."""
    values = {"form-TOTAL_FORMS": str(max(len(rows), 1)), "form-INITIAL_FORMS": "0"} | more
    for n, (number, amount, reason, day) in enumerate(rows):
        values |= {
            f"form-{n}-number": number, f"form-{n}-amount": str(amount), f"form-{n}-reason": reason,
            f"form-{n}-returned_on": day,
        }  # fmt: skip
    return values


def test_a_result_from_paper_is_looked_at_twice_before_it_is_taken(sent, signed_in):
    back = transfers(sent)[0]
    path, row = (
        f"{TOWN}payment/batch/{sent.pk}/returned/",
        (back.number, back.amount_yen, "CLOSED", "2026-12-04"),
    )
    with signed_in("office", "maker") as browser:
        assert path in page(browser.get(f"{TOWN}payment/batch/{sent.pk}/"))
        assert "1行目の金額" in page(browser.get(path))
        wrong = browser.post(path, keyed((back.number, "十万", "", ""), way="result"))
        assert (
            wrong.status_code == 422
            and "1行目: 金額を数字で" in page(wrong)
            and "戻った理由を選んで" in page(wrong)
        )
        look = page(browser.post(path, keyed(row, way="result")))
        assert (
            "残りはすべて振込済にします" in look
            and "解約済" in look
            and f"****{back.account_number[-3:]}" in look
        )
        assert back.account_number not in look and BankReport.objects.count() == 0
        taken = page(browser.post(path, keyed(row, way="result", step="take"), follow=True))
    assert f"振込済 {DECIDED - 1}件、振込不能 1件を取り込みました" in taken
    assert BankReport.objects.get().parcel is None


def test_a_slip_of_the_hand_shows_at_the_second_look_and_is_not_taken(sent, signed_in):
    back = transfers(sent)[0]
    path, row = f"{TOWN}payment/batch/{sent.pk}/returned/", (back.number, back.amount_yen + 1, "CLOSED", "")
    with signed_in("office", "maker") as browser:
        assert 'class="marked"' in page(browser.post(path, keyed(row, way="result")))
        refused = browser.post(path, keyed(row, way="result", step="take"))
        assert refused.status_code == 422 and "金額が依頼と違います" in page(refused)
        assert UnmatchedReturn.objects.count() == 0
        as_written = browser.post(path, keyed(row, way="result", step="question"), follow=True)
        again = browser.post(path, keyed(row, way="result", step="question"))
    assert "1件を照合できない返却として残しました" in page(as_written) and back.number in page(as_written)
    assert again.status_code == 422 and UnmatchedReturn.objects.get().parcel is None
    assert BankReport.objects.count() == 0


def test_what_was_keyed_is_still_there_when_it_is_keyed_again_or_given_more_rows(sent, signed_in):
    back = transfers(sent)[0]
    path, row = f"{TOWN}payment/batch/{sent.pk}/returned/", (back.number, back.amount_yen + 1, "CLOSED", "")
    values = (f'value="{back.number}"', f'value="{back.amount_yen + 1}"', '<option value="CLOSED" selected>')
    with signed_in("office", "maker") as browser:
        assert 'name="step" value="again">打ち直す</button>' in page(
            browser.post(path, keyed(row, way="result"))
        )
        again = browser.post(path, keyed(row, way="result", step="again"))
        more = browser.post(path, keyed(row, ("", "十万", "", ""), way="result", step="more"))
        first = page(browser.get(path))
    assert again.status_code == more.status_code == 200
    for answer, rows in ((again, 1), (more, 50)):
        assert [value for value in values if value not in page(answer)] == []
        assert page(answer).count('class="visually-hidden" for="id_form-') == rows * 4
    assert 'value="十万"' in page(more), "what is not a number yet stays as it was keyed"
    assert "行が足りないとき" in page(more) and "行が足りないとき" not in first
    assert 'name="step" value="more">50行に増やす</button>' in first
    assert BankReport.objects.count() == 0


def test_more_than_a_page_of_returns_is_taken_in_parts_and_nothing_of_the_rest_is_paid_between(
    sent, signed_in
):
    one, two, three, *others = transfers(sent)
    path = f"{TOWN}payment/batch/{sent.pk}/returned/"
    lines = [(back.number, back.amount_yen, "CLOSED", "") for back in (one, two, three)]
    states = Transfer.objects.filter(batch=sent).order_by("number").values_list("state", flat=True)
    with signed_in("office", "maker") as browser:
        look = page(browser.post(path, keyed(*lines[:2] * 25, way="result")))
        assert "まだ残りがありませんか" in look and "上の50件だけを先に取り込む" in look
        assert "まだ残りがありませんか" not in page(browser.post(path, keyed(lines[0], way="result")))
        part = browser.post(path, keyed(*lines[:2], way="result", step="part"), follow=True)
        assert "振込不能 2件を先に取り込みました。ほかの振込は、まだ振込済にしていません" in page(part)
        assert part.redirect_chain[0][0] == f"{path}?rows=50" and "振込結果を打ち込む" in page(part)
        assert list(states.all()) == ["returned"] * 2 + ["sent"] * (DECIDED - 2)
        last = browser.post(path, keyed(lines[2], way="result", step="take"), follow=True)
    assert f"振込済 {len(others)}件、振込不能 1件を取り込みました" in page(last)
    assert list(states.all()) == ["returned"] * 3 + ["settled"] * len(others)


@pytest.mark.parametrize("reason", ["NAME_MISMATCH", "RECALLED"])
def test_the_resident_reads_why_the_transfer_came_back_and_what_usually_helps(
    day, sent, signed_in, at_door, reason
):
    known = {letter.case: letter for letter in letters(day.programme)}
    back = next(one for one in transfers(sent) if one.case_id in known)
    path, row = f"{TOWN}payment/batch/{sent.pk}/returned/", (back.number, back.amount_yen, reason, "")
    with signed_in("office", "maker") as browser:
        browser.post(path, keyed(row, way="result", step="take"))
    with at_door("resident"):
        resident = Resident(known[back.case_id])
        resident.look_up()
        japanese = text_of(resident.get("status/"))
        resident.client.post("/i18n/setlang/", {"language": "en", "next": "/sample/"})
        english = text_of(resident.get("status/"))
    assert "お振込みできなかった理由" in japanese and "別の口座" not in japanese
    for sentence in failure_wording(reason):
        assert sentence.text() in japanese and sentence.text() not in english
    assert ("通帳の表紙のとおりのカナで" in japanese) == (reason == "NAME_MISMATCH")
    assert "Why the payment could not be made" in english
    (item,) = due_items("transfer_failed", day.programme, day.at.date())
    assert item.values[2] == failure_wording(reason)[0].text(), "the letter says the same"


def test_what_came_back_later_is_taken_from_a_file_and_what_fits_nothing_stays_open(reconciled, signed_in):
    back = transfers(reconciled)[0]
    path = f"{TOWN}payment/batch/{reconciled.pk}/returned/file/"
    with signed_in("office", "maker") as browser:
        assert "あとから戻った振込を取り込む" in page(browser.get(f"{TOWN}payment/batch/{reconciled.pk}/"))
        spoiled = SimpleUploadedFile("a.csv", report_bytes(("9999999999", 5, "解約", "")))
        refused = browser.post(path, {"file": spoiled, "way": "late"})
        assert refused.status_code == 422 and "次の振込データを確定できません" in page(refused)
        first = page(browser.get(TOWN))
        assert "照合できない返却" in first
        desk = page(browser.get(f"{TOWN}after/"))
        assert "9999999999" in desk
        question = UnmatchedReturn.objects.get()
        without = browser.post(f"{TOWN}after/unmatched/{question.pk}/", {"outcome": "not_ours", "words": ""})
        assert without.status_code == 422
        solved = browser.post(
            f"{TOWN}after/unmatched/{question.pk}/",
            {"outcome": "not_ours", "words": "みなと銀行に確認"},
            follow=True,
        )
        assert "解決を記録しました" in page(solved) and "9999999999" not in seen(solved)
        good = SimpleUploadedFile("b.csv", report_bytes((back.number, back.amount_yen, "解約", "2026-12-07")))
        taken = page(browser.post(path, {"file": good, "way": "late"}, follow=True))
    assert "振込不能 1件を取り込みました" in taken
    back.refresh_from_db()
    assert back.state == "returned"


def test_a_recall_is_asked_at_the_office_and_sent_at_the_municipality_with_its_sheet(sent, signed_in):
    one = transfers(sent)[0]
    with signed_in("office", "manager") as browser:
        nobody = browser.post(f"{TOWN}after/recall/new/", {"number": "123", "reason": "誤り"})
        assert nobody.status_code == 422 and "10桁か" in page(nobody)
        asked = browser.post(
            f"{TOWN}after/recall/new/", {"number": one.number, "reason": "死亡後の振込"}, follow=True
        )
        assert "出納の依頼待ち" in page(asked) and one.account_number not in page(asked)
    recall = Recall.objects.get()
    with signed_in("municipality", "treasurer") as browser:
        first = page(browser.get(TOWN))
        assert "組戻し" in first and "依頼する" in first
        sheet = seen(browser.get(f"{TOWN}after/recall/{recall.pk}/sheet/"))
        assert all(
            words in sheet
            for words in (one.number, one.account_number, one.holder_kana, f"{one.amount_yen:,}")
        )
        assert f"{sent.total_yen:,}" not in sheet
        done = browser.post(f"{TOWN}after/recall/{recall.pk}/", follow=True)
        assert "金融機関の回答待ち" in page(done) and one.account_number not in page(done)
        without = browser.post(f"{TOWN}after/recall/{recall.pk}/", {"outcome": "refused", "words": ""})
        assert without.status_code == 422
        browser.post(f"{TOWN}after/recall/{recall.pk}/", {"outcome": "refused", "words": "受取人が応じない"})
    recall.refresh_from_db()
    assert recall.state == "refused"
    looks = AuditEvent.objects.filter(action="after.view", reason__contains="全桁")
    assert looks.count() == 1


def test_the_banks_query_is_proposed_and_answered_by_two_and_its_clock_runs_out(sent, signed_in, day, clock):
    one = transfers(sent)[0]
    path = f"{TOWN}after/query/"
    with signed_in("office", "maker") as browser:
        made = browser.post(
            path + "new/",
            {"number": one.number, "question": "口座番号相違", "asked_on": day.at.date().isoformat()},
            follow=True,
        )
        assert "翌々営業日" in page(made)
        query = BankQuery.objects.get()
        account = {
            "bank": one.bank,
            "branch": one.branch,
            "kind": one.kind,
            "holder_kana": one.holder_kana,
            "why": "通帳の写し",
        }
        short = browser.post(f"{path}{query.pk}/", account | {"answer": "amend", "account_number": "12"})
        assert short.status_code == 422 and "7桁" in page(short)
        done = browser.post(
            f"{path}{query.pk}/", account | {"answer": "amend", "account_number": "7654321"}, follow=True
        )
        assert "****321" in page(done) and "7654321" not in seen(done)
    clock.forward(days=6)
    with signed_in("office", "maker") as browser:
        late = page(browser.get(f"{path}{query.pk}/"))
        assert "回答の期限" in late and "資金を返却します" in late
        assert "期限を過ぎた照会・組戻し" in page(browser.get(TOWN))
    with signed_in("municipality", "treasurer") as browser:
        assert "口座相違の照会への回答" in page(browser.get(TOWN))
        shown = page(browser.get(f"{path}{query.pk}/"))
        assert one.account_number in shown and "7654321" in shown and "変更" in shown
        query.refresh_from_db()
        stale = browser.post(f"{path}{query.pk}/", {"proposed_at": "2026-01-01T00:00:00+09:00"})
        assert stale.status_code == 422 and "起案が変わりました" in page(stale)
        answered_now = browser.post(
            f"{path}{query.pk}/", {"proposed_at": query.proposed_at.isoformat()}, follow=True
        )
        assert "金融機関への回答を記録しました" in page(answered_now)
    with signed_in("office", "maker") as browser:
        batch_page = page(browser.get(f"{TOWN}payment/batch/{sent.pk}/?q={one.number}"))
    assert "訂正を回答" in batch_page and "訂正した口座" in batch_page and "****321" in batch_page


def test_the_municipality_sees_all_money_that_came_back(day, reconciled, signed_in):
    back = transfers(reconciled)[0]
    data = report_bytes((back.number, back.amount_yen, "解約", "2026-12-07"))
    with signed_in("municipality", "treasurer") as browser:
        assert "戻った資金はありません" in page(browser.get(f"{TOWN}after/"))
    with signed_in("office", "maker") as browser:
        browser.post(
            f"{TOWN}payment/batch/{reconciled.pk}/returned/file/", {"file": SimpleUploadedFile("b.csv", data), "way": "late"}
        )  # fmt: skip
    with signed_in("municipality", "viewer") as browser:
        listed = seen(browser.get(f"{TOWN}after/"))
    assert back.number in listed and "あとから戻った振込" in listed and "口座の届出待ち" in listed
    assert back.account_number not in listed


def asks_accounts(day):
    old = day.programme.version
    text = old.text.replace("[payment]\n", "[payment]\naccount_inquiry = true\n")
    next_version(day.programme, text, at=day.at)


def test_the_account_inquiry_desk_makes_the_file_reads_the_answer_and_adds_up(day, signed_in):
    with signed_in("office", "maker") as browser:
        assert "口座照会（" not in page(browser.get(f"{TOWN}after/"))
        asks_accounts(day)
        assert "口座照会を作成する" in page(browser.get(f"{TOWN}after/"))
        made = page(browser.post(f"{TOWN}after/accounts/make/", follow=True))
        assert "の口座の照会を作成しました" in made
        inquiry = AccountInquiry.objects.get()
        assert inquiry.count == DECIDED + 4, "decided cases and proposals that wait"
        assert "確認を待つ支給決定" in made
        again = page(browser.post(f"{TOWN}after/accounts/make/", follow=True))
        assert "照会する口座はありません" in again
    with signed_in("municipality", "treasurer") as browser:
        saved = browser.get(f"{TOWN}after/accounts/{inquiry.pk}/file/")
        assert saved.content == read(inquiry.parcel.path)
    data = answered(saved.content, "0" * (inquiry.count - 3) + "129")
    path = f"{TOWN}after/accounts/{inquiry.pk}/"
    with signed_in("office", "maker") as browser:
        refused = browser.post(path, {"file": SimpleUploadedFile("a.txt", saved.content)})
        assert refused.status_code == 422 and "種別98" in page(refused)
        taken = browser.post(path, {"file": SimpleUploadedFile("a.txt", data)}, follow=True)
        assert "確認できない 3件は審査へ戻しました" in page(taken)
        strip = seen(taken)
    assert "差引" not in strip and "一致" in strip
    assert all(words in strip for words in ("該当口座なし", "受取人名相違", "回答待ち"))


def test_the_columns_of_a_banks_report_are_proposed_from_its_first_lines_and_kept_once(reconciled, signed_in):
    back = transfers(reconciled)[0]
    lines = f"みなと銀行 資金返却明細,,\r\nお客様番号,返却金額,返却事由\r\n{back.number},{back.amount_yen},取引停止中\r\n"
    data, path = lines.encode("cp932"), f"{TOWN}payment/columns/"
    with signed_in("office", "maker") as browser:
        proposed = browser.post(path, {"file": SimpleUploadedFile("m.csv", data)})
        assert "ファイルの初めの行" in page(proposed) and "「取引停止中」" in page(proposed)
        form = proposed.context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        values |= {
            "step": "keep",
            "head": form.columns,
            "text": form.words,
            "column_number": "",
            "name": "みなと銀行",
        }
        lacking = browser.post(path, values)
        assert lacking.status_code == 422 and "「依頼番号」の列を選んで" in page(lacking)
        kept = browser.post(path, values | {"column_number": "1"}, follow=True)
        assert "列の対応を保存しました" in page(kept) and "お客様番号" in page(kept)
        taken = browser.post(
            f"{TOWN}payment/batch/{reconciled.pk}/returned/file/",
            {"file": SimpleUploadedFile("m.csv", data), "way": "late"}, follow=True,
        )  # fmt: skip
        assert "振込不能 1件を取り込みました" in page(taken)
    assert "お客様番号" in Municipality.objects.get().report_mapping
    assert Transfer.objects.get(pk=back.pk).result.reason == "BLOCKED"


# Who may not do a deed of these pages.
FORBIDDEN = [
    ("office", "clerk", "after/"), ("office", "approver", "after/query/new/"), ("office", "approver", "after/recall/new/"),
    ("office", "approver", "after/accounts/make/"), ("office", "manager", "payment/columns/"),
    ("municipality", "viewer", "after/query/1/"), ("municipality", "officer", "after/recall/1/sheet/"),
    ("municipality", "officer", "after/accounts/1/file/"),
]  # fmt: skip


def test_each_page_is_for_its_people(day, sent, signed_in):
    ask_recall(transfers(sent)[0], reason="誤り", actor=day.staff["manager"], at=day.at)
    for door, who, place in FORBIDDEN:
        with signed_in(door, who) as browser:
            answer = browser.post(TOWN + place) if place.endswith("make/") else browser.get(TOWN + place)
            assert answer.status_code == 403, (door, who, place)


def test_the_pages_ask_the_database_a_fixed_number_of_times(day, sent, signed_in):
    asks_accounts(day)
    counts = {}
    for more in range(2):
        for one in transfers(sent)[more * 3 : more * 3 + 3]:
            query = open_query(
                one, question="相違", asked_on=day.at.date(), actor=day.staff["maker"], at=day.at
            )
            to = Amendment(one.bank, one.branch, one.kind, "0000123", one.holder_kana)
            query = propose_answer(
                query, answer="amend", amendment=to, why="通帳", actor=day.staff["maker"], at=day.at
            )
            answer_query(
                query,
                proposed_at=query.proposed_at,
                actor=day.staff["treasurer"],
                at=day.at + timedelta(minutes=1),
            )
            ask_recall(one, reason="誤り", actor=day.staff["manager"], at=day.at)
        for door, who in (("office", "maker"), ("municipality", "treasurer")):
            with signed_in(door, who) as browser, CaptureQueriesContext(connection) as queries:
                assert browser.get(f"{TOWN}after/").status_code == 200
            counts[door, more] = len(queries)
    assert counts["office", 0] == counts["office", 1] <= 22, counts
    assert counts["municipality", 0] == counts["municipality", 1] <= 24, counts
