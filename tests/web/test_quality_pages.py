"""Training by posts, and the page 品質: what the sample says, rates changed with reasons, who may open what; few queries."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localtime

from tests.office_day import OfficeDay
from tests.review.agreed import agree
from tests.review.test_seeded import meet
from tests.web.office import Desk, text_of, toasts_of
from tests.web.test_charts import read
from todoku.letters.tables import Letter
from todoku.people.actor import SYSTEM
from todoku.review.claim import put_back
from todoku.review.quality_tables import QueuePass, SampleRate, TrainingTry
from todoku.review.queues import QUEUES
from todoku.review.tables import Task
from todoku.review.train import next_case
from todoku.review.trained import queues_open_to
from todoku.sampletown.rehearsal import make_rehearsal
from todoku.web.shared.interval_chart import Share, Shares, interval_chart

STRICT = "[review.training]\nrequired = true\ncases = 2\n"
OFTEN = "[review.sample]\nlooked_least = 6\nlimit_percent = 10\n[review.sample.channels]\nweb = 90\n"


@pytest.fixture
def day(town, at_door):
    office = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    office.applicants = office.applicants[:30]
    office.invite(office.applicants)
    with at_door("office"):
        yield office


def judge_next(desk, run, *, rightly=True):
    """The next case of a run judged by post; gives the page of the result."""
    case = next_case(run)
    values = {"case": case.name, "outcome": case.outcome, "code": list(case.codes)}
    if case.outcome == "refuse":
        values["refuse_code"] = case.codes[0]
    if not rightly:
        values = {"case": case.name, "outcome": "approve" if case.outcome != "approve" else "refer"}
    return desk.post(f"training/{run.pk}/", values, follow=True), case


def test_a_reviewer_works_through_the_cases_and_is_told_at_once(day):
    agree(day, STRICT)
    desk = Desk("reviewer")
    page = desk.get("training/")
    assert "2件、すべて正しく判定すると" in text_of(page) and text_of(page).count("研修が要ります") == len(
        QUEUES
    )
    shown = desk.post("training/start/", {"queue": "account"}, follow=True)
    run = TrainingTry.objects.get()
    assert "架空の案件" in text_of(shown) and "1 / 2" in text_of(shown)
    told, case = judge_next(desk, run, rightly=False)
    assert "判定が違います" in text_of(told) and case.why in text_of(told)
    told, case = judge_next(desk, run)
    assert "正しい判定です" in text_of(told)
    over = desk.get(f"training/{run.pk}/", follow=True)
    assert over.status_code == 302
    assert "2件のうち1件が違いました" in toasts_of(desk.get("training/"))
    desk.post("training/start/", {"queue": "account"})
    again = TrainingTry.objects.get(number=2)
    for _ in range(2):
        judge_next(desk, again)
    desk.get(f"training/{again.pk}/")
    assert "合格しました" in toasts_of(desk.get("training/"))
    assert queues_open_to(desk.staff.pk, day.programme) == {"account"}


def test_a_return_without_a_code_is_asked_for_and_nothing_is_kept(day):
    desk = Desk("reviewer")
    desk.post("training/start/", {"queue": "form"})
    run = TrainingTry.objects.get()
    page = desk.post(f"training/{run.pk}/", {"case": next_case(run).name, "outcome": "return"})
    assert page.status_code == 422 and "不備の項目を1つ以上" in page.content.decode()
    assert run.answers.count() == 0


def test_nobody_sees_anothers_run(day):
    Desk("reviewer").post("training/start/", {"queue": "form"})
    run = TrainingTry.objects.get()
    assert Desk("reviewer", name="別の人").get(f"training/{run.pk}/").status_code == 404


def test_the_lead_lets_a_reviewer_in_with_a_reason_and_the_page_shows_it(day):
    agree(day, STRICT)
    reviewer, lead = Desk("reviewer"), Desk("manager")
    values = {"person": str(reviewer.staff.pk), "queue": "clean", "do": "open"}
    refused = lead.post("quality/let/", values | {"reason": ""})
    assert refused.status_code == 422 and "理由を書いてください" in refused.content.decode()
    page = lead.post("quality/let/", values | {"reason": "前の事業で担当"}, follow=True)
    row = next(row for row in page.context["trained"].rows if row.name == reviewer.staff.name)
    assert sum(cell.badge.kind == "ok" for cell in row.cells[1:]) == 1
    assert QueuePass.objects.get().giver_id == lead.staff.pk
    assert "前の事業で担当" in text_of(reviewer.get("training/"))


def test_the_lead_sees_what_the_sample_says_and_changes_a_rate_with_a_reason(day):
    agree(day, OFTEN)
    sent = 16  # of which the sample surely catches more than six
    for one in day.applicants[:sent]:
        day.send_web(one)
    day.screen()
    lead = Desk("manager")
    assert "抜取りの判定はまだありません" in text_of(lead.get("quality/"))
    waiting = Task.objects.filter(state="open").count()
    day.verdict("reviewer1", "return", codes=["D13"])
    assert "まだ言えません" in text_of(lead.get("quality/")), (
        "one look is not enough to say that nothing is wrong"
    )
    for place in range(1, waiting):
        day.verdict(
            "reviewer1", *(["return"] if place < 2 else []), **({"codes": ["D13"]} if place < 2 else {})
        )
    page = lead.get("quality/")
    rates = {row.name: [cell.text for cell in row.cells] for row in page.context["rates"].rows}
    assert rates["ウェブ　全体"][1:4] == [waiting, 2, 0]
    assert rates["ウェブ　D13 記入した口座と写しの口座が違う"][2] == 2
    assert "誤り率の上限が取決めの10%を超えています" in page.content.decode()
    changed = lead.post(
        "quality/rate/", {"key": "web-", "percent": "100", "why": "担当が替わる週のため"}, follow=True
    )
    assert "100%にしました" in toasts_of(changed)
    assert SampleRate.objects.get().reason == "担当が替わる週のため"
    low = lead.post("quality/rate/", {"key": "web-", "percent": "2", "why": "x"})
    assert low.status_code == 422 and "90%以上" in low.content.decode()
    again = lead.post("quality/again/", follow=True)
    assert f"{sent - waiting}件のうち{sent - waiting}件を抜取りの審査に回しました" in toasts_of(again)


def test_the_page_asks_the_database_a_fixed_number_of_times(day):
    agree(day, OFTEN.replace("web = 90", "web = 100"))  # the few are sampled as well as the many
    lead = Desk("manager")
    for one in day.applicants[:3]:
        day.send_web(one)
    day.screen()
    few = lead.statements("quality/")
    for one in day.applicants[3:15]:
        day.send_web(one)
    day.screen()
    for _ in range(Task.objects.filter(state="open").count()):
        day.verdict("reviewer1")
    Desk("reviewer", name="三人目")
    assert lead.statements("quality/") == few <= 24


@pytest.mark.parametrize("role", ["reviewer", "clerk", "payment_maker"])
def test_only_the_lead_opens_the_page_of_quality(day, role):
    assert Desk(role).get("quality/").status_code == 403


def test_a_chart_of_shares_is_well_formed_and_says_each_interval_in_words() -> None:
    shares = [Share('<"&>', 2.5, 0.7, 8.7, 2, 80), Share("郵送", 0.0, 0.0, 30.8, 0, 9)]
    tree = read(interval_chart(Shares("x", "題", shares, limit=5.0)))
    words = "".join(tree.itertext())
    assert '<"&>は2.5%（0.7%から8.7%）' in words and "取決め 5%" in words
    assert words.count("2.5%（2/80）") == 1
    assert read(interval_chart(Shares("x", "題", []))) is not None


def test_a_seeded_error_is_shown_like_any_look_and_told_after_the_verdict(day):
    agree(day, "[review.seeded]\npercent = 50\n")
    make_rehearsal(programme=day.programme, cases=4, actor=SYSTEM, at=day.at)
    task = meet(day)
    client = Client()
    client.force_login(day.staff_row("reviewer2"))
    page = client.get(f"/p/sample/review/task/{task.pk}/")
    assert "二次審査" in text_of(page) and "見本" not in text_of(page) and "架空" not in text_of(page)
    pictures = re.findall(r"/p/sample/review/document/\d+/", page.content.decode())
    assert len(set(pictures)) == 2
    for one in set(pictures):
        assert b"".join(client.get(one).streaming_content)[:2] == b"\xff\xd8"
    assert client.get(f"/p/sample/case/{task.case.number}/").status_code == 200
    told = client.post(f"/p/sample/review/task/{task.pk}/verdict/", {"outcome": "approve"}, follow=True)
    assert "質を確かめるための架空のものでした" in toasts_of(told)
    row = next(row for row in Desk("manager").get("quality/").context["seeded"].rows)
    assert [cell.text for cell in row.cells[1:3]] == [1, 0]


def test_a_seeded_error_stays_hidden_on_every_page_of_the_office(day):
    """Found by its number, read, noted, asked a sheet for, listed among what waits and what is called about."""
    agree(day, "[review.seeded]\npercent = 50\n")
    make_rehearsal(programme=day.programme, cases=4, actor=SYSTEM, at=day.at)
    task = meet(day)
    number, printed = task.case.number, task.case.printed_number
    desk, lead, agent = Client(), Desk("manager"), Desk("call_agent")
    desk.force_login(day.staff_row("reviewer2"))
    assert printed in text_of(desk.get("/p/sample/review/"))
    assert desk.get(f"/p/sample/find/?q={number}").url.endswith(f"/case/{number}/")
    assert "見つかりませんでした" in text_of(agent.get(f"find/?q={number}"))
    told = text_of(desk.get(f"/p/sample/case/{number}/"))
    assert "発送" in told and "「審査中」になりました" in told
    assert not any(word in told for word in ("質の確認", "架空", "見本", "埋込み"))
    noted = {"channel": "call", "asked": "支払日の問い合わせ", "identity_checked": "", "promised": ""}
    desk.post(f"/p/sample/case/{number}/note/", noted)
    assert "支払日の問い合わせ" in text_of(desk.get("/p/sample/notes/"))
    kinds = [kind for kind, _ in lead.get(f"case/{number}/").context["sheets"]]
    for kind in kinds:
        sent = lead.post(f"case/{number}/sheet/", {"kind": kind, "asked_by": "ご本人"}, follow=True)
        assert "送付を依頼しました" in toasts_of(sent)
    assert kinds and not Letter.objects.filter(case__programme=day.programme.rehearsal).exists()
    when = (localtime() + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M")
    planned = desk.post(
        f"/p/sample/review/task/{task.pk}/act/contact/",
        {"codes": ["D04"], "next_at": when, "words": ""},
        follow=True,
    )
    assert planned.status_code == 200 and printed in text_of(lead.get("review/contacts/?state=open"))


def test_the_second_reviewer_does_not_read_the_first_verdict_on_the_case_page_either(day):
    one = day.applicants[0]
    day.arrive(day.form(one, phone=""))
    day.verdict("reviewer1")

    def told(who):
        client = Client()
        client.force_login(day.staff_row(who))
        return text_of(client.get(f"/p/sample/case/{one.number}/"))

    day.staff["manager"]
    assert "一次審査「適」" not in told("reviewer2") and "一次審査「適」" in told("reviewer1")
    assert "一次審査「適」" in told("manager")
    day.claim("manager")
    assert "一次審査「適」" not in told("manager")
    put_back(Task.objects.get(state="held"), actor=day.staff["manager"], at=day.later())
    day.verdict("reviewer2")
    assert "一次審査「適」" in told("reviewer2")


def test_the_municipality_reads_the_summary_without_a_reviewers_name(day, at_door):
    agree(day, OFTEN)
    for one in day.applicants[:8]:
        day.send_web(one)
    day.screen()
    waiting = Task.objects.filter(state="open").count()
    for _ in range(waiting):
        day.verdict("reviewer1")
    with at_door("municipality"):
        client = Client()
        day.staff["viewer"]
        client.force_login(day.staff_row("viewer"))
        page = text_of(client.get("/p/sample/quality/"))
    assert f"ウェブ 全体 {waiting} 0 0" in " ".join(page.split())
    assert day.staff["reviewer1"].name not in page and "架空の案件による確かめは、まだ" in page
