"""What a resident reads about a case: whole sentences, with the dates that are known, never a code."""

import re
from datetime import date

import pytest

from todoku.case import stages as s
from todoku.case.public_wording import PublicStatus, public_wording

DATES = {
    "sent_on": date(2020, 6, 1),  # Monday
    "arrived_on": date(2020, 6, 8),
    "registered_on": date(2020, 6, 10),
    "returned_on": date(2020, 6, 15),
    "reviewed_on": date(2020, 6, 18),
    "decided_on": date(2020, 6, 19),
    "pays_on": date(2020, 6, 26),
    "paid_on": date(2020, 6, 26),
    "failed_on": date(2020, 6, 29),
    "ended_on": date(2020, 7, 1),
    "deadline": date(2020, 9, 10),
    "repay_deadline": date(2020, 12, 25),
    "opt_out_on": date(2020, 6, 12),
}


def everything_said(status: PublicStatus) -> str:
    said = [status.headline, *(step.text for step in status.steps), *status.needs]
    return "\n".join(message.text() for message in said + ([status.then] if status.then else []))


@pytest.mark.parametrize(
    ("stage", "headline"),
    [
        (s.LISTED, "申請書の送付を準備しています"),
        (s.INVITED, "申請書の到着待ちです"),
        (s.RECEIVED, "審査待ちです"),
        (s.IN_REVIEW, "審査中です"),
        (s.WITH_MUNICIPALITY, "審査中です"),
        (s.RETURNED, "不備のご連絡中です"),
        (s.PASSED, "支給を決定する手続き中です"),
        (s.DECIDED, "支給が決定しました"),
        (s.REFUSED, "支給の対象にならないと決定しました"),
        (s.PAYING, "振込の依頼済です"),
        (s.PAID, "お振込みが完了しました"),
        (s.FAILED, "お振込みができませんでした"),
        (s.DECLINED, "受給を希望されないとのお申し出を受け付けました"),
        (s.LAPSED, "期限が過ぎたため手続きを終えました"),
    ],
)
def test_every_stage_has_a_headline(stage: str, headline: str) -> None:
    assert public_wording(stage, **DATES).headline.text() == headline


@pytest.mark.parametrize("stage", list(s.STAGES))
@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("dates", [{}, DATES], ids=["no dates known", "all dates known"])
def test_every_stage_can_be_said_with_and_without_dates(
    stage: str, pushed: bool, dates: dict[str, date]
) -> None:
    status = public_wording(stage, pushed=pushed, **dates)
    said = everything_said(status)
    assert "%(" not in said
    assert "None" not in said
    assert not re.search(r"[a-z]{3}", said)  # no code, no English
    now_or_last = [step for step in status.steps if step.state == "now"]
    assert len(now_or_last) == (0 if stage == s.PAID else 1)
    assert [step.state for step in status.steps] == sorted(
        (step.state for step in status.steps), key=["done", "now", "next"].index
    )


def test_a_received_application_shows_its_arrival_its_registration_and_the_planned_day() -> None:
    status = public_wording(
        s.RECEIVED,
        sent_on=date(2020, 6, 1),
        arrived_on=date(2020, 6, 8),
        registered_on=date(2020, 6, 10),
        pays_on=date(2020, 6, 26),
    )
    assert [(step.state, step.on, step.text.text()) for step in status.steps] == [
        ("done", date(2020, 6, 1), "申請書をお送りしました。"),
        ("done", date(2020, 6, 8), "申請が届きました（2020年6月10日に登録）。"),
        ("now", None, "届いた順に審査しています。順番をお待ちください。"),
        ("next", None, "支給の決定"),
        ("next", None, "お振込み（予定日 2020年6月26日）"),
    ]
    assert status.then is not None
    assert status.then.text() == "お振込みの予定日は、2020年6月26日です。"
    assert status.needs == ()


def test_registration_on_the_day_of_arrival_is_not_mentioned() -> None:
    same = date(2020, 6, 8)
    status = public_wording(s.RECEIVED, arrived_on=same, registered_on=same)
    assert "登録" not in everything_said(status)


def test_who_is_paid_without_applying_is_told_so_and_until_when_to_object() -> None:
    status = public_wording(
        s.INVITED,
        pushed=True,
        sent_on=date(2025, 1, 27),
        pays_on=date(2025, 2, 28),
        opt_out_on=date(2025, 2, 12),
    )
    assert status.headline.text() == "お手続きは必要ありません"
    assert "2025年2月12日まで" in status.needs[0].text()
    assert "申請書" not in everything_said(status)


def test_who_was_told_of_payment_but_sends_a_change_is_an_applicant() -> None:
    status = public_wording(s.IN_REVIEW, pushed=True, arrived_on=date(2025, 2, 3))
    assert status.headline.text() == "審査中です"
    assert "申請が届きました。" in everything_said(status)


def test_a_returned_application_asks_for_an_answer_by_the_deadline() -> None:
    status = public_wording(s.RETURNED, returned_on=date(2020, 6, 15), deadline=date(2020, 9, 10))
    assert [step.on for step in status.steps if step.state == "now"] == [date(2020, 6, 15)]
    assert "2020年9月10日まで" in status.needs[0].text()


def test_a_failed_transfer_asks_to_check_the_account_and_name_it() -> None:
    status = public_wording(s.FAILED, failed_on=date(2020, 6, 29), repay_deadline=date(2020, 12, 25))
    assert "口座を確かめて届け出てください" in status.needs[0].text()
    assert "別の口座" not in everything_said(status), "mostly the same account was written otherwise"
    assert "2020年12月25日まで" in status.needs[0].text()


def test_an_end_shows_no_further_steps() -> None:
    for stage in s.ENDS:
        assert all(step.state != "next" for step in public_wording(stage, **DATES).steps)


def test_a_lapsed_case_that_never_arrived_does_not_claim_that_something_arrived() -> None:
    status = public_wording(s.LAPSED, sent_on=date(2020, 6, 1), ended_on=date(2020, 9, 11))
    assert [step.text.text() for step in status.steps][0] == "申請書をお送りしました。"
    assert "届きました" not in everything_said(status)


def test_the_municipality_being_asked_does_not_show() -> None:
    assert "照会" not in everything_said(public_wording(s.WITH_MUNICIPALITY, **DATES))


def test_sentences_go_through_the_catalogue_with_their_dates_written_by_the_page() -> None:
    gone_by = public_wording(s.PAYING, due_on=date(2020, 6, 26)).then
    assert gone_by is not None and gone_by.text().endswith("金融機関からの結果を確かめています。")
    status = public_wording(s.PAYING, pays_on=date(2020, 6, 26))
    assert status.then is not None
    english = {
        "%(pays_on)sに、ご指定の口座へ振り込む予定です。": "We plan to pay into your account on %(pays_on)s."
    }
    shown = status.then.text(lambda sentence: english[sentence], lambda value: f"{value:%d %B %Y}")
    assert shown == "We plan to pay into your account on 26 June 2020."
