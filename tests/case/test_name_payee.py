"""Who receives instead after a death: one person names him with the order's number, another confirms, and nobody alone."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.case.test_later_changes import (
    LATER,
    applied,
    case_of,
    died,
    programme,
    town,
    without,
)
from tests.enrolled import enrolled
from tests.payee import named, people_of, proposed
from tests.town_fixture import MANAGER, households_of, make_sample_programme, open_sample, take
from tests.units import bring, stage
from todoku.case.apply_changes import apply_changes
from todoku.case.change_rules import WAITS
from todoku.case.decide_change import CannotDecide, decide_change, undo_change
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import Heir, confirm_payee, propose_payee, refuse_payee
from todoku.case.tables import Case
from todoku.people.tables import AuditEvent
from todoku.registry.tables import Person, Recipient
from todoku.registry.take_list import take_list

__all__ = ["programme", "town"]

HEIR = Heir("相続　花子", "ソウゾク　ハナコ", date(1970, 1, 2), "220-0012", "別の市1-2-3", "", "045-000-0000")
SAID = {"then": "estate", "heir": HEIR, "order": "決裁第9号", "why": "戸籍を確認"}


@pytest.fixture
def bereft(programme, town):
    """A household whose head died and whose new head no roll names: the change waits for a person."""
    one = town[0]
    head, second, *others = one.members
    applied(programme, without(town, one._replace(members=(died(head), second, *others))))
    return one, LaterChange.objects.select_related("programme").get()


def payee_of(one) -> Person:
    return case_of(one).recipient.head


def second_of(one) -> Person:
    return Person.objects.get(number=one.members[1].number)


def test_the_case_stays_with_its_payee_until_another_person_has_confirmed(bereft):
    one, change = bereft
    before, (manager, officer) = payee_of(one), people_of(change.programme)
    waits = proposed(change, at=LATER, **SAID)
    change.refresh_from_db()
    assert (change.state, change.outcome, payee_of(one)) == ("waiting", "", before)
    assert (change.waits_for, waits.waited_for) == ("payee", "successor") and "別の人" in WAITS["payee"]
    assert not Person.objects.filter(name=HEIR.name).exists(), "nobody stands among the people on one's word"
    with pytest.raises(CannotDecide, match="本人は確認できません"):
        confirm_payee(waits, actor=manager, at=LATER)
    with pytest.raises(CannotDecide, match="確認を待っています"):
        decide_change(change, then="pay", order="決裁第10号", actor=officer, at=LATER)
    with pytest.raises(CannotDecide, match="確認を待っています"):
        propose_payee(
            change, then="new_head", payee=second_of(one), order="決裁第10号", actor=officer, at=LATER
        )
    done = confirm_payee(waits, actor=officer, at=LATER)
    heir = payee_of(one)
    assert (heir.name, heir.address, heir.postal_code, heir.outside) == (
        HEIR.name,
        HEIR.address,
        "2200012",
        True,
    )
    assert (done.state, done.outcome, done.order, done.actor_name) == (
        "done",
        "estate",
        "決裁第9号",
        officer.name,
    )
    assert (done.payee_before, done.payee_after) == (before, heir)
    with pytest.raises(CannotDecide, match="確認済"):
        confirm_payee(
            waits, actor=enrolled(change.programme.municipality, ["officer2"])["officer2"], at=LATER
        )
    looks = AuditEvent.objects.filter(action="change.decide", subject_id=change.case_id).order_by("pk")
    assert [(one.actor_id, "決裁第9号" in one.reason) for one in looks] == [
        (manager.id, True),
        (officer.id, True),
    ]


def test_what_is_not_confirmed_waits_as_before_and_another_is_named(bereft):
    one, change = bereft
    manager, officer = people_of(change.programme)
    waits = proposed(change, at=LATER, **SAID)
    with pytest.raises(CannotDecide, match="理由"):
        refuse_payee(waits, why=" ", actor=officer, at=LATER)
    assert refuse_payee(waits, why="戸籍の方と違う", actor=officer, at=LATER).state == "refused"
    change.refresh_from_db()
    assert (change.state, change.waits_for) == ("waiting", "successor")
    with pytest.raises(CannotDecide, match="認めない"):
        confirm_payee(waits, actor=officer, at=LATER)
    again = proposed(change, at=LATER, **SAID)
    assert refuse_payee(again, why="氏名を書き間違えた", actor=manager, at=LATER).state == "withdrawn"
    named(change, then="new_head", payee=second_of(one), order="決裁第11号", at=LATER)
    assert payee_of(one) == second_of(one)
    states = PayeeProposal.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["refused", "withdrawn", "confirmed"]


def test_who_left_since_or_a_payee_who_changed_since_is_not_confirmed(bereft):
    one, change = bereft
    officer = people_of(change.programme)[1]
    said = {"then": "new_head", "payee": second_of(one), "order": "決裁第9号"}
    waits = proposed(change, at=LATER, **said)
    Person.objects.filter(pk=second_of(one).pk).update(left_reason="death")
    with pytest.raises(CannotDecide, match="選べません"):
        confirm_payee(waits, actor=officer, at=LATER)
    Person.objects.filter(pk=second_of(one).pk).update(left_reason="")
    other = LaterChange.objects.create(
        programme=change.programme, case=change.case, person=second_of(one), event="moved_out", who="member",
        phase="before_application", rule="ask", found_at=LATER, state="waiting", waits_for="municipality",
    )  # fmt: skip
    named(other, **SAID, at=LATER)
    with pytest.raises(CannotDecide, match="入力の後に変わって"):
        confirm_payee(waits, actor=officer, at=LATER)
    assert payee_of(one).name == HEIR.name


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"order": " "}, "決裁番号"), ({"heir": HEIR._replace(kana="")}, "カナ"), ({"heir": None}, "相続人代表者"),
        ({"heir": HEIR._replace(postal_code="22")}, "7桁"), ({"then": "new_head", "payee": None}, "名簿の方"),
    ],
)  # fmt: skip
def test_what_does_not_say_who_is_meant_is_refused_at_once(bereft, said, says):
    _, change = bereft
    with pytest.raises(CannotDecide, match=says):
        proposed(change, at=LATER, **{**SAID, **said})
    assert not PayeeProposal.objects.exists()


def test_only_people_who_may_name_and_confirm(bereft):
    one, change = bereft
    clerk = enrolled(change.programme.municipality, ["clerk"])["clerk"]
    with pytest.raises(CannotDecide, match="権限"):
        propose_payee(change, **SAID, actor=clerk, at=LATER)
    with pytest.raises(CannotDecide, match="名前のある職員"):
        propose_payee(change, **SAID, actor=MANAGER, at=LATER)
    with pytest.raises(CannotDecide, match="権限"):
        confirm_payee(proposed(change, at=LATER, **SAID), actor=clerk, at=LATER)
    assert payee_of(one).number == one.head.number


def refused(name):
    return pytest.raises(IntegrityError, match=name)


def test_the_database_confirms_nobody_on_one_persons_word_or_on_other_words(bereft):
    one, change = bereft
    manager, officer = people_of(change.programme)
    clerk = enrolled(change.programme.municipality, ["clerk"])["clerk"]
    waits = proposed(change, at=LATER, **SAID)
    mine = PayeeProposal.objects.filter(pk=waits.pk)
    told = {"state": "confirmed", "answered_at": LATER}
    for name, said in (
        ("another_person_confirms_another_payee", told | {"answered_by_id": manager.id}),
        ("another_person_confirms_another_payee", told | {"answered_by_id": officer.id, "state": "withdrawn", "answer_why": "x"}),
        ("another_payee_is_answered_once", told | {"answered_by_id": clerk.id}),
        ("another_payee_is_answered_once", told | {"answered_by_id": officer.id, "name": "別の　人"}),
        ("another_payee_is_answered_once", {"order": "決裁第99号"}),
        ("another_payee_is_answered_once", {"instead_of": second_of(one)}),
    ):  # fmt: skip
        with refused(name), transaction.atomic():
            mine.update(**said)
    fresh = {
        "programme": change.programme, "change": change, "then": "new_head", "payee": second_of(one), "order": "決裁第9号",
        "instead_of": payee_of(one), "waited_for": "successor", "proposed_by_id": manager.id, "proposed_at": LATER,
    }  # fmt: skip
    for name, said in (
        ("a_change_waits_for_one_payee", {}),
        ("another_payee_begins_unconfirmed", told | {"answered_by_id": officer.id}),
        ("another_payee_begins_unconfirmed", {"proposed_by_id": clerk.id}),
        ("another_payee_begins_unconfirmed", {"instead_of": second_of(one)}),
        ("another_payee_is_of_the_roll_or_an_heir", {"payee": None}),
        ("another_payee_is_of_the_roll_or_an_heir", {"name": "別の　人"}),
        ("another_payee_rests_on_an_order", {"order": ""}),
    ):
        with refused(name), transaction.atomic():
            PayeeProposal.objects.create(**fresh | said)
    assert PayeeProposal.objects.get().state == "waiting" and payee_of(one).number == one.head.number


def test_the_database_hands_no_case_over_without_what_two_persons_saw(bereft):
    one, change = bereft
    officer, case = people_of(change.programme)[1], case_of(one)
    head, second = payee_of(one), second_of(one)
    mine, recipient = LaterChange.objects.filter(pk=change.pk), Recipient.objects.filter(pk=case.recipient_id)
    done = {
        "state": "done",
        "outcome": "new_head",
        "order": "決裁第9号",
        "payee_before": head,
        "payee_after": second,
    }
    waits = proposed(change, then="new_head", payee=second, order="決裁第9号", at=LATER)
    for name, rows, said in (
        ("another_payee_was_confirmed", mine, done),
        ("another_payee_was_confirmed", mine, {"payee_before": second}),
        ("a_case_is_handed_over_by_a_change", recipient, {"head": second}),
    ):
        with refused(name), transaction.atomic():
            rows.update(**said)
    made = {
        "programme": change.programme, "case": case, "person": second, "event": "died", "who": "head",
        "phase": "before_application", "rule": "new_head", "found_at": LATER,
    }  # fmt: skip
    stranger = Person.objects.exclude(household_number=head.household_number).filter(is_head=True).first()
    for said in (
        done | {"payee_after": stranger},
        done | {"payee_before": stranger},
        done | {"state": "undone"},
    ):
        with refused("another_payee_was_confirmed"), transaction.atomic():
            LaterChange.objects.create(**made | said)
    confirm_payee(waits, actor=officer, at=LATER)
    for said in ({"payee_after": stranger}, {"payee_before": stranger}, {"state": "waiting"}):
        with refused("another_payee_was_confirmed"), transaction.atomic():
            mine.update(**said)
    assert payee_of(one) == second


def test_the_heirs_words_are_those_that_were_confirmed_last(bereft):
    one, change = bereft
    number = "相" + change.case.number
    with refused("an_heir_is_named_as_confirmed"), transaction.atomic():
        Person.objects.create(
            programme=change.programme, municipality_code=change.programme.municipality_id, number=number,
            household_number=number, name="偽　名", kana="ギメイ", roll_import=payee_of(one).roll_import, outside=True,
        )  # fmt: skip
    named(change, **SAID, at=LATER)
    heir = Person.objects.filter(number=number)
    for said in ({"name": "偽　名"}, {"address": "ほかの市9"}, {"birth_date": date(1971, 1, 1)}):
        with refused("an_heir_is_named_as_confirmed"), transaction.atomic():
            heir.update(**said)
    undo_change(change, order="決裁第12号", why="別の相続人が代表", actor=MANAGER, at=LATER)
    assert payee_of(one).number == one.head.number
    again = LaterChange.objects.create(
        programme=change.programme, case=change.case, person=second_of(one), event="died", who="member",
        phase="before_application", rule="estate", found_at=LATER, state="waiting", waits_for="heir",
    )  # fmt: skip
    other = HEIR._replace(name="相続　次郎", kana="ソウゾク　ジロウ")
    named(again, then="estate", heir=other, order="決裁第13号", at=LATER + timedelta(days=1))
    assert payee_of(one).name == "相続　次郎" and heir.get().kana == "ソウゾク　ジロウ"
    third = LaterChange.objects.create(
        programme=change.programme, case=change.case, person=payee_of(one), event="died", who="head",
        phase="before_application", rule="estate", found_at=LATER, state="waiting", waits_for="heir",
    )  # fmt: skip
    with pytest.raises(CannotDecide, match="いまの受給者も相続人代表者"):
        proposed(third, at=LATER, **SAID)


def test_a_child_goes_to_whom_the_last_list_says_by_the_table_alone(database, var_folder):
    """The Version says so and a list names her: no order, and no second person, is asked for."""
    programme = make_sample_programme("kosodate-oen-2025")
    households = households_of(programme, 20)
    take(programme, households)
    family = next(one for one in households if len(one.members) >= 3)
    father, mother, *_, child = family.members
    born = programme.terms.programme.base_date.replace(year=programme.terms.programme.base_date.year - 8)
    Person.objects.filter(number=child.number).update(birth_date=born)
    bring(
        programme, "allowance", [{"number": child.number, "receiver": father.number, "allowance": "児童手当"}]
    )
    open_sample(programme)
    case = Case.objects.get(recipient__head__number=father.number)
    changed = stage(programme, "allowance", [{"number": child.number, "receiver": mother.number}], at=LATER)
    take_list(changed, only_good=False, actor=MANAGER, at=LATER)
    assert apply_changes(programme=programme, actor=MANAGER, at=LATER).done == 1
    change = LaterChange.objects.get()
    assert (change.event, change.rule, change.outcome, change.order) == (
        "custody_changed", "new_guardian", "new_guardian", "",
    )  # fmt: skip
    case.recipient.refresh_from_db()
    assert case.recipient.head.number == mother.number and not PayeeProposal.objects.exists()
