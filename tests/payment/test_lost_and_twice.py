"""F04, F06, F09: an acknowledgement that is lost, a deed that comes twice or eight times at once, a disk that lies.

Each deed between the decision and the result, and the handing out of gifts and cash: the effect is there once, and
whoever comes too often is told so in words.
"""

import errno
import os
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import OperationalError, connection, connections, transaction

from tests.payment.bank_house import BankHouse
from tests.payment.day_of_money import DONE, DayOfMoney
from tests.payment.lossy import LossyLine, over_a_lossy_line
from tests.payment.standing import assert_paid_once, assert_standing
from todoku.custody import files
from todoku.delivery.deliver_gifts import deliver_gifts
from todoku.delivery.pay_cash import CannotPayCash, pay_cash
from todoku.ground.step import Refusal
from todoku.payment.approve import CannotApprove
from todoku.payment.build_batch import NothingToPay
from todoku.payment.confirm import NoReceipt, confirm
from todoku.payment.hold import CannotHold, hold
from todoku.payment.seal import NotReadyToSeal
from todoku.payment.send import CannotSend, send
from todoku.payment.side_tables import Hold
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, BatchFile, Transfer

AT_ONCE = 8
# What a try may leave that is then refused.
MAY_GROW = {"auditevent", "sweeprun"}


class Deed(NamedTuple):
    """What is done, and what a person is told who does it again; None where it says that there is nothing left to do."""

    name: str
    do: Callable[[], Any]
    again: type[Refusal] | None


@pytest.fixture
def day(money, tmp_path: Path) -> DayOfMoney:
    return DayOfMoney(money, BankHouse(tmp_path / "the-bank"))


def deeds_of(day: DayOfMoney) -> list[Deed]:
    """From the decision to the bank's result, as the people do them one by one."""

    def take() -> None:
        batch = day.batch()
        day.money.to_release(batch)
        treasurer = day.money.staff["treasurer"]
        send(batch, sha256=batch.sha256 or "", bank_receipt="", actor=treasurer, at=day.money.at)

    def receipt() -> None:
        confirm(day.batch().files.get(), receipt="R-1", actor=day.money.staff["treasurer"], at=day.money.at)

    return [
        Deed("make_transfers", day.transfers, None),
        Deed("build_batch", day.build, NothingToPay),
        Deed("seal", day.seal, NotReadyToSeal),
        Deed("approve office", day.approve_office, CannotApprove),
        Deed("approve city", day.approve_city, CannotApprove),
        Deed("send", take, CannotSend),
        Deed("confirm", receipt, NoReceipt),
        Deed("read_result", day.result, None),
    ]


def rows() -> dict[str, int]:
    """How many rows stand in every table of ours that a second effect would show in."""
    tables = [model._meta.db_table for model in apps.get_app_config("todoku").get_models()]
    with connection.cursor() as cursor:
        counted = {}
        for table in tables:
            cursor.execute(f'select count(*) from "{table}"')
            counted[table.removeprefix("todoku_")] = cursor.fetchone()[0]
    return {table: count for table, count in counted.items() if table not in MAY_GROW}


def kept_files() -> dict[str, bytes]:
    folder = files.inside("bank")
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def done_again(deed: Deed) -> None:
    """The person who saw no answer does it again, without looking."""
    before, on_disk = rows(), kept_files()
    if deed.again is None:
        deed.do()
    else:
        with pytest.raises(deed.again):
            deed.do()
    assert (rows(), kept_files()) == (before, on_disk), deed.name


def lose_each_acknowledgement(line: LossyLine, deed: Deed) -> int:
    """Loses the acknowledgement of the deed's first commit, at the next try of its second …, until it ends unharmed or
    nothing is left to do; gives how many were lost."""
    nth = 0
    while True:
        nth += 1
        line.lose(nth)
        try:
            deed.do()
        except OperationalError:
            assert line.lost, "nothing else cut the line"
            connection.close()
        except Refusal as refused:
            assert deed.again and isinstance(refused, deed.again), refused
            break
        else:
            break
    line.lose(0)
    return nth - 1


def test_F04_of_every_deed_the_commit_is_done_and_its_acknowledgement_lost_nothing_comes_twice(day):
    lost = {}
    with over_a_lossy_line() as line:
        for deed in deeds_of(day):
            lost[deed.name] = lose_each_acknowledgement(line, deed)
            done_again(deed)
            assert_standing(day.money, day.bank)
    assert all(count >= 1 for count in lost.values()), lost
    assert (Batch.objects.get().state, BatchFile.objects.count(), Transfer.objects.count()) == (
        "reconciled", 1, 12,
    )  # fmt: skip


def at_once(deed: Callable[[], Any]) -> tuple[int, list[Refusal]]:
    """The deed by AT_ONCE threads that start together: how many came through, and what the others were told."""
    start, through, told, broken = threading.Barrier(AT_ONCE), [], [], []

    def one() -> None:
        try:
            start.wait()
            deed()
            through.append(1)
        except Refusal as refused:
            told.append(refused)
        except BaseException as error:  # noqa: BLE001
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    return len(through), told


def test_F06_every_deed_eight_times_at_once_has_one_effect(day):
    for deed in deeds_of(day):
        through, told = at_once(deed.do)
        assert len(told) == AT_ONCE - through
        if deed.again is not None:
            assert through == 1 and {type(one) for one in told} == {deed.again}, (deed.name, told)
        done_again(deed)
        assert_standing(day.money, day.bank)
    batch = Batch.objects.get()
    done = (batch.state, batch.files.count(), batch.approvals.count(), batch.reports.count())
    assert done == ("reconciled", 1, 2, 1)
    assert Transfer.objects.count() == 12


WAITING = """
select count(distinct w.pid) from pg_locks w
  join pg_locks h on h.pid = w.pid and h.database = (select oid from pg_database where datname = current_database())
 where not w.granted
"""


def one_upon_the_other(*deeds: Callable[[], Any]) -> list[Refusal | None]:
    """The deeds in threads, each begun when the one before it has done everything but write its record and commit; gives
    what each was told, None where it came through. The record is kept shut until all of them wait.
    """
    told: list[Refusal | None] = [None] * len(deeds)
    broken: list[BaseException] = []

    def one(place: int) -> None:
        try:
            deeds[place]()
        except Refusal as refused:
            told[place] = refused
        except BaseException as error:  # noqa: BLE001
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=[place]) for place in range(len(deeds))]
    connection.close()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("lock table todoku_auditevent in share mode")
        for place, thread in enumerate(threads):
            thread.start()
            waiting = 0
            while thread.is_alive() and waiting <= place:
                time.sleep(0.01)
                cursor.execute(WAITING)
                waiting = cursor.fetchone()[0]
    connections["owner"].close()
    for thread in threads:
        thread.join()
    assert broken == []
    return told


@pytest.mark.parametrize("first", ["hold", "send"])
def test_a_hold_and_the_hand_over_in_one_moment_one_of_them_is_told(day, first):
    while day.next_deed() != "send":
        day.do()
    money, batch = day.money, day.batch()
    money.to_release(batch)
    case = batch.transfers.order_by("pk")[0].case

    def hand_over() -> None:
        send(batch, sha256=batch.sha256, bank_receipt="", actor=money.staff["treasurer"], at=money.at)

    def keep_back() -> None:
        hold(case, kind="objection", reason="申立て", actor=money.staff["officer"], at=money.at)

    deeds = [keep_back, hand_over] if first == "hold" else [hand_over, keep_back]
    through, told = one_upon_the_other(*deeds)
    assert through is None and told is not None
    state = Batch.objects.get().state
    if first == "hold":
        assert isinstance(told, CannotSend) and "保留中" in told.sentence
        assert (state, Hold.objects.count()) == ("approved", 1)
    else:
        assert isinstance(told, CannotHold) and "組戻し" in told.sentence
        assert (state, Hold.objects.count()) == ("sending", 0)
    assert_standing(money, day.bank)


def test_F06_gift_letters_posted_eight_times_at_once_are_delivered_and_settled_once(rails):
    rails.list_taken()
    rails.released_over("gift")
    run = rails.printed()

    def post() -> None:
        deliver_gifts(run, posted_on=rails.day, counted=run.pieces, actor=rails.staff["printer"], at=rails.at)

    at_once(post)
    assert set(Transfer.objects.filter(rail="gift").values_list("state", flat=True)) == {"settled"}
    done_again(Deed("deliver_gifts", post, None))
    assert (
        sweep(
            programme=rails.programme, occasion="hand", actor=rails.staff["manager"], at=rails.at
        ).violations
        == 0
    )


def test_F06_cash_handed_over_by_eight_at_once_is_paid_once(rails):
    batch = rails.released_over("cash")
    transfer, witness = batch.transfers.order_by("pk")[0], rails.second_officer()

    def pay() -> None:
        pay_cash(
            transfer, receipt_number="R-1", identity_seen="運転免許証", witness=witness, actor=rails.staff["officer"],
            at=rails.at,
        )  # fmt: skip

    through, told = at_once(pay)
    assert (through, {type(one) for one in told}) == (1, {CannotPayCash})
    done_again(Deed("pay_cash", pay, CannotPayCash))
    assert (
        sweep(
            programme=rails.programme, occasion="hand", actor=rails.staff["manager"], at=rails.at
        ).violations
        == 0
    )


SEAL_SYNCS = 6  # the bank file, the lines and the manifest: each file, then its folder


def sealed_on_a_disk_that_lies(day: DayOfMoney, nth: int) -> int:
    """In a child whose n-th fsync fails with EIO: 42 where the seal told of it and synced nothing more, 0 where it sealed."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        asked: list[int] = []

        def fsync(descriptor: int, really: Callable[[int], None] = os.fsync) -> None:
            asked.append(descriptor)
            if len(asked) == nth:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            really(descriptor)

        os.fsync = fsync  # type: ignore[assignment]
        try:
            day.seal()
        except files.CannotWrite as told:
            os._exit(42 if "書き込めませんでした" in told.sentence and len(asked) == nth else 1)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def test_F09_an_fsync_that_fails_is_a_failed_seal_it_is_never_tried_again_on_the_same_file_and_nothing_stays(
    day,
):
    while day.next_deed() != "seal":
        day.do()
    before = rows()
    for nth in range(1, SEAL_SYNCS + 1):
        assert sealed_on_a_disk_that_lies(day, nth) == 42, f"fsync {nth}"
        assert (Batch.objects.get().state, rows(), kept_files()) == ("open", before, {}), f"fsync {nth}"
    assert sealed_on_a_disk_that_lies(day, SEAL_SYNCS + 1) == 0, "the disk is sound again"
    while day.next_deed() != DONE:
        day.do()
    assert_paid_once(day.money, day.bank)
