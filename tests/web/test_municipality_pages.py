"""The municipality's other pages: what needs it today, questions, reports, cases, who looked, the terms, the feed."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import DECIDED, PROPOSED, REFUSED, WAITING, day, day_database, signed_in  # noqa: F401
from todoku.case.tables import Case
from todoku.intake.tables import AccountVersion
from todoku.people.access import ACTIONS
from todoku.people.enrol import enrol
from todoku.people.tables import AuditEvent, Organisation, Staff
from todoku.progress.close_day import close_day
from todoku.review.tables import Question, Task
from todoku.web.office.deeds import DEEDS

TOWN = "/p/sample/"
PAGES = ("", "questions/", "decisions/", "approvals/", "reports/", "find/", "looks/", "programme/")


def page(answer) -> str:
    return answer.content.decode()


def test_every_place_opens_for_everybody_of_the_municipality(day, signed_in):  # noqa: F811
    for username in ("viewer", "officer", "treasurer"):
        with signed_in("municipality", username) as browser:
            answers = {place: browser.get(TOWN + place).status_code for place in PAGES}
        assert answers == dict.fromkeys(PAGES, 200), username


def test_today_says_what_needs_whom_and_how_far_we_are(day, signed_in):  # noqa: F811
    day.list_made()
    with signed_in("municipality", "officer") as browser:
        seen = page(browser.get(TOWN))
    assert "疑義照会" in seen and "回答する" in seen and "支給の決定" in seen
    figures = re.findall(r"<dt>([^<]+)</dt><dd><b>([\d,]+)</b>", seen)
    total = sum(int(value.replace(",", "")) for _name, value in figures[:6])
    assert total == Case.objects.count()
    assert dict(figures)["審査中"] == str(PROPOSED + REFUSED + 1 + WAITING)


def test_a_question_shows_its_evidence_masked_and_the_answer_goes_back_to_review(day, signed_in):  # noqa: F811
    question = Question.objects.get()
    account = AccountVersion.objects.get(submission_id=question.submission_id)
    path = f"{TOWN}questions/{question.pk}/"
    with signed_in("municipality", "officer") as browser:
        seen = page(browser.get(path))
        assert question.asked in seen and f"****{account.number[-3:]}" in seen
        assert account.number not in seen
        without = browser.post(f"{path}answer/", {"ruling": "grant", "text": " "})
        assert without.status_code == 422 and "理由を書いてください" in page(without)
        words = "要綱第6条のとおり、委任の届けがあれば支給してよい。"
        done = page(browser.post(f"{path}answer/", {"ruling": "grant", "text": words}, follow=True))
        assert "回答しました" in done
        again = browser.post(f"{path}answer/", {"ruling": "refuse", "text": "x"})
        assert again.status_code == 422 and "回答済み" in page(again)
    question.refresh_from_db()
    assert (question.ruling, question.answer, question.answered_by) == (
        "grant",
        words,
        day.staff["officer"].name,
    )
    assert Task.objects.filter(case_id=question.case_id, state="open", reason="answered").exists()
    assert AuditEvent.objects.filter(action="question.view", subject_id=question.case_id).exists()


@pytest.mark.parametrize("username", ["viewer", "treasurer"])
def test_who_may_not_answer_sees_no_form_and_is_refused(day, signed_in, username):  # noqa: F811
    question = Question.objects.get()
    with signed_in("municipality", username) as browser:
        seen = page(browser.get(f"{TOWN}questions/{question.pk}/"))
        answer = browser.post(f"{TOWN}questions/{question.pk}/answer/", {"ruling": "grant", "text": "よい"})
        picture = browser.get(f"{TOWN}questions/{question.pk}/document/1/")
    assert "回答して審査へ戻す" not in seen and "回答できるのは担当課職員です" in seen
    assert (answer.status_code, picture.status_code) == (403, 403)
    assert Question.objects.get().answered_at is None


def test_a_case_is_seen_masked_and_the_look_is_one_click_away(day, signed_in):  # noqa: F811
    case = Case.objects.filter(standing__stage="decided").order_by("pk").first()
    account = AccountVersion.objects.get(submission__case=case)
    with signed_in("municipality", "viewer") as browser:
        seen = page(browser.get(f"{TOWN}case/{case.number}/"))
        assert account.number not in seen and f"****{account.number[-3:]}" in seen
        assert f"{TOWN}looks/?number={case.number}" in seen
        looks = page(browser.get(f"{TOWN}looks/?number={case.number}"))
    assert day.staff["viewer"].name in looks and "自治体の確認" in looks
    assert day.staff["reviewer1"].name not in looks[: looks.index('id="main"')]


def test_every_action_of_the_access_table_has_words_in_the_record(day, signed_in):  # noqa: F811
    assert sorted(set(ACTIONS) - set(DEEDS)) == []
    with signed_in("municipality", "viewer") as browser:
        browser.post(f"{TOWN}questions/1/answer/", {})
        looks = page(browser.get(f"{TOWN}looks/?who={day.staff['viewer'].name}"))
    assert "照会への回答" in looks and "拒否" in looks


def test_a_case_is_found_by_name_and_the_search_is_recorded_without_what_was_typed(day, signed_in):  # noqa: F811
    case = (
        Case.objects.filter(standing__stage="decided")
        .select_related("recipient__head")
        .order_by("pk")
        .first()
    )
    with signed_in("municipality", "viewer") as browser:
        found = page(browser.get(f"{TOWN}find/", {"q": case.recipient.head.name}))
        whole = browser.get(f"{TOWN}find/", {"q": case.printed_number})
    assert f"/p/sample/case/{case.number}/" in found
    assert whole.status_code == 302 and whole["Location"].endswith(f"/case/{case.number}/")
    event = AuditEvent.objects.filter(action="case.find").latest("pk")
    assert case.recipient.head.name not in event.reason


def test_a_report_reads_the_same_whenever_it_is_printed(day, signed_in):  # noqa: F811
    yesterday = day.at.date() - timedelta(days=1)
    report = close_day(programme=day.programme, day=yesterday, actor=day.staff["manager"], at=day.at)
    with signed_in("municipality", "viewer") as browser:
        assert f"{yesterday:%Y/%m/%d}" in page(browser.get(f"{TOWN}reports/"))
        first = page(browser.get(f"{TOWN}reports/{report.pk}/"))
        day.list_made()
        second = page(browser.get(f"{TOWN}reports/{report.pk}/"))
    cut = [text[text.index('id="main"') :] for text in (first, second)]
    assert cut[0] == cut[1] and report.sha256[:8] in cut[0]


def test_the_terms_stand_in_plain_words_with_their_digest(day, signed_in):  # noqa: F811
    version = day.programme.version
    with signed_in("municipality", "viewer") as browser:
        seen = page(browser.get(f"{TOWN}programme/"))
    assert version.sha256[:8] in seen and "支給カレンダー" in seen and "二人で審査" in seen


def test_the_feed_counts_every_case_once_in_the_residents_words(day, signed_in):  # noqa: F811
    with signed_in("municipality", "viewer") as browser:
        told = json.loads(browser.get(f"{TOWN}feed/status.json").content)
        rows = list(csv.reader(io.StringIO(page(browser.get(f"{TOWN}feed/status.csv")).lstrip("\ufeff"))))
    assert sum(stage["cases"] for stage in told["stages"]) == Case.objects.count()
    words = {stage["name"]: stage["cases"] for stage in told["stages"]}
    assert words["支給決定"] == DECIDED and "照会中" not in words
    assert told["as_of"].startswith(f"{day.at:%Y-%m-%d}")
    assert rows[0] == ["段階", "説明", "件数", "時点"]
    assert {row[0]: int(row[2]) for row in rows[1:]} == words
    assert re.search(r"\d{13}", json.dumps(told)) is None


def test_the_feed_is_for_the_municipality(day, signed_in):  # noqa: F811
    with signed_in("municipality", "manager") as browser:
        assert browser.get(f"{TOWN}feed/status.json").status_code == 403
        assert Client().get(f"{TOWN}feed/status.json").status_code == 302


def test_the_door_says_that_it_lives(day, signed_in):  # noqa: F811
    with signed_in("municipality", "viewer"):
        answer = Client().get("/live/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_role_held_in_another_town_is_none_here(day, signed_in):  # noqa: F811
    """A viewer here who is a treasurer next door stays a viewer here; a stranger finds nothing at all."""
    batch = day.sealed()
    day.approve(batch, "approver")
    elsewhere = Organisation.objects.create(kind="municipality", name="隣町", municipality_code="141305")
    for username, roles in (
        ("next-door", {"141305": "city_treasurer"}),
        ("both", {"141305": "city_treasurer", "": ""}),
    ):
        person = enrol(
            username, name="隣町 会計", organisation=elsewhere, roles=["city_treasurer"], password="a long enough one 1",
            municipality_code="141305",
        )  # fmt: skip
        if "" in roles:
            person.grants.create(role="city_viewer", municipality_code=day.programme.municipality_id)
    with signed_in("municipality", "both") as browser:
        seen = browser.get(f"{TOWN}approvals/{batch.pk}/")
        pressed = browser.post(f"{TOWN}approvals/{batch.pk}/approve/", {"sha256": batch.sha256})
    assert seen.status_code == 200 and "出納として承認する" not in page(seen)
    assert pressed.status_code == 403
    with signed_in("municipality", "next-door") as browser:
        assert browser.get(f"{TOWN}approvals/{batch.pk}/").status_code == 404
        assert browser.get("/p/nowhere/approvals/1/").status_code == 404
    assert Staff.objects.filter(username="both").exists()


def test_pages_ask_the_database_a_fixed_number_of_times(day, signed_in):  # noqa: F811
    counts = {}
    with signed_in("municipality", "officer") as browser:
        for place in (*PAGES, "questions/1/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(TOWN + place).status_code == 200
            counts[place] = len(queries)
    assert max(counts.values()) <= 24, counts
