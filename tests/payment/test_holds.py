"""What holds a payment: late facts found by themselves, a person's word, two persons' quarantine; and how a hold ends."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.payment.conftest import DECIDED
from tests.payment.later_roll import later_roll
from tests.town_fixture import take
from todoku.case.tables import Case
from todoku.intake.receive_many import receive_many
from todoku.intake.tables import AccountVersion, Submission
from todoku.payment.build_batch import NothingToPay, build_batch
from todoku.payment.close_hold import CannotClose, close_hold
from todoku.payment.halted import Halted
from todoku.payment.hold import CannotHold, hold
from todoku.payment.late_facts import HeldInBatch, find_late_facts
from todoku.payment.quarantine import CannotConfirm, confirm_quarantine, quarantine
from todoku.payment.seal import NotReadyToSeal, seal
from todoku.payment.send import CannotSend
from todoku.payment.side_tables import Halt, Hold
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import void
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent
from todoku.sampletown.specials import DIED, MOVED_OUT

TO_REVIEW = "審査へ戻す"


def first() -> Transfer:
    return Transfer.objects.select_related("case__programme").order_by("pk").first()


def household_of(case: Case) -> str:
    return case.recipient.household_number


def look_for_facts(money) -> dict[str, str]:
    """Kinds of hold by case number, after one look."""
    find_late_facts(programme=money.programme, actor=SYSTEM, at=money.at)
    return dict(Hold.objects.filter(closed_at__isnull=True).values_list("case__number", "kind"))


def test_nothing_new_holds_nothing(money):
    money.ready()
    later_roll(money, {})
    assert look_for_facts(money) == {}
    assert find_late_facts(programme=money.programme, actor=SYSTEM, at=money.at).done == 0


def test_T16_us_eip_2020_whoever_died_between_the_decision_and_the_seal_is_not_paid(money):
    """4.4 million payments of 2020 were potentially wrong, over two million of them to the dead: the first three batches
    went out without a look at the register of deaths. Here the latest roll is asked before every build and every seal."""
    batch = money.built()
    dead = first().case
    later_roll(money, {household_of(dead): DIED})
    with pytest.raises(HeldInBatch, match="1件を保留"):
        seal(batch, actor=money.staff["maker"], at=money.at)
    held = Hold.objects.get()
    assert (held.case, held.kind, held.owner_role) == (dead, "death", "city_officer")
    assert (held.reason, held.due_on) == ("受給者の死亡（2026-11-30）", date(2026, 12, 8))
    batch.refresh_from_db()
    assert (batch.count, batch.state) == (DECIDED - 1, "open")
    sealed = seal(batch, actor=money.staff["maker"], at=money.at)
    assert sealed.count == DECIDED - 1
    assert Transfer.objects.get(case=dead).batch_id is None
    with pytest.raises(NothingToPay):
        build_batch(
            programme=money.programme, value_date=money.value_date, received_by=None, actor=money.staff["maker"],
            at=money.at,
        )  # fmt: skip


def test_a_move_is_held_and_the_same_fact_is_held_once(money):
    money.ready()
    moved = first().case
    later_roll(money, {household_of(moved): MOVED_OUT})
    assert look_for_facts(money) == {moved.number: "moved"}
    assert find_late_facts(programme=money.programme, actor=SYSTEM, at=money.at).done == 0
    close(money, Hold.objects.get(), "pay", "officer")
    money.at += timedelta(hours=1)
    assert look_for_facts(money) == {}


def test_whoever_is_missing_from_a_later_roll_is_held(money):
    money.ready()
    gone = first().case
    households = [one for one in money.town.households if one.number != household_of(gone)]
    take(money.programme, households, at=money.at + timedelta(minutes=30))
    money.at += timedelta(hours=1)
    assert look_for_facts(money) == {gone.number: "moved"}
    assert Hold.objects.get().reason == "受給者が最新の名簿に載っていない"


def test_what_the_review_knew_already_holds_nothing(money):
    """A death that stood on the roll before the review is the review's own matter (D43), not a late fact."""
    case = Case.objects.filter(standing__stage="decided").order_by("pk").first()
    later_roll(money, {household_of(case): DIED})
    with connection.cursor() as cursor:
        cursor.execute("update todoku_proposal set at = %s where case_id = %s", [money.at, case.pk])
    assert look_for_facts(money) == {}


def another_submission(money, case: Case, **values: object) -> Submission:
    """What comes by mail after the decision: kept, not counted."""
    money.at += timedelta(hours=1)
    form = next(iter(money.forms(1)))
    changed = type(form)(**{**form.__dict__, "number": case.number, **values})
    receive_many([changed], programme=money.programme, actor=money.staff["clerk"], at=money.at)
    return Submission.objects.filter(case=case).order_by("-pk").first()


def test_another_account_that_arrives_after_the_decision_is_held(money):
    money.ready()
    case = first().case
    other = another_submission(money, case, account_number="7654321")
    assert other.state == "not_counted"
    assert look_for_facts(money) == {case.number: "account"}
    assert Hold.objects.get().reason == f"決定の後に別の口座の届出（受付 {other.receipt_number}）"
    assert Hold.objects.get().owner_role == "manager"


def test_the_same_account_once_more_holds_nothing(money):
    money.ready()
    case = first().case
    known = AccountVersion.objects.get(submission__case=case)
    another_submission(
        money, case, bank=known.bank, branch=known.branch, kind=known.kind, account_number=known.number,
        holder_kana=known.holder_kana,
    )  # fmt: skip
    assert look_for_facts(money) == {}


def test_a_refusal_that_arrives_after_the_decision_is_held(money):
    money.ready()
    case = first().case
    another_submission(money, case, declines=True, account_number="", bank="", branch="", holder_kana="")
    assert look_for_facts(money) == {case.number: "refusal"}


def held_by(money, username="officer", kind="objection", case=None) -> Hold:
    case = case or first().case
    return hold(case, kind=kind, reason="本人から申立て", actor=money.staff[username], at=money.at)


def close(money, one, outcome, username="manager", words="本人に電話で確かめた"):
    return close_hold(one, outcome=outcome, words=words, actor=money.staff[username], at=money.at)


def test_an_objection_is_opened_by_hand_and_leaves_the_open_batch(money):
    batch = money.built()
    one = held_by(money)
    batch.refresh_from_db()
    assert (one.owner_role, one.due_on, batch.count) == ("city_officer", date(2026, 12, 15), DECIDED - 1)
    assert seal(batch, actor=money.staff["maker"], at=money.at).count == DECIDED - 1
    event = AuditEvent.objects.filter(action="hold.open").get()
    assert (event.subject_id, event.actor_name) == (one.case_id, money.staff["officer"].name)


def test_a_hold_needs_a_right_a_reason_and_something_to_hold(money):
    money.ready()
    with pytest.raises(CannotHold, match="権限"):
        held_by(money, "clerk")
    with pytest.raises(CannotHold, match="何が分かったか"):
        hold(first().case, kind="death", reason=" ", actor=money.staff["manager"], at=money.at)
    with pytest.raises(CannotHold, match="種類"):
        held_by(money, kind="quarantine")
    held_by(money)
    with pytest.raises(CannotHold, match="すでに保留"):
        held_by(money)
    undecided = Case.objects.filter(standing__stage="listed").first()
    with pytest.raises(CannotHold, match="保留にできる支払がありません"):
        held_by(money, case=undecided)


def test_what_the_bank_has_is_recalled_not_held(money):
    money.sent()
    with pytest.raises(CannotHold, match="組戻し"):
        held_by(money)


def test_a_hold_in_a_sealed_batch_stops_the_hand_over_until_it_is_built_without_it(money):
    batch = money.approved()
    one = held_by(money)
    with pytest.raises(
        CannotSend, match=f"保留中の振込が1件.*{first().number}（異議・申立て）.*取消しを依頼"
    ):
        money.send(batch)
    with pytest.raises(DatabaseError, match="a_held_transfer_is_not_sent"), transaction.atomic():
        send_by_sql(batch, money)
    void(batch, reason="保留の分を除く", actor=money.staff["maker"], at=money.at)
    again = money.built()
    assert again.count == DECIDED - 1
    seal(again, actor=money.staff["maker"], at=money.at)
    assert not Transfer.objects.filter(batch=again, case=one.case_id).exists()


def test_whoever_died_between_the_seal_and_the_hand_over_is_not_paid(money):
    """A roll that is taken after both have approved is asked when the treasurer takes the file."""
    batch = money.approved()
    dead = first()
    later_roll(money, {household_of(dead.case): DIED})
    with pytest.raises(CannotSend, match=f"保留中の振込が1件.*{dead.number}（死亡）"):
        money.send(batch)
    batch.refresh_from_db()
    assert (batch.state, Hold.objects.get().case_id) == ("approved", dead.case_id)
    void(batch, reason="亡くなった人を除く", actor=money.staff["maker"], at=money.at)
    again = money.sent()
    assert (again.state, again.count) == ("sent", DECIDED - 1)
    assert not Transfer.objects.filter(batch=again, case=dead.case_id).exists()


def test_a_sealed_batch_goes_on_once_its_holds_are_released(money):
    batch = money.approved()
    one = held_by(money)
    close(money, one, "pay", "officer")
    money.send(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.count) == ("sent", DECIDED)


def test_a_row_that_became_held_does_not_leave_with_its_batch_even_by_sql(money):
    """The hold came in the moment after the send record was written."""
    batch = money.approved()
    money.to_release(batch)
    send_by_sql(batch, money)
    held_by(money)
    Batch.objects.filter(pk=batch.pk).update(state="sending")
    with pytest.raises(DatabaseError, match="a_held_transfer_is_not_sent"), transaction.atomic():
        Transfer.objects.filter(batch=batch).update(state="sending")


def test_while_the_programme_stands_still_what_is_sealed_can_still_be_cancelled(money):
    batch = money.approved()
    run = sweep(programme=money.programme, occasion="hand", actor=SYSTEM, at=money.at)
    Halt.objects.create(programme=money.programme, invariant="I-01", evidence="x", sweep=run, at=money.at)
    with pytest.raises(Halted):
        money.send(batch)
    assert void(batch, reason="停止", actor=money.staff["maker"], at=money.at).state == "void"


def send_by_sql(batch: Batch, money) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, sha256, %s, %s"
            " from todoku_batchfile where batch_id = %s",
            [money.staff["treasurer"].id, money.at, batch.pk],
        )


def test_a_held_row_enters_no_batch_and_no_seal_even_by_sql(money):
    batch = money.built()
    one = held_by(money)
    with pytest.raises(DatabaseError, match="a_held_transfer_is_not_sealed"), transaction.atomic():
        Transfer.objects.filter(case=one.case_id).update(batch=batch)
    assert Transfer.objects.get(case=one.case_id).batch_id is None


def test_paid_on_it_goes_into_the_next_batch(money):
    money.ready()
    one = held_by(money)
    with pytest.raises(CannotClose, match="担当課の判断"):
        close(money, one, "pay", "manager")
    closed = close(money, one, "pay", "officer")
    assert (closed.outcome, closed.closed_by_id) == (
        "支払を続ける：本人に電話で確かめた",
        money.staff["officer"].id,
    )
    assert money_batch(money).count == DECIDED
    with pytest.raises(CannotClose, match="解消されています"):
        close(money, one, "pay", "officer")


def money_batch(money) -> Batch:
    return build_batch(
        programme=money.programme, value_date=money.value_date, received_by=None, actor=money.staff["maker"],
        at=money.at,
    )  # fmt: skip


@pytest.mark.parametrize(("outcome", "word"), [("hand_back", TO_REVIEW), ("stop", "支払わない")])
def test_handed_back_or_stopped_it_goes_to_review_and_is_not_paid(money, outcome, word):
    batch = money.built()
    one = held_by(money, "manager", kind="refusal")
    close(money, one, outcome)
    case = Case.objects.get(pk=one.case_id)
    assert (case.standing.stage, Transfer.objects.get(case=case).state) == ("in_review", "void")
    assert case.decisions.get().remark.startswith(f"保留（辞退・受給拒否）の結果「{word}」")
    batch.refresh_from_db()
    assert batch.count == DECIDED - 1


def test_a_hold_closes_with_words_and_by_who_may(money):
    money.ready()
    one = held_by(money, "manager", kind="account")
    with pytest.raises(CannotClose, match="確かめたこと"):
        close(money, one, "pay", words=" ")
    with pytest.raises(CannotClose, match="結果を選んで"):
        close(money, one, "forget")
    with pytest.raises(CannotClose, match="権限"):
        close(money, one, "pay", "maker")
    assert Hold.objects.get().closed_at is None


def test_two_people_take_a_doubtful_row_out_and_the_others_go_on(money):
    batch, doubtful = money.built(), first()
    one = quarantine(doubtful, reason="口座名義が違って見える", actor=money.staff["maker"], at=money.at)
    with pytest.raises(NotReadyToSeal, match=f"{doubtful.number} 保留中"):
        seal(batch, actor=money.staff["maker"], at=money.at)
    with pytest.raises(CannotConfirm, match="別の担当者"):
        confirm_quarantine(one, actor=money.staff["maker"], at=money.at)
    assert confirm_quarantine(one, actor=money.staff["approver"], at=money.at) == 1
    with pytest.raises(CannotConfirm, match="確認を待っている"):
        confirm_quarantine(one, actor=money.staff["manager"], at=money.at)
    sealed = seal(batch, actor=money.staff["maker"], at=money.at)
    assert (sealed.count, sealed.state) == (DECIDED - 1, "sealed")
    one.refresh_from_db()
    assert (one.opened_by_id, one.second_id) == (money.staff["maker"].id, money.staff["approver"].id)


def test_a_quarantine_is_of_a_row_that_is_not_sealed_and_says_why(money):
    money.sealed()
    with pytest.raises(CannotHold, match="確定した後"):
        quarantine(first(), reason="疑い", actor=money.staff["maker"], at=money.at)
    with pytest.raises(CannotHold, match="何が疑わしい"):
        quarantine(first(), reason="", actor=money.staff["maker"], at=money.at)
    with pytest.raises(CannotHold, match="権限"):
        quarantine(first(), reason="疑い", actor=money.staff["clerk"], at=money.at)
    assert Hold.objects.count() == 0


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("update todoku_hold set reason = 'x'", "a_hold_is_closed_but_never_rewritten"),
        ("update todoku_hold set opened_by_id = %(approver)s", "a_hold_is_closed_but_never_rewritten"),
        ("update todoku_hold set second_id = %(maker)s", "two_persons_quarantine_a_row"),
        ("update todoku_hold set closed_at = now()", "a_hold_is_closed_by_a_person_with_an_outcome"),
        ("delete from todoku_hold", "permission denied"),
        ("insert into todoku_hold (programme_id, case_id, kind, reason, owner_role, due_on, opened_at, opened_by_id, "
         "second_id, outcome) select programme_id, case_id, 'quarantine', 'x', 'manager', now(), now(), %(maker)s, "
         "%(approver)s, '' from todoku_transfer offset 1 limit 1", "a_hold_begins_open"),
    ],
)  # fmt: skip
def test_the_database_keeps_a_hold_as_it_was_opened(money, statement, name):
    money.built()
    quarantine(first(), reason="疑い", actor=money.staff["maker"], at=money.at)
    ids = {name: actor.id for name, actor in money.staff.items()}
    with pytest.raises(DatabaseError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, ids)
    assert Hold.objects.get().reason == "疑い"
