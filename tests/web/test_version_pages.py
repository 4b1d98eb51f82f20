"""The change of a running programme at both doors: a draft with its problems, the difference, a trial, the opening."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.money_fixture import ASKED, PROPOSED, REFUSED, WAITING
from tests.next_version import next_version, sign
from tests.web.office import do_long_work, plain
from todoku.case.tables import CaseStage
from todoku.ground.tables import LongWork
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme, Version
from todoku.review.rescreen import rescreen
from todoku.review.rescreen_tables import PastScreening, Rescreening
from todoku.review.tables import Screening, Task

PAGE = "/p/sample/versions/"
OPEN = PROPOSED + REFUSED + ASKED + WAITING


def words(answer) -> str:
    body = answer.content.decode()
    return plain(re.sub(r"<[^>]+>", " ", body[body.find("<main") : body.find("</main>")]))


@pytest.fixture
def easier(day) -> str:
    """The open text, but paper in which nothing is found passes without a person."""
    text = Programme.objects.get().version.text
    for old, new in (
        ('paper = "two_persons"', 'paper = "straight"'),
        ("sample_percent = 5 ", "sample_percent = 0 "),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def _draft(browser, text: str, why: str = "受付が遅れているため"):
    draft = Version.objects.filter(opened_at=None).first()
    return browser.post(
        f"{PAGE}edit/", {"text": text, "why": why, "seen": draft.sha256 if draft else ""}, follow=True
    )


def test_a_faulty_text_is_kept_nowhere_and_every_problem_is_named(day, easier, signed_in):
    with signed_in("municipality", "officer") as browser:
        faulty = easier.replace('unit = "household"', 'unit = "houshold"').replace("format = 1", "format = 2")
        answer = _draft(browser, faulty)
        assert answer.status_code == 422
        said = words(answer)
        assert "［programme］の unit" in said and "household" in said and "format" in said
        without_reason = _draft(browser, easier, why="")
        assert without_reason.status_code == 422 and "変える理由を書いてください" in words(without_reason)
        other = _draft(browser, easier.replace('unit = "household"', 'unit = "person"'))
        assert other.status_code == 422
        same = _draft(browser, Programme.objects.get().version.text)
        assert "開始している版と同じ文です" in words(same)
    assert not Version.objects.filter(opened_at=None).exists()


def test_a_file_takes_the_place_of_the_typed_text_and_another_writers_draft_is_not_overwritten(
    day, easier, signed_in
):
    with signed_in("office", "manager") as browser:
        file = SimpleUploadedFile("v2.toml", b"\xef\xbb\xbf" + easier.encode())
        browser.post(f"{PAGE}edit/", {"text": "", "why": "人手が足りない", "seen": "", "file": file})
        draft = Version.objects.get(opened_at=None)
        assert (draft.number, draft.why, draft.drafted_by) == (2, "人手が足りない", day.staff["manager"].name)
        late = browser.post(f"{PAGE}edit/", {"text": easier + "\n# late\n", "why": "別の案", "seen": ""})
        assert late.status_code == 422 and "先に書き換えています" in words(late)
    draft.refresh_from_db()
    assert draft.why == "人手が足りない"


def test_the_difference_is_read_tried_signed_and_opened_and_the_cases_follow(day, easier, signed_in):
    with signed_in("municipality", "officer") as browser:
        _draft(browser, easier)
        said = words(browser.get(PAGE))
        assert "不備のない申請を見る人数" in said and "二人で審査 人の審査を要しない" in said
        assert "署名待ち" in said and "試行していません" in said
    with signed_in("office", "manager") as browser:
        draft = Version.objects.get(opened_at=None)
        refused = browser.post(f"{PAGE}open/", {"sha256": draft.sha256})
        assert refused.status_code == 422 and "まだ試していません" in words(refused)
        browser.post(f"{PAGE}try/")
        assert do_long_work().state == "done"
        seen = browser.get(PAGE)
        assert f"{OPEN}件のうち {OPEN}件の結果が変わります" in words(seen)
        assert f"人の審査なしで決定待ちへ進みます {WAITING}" in words(seen)
        assert len(set(re.findall(r"/p/sample/case/(\d{13})/", seen.content.decode()))) == OPEN
        unsigned = browser.post(f"{PAGE}open/", {"sha256": draft.sha256})
        assert unsigned.status_code == 422 and "署名がありません" in words(unsigned)
        told = "自治体が次の版の審査基準書に署名しました"
        assert told not in words(browser.get("/p/sample/"))
        sign(draft, at=timezone.now())
        assert told in words(browser.get("/p/sample/"))
        outdated = browser.post(f"{PAGE}open/", {"sha256": "0" * 64})
        assert outdated.status_code == 422 and "案が変わりました" in words(outdated)
        assert PastScreening.objects.count() == 0

        browser.post(f"{PAGE}open/", {"sha256": draft.sha256})
        assert do_long_work().kind == "rescreen"
        said = words(browser.get(PAGE))
        assert "開始している版は第2版です" in said and "受付が遅れているため" in said
        assert f"{OPEN}件のうち {OPEN}件の結果が変わりました" in words(browser.get(f"{PAGE}2/"))
    assert CaseStage.objects.filter(stage="passed").count() == PROPOSED + REFUSED + WAITING
    assert CaseStage.objects.filter(stage="with_municipality").count() == ASKED
    assert Screening.objects.filter(version__number=2).count() == OPEN == PastScreening.objects.count()
    with signed_in("municipality", "viewer") as browser:
        assert "再点検の結果" in words(browser.get(f"{PAGE}2/"))
        assert browser.get(f"{PAGE}edit/").status_code == 403


def test_a_trial_holds_for_the_text_that_was_tried(day, easier, signed_in):
    with signed_in("office", "manager") as browser:
        _draft(browser, easier)
        browser.post(f"{PAGE}try/")
        do_long_work()
        _draft(browser, easier.replace("sample_percent = 0 ", "sample_percent = 100 "))
        assert "試行のあとに案が変わっています" in words(browser.get(PAGE))
        draft = Version.objects.get(opened_at=None)
        sign(draft, at=timezone.now())
        refused = browser.post(f"{PAGE}open/", {"sha256": draft.sha256})
        assert refused.status_code == 422 and "まだ試していません" in words(refused)
    assert LongWork.objects.filter(kind="rescreen").count() == 0
    assert Rescreening.objects.get().trial


def test_without_a_draft_the_page_says_what_to_do_and_asks_little_of_the_database(day, signed_in):
    with signed_in("office", "manager") as browser:
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as seen:
            said = words(browser.get(PAGE))
    assert "その文を直して案を作ります" in said
    assert len(seen) <= 16


def test_a_reviewer_who_holds_a_case_is_told_that_the_criteria_changed(day, easier, signed_in):
    with signed_in("office", "reviewer1") as browser:
        page = browser.post("/p/sample/review/next/").headers["Location"]
        assert "審査基準が変わりました" not in words(browser.get(page))
        next_version(Programme.objects.get(), easier, at=timezone.now())
        rescreen(programme=Programme.objects.get(), actor=SYSTEM, at=timezone.now())
        held = Task.objects.get(state="held")
        assert "審査基準が変わりました" in words(browser.get(page))
        browser.post(f"{page}back/")
    assert Screening.objects.get(pk=held.submission_id).version.number == 2
    assert CaseStage.objects.get(pk=held.case_id).stage == "passed"
