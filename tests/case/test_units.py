"""From the roll and the lists to cases for every unit: taxpayers, persons and children, with the amounts of their Versions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.town_fixture import AT, MANAGER, households_of, take
from tests.units import bring, open_programme, stage, version_for
from todoku.case.late_tables import LateOpening
from todoku.case.members import members_of
from todoku.case.open_cases import open_cases
from todoku.case.tables import Case, DoorKey, NotDue
from todoku.registry.make_recipients import make_recipients
from todoku.registry.tables import Member, Person, Recipient
from todoku.registry.take_list import take_list

CHILDREN = {
    "payee": "guardian",
    "predicates": ("child_allowance", "born_in_range"),
    "amount": "20000",
    "extra": "born_on_or_after = 2008-04-02\nborn_on_or_before = 2027-03-31",
}
PERSONS = {
    "payee": "self",
    "predicates": ("resident_on_base_date", "self_untaxed", "not_dependent_of_taxed"),
    "amount": "6000",
}
LATER = AT + timedelta(days=20)


def programme_for(unit, size=20, slug="sample", **given):
    """A programme with the roll of a small town; the households beside it."""
    programme = open_programme(version_for(unit, **given), slug)
    households = households_of(programme, size)
    take(programme, households)
    return programme, households


def opened(programme, at=AT):
    return open_cases(programme=programme, actor=MANAGER, at=at)


def amounts():
    """Of each case: whose it is by number, what is due, how many count, and its cohort."""
    rows = Case.objects.values_list(
        "recipient__head__number", "entitlements__amount_yen", "entitlements__member_count", "cohort"
    )
    return {number: (yen, count, cohort) for number, yen, count, cohort in rows}


def taxpayer(number, persons, tax, levy, **more):
    return {
        "number": number, "total_income": 3_000_000, "persons": persons, "income_tax": tax, "income_levy": levy,
        "equal_levy": 5000 if levy else 0, **more,
    }  # fmt: skip


@pytest.fixture
def taxpayers(database, var_folder):
    return programme_for("taxpayer")


@pytest.fixture
def children(database, var_folder):
    return programme_for("child", **CHILDREN)


@pytest.fixture
def persons(database, var_folder):
    return programme_for("person", **PERSONS)


def test_each_taxpayer_of_the_list_is_a_recipient_with_the_published_amounts(taxpayers):
    programme, households = taxpayers
    a, b, c, d, *_ = [one.head.number for one in households]
    bring(programme, "tax", [
        taxpayer(a, 4, 15_000, 38_000), taxpayer(b, 1, 15_500, 25_000), taxpayer(c, 1, 30_000, 10_000),
        taxpayer(d, 1, 15_500, 25_000, total_income=18_050_001),
    ])  # fmt: skip
    report = opened(programme)
    assert (
        report.done == 2 and "計算した額が0円 1件" in report.note and "所得の上限を超える 1件" in report.note
    )
    assert amounts() == {a: (110_000, 1, "confirm"), b: (20_000, 1, "confirm")}
    assert Recipient.objects.count() == Member.objects.count() == 4
    assert opened(programme).done == 0


def test_a_corrected_tax_opens_the_case_once_and_says_why(taxpayers):
    programme, households = taxpayers
    number = households[0].head.number
    bring(programme, "tax", [taxpayer(number, 1, 30_000, 10_000)])
    assert opened(programme).done == 0
    assert NotDue.objects.get().reason == "nothing_due" and not LateOpening.objects.exists()
    corrected = stage(programme, "tax", [taxpayer(number, 2, 30_000, 10_000)], at=LATER)
    take_list(corrected, only_good=False, actor=MANAGER, at=LATER)
    assert opened(programme, LATER).done == 1 and opened(programme, LATER).done == 0
    late = LateOpening.objects.get()
    assert (late.kind, late.earlier_reason) == ("corrected_tax", "nothing_due") and "0円" in late.why
    assert amounts()[number][0] == 40_000


def test_each_resident_is_a_recipient_and_the_lists_decide(persons):
    programme, households = persons
    every = [member for one in households for member in one.members]
    taxed, dependant, *others = [member.number for member in every]
    bring(programme, "tax", [
        {"number": taxed, "tax_class": "課税"}, {"number": dependant, "tax_class": "非課税", "dependant_of": taxed},
        *({"number": number, "tax_class": "非課税"} for number in others),
    ])  # fmt: skip
    opened(programme)
    assert Recipient.objects.count() == Member.objects.count() == len(every)
    reasons = dict(NotDue.objects.values_list("recipient__head__number", "reason"))
    assert reasons[taxed] == "self_taxed" and reasons[dependant] == "dependent_of_taxed"
    assert set(amounts().values()) <= {(6000, 1, "confirm"), (6000, 1, "apply")}
    assert Case.objects.count() + len(reasons) == len(every)


def test_where_the_head_receives_for_each_person_the_case_is_the_persons_and_the_payee_the_head(
    database, var_folder
):
    programme, households = programme_for("person", **{**PERSONS, "payee": "head"})
    family = next(one for one in households if len(one.members) > 1)
    bring(programme, "tax", [{"number": member.number, "tax_class": "1"} for member in family.members])
    opened(programme)
    theirs = Recipient.objects.filter(household_number=family.number)
    assert theirs.count() == len(family.members)
    assert {one.head.number for one in theirs} == {family.head.number}
    member = family.members[-1]
    recipient = theirs.get(unit_number=member.number)
    assert recipient.members.get().person.number == member.number


def family_with_children(households, count=2):
    """A household and its last members as children; the roll of the sample town knows their births."""
    return next(one for one in households if len(one.members) >= count + 2)


def test_a_receivers_children_are_one_case(children):
    programme, households = children
    family = family_with_children(households)
    receiver, (first, second) = family.members[1], family.members[-2:]
    Person.objects.filter(number__in=[first.number, second.number]).update(birth_date="2016-05-05")
    bring(programme, "allowance", [
        {"number": one.number, "receiver": receiver.number, "allowance": "児童手当"} for one in (first, second)
    ])  # fmt: skip
    opened(programme)
    assert amounts()[receiver.number] == (40_000, 2, "confirm")
    recipient = Recipient.objects.get(unit_number=receiver.number)
    lines = members_of([recipient.pk])[recipient.pk]
    assert {line.rule.allowance for line in lines} == {"regular"} and len(lines) == 2
    assert DoorKey.objects.get(case__recipient=recipient).lookup_token


def test_a_child_without_an_allowance_is_its_heads_and_not_due_by_that_list(children):
    programme, households = children
    family = family_with_children(households)
    child = family.members[-1]
    Person.objects.filter(number=child.number).update(birth_date="2016-05-05")
    opened(programme)
    recipient = Recipient.objects.get(members__person__number=child.number)
    assert recipient.head.number == family.head.number
    # Whether the allowance is paid elsewhere can still be shown: an application is asked for.
    assert Case.objects.get(recipient=recipient).cohort == "apply"


def test_of_children_who_are_not_all_due_the_others_are_paid_for(children):
    programme, households = children
    family = family_with_children(households)
    receiver, (first, second) = family.members[1], family.members[-2:]
    Person.objects.filter(number=first.number).update(birth_date="2016-05-05")
    Person.objects.filter(number=second.number).update(birth_date="2008-04-01")  # a day too old
    rows = [{"number": one.number, "receiver": receiver.number} for one in (first, second)]
    bring(programme, "allowance", rows)
    opened(programme)
    assert amounts()[receiver.number] == (20_000, 1, "confirm")


def test_a_facility_receives_for_the_children_placed_there(database, var_folder):
    extra = CHILDREN["extra"] + '\n[payee]\nin_facility = "facility"'
    programme, households = programme_for("child", **{**CHILDREN, "extra": extra})
    numbers = [one.members[-1].number for one in households if len(one.members) > 2][:2]
    Person.objects.filter(number__in=numbers).update(birth_date="2016-05-05")
    place = {"care": "施設入所", "payee_name": "ひかり園", "payee_kana": "ヒカリエン", "address": "本町1-1"}
    bring(programme, "care", [{"number": number, **place} for number in numbers])
    bring(programme, "allowance", [{"number": number, "receiver": ""} for number in numbers])
    opened(programme)
    recipient = Recipient.objects.get(head__name="ひかり園")
    assert set(recipient.members.values_list("person__number", flat=True)) == set(numbers)
    assert Case.objects.get(recipient=recipient).entitlement.amount_yen == 40_000


def test_a_person_counts_in_at_most_one_recipient_also_when_the_receiver_changes_before_the_case(children):
    programme, households = children
    family = family_with_children(households)
    mother, father, child = family.members[0], family.members[1], family.members[-1]
    Person.objects.filter(number=child.number).update(birth_date="2016-05-05")
    bring(programme, "allowance", [{"number": child.number, "receiver": father.number}])
    make_recipients(programme=programme)
    changed = stage(programme, "allowance", [{"number": child.number, "receiver": mother.number}], at=LATER)
    take_list(changed, only_good=False, actor=MANAGER, at=LATER)
    opened(programme, LATER)
    member = Member.objects.get(person__number=child.number, superseded_by_order="")
    assert member.recipient.head.number == mother.number
    reasons = dict(NotDue.objects.values_list("recipient__head__number", "reason"))
    assert reasons.get(father.number) == "no_members"


def test_a_child_that_comes_after_the_case_is_a_case_of_its_own_and_the_first_stays(children):
    programme, households = children
    family = family_with_children(households)
    receiver, (first, second) = family.members[1], family.members[-2:]
    Person.objects.filter(number__in=[first.number, second.number]).update(birth_date="2016-05-05")
    bring(programme, "allowance", [{"number": first.number, "receiver": receiver.number}])
    Person.objects.filter(number=second.number).update(birth_date="2001-01-01")
    opened(programme)
    Person.objects.filter(number=second.number).update(birth_date="2016-05-05")
    rows = [{"number": one.number, "receiver": receiver.number} for one in (first, second)]
    more = stage(programme, "allowance", rows, at=LATER)
    take_list(more, only_good=False, actor=MANAGER, at=LATER)
    assert opened(programme, LATER).done == 1
    cases = Case.objects.filter(recipient__head__number=receiver.number).order_by("pk")
    assert [case.recipient.unit_number for case in cases] == [receiver.number, second.number]
    assert [case.entitlement.amount_yen for case in cases] == [20_000, 20_000]


def test_a_later_roll_leaves_open_cases_as_they_are(persons):
    programme, households = persons
    bring(programme, "tax", [{"number": one.head.number, "tax_class": "1"} for one in households])
    opened(programme)
    before = sorted(Member.objects.values_list("recipient_id", "person_id", "superseded_by_order"))
    take(programme, households[:-1], at=LATER)
    assert opened(programme, LATER).done == 0
    assert sorted(Member.objects.values_list("recipient_id", "person_id", "superseded_by_order")) == before


@pytest.mark.parametrize(("unit", "given"), [("person", PERSONS), ("child", CHILDREN), ("taxpayer", {})])
def test_statements_do_not_grow_with_the_recipients(database, var_folder, unit, given):
    counts = []
    for slug, size in (("few", 10), ("many", 80)):
        programme, households = programme_for(unit, size, slug, **given)
        rows = [taxpayer(one.head.number, 3, 10_000, 10_000) for one in households]
        bring(programme, "tax", rows)
        with CaptureQueriesContext(connection) as queries:
            assert opened(programme).done or unit == "child"
        counts.append(len(queries))
    assert counts[0] == counts[1]
