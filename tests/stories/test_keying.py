"""Scanned forms: two operators key the same lot by keyboard alone, a third settles what differs; pages are looked at."""

from datetime import date

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.open_today import open_today
from tests.scanned import filled, jpeg, note, printed
from tests.stories.desk import goes_to
from todoku.case.tables import Case
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.intake.tables import AccountVersion, KeyCorrection, Keying, KeyTask, ProofVersion, Submission
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation
from todoku.sampletown.staff import OFFICE, make_staff, sample_password
from todoku.scan.delivered import files_of_upload
from todoku.scan.receive_lot import receive_lot
from todoku.scan.tables import PageAct, ScanLot, ScanPage
from todoku.scan.take_pages import take_pages

KANA = "ヤマダ タロウ"


@pytest.fixture
def lot(town, clock):
    """Two forms with a copy behind the first, and a note before them that nobody's code explains."""
    programme = open_today(town.programme)
    staff = make_staff(programme.municipality, only=("clerk", "manager"))
    office = Organisation.objects.get(name=OFFICE)
    enrol("clerk2", name="受付 にろう", organisation=office, roles=("clerk",), password=sample_password())
    run = printed(programme, 2)
    first, second = (jpeg(filled(one, run.boxes[1])) for one in run.forms())
    named = [
        ("0.jpg", jpeg(note("メモ"))),
        ("1.jpg", first),
        ("2.jpg", jpeg(note("免許証"))),
        ("3.jpg", second),
    ]
    kept = receive_lot(
        files_of_upload(named), programme=programme, name="束1", arrived_on=localdate(), actor=staff["clerk"],
        at=timezone.now(), stated_sheets=4,
    )  # fmt: skip
    take_pages(ScanLot.objects.get(pk=kept.pk), actor=staff["clerk"], at=timezone.now())
    make_key_tasks(programme=programme, actor=staff["clerk"], at=timezone.now())
    return kept


def _focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.tagName"))


def _key_whole_form(page: Page) -> None:
    keys = page.keyboard
    keys.type(f"{localdate():%m%d}")
    keys.press("Enter")
    keys.type("1" + "0005" + "001" + "1" + "1234567")
    for _ in range(3):
        keys.press("Enter")
    keys.type(KANA)
    keys.press("Enter")
    keys.type(f"{localdate():%m%d}" + "11")
    keys.press("Enter")
    keys.type("0450000000")
    keys.press("Enter")
    _key_paper(page, evidence="1")
    keys.type("5")


def _key_paper(page: Page, *, evidence: str = "") -> None:
    """A driving licence, valid until 令和13年5月3日; both go on by themselves."""
    page.keyboard.type(f"{evidence}1")
    assert _focus(page) == "identity_on"
    page.keyboard.type("5130503")


def _key_account(page: Page, number: str) -> None:
    """Account and paper; the paper's day is the last box and sends the form."""
    keys = page.keyboard
    keys.type("0005" + "001" + "1" + number)
    for _ in range(3):
        keys.press("Enter")
    keys.type(KANA)
    keys.press("Enter")
    _key_paper(page)


def test_two_operators_key_a_lot_by_keyboard_and_a_third_settles_the_difference(
    lot, clock, at_desk, sound, picture
):
    """The crop follows the field, the next form is in the page before it is asked for; nobody sees another's keying."""
    one = at_desk("office", "clerk")
    goes_to(one, "keying/")
    assert sound(one) == []
    one.keyboard.press("n")
    one.wait_for_url("**/keying/first/")
    shown, behind = one.locator("[data-keying]:not([hidden])"), one.locator("[data-keying][hidden]")
    expect(behind).to_have_count(1)
    assert _focus(one) == "arrived_on" and sound(one) == []
    following = behind.get_attribute("data-keying")
    expect(shown.locator(".key-lit")).to_be_attached()
    one.evaluate("document.querySelector('[name=account_number]').focus()")
    expect(shown.locator("[name=account_number]")).to_have_attribute("data-offer", "1234567")
    expect(shown.locator(".key-lit")).to_be_visible()
    picture(one, "office-keying")
    one.evaluate("document.querySelector('[name=arrived_on]').select()")
    held = []
    one.route("**/keying/first/*/", lambda route: route.continue_() if held else held.append(route))
    _key_whole_form(one)
    expect(one.locator("[data-keying]:not([hidden])")).to_have_attribute("data-keying", following)
    assert _focus(one) == "arrived_on" and held, "the next form is here, the answer is not"
    held[0].continue_()
    expect(one.locator("#toasts")).to_contain_text("保存しました")
    assert Keying.objects.count() == 1
    one.wait_for_function("document.querySelectorAll('[data-keying]').length === 1")
    _key_whole_form(one)
    expect(one.get_by_text("あなたが今入力できるものはありません")).to_be_visible()
    assert Keying.objects.filter(round=1).count() == 2 and not Submission.objects.exists()

    clock.forward(minutes=2)  # the minute in which a keying may be taken back
    two = at_desk("office", "clerk2")
    goes_to(two, "keying/second/")
    assert KANA not in two.content() and "1234567" not in two.content()
    _key_account(two, "1234567")
    expect(two.locator("#toasts")).to_contain_text("受け付けました")
    _key_account(two, "1234561")
    expect(two.get_by_text("あなたが今入力できるものはありません")).to_be_visible()
    assert Submission.objects.count() == 1 and KeyTask.objects.filter(state="differs").count() == 1

    clock.forward(minutes=2)  # the minute in which a keying may be taken back
    three = at_desk("office", "manager")
    goes_to(three, "keying/differs/")
    expect(three.get_by_text("1234561")).to_be_visible()
    assert sound(three) == []
    picture(three, "office-keying-differs")
    three.keyboard.press("1")
    three.keyboard.press("Enter")
    expect(three.get_by_text("あなたが今入力できるものはありません")).to_be_visible()
    assert set(AccountVersion.objects.values_list("number", flat=True)) == {"1234567"}
    named = set(ProofVersion.objects.values_list("first", "first_on"))
    assert named == {("driving_licence", date(2031, 5, 3))} and ProofVersion.objects.count() == 2
    correction = KeyCorrection.objects.get()
    assert (correction.before, correction.after) == ("1234561", "1234567")
    goes_to(three, "keying/")
    expect(three.get_by_text("打鍵").first).to_be_visible()
    picture(three, "office-keying-teams")


def test_what_was_typed_is_taken_back_within_the_minute_and_a_fault_comes_back_before_the_next(
    lot, at_desk, sound, picture
):
    """The hand is never taken from the form in hand; an offer is not saved unseen; what could not be sent stays."""
    page = at_desk("office", "clerk")
    goes_to(page, "keying/first/")
    shown = page.locator("[data-keying]:not([hidden])")
    task = shown.get_attribute("data-keying")
    for _ in range(shown.locator("input[data-offer]").count()):
        page.keyboard.press("Control+Enter")
        expect(shown).to_have_attribute("data-keying", str(task))
        assert page.evaluate("Boolean(document.activeElement.dataset.offer)"), (
            "an offer is never saved unseen"
        )
    expect(shown.get_by_text("うすい文字は読取りの案で").first).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("直すところがあります")
    expect(shown).not_to_have_attribute("data-keying", str(task))
    assert _focus(page) == "arrived_on", "the hand stays on the form that it is at"
    _key_whole_form(page)
    expect(page.get_by_text("本人確認書類を選んでください。").first).to_be_visible()
    expect(shown).to_have_attribute("data-keying", str(task))
    assert sound(page) == []
    picture(page, "office-keying-fault")
    expect(page.locator("#toasts")).to_contain_text("保存しました")
    page.evaluate("document.querySelector('[data-keying]:not([hidden]) [name=arrived_on]').select()")
    held = []
    page.route("**/keying/first/*/", lambda route: route.continue_() if held else held.append(route.abort()))
    _key_whole_form(page)
    expect(page.locator("#toasts")).to_contain_text("送れませんでした")
    expect(shown.locator("[name=holder_kana]")).to_have_value(KANA)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("あなたが今入力できるものはありません")).to_be_visible()
    # The sentence stands there before the page has learnt its keys.
    page.wait_for_load_state("load")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("u")
    expect(page.get_by_text("あなたが今入力できるものはありません")).to_be_hidden()
    assert page.locator("[data-keying]:not([hidden])").get_attribute("data-keying") == task
    assert Keying.objects.get(task_id=task).undone_at is not None


def test_what_cannot_be_keyed_is_set_aside_by_keys_and_ended_by_a_person(lot, at_desk, sound, picture):
    page = at_desk("office", "clerk")
    goes_to(page, "keying/first/")
    shown = page.locator("[data-keying]:not([hidden])")
    task = shown.get_attribute("data-keying")
    page.keyboard.press("Alt+x")
    picture(page, "office-keying-cannot")
    page.keyboard.press("Alt+2")
    expect(page.locator("#toasts")).to_contain_text("保留にしました")
    expect(shown).not_to_have_attribute("data-keying", str(task))
    assert _focus(page) == "arrived_on"
    goes_to(page, "keying/")
    page.get_by_role("link", name="別の書類").click()
    page.wait_for_url(f"**/keying/aside/{task}/")
    assert sound(page) == []
    picture(page, "office-keying-aside")
    page.get_by_label("理由").fill("原紙を見て読めた")
    page.keyboard.press("Alt+m")
    page.wait_for_url("**/keying/")
    expect(page.locator("#toasts")).to_contain_text("打鍵へ戻しました")
    assert KeyTask.objects.get(pk=task).state == "first"


def test_a_page_that_nobody_s_code_explains_is_looked_at_by_keys(lot, at_desk, sound, picture):
    page = at_desk("office", "clerk")
    goes_to(page, "scan/")
    assert sound(page) == []
    picture(page, "office-scan")
    page.keyboard.press("n")
    page.wait_for_url("**/scan/look/")
    assert sound(page) == []
    picture(page, "office-scan-look")
    page.keyboard.press("n")
    page.keyboard.type("1234567890123")
    page.keyboard.press("Enter")
    expect(page.get_by_text("番号に誤りがあります").first).to_be_visible()
    goes_to(page, "scan/look/")
    page.keyboard.press("d")
    expect(page.get_by_text("確認を待つページはありません")).to_be_visible()
    expect(page.get_by_text("もう一人の担当者が同じ判断をすると").first).to_be_visible()
    assert ScanPage.objects.get(no=1).state == "unplaced" and PageAct.objects.get().asks == "void"
    page.keyboard.press("u")
    expect(page.get_by_text("残り 1ページ")).to_be_visible()
    assert PageAct.objects.count() == 2 and ScanLot.objects.get().state == "read"
    page.keyboard.press("r")
    expect(page.get_by_text("確認を待つページはありません")).to_be_visible()
    goes_to(page, "scan/")
    page.keyboard.press("r")
    page.wait_for_url("**/scan/again/")
    assert sound(page) == []
    picture(page, "office-scan-again")
    goes_to(page, f"scan/lot/{lot.pk}/")
    assert sound(page) == []


def test_the_papers_of_a_form_on_paper_are_keyed_without_a_mouse_and_what_is_not_asked_is_passed_over(
    town, clock, at_desk, sound, picture
):
    """One key names the paper, its day goes on by itself; a second paper is asked for only where one is not enough."""
    programme = open_today(town.programme)
    make_staff(programme.municipality, only=("clerk",))
    number = Case.objects.filter(programme=programme).order_by("pk")[3].number
    page = at_desk("office", "clerk")
    goes_to(page, f"paper/{number}/")
    keys, kind = page.keyboard, page.locator("[name=identity_kind]").first
    expect(kind).to_be_hidden()
    page.locator("[name=postmark_on]").fill(f"{localdate():%m%d}")
    page.evaluate("document.querySelector('[name=identity_evidence]').focus()")
    keys.type("5")
    assert _focus(page) == "account_evidence", "where there is no paper nobody is asked for its kind"
    page.evaluate("document.querySelector('[name=identity_evidence]').focus()")
    keys.type("1")
    expect(kind).to_be_visible()
    expect(page.locator("[name=second_kind]").first).to_be_hidden()
    assert _focus(page) == "identity_kind" and sound(page) == []
    picture(page, "office-paper-kinds")
    keys.type("1")
    assert _focus(page) == "identity_on"
    keys.type("R060503")
    assert _focus(page) == "account_evidence"
    expect(page.get_by_text("令和6年5月3日（2024/05/03）まで")).to_contain_text("期限が切れています")
    page.evaluate("document.querySelector('[name=identity_kind]:checked').focus()")
    keys.type("c")
    assert _focus(page) == "second_kind", "a pension book is one of two, and carries no day"
    keys.type("d")
    assert _focus(page) == "second_on" and sound(page) == []
    keys.type(f"{localdate():%Y%m%d}")
    assert _focus(page) == "account_evidence"
    expect(page.locator(".key-choice", has_text="パスポート").first).to_have_css("width", "1px")
    picture(page, "office-paper-kinds-chosen")
    keys.type("5")
    page.locator("[name=signed]").first.check(force=True)
    page.locator("[name=arrived_on]").fill(f"{localdate():%m%d}")
    keys.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("受け付けました")
    papers = ProofVersion.objects.get()
    assert (papers.first, papers.first_on) == ("pension_book", None)
    assert (papers.second, papers.second_on) == ("utility_bill", localdate())
