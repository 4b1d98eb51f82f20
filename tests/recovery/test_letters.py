"""Letters on claims are printed with the round's, once each; nothing is set off against another benefit."""

from datetime import date, timedelta

from tests.letters.finished import Finished, squeezed
from tests.payment.ground import Money
from tests.recovery.conftest import DUE, PAID, Recovery
from tests.town_fixture import OPENS_ON, SampleTown, households_of, make_sample_programme, open_sample, take
from todoku.custody import files
from todoku.ledger.balances import balances, standing
from todoku.letters.tables import Letter, PrintRun
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.recovery.ask_for_payment import remind
from todoku.recovery.dispute import dispute
from todoku.recovery.tables import Claim
from todoku.rounds.due_letters import make_due_letters


def printed(recovery: Recovery, kind: str) -> list[Finished]:
    make_due_letters(programme=recovery.programme, actor=SYSTEM, at=recovery.at)
    runs = PrintRun.objects.filter(kind=kind).select_related("pdf").order_by("pk")
    return [Finished(files.read(run.pdf.path)) for run in runs]


def test_the_claim_goes_out_once_with_its_payment_slip(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=30_000)
    assert recovery.claim(1).state == "open", "another claim, of which nobody has been told yet"
    (letter,) = printed(recovery, "claim_notice")
    assert len(letter) == 2
    for page in range(2):
        said = squeezed(letter.text(page))
        assert all(squeezed(words) in said for words in ("30,000円", "令和9年1月29日", claim.slip_number))
    assert "支給要件に該当しない" in squeezed(letter.text(0)) and "領収証書" in letter.text(1)
    assert len(printed(recovery, "claim_notice")) == 1, "the next round prints it no second time"
    assert Letter.objects.get(kind="claim_notice").case_id == claim.case_id


def test_a_reminder_asks_for_what_is_left_and_a_dispute_stops_its_letter(recovery: Recovery) -> None:
    first, second = recovery.noticed(amount_yen=30_000), recovery.noticed(1)
    recovery.pay(first, 12_000, "領-1")
    recovery.on(DUE + timedelta(days=1))
    for claim in (first, second):
        remind(
            claim, kind="reminder", due_on=date(2027, 2, 26), actor=recovery.staff["manager"], at=recovery.at
        )
    dispute(second, why="申立て", actor=recovery.staff["manager"], at=recovery.at)
    (letter,) = printed(recovery, "claim_reminder")
    said = squeezed(letter.text(0))
    assert all(words in said for words in ("18,000円", "令和9年2月26日", "令和9年1月29日", "督促状"))
    assert [one.case_id for one in Letter.objects.filter(kind="claim_reminder")] == [first.case_id]


def test_nothing_is_set_off_against_another_benefit(recovery: Recovery) -> None:
    """Whoever owes money back from one programme is paid the whole of another."""
    claim = recovery.noticed()
    second = make_sample_programme(slug="second")
    households = households_of(second, 40)
    take(second, households)
    open_sample(second)
    money = Money(SampleTown(second, households, recovery.at, OPENS_ON), recovery.at)
    money.decided(PAID)
    transfers = money.ready()
    mine = [
        one for one in transfers if one.recipient.household_number == claim.case.recipient.household_number
    ]
    assert [one.amount_yen for one in mine] == [mine[0].case.entitlement.amount_yen]
    assert (claim.notices.count(), Claim.objects.get(pk=claim.pk).state) == (1, "noticed")
    assert balances_of(second) == sum(one.amount_yen for one in transfers)


def balances_of(programme: Programme) -> int:
    return standing(balances(programme), "owed")
