"""The day at the review desk through its pages: acts beside the verdict, the next case ahead, calls, withdrawal, the lead."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from tests.office_day import OfficeDay
from tests.web.office import Desk, looks, take, text_of, toasts_of
from todoku.intake.tables import Document, ProofVersion
from todoku.review.desk_tables import CaseComment, Contact, ContactTry, ShiftNote
from todoku.review.tables import Finding, Task, Verdict
from todoku.web.office.review_contacts import call_again
from todoku.web.office.review_history import history

PHONE = "0452223333"


@pytest.fixture
def day(town, at_door, clock):
    office = OfficeDay(town.programme, town.households, timezone.now() - timedelta(hours=1))
    office.applicants = office.applicants[:30]
    office.invite(office.applicants)
    with at_door("office"):
        yield office


@pytest.fixture
def desk(day):
    return Desk("reviewer")


@pytest.fixture
def second(day):
    return Desk("reviewer", name="審査 二子")


@pytest.fixture
def lead(day):
    return Desk("manager")


def acts(desk, task, what, **values):
    return desk.post(f"review/task/{task.pk}/act/{what}/", values, follow=True)


def test_a_look_is_put_aside_from_its_page_and_the_next_comes(day, desk):
    day.arrive(*(day.form(one) for one in day.applicants[:2]))
    _, task = take(desk)
    until = localdate() + timedelta(days=3)
    wrong = acts(desk, task, "aside", reason="", until=until.isoformat())
    assert wrong.status_code == 422 and "保留する理由を書いてください" in text_of(wrong)
    done = acts(desk, task, "aside", reason="通帳を待つ", until=until.isoformat(), after=task.pk)
    assert "まで保留しました" in toasts_of(done)
    assert Task.objects.get(state="held").pk != task.pk
    assert f"{until:%m/%d}まで保留" in text_of(desk.get("review/"))


def test_a_colleagues_words_stand_on_the_page_and_the_first_verdict_does_not(day, desk, second):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    assert "メモを残しました" in toasts_of(acts(desk, task, "comment", words="電話は夕方に"))
    desk.post(f"review/task/{task.pk}/verdict/", {"outcome": "approve", "comment": "問題なし"})
    page, _ = take(second)
    text = text_of(page)
    assert "電話は夕方に" in text and "問題なし" not in text and "これまでの判定" not in text


def test_where_the_terms_say_so_the_second_sees_the_first(day, desk, second, town):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    desk.post(f"review/task/{task.pk}/verdict/", {"outcome": "approve", "comment": "問題なし"})
    _, again = take(second)
    terms = town.programme.terms
    seeing = replace(terms, review=replace(terms.review, blind_second=False))
    assert history(again, terms)["before"] == []
    assert [one.comment for one in history(again, seeing)["before"]] == ["問題なし"]


def test_a_look_is_handed_to_a_named_colleague(day, desk, second):
    day.arrive(day.form(day.applicants[0]))
    page, task = take(desk)
    assert "審査 二子" in page.content.decode()
    done = acts(desk, task, "hand", to=str(second.staff.pk), words="途中です")
    assert "審査 二子さんに引き継ぎました" in toasts_of(done)
    assert take(second)[1].pk == task.pk
    assert CaseComment.objects.get().kind == "handed"


def test_the_next_ones_pictures_are_sent_ahead_and_seen_only_when_shown(day, desk, town):
    first, one = day.unsampled[:2]
    day.at = timezone.make_aware(datetime.combine(town.opens_on, time(10)))
    day.send_web(first, holder_kana="ﾍﾞﾂ ﾉﾋﾄ")
    day.send_web(one, holder_kana="ﾍﾞﾂ ﾉﾋﾄ")
    day.screen()
    _, task = take(desk)
    told = desk.post("review/ahead/").json()["pictures"]
    ahead = Task.objects.get(state="open")
    documents = Document.objects.filter(submission=ahead.submission)
    assert told == [f"/p/sample/review/document/{one.pk}/" for one in documents.order_by("-kind", "id")]
    for address in told:
        sent = desk.client.get(address, {"ahead": "1"})
        assert b"".join(sent.streaming_content)
    assert [look.action for look in looks("document.ahead")] == ["document.ahead"] * 2
    assert looks("document.view") == [] and {look.subject_id for look in looks("review.judge")} == {
        task.case_id
    }
    answered = desk.post(
        f"review/task/{task.pk}/verdict/",
        {"outcome": "return", "code": ["D13"], "after": task.pk},
        follow=True,
    )
    assert answered.request["PATH_INFO"] == f"/p/sample/review/task/{ahead.pk}/"
    assert [look.subject_id for look in looks("document.view")] == [ahead.case_id] * 2
    assert Task.objects.get(pk=ahead.pk).ahead_at is None


def test_loading_ahead_asks_few_statements(day, desk):
    day.arrive(*(day.form(one) for one in day.applicants[:20]))
    take(desk)
    with CaptureQueriesContext(connection) as captured:
        assert desk.post("review/ahead/").status_code == 200
    assert len(captured) <= 23


def test_where_nothing_is_left_a_verdict_sent_by_script_leads_to_the_queues_own_page(day, desk):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    answered = desk.post(
        f"review/task/{task.pk}/verdict/", {"outcome": "approve"}, headers={"HX-Request": "true"}
    )
    assert answered["HX-Redirect"] == "/p/sample/review/"


def test_an_applicant_is_called_by_the_script_and_asked_by_letter_after_three_tries(day, desk):
    one = day.applicants[0]
    day.arrive(day.form(one, phone=PHONE, signed=False))
    _, task = take(desk)
    now = localtime().strftime("%Y-%m-%dT%H:%M")
    assert "確認連絡を予定しました" in toasts_of(
        acts(desk, task, "contact", codes=["D02"], words="", next_at=now)
    )
    assert task.case.printed_number in text_of(desk.get("review/contacts/"))
    assert task.case.printed_number in text_of(desk.get("review/contacts/?state="))
    assert "今日までに、申請者へ確認の電話をするものです。" in text_of(desk.get(""))
    contact = Contact.objects.get()
    text = text_of(desk.get(f"review/contacts/{contact.pk}/"))
    assert "暗証番号は聞きません" in text and "ご署名がありません" in text and PHONE in text
    assert [look.subject_id for look in looks("contact.make")] == [one.case]
    later = (localtime() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    missed = {"do": "again", "outcome": "not_reached", "called_number": PHONE, "next_at": later}
    wrong = desk.post(f"review/contacts/{contact.pk}/", missed | {"called_number": "0399999999"})
    assert wrong.status_code == 422 and "申請書か名簿にある番号" in text_of(wrong)
    for expected in ("次の日時に連絡します", "次の日時に連絡します", "手紙でお願いします"):
        assert expected in toasts_of(desk.post(f"review/contacts/{contact.pk}/", missed, follow=True))
    assert ContactTry.objects.count() == 3 and Verdict.objects.get().codes == ["D02"]
    assert "今日連絡する申請者はいません" in text_of(desk.get("review/contacts/"))


@pytest.mark.parametrize(
    ("hour", "proposed"), [(9, (0, 12)), (16, (0, 19)), (17, (1, 9)), (21, (1, 9)), (23, (1, 9)), (3, (0, 9))]
)
def test_nobody_is_proposed_a_call_in_the_evening_or_at_night(hour, proposed):
    now = localtime().replace(hour=hour, minute=0, second=0, microsecond=0)
    then = call_again(now)
    assert ((then.date() - now.date()).days, then.hour) == proposed


def test_a_verdict_is_withdrawn_from_its_page_with_what_it_caused(day, desk, second):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    desk.post(f"review/task/{task.pk}/verdict/", {"outcome": "return", "code": ["D30"]})
    verdict = Verdict.objects.get()
    assert task.case.printed_number in text_of(desk.get("review/verdicts/"))
    assert second.get(f"review/verdicts/{verdict.pk}/").status_code == 404
    assert "印刷されません" in text_of(desk.get(f"review/verdicts/{verdict.pk}/"))
    wrong = desk.post(f"review/verdicts/{verdict.pk}/", {"why": ""})
    assert wrong.status_code == 422 and "理由を書いてください" in text_of(wrong)
    done = desk.post(f"review/verdicts/{verdict.pk}/", {"why": "見誤り"}, follow=True)
    assert "判定を取り消しました" in toasts_of(done)
    page, _ = take(second)
    assert "見誤り" in text_of(page)


def test_a_shift_ends_with_words_for_the_next(day, desk, second):
    day.arrive(*(day.form(one) for one in day.applicants[:2]))
    take(desk)
    done = desk.post("review/shift/end/", {"words": "通帳の件は明日"}, follow=True)
    assert "審査待ちに戻した申請 1件" in toasts_of(done)
    assert "通帳の件は明日" in text_of(second.get("review/"))
    assert ShiftNote.objects.get().staff_id == desk.staff.pk


def test_a_person_chooses_the_days_queues(day, desk):
    day.arrive(day.form(day.applicants[0], account_evidence=""), day.form(day.applicants[1]))
    chosen = desk.post("review/queues/", {"queue": ["clean"]}, follow=True)
    assert "今日受け持つ列: 不備なし" in toasts_of(chosen)
    assert take(desk)[1].queue == "clean"
    assert "受け持つ列を1つ以上" in toasts_of(desk.post("review/queues/", {}, follow=True))


def test_the_lead_sees_the_desk_and_moves_work(day, desk, second, lead):
    day.arrive(*(day.form(one, account_evidence="") for one in day.applicants[:4]))
    assert desk.get("review/lead/").status_code == 403
    _, task = take(desk)
    desk.post(f"review/task/{task.pk}/verdict/", {"outcome": "return", "code": ["D30"]})
    held = Task.objects.get(state="held")
    text = text_of(lead.get("review/lead/"))
    assert f"審査 一子 {held.case.printed_number}" in text and "審査待ち 3件" in text
    assert "今日の1件あたりの秒数" in text and "全員 1" in text
    back = lead.post("review/lead/move/", {"ids": str(held.pk)}, follow=True)
    assert "1件を移しました" in toasts_of(back)
    where = lead.post("review/lead/", {"do": "move", "all": "1"})
    assert "選んだ申請 3 件" in text_of(where)
    ids = where.context["ids"]
    both = lead.post("review/lead/move/", {"ids": ids, "to": str(second.staff.pk), "queue": "proxy"})
    assert both.status_code == 422
    moved = lead.post("review/lead/move/", {"ids": ids, "to": str(second.staff.pk)}, follow=True)
    assert "3件を移しました" in toasts_of(moved)
    assert "あなたが扱える申請は今ありません" in toasts_of(desk.post("review/next/", follow=True))
    told = lead.post("review/lead/queues/", {"who": str(desk.staff.pk), "queue": ["form"]}, follow=True)
    assert "審査 一子さんが今日受け持つ列: 記入" in toasts_of(told)


def test_the_leads_page_asks_the_same_number_of_statements_whatever_waits(day, desk, lead):
    day.arrive(*(day.form(one) for one in day.applicants[:2]))
    few = lead.statements("review/lead/")
    day.arrive(*(day.form(one) for one in day.applicants[2:25]))
    assert lead.statements("review/lead/") == few <= 24
    assert desk.statements("review/contacts/") <= 12 and desk.statements("review/verdicts/") <= 12


def test_what_a_reviewer_reads_on_the_picture_is_judged_by_the_day_that_counts(day, desk):
    """One key opens the form; the day is typed as it is printed; what follows stands on the same page, and is taken back so."""
    one = day.applicants[0]
    day.arrive(day.form(one))
    page, task = take(desk)
    assert "本人確認書類の種類と期限" in text_of(page) and 'data-key="k"' in page.content.decode()
    sent = task.submission
    gone = f"{sent.counts_on - timedelta(days=1):%Y%m%d}"
    page = acts(desk, task, "papers", first="driving_licence", first_on=gone)
    assert "期限切れ" in text_of(page) and "D21" in text_of(page)
    assert Finding.objects.get(submission=sent, code="D21").evidence["kind"] == "driving_licence"
    # Read again: valid on that very day, and long expired when anybody looks at it.
    page = acts(desk, task, "papers", first="driving_licence", first_on=f"{sent.counts_on:%Y%m%d}")
    assert "時点で有効" in text_of(page) and not Finding.objects.filter(submission=sent).exists()
    # Without its day nobody is told that it was valid: the eyes are.
    undated = text_of(acts(desk, task, "papers", first="driving_licence"))
    assert "時点で有効 " not in undated and "運転免許証（日付の入力なし）" in undated
    assert "運転免許証の期限か発行日" in undated
    kept = ProofVersion.objects.order_by("version").values_list("version", "staff_id")[:2]
    assert list(kept) == [(1, task.claimed_by_id), (2, task.claimed_by_id)]
    assert Task.objects.get(pk=task.pk).state == "held"


def test_one_paper_of_two_and_a_paper_that_is_none_are_found_at_once(day, desk):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    found = {}
    for first, second in (
        ("pension_book", ""),
        ("other_paper", ""),
        ("my_number_side", ""),
        ("pension_book", "membership_card"),
    ):
        acts(desk, task, "papers", first=first, second=second)
        found[first, second] = sorted(Finding.objects.values_list("code", flat=True))
    assert list(found.values()) == [["D27"], ["D26"], ["D24", "D26"], []]
    refused = acts(desk, task, "papers", first="pension_book", second="pension_book")
    assert refused.status_code == 422 and "違う種類" in text_of(refused)
    assert "20310503" in text_of(acts(desk, task, "papers", first="passport", first_on="いつか"))
