"""A day at the review desk by keyboard alone: several cases of different queues, one put aside, one called, one withdrawn.

The next case's pictures are on the machine before the verdict leads to it. The shift ends with words for the next; the lead
sees it all.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.office_day import OfficeDay
from tests.open_today import open_today
from tests.stories.desk import SCREEN
from todoku.people.tables import AuditEvent
from todoku.review.desk_tables import Contact, ShiftNote
from todoku.review.tables import Task, Verdict
from todoku.sampletown.staff import make_staff

PHONE = "0452223333"


@pytest.fixture
def office(town):
    """Three web applications whose account is another's, and three paper forms that lack something."""
    programme = open_today(town.programme)
    day = OfficeDay(programme, town.households, timezone.now() - timedelta(hours=2))
    make_staff(programme.municipality)
    day.applicants = day.applicants[:20]
    day.invite(day.applicants)
    return day


def arrives(office: OfficeDay) -> None:
    web, paper = office.unsampled[:3], office.unsampled[3:6]
    for one in web:
        # Family name and given name the other way round: two of the office decide, and may ask for the passbook.
        office.send_web(one, holder_kana=" ".join(reversed(office.account(one).holder_kana.split())))
    office.arrive(
        office.form(paper[0], signed=False, phone=PHONE),
        office.form(paper[1], members_corrected=True),
        office.form(paper[2], identity_evidence=""),
    )


def number(page: Page) -> str:
    return page.locator("h1 .fixed").inner_text()


def next_shown(page: Page, before: str) -> str:
    """Waits until another case than `before` is on the screen; gives its number."""
    expect(page.locator("h1 .fixed")).not_to_have_text(before)
    return number(page)


def test_a_reviewers_day(office, at_desk, sound, picture):
    arrives(office)
    today = localdate()
    for place, task in enumerate(Task.objects.order_by("pk")):
        Task.objects.filter(pk=task.pk).update(due_on=today + timedelta(days=place - 1))
    page = at_desk("office", "reviewer1")
    keys = page.keyboard
    page.goto(page.url.split("/p/")[0] + f"/p/{office.programme.slug}/review/")
    assert sound(page) == []
    picture(page, "office-review-queue")

    # The first three have pictures. While the first is looked at, the second's are fetched; a verdict changes the page's part.
    keys.press("n")
    page.wait_for_url("**/review/task/**")
    first = number(page)
    expect(page.locator("html[data-ahead='2']")).to_be_attached()
    assert sound(page) == []
    picture(page, "office-review-desk")
    assert page.evaluate("document.documentElement.scrollHeight") <= SCREEN["height"]
    page.evaluate("window.stays = true")
    keys.press("1")
    keys.press("r")
    second = next_shown(page, first)
    assert page.evaluate("window.stays"), "the page was not loaded anew"
    assert page.locator("[data-picture] img").first.get_attribute("src").startswith("blob:")
    seen = AuditEvent.objects.filter(action="document.ahead").values_list("subject_id", flat=True)
    assert set(seen) >= {Task.objects.get(state="held").case_id}
    expect(page.get_by_text(f"{first} を「返戻」にしました。")).to_be_visible()
    assert sound(page) == []

    # Put aside with a reason; the dialog takes the hand, and the next comes.
    keys.press("s")
    expect(page.locator("#act-aside textarea")).to_be_focused()
    keys.type("別の通帳を待つ")
    keys.press("Control+Enter")
    third = next_shown(page, second)
    assert Task.objects.get(not_before__isnull=False).case.printed_number == second

    # Two deficiencies by one key each, then the way back within the minute.
    keys.press("1")
    keys.press("2")
    keys.press("r")
    fourth = next_shown(page, third)
    assert len(Verdict.objects.latest("pk").codes) == 2
    keys.press("u")
    assert next_shown(page, fourth) == third
    keys.press("1")
    keys.press("r")
    fourth = next_shown(page, third)

    # What is missing can be asked for by telephone: planned here, called from the list.
    keys.press("l")
    expect(page.locator("#act-contact")).to_be_visible()
    keys.press("Control+Enter")
    fifth = next_shown(page, fourth)
    keys.press("a")
    next_shown(page, fifth)
    keys.press("h")
    page.wait_for_url("**/review/")
    keys.press("l")
    page.wait_for_url("**/contacts/")
    assert sound(page) == []
    page.get_by_role("link", name=f"{today:%m/%d}").first.focus()
    keys.press("Enter")
    page.wait_for_url("**/contacts/*/")
    assert sound(page) == []
    picture(page, "office-review-contact")
    expect(page.get_by_label("かけた電話番号").first).to_have_value(PHONE)
    for label, said in (("話した相手", "本人"), ("本人確認", "氏名と生年月日")):
        page.get_by_label(label).first.focus()
        keys.type(said)
    page.get_by_label("お答え").first.focus()
    keys.type("署名を書き忘れました")
    keys.press("Control+Enter")
    expect(page.get_by_text("お答えを記録しました")).to_be_visible()
    assert Contact.objects.get().state == "answered"

    # An approval of the morning was wrong.
    keys.press("b")
    page.wait_for_url("**/review/")
    keys.press("v")
    page.wait_for_url("**/verdicts/")
    assert sound(page) == []
    page.locator("#verdicts tbody tr", has_text="適").get_by_role("link").first.focus()
    keys.press("Enter")
    page.wait_for_url("**/verdicts/*/")
    expect(page.get_by_text("二次審査を待っています。")).to_be_visible()
    assert sound(page) == []
    picture(page, "office-review-withdraw")
    keys.type("家族の増減を確かめていない")
    keys.press("Control+Enter")
    expect(page.get_by_text("の判定を取り消しました")).to_be_visible()
    assert Verdict.objects.get(withdrawn_by__isnull=False).outcome == "approve"

    # The end of the shift.
    keys.press("b")
    page.wait_for_url("**/review/")
    keys.press("o")
    keys.press("Tab")
    keys.type("保留の一件は明日の便で通帳が来ます")
    keys.press("Control+Enter")
    expect(page.get_by_text("お疲れさまでした")).to_be_visible()
    expect(page.get_by_text("保留の一件は明日の便で通帳が来ます")).to_be_visible()
    assert ShiftNote.objects.get().judged == 3
    assert not Task.objects.filter(state="held").exists()

    lead = at_desk("office", "manager")
    lead.goto(lead.url.split("/p/")[0] + f"/p/{office.programme.slug}/review/")
    expect(lead.get_by_text("保留の一件は明日の便で通帳が来ます")).to_be_visible()
    lead.keyboard.press("p")
    lead.wait_for_url("**/review/lead/")
    expect(lead.get_by_text("今日の1件あたりの秒数")).to_be_visible()
    assert sound(lead) == []
    picture(lead, "office-review-lead")
    lead.keyboard.press("j")
    lead.keyboard.press("x")
    lead.keyboard.press("m")
    expect(lead.get_by_text("選んだ申請")).to_be_visible()
    assert sound(lead) == []
    lead.keyboard.press("Control+Enter")
    expect(lead.get_by_text("1件を移しました")).to_be_visible()
