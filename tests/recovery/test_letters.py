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
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.dispute import dispute, resume
from todoku.recovery.plan import equal_parts, plan
from todoku.recovery.reverse_payment import confirm_reversal, propose_reversal
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


FIRST_PART = date(2027, 2, 26)


def agreed(recovery: Recovery, claim: Claim, count: int = 3) -> None:
    parts = equal_parts(facts_of(claim).left_yen, count, FIRST_PART)
    plan(claim, parts, actor=recovery.staff["officer"], at=recovery.at)


def test_an_agreed_plan_prints_its_parts_with_a_slip_for_each_once(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    recovery.pay(claim, 5_000, "領-1")
    agreed(recovery, claim)
    (letter,) = printed(recovery, "claim_plan")
    said = squeezed(letter.text(0))
    assert "分割納付承認のお知らせ" in said and "45,000円（3回に分けて）" in said
    days = ("令和9年2月26日", "令和9年3月26日", "令和9年4月26日")
    assert all(f"第{n}回{day}まで15,000円" in said for n, day in enumerate(days, 1))
    assert len(letter) == 4, "the letter and three slips"
    for number, day in enumerate(days, 1):
        slip = squeezed(letter.text(number))
        assert [slip.count(words) for words in ("15,000円", day, f"（第{number}回／全3回）")] == [2, 2, 2]
        assert "45,000円" not in slip and claim.slip_number in slip
    assert len(printed(recovery, "claim_plan")) == 1, "the next round prints it no second time"


def test_a_new_plan_is_told_with_its_own_slips_and_a_dispute_holds_it_back(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=60_000)
    agreed(recovery, claim)
    dispute(claim, why="申立て", actor=recovery.staff["manager"], at=recovery.at)
    assert printed(recovery, "claim_plan") == []
    resume(claim, why="変わらず", due_on=DUE, actor=recovery.staff["manager"], at=recovery.at)
    wrong = recovery.pay(claim, 20_000, "領-1")
    (letter,) = printed(recovery, "claim_plan")
    assert len(letter) == 3 and "第1回／" not in squeezed(letter.text(1)), "the first part is paid"
    agreed(recovery, claim, 2)
    second = printed(recovery, "claim_plan")[-1]
    assert "40,000円（2回に分けて）" in squeezed(second.text(0)) and len(second) == 3
    proposed = propose_reversal(wrong, reason="誤入力", actor=recovery.staff["treasurer"], at=recovery.at)
    recovery.on(recovery.at.date() + timedelta(days=1))
    confirm_reversal(proposed, actor=recovery.staff["officer"], at=recovery.at)
    third = printed(recovery, "claim_plan")
    assert len(third) == 3, "what a reversal adds to the plan needs other slips"
    assert "60,000円（2回に分けて）" in squeezed(third[-1].text(0))


def test_a_reminder_of_a_plan_asks_for_the_late_parts_alone(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=60_000)
    agreed(recovery, claim)
    recovery.pay(claim, 25_000, "領-1")
    recovery.on(date(2027, 3, 29))
    remind(claim, kind="reminder", due_on=date(2027, 4, 16), actor=recovery.staff["manager"], at=recovery.at)
    (letter,) = printed(recovery, "claim_reminder")
    for page in range(2):
        said = squeezed(letter.text(page))
        assert "15,000円" in said and "35,000円" not in said and "令和9年4月16日" in said
    assert "令和9年3月26日（分割納付の第2回）" in squeezed(letter.text(0))


def test_who_has_paid_the_late_part_by_the_round_is_not_reminded(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=60_000)
    agreed(recovery, claim)
    recovery.on(date(2027, 3, 1))
    remind(claim, kind="reminder", due_on=date(2027, 3, 19), actor=recovery.staff["manager"], at=recovery.at)
    recovery.pay(claim, 20_000, "領-1")
    assert printed(recovery, "claim_reminder") == []


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
