"""A gift that is claimed back does not come back as well, and what its issuer paid back is not claimed: no yen twice."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.delivery.test_gift_remainders import expired, settle, used
from tests.payment.rails_ground import OtherRails
from todoku.delivery.reached import CannotComeBack, came_back
from todoku.delivery.unclaimed_gifts import return_unclaimed
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.make_transfers import make_transfers
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.give_up import cancel
from todoku.recovery.open_claim import CannotClaim, open_claim
from todoku.recovery.tables import Claim


def claimed(rails: OtherRails, transfer: Transfer, yen: int | None = None) -> Claim:
    return open_claim(
        transfer, reason="overpaid", why="児童一人を多く数えていた", order="福祉第12号", amount_yen=yen,
        actor=rails.staff["officer"], at=rails.at,
    )  # fmt: skip


def sound(rails: OtherRails) -> None:
    assert ledger_differences(rails.programme) == []
    assert sweep(programme=rails.programme, occasion="hand", actor=SYSTEM, at=rails.at).violations == 0


@pytest.fixture
def unused(rails: OtherRails) -> tuple[Batch, Transfer]:
    """A batch of gifts that were handed out, and one of its payments, of which half is claimed back."""
    rails.list_taken()
    batch = rails.released_over("gift")
    rails.posted()
    transfer = Transfer.objects.filter(batch=batch).order_by("pk")[0]
    claimed(rails, transfer, transfer.amount_yen // 2)
    return batch, transfer


def test_a_gift_that_is_claimed_back_is_left_out_and_named_until_the_claim_is_cancelled(
    rails: OtherRails, unused: tuple[Batch, Transfer]
) -> None:
    batch, transfer = unused
    expired(rails)
    rails.reported()
    report = return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at)
    assert (report.done, report.refused) == (
        batch.count - 1,
        ((transfer.number, "返還請求をしています。先に担当課が返還請求を取り消してください。"),),
    )
    transfer.refresh_from_db()
    assert transfer.state == "settled"
    assert make_transfers(programme=rails.programme, actor=SYSTEM, at=rails.at).done == 0
    sound(rails)
    cancel(Claim.objects.get(), why="誤った請求", actor=rails.staff["officer"], at=rails.at)
    again = return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at)
    assert (again.done, again.refused) == (1, ())
    sound(rails)


def test_no_other_way_takes_it_back_either(rails: OtherRails, unused: tuple[Batch, Transfer]) -> None:
    batch, transfer = unused
    expired(rails)
    with pytest.raises(CannotComeBack, match=f"支払番号{transfer.number}は返還請求をしています"):
        came_back(batch, [transfer.pk], why="未受取", actor=rails.staff["maker"], at=rails.at)
    with (
        pytest.raises(DatabaseError, match="what_is_claimed_back_does_not_come_back_as_well"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(BARE_RETURN, {"batch": batch.pk, "transfer": transfer.pk, "at": rails.at})


BARE_RETURN = """
insert into todoku_bankreport (batch_id, kind, returned, settled, at, actor_name)
values (%(batch)s, 'late', 1, 0, %(at)s, 'x');
insert into todoku_result (report_id, transfer_id, reason, at)
select max(id), %(transfer)s, 'OTHER', %(at)s from todoku_bankreport;
update todoku_transfer set state = 'returned' where id = %(transfer)s
"""


def test_what_the_issuer_paid_back_is_not_claimed_as_well(rails: OtherRails) -> None:
    transfer = used(rails, 1_200)
    expired(rails)
    settle(rails, transfer, outcome="refunded", refunded_yen=1_000, document="返金通知 12号")
    with pytest.raises(CannotClaim, match=f"{transfer.amount_yen - 1_000:,}円まで"):
        claimed(rails, transfer, transfer.amount_yen)
    with pytest.raises(DatabaseError, match="claims_do_not_exceed_what_was_paid"), transaction.atomic():
        Claim.objects.create(
            programme=rails.programme, case_id=transfer.case_id, transfer=transfer, reason="fraud", why="x", order="x",
            amount_yen=transfer.amount_yen - 999, slip_number="1", opened_at=rails.at,
        )  # fmt: skip
    assert claimed(rails, transfer).amount_yen == transfer.amount_yen - 1_000
    sound(rails)
