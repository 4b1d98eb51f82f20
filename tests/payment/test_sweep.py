"""The sweep names what a constraint no longer holds, halts the programme for it, and finds nothing where all is well."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.payment.ground import report_bytes
from tests.payment.planted import FAULTS, FIRST_CASE, past_triggers, plant
from tests.payment.planted_beside import BESIDE, OF_RAILS
from todoku.bank.read_result import read_result
from todoku.custody import files
from todoku.delivery.pay_cash import pay_cash
from todoku.payment.halted import Halted, ask_not_halted, open_halts
from todoku.payment.release_halt import CannotRelease, StillBroken, release_halt
from todoku.payment.side_tables import Halt, SweepRun
from todoku.payment.sweep import ALL_CHECKS, accepted_rows, ask_sweep, sweep
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent, Grant, Staff
from todoku.sampletown.staff import actor_of

STATES = ("ready", "built", "sealed", "approved", "sending", "sent", "settled", "returned")


def brought(money, state: str) -> None:
    """The twelve payments at a state of their way."""
    if state in ("settled", "returned"):
        batch = money.sent()
        money.to_value_date()
        first = Transfer.objects.order_by("pk").first()
        back = [(first.number, first.amount_yen, "口座解約済", "2026/12/04")] if state == "returned" else []
        read_result(batch, report_bytes(*back), name="kekka.csv", actor=money.staff["maker"], at=money.at)
        return
    getattr(money, state)()


def swept(money, occasion: str = "hand") -> SweepRun:
    return sweep(programme=money.programme, occasion=occasion, actor=money.staff["manager"], at=money.at)


def found(run: SweepRun) -> dict[str, int]:
    """The checks that found something, and how much."""
    return {key: one["found"] for key, one in run.checks.items() if one["found"]}


def planted_one_after_another(money, faults) -> None:
    """Each fault must be named beside those before it, and each check must have found something new by one of them."""
    run = swept(money)
    assert found(run) == {}
    assert (len(run.checks), run.violations, open_halts(money.programme)) == (len(ALL_CHECKS), 0, [])
    found_anew: set[str] = set()
    for fault in faults:
        before = found(run)
        plant(*fault.statements)
        run = swept(money)
        now = found(run)
        assert set(fault.found_by) <= set(now), (fault.name, now)
        found_anew |= {key for key in fault.found_by if now[key] > before.get(key, 0)}
        named = {check.invariant for check in ALL_CHECKS if check.key in now and check.halts}
        assert {halt.invariant for halt in open_halts(money.programme)} >= named, fault.name
    assert found_anew == {key for fault in faults for key in fault.found_by}


@pytest.mark.parametrize("state", STATES)
def test_sound_money_breaks_nothing_and_each_planted_fault_is_named_and_halts(money, state):
    brought(money, state)
    planted_one_after_another(money, [fault for fault in (*FAULTS, *BESIDE) if fault.state == state])
    assert {fault.state for fault in (*FAULTS, *BESIDE)} <= set(STATES)


@pytest.mark.parametrize("rail", ["gift", "cash"])
def test_sound_gifts_and_cash_break_nothing_and_each_planted_fault_is_named_and_halts(rails, rail):
    if rail == "gift":
        rails.list_taken()
    batch = rails.released_over(rail)
    if rail == "cash":
        pay_cash(
            batch.transfers.order_by("pk")[0], receipt_number="R-1", identity_seen="運転免許証",
            witness=rails.second_officer(), actor=rails.staff["officer"], at=rails.at,
        )  # fmt: skip
    planted_one_after_another(rails, [fault for fault in OF_RAILS if fault.state == rail])
    assert {fault.state for fault in OF_RAILS} == {"gift", "cash"}


def test_every_check_is_shown_to_find_its_fault():
    assert {check.key for check in ALL_CHECKS} == {
        key for fault in (*FAULTS, *BESIDE, *OF_RAILS) for key in fault.found_by
    }


def test_a_file_changed_on_disk_is_found_by_its_digest_and_by_the_verifier(money):
    batch = money.sealed()
    file = batch.files.select_related("parcel").get()
    place = files.inside(file.parcel.path)
    data = place.read_bytes()
    place.chmod(0o600)
    place.write_bytes(data.replace(b"0000300000", b"0000900000") if b"0000300000" in data else data[:-2])
    assert {"files_are_kept", "files_are_proven"} <= set(found(swept(money)))


def test_a_file_whose_digest_was_made_anew_as_well_is_found_by_the_verifier(money):
    batch = money.sealed()
    file = batch.files.select_related("parcel").get()
    data = files.read(file.parcel.path)
    amount = f"{Transfer.objects.first().amount_yen:010d}".encode()
    written = files.write(file.parcel.path, data.replace(amount, b"0000999999", 1))
    plant(
        "alter table todoku_batchfile disable trigger user",
        f"update todoku_batchfile set sha256 = '{written.sha256}'",
        "alter table todoku_batchfile enable trigger user",
    )
    names = set(found(swept(money)))
    assert "files_are_proven" in names and "files_are_kept" not in names


def test_a_halted_programme_neither_seals_nor_approves_nor_sends(money):
    batch = money.built()
    plant("drop index one_live_transfer_per_recipient")
    with pytest.raises(Halted, match="I-07.*守り"):
        ask_sweep(money.programme, actor=money.staff["maker"], at=money.at)
    assert SweepRun.objects.get().occasion == "seal"
    for wanted in ("sealed", "approved", "sending"):
        with (
            pytest.raises(
                DatabaseError, match="a_halted_programme_neither_seals_nor_sends|moves_only_forward|a_sealed"
            ),
            transaction.atomic(),
        ):
            Batch.objects.filter(pk=batch.pk).update(state=wanted)
    events = AuditEvent.objects.filter(action="halt.open").values_list("subject_kind", "reason")
    assert list(events) == [("halt", f"I-07 点検{SweepRun.objects.get().pk}")]
    assert Batch.objects.get().state == "open"


def test_a_halt_stands_once_however_often_it_is_swept(money):
    money.ready()
    plant("drop index one_live_transfer_per_recipient")
    swept(money), swept(money)
    assert (Halt.objects.count(), SweepRun.objects.count()) == (1, 2)


@pytest.fixture
def halt(money):
    """A programme halted by a guard that was dropped."""
    money.ready()
    plant("drop index one_live_transfer_per_recipient")
    swept(money)
    return Halt.objects.select_related("programme").get()


MEND = (
    "create unique index one_live_transfer_per_recipient on todoku_transfer (programme_id, payout, recipient_id, part) "
    "where state in ('ready', 'sealed', 'sending', 'sent', 'settled')"
)


def released(money, halt, username, **values):
    reason = values.pop("reason", "索引を作り直し、二重の支払がないことを確かめた")
    return release_halt(halt, reason=reason, actor=money.staff[username], at=money.at, **values)


def test_two_people_one_of_them_the_municipalitys_release_what_was_mended(money, halt):
    plant(MEND)
    first = released(money, halt, "manager")
    assert (first.first_release_by_id, first.released_at) == (money.staff["manager"].id, None)
    with pytest.raises(Halted):
        ask_not_halted(money.programme)
    second = released(money, halt, "officer", reason="点検の結果を確認した")
    assert (second.released_by_id, second.released_at) == (money.staff["officer"].id, money.at)
    assert second.release_reason == "索引を作り直し、二重の支払がないことを確かめた／点検の結果を確認した"
    assert ask_sweep(money.programme, actor=SYSTEM, at=money.at).violations == 0
    done = AuditEvent.objects.filter(action="halt.release").values_list("actor_name", flat=True)
    assert list(done) == [money.staff["manager"].name, money.staff["officer"].name]


def test_a_release_takes_a_right_a_reason_and_two_persons(money, halt):
    plant(MEND)
    with pytest.raises(CannotRelease, match="権限"):
        released(money, halt, "maker")
    with pytest.raises(CannotRelease, match="何を確かめ"):
        released(money, halt, "manager", reason=" ")
    released(money, halt, "manager")
    with pytest.raises(CannotRelease, match="別の人"):
        released(money, halt, "manager")
    assert Halt.objects.get().released_at is None


def test_a_guard_that_fell_is_put_back_whoever_says_that_they_know(money, halt):
    with pytest.raises(StillBroken, match="データベースの守りが1件"):
        released(money, halt, "manager", in_spite=True)
    plant(MEND)
    released(money, halt, "manager")
    plant("drop index one_live_transfer_per_recipient")
    with pytest.raises(StillBroken, match="承知のうえでも"):
        released(money, halt, "treasurer", in_spite=True)
    assert Halt.objects.get().released_at is None


ONE_YEN_MORE = (
    "insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, subject_kind, at, "
    "actor_name, second_name, reason) select id, 2026, 'settled', 'paid', 'ordered', 1, 'batch', now(), 'x', '', '' "
    "from todoku_programme limit 1"
)
FORGOTTEN = f"update todoku_casestage set previous = 'passed', stage = 'decided' where case_id = {FIRST_CASE}"
REMEMBERED = (
    f"update todoku_casestage set previous = 'decided', stage = 'paying' where case_id = {FIRST_CASE}"
)


@pytest.fixture
def off_by_a_yen(money):
    """A programme halted since its books say a yen more than its rows."""
    money.sent()
    plant(*past_triggers("ledgerentry", ONE_YEN_MORE))
    assert found(swept(money)) == {"books_say_what_rows_say": 2}
    return Halt.objects.select_related("programme").get()


def in_spite(money, halt) -> Halt:
    released(money, halt, "manager", in_spite=True)
    return released(money, halt, "treasurer", in_spite=True, reason="夜間に直す")


def test_what_is_still_found_is_not_released_unless_both_say_that_they_know(money, off_by_a_yen):
    with pytest.raises(StillBroken, match="まだ2件"):
        released(money, off_by_a_yen, "manager")
    released(money, off_by_a_yen, "manager", in_spite=True)
    with pytest.raises(StillBroken):
        released(money, off_by_a_yen, "treasurer")
    done = released(money, off_by_a_yen, "treasurer", in_spite=True, reason="夜間に直す")
    assert "残る2件を承知" in done.release_reason
    assert accepted_rows(money.programme) == {"books_say_what_rows_say": {"支払依頼中 -1円", "支給済 +1円"}}
    assert ask_sweep(money.programme, actor=SYSTEM, at=money.at).violations == 2


def test_another_difference_of_an_account_halts_though_one_of_it_was_accepted(money, off_by_a_yen):
    in_spite(money, off_by_a_yen)
    assert open_halts(money.programme) == []
    plant(*past_triggers("ledgerentry", ONE_YEN_MORE))
    with pytest.raises(Halted, match=r"I-05.*支給済 \+2円"):
        ask_sweep(money.programme, actor=SYSTEM, at=money.at)


def test_another_account_below_nothing_halts_though_one_was_accepted(money):
    money.ready()
    plant(*past_triggers("ledgerentry", ONE_YEN_MORE))
    assert found(swept(money)) == {"books_say_what_rows_say": 2, "no_account_below_zero": 1}
    in_spite(money, Halt.objects.select_related("programme").get())
    plant(*past_triggers("ledgerentry", ONE_YEN_MORE))
    run = swept(money)
    assert run.checks["no_account_below_zero"]["what"] == ["ordered -2円"]
    assert [halt.invariant for halt in open_halts(money.programme)] == ["I-05"]


def test_a_release_accepts_nothing_of_another_invariant_that_its_sweep_found_as_well(money, off_by_a_yen):
    plant(*past_triggers("casestage", FORGOTTEN))
    in_spite(money, off_by_a_yen)
    assert set(accepted_rows(money.programme)) == {"books_say_what_rows_say"}
    (other,) = open_halts(money.programme)
    plant(*past_triggers("casestage", REMEMBERED))
    released(money, other, "manager"), released(money, other, "treasurer")
    ask_sweep(money.programme, actor=SYSTEM, at=money.at)
    plant(*past_triggers("casestage", FORGOTTEN))
    with pytest.raises(Halted, match="I-04"):
        ask_sweep(money.programme, actor=SYSTEM, at=money.at)


def test_what_only_the_second_person_saw_is_not_accepted_by_both(money, off_by_a_yen):
    released(money, off_by_a_yen, "manager", in_spite=True)
    plant(*past_triggers("ledgerentry", ONE_YEN_MORE))
    money.at += timedelta(minutes=1)
    released(money, off_by_a_yen, "treasurer", in_spite=True)
    assert accepted_rows(money.programme) == {}
    with pytest.raises(Halted, match="I-05"):
        ask_sweep(money.programme, actor=SYSTEM, at=money.at)


OF_LAST = "case_id = (select case_id from todoku_transfer order by id desc limit 1)"


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("proposal", f"update todoku_proposal set submission_id = null where {OF_LAST}"),
        ("proposal", "update todoku_proposal set submission_id = (select min(id) from todoku_submission) "
         f"where {OF_LAST}"),
        ("proposal", f"update todoku_proposal set outcome = 'refuse' where {OF_LAST}"),
        ("submission", f"update todoku_submission set state = 'superseded' where {OF_LAST}"),
        ("submission", f"update todoku_submission set declines = true where {OF_LAST}"),
        ("submission", f"update todoku_submission set channel = 'push' where {OF_LAST}"),
        ("screening", f"delete from todoku_screening where {OF_LAST}"),
        ("version", "update todoku_version set opened_at = null"),
        ("decision", f"update todoku_decision set part = 2 where {OF_LAST}"),
    ],
)  # fmt: skip
def test_a_grant_without_a_counted_application_or_a_posted_notice_is_named(money, table, statement):
    money.ready()
    plant(*past_triggers(table, statement))
    run = swept(money)
    assert run.checks["granted_on_an_application"]["found"] == (12 if table == "version" else 1)
    assert "I-16" in {halt.invariant for halt in open_halts(money.programme)}


def test_the_database_releases_a_halt_only_for_two_with_one_of_the_municipality(money, halt):
    manager, maker, officer = (money.staff[name].id for name in ("manager", "maker", "officer"))
    for values, name in (
        ((officer, officer), "two_persons_release_a_halt"),
        ((manager, maker), "the_municipality_takes_part_in_a_release"),
    ):
        with pytest.raises(DatabaseError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "update todoku_halt set first_release_by_id = %s, first_release_at = now(), released_by_id = %s, "
                "released_at = now(), release_reason = 'x'",
                values,
            )
    assert Halt.objects.get().released_at is None


def test_a_check_found_by_two_persons_of_the_office_waits_for_the_municipality(money, halt):
    plant(MEND)
    released(money, halt, "manager")
    other = Staff.objects.get(pk=money.staff["reviewer1"].id)
    Grant.objects.create(staff=other, role="manager", municipality_code=money.programme.municipality_id)
    with pytest.raises(CannotRelease, match="自治体の職員が必要"):
        release_halt(halt, reason="確認した", actor=actor_of(other), at=money.at)
    assert Halt.objects.get().released_at is None


def test_what_is_done_during_a_halt_is_found_afterwards(money):
    batch = money.sealed()
    run = swept(money)
    Halt.objects.create(
        programme=money.programme,
        invariant="I-01",
        evidence="x",
        sweep=run,
        at=batch.sealed_at.replace(hour=0),
    )
    assert "nothing_during_a_halt" in found(swept(money))
