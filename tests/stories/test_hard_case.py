"""A hard case travels to the municipality and back, and helps the next one.

A reviewer asks about an account in another name. The office's manager rewrites the question, chooses what may be seen and
sends it; an official rules for cases like it. A second case of the kind is settled by the manager with that ruling, and a
third reviewer finds it beside the case. Then the manager's work is handed over, with a page to read.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.office_day import OfficeDay
from tests.open_today import open_today
from tests.stories.desk import goes_to, press
from todoku.case.tables import CaseStage
from todoku.people.tables import AuditEvent, Succession
from todoku.review.ruling_tables import Ruling
from todoku.review.tables import Question, Task
from todoku.sampletown.staff import make_staff

ANOTHER = "ﾍﾞﾂ ﾉﾋﾄ"
REASON = (
    "戸籍で旧姓と確かめられるものは支給してよい。婚姻・離婚・養子縁組のどれによるかは問わない。通帳の名義を変える手続きの途中のものも同じとする。"
    "戸籍の写しは、本人が送ったものでも、担当課が確かめたものでもよい。確かめた日と方法を、審査のメモに残すこと。"
    "名と生年月日も違うもの、法人や屋号の名義のもの、名義人の同意が分からないものは、この裁定によらず、あらためて照会すること。"
)
LAST_WORDS = REASON[-20:]
LOW = {"width": 1366, "height": 860}


@pytest.fixture
def office(town):
    """Three applications whose account is in another name; the first reviewer has asked about the first of them."""
    programme = open_today(town.programme)
    make_staff(programme.municipality)
    # They came an hour ago: what is found in them stands before it is answered.
    day = OfficeDay(programme, town.households, timezone.now() - timedelta(hours=1))
    day.invite(day.applicants[:3])
    for one in day.applicants[:3]:
        day.arrive(day.form(one, holder_kana=ANOTHER))
    return day


def test_a_hard_case_travels_to_the_municipality_and_back_and_helps_the_next(office, at_desk, sound, picture):
    def look(page, name):
        picture(page, name)
        assert sound(page) == [], page.url

    first, second, third = office.applicants[:3]
    reviewer = at_desk("office", "reviewer1")
    for words in ("名義が旧姓のようです。戸籍で分かりますか。", "これも名義が違います。"):
        goes_to(reviewer, "review/")
        reviewer.keyboard.press("n")
        reviewer.wait_for_url("**/review/task/**")
        reviewer.get_by_label("メモ・照会したいこと").fill(words)
        press(reviewer, "責任者へ照会")
        expect(reviewer.get_by_text("を「責任者へ照会」にしました").first).to_be_visible()
    asked = Question.objects.get(case_id=first.case)

    officer = at_desk("municipality", "officer")
    goes_to(officer, "questions/")
    expect(officer.get_by_text("回答を待っている照会はありません")).to_be_visible()

    manager = at_desk("office", "manager")
    goes_to(manager, "questions/")
    look(manager, "office-60-questions")
    goes_to(manager, f"questions/{asked.pk}/")
    look(manager, "office-61-question")
    manager.get_by_label("照会の文章").fill(
        "口座の名義が旧姓です。戸籍で確かめられれば支給してよいでしょうか。"
    )
    manager.get_by_label("指摘 D12").check()
    manager.get_by_label("下3桁と名義だけ").check()
    manager.keyboard.press("Control+Enter")
    expect(manager.get_by_text("照会を自治体へ送りました")).to_be_visible()

    goes_to(officer, f"questions/{asked.pk}/")
    expect(officer.get_by_text("名義が旧姓のようです")).to_have_count(0)
    officer.get_by_label("支給相当", exact=True).check()
    officer.get_by_label("理由").fill(REASON)
    officer.get_by_label("同様の案件にも").check()
    officer.get_by_label("D12").check()
    officer.get_by_label("どのような案件か").fill("旧姓のままの通帳")
    look(officer, "city-60-question")
    officer.keyboard.press("Control+Enter")
    expect(officer.get_by_text("裁定第1号").first).to_be_visible()
    ruling = Ruling.objects.get()
    goes_to(officer, f"rulings/{ruling.pk}/")
    look(officer, "city-61-ruling")

    # The next one: no new question goes out.
    goes_to(manager, f"questions/{Question.objects.get(case_id=second.case).pk}/")
    expect(manager.get_by_text("当てはまる裁定")).to_be_visible()
    look(manager, "office-62-question-with-ruling")
    press(manager, "この裁定で答える")
    expect(manager.get_by_text("裁定第1号で答え")).to_be_visible()
    goes_to(manager, f"rulings/{ruling.pk}/")
    look(manager, "office-63-ruling")
    manager.get_by_label("新しい文章（審査基準書の文章を変えるとき）").fill(
        "旧姓の通帳は、戸籍の写しで本人と認める。"
    )
    manager.get_by_label("審査基準書の文章", exact=True).check()
    press(manager, "候補に加える")
    goes_to(manager, "rulings/candidates/")
    look(manager, "office-64-candidates")

    other = at_desk("office", "reviewer2")
    goes_to(other, "rulings/?words=きゅうせい")
    expect(other.get_by_text("当てはまる裁定はありません")).to_be_visible()
    goes_to(other, "rulings/?words=旧姓の通帳")
    expect(other.get_by_role("link", name="裁定第1号")).to_be_visible()
    look(other, "office-65-rulings")
    goes_to(other, "review/")
    other.keyboard.press("n")
    other.wait_for_url("**/review/task/**")
    heading = other.get_by_role("heading", level=1)
    for left in (1, 0):
        expect(other.get_by_role("link", name="裁定第1号").first).to_be_visible()
        number = heading.locator(".fixed").inner_text()
        press(other, "適")
        if left:
            expect(heading).not_to_contain_text(number)
        else:
            expect(other.get_by_text("あなたが扱える申請は今ありません")).to_be_visible()
    # Nobody laid the ruling beside the case that the first reviewer holds: it is found to fit.
    goes_to(reviewer, f"review/task/{Task.objects.get(case_id=third.case, state='held').pk}/")
    expect(reviewer.get_by_text("同様の案件の裁定")).to_be_visible()
    # On a low screen, however much was written: where the eyes' own list begins, and the whole ruling one key away.
    reviewer.set_viewport_size(LOW)
    expect(reviewer.locator(".eyes h3")).to_be_in_viewport(ratio=1)
    expect(reviewer.get_by_text(LAST_WORDS)).to_be_hidden()
    look(reviewer, "office-66-desk-with-ruling")
    reviewer.locator(".long-words summary").focus()
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_text(LAST_WORDS)).to_be_visible()
    assert set(CaseStage.objects.filter(case_id__in=[one.case for one in (first, second, third)]).values_list(
        "stage", flat=True)) == {"in_review"}, "a ruling decides nothing"  # fmt: skip

    goes_to(manager, "people/")
    look(manager, "office-67-people")
    manager.get_by_label("前任", exact=True).select_option(label="審査 ひとみ")
    manager.get_by_label("後任").select_option(label="審査 ふたば")
    manager.get_by_label("申し送り").fill("名義の違いは裁定第1号を見る。")
    press(manager, "引き継ぐ")
    expect(manager.get_by_text("引き継ぎました")).to_be_visible()
    manager.get_by_role("link", name="引継ぎ書").first.click()
    expect(manager.get_by_text("裁定第1号「支給相当」")).to_be_visible()
    look(manager, "office-68-succession")
    assert Succession.objects.get().note == "名義の違いは裁定第1号を見る。"
    assert AuditEvent.objects.filter(
        action="question.view", door="municipality", subject_id=first.case
    ).exists()
