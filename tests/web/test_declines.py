"""Declining after an application: told at a desk or by web, confirmed another way, pulled from the payment, taken back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.open_today import letters, noon, open_today
from tests.web.office import actor as office_actor
from tests.web.office import keyed
from tests.web.resident import Resident, text_of
from todoku.case.door_keys import key_token, lookup_token
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tell_decline import CannotTell, Told, tell_by_web, tell_decline
from todoku.payment.confirm_decline import CannotConfirm, confirm_decline, drop_decline
from todoku.payment.hand_back import CannotHandBack
from todoku.payment.hold import hold
from todoku.payment.late_facts import find_late_facts
from todoku.payment.seal import seal
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.payment.take_back_decline import take_back, take_back_declines
from todoku.people.actor import SYSTEM
from todoku.review.screen import screen
from todoku.review.tables import Decision, DecisionList, Task
from todoku.rounds.round import inward

# Days since the intake opened: its last day has passed, that of a new transfer has not.
AFTER_THE_DEADLINE = 150


def at_stage(stage: str) -> Case:
    return (
        Case.objects.filter(standing__stage=stage)
        .select_related("programme", "standing")
        .order_by("pk")
        .first()
    )


def stage_of(case: Case) -> str:
    return CaseStage.objects.get(pk=case.pk).stage


def told(day, case: Case, channel: str = "phone") -> DeclineWord:
    return tell_decline(case, Told("decline", channel, "本人"), actor=day.staff["clerk"], at=timezone.now())


def confirmed(day, word: DeclineWord, second: str = "call") -> DeclineWord:
    words = "12月1日、名簿の番号にかけ、本人に"
    return confirm_decline(word, second=second, words=words, actor=day.staff["manager"], at=timezone.now())


def back(day, case: Case) -> None:
    word = tell_decline(case, Told("take_back", "phone", "本人"), actor=day.staff["clerk"], at=timezone.now())
    assert take_back(word, actor=day.staff["clerk"], at=timezone.now())


def test_a_word_holds_the_payment_and_its_confirmation_pulls_it_from_an_open_batch(day):
    day.built()
    case = at_stage("decided")
    batch = Transfer.objects.get(case=case).batch
    word = told(day, case)
    assert stage_of(case) == "decided"
    find_late_facts(programme=day.programme, actor=SYSTEM, at=timezone.now())
    assert Hold.objects.get(case=case, closed_at__isnull=True).kind == "refusal"
    confirmed(day, word)
    before = batch.count
    batch.refresh_from_db()
    assert (stage_of(case), Transfer.objects.get(case=case).state) == ("declined", "void")
    assert batch.count == before - 1
    assert not Decision.objects.filter(case=case, in_force=True).exists()
    assert Hold.objects.get(case=case).outcome.startswith("支払わない")
    assert DeclineWord.objects.get().stage_before == "decided"


def test_what_stands_in_a_sealed_file_is_refused_with_the_remedy_and_nothing_is_kept(day):
    day.built()
    case = at_stage("decided")
    word = told(day, case)
    drop_decline(word, words="本人は受給を希望", actor=day.staff["manager"], at=timezone.now())
    batch = Transfer.objects.get(case=case).batch
    seal(batch, actor=day.staff["maker"], at=day.at)
    again = told(day, case)
    with pytest.raises(CannotHandBack, match="先に振込データを取り消してください"):
        confirmed(day, again)
    assert (stage_of(case), DeclineWord.objects.get(pk=again.pk).state) == ("decided", "told")
    assert Transfer.objects.get(case=case).state == "sealed"


def test_one_way_twice_is_no_second_confirmation_not_even_for_the_database(day):
    case = at_stage("in_review")
    word = told(day, case, "counter")
    with pytest.raises(CannotConfirm, match="別の方法で"):
        confirmed(day, word, "visit")
    with (
        pytest.raises(DatabaseError, match="a_decline_is_confirmed_another_way_than_it_came"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "update todoku_declineword set state = 'done', second = 'visit', words = 'x', settled_at = now(),"
            " settled_by_id = %s where id = %s",
            [day.staff["manager"].id, word.pk],
        )
    with pytest.raises(CannotTell, match="すでに受け付けています"):
        told(day, case)


@pytest.mark.parametrize("stage", ["in_review", "passed", "decided", "with_municipality"])
def test_who_comes_back_goes_on_in_review_by_two_persons(day, stage):
    made = day.list_made() if stage == "passed" else None
    case = at_stage(stage)
    if made:
        case = Case.objects.select_related("programme").get(
            pk=Decision.objects.filter(decision_list=made, outcome="grant").first().case_id
        )
    confirmed(day, told(day, case))
    assert not Task.objects.filter(case=case, state__in=["open", "held"]).exists()
    if made:
        assert DecisionList.objects.get(pk=made.pk).grants == made.grants - 1
    back(day, case)
    assert stage_of(case) == "in_review"
    task = Task.objects.get(case=case, state="open")
    assert (task.step, task.reason) == (1, "declined_back")


def test_where_a_notice_was_judged_what_had_been_applied_for_goes_on(day):
    case = at_stage("in_review")
    Task.objects.filter(case=case, state__in=["open", "held"]).update(state="void", closed_at=timezone.now())
    move(
        [case.pk], programme=day.programme, to="declined", why="辞退を確認", actor=day.staff["manager"],
        at=timezone.now(),
    )  # fmt: skip
    back(day, case)
    assert (stage_of(case), Task.objects.get(case=case, state="open").reason) == (
        "in_review",
        "declined_back",
    )


def test_before_anything_arrived_the_case_is_open_to_apply_until_the_deadline(day):
    programme = open_today(day.programme)
    case = at_stage("listed")
    confirmed(day, told(day, case))
    back(day, case)
    assert stage_of(case) == "listed"
    confirmed(day, told(day, case))
    late = noon(programme.terms.deadline + timedelta(days=1))
    word = DeclineWord(
        programme=programme, case=case, kind="take_back", channel="web", told_at=late, told_to="本人"
    )
    word.save()
    report = take_back_declines(programme=programme, actor=SYSTEM, at=late)
    assert (report.done, report.refused[0][0], stage_of(case)) == (0, case.number, "declined")
    assert DeclineWord.objects.get(pk=word.pk).state == "refused"


def test_a_desk_that_is_told_what_came_by_web_a_moment_ago_says_so(day, signed_in):
    case = at_stage("in_review")
    confirmed(day, told(day, case))
    here = f"/p/{day.programme.slug}/case/{case.number}/decline/tell/"
    DeclineWord.objects.create(
        programme=day.programme,
        case=case,
        kind="take_back",
        channel="web",
        told_at=timezone.now(),
        told_to="本人",
    )
    with signed_in("office", "clerk") as browser:
        again = browser.post(here, {"kind": "take_back", "channel": "phone", "said_by": "本人"})
        assert again.status_code == 422 and "撤回の申出を、すでに受け付けています" in again.content.decode()
    assert DeclineWord.objects.filter(kind="take_back").count() == 1


def test_the_desk_tells_confirms_and_takes_back_on_one_page(day, signed_in):
    case = at_stage("in_review")
    here = f"/p/{day.programme.slug}/case/{case.number}/decline/"
    with signed_in("office", "clerk") as browser:
        bad = browser.post(f"{here}tell/", {"channel": "phone", "said_by": ""})
        assert bad.status_code == 422 and "だれの申出かを入力してください" in bad.content.decode()
        browser.post(f"{here}tell/", {"channel": "phone", "said_by": "本人"})
    word = DeclineWord.objects.get()
    with signed_in("office", "manager") as browser:
        first = browser.get(f"/p/{day.programme.slug}/").content.decode()
        assert "辞退の申出が、本人への再確認を待っています" in first
        waiting = browser.get(f"/p/{day.programme.slug}/declines/").content.decode()
        assert case.number in waiting and "本人に確かめる" in waiting
        seen = browser.get(here).content.decode()
        assert "辞退を確認した" in seen and "受給を希望している" in seen
        browser.post(f"{here}{word.pk}/", {"do": "confirm", "second": "call", "words": "本人に電話で"})
        assert stage_of(case) == "declined"
        browser.post(f"{here}tell/", {"kind": "take_back", "channel": "phone", "said_by": "本人"})
    assert stage_of(case) == "in_review"


def test_a_resident_declines_by_web_after_applying_and_takes_it_back(town, at_door):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
        resident.post("apply/send/")
        resident.look_up()
        assert "給付金を受け取らない（辞退する）" in text_of(resident.get("status/"))
    inward(programme=programme, actor=SYSTEM, at=timezone.now())
    before = CaseStage.objects.get(pk=letter.case).stage
    with at_door("resident"):
        assert resident.get("withdraw/").headers["Location"].startswith("/sample/key/")
        assert resident.show_key(aim="withdraw").headers["Location"].endswith("/withdraw/")
        assert "確認の欄に印を付けて" not in text_of(resident.get("withdraw/"))
        assert resident.post("withdraw/", {"phone": "045-000-0000", "sure": "on"}).status_code == 302
        seen = text_of(resident.get("status/"))
        assert "に辞退のお申し出を受け付けました" in seen and "辞退を取りやめる" in seen
        assert "これからのこと" not in seen, "the payment waits, no day of it is named"
        assert resident.post("take-back/", {"sure": "on"}).status_code == 302
        waits = text_of(resident.get("status/"))
        assert "辞退を取りやめるお申し出を受け付けました" in waits and "給付金を受け取る）" not in waits
        assert "お振込みはお待ちいただきます" not in waits
    inward(programme=programme, actor=SYSTEM, at=timezone.now())
    told, taken = DeclineWord.objects.order_by("pk")
    assert (told.state, taken.kind, taken.state) == ("dropped", "take_back", "done")
    assert CaseStage.objects.get(pk=letter.case).stage == before
    assert status_text(at_door, resident).count("辞退のお申し出を受け付けました") == 0


def status_text(at_door, resident: Resident) -> str:
    with at_door("resident"):
        return text_of(resident.get("status/"))


def test_a_hold_that_outlives_the_decline_ends_without_payment_and_no_other_way_is_offered(day, signed_in):
    day.built()
    case = at_stage("decided")
    held = hold(case, kind="account", reason="口座を変えたい", actor=day.staff["manager"], at=timezone.now())
    word = told(day, case)
    here = f"/p/{day.programme.slug}/payment/holds/{held.pk}/"
    with signed_in("office", "manager") as browser:
        assert "支払を続ける" in browser.get(here).content.decode()
        confirmed(day, word)
        page = browser.get(here).content.decode()
        assert "支払を続ける" not in page and "審査へ戻す" not in page
        assert "この案件は「辞退」で終わっています。何も支払わずに保留を終えます。" in page
        for outcome in ("pay", "hand_back"):
            refused = browser.post(here, {"outcome": outcome, "words": "本人に電話"})
            assert (
                refused.status_code == 422
                and "「辞退の申出」で受け付けてください" in refused.content.decode()
            )
        assert browser.post(here, {"outcome": "stop", "words": "辞退のとおり"}).status_code == 302
    held.refresh_from_db()
    assert held.outcome == "支払わない：辞退のとおり" and stage_of(case) == "declined"
    assert not Task.objects.filter(case=case, state__in=["open", "held"]).exists()


def declined_with(programme, letter, *, applied: bool) -> None:
    """Applies on paper, or not; says that nothing is wanted, and is called back."""
    case = Case.objects.select_related("programme", "recipient__head").get(pk=letter.case)
    if applied:
        keyed(case)
        screen(programme=programme, actor=SYSTEM, at=timezone.now())
    manager = office_actor("manager")
    word = tell_decline(case, Told("decline", "phone", "本人"), actor=manager, at=timezone.now())
    confirm_decline(word, second="call", words="本人に電話", actor=manager, at=timezone.now())


@pytest.mark.parametrize(
    ("reversible", "applied", "offered"),
    [("paid", True, True), ("paid", False, False), ("deadline", True, False), ("deadline", False, False)],
)
def test_the_residents_page_offers_to_take_back_only_what_the_step_would_do(
    town, at_door, reversible, applied, offered
):
    """The last day to apply has passed, that of a new transfer has not."""
    rule = f'[decline]\nreversible_until = "{reversible}"'
    programme = open_today(
        town.programme, days_ago=AFTER_THE_DEADLINE, change=lambda text: text.replace("[decline]", rule)
    )
    terms, today = programme.terms, timezone.localdate()
    assert terms.deadline < today < terms.payment.repay_deadline
    letter = letters(programme)[0]
    declined_with(programme, letter, applied=applied)
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        page = text_of(resident.get("status/"))
        assert ("辞退を取りやめる（給付金を受け取る）" in page) == offered
        assert ("辞退を取りやめられる期限（" in page) != offered
        resident.show_key(aim="take_back")
        answer = resident.post("take-back/", {"sure": "on"})
    assert answer.status_code == 302 and DeclineWord.objects.filter(kind="take_back").exists() == offered
    if not offered:
        day = terms.deadline
        assert f"{day.year}年{day.month}月{day.day}日" in page
        return
    report = take_back_declines(programme=programme, actor=SYSTEM, at=timezone.now())
    assert (report.done, report.refused) == (1, ())
    assert CaseStage.objects.get(pk=letter.case).stage == "in_review"


@pytest.mark.parametrize("applied", [True, False])
def test_a_word_that_would_be_refused_is_not_kept_whatever_the_page_had_offered(town, at_door, applied):
    programme = open_today(town.programme, days_ago=AFTER_THE_DEADLINE)
    letter = letters(programme)[0]
    declined_with(programme, letter, applied=applied)
    values = {
        "lookup_token": lookup_token(letter.number, letter.born, lookup_secret=settings.LOOKUP_SECRET),
        "key_token": key_token(letter.number, letter.key, lookup_secret=settings.LOOKUP_SECRET),
    }
    with at_door("resident"):
        if applied:
            tell_by_web("take_back", phone="", told=False, at=timezone.now(), idempotency_key="one", **values)
        else:
            with pytest.raises(CannotTell, match="申請の期限を過ぎ、申請もありません"):
                tell_by_web(
                    "take_back", phone="", told=False, at=timezone.now(), idempotency_key="one", **values
                )
    assert DeclineWord.objects.filter(kind="take_back").exists() == applied
