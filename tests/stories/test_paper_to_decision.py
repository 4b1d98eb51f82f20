"""From a sheet of paper to the municipality's decision, each in their own browser: clerk, two reviewers, manager, official.

A clerk keys a form without a mouse; the checks run; the first reviewer sends it back by mistake and takes that back within
the minute; two different persons pass it; the manager puts it on a list; the official decides the digest that the page shows.
"""

from collections.abc import Callable

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.open_today import open_today
from tests.stories.desk import SCREEN, desk_key
from todoku.case.tables import Case, CaseStage
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent, Staff
from todoku.review.screen import screen
from todoku.review.tables import Decision, DecisionList, Verdict
from todoku.sampletown.staff import make_staff


@pytest.fixture
def sit_down(town, at_desk) -> Callable[[str, str], Page]:
    """`sit_down("office", "clerk")` gives that person's browser, signed in at that door."""
    make_staff(town.programme.municipality)
    return at_desk


@pytest.fixture
def no_faults(sound) -> Callable[[Page], None]:
    """`no_faults(page)`: axe-core finds nothing wrong with the page as it stands."""

    def ask(page: Page) -> None:
        assert sound(page) == [], page.url

    return ask


def key_the_form(page: Page, case: Case) -> None:
    """Both hands on the keys: a scan, days, choices by digit, the account, Ctrl+Enter."""
    keys, day = page.keyboard, f"{localdate():%m%d}"
    keys.press(desk_key(page, "入力"))
    page.wait_for_url("**/paper/")
    keys.type(case.number)
    keys.press("Enter")
    page.wait_for_url(f"**/paper/{case.number}/")
    for field, value in {
        "到着日": day, "消印": day, "申請日": day, "電話": "0450000000", "金融機関コード": "0001", "支店コード": "001",
        "口座番号": "1234567", "名義": case.recipient.head.kana,
    }.items():  # fmt: skip
        page.get_by_label(field).first.fill(value)
    for name in ("signed", "identity_evidence", "identity_kind", "account_evidence"):
        page.locator(f"[name={name}]").first.check(force=True)


def take_next(page: Page) -> None:
    page.keyboard.press(desk_key(page, "審査"))
    page.wait_for_url("**/review/")
    page.keyboard.press("n")
    page.wait_for_url("**/review/task/**")


def test_a_paper_form_is_keyed_passed_by_two_and_decided(town, sit_down, no_faults, picture):
    programme = open_today(town.programme)
    case = Case.objects.filter(programme=programme, recipient__head__left_reason="").order_by("pk")[4]
    printed = case.printed_number

    clerk = sit_down("office", "clerk")
    key_the_form(clerk, case)
    no_faults(clerk)
    clerk.keyboard.press("Control+Enter")
    expect(clerk.get_by_text(f"{printed} を受け付けました")).to_be_visible()
    no_faults(clerk)
    assert Submission.objects.get(case=case).state == "received"
    assert screen(programme=programme, actor=SYSTEM, at=timezone.now()).waiting == 1

    first = sit_down("office", "reviewer1")
    take_next(first)
    expect(first.get_by_role("heading", level=1)).to_contain_text(printed)
    assert first.evaluate("document.documentElement.scrollHeight") <= SCREEN["height"]
    no_faults(first)
    first.keyboard.press("r")  # nothing is chosen: the list opens under the hand, nothing is sent
    first.keyboard.type("20")
    no_faults(first)
    first.keyboard.press("r")
    expect(first.get_by_text(f"{printed} を「返戻」にしました。")).to_be_visible()
    no_faults(first)
    assert CaseStage.objects.get(pk=case.pk).stage == "returned"
    first.keyboard.press("u")
    first.wait_for_url("**/review/task/**")
    expect(first.get_by_text("判定を取り消しました")).to_be_visible()
    first.keyboard.press("a")
    expect(first.get_by_text("あなたが扱える申請は今ありません")).to_be_visible()
    assert CaseStage.objects.get(pk=case.pk).stage == "in_review"

    second = sit_down("office", "reviewer2")
    take_next(second)
    expect(second.get_by_role("heading", level=1)).to_contain_text("二次審査")
    no_faults(second)
    second.keyboard.press("e")
    second.wait_for_url("**/account/")
    no_faults(second)
    second.keyboard.press("Control+b")
    second.wait_for_url("**/review/task/*/")
    second.keyboard.press("a")
    expect(second.get_by_text(f"{printed} を「適」にしました。")).to_be_visible()
    no_faults(second)

    manager = sit_down("office", "manager")
    manager.goto(manager.url.split("/p/")[0] + f"/p/{programme.slug}/decisions/")
    no_faults(manager)
    manager.keyboard.press("m")
    expect(manager.get_by_text("1件の一覧を作りました")).to_be_visible()
    no_faults(manager)

    officer = sit_down("municipality", "officer")
    no_faults(officer)
    made = DecisionList.objects.get()
    officer.goto(officer.url.split("/p/")[0] + f"/p/{programme.slug}/decisions/")
    no_faults(officer)
    officer.get_by_role("link", name=f"一覧 {made.pk}").first.click()
    officer.wait_for_url(f"**/decisions/{made.pk}/")
    no_faults(officer)
    officer.keyboard.press("d")
    officer.wait_for_url("**/decide/")
    expect(officer.get_by_text(made.sha256[:8]).first).to_be_visible()
    no_faults(officer)
    officer.get_by_role("checkbox").check()
    officer.get_by_role("button", name="決定する").click()
    expect(officer.get_by_text("支給・不支給を決定しました")).to_be_visible()
    no_faults(officer)

    people = dict(Staff.objects.values_list("username", "pk"))
    assert CaseStage.objects.get(pk=case.pk).stage == "decided"
    decision = Decision.objects.get()
    assert (decision.in_force, decision.outcome, decision.amount_yen) == (
        True,
        "grant",
        case.entitlement.amount_yen,
    )
    approved = Verdict.objects.filter(outcome="approve", undone_at__isnull=True).order_by("step")
    assert [verdict.staff_id for verdict in approved] == [people["reviewer1"], people["reviewer2"]]
    looked = AuditEvent.objects.filter(subject_kind="case", subject_id=case.pk, action="review.judge")
    assert {look.actor_id for look in looked} == {people["reviewer1"], people["reviewer2"]}

    # The day after: he says that the amount is wrong. The office writes it down, the municipality answers by an order.
    at_case = f"/p/{programme.slug}/objections/case/{case.number}/"
    manager.goto(manager.url.split("/p/")[0] + at_case)
    no_faults(manager)
    manager.get_by_label("申出の種類").select_option("correction")
    manager.get_by_label("何について").select_option("amount")
    manager.get_by_label("だれの申出か").fill("本人")
    manager.get_by_label("申出の内容").fill("家族は四人ですが、三人分です。")
    manager.keyboard.press("Control+Enter")
    expect(manager.get_by_text("申出第1号として受け付けました")).to_be_visible()
    picture(manager, "office-objection")
    no_faults(manager)
    officer.goto(officer.url.split("/p/")[0] + f"/p/{programme.slug}/objections/")
    no_faults(officer)
    officer.get_by_role("link", name="申出第1号").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("訂正の申出")
    no_faults(officer)
    officer.get_by_label("決定を改める").check()
    officer.get_by_label("決裁の番号").fill("決裁8-12")
    officer.get_by_label("理由", exact=True).fill("名簿を確かめ、四人でした。")
    picture(officer, "city-objection")
    officer.keyboard.press("Control+Enter")
    expect(officer.get_by_text("申出第1号に回答しました")).to_be_visible()
    no_faults(officer)
    assert CaseStage.objects.get(pk=case.pk).stage == "in_review"
    decision.refresh_from_db()
    assert not decision.in_force

    # Then he writes that he wants nothing after all; somebody calls him back, and nobody is paid.
    manager.goto(manager.url.split("/p/")[0] + f"/p/{programme.slug}/case/{case.number}/decline/")
    no_faults(manager)
    manager.get_by_label("申出の方法").select_option("paper")
    manager.get_by_label("だれの申出か").fill("本人")
    manager.keyboard.press("Control+Enter")
    expect(manager.get_by_role("heading", name="本人に確かめる")).to_be_visible()
    no_faults(manager)
    picture(manager, "office-decline")
    manager.get_by_label("こちらから電話して本人に").check()
    manager.get_by_label("いつ、だれに、どう確かめたか").fill("名簿の番号にかけ、本人に")
    manager.get_by_role("button", name="辞退を確認した").click()
    expect(manager.get_by_text("辞退を確認しました。支給しません。")).to_be_visible()
    assert CaseStage.objects.get(pk=case.pk).stage == "declined"
