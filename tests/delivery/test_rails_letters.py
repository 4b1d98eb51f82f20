"""What residents are told whose money does not go to an account; the sweep finds nothing wrong on any rail."""

from datetime import timedelta

from tests.payment.rails_ground import OtherRails
from todoku.delivery.expire_codes import expire_codes
from todoku.delivery.unclaimed_gifts import return_unclaimed
from todoku.delivery.uncollected_cash import return_uncollected
from todoku.payment.sweep import sweep
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.rounds.due_letters import OTHER_RAILS, due_items, make_due_letters


def test_a_decision_over_another_rail_is_told_without_an_account(rails: OtherRails) -> None:
    today = rails.day
    values = {item.values[2] for item in due_items("granted", rails.programme, today, to_account=False)}
    assert values == {"デジタルギフト", "窓口で現金", "現金書留"}
    assert all("****" in item.values[2] for item in due_items("granted", rails.programme, today))


def test_who_did_not_receive_is_asked_for_an_account_and_not_told_of_a_failed_transfer(
    rails: OtherRails,
) -> None:
    rails.list_taken()
    rails.released_over("gift")
    rails.posted()
    cash = rails.released_over("cash")
    waiting = list(Transfer.objects.filter(batch=cash).values_list("pk", flat=True))
    return_uncollected(cash, waiting, reason="来庁なし", actor=rails.staff["officer"], at=rails.at)
    rails.at += timedelta(days=900)
    expire_codes(programme=rails.programme, actor=SYSTEM, at=rails.at)
    rails.reported()
    return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at)
    items = list(due_items("transfer_failed", rails.programme, rails.day, to_account=False))
    assert len(items) == 7 and {item.values[1] for item in items} == {"デジタルギフト", "窓口で現金"}
    assert {item.values[2] for item in items} == {"期限までに受け取られなかったため"}
    assert list(due_items("transfer_failed", rails.programme, rails.day)) == []
    assert make_due_letters(programme=rails.programme, actor=rails.staff["printer"], at=rails.at).done == 7
    assert "口座への振込に変えます" in OTHER_RAILS["transfer_failed"]["paragraphs"][0]


def test_the_sweep_finds_nothing_wrong_on_any_rail(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    rails.posted()
    for rail in ("cash", "registered_mail"):
        rails.released_over(rail)
    cash = Transfer.objects.filter(rail="cash").values_list("pk", flat=True)
    batch = Transfer.objects.filter(rail="cash").first().batch
    return_uncollected(batch, list(cash), reason="来庁なし", actor=rails.staff["officer"], at=rails.at)
    run = sweep(programme=rails.programme, occasion="night", actor=SYSTEM, at=rails.at)
    assert run.violations == 0, run.checks
