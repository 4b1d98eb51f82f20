"""One account named by several households (阿武町 2022: one person was paid for 463) never passes by itself."""

from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.next_version import next_version
from tests.office_day import OfficeDay
from tests.review.agreed import agree
from tests.town_fixture import OPENS_ON, households_of, make_sample_programme, open_sample, take
from todoku.intake.forms import account_row
from todoku.payment.approve_payee import approve_payee, end_payee
from todoku.payment.propose_payee import PayeeForm, propose_payee
from todoku.people.actor import SYSTEM
from todoku.review.accounts_in_use import NUMBERS_MAX, in_use
from todoku.review.checks import check
from todoku.review.decide import decide, make_list
from todoku.review.find_shared import find_shared
from todoku.review.findings import LOOK, Facts
from todoku.review.tables import Decision, Finding, Proposal, Screening, Task


def same_account(office, one, of):
    """The fields of a form that names the account of another household."""
    form = office.form(of)
    names = ("bank", "branch", "kind", "account_number", "yucho_symbol", "yucho_number")
    return {name: getattr(form, name) for name in names}


def send_same(office, one, of):
    account = office.account(of)
    office.send_web(
        one, bank=account.bank, branch=account.branch, kind=account.account_kind, account_number=account.number,
        yucho_symbol=account.symbol, yucho_number=account.yucho_number,
    )  # fmt: skip


def found(one):
    return list(Finding.objects.filter(case_id=one.case, code="D15").values_list("severity", flat=True))


def evidence(one):
    return Finding.objects.get(case_id=one.case, code="D15").evidence


def decide_all(office):
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    return made


def approve_as_payee(office, one):
    account = office.account(one)
    form = PayeeForm(
        "facility", "見本ホーム", account.bank, account.branch, account.account_kind, account.number, 9_000_000, "入所者の同意書",
    )  # fmt: skip
    payee = propose_payee(form, programme=office.programme, actor=office.staff["manager"], at=office.later())
    return approve_payee(payee, actor=office.staff["officer"], at=office.later())


@given(
    households=st.integers(0, 3), approved=st.booleans(), known=st.booleans(), declines=st.booleans()
)  # every combination is small enough to see through
def test_the_check_looks_at_others_unless_nothing_goes_there_or_it_is_approved(
    households, approved, known, declines
):
    facts = Facts(
        account_households=households, account_cases=("0" * 13,) * households, account_decided=min(households, 1),
        account_approved=approved, account_known=known, declines_all=declines,
    )  # fmt: skip
    shared = [one for one in check(facts) if one.code == "D15"]
    expected = households > 0 and not (approved or known or declines)
    assert bool(shared) == expected
    if shared:
        assert shared[0].severity == LOOK
        assert shared[0].evidence == {
            "households": households, "decided": 1, "cases": ["0" * 13] * households,
        }  # fmt: skip
        assert "D15" not in {one.code for one in check(facts, {"D15": "off"})}


def test_two_households_screened_together_both_go_to_two_persons(office):
    first, second = office.unsampled[:2]
    office.send_web(first)
    send_same(office, second, first)
    report = office.screen()
    assert (report.done, report.waiting) == (0, 2)
    assert (found(first), found(second)) == (["look"], ["look"])
    assert evidence(first) == {"households": 1, "decided": 0, "cases": [second.number]}
    assert evidence(second)["cases"] == [first.number]
    assert set(Screening.objects.values_list("outcome", "persons")) == {("look", 2)}


def test_the_first_that_has_passed_comes_back_when_the_second_arrives(office):
    first, second = office.unsampled[:2]
    # Here two reviewers of the office decide about such an account.
    agree(office, '[criteria.codes.D15]\ndecides = "two_persons"')
    office.send_web(first)
    office.screen()
    listed = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    office.later(days=1)
    office.arrive(office.form(second, **same_account(office, second, first)))
    assert (office.stage(first), office.stage(second)) == ("in_review", "in_review")
    assert evidence(first)["cases"] == [second.number]
    assert Task.objects.get(case_id=first.case, state="open").reason == "shared_account"
    listed.refresh_from_db()
    assert listed.state == "void"
    assert Decision.objects.get().remark == "ほかの世帯と同じ口座"
    for _ in range(2):
        office.both()
    assert (office.stage(first), office.stage(second)) == ("passed", "passed")
    assert office.screen().waiting == 0, "what two persons approved is not brought back again"
    assert Proposal.objects.count() == 2


def test_an_open_task_of_one_person_becomes_one_of_two(office):
    first, second = office.unsampled[:2]
    office.send_web(first)
    office.screen()
    Screening.objects.filter(pk=office.submission(first).pk).update(persons=1)
    task = Task.objects.create(
        submission=office.submission(first), case_id=first.case, programme=office.programme, step=1, reason="sample",
        opened_at=office.at, arrived_on=office.today, queue="sample", due_on=office.today,
    )  # fmt: skip
    send_same(office, second, first)
    office.screen()
    task.refresh_from_db()
    assert task.reason == "shared_account"


def test_what_is_decided_stays_and_the_second_says_so(office):
    first, second = office.unsampled[:2]
    office.send_web(first)
    office.screen()
    decide_all(office)
    send_same(office, second, first)
    office.screen()
    assert (office.stage(first), office.stage(second)) == ("decided", "in_review")
    assert found(first) == []
    assert evidence(second) == {"households": 1, "decided": 1, "cases": [first.number]}


def test_an_account_that_the_municipality_approved_is_passed_until_it_ends(office):
    home, first, second, third = office.unsampled[:4]
    payee = approve_as_payee(office, home)
    for one in (first, second):
        send_same(office, one, home)
    office.screen()
    assert Finding.objects.filter(code="D15").count() == 0
    assert (office.stage(first), office.stage(second)) == ("passed", "passed")
    end_payee(payee, actor=office.staff["officer"], at=office.later())
    assert (office.stage(first), office.stage(second)) == ("in_review", "in_review")
    send_same(office, third, home)
    office.screen()
    assert evidence(third)["households"] == 2
    assert (found(first), found(second)) == (["look"], ["look"])


def test_a_household_shares_nothing_with_itself_and_another_kind_or_rail_is_another_account(office):
    first, second = office.unsampled[:2]
    office.send_web(first)
    office.later(days=1)
    office.arrive(office.form(first))
    other_kind = same_account(office, second, first) | {"kind": 2, "yucho_symbol": "", "yucho_number": ""}
    account = office.account(first)
    other_kind |= {"bank": account.bank, "branch": account.branch, "account_number": account.number}
    office.arrive(office.form(second, **other_kind))
    assert Finding.objects.filter(code="D15").count() == 0
    assert in_use([office.submission(first).pk, office.submission(second).pk]) == {}


@pytest.mark.parametrize("ways", list(product(["web", "paper"], repeat=2)), ids="-".join)
def test_any_channel_and_a_symbol_of_yucho_is_its_account(office, ways):
    def symbolled(one):
        account = office.account(one)
        return bool(account.symbol)

    first = next(one for one in office.unsampled if symbolled(one))
    second = next(one for one in office.unsampled if one != first)
    account = office.account(first)
    plain = {"yucho_symbol": "", "yucho_number": ""}
    for one, way, symbol in ((first, ways[0], True), (second, ways[1], False)):
        form = office.form(one, **same_account(office, one, first))
        stored = office_account(office, form)
        values = {} if symbol else {**plain, **stored}
        if way == "paper":
            office.key(replace(form, **values))
        else:
            wanted = {
                "bank": form.bank, "branch": form.branch, "kind": form.kind, "account_number": form.account_number,
                "yucho_symbol": form.yucho_symbol, "yucho_number": form.yucho_number,
            } | values  # fmt: skip
            office.send_web(one, **wanted)
    office.screen()
    assert account.symbol
    assert (found(first), found(second)) == (["look"], ["look"])


def office_account(office, form):
    """Bank, branch, kind and number that the form's account is kept as."""
    row = account_row(form)
    return {"bank": row.bank, "branch": row.branch, "kind": row.kind, "account_number": row.number}


def test_the_terms_may_make_it_a_note_or_leave_it_out(office):
    first, second = office.unsampled[:2]
    office.send_web(first)
    office.screen()
    old = office.programme.version
    text = old.text.replace("[review.checks]\n", '[review.checks]\nD15 = "note"\n')
    next_version(office.programme, text, at=office.at)
    send_same(office, second, first)
    office.screen()
    assert (found(first), found(second)) == (["note"], ["note"])
    assert (office.stage(first), office.stage(second)) == ("passed", "passed")


@pytest.fixture
def large_office(database, var_folder):
    """An office with 463 sound households, none of them with anything special."""
    programme = make_sample_programme()
    households = households_of(programme, 620)
    take(programme, households)
    open_sample(programme)
    day = OfficeDay(programme, households, datetime.combine(OPENS_ON, time(1), UTC))
    day.invite(day.applicants)
    return day


def test_463_households_of_one_account_all_wait_for_persons_in_a_few_statements(large_office):
    office = large_office
    many = office.applicants[:463]
    assert len(many) == 463
    one = many[0]
    office.key(*(office.form(other, **same_account(office, other, one)) for other in many[:462]))
    with CaptureQueriesContext(connection) as at_once:
        office.screen()
    office.key(office.form(many[462], **same_account(office, many[462], one)))
    with CaptureQueriesContext(connection) as one_more:
        office.screen()
    assert Finding.objects.filter(code="D15").count() == 463
    assert evidence(one)["households"] == 461
    assert evidence(many[462])["households"] == 462
    assert len(evidence(many[462])["cases"]) == NUMBERS_MAX
    assert {office.stage(one) for one in many} == {"in_review"}
    assert max(len(at_once), len(one_more)) <= 30


def test_sixty_that_were_not_told_are_told_in_a_few_statements(large_office):
    """While the account was approved nobody was stopped; it ends, and by that alone they are; one more household names it."""
    office = large_office
    many = office.applicants[:61]
    payee = approve_as_payee(office, many[0])
    office.key(*(office.form(one, **same_account(office, one, many[0])) for one in many[:60]))
    office.screen()
    assert Finding.objects.filter(code="D15").count() == 0
    with CaptureQueriesContext(connection) as ended:
        end_payee(payee, actor=office.staff["officer"], at=office.later())
    assert Finding.objects.filter(code="D15").count() == 60 and len(ended) <= 30
    office.key(office.form(many[60], **same_account(office, many[60], many[0])))
    with CaptureQueriesContext(connection) as seen:
        office.screen()
    assert Finding.objects.filter(code="D15").count() == 61
    assert len(seen) <= 40
    assert find_shared(programme=office.programme, actor=SYSTEM, at=office.later()) == 0
    assert Finding.objects.filter(code="D15").count() == 61
