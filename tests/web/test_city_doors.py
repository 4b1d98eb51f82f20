"""The bank telephones the municipality: what its people may do after the bank has the file has a page at their own door."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLResolver, get_resolver

from tests.bank.test_account_inquiry import answered
from tests.money_fixture import DECIDED
from tests.payment.ground import report_bytes
from tests.web.test_after_payment import (  # noqa: F401
    TOWN,
    asks_accounts,
    keyed,
    page,
    reconciled,
    seen,
    sent,
    transfers,
)
from todoku.bank.tables import AccountInquiry, BankQuery, Recall
from todoku.custody.files import read
from todoku.payment.side_tables import UnmatchedReturn
from todoku.people.access import ACTIONS, ROLES

CITY = {code for code, role in ROLES.items() if role.organisation == "municipality"}
# The rooms after the decision, in which the municipality acts with the bank, the post and the issuer.
ROOMS = ("batch.", "account.", "query.", "recall.", "gift.", "cash.")


def asked_at(resolver) -> set[str]:
    """The actions for which some route below asks."""
    found = set()
    for entry in resolver.url_patterns:
        found |= asked_at(entry) if isinstance(entry, URLResolver) else {entry.callback.asks}
    return found


def test_no_right_of_the_municipality_over_money_lacks_a_door():
    held = {action for action, roles in ACTIONS.items() if roles & CITY and action.startswith(ROOMS)}
    assert {"query.open", "recall.ask", "batch.result", "account.answer"} <= held
    assert held - asked_at(get_resolver("todoku.web.municipality.urls")) == set()


def test_the_treasurer_writes_down_what_the_bank_asks_on_the_telephone(day, sent, signed_in):  # noqa: F811
    one, new = transfers(sent)[0], f"{TOWN}after/query/new/"
    values = {"number": one.number, "question": "口座番号相違", "asked_on": day.at.date().isoformat()}
    with signed_in("municipality", "treasurer") as browser:
        assert new in seen(browser.get(f"{TOWN}after/"))
        assert new in seen(browser.get(f"{TOWN}approvals/{sent.pk}/"))
        form = page(browser.get(new))
        assert "照会・組戻し" in form and "c-header" in form
        made = browser.post(new, values, follow=True)
        assert "翌々営業日" in page(made) and "事務局の起案を待っています" in page(made)
        assert made.redirect_chain[-1][0] == f"{TOWN}after/query/{BankQuery.objects.get().pk}/"
    assert BankQuery.objects.get().opened_by.username == "treasurer"
    with signed_in("municipality", "officer") as browser:
        assert new not in seen(browser.get(f"{TOWN}after/"))
        assert browser.post(new, values).status_code == 403


def test_the_officer_asks_a_transfer_back_of_which_the_bank_has_said_nothing(day, signed_in, clock):
    batch = day.sending()
    clock.forward(hours=2)
    one, other, *_ = transfers(batch)
    new = f"{TOWN}after/recall/new/"
    with signed_in("municipality", "treasurer") as browser:
        query = {"number": one.number, "question": "相違", "asked_on": day.at.date().isoformat()}
        refused = browser.post(f"{TOWN}after/query/new/", query)
        assert refused.status_code == 422 and "結果不明です" in page(refused)
        assert browser.get(new).status_code == 403
    with signed_in("municipality", "officer") as browser:
        assert new in seen(browser.get(f"{TOWN}approvals/{batch.pk}/"))
        asked = browser.post(new, {"number": one.number, "reason": "二重の申請"}, follow=True)
        assert "出納の依頼待ち" in page(asked) and "取りやめる" in seen(asked)
        by_case = browser.post(new, {"number": other.case.number, "reason": "死亡後の決定"}, follow=True)
        assert "出納の依頼待ち" in page(by_case)
        first = Recall.objects.get(transfer=one)
        browser.post(f"{TOWN}after/recall/{first.pk}/", {"outcome": "withdrawn", "words": "誤りではなかった"})
    with signed_in("municipality", "treasurer") as browser:
        second = Recall.objects.get(transfer=other)
        sheet = browser.get(f"{TOWN}after/recall/{second.pk}/sheet/")
        assert other.number in page(sheet)
        browser.post(f"{TOWN}after/recall/{second.pk}/")
    assert dict(Recall.objects.values_list("transfer", "state")) == {one.pk: "withdrawn", other.pk: "sent"}


def test_the_treasurer_keys_the_result_and_what_came_back_after_it(sent, signed_in):  # noqa: F811
    back, late, *_ = transfers(sent)
    path, home = f"{TOWN}approvals/{sent.pk}/returned/", f"{TOWN}approvals/{sent.pk}/"
    row = (back.number, back.amount_yen, "CLOSED", "2026-12-04")
    with signed_in("municipality", "treasurer") as browser:
        assert path in seen(browser.get(home))
        form = page(browser.get(path))
        assert "c-header" in form and f'href="{home}"' in form and "列の対応" not in form
        assert "残りはすべて振込済にします" in page(browser.post(path, keyed(row, way="result")))
        taken = browser.post(path, keyed(row, way="result", step="take"), follow=True)
        assert taken.redirect_chain[-1][0] == home and f"振込済 {DECIDED - 1}件、振込不能 1件" in page(taken)
        again = SimpleUploadedFile("k.csv", report_bytes())
        named = "あとから戻った振込を取り込む"
        assert named in page(browser.get(home))
        refused = page(browser.post(f"{home}result/", {"file": again}))
        assert f"「{named}」" in refused
        row = (late.number, late.amount_yen, "CLOSED", "2026-12-07")
        browser.post(path, keyed(row, way="late", step="take"))
    late.refresh_from_db()
    assert late.state == "returned"
    with signed_in("municipality", "officer") as browser:
        assert browser.get(path).status_code == 403 and path not in seen(browser.get(home))


def test_a_return_that_fits_nothing_is_resolved_where_the_bank_was_asked(reconciled, signed_in):  # noqa: F811
    spoiled = SimpleUploadedFile("a.csv", report_bytes(("9999999999", 5, "解約", "")))
    with signed_in("municipality", "treasurer") as browser:
        file = f"{TOWN}approvals/{reconciled.pk}/returned/file/"
        assert browser.post(file, {"file": spoiled, "way": "late"}).status_code == 422
        one = UnmatchedReturn.objects.get()
        path = f"{TOWN}after/unmatched/{one.pk}/"
        assert "照合できない返却" in seen(browser.get(TOWN))
        assert f'<a href="{path}">解決する</a>' in seen(browser.get(f"{TOWN}after/"))
        assert f"{TOWN}approvals/{reconciled.pk}/" in seen(browser.get(path))
    with signed_in("municipality", "officer") as browser:
        looked = seen(browser.get(f"{TOWN}after/"))
        assert "9999999999" in looked and ">操作<" not in looked and path not in looked
        assert browser.get(path).status_code == 403
    with signed_in("municipality", "treasurer") as browser:
        values = {"outcome": "not_ours", "words": "みなと銀行に確認"}
        assert "解決を記録しました" in page(browser.post(path, values, follow=True))
    one.refresh_from_db()
    assert one.resolved_by.username == "treasurer"


def test_whole_accounts_in_the_banks_answer_are_read_in_by_who_received_them(day, signed_in):
    asks_accounts(day)
    with signed_in("office", "maker") as browser:
        browser.post(f"{TOWN}after/accounts/make/")
    inquiry = AccountInquiry.objects.get()
    path = f"{TOWN}after/accounts/{inquiry.pk}/"
    data = answered(read(inquiry.parcel.path), "0" * (inquiry.count - 3) + "129")
    with signed_in("municipality", "officer") as browser:
        assert path not in seen(browser.get(f"{TOWN}after/")) and browser.get(path).status_code == 403
    with signed_in("municipality", "treasurer") as browser:
        desk = seen(browser.get(f"{TOWN}after/"))
        assert f'<a href="{path}">回答を取り込む</a>' in desk and f"{path}file/" in desk
        assert "事務局へ送ってください" not in desk
        assert "照会を取り消す" not in page(browser.get(path)), "the office asks anew"
        done = browser.post(path, {"file": SimpleUploadedFile("a.txt", data)}, follow=True)
        assert "確認できない 3件は審査へ戻しました" in page(done)
        assert f'<a href="{path}">' not in seen(browser.get(f"{TOWN}after/"))
    inquiry.refresh_from_db()
    assert inquiry.answered_at is not None
