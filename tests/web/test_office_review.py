"""The review desk: one task on one screen for the one who holds it, verdicts by one post, every look recorded."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.office_day import OfficeDay
from tests.web.office import Desk, looks, plain, take, text_of, toasts_of
from todoku.intake.tables import AccountVersion, Document
from todoku.people.tables import AuditEvent
from todoku.registry.tables import Person
from todoku.review.answer import answer
from todoku.review.decide import make_list, send_back
from todoku.review.pass_on import NotTheManager, pass_on, untold
from todoku.review.tables import Decision, Question, Task, Verdict


@pytest.fixture
def day(town, at_door, clock):
    """Applications as they arrived an hour ago; the office door is open."""
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


def give(desk, task, outcome, **values):
    return desk.post(f"review/task/{task.pk}/verdict/", {"outcome": outcome, **values}, follow=True)


def test_the_queue_counts_what_waits_and_lists_it_oldest_first(day, desk):
    old = localdate() - timedelta(days=9)
    day.arrive(
        day.form(day.applicants[0], account_evidence=""),
        day.form(day.applicants[1], arrived_on=old, postmark_on=old),
    )
    page = desk.get("review/")
    text = text_of(page)
    assert "審査に回った件数 2 = 判定済 0 + 審査待ち 2 + 取消し 0" in text
    assert "9 日前" in text
    rows = page.context["table"].rows
    assert [row.marked for row in rows] == [True, False]
    assert rows[0].name.replace("-", "") == day.applicants[1].number
    filtered = desk.get("review/", reason="return").context["table"].rows
    assert [row.name.replace("-", "") for row in filtered] == [day.applicants[0].number]
    assert desk.get("review/", age="7").context["table"].total == 1
    assert desk.get("review/", step="2").context["table"].total == 0


def test_an_empty_queue_says_what_will_come(desk):
    page = desk.get("review/")
    assert "申請が届いて点検が済むと、ここに期限の順に並びます。" in text_of(page)
    assert "disabled" in page.content.decode()
    assert "審査を待っている申請はありません" in toasts_of(desk.post("review/next/", follow=True))


def test_a_task_shows_the_keyed_form_like_the_paper_and_marks_what_differs(day, desk):
    one = day.applicants[0]
    day.arrive(day.form(one, holder_kana="ﾍﾞﾂ ﾉﾋﾄ", members_corrected=True))
    page, task = take(desk)
    text = text_of(page)
    assert task.state == "held"
    assert f"申請書 {task.case.printed_number} を手元に出し" in text
    assert plain(one.household.head.name) in text and day.account(one).number in "".join(text.split())
    assert "D12 口座名義の不一致" in text and "D51 対象者欄の訂正" in text
    assert "ﾍﾞﾂ ﾉﾋﾄ 相違" in text.replace("≠ ", "")
    assert "署名は世帯主の氏名か" in text


def test_a_web_application_shows_its_photographs_and_each_is_recorded_when_opened(day, desk, town):
    one = day.unsampled[0]
    day.at = datetime.combine(town.opens_on, time(1), UTC)
    day.send_web(one, holder_kana="ﾍﾞﾂ ﾉﾋﾄ")
    day.screen()
    page, _ = take(desk)
    pictures = Document.objects.filter(submission=day.submission(one))
    assert [f"review/document/{picture.pk}/" in page.content.decode() for picture in pictures] == [True, True]
    assert looks("document.view") == []
    shown = desk.get(f"review/document/{pictures[0].pk}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content)
    (look,) = looks("document.view")
    assert (look.subject_id, look.actor_id) == (one.case, desk.staff.pk)


def test_every_look_at_a_task_is_recorded(day, desk):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    desk.get(f"review/task/{task.pk}/")
    assert [(e.subject_kind, e.subject_id, e.reason) for e in looks("review.judge")] == [
        ("case", task.case_id, "審査（一次）")
    ] * 2
    desk.get("review/")
    assert len(looks("review.judge")) == 2


def test_only_who_holds_a_task_sees_it(day, desk, second):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    answered = second.get(f"review/task/{task.pk}/")
    assert answered.status_code == 302
    assert "あなたの扱い中ではありません" in toasts_of(second.get("review/"))
    assert [look.actor_id for look in looks("review.judge")] == [desk.staff.pk]
    given = give(second, task, "approve")
    assert "あなたの扱い中ではありません" in toasts_of(given)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    "role", ["clerk", "print_operator", "call_agent", "payment_maker", "payment_approver"]
)
def test_nobody_but_reviewers_comes_in_and_the_refusal_is_recorded(day, role):
    day.arrive(day.form(day.applicants[0]))
    person, task = Desk(role), Task.objects.get()
    for page in ("review/", f"review/task/{task.pk}/", f"review/task/{task.pk}/account/"):
        assert person.get(page).status_code == 403, page
    for page in (
        "review/next/",
        f"review/task/{task.pk}/verdict/",
        f"review/task/{task.pk}/back/",
        "review/undo/1/",
    ):
        assert person.post(page).status_code == 403, page
    refused = AuditEvent.objects.filter(actor_id=person.staff.pk, refused=True)
    assert refused.count() == 7
    assert {look.action for look in refused} == {"review.view", "review.judge"}
    assert Task.objects.get().state == "open"


def test_photographs_are_for_who_may_see_accounts(day, town):
    one = day.unsampled[0]
    day.at = datetime.combine(town.opens_on, time(1), UTC)
    day.send_web(one)
    picture = Document.objects.first()
    assert Desk("print_operator").get(f"review/document/{picture.pk}/").status_code == 403
    assert len(looks("case.view_account", refused=True)) == 1
    shown = Desk("clerk").get(f"review/document/{picture.pk}/")
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")


def test_a_verdict_leads_straight_to_the_next_task_and_can_be_taken_back(day, desk):
    day.arrive(*(day.form(one) for one in day.applicants[:2]))
    _, first = take(desk)
    answered = give(desk, first, "approve", after=first.pk)
    assert answered.redirect_chain[-1][0].startswith("/p/sample/review/task/")
    assert f"{first.case.printed_number} を「適」にしました。" in toasts_of(answered)
    other = Task.objects.get(state="held")
    assert other.pk != first.pk
    verdict = Verdict.objects.get()
    back = desk.post(f"review/undo/{verdict.pk}/", follow=True)
    assert back.request["PATH_INFO"] == f"/p/sample/review/task/{first.pk}/"
    assert "判定を取り消しました" in toasts_of(back)
    assert Task.objects.get(pk=other.pk).state == "open"


def test_another_persons_verdict_is_not_taken_back(day, desk, second):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    give(desk, task, "approve")
    answered = second.post(f"review/undo/{Verdict.objects.get().pk}/", follow=True)
    assert "取り消せません" in toasts_of(answered)
    assert Verdict.objects.get().undone_at is None


@pytest.mark.parametrize(
    ("outcome", "typed", "sentence"),
    [
        ("return", {"comment": "書きかけ"}, "不備の項目を1つ以上選んでください"),
        ("refer", {"code": ["D30"]}, "確認したいことを書いてください"),
        ("refuse", {"comment": "書きかけ"}, "理由を1つ選んでください"),
    ],
)
def test_a_verdict_that_lacks_something_keeps_what_was_typed(day, desk, outcome, typed, sentence):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    answered = give(desk, task, outcome, **typed)
    assert answered.status_code == 422
    body = answered.content.decode()
    assert sentence in body
    assert typed.get("comment", "") in body
    assert body.count('value="D30" checked') == len(typed.get("code", []))
    assert Task.objects.get().state == "held"


def test_an_account_that_cannot_be_paid_to_is_named_and_put_right_by_somebody_who_does_not_judge(
    day, desk, second
):
    one = day.applicants[0]
    account = day.account(one)
    day.arrive(
        day.form(one, bank="0001", branch="001", account_number="12", yucho_symbol="", yucho_number="")
    )
    _, task = take(desk)
    refused = give(desk, task, "approve")
    assert refused.status_code == 422
    assert "この口座には振り込めないため「適」にできません" in refused.content.decode()
    form = {
        "bank": "0001",
        "branch": "001",
        "kind": "1",
        "account_number": "7654321",
        "holder_kana": account.holder_kana,
    }
    answered = desk.post(f"review/task/{task.pk}/account/", form, follow=True)
    assert "口座を直しました。審査はほかの担当者が行います。" in toasts_of(answered)
    assert AccountVersion.objects.get(version=2).staff_id == desk.staff.pk
    assert Task.objects.get().state == "open"
    assert "あなたが扱える申請は今ありません" in toasts_of(desk.post("review/next/", follow=True))
    _, again = take(second)
    give(second, again, "approve")
    assert Verdict.objects.get().staff_id == second.staff.pk


def test_a_field_of_the_account_is_read_back_while_it_is_typed(day, desk):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    assert "みずほ" in desk.post(f"review/task/{task.pk}/account/bank/", {"bank": "0001"}).content.decode()
    wrong = desk.post(f"review/task/{task.pk}/account/branch/", {"bank": "0001", "branch": "999"})
    assert "この金融機関にない支店です" in wrong.content.decode()


def test_why_a_case_is_here_again_stands_on_its_page(day, desk, town):
    one, two = day.unsampled[:2]
    day.arrive(day.form(one, members_corrected=True))
    day.verdict("manager", "refer", comment="世帯員の訂正を確認してください。")
    answer(
        day.send_question(Question.objects.get()),
        ruling="grant",
        text="届出のとおりです。",
        actor=day.staff["officer"],
        at=day.later(),
    )
    page, task = take(desk)
    text = text_of(page)
    assert (
        "世帯員の訂正を確認してください。" in text
        and "回答「支給相当」" in text
        and "届出のとおりです。" in text
    )
    assert "これまでの判定" in text and "long-words" not in page.content.decode()
    desk.post(f"review/task/{task.pk}/back/")
    Task.objects.filter(pk=task.pk).update(state="void")
    day.arrive(day.form(two))
    day.both()
    day.arrive(day.form(two, which=1, key="again"))
    day.both()
    made = make_list(programme=town.programme, actor=day.staff["manager"], at=day.later())
    send_back(
        Decision.objects.get(decision_list=made),
        reason="名義を確認してください。",
        actor=day.staff["officer"],
        at=day.later(),
    )
    seen, task = take(desk)
    assert "自治体からの差戻し" in text_of(seen) and "名義を確認してください。" not in text_of(seen)
    with pytest.raises(NotTheManager):
        pass_on(task, "名義を。", actor=day.staff["officer"], at=day.later())
    assert [one.remark for one in untold(town.programme)] == ["名義を確認してください。"]
    pass_on(task, "通帳の名義を見てください。", actor=day.staff["manager"], at=day.later())
    assert untold(town.programme) == []
    text = text_of(desk.get(f"review/task/{task.pk}/"))
    assert "通帳の名義を見てください。" in text
    assert "別の申請" in text and f"****{day.account(two, 1).number[-3:]}" in text


def test_an_address_under_protection_is_not_shown(day, desk):
    one = day.applicants[0]
    Person.objects.filter(number=one.household.head.number).update(protected=True)
    day.arrive(day.form(one))
    text = text_of(take(desk)[0])
    assert "非表示（支援措置）" in text
    assert plain(one.household.address.street) not in text


def test_a_decline_is_confirmed_with_words(day, desk, second):
    one = day.applicants[0]
    day.arrive(day.form(one, declines=True))
    page, task = take(desk)
    assert "辞退を確認した" in text_of(page)
    assert give(desk, task, "decline").status_code == 422
    give(desk, task, "decline", comment="本人に電話で確認。")
    # By the usual criteria the manager decides about it, and nobody else is dealt the second look.
    assert "業務責任者が決めます" in text_of(page) and "業務責任者が二次審査で決めます" in text_of(page)
    assert "業務責任者が決める申請" in toasts_of(second.post("review/next/", follow=True))
    assert "業務責任者へ" in text_of(second.get("review/"))
    manager = Desk("manager")
    assert "業務責任者の判定" in text_of(manager.get("")) and "業務責任者の判定" not in text_of(
        second.get("")
    )
    page, task = take(manager)
    assert "業務責任者が二次審査で" not in text_of(page)
    give(manager, task, "decline", comment="記録を確認。")
    assert day.stage(one) == "declined"


def test_pages_ask_the_same_number_of_statements_whatever_waits(day, desk):
    day.arrive(*(day.form(one, account_evidence="") for one in day.applicants[:2]))
    few = desk.statements("review/")
    day.arrive(*(day.form(one, account_evidence="") for one in day.applicants[2:28]))
    assert desk.statements("review/") == few <= 22
    _, task = take(desk)
    assert desk.statements(f"review/task/{task.pk}/") <= 31


def test_another_programme_does_not_exist_for_this_task(day, desk):
    day.arrive(day.form(day.applicants[0]))
    _, task = take(desk)
    assert Desk("reviewer", slug="other").get(f"review/task/{task.pk}/").status_code == 404
    assert give(desk, task, "pass").status_code == 404


def test_an_account_of_several_households_says_how_many_and_which_and_where_a_facility_is_proposed(day, desk):
    one, other = day.applicants[:2]
    account = day.form(one)
    names = ("bank", "branch", "kind", "account_number", "yucho_symbol", "yucho_number")
    day.arrive(account, day.form(other, **{name: getattr(account, name) for name in names}))
    page, task = take(desk)
    beside = other if task.case_id == one.case else one
    text = text_of(page)
    assert "D15 ほかの世帯と同じ口座" in text
    assert "ほかの1世帯の申請と同じ口座です。" in text
    assert f"{beside.number[:4]}-{beside.number[4:8]}-{beside.number[8:]}" in text
    assert "業務責任者が代理受領口座として提案します" in text
    manager = Desk("manager")
    found = manager.get("payment/payees/", of=str(task.submission_id))
    kept = task.submission.accounts.get()
    assert found.context["form"]["account_number"].value() == kept.number
    assert found.context["form"]["bank"].value() == kept.bank
    assert [(look.subject_id, look.reason) for look in looks("payee.propose")] == [
        (task.case_id, "代理受領口座の提案のため口座を表示")
    ]
    shown = Desk("payment_maker").get("payment/payees/", of=str(task.submission_id))
    assert kept.number not in shown.content.decode()
