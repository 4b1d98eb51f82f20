"""Home, long work, intake, the counter and progress: counts that balance, work that is stopped by whom it may be."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.web.office import Desk, a_case, actor, do_long_work, keyed, looks, posted, text_of, toasts_of
from todoku.ground.tables import LongWork
from todoku.intake.tables import ContactNote, Submission
from todoku.programme.contents import PaymentSlot
from todoku.progress.close_day import digest_of
from todoku.progress.hand_overs import hand_overs
from todoku.progress.plan import paid_by_day, promised
from todoku.progress.tables import DailyReport
from todoku.review.tables import Task
from todoku.web.office.works import card


@pytest.fixture
def manager(town, at_door):
    """The manager before the town."""
    with at_door("office"):
        seat = Desk("manager")
        seat.programme = town.programme
        yield seat


def some_applications(programme, count: int = 4) -> list[Submission]:
    posted(programme, limit=8)
    return [keyed(a_case(programme, place, letters__isnull=False)) for place in range(count)]


def test_every_hand_over_balances_as_the_work_goes_on(manager):
    def counts() -> dict[str, tuple[int, int, int, int]]:
        lines = hand_overs(manager.programme)
        assert all(line.balances for line in lines)
        return {line.key: line[4:] for line in lines}

    cases = counts()["dispatched"][0]
    assert counts()["dispatched"] == (cases, 0, cases, 0)
    some_applications(manager.programme)
    assert counts()["dispatched"] == (cases, 8, cases - 8, 0)
    assert counts()["applied"] == (8, 4, 4, 0) and counts()["reviewed"] == (4, 0, 4, 0)


def test_the_first_page_says_what_waits_for_this_person_alone(manager):
    some_applications(manager.programme)
    mine, printers = text_of(manager.get()), text_of(Desk("print_operator").get())
    assert "事業全体" in mine and "一致" in mine and "不一致" not in mine
    assert (
        "届いた申請が、点検か名簿との照合を待っています。" in mine
        and "届いた申請が、点検か名簿との照合を待っています。" not in printers
    )
    assert "発送前の案件" in printers


def test_the_first_page_asks_for_the_same_few_statements_whatever_waits(manager):
    manager.get()
    before = manager.statements("")
    some_applications(manager.programme)
    assert manager.statements("") == before <= 23


def test_long_work_is_a_card_with_its_rate_and_survives_the_browser(manager):
    manager.post("intake/screen/")
    work = LongWork.objects.get()
    assert (work.kind, work.scope, work.state, work.started_by) == (
        "screen",
        "sample",
        "waiting",
        "業務 責任",
    )
    shown = manager.get(f"work/{work.pk}/card/").content.decode()
    assert 'hx-trigger="every 2s"' in shown and f'/p/sample/work/{work.pk}/stop/"' in shown
    at = timezone.now()
    LongWork.objects.update(
        state="running",
        started_at=at - timedelta(seconds=10),
        beat_at=at,
        done_count=1_000,
        total_count=4_000,
    )
    work.refresh_from_db()
    drawn = card(work, at)
    assert (drawn.rate_per_second, drawn.seconds_left, drawn.percent) == (100, 30, 25)
    assert "毎秒 100 件" in text_of(manager.get(f"work/{work.pk}/"))


def test_work_is_stopped_and_gone_on_with_by_whom_it_may_be(manager):
    manager.post("intake/screen/")
    work = LongWork.objects.get()
    outsider = Desk("payment_maker")
    assert outsider.post(f"work/{work.pk}/stop/").status_code == 403
    assert len(looks("intake.screen", refused=True)) == 1
    manager.post(f"work/{work.pk}/stop/")
    work.refresh_from_db()
    assert work.state == "stopped" and "続きから再開" in text_of(manager.get(f"work/{work.pk}/"))
    manager.post(f"work/{work.pk}/resume/")
    work.refresh_from_db()
    assert work.state == "waiting"
    assert manager.post(f"work/{work.pk}/else/").status_code == 404
    assert "申請の点検" in text_of(manager.get("work/"))


def test_intake_lists_what_arrived_and_screens_it_at_one_press(manager):
    some_applications(manager.programme)
    page = text_of(manager.get("intake/"))
    assert "到着 4 = 点検済 0 + 点検待ち 4" in page and "届いた申請 全 4 件" in page
    assert "全 0 件" in text_of(manager.get("intake/", channel="web"))
    assert "全 4 件" in text_of(manager.get("intake/", day=f"{localdate()}", state="received"))
    manager.post("intake/screen/")
    assert do_long_work().state == "done"
    assert "到着 4 = 点検済 4 + 点検待ち 0" in text_of(manager.get("intake/"))
    assert Task.objects.count() == 4


def test_a_household_that_applied_twice_is_listed_with_its_accounts_compared(manager):
    first = some_applications(manager.programme, 2)
    keyed(first[0].case, account_number="7777777")
    keyed(first[1].case)
    page = text_of(manager.get("intake/duplicates/"))
    assert "二つ以上届いた案件 全 2 件" in page and page.count(" 異なる ") == 1 and page.count(" 同じ ") == 1


def test_intake_asks_for_the_same_few_statements_whatever_arrived(manager):
    manager.get("intake/")
    before = manager.statements("intake/")
    some_applications(manager.programme)
    assert manager.statements("intake/") == before <= 14
    assert manager.statements("intake/duplicates/") <= 10


def test_who_only_prints_may_not_screen(manager):
    assert Desk("print_operator").post("intake/screen/").status_code == 403
    assert LongWork.objects.count() == 0


def test_a_caller_whose_case_is_not_known_is_noted_and_called_back_once(manager):
    today = localdate()
    values = {
        "channel": "call",
        "caller": "田中と名乗る方",
        "asked": "封筒をなくした",
        "promised": "調べて電話",
        "call_back_on": f"{today}",
    }
    manager.post("notes/add/", values)
    note = ContactNote.objects.get()
    assert note.case_id is None
    page = text_of(manager.get("notes/"))
    assert "約束した折り返し 1 件" in page and "田中と名乗る方" in page and "案件不明" in page
    assert manager.post(f"notes/{note.pk}/done/").status_code == 302
    again = manager.client.post(f"/p/sample/notes/{note.pk}/done/", follow=True)
    assert "この折り返しは、すでに済んでいるか" in toasts_of(again)
    assert "約束した折り返し 0 件" in text_of(manager.get("notes/"))
    assert looks("note.view")[0].reason == "応対記録 2件を表示"


def test_a_note_to_a_number_leads_to_its_case_and_a_wrong_one_stays(manager):
    case = a_case(manager.programme)
    answer = manager.post(
        "notes/add/", {"channel": "counter", "number": case.printed_number, "asked": "金額の問い合わせ"}
    )
    assert answer.headers["Location"] == f"/p/sample/case/{case.number}/"
    wrong = manager.post("notes/add/", {"channel": "call", "number": "1234567890123", "asked": "同じこと"})
    assert wrong.status_code == 422 and "この番号の案件はありません" in text_of(wrong)
    nobody = manager.post("notes/add/", {"channel": "call", "asked": "同じこと"})
    assert "案件の番号か、相手の名乗り" in text_of(nobody) and ContactNote.objects.count() == 1


def test_notes_are_found_by_a_word_and_by_what_is_left_to_do(manager):
    for asked, caller in (("封筒をなくした", "山本"), ("金額を知りたい", "佐藤")):
        manager.post("notes/add/", {"channel": "call", "caller": caller, "asked": asked})
    assert "全 1 件" in text_of(manager.get("notes/", word="封筒"))
    assert "全 2 件" in text_of(manager.get("notes/", which="unknown"))
    assert "全 0 件" in text_of(manager.get("notes/", which="due"))
    assert manager.statements("notes/") <= 13


def test_the_board_draws_what_it_has_and_says_how_each_figure_counts(manager):
    some_applications(manager.programme)
    page = manager.get("progress/").content.decode()
    assert page.count("<svg") >= 2 and "作成した案件の数" in page and "支給カレンダーどおり" in page
    assert manager.statements("progress/") <= 19


def test_a_day_is_closed_once_and_its_report_stays_as_it_was(manager):
    yesterday = localdate() - timedelta(days=1)
    manager.post("progress/close/", {"day": f"{yesterday}"})
    report = DailyReport.objects.get()
    assert report.day == yesterday and report.sha256 == digest_of(report.figures)
    before = text_of(manager.get(f"progress/report/{report.pk}/"))
    some_applications(manager.programme)
    assert text_of(manager.get(f"progress/report/{report.pk}/")) == before
    again = manager.client.post("/p/sample/progress/close/", {"day": f"{yesterday}"}, follow=True)
    assert "締め済みです。訂正するときは理由を書いてください" in toasts_of(again)
    manager.post("progress/close/", {"day": f"{yesterday}", "remark": "数え直し"})
    assert [one.edition for one in DailyReport.objects.order_by("edition")] == [1, 2]
    assert "訂正 第2版" in text_of(manager.get("progress/reports/"))


def test_a_day_that_is_not_over_and_a_clerk_close_nothing(manager):
    ahead = localdate() + timedelta(days=1)
    answer = manager.client.post("/p/sample/progress/close/", {"day": f"{ahead}"}, follow=True)
    assert "はまだ終わっていません" in toasts_of(answer)
    none = manager.client.post("/p/sample/progress/close/", {"day": "someday"}, follow=True)
    assert "締める日を選んでください" in toasts_of(none)
    assert Desk("clerk").post("progress/close/", {"day": f"{localdate()}"}).status_code == 403
    assert DailyReport.objects.count() == 0


def test_the_wall_renews_its_figures_by_itself(manager):
    some_applications(manager.programme)
    page = manager.get("progress/wall/").content.decode()
    assert 'hx-trigger="every 30s"' in page and "今日の到着" in page and "<b>4</b>" in page
    part = manager.client.get("/p/sample/progress/wall/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and 'hx-trigger="every 30s"' in part


def test_the_calendar_promises_by_its_last_day_of_arrival(manager):
    today = localdate()
    slots = (
        PaymentSlot(today, today + timedelta(days=14)),
        PaymentSlot(today + timedelta(days=7), today + timedelta(days=21)),
    )
    arrived = [(today - timedelta(days=3), 5), (today + timedelta(days=2), 4)]
    assert promised(arrived, slots) == [(today + timedelta(days=14), 5), (today + timedelta(days=21), 9)]
    assert paid_by_day(manager.programme).paid == []


def test_every_desk_opens_for_whom_it_is_and_nobody_else_sees_a_programme(town, at_door):
    with at_door("office"):
        lone = Desk("manager", name="別の市")
        lone.staff.grants.update(municipality_code="999999")
        pages = ("", "roll/", "print/", "intake/", "paper/", "notes/", "progress/", "find/", "work/")
        assert [lone.get(page).status_code for page in pages] == [404] * len(pages)
        assert actor("manager").name == "業務 責任"
