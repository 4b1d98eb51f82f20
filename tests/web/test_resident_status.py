"""The status page: whole sentences, dates, what we need; the notice of a payment that comes by itself; declining."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from tests.open_today import letters, noon, open_today
from tests.town_fixture import PUSH
from tests.web.resident import Resident, errors_of, text_of
from todoku.case import stages
from todoku.case.move import move
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.register_web import register_web
from todoku.intake.tables import Submission
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Version


def status_of(at_door, letter):
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        return text_of(resident.get("status/"))


def walk(programme, case, *through):
    for stage in through:
        move([case], programme=programme, to=stage, why="試験", actor=SYSTEM, at=timezone.now())


@pytest.mark.parametrize(
    ("through", "words", "not_words"),
    [
        (
            (stages.INVITED,),
            ("申請書の到着待ちです", "申請する", "までに申請してください"),
            ("辞退のお申し出を",),
        ),
        ((stages.RECEIVED,), ("審査待ちです", "届いた順に審査しています"), ("申請する",)),
        ((stages.RECEIVED, stages.IN_REVIEW), ("審査中です",), ("申請する",)),
        (
            (stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY),
            ("審査中です", "確認に時間をいただいています"),
            ("照会",),
        ),
        (
            (stages.RECEIVED, stages.IN_REVIEW, stages.RETURNED),
            ("不備のご連絡中です", "ウェブで直して送る"),
            (),
        ),
        ((stages.RECEIVED, stages.PASSED, stages.DECIDED), ("支給が決定しました",), ()),
        (
            (stages.RECEIVED, stages.PASSED, stages.REFUSED),
            ("支給の対象にならないと決定しました",),
            ("申請する",),
        ),
        (
            (stages.RECEIVED, stages.PASSED, stages.DECIDED, stages.PAYING),
            ("振込の依頼済です", "通帳には「トクベツテイガクキュウフキン」と印字されます"),
            (),
        ),
        (
            (stages.RECEIVED, stages.PASSED, stages.DECIDED, stages.PAYING, stages.FAILED),
            ("お振込みができませんでした", "口座を確かめて届け出る"),
            (),
        ),
        ((stages.DECLINED,), ("受給を希望されないとのお申し出を受け付けました",), ("申請する",)),
    ],
)
def test_each_stage_in_words(town, at_door, through, words, not_words):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    walk(programme, letter.case, *through)
    shown = status_of(at_door, letter)
    assert [word for word in words if word not in shown] == []
    assert [word for word in not_words if word in shown] == []
    assert not any(code in shown for code in stages.STAGES)


def test_an_application_sent_a_minute_ago_is_received_already(town, at_door):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
        resident.post("apply/send/")
        shown = text_of(resident.get("status/"))
    assert "審査待ちです" in shown and "お振込みの予定日は" in shown
    assert Submission.objects.get().state == "sent"


def test_a_day_of_payment_is_announced_until_it_has_gone_by(day, at_door, clock):
    """On the day itself it is still said; the day after, until the bank reports, that its result is awaited."""
    batch = day.sent()
    case = Transfer.objects.filter(batch=batch).order_by("number")[0].case_id
    letter = next(one for one in letters(day.programme) if one.case == case)
    said = {}
    for later in (0, 1):
        clock.to(noon(batch.value_date + timedelta(days=later)))
        said[later] = status_of(at_door, letter)
    on = f"{batch.value_date.year}年{batch.value_date.month}月{batch.value_date.day}日"
    assert f"{on}に、ご指定の口座へ振り込む予定です。" in said[0] and "結果を確かめています" not in said[0]
    assert f"{on}にお振込みの手続きをしました。金融機関からの結果を確かめています。" in said[1]
    assert "予定" not in said[1]


def test_a_batch_that_waits_past_its_day_announces_no_day_that_has_gone_by(day, at_door, clock):
    batch = day.sealed()
    case = Transfer.objects.filter(batch=batch).order_by("number")[0].case_id
    letter = next(one for one in letters(day.programme) if one.case == case)
    clock.to(noon(batch.value_date + timedelta(days=1)))
    shown = status_of(at_door, letter)
    assert "支給が決定しました" in shown and "決まりしだい" in shown
    assert f"{batch.value_date.month}月{batch.value_date.day}日" not in shown


def test_arrival_and_registration_are_both_said_where_they_differ(town, at_door):
    programme = open_today(town.programme)
    letter, today = letters(programme)[0], timezone.localdate()
    form = PaperForm(number=letter.number, arrived_on=today - timedelta(days=2))
    receive_paper(form, programme=programme, actor=SYSTEM, at=timezone.now())
    shown = status_of(at_door, letter)
    assert f"{today.year}年{today.month}月{today.day}日に登録" in shown


def test_no_address_member_account_or_birth_date_is_on_the_page(town, at_door):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    household = next(one for one in town.households if one.head.kana == letter.kana)
    shown = status_of(at_door, letter)
    told = [household.address.street, household.head.name, letter.kana, str(letter.born.year)]
    assert [one for one in told if one and one in shown] == []


def test_a_correction_by_web_takes_the_place_of_what_was_returned(town, at_door):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    form = PaperForm(number=letter.number, arrived_on=timezone.localdate())
    returned = receive_paper(form, programme=programme, actor=SYSTEM, at=timezone.now())
    Submission.objects.filter(pk=returned.pk).update(state="screened")
    walk(programme, letter.case, stages.IN_REVIEW, stages.RETURNED)
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
        assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
    assert register_web(programme=programme, actor=SYSTEM, at=timezone.now()).done == 1
    returned.refresh_from_db()
    assert returned.state == "superseded"


def test_after_the_deadline_the_page_says_so_and_offers_no_form(town, at_door):
    programme = open_today(town.programme, days_ago=400)
    letter = letters(programme)[0]
    shown = status_of(at_door, letter)
    assert "を過ぎました" in shown and "申請する" not in shown


@pytest.fixture
def push_letter(push_town):
    programme = open_today(push_town.programme, PUSH)
    letter = letters(programme, "push")[0]
    walk(programme, letter.case, stages.INVITED)
    return letter


def test_who_is_paid_without_asking_reads_the_day_and_how_to_object(push_letter, at_door):
    shown = status_of(at_door, push_letter)
    assert "お手続きは必要ありません" in shown and "お振込みの予定日は" in shown
    assert "口座を変える" in shown and "給付金を受け取らない（辞退する）" in shown
    assert "銀行" not in shown


def test_declining_is_said_twice_and_asked_back(push_town, push_letter, at_door):
    with at_door("resident"):
        resident = Resident(push_letter)
        resident.open(aim="decline")
        page = resident.get("decline/")
        once = resident.post("decline/", {"phone": "045-000-0000"})
        done = resident.post("decline/", {"phone": "045-000-0000", "sure": "on"})
        receipt = text_of(resident.get("receipt/"))
    assert "振り込まれません" in text_of(page)
    assert "確認の欄に印を付けて" in errors_of(once)
    assert done.headers["Location"] == "/sample/receipt/"
    assert "お電話か手紙で確認します" in receipt
    submission = Submission.objects.get()
    assert (submission.declines, submission.state) == (True, "sent")
    register_web(programme=push_town.programme, actor=SYSTEM, at=timezone.now())
    assert "審査待ちです" in status_of(at_door, push_letter)


def test_once_the_time_to_object_is_over_nothing_can_be_changed_here(push_town, at_door):
    programme = open_today(push_town.programme, PUSH, days_ago=30)
    letter = letters(programme, "push")[0]
    walk(programme, letter.case, stages.INVITED)
    shown = status_of(at_door, letter)
    assert "口座を変える" not in shown and "辞退する" not in shown
    assert "お手続きは必要ありません" in shown


def test_the_door_holds_no_secret_that_makes_keys(town):
    from todoku.ground.secrets import NOT_FOR_RESIDENT_DOOR

    assert "TODOKU_LETTER_KEY_SECRET" in NOT_FOR_RESIDENT_DOOR
    assert settings.LETTER_KEY_SECRET != settings.LOOKUP_SECRET
    assert Version.objects.filter(opened_at__isnull=False).exists()
