"""A new reviewer opens a queue by its test cases, by keyboard alone; the lead sees it."""

from datetime import UTC, datetime, time

from playwright.sync_api import Page, expect

from tests.office_day import OfficeDay
from tests.review.agreed import agree
from tests.stories.desk import goes_to
from todoku.review.quality_tables import TrainingTry
from todoku.review.tables import Task
from todoku.review.train import next_case


def _sit(at_desk, username: str, place: str) -> Page:
    page = at_desk("office", username)
    goes_to(page, place)
    return page


def test_a_new_reviewer_passes_the_cases_and_takes_work(town, at_desk, sound):
    """Two cases by single keys, each with its explanation; then the queue is open, work is dealt, and the lead sees it."""
    office = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    one = office.applicants[0]
    office.invite([one])
    agree(office, "[review.training]\nrequired = true\ncases = 2\n")
    office.arrive(office.form(one))
    assert Task.objects.get().queue == "clean"
    assert office.staff["reviewer1"].id and office.staff["manager"].id

    page = _sit(at_desk, "reviewer1", "training/")
    assert sound(page) == []
    page.get_by_label("列", exact=True).select_option("clean")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    for number in (1, 2):
        expect(page.locator("h1")).to_contain_text(f"{number} / 2")
        case = next_case(TrainingTry.objects.get())
        assert case
        if number == 1:
            assert sound(page) == []
        for code in case.codes:
            page.keyboard.press(page.locator(f"[name=code][value={code}]").get_attribute("data-key") or "")
        page.keyboard.press({"approve": "a", "return": "r"}[case.outcome])
        expect(page.get_by_text("正しい判定です")).to_be_visible()
        expect(page.get_by_text(case.why)).to_be_visible()
        if number == 1:
            assert sound(page) == []
        page.keyboard.press("n")
    expect(page.get_by_text("「不備なし」の研修に合格しました")).to_be_visible()
    page.keyboard.press("b")
    page.wait_for_url("**/review/")
    page.keyboard.press("n")
    page.wait_for_url("**/review/task/**")
    assert Task.objects.get().state == "held"

    lead = _sit(at_desk, "manager", "quality/")
    row = lead.locator("#trained tr, table").filter(has_text="審査 ひとみ").last
    expect(row).to_contain_text("可")
    assert sound(lead) == []
