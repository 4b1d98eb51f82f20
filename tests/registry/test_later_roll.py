"""A later roll is first a report of differences, then an upsert; who is counted for an open case does not change."""

from datetime import timedelta

import pytest

from tests.town_fixture import (
    AT,
    MANAGER,
    households_of,
    make_sample_programme,
    open_sample,
    roll_bytes,
    take,
)
from todoku.case.open_cases import CannotOpenCases, open_cases
from todoku.registry.import_roll import stage_roll
from todoku.registry.tables import FixedMembers, Member, Person, Recipient, RollImport
from todoku.registry.take_roll import CannotTakeRoll, take_roll

LATER = AT + timedelta(days=42)


@pytest.fixture
def programme(database, var_folder):
    return make_sample_programme()


@pytest.fixture
def households(programme):
    """Forty households, taken; the first two have two members or more."""
    found = sorted(households_of(programme, 40), key=lambda household: len(household.members) < 2)
    take(programme, found)
    return found


def stage(programme, households, at=LATER):
    return stage_roll(
        roll_bytes(households),
        programme=programme,
        name="later.csv",
        layout="benefit42",
        actor=MANAGER,
        at=at,
    )


def take_staged(staged, at=LATER):
    return take_roll(staged, only_good=False, actor=MANAGER, at=at)


def differences(staged, kind):
    return dict(staged.differences.filter(kind=kind).values_list("number", "fields"))


def with_head(household, **changes):
    return household._replace(members=(household.head._replace(**changes), *household.members[1:]))


def test_the_first_roll_has_no_differences_and_a_later_one_names_them(programme, households):
    assert not RollImport.objects.get().differences.exists()
    renamed, gone, *rest = households
    newcomer = households_of(programme, 41)[-1]
    head = renamed.head
    staged = stage(
        programme, [with_head(renamed, name="改姓　太郎", kana="カイセイ　タロウ"), *rest, newcomer]
    )
    assert differences(staged, "changed") == {head.number: ["name", "kana"]}
    assert set(differences(staged, "added")) == {person.number for person in newcomer.members}
    assert set(differences(staged, "gone")) == {person.number for person in gone.members}
    assert Person.objects.get(number=head.number).name == head.name  # nothing taken yet


def test_taking_it_changes_adds_and_marks_but_deletes_nobody(programme, households):
    renamed, gone, *rest = households
    before = Person.objects.count()
    take_staged(stage(programme, [with_head(renamed, name="改姓　太郎"), *rest]))
    assert Person.objects.count() == before
    assert Person.objects.get(number=renamed.head.number).name == "改姓　太郎"
    left = Person.objects.filter(in_latest_roll=False)
    assert set(left.values_list("number", flat=True)) == {person.number for person in gone.members}
    # Before any case, the roll itself is the order by which they no longer count.
    assert set(Member.objects.exclude(superseded_by_order="").values_list("person__number", flat=True)) == {
        person.number for person in gone.members
    }
    report = open_cases(programme=programme, actor=MANAGER, at=LATER)
    assert "数える世帯員がいない" in report.note


def test_who_returns_is_counted_again(programme, households):
    gone, *rest = households
    take_staged(stage(programme, rest))
    back = stage(programme, [gone._replace(phone="090-0000-0001"), *rest], at=LATER + timedelta(days=1))
    assert "in_latest_roll" in differences(back, "changed")[gone.head.number]
    take_staged(back)
    assert Person.objects.filter(in_latest_roll=False).count() == 0
    counted = Member.objects.filter(person__number=gone.head.number, superseded_by_order="")
    assert counted.count() == 1


def moved_between(first, second):
    """The last member of the first household moves into the second."""
    mover = first.members[-1]._replace(relation="同居人")
    return (
        mover,
        first._replace(members=first.members[:-1]),
        second._replace(members=(*second.members, mover)),
    )


def test_before_a_case_a_move_between_households_moves_the_member(programme, households):
    first, second, *rest = households
    mover, first, second = moved_between(first, second)
    take_staged(stage(programme, [first, second, *rest]))
    member = Member.objects.get(person__number=mover.number, superseded_by_order="")
    assert member.recipient.household_number == second.number
    assert not RollImport.objects.latest("pk").differences.filter(kind="members").exists()


def test_after_a_case_a_person_must_look_and_nobody_is_moved(programme, households):
    open_sample(programme)
    assert FixedMembers.objects.exists()
    first, second, *rest = households
    mover, changed, second = moved_between(first, second)
    staged = stage(programme, [changed, second, *rest])
    assert differences(staged, "members") == {mover.number: ["household_number"]}
    take_staged(staged)
    assert Person.objects.get(number=mover.number).household_number == second.number
    member = Member.objects.get(person__number=mover.number, superseded_by_order="")
    assert member.recipient.household_number == first.number


def test_after_a_case_a_new_member_and_a_new_head_are_reported_not_taken(programme, households):
    open_sample(programme)
    first, *rest = households
    head, heir, *others = first.members
    child = head._replace(number="0099999999", relation="子", birth="2026/11/30", marks=())
    after = first._replace(
        members=(heir._replace(relation="世帯主"), head._replace(relation="夫"), *others, child)
    )
    staged = stage(programme, [after, *rest])
    assert differences(staged, "members") == {
        head.number: ["is_head"], heir.number: ["is_head"], child.number: ["household_number"],
    }  # fmt: skip
    take_staged(staged)
    assert Recipient.objects.get(household_number=first.number).head.number == head.number
    assert not Member.objects.filter(person__number=child.number).exists()


def test_a_death_in_a_counted_household_is_reported_once(programme, households):
    open_sample(programme)
    first, *rest = households
    died = with_head(first, marks=("死亡",), removed_on="2026/12/01", removed_for="死亡")
    staged = stage(programme, [died, *rest])
    assert differences(staged, "members") == {first.head.number: ["left_reason"]}
    take_staged(staged)
    again = stage(programme, [died._replace(phone="090-0000-0009"), *rest], at=LATER + timedelta(days=1))
    assert differences(again, "members") == {}
    assert differences(again, "changed") == {first.head.number: ["phone"]}


def test_an_older_delivery_cannot_overwrite_a_newer_one(programme, households):
    older = stage(programme, households[1:], at=LATER)
    newer = stage(programme, households[2:], at=LATER + timedelta(days=1))
    take_staged(newer)
    older.refresh_from_db()
    assert older.state == "replaced"
    with pytest.raises(CannotTakeRoll, match="差し替えられました"):
        take_staged(older)


def test_no_case_is_opened_from_a_half_taken_roll(programme, households):
    RollImport.objects.update(state="taking")
    with pytest.raises(CannotOpenCases, match="途中"):
        open_cases(programme=programme, actor=MANAGER, at=AT)


def test_with_a_line_that_could_not_be_read_nobody_is_said_to_be_gone(programme, households):
    lines = roll_bytes(households[1:]).split(b"\r\n")
    lines[-2] += b",x"
    staged = stage_roll(
        b"\r\n".join(lines), programme=programme, name="cut.csv", layout="benefit42", actor=MANAGER, at=LATER
    )
    assert not staged.differences.filter(kind="gone").exists()
    report = take_roll(staged, only_good=True, actor=MANAGER, at=LATER)
    assert "読めない行がある" in report.note
    assert not Person.objects.filter(in_latest_roll=False).exists()
