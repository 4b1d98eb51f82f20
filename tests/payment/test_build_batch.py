"""A batch claims its rows once, for a day on which banks work, and its doubts name the records."""

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connections

from tests.payment.conftest import DECIDED
from todoku.payment.build_batch import NotABankDay, NothingToPay, build_batch
from todoku.payment.halted import Halted
from todoku.payment.preflight import preflight
from todoku.payment.seal import NotReadyToSeal, seal
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import void

JAPAN = ZoneInfo("Asia/Tokyo")


def build(money, value_date=None, received_by=None):
    return build_batch(
        programme=money.programme, value_date=value_date or money.value_date, received_by=received_by,
        actor=money.staff["maker"], at=money.at, budget_item="3-1-1-18 給付金", payment_order="支令-0001",
    )  # fmt: skip


NOT_A_DAY_TO_PAY = [
    (date(2026, 12, 1), "today (Tuesday)"),
    (date(2026, 11, 30), "yesterday (Monday)"),
    (date(2026, 12, 5), "Saturday"),
    (date(2026, 12, 6), "Sunday"),
    (date(2026, 12, 31), "31 December (Thursday)"),
    (date(2027, 1, 1), "New Year's Day (Friday)"),
    (date(2027, 1, 11), "成人の日 (Monday)"),
    (date(2025, 12, 4), "a year ago (Thursday)"),
]
DAYS_TO_PAY = [date(2026, 12, 2), date(2026, 12, 30), date(2027, 1, 4)]  # Wednesday, Wednesday, Monday


def test_a_value_date_is_a_bank_day_to_come(money):
    money.ready()
    for value_date, why in NOT_A_DAY_TO_PAY:
        with pytest.raises(NotABankDay, match="銀行営業日"):
            build(money, value_date)
        assert Batch.objects.count() == 0, why


def test_a_bank_day_from_tomorrow_on_is_taken(money):
    money.ready()
    taken = []
    for value_date in DAYS_TO_PAY:
        batch = build(money, value_date)
        taken.append(batch.value_date)
        void(batch, reason="別の日を試す", actor=money.staff["maker"], at=money.at)
    assert taken == DAYS_TO_PAY


def test_a_batch_holds_every_waiting_transfer_and_says_how_many(money):
    transfers = money.ready()
    batch = build(money)
    assert (batch.state, batch.count) == ("open", DECIDED)
    assert batch.total_yen == sum(transfer.amount_yen for transfer in transfers)
    assert batch.maker_id == money.staff["maker"].id


def test_only_applications_received_by_the_day_of_the_calendar_are_taken(money):
    money.ready()
    arrived = money.at.date() - timedelta(days=1)
    with pytest.raises(NothingToPay):
        build(money, received_by=arrived - timedelta(days=1))
    assert build(money, received_by=arrived).count == DECIDED


def test_a_second_batch_finds_nothing_left(money):
    money.built()
    with pytest.raises(NothingToPay, match="待っている案件はありません"):
        build(money)
    assert Batch.objects.count() == 1


def test_eight_builders_at_once_never_share_a_row(money):
    money.ready()
    counts: list[int] = []

    def run():
        try:
            counts.append(build(money).count)
        except NothingToPay:
            counts.append(0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == DECIDED
    assert sum(batch.count for batch in Batch.objects.all()) == DECIDED


def test_a_sound_batch_has_no_doubt_that_blocks(money):
    batch = money.built()
    assert [doubt for doubt in preflight(batch, on=money.at.date()) if doubt.blocks] == []
    assert seal(batch, actor=money.staff["maker"], at=money.at).state == "sealed"


def altered(money, **values):
    """A batch one of whose rows says what no verb of ours would write; triggers see only updates."""
    batch = money.built()
    number = Transfer.objects.filter(batch=batch).order_by("number").first().number
    connections["default"].close()
    with connections["owner"].cursor() as cursor:
        cursor.execute("alter table todoku_transfer disable trigger transfers_move_lawfully")
        for column, value in values.items():
            cursor.execute(f"update todoku_transfer set {column} = %s where number = %s", [value, number])
        cursor.execute("alter table todoku_transfer enable trigger transfers_move_lawfully")
    connections["owner"].close()
    return batch, number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"holder_kana": "ｷﾞﾝｺｳ 花子"}, "受取人名"),
        ({"kind": 3}, "預金種目"),
    ],
    ids=["a name with kanji", "an unknown kind of account"],
)
def test_preflight_names_the_record_that_would_break_the_file(money, values, words):
    batch, number = altered(money, **values)
    doubts = [doubt for doubt in preflight(batch, on=money.at.date()) if doubt.blocks]
    assert [doubt.number for doubt in doubts] == [number]
    # Another account than the one reviewed is seen by the sweep, before the seal itself looks.
    with pytest.raises((NotReadyToSeal, Halted), match=number):
        seal(batch, actor=money.staff["maker"], at=money.at)
    assert words in doubts[0].sentence


def test_a_bank_transfer_without_a_name_cannot_even_stand_in_the_database(money):
    with pytest.raises(IntegrityError, match="only_a_bank_transfer_has_an_account"):
        altered(money, holder_kana="")
    assert not Transfer.objects.filter(holder_kana="").exists()


def test_preflight_names_every_record_that_the_format_refuses(money):
    batch, first = altered(money, kind=3)
    second = Transfer.objects.filter(batch=batch).order_by("-number").first().number
    with connections["owner"].cursor() as cursor:
        cursor.execute("alter table todoku_transfer disable trigger transfers_move_lawfully")
        cursor.execute("update todoku_transfer set holder_kana = '花子' where number = %s", [second])
        cursor.execute("alter table todoku_transfer enable trigger transfers_move_lawfully")
    connections["owner"].close()
    doubts = preflight(batch, on=money.at.date())
    assert [doubt.number for doubt in doubts if doubt.blocks] == [first, second]


def test_one_account_with_more_than_the_programmes_limit_stops_the_seal(money):
    batch = money.built()
    account = {"bank": "0005", "branch": "001", "kind": 1, "account_number": "1234567"}
    with connections["owner"].cursor() as cursor:
        cursor.execute("alter table todoku_transfer disable trigger transfers_move_lawfully")
        cursor.execute(
            "update todoku_transfer set bank = '0005', branch = '001', kind = 1, account_number = '1234567'"
        )
        cursor.execute("alter table todoku_transfer enable trigger transfers_move_lawfully")
    connections["owner"].close()
    total = batch.total_yen
    cap = money.programme.terms.payment.cap_per_account_yen
    doubts = [doubt for doubt in preflight(batch, on=money.at.date()) if doubt.blocks]
    assert bool(doubts) is (total > cap), account
    assert len(doubts) == (DECIDED if total > cap else 0)


def test_a_branch_that_the_bank_master_does_not_know_is_shown_but_does_not_stop_the_file(money):
    batch, number = altered(money, branch="999", bank="0005")
    doubts = preflight(batch, on=money.at.date())
    assert [(doubt.number, doubt.blocks) for doubt in doubts if "0005-999" in doubt.sentence] == [
        (number, False)
    ]


def test_a_batch_left_open_past_its_value_date_is_not_sealed(money):
    batch = money.built()
    money.at = datetime(2026, 12, 4, 9, 0, tzinfo=JAPAN)
    with pytest.raises(NotReadyToSeal, match="振込指定日が今日か、過ぎています"):
        seal(batch, actor=money.staff["maker"], at=money.at)
    assert Batch.objects.get().state == "open"


def test_rows_changed_since_the_batch_was_made_stop_the_seal(money):
    batch = money.built()
    first = Transfer.objects.filter(batch=batch).order_by("number").first()
    Transfer.objects.filter(pk=first.pk).update(batch=None)
    with pytest.raises(NotReadyToSeal, match="作成した時点から変わっています"):
        seal(batch, actor=money.staff["maker"], at=money.at)
    assert Batch.objects.get().state == "open"
