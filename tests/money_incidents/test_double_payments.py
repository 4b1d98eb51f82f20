"""Replayed: the programmes that paid twice. As the office's role and by bare SQL: PostgreSQL itself refuses the second.

One test for each published incident, T02 … T07, T09 and T14, by its number; the docstring tells the incident and the control.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from tests.payment.planted import COLUMNS, COPY_OF_FIRST, FIRST
from todoku.bank.read_result import read_result
from todoku.intake.receive_many import receive_many
from todoku.intake.tables import Submission
from todoku.payment.build_batch import NothingToPay, build_batch
from todoku.payment.make_transfers import make_transfers
from todoku.payment.send import CannotSend
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, BatchFile, SendRecord, Transfer
from todoku.payment.void import void
from todoku.people.actor import SYSTEM

COPY_OF_CASE = (
    f"insert into todoku_transfer (number, state, {COLUMNS}) select %s, 'ready', {COLUMNS} from todoku_transfer "
    "where case_id = %s order by id limit 1"
)


def run(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(sql: str, *values: object) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        run(sql, *values)
    return str(error.value)


def at_once(count: int, deed: Callable[[int], None]) -> None:
    """The deed in so many threads, each with connections of its own, begun at the same moment."""
    together = threading.Barrier(count)

    def one(number: int) -> None:
        try:
            with connection.cursor():
                together.wait()
            deed(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def paid(money) -> None:
    """The twelve paid and known to be paid."""
    batch = money.sent()
    money.to_value_date()
    read_result(batch, report_bytes(), name="kekka.csv", actor=money.staff["maker"], at=money.at)


def test_T02_neyagawa_2020_there_is_no_list_of_the_paid_that_could_be_stale(money):
    """993 of 29,083 households were paid twice, 219.6 million yen: the list of the paid had not been refreshed. Here the
    live transfers are the list: eight threads that try at once bring about one transfer a household."""
    made: list[str] = []

    def again(_: int) -> None:
        for _ in range(5):
            report = make_transfers(programme=money.programme, actor=SYSTEM, at=money.at)
            made.extend(["x"] * report.done)

    at_once(8, again)
    assert (len(made), Transfer.objects.count()) == (DECIDED, DECIDED)
    assert "one_live_transfer_per_recipient" in refused(COPY_OF_FIRST)


def test_T02_the_index_itself_lets_one_of_eight_through_who_insert_at_once(money):
    """As above without any verb, which would let one wait for the other: 8 connections, the same household each, bare SQL."""
    tries = 4
    cases = [one.case_id for one in money.ready()]
    for attempt in range(tries):
        Transfer.objects.filter(state="ready").update(state="void")
        won: list[int] = []
        lost: list[str] = []

        def insert_all(thread: int, attempt: int = attempt, won=won, lost=lost) -> None:
            for place, case in enumerate(cases):
                try:
                    with transaction.atomic():
                        run(COPY_OF_CASE, f"19{attempt:02}{thread:02}{place:04}", case)
                except IntegrityError as refusal:
                    lost.append(str(refusal))
                else:
                    won.append(case)

        at_once(8, insert_all)
        assert sorted(won) == sorted(cases)
        assert len(lost) == 7 * DECIDED
        assert all("one_live_transfer_per_recipient" in one for one in lost)
    assert Transfer.objects.filter(state="ready").count() == DECIDED


def test_T03_muroran_2020_two_who_make_bank_data_share_no_row(money):
    """18 households were paid twice: several members of staff had made bank data from one spreadsheet. Here a builder
    claims its rows in one statement, and whoever builds at the same moment gets none of them."""
    money.ready()
    for _ in range(10):
        made: list[Batch] = []
        without: list[str] = []

        def build(number: int, made=made, without=without) -> None:
            try:
                made.append(build_batch(
                    programme=money.programme, value_date=money.value_date, received_by=None,
                    actor=money.staff[("maker", "manager")[number]], at=money.at,
                ))  # fmt: skip
            except NothingToPay as refusal:
                without.append(refusal.sentence)

        at_once(2, build)
        assert len(made) + len(without) == 2
        assert sum(batch.count for batch in made) == DECIDED
        assert all(Transfer.objects.filter(batch=batch).count() == batch.count for batch in made)
        for batch in made:
            void(batch, reason="もう一度", actor=money.staff["maker"], at=money.at)
    assert Transfer.objects.values("case").distinct().count() == Transfer.objects.count() == DECIDED


def test_T04_tarumizu_2024_an_old_file_is_not_sent_again(money):
    """Eight households were paid 70,000 yen again: an old file of the same count and sum was taken from a folder. Here a
    digest is sent once, ever, and the value date stands with its year in what is approved."""
    batch = money.sent()
    with pytest.raises(CannotSend, match="二度と渡せません"):
        money.send(batch)
    file = BatchFile.objects.get()
    said = refused(
        "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) values (%s, %s, %s, %s, %s)",
        file.pk, batch.pk, file.sha256, money.staff["treasurer"].id, money.at,
    )  # fmt: skip
    assert "a_send_record_is_of_an_approved_batch" in said
    assert SendRecord.objects.count() == 1
    assert f"{batch.value_date:%Y%m%d}" in file.name


def test_T05_fujikawaguchiko_what_was_sent_is_marked_by_the_same_act(money):
    """46 households were paid 30,000 yen twice: the wrong file had been sent, so nobody was marked as paid. Here file and
    marks are one sealed object, and the bank's answer is matched line by line before anything is paid again."""
    batch = money.sent()
    assert make_transfers(programme=money.programme, actor=SYSTEM, at=money.at).done == 0
    assert "one_live_transfer_per_recipient" in refused(COPY_OF_FIRST)
    assert "a_transfer_ends_by_a_bank_report" in refused(
        f"update todoku_transfer set state = 'returned' where id = {FIRST}"
    )
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"sent"}


def test_T06_miyazaki_2024_a_paid_row_cannot_be_deleted_and_would_be_missed(money):
    """A household was paid 150,000 yen twice: the contractor had deleted the paid row in its own system, and it looked
    unpaid. Here no role of a door may delete, and not even the owner can; the sweep would miss the row."""
    paid(money)
    for table in ("transfer", "batch", "entitlement", "decision", "caseevent", "ledgerentry"):
        said = refused(f"delete from todoku_{table}")
        assert "permission denied" in said, table
    connection.close()
    with (
        connections["owner"].cursor() as cursor,
        pytest.raises(DatabaseError, match="rows_are_never_deleted"),
    ):
        cursor.execute("delete from todoku_transfer")
    connections["owner"].close()
    assert Transfer.objects.filter(state="settled").count() == DECIDED


def test_T07_tsukuba_and_others_2020_paper_and_web_are_one_application_and_one_payment(money):
    """Seven of 947 households on the first day in one town, and dozens in eight others, were paid by paper and by web:
    the checking tool was not ready. Here the rule stands from the first row, over every way in."""
    paid(money)
    case = Transfer.objects.select_related("case").first().case
    form = next(iter(money.forms(1)))
    again = type(form)(**{**form.__dict__, "number": case.number})
    money.at += timedelta(days=1)
    report = receive_many([again], programme=money.programme, actor=money.staff["clerk"], at=money.at)
    assert report.done == 0
    assert Submission.objects.filter(case=case, state__in=["received", "screened"]).count() <= 1
    assert make_transfers(programme=money.programme, actor=SYSTEM, at=money.at).done == 0
    assert "one_live_transfer_per_recipient" in refused(COPY_OF_FIRST)


def test_T09_ube_2020_a_person_counts_once_whatever_the_lists_say(money):
    """266 children were paid for twice, 2.66 million yen: both the March and the April list had them. Here a person counts
    in one recipient per programme and payout."""
    said = refused(
        "insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order) "
        "select programme_id, payout, (select max(id) from todoku_recipient), person_id, '子', '' from todoku_member "
        "order by id limit 1"
    )
    assert "a_person_counts_in_one_recipient" in said
    said = refused(
        "insert into todoku_case (programme_id, payout, municipality_code, recipient_id, number, cohort, opened_at) "
        "select programme_id, payout, municipality_code, recipient_id, '9999999999999', cohort, now() from todoku_case "
        "order by id limit 1"
    )
    assert "a_recipient_has_one_case" in said


def test_T14_osaka_2020_money_that_came_back_is_paid_again_once_and_only_as_its_retry(money):
    """34.09 million yen were paid again four days later: the status stood in a spreadsheet and the data file was not
    refreshed. Here a payment is repeated only from a returned one that it names, once."""
    paid(money)
    assert "one_live_transfer_per_recipient" in refused(COPY_OF_FIRST)
    with_name = COPY_OF_FIRST.replace("(number, state,", "(number, state, retry_of_id,").replace(
        "'ready', ", f"'ready', {FIRST}, ", 1
    )
    assert "one_live_transfer_per_recipient" in refused(with_name)
    assert sweep(programme=money.programme, occasion="hand", actor=SYSTEM, at=money.at).violations == 0


def test_T14_a_returned_payment_is_not_paid_beside_its_retry(money):
    """As above, from a payment that did come back: another one beside the retry is refused, named or not."""
    batch = money.sent()
    money.to_value_date()
    first = Transfer.objects.order_by("pk").first()
    back = report_bytes((first.number, first.amount_yen, "口座解約済", "2026/12/04"))
    read_result(batch, back, name="kekka.csv", actor=money.staff["maker"], at=money.at)
    said = refused(COPY_OF_FIRST)
    # Its decision is out of force since the money came back: there is nothing to pay on until review has decided anew.
    assert "a_transfer_follows_its_decision" in said
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.filter(pk=first.pk).update(state="settled")
    assert Transfer.objects.get(pk=first.pk).state == "returned"
