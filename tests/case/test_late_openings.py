"""Who comes in late: by the municipality's order or by a later roll, once, with the reason, and never for somebody twice."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.enrolled import enrolled
from tests.late import opened, people_of, proposed
from tests.town_fixture import AT, MANAGER, OPENS_ON, households_of, make_sample_programme, open_sample, take
from tests.units import bring, open_programme
from todoku.case.add_newborns import add_newborns
from todoku.case.apply_changes import apply_changes
from todoku.case.late_tables import LateOpening, LateProposal
from todoku.case.move import move
from todoku.case.open_cases import open_cases
from todoku.case.open_late import (
    Asked,
    CannotOpenLate,
    LateEntry,
    Newcomer,
    open_late,
    propose_late,
    refuse_late,
)
from todoku.case.payee_words import payee_words
from todoku.case.tables import Case, DoorKey, Entitlement, NotDue
from todoku.people.actor import Actor
from todoku.people.tables import AuditEvent
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.registry.make_recipients import make_recipients
from todoku.registry.protected import is_under_protection
from todoku.registry.reached import Reached, reached_of
from todoku.registry.tables import Member, Person, Recipient

LATER = AT + timedelta(days=30)
THERE = Reached("2200012", "みなとみらい9-9", "", "090-0000-0000", False)
MOTHER = Newcomer("避難　花子", "ヒナン　ハナコ", date(1990, 4, 5))
CHILD = Newcomer("避難　一郎", "ヒナン　イチロウ", date(2018, 4, 5), "子")


def programme_of(shipped):
    programme = make_sample_programme(shipped)
    households = households_of(programme, 20)
    take(programme, households)
    return programme, households


@pytest.fixture
def everybody(database, var_folder):
    programme, households = programme_of("tokubetsu-teigaku-2020")
    open_sample(programme)
    return programme, households


def entry(programme, late="dv", order="決裁第3号", after=0):
    day = programme.terms.programme.base_date + timedelta(days=after)
    return LateEntry(late, day, order, "保護命令決定書を確認")


def test_who_shelters_here_has_a_case_whose_address_nobody_else_is_told(everybody):
    programme, _ = everybody
    _, officer = people_of(programme)
    case = opened(
        entry(programme), Asked(newcomers=(MOTHER, CHILD), reached=THERE), programme=programme, at=LATER
    )
    assert (case.entitlement.amount_yen, case.entitlement.member_count, case.cohort) == (200_000, 2, "apply")
    late = LateOpening.objects.get()
    assert (late.case_id, late.kind, late.order, late.actor_name) == (
        case.pk,
        "dv",
        "決裁第3号",
        officer.name,
    )
    assert (
        reached_of(case.recipient).protected and case.recipient.head.protected and case.recipient.head.outside
    )
    assert DoorKey.objects.get(case=case).initials == "ヒ・ハ"
    assert AuditEvent.objects.filter(action="change.decide", subject_id=case.pk).exists()


def test_the_same_person_is_not_opened_twice_by_whatever_order(everybody):
    programme, households = everybody
    given = dict(programme=programme, at=LATER)  # noqa: C408
    mother = Asked(newcomers=(MOTHER,), reached=THERE)
    opened(entry(programme), mother, **given)
    with pytest.raises(CannotOpenLate, match="すでに対象者"):
        proposed(entry(programme, order="決裁第4号"), mother, **given)
    known = (
        Person.objects.filter(member__superseded_by_order="", birth_date__isnull=False)
        .exclude(kana="")
        .first()
    )
    again = Newcomer(known.name, known.kana, known.birth_date)
    with pytest.raises(CannotOpenLate, match="すでに対象者"):
        proposed(entry(programme), mother._replace(newcomers=(again,)), **given)
    assert Case.objects.filter(late_opening__isnull=False).count() == 1


def test_who_asks_for_a_late_case_does_not_open_it_and_another_manager_may(everybody):
    programme, _ = everybody
    manager, officer = people_of(programme)
    waits = proposed(
        entry(programme), Asked(newcomers=(MOTHER,), reached=THERE), programme=programme, at=LATER
    )
    # Tried and undone again: nobody and nothing of it is there yet.
    assert not Case.objects.filter(late_opening__isnull=False).exists()
    assert not Person.objects.filter(name=MOTHER.name).exists()
    with pytest.raises(CannotOpenLate, match="入力した本人は確認できません"):
        open_late(waits, actor=manager, at=LATER)
    case = open_late(waits, actor=officer, at=LATER)
    waits.refresh_from_db()
    assert (waits.state, waits.answered_by_id, case.late_opening.proposal) == ("opened", officer.id, waits)
    with pytest.raises(CannotOpenLate, match="作成済"):
        open_late(waits, actor=officer, at=LATER)


def test_a_late_case_is_refused_with_its_reason_and_asked_for_again(everybody):
    programme, _ = everybody
    manager, officer = people_of(programme)
    asked = Asked(newcomers=(MOTHER,), reached=THERE)
    waits = proposed(entry(programme), asked, programme=programme, at=LATER)
    with pytest.raises(CannotOpenLate, match="理由"):
        refuse_late(waits, why=" ", actor=officer, at=LATER)
    refuse_late(waits, why="生年月日が違う", actor=manager, at=LATER)
    with pytest.raises(CannotOpenLate, match="作成しない"):
        open_late(waits, actor=officer, at=LATER)
    assert opened(entry(programme), asked, programme=programme, at=LATER).late_opening.order == "決裁第3号"


def test_the_database_opens_no_late_case_on_one_persons_word(everybody):
    programme, _ = everybody
    manager, officer = people_of(programme)
    one = proposed(entry(programme), Asked(newcomers=(MOTHER,), reached=THERE), programme=programme, at=LATER)
    mine = LateProposal.objects.filter(pk=one.pk)
    told = {"state": "opened", "answered_at": LATER}
    clerk = enrolled(programme.municipality, ["clerk"])["clerk"]
    for name, change in (
        ("another_person_confirms_a_late_case", told | {"answered_by_id": manager.id}),
        ("a_late_case_is_answered_once", told | {"answered_by_id": clerk.id}),
        ("a_late_case_is_answered_once", {"order": "決裁第9号"}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            mine.update(**change)
    case = Case.objects.filter(late_opening__isnull=True).first()
    late = {
        "case": case,
        "programme": programme,
        "kind": "dv",
        "happened_on": LATER,
        "actor_name": "x",
        "at": LATER,
    }
    for name, said in (
        ("a_late_case_rests_on_a_list_or_a_confirmed_order", {"order": ""}),
        ("a_late_case_by_order_was_confirmed", {"order": "決裁第3号"}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            LateOpening.objects.create(**late, **said, proposal=one)
    # Confirmed, it opens a case of those people since that day, and of nobody else.
    mine.update(**told, answered_by_id=officer.id)
    for of_day in ({"happened_on": one.happened_on}, {"happened_on": one.happened_on + timedelta(days=1)}):
        with pytest.raises(IntegrityError, match="a_late_case_by_order_was_confirmed"), transaction.atomic():
            LateOpening.objects.create(**late | of_day, order="決裁第3号", proposal=one)
    with pytest.raises(IntegrityError, match="a_newcomer_comes_by_a_confirmed_order"), transaction.atomic():
        Recipient.objects.create(
            programme=programme, municipality_code=programme.municipality_id, household_number="遅0001",
            unit_number="", head=case.recipient.head,
        )  # fmt: skip


def test_the_database_keeps_a_request_that_is_nobodys_or_confirmed_from_the_first(everybody):
    programme, _ = everybody
    manager, officer = people_of(programme)
    recipient = Recipient.objects.filter(programme=programme).first()
    asked = {
        "programme": programme, "late": "dv", "happened_on": LATER, "order": "決裁第3号", "proposed_at": LATER,
        "proposed_by_id": manager.id,
    }  # fmt: skip
    clerk = enrolled(programme.municipality, ["clerk"])["clerk"]
    confirmed = {"state": "opened", "answered_by_id": officer.id, "answered_at": LATER}
    for name, said in (
        ("a_late_case_is_of_the_roll_or_of_newcomers", {}),
        ("a_late_case_is_of_the_roll_or_of_newcomers", {"recipient": recipient, "newcomers": [["a", "b"]]}),
        ("a_late_case_begins_unconfirmed", {"recipient": recipient, **confirmed}),
        ("a_late_case_begins_unconfirmed", {"recipient": recipient, "proposed_by_id": clerk.id}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            LateProposal.objects.create(**asked | said)
    LateProposal.objects.create(**asked, recipient=recipient)
    with pytest.raises(IntegrityError, match="a_recipient_waits_for_one_late_case"), transaction.atomic():
        LateProposal.objects.create(**asked, recipient=recipient)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"late": "newborn"}, "制度の定めに"), ({"order": " "}, "決裁番号"), ({"after": 900}, "までの事実"),
    ],
)  # fmt: skip
def test_what_the_terms_do_not_know_is_refused(everybody, change, says):
    programme, _ = everybody
    with pytest.raises(CannotOpenLate, match=says):
        proposed(
            entry(programme, **change),
            Asked(newcomers=(MOTHER,), reached=THERE),
            programme=programme,
            at=LATER,
        )


def test_only_who_may_opens_late_and_an_address_is_needed(everybody):
    programme, _ = everybody
    clerk = Actor(id=None, name="受付", roles=frozenset({"clerk"}))
    with pytest.raises(CannotOpenLate, match="権限"):
        propose_late(
            entry(programme),
            Asked(newcomers=(MOTHER,), reached=THERE),
            programme=programme,
            actor=clerk,
            at=LATER,
        )
    with pytest.raises(CannotOpenLate, match="住所"):
        proposed(entry(programme), Asked(newcomers=(MOTHER,)), programme=programme, at=LATER)


def test_a_household_whose_tax_was_corrected_is_opened_by_order_once(database, var_folder):
    programme, _ = programme_of("hikazei-rinji-2021")
    open_cases(programme=programme, actor=MANAGER, at=AT)
    not_due = NotDue.objects.filter(reason="taxed").select_related("recipient").first()
    asked = Asked(not_due.recipient)
    case = opened(entry(programme, "corrected_tax"), asked, programme=programme, at=LATER)
    assert (case.entitlement.amount_yen, case.cohort) == (100_000, "apply")
    assert (case.late_opening.kind, case.late_opening.earlier_reason) == ("corrected_tax", "taxed")
    assert not NotDue.objects.filter(recipient=not_due.recipient).exists()
    with pytest.raises(CannotOpenLate, match="すでにあります"):
        proposed(entry(programme, "corrected_tax"), asked, programme=programme, at=LATER)
    assert open_cases(programme=programme, actor=MANAGER, at=LATER).done == 0


def test_who_fled_from_a_household_of_the_roll_is_never_written_to_there(database, var_folder):
    programme, _ = programme_of("hikazei-rinji-2021")
    open_cases(programme=programme, actor=MANAGER, at=AT)
    recipient = NotDue.objects.filter(reason="taxed").select_related("recipient__head").first().recipient
    given = dict(programme=programme, at=LATER)  # noqa: C408
    with pytest.raises(CannotOpenLate, match="避難先の住所"):
        proposed(entry(programme), Asked(recipient), **given)
    with pytest.raises(CannotOpenLate, match="どちらか一方"):
        proposed(entry(programme), Asked(recipient, (MOTHER,), reached=THERE), **given)
    with pytest.raises(CannotOpenLate, match="「郵便」で変更"):
        proposed(entry(programme, "corrected_tax"), Asked(recipient, reached=THERE), **given)
    case = opened(entry(programme), Asked(recipient, reached=THERE), **given)
    reached = reached_of(case.recipient)
    assert (reached.address, reached.protected) == (THERE.address, True)
    assert is_under_protection(case.recipient_id) and not case.recipient.head.protected


def test_an_order_about_tax_does_not_set_aside_what_another_list_says(database, var_folder):
    programme, households = programme_of("hikazei-rinji-2021")
    number = next(one.head.number for one in households)
    bring(programme, "earlier", [{"number": number, "outcome": "支給", "elsewhere": "1"}])
    bring(programme, "tax", [{"number": number, "tax_class": "課税"}])
    open_cases(programme=programme, actor=MANAGER, at=AT)
    recipient = NotDue.objects.get(recipient__head__number=number).recipient
    with pytest.raises(CannotOpenLate, match="他の自治体で受給"):
        proposed(entry(programme, "corrected_tax"), Asked(recipient), programme=programme, at=LATER)
    assert NotDue.objects.filter(recipient=recipient).exists()


@pytest.fixture
def with_children(database, var_folder):
    """A programme that pays for newborns, its untaxed households with a case each."""
    programme = open_programme(reschedule(version_text("bukkadaka-2024"), OPENS_ON))
    households = households_of(programme, 60)
    take(programme, households)
    open_sample(programme)
    return programme, households


def newborn_in(programme, household, number="0099999999"):
    born = programme.terms.programme.base_date + timedelta(days=20)
    child = household.head._replace(
        number=number, name="新生　児", kana="シンセイ　ジ", relation="子", birth=f"{born:%Y/%m/%d}", marks=(), supporter="",
        removed_on="", removed_for="", tax=1, income_levy=0, latin="", alias="", alias_kana="",
    )  # fmt: skip
    return household._replace(members=(*household.members, child))


def test_a_newborn_on_a_later_roll_raises_the_households_amount_once(with_children):
    programme, households = with_children
    case = Case.objects.filter(cohort="confirm").first()
    one = next(h for h in households if h.number == case.recipient.household_number)
    before, issue = case.entitlement.amount_yen, DoorKey.objects.get(case=case).issue
    take(
        programme, [newborn_in(programme, one), *(h for h in households if h.number != one.number)], at=LATER
    )
    assert add_newborns(programme=programme, actor=MANAGER, at=LATER).done == 1
    case = Case.objects.get(pk=case.pk)
    assert case.entitlement.amount_yen == before + 20_000 and case.cohort == "confirm"
    assert Entitlement.objects.filter(case=case).exclude(superseded_by_order="").get().amount_yen == before
    assert DoorKey.objects.get(case=case).issue == issue + 1
    assert Member.objects.get(person__number="0099999999").recipient == case.recipient
    again = add_newborns(programme=programme, actor=MANAGER, at=LATER)
    assert (again.done, again.waiting) == (0, 0)
    assert apply_changes(programme=programme, actor=MANAGER, at=LATER).waiting == 0


def test_after_the_decision_a_newborn_is_only_counted_for_a_supplement(with_children):
    programme, households = with_children
    case = Case.objects.filter(cohort="confirm").first()
    for stage in ("invited", "received", "passed", "decided"):
        move([case.pk], programme=programme, to=stage, why="試験", actor=MANAGER, at=AT)
    one = next(h for h in households if h.number == case.recipient.household_number)
    take(
        programme, [newborn_in(programme, one), *(h for h in households if h.number != one.number)], at=LATER
    )
    report = add_newborns(programme=programme, actor=MANAGER, at=LATER)
    assert (report.done, report.waiting) == (0, 1) and "追給" in report.note
    assert Entitlement.objects.filter(case=case).count() == 1


def test_a_newborn_of_a_child_programme_is_a_case_of_its_own_with_its_reason(database, var_folder):
    programme, households = programme_of("kosodate-oen-2025")
    one = households[0]
    open_cases(programme=programme, actor=MANAGER, at=AT)
    take(programme, [newborn_in(programme, one), *households[1:]], at=LATER)
    opened = open_cases(programme=programme, actor=MANAGER, at=LATER)
    case = Case.objects.get(recipient__unit_number="0099999999")
    assert opened.done == 1 and (case.entitlement.amount_yen, case.cohort) == (20_000, "apply")
    assert (case.late_opening.kind, case.recipient.head.number) == ("newborn", one.head.number)


def test_for_a_child_whom_no_roll_names_the_letter_and_the_account_are_the_receivers(database, var_folder):
    programme, households = programme_of("kosodate-oen-2025")
    born = programme.terms.programme.base_date + timedelta(days=20)
    baby = Newcomer("避難　二郎", "ヒナン　ジロウ", born, "子")
    given = dict(programme=programme, at=LATER)  # noqa: C408
    both = Asked(newcomers=(MOTHER, baby), reached=THERE)
    with pytest.raises(CannotOpenLate, match="児童の分を受け取る方"):
        proposed(entry(programme, "newborn", after=20), both._replace(newcomers=(baby,)), **given)
    with pytest.raises(CannotOpenLate, match="生まれた日です"):
        proposed(entry(programme, "newborn", after=21), both, **given)
    case = opened(entry(programme, "newborn", after=20), both, **given)
    assert case.late_opening.happened_on == born
    (member,) = case.recipient.members.all()
    assert (case.recipient.head.name, member.person.name, case.entitlement.amount_yen) == (
        MOTHER.name, baby.name, 20_000,
    )  # fmt: skip
    assert DoorKey.objects.get(case=case).initials == "ヒ・ハ"
    known = Person.objects.get(number=households[0].head.number)
    twin = baby._replace(name="避難　三郎", kana="ヒナン　サブロウ")
    case = opened(entry(programme, "newborn", after=20), Asked(None, (twin,), known, THERE), **given)
    assert case.recipient.head == known and case.recipient.members.get().person.name == twin.name


def test_the_ticket_of_a_small_child_goes_to_the_head_of_the_household(database, var_folder):
    programme = open_programme(reschedule(version_text("premium-shohinken-2019"), OPENS_ON))
    household = households_of(programme, 20)[0]
    child = newborn_in(programme, household).members[-1]._replace(
        number="0099999998", birth=f"{programme.terms.programme.base_date - timedelta(days=300):%Y/%m/%d}"
    )  # fmt: skip
    take(programme, [household._replace(members=(*household.members, child))])
    make_recipients(programme=programme, words=payee_words(programme))
    by_number = {one.unit_number: one for one in programme.recipient_set.select_related("head")}
    assert by_number[child.number].head.number == household.head.number
    assert by_number[child.number].members.get().person.number == child.number
    grown = next(one for one in household.members if one.birth and one.birth < "2000")
    assert by_number[grown.number].head.number == grown.number
