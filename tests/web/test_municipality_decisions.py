"""The official decides exactly the list that was looked into; who only views sees it without the buttons."""

import hashlib
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import DECIDED, PROPOSED, REFUSED
from todoku.case.tables import Case
from todoku.people.tables import AuditEvent
from todoku.review.codes import CODES
from todoku.review.tables import Decision, DecisionList, Task
from todoku.web.office.list_page import drawn

LISTS = "/p/sample/decisions/"


def page(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def made(day):
    return day.list_made()


def test_the_list_shows_totals_beside_the_last_one_reasons_and_a_sample(day, made, signed_in):
    with signed_in("municipality", "officer") as browser:
        waiting = page(browser.get(LISTS))
        seen = page(browser.get(f"{LISTS}{made.pk}/"))
    assert f"一覧 {made.pk}</a>" in waiting and "決定待ち" in waiting
    assert f"前回より−{DECIDED - PROPOSED}件（前回 {DECIDED}件）" in seen
    assert CODES["D05"].name in seen and "二人で審査" in seen
    sample = seen[seen.index('id="sample"') : seen.index("この一覧の全件です。")]
    assert "別の10件" not in seen
    numbers = set(re.findall(r"/case/(\d{13})/", sample))
    assert len(numbers) == PROPOSED + REFUSED
    assert AuditEvent.objects.filter(action="decision.view", subject_id=made.pk).count() == 1


def test_another_sample_is_another_order_and_the_same_for_everybody(day, signed_in):
    with signed_in("municipality", "officer") as browser:
        first = page(browser.get(f"{LISTS}1/?sample=1"))
        again = page(browser.get(f"{LISTS}1/?sample=1"))
    cut = [
        re.findall(r"/case/(\d{13})/", text[text.index('id="sample"') : text.index("この一覧の全件")])
        for text in (first, again)
    ]
    assert cut[0] == cut[1] and len(cut[0]) == DECIDED


def test_another_ten_are_offered_only_where_the_list_holds_others(made):
    all_of_them, others = drawn(made, 1, size=PROPOSED + REFUSED)
    assert (len(all_of_them), others) == (PROPOSED + REFUSED, False)
    turns = [drawn(made, turn, size=2) for turn in (1, 1, 2, 3, 4)]
    assert all(len(chosen) == 2 and more for chosen, more in turns)
    assert turns[0] == turns[1] and len({tuple(chosen) for chosen, _ in turns}) > 1


def test_deciding_shows_the_digest_and_asks_for_a_tick(day, made, signed_in):
    path = f"{LISTS}{made.pk}/decide/"
    with signed_in("municipality", "officer") as browser:
        asked = page(browser.get(path))
        assert made.sha256[:8] in asked and "4件" in asked
        without = browser.post(path, {"sha256": made.sha256})
        assert without.status_code == 422 and "チェックを入れてください" in page(without)
        assert DecisionList.objects.get(pk=made.pk).state == "open"
        done = page(browser.post(path, {"sha256": made.sha256, "sure": "1"}, follow=True))
    assert f"{PROPOSED + REFUSED}件の支給・不支給を決定しました" in done
    one = DecisionList.objects.get(pk=made.pk)
    assert (one.state, one.decided_by) == ("decided", day.staff["officer"].name)
    stages = Case.objects.filter(decisions__decision_list=made).values_list("standing__stage", flat=True)
    assert sorted(stages) == ["decided"] * PROPOSED + ["refused"] * REFUSED


def test_a_list_that_changed_since_it_was_seen_is_not_decided(day, made, signed_in):
    with signed_in("municipality", "officer") as browser:
        seen = made.sha256
        one = Decision.objects.filter(decision_list=made, outcome="grant").first()
        browser.post(f"{LISTS}{made.pk}/back/{one.pk}/", {"reason": "世帯の確認"})
        answer = browser.post(f"{LISTS}{made.pk}/decide/", {"sha256": seen, "sure": "1"})
    assert answer.status_code == 422 and "確認した時点から変わっています" in page(answer)
    assert DecisionList.objects.get(pk=made.pk).state == "open"


def test_one_case_goes_back_to_review_with_a_reason(day, made, signed_in):
    one = Decision.objects.filter(decision_list=made, outcome="grant").select_related("case").first()
    path = f"{LISTS}{made.pk}/back/{one.pk}/"
    with signed_in("municipality", "officer") as browser:
        without = browser.post(path, {"reason": ""})
        assert without.status_code == 422 and "差し戻す理由を書いてください" in page(without)
        done = page(browser.post(path, {"reason": "世帯構成の確認が必要"}, follow=True))
    assert "世帯構成の確認が必要" in done and "差戻し" in done
    assert DecisionList.objects.get(pk=made.pk).grants == PROPOSED - 1
    assert Task.objects.filter(case=one.case, state="open", reason="sent_back").exists()


@pytest.mark.parametrize("username", ["viewer", "treasurer"])
def test_who_may_not_decide_sees_no_button_and_is_refused(day, made, signed_in, username):
    one = Decision.objects.filter(decision_list=made).first()
    with signed_in("municipality", username) as browser:
        seen = page(browser.get(f"{LISTS}{made.pk}/"))
        refused = [
            browser.get(f"{LISTS}{made.pk}/decide/").status_code,
            browser.post(f"{LISTS}{made.pk}/decide/", {"sha256": made.sha256, "sure": "1"}).status_code,
            browser.post(f"{LISTS}{made.pk}/back/{one.pk}/", {"reason": "x"}).status_code,
        ]
    assert "決定へ進む" not in seen and "差し戻す" not in seen and "決定するのは担当課職員です" in seen
    assert refused == [403, 403, 403]
    assert DecisionList.objects.get(pk=made.pk).state == "open"


def test_nobody_of_the_office_enters_this_door(day, made, signed_in):
    with signed_in("municipality", "manager") as browser:
        assert browser.get(LISTS).status_code == 403
        assert (
            browser.post(f"{LISTS}{made.pk}/decide/", {"sha256": made.sha256, "sure": "1"}).status_code == 403
        )
    assert DecisionList.objects.get(pk=made.pk).state == "open"


def test_rows_are_found_by_number_and_by_outcome(day, made, signed_in):
    one = Decision.objects.filter(decision_list=made).select_related("case").first()
    with signed_in("municipality", "viewer") as browser:
        by_number = page(browser.get(f"{LISTS}{made.pk}/?q={one.case.number}"))
        by_outcome = page(browser.get(f"{LISTS}{made.pk}/?outcome=refuse"))
    rows = by_number[by_number.index('id="rows"') :]
    assert re.findall(r"/case/(\d{13})/", rows) == [one.case.number]
    assert len(re.findall(r"/case/\d{13}/", by_outcome[by_outcome.index('id="rows"') :])) == REFUSED


def test_the_pages_ask_the_database_a_fixed_number_of_times(day, made, signed_in):
    counts = {}
    with signed_in("municipality", "officer") as browser:
        for path in (LISTS, f"{LISTS}{made.pk}/", f"{LISTS}1/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            counts[path] = len(queries)
    assert max(counts.values()) <= 26, counts
    assert counts[f"{LISTS}{made.pk}/"] == counts[f"{LISTS}1/"]


def test_the_decided_list_is_saved_as_it_was_decided_by_the_officer_alone(day, made, signed_in):
    decided = DecisionList.objects.select_related("file").get(state="decided")
    with signed_in("municipality", "officer") as browser:
        seen = page(browser.get(f"{LISTS}{decided.pk}/"))
        saved = browser.get(f"{LISTS}{decided.pk}/file/")
        undecided = browser.get(f"{LISTS}{made.pk}/file/", follow=True)
        open_page = page(browser.get(f"{LISTS}{made.pk}/"))
    assert "一覧のファイルを保存" in seen and decided.file.name in seen
    assert "一覧のファイルを保存" not in open_page and "決定した後に保存できます" in page(undecided)
    assert hashlib.sha256(saved.content).hexdigest() == decided.sha256
    assert saved.content.count(b"\n") == 1 + DECIDED
    assert AuditEvent.objects.filter(reason="決定一覧のファイルの保存").count() == 1
    for username in ("viewer", "treasurer"):
        with signed_in("municipality", username) as browser:
            assert browser.get(f"{LISTS}{decided.pk}/file/").status_code == 403
            assert "一覧のファイルを保存" not in page(browser.get(f"{LISTS}{decided.pk}/"))


def test_a_list_says_over_which_rails_it_is_paid(day, made, signed_in):
    one = Decision.objects.filter(decision_list=made, outcome="grant").first()
    Decision.objects.filter(pk=one.pk).update(rail="gift")
    with signed_in("municipality", "viewer") as browser:
        seen = page(browser.get(f"{LISTS}{made.pk}/"))
    rails = re.findall(
        r"<tr><td>([^<]+)</td><td class=\"numeric\">(\d+)</td></tr>", seen[seen.index("rails-title") :]
    )
    assert rails[:2] == [("口座振込", str(PROPOSED - 1)), ("デジタルギフト", "1")]
    assert "<td>デジタルギフト</td>" in seen[seen.index('id="rows"') :]


def test_the_differences_to_the_lists_before_are_shown_and_saved_with_their_cause(day, made, signed_in):
    one = Decision.objects.filter(decision_list=made, outcome="grant").select_related("case").first()
    with signed_in("municipality", "officer") as browser:
        browser.post(f"{LISTS}{made.pk}/back/{one.pk}/", {"reason": "=世帯を確認してください。"})
        seen = page(browser.get(f"{LISTS}{made.pk}/"))
        saved = b"".join(browser.get(f"{LISTS}{made.pk}/csv/").streaming_content).decode("utf-8-sig")
    part = seen[seen.index('id="changes"') : seen.index('id="sample"')]
    assert one.case.number in part and "=世帯を確認してください。" in part and "外れた" in part
    lines = saved.splitlines()
    assert lines[0].startswith("案件の番号,区分,理由,金額（円）")
    assert len(lines) == 1 + PROPOSED + REFUSED
    assert lines[-1].startswith(one.case.number) and lines[-1].endswith("'=世帯を確認してください。")
    assert AuditEvent.objects.filter(action="decision.view", reason="決定一覧のCSVの保存").count() == 1
