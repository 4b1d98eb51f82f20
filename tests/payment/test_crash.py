"""F01–F10: a day of money is killed at every step, by SIGKILL, and goes on as if nobody had noticed.

After each death every invariant holds; at the end one file, with the same bytes, was at the bank once. Four planted bugs
show that the harness sees: files written in place, a seal marked before its file, a file resent blindly, a result kept in
two transactions.
"""

import os
import random
import resource
import signal
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections, transaction

from tests.payment.bank_house import BankHouse
from tests.payment.day_of_money import DONE, DayOfMoney
from tests.payment.killed import ENDED, KILLED, run_killed
from tests.payment.standing import assert_paid_once, assert_standing
from todoku.custody import files
from todoku.payment.seal import seal
from todoku.payment.send import CannotSend
from todoku.payment.tables import Batch, BatchFile, SendRecord, Transfer

SWEEP_EVERY = 10  # of the kills that undo themselves; each file step and each deed's end is swept always


@pytest.fixture
def day(money, tmp_path: Path) -> DayOfMoney:
    return DayOfMoney(money, BankHouse(tmp_path / "the-bank"))


def through(day: DayOfMoney, upto: str) -> None:
    """Does everything before the deed named."""
    while day.next_deed() != upto:
        day.do()


def killed_all_along(day: DayOfMoney, first: str, last: str = DONE) -> dict[str, int]:
    """From one deed to another, each killed at its first step, then its second …; gives kills by deed."""
    through(day, first)
    kills: dict[str, int] = {}
    while (deed := day.next_deed()) != last:
        step = 1
        while day.next_deed() == deed:
            if run_killed(day.do, step) == ENDED:
                break
            kills[deed] = kills.get(deed, 0) + 1
            if step % SWEEP_EVERY == 0 or day.next_deed() != deed:
                assert_standing(day.money, day.bank)
            step += 1
            assert step < 500, f"{deed} never ends"
        assert day.next_deed() != deed, f"{deed} did not come to its end"
    return kills


def test_F01_killed_at_every_step_the_bank_gets_one_file_with_the_same_bytes_once(day):
    kills = killed_all_along(day, "transfers")
    assert set(kills) >= {"transfers", "build", "seal", "approve office", "approve city", "send", "result"}
    assert kills["seal"] > 25 and sum(kills.values()) > 100, kills
    assert_paid_once(day.money, day.bank)


def test_F02_killed_again_while_recovering_from_a_kill_the_seal_gives_the_same_bytes(day):
    """Every pair of file steps of the seal, and twenty pairs drawn over all its steps."""
    through(day, "seal")
    file_steps = 12  # four steps for each of the bank file, the lines and the manifest
    for one in range(1, file_steps + 1):
        for again in {one, file_steps + 1 - one}:
            for step in (one, again):
                assert run_killed(day.do, step, file_steps_only=True) == KILLED
            assert (Batch.objects.get().state, BatchFile.objects.count()) == ("open", 0)
    rng = random.Random(20260424)
    for _ in range(10):
        for step in (rng.randrange(1, 30), rng.randrange(1, 30)):
            run_killed(day.do, step)
        assert day.next_deed() == "seal"
    assert_standing(day.money, day.bank)
    assert run_killed(day.do, 0) == ENDED
    while day.next_deed() != DONE:
        day.do()
    assert_paid_once(day.money, day.bank)


def test_F03_a_file_written_in_place_is_caught(day, monkeypatch):
    def in_place(relative: str, data: bytes) -> files.Written:
        path = files.inside(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            files._step("half")
            file.write(data[len(data) // 2 :])
        return files.Written(relative, files.hashlib.sha256(data).hexdigest(), len(data))

    through(day, "seal")
    monkeypatch.setattr(files, "write", in_place)
    assert run_killed(day.do, 1, file_steps_only=True) == KILLED
    with pytest.raises(AssertionError):
        assert_standing(day.money, day.bank)


def test_F03_a_seal_marked_before_its_file_is_written_is_caught(day, monkeypatch):
    write = files.write

    def marked_first(relative: str, data: bytes) -> files.Written:
        transaction.on_commit(lambda: write(relative, data))
        return files.Written(relative, files.hashlib.sha256(data).hexdigest(), len(data))

    through(day, "seal")
    monkeypatch.setattr(files, "write", marked_first)
    assert run_killed(day.do, 1, file_steps_only=True) == KILLED
    with pytest.raises(AssertionError, match="files_are_kept"):
        assert_standing(day.money, day.bank)


def test_F03_a_file_resent_without_asking_is_caught(day):
    """The treasurer comes back to an unknown outcome and carries the file over again without asking the bank."""
    through(day, "send")
    statements_until_carried = 1
    while not day.bank.brought():
        assert run_killed(day.do, statements_until_carried, reads_too=True) == KILLED
        statements_until_carried += 1
    assert day.next_deed() == "ask the bank"
    for file in day.batch().files.all():
        day._bring(file)
    with pytest.raises(AssertionError, match="reached the bank twice"):
        assert_standing(day.money, day.bank)


def test_F03_a_result_kept_in_two_transactions_is_caught(day):
    """The report is on record, its transfers are not: every later run believes that it was taken."""

    def committed_half_way(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if 'INSERT INTO "todoku_bankreport"' in str(sql):
            connection.connection.commit()
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    def in_two() -> None:
        with connection.execute_wrapper(committed_half_way):
            day.do()

    through(day, "result")
    assert run_killed(in_two, 0) == KILLED
    assert Batch.objects.get().reports.exists()
    day.do()
    assert day.next_deed() == "result", "the batch is never reconciled"
    with pytest.raises(AssertionError):
        assert_standing(day.money, day.bank)


def test_F04_the_commit_is_done_and_its_acknowledgement_is_lost_nothing_is_sent_twice(day):
    through(day, "send")
    batch, step = day.batch(), 1
    while day.next_deed() == "send":
        assert run_killed(day.do, step) == KILLED
        step += 1
    # The last kill came after the commit: the treasurer saw no answer, and does it again.
    assert SendRecord.objects.count() == 1 and day.bank.brought() == []
    with pytest.raises(CannotSend, match="二度と渡せません"):
        day.send()
    assert day.next_deed() == "ask the bank"
    while day.next_deed() != DONE:
        day.do()
    assert SendRecord.objects.get().sha256 == batch.files.get().sha256
    assert_paid_once(day.money, day.bank)


def test_F05_a_worker_that_sleeps_through_its_seal_and_wakes_seals_nothing_more(day):
    """It holds the batch's lock while it sleeps: who comes meanwhile waits, and then finds that it is done."""
    through(day, "seal")
    connections.close_all()
    child = os.fork()
    if child == 0:
        files.AFTER_STEP.append(
            lambda name: os.kill(os.getpid(), signal.SIGSTOP) if name == "written" else None
        )
        try:
            day.do()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '200ms'")
    with pytest.raises(OperationalError, match="lock"):
        day.seal()
    connection.close()
    while os.WIFSTOPPED(status):
        os.kill(child, signal.SIGCONT)
        _, status = os.waitpid(child, os.WUNTRACED)
    assert os.WEXITSTATUS(status) == 0
    assert (Batch.objects.get().state, BatchFile.objects.count()) == ("sealed", 1)
    while day.next_deed() != DONE:
        day.do()
    assert_paid_once(day.money, day.bank)


def test_F07_the_database_drops_the_connection_half_way_and_the_next_run_goes_on(day):
    through(day, "seal")

    def terminated(name: str) -> None:
        files.AFTER_STEP.clear()
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (pid,) = cursor.fetchone()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s)", [pid])
        other.close()

    files.AFTER_STEP[:] = [terminated]
    with pytest.raises(OperationalError):
        day.do()
    connection.close()
    assert (Batch.objects.get().state, set(Transfer.objects.values_list("state", flat=True))) == (
        "open",
        {"ready"},
    )
    while day.next_deed() != DONE:
        day.do()
    assert_paid_once(day.money, day.bank)


def test_F08_with_a_full_disk_nothing_is_sealed_and_no_half_file_stays(day):
    through(day, "seal")
    connections.close_all()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, resource.RLIM_INFINITY))
        try:
            seal(day.batch(), actor=day.money.staff["maker"], at=day.money.at)
        except files.CannotWrite as refused:
            os._exit(42 if "空き容量" in refused.sentence else 1)
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 42, "the clerk is told that there is no room"
    assert (Batch.objects.get().state, BatchFile.objects.count()) == ("open", 0)
    left = [path.name for path in files.inside("bank").rglob("*") if path.is_file()]
    assert left == [], left
    while day.next_deed() != DONE:
        day.do()
    assert_paid_once(day.money, day.bank)
