"""Lists beside the roll: staged, held against the roll, taken whole or by choice, and the same again changes nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.town_fixture import AT, MANAGER, households_of, make_sample_programme, take
from tests.units import bring, list_bytes, stage
from todoku.custody.tables import Parcel
from todoku.registry.import_list import stage_list
from todoku.registry.list_tables import (
    AllowanceFact,
    CareFact,
    EarlierFact,
    FactImport,
    FactProblem,
    StagedFact,
    TaxFact,
)
from todoku.registry.staging import decline
from todoku.registry.tables import KnownAccount, Person
from todoku.registry.take_list import CannotTakeList, take_list


@pytest.fixture
def programme(database, var_folder):
    return make_sample_programme()


@pytest.fixture
def family(programme):
    """Twenty households on the roll; the first with a child, its members head first."""
    households = households_of(programme, 20)
    take(programme, households)
    return next(one.members for one in households if len(one.members) > 2)


def test_a_list_is_staged_and_nothing_taken_until_somebody_decides(programme, family):
    head, *_ = family
    read = stage(programme, "tax", [{"number": head.number, "tax_class": "非課税", "total_income": "0"}])
    assert (read.state, read.rows_read, read.rows_good, read.errors) == ("staged", 1, 1, 0)
    assert read.unlisted == Person.objects.count() - 1
    assert not TaxFact.objects.exists()
    report = take_list(read, only_good=False, actor=MANAGER, at=AT)
    assert report.done == 1 and "課税情報" in report.note
    assert TaxFact.objects.get().tax_class == "untaxed"
    assert Parcel.objects.get(kind="tax").record_count == 1


def test_the_same_list_again_changes_nothing_and_a_later_one_replaces_what_it_names(programme, family):
    head, other, *_ = family
    rows = [
        {"number": one.number, "tax_class": "課税", "income_levy": 1, "equal_levy": 1}
        for one in (head, other)
    ]
    bring(programme, "tax", rows)
    again = bring(programme, "tax", rows)
    assert "取込済み" in again.note and FactImport.objects.count() == 1
    corrected = [{"number": head.number, "tax_class": "非課税", "income_levy": 0, "equal_levy": 0}]
    assert take_list(stage(programme, "tax", corrected, at=AT + timedelta(days=9)), only_good=False, actor=MANAGER,
                     at=AT).done == 1  # fmt: skip
    assert dict(TaxFact.objects.values_list("person__number", "tax_class")) == {
        head.number: "untaxed", other.number: "taxed",
    }  # fmt: skip


def test_a_list_with_a_fault_is_taken_only_by_choice_and_without_that_line(programme, family):
    head, other, *_ = family
    rows = [{"number": head.number, "tax_class": "3"}, {"number": other.number, "tax_class": "謎"}]
    read = stage(programme, "tax", rows)
    problem = FactProblem.objects.get(severity="error")
    assert (read.errors, problem.line, problem.column) == (1, 3, "課税区分")
    with pytest.raises(CannotTakeList, match="1件の誤り"):
        take_list(read, only_good=False, actor=MANAGER, at=AT)
    report = take_list(read, only_good=True, actor=MANAGER, at=AT)
    assert (report.done, report.waiting) == (1, 1)
    assert TaxFact.objects.get().person.number == head.number
    assert FactImport.objects.get().state == "taken_good"


def test_who_is_on_no_roll_is_named_and_left_out(programme, family):
    read = stage(
        programme,
        "tax",
        [{"number": "9999999999", "tax_class": "1"}, {"number": family[0].number, "tax_class": "1"}],
    )
    assert (read.rows_read, read.rows_good, read.unmatched, read.warnings) == (2, 1, 1, 1)
    take_list(read, only_good=False, actor=MANAGER, at=AT)
    assert TaxFact.objects.count() == 1


def test_a_file_that_is_no_list_is_kept_and_refused(programme, family):
    read = stage_list(
        "氏名\r\n甲\r\n".encode("cp932"), programme=programme, name="x.csv", kind="tax", actor=MANAGER, at=AT
    )
    assert read.state == "refused" and "宛名番号" in read.refusal
    assert Parcel.objects.filter(kind="tax").count() == 1 and not StagedFact.objects.exists()
    with pytest.raises(CannotTakeList, match="宛名番号"):
        take_list(read, only_good=True, actor=MANAGER, at=AT)


def test_before_any_roll_no_list_is_taken(programme):
    read = stage(programme, "earlier", [{"number": "1"}])
    with pytest.raises(CannotTakeList, match="先に名簿"):
        take_list(read, only_good=False, actor=MANAGER, at=AT)


def test_an_older_list_does_not_overwrite_a_newer_one_and_a_declined_one_is_gone(programme, family):
    number = family[0].number
    older = stage(programme, "tax", [{"number": number, "tax_class": "1"}])
    newer = stage(programme, "tax", [{"number": number, "tax_class": "3"}], at=AT + timedelta(days=1))
    take_list(newer, only_good=False, actor=MANAGER, at=AT)
    with pytest.raises(CannotTakeList, match="後に受け取った"):
        take_list(older, only_good=False, actor=MANAGER, at=AT)
    assert decline(older, actor=MANAGER, at=AT).done == 1
    assert not StagedFact.objects.filter(fact_import=older).exists()


def test_a_childs_receiver_and_account_come_with_the_allowance(programme, family):
    head, other, child, *_ = family
    account = {
        "bank": "0138",
        "branch": "200",
        "account_kind": "普通",
        "account": "1234567",
        "holder": "ﾔﾏﾀﾞ ﾀﾛｳ",
    }
    rows = [
        {
            "number": child.number,
            "receiver": other.number,
            "allowance": "児童手当",
            "month": "令和7年9月",
            **account,
        },
        {"number": "8888888888", "receiver": other.number, "name": "別居　花子", "birth_date": "2015/05/05"},
        {"number": "7777777777", "receiver": other.number},
    ]
    read = stage(programme, "allowance", rows)
    assert (read.rows_good, read.unmatched, read.errors) == (2, 1, 0)
    take_list(read, only_good=False, actor=MANAGER, at=AT)
    fact = AllowanceFact.objects.get(person__number=child.number)
    assert (fact.receiver.number, fact.allowance, f"{fact.month}") == (other.number, "regular", "2025-09-01")
    apart = Person.objects.get(number="8888888888")
    assert apart.outside and not apart.is_head and apart.birth_date.year == 2015
    known = KnownAccount.objects.get(person__number=other.number)
    assert (known.number, known.source) == ("1234567", "児童手当")


def test_who_is_outside_the_roll_does_not_go_missing_with_the_next_one(programme, family):
    apart = {"number": "8888888888", "name": "別居　花子", "birth_date": "2015/05/05"}
    bring(programme, "allowance", [apart | {"receiver": family[0].number}])
    take(programme, households_of(programme, 19), at=AT + timedelta(days=1))
    assert Person.objects.get(number="8888888888").in_latest_roll
    assert Person.objects.filter(in_latest_roll=False).exists()


def test_a_facility_is_one_payee_for_all_who_live_there(programme, family):
    place = {
        "care": "施設入所",
        "payee_name": "ひかり園",
        "address": "本町1-1",
        "postal_code": "123-4567",
        "since": "2020/04/01",
    }
    numbers = [one.number for one in family[:2]]
    bring(
        programme,
        "care",
        [{"number": number, **place} for number in numbers] + [{"number": numbers[0], "care": "生保"}],
    )
    payees = set(CareFact.objects.filter(care="facility").values_list("payee__number", flat=True))
    (number,) = payees
    payee = Person.objects.get(number=number)
    assert payee.outside and (payee.name, payee.postal_code, payee.facility) == (
        "ひかり園",
        "1234567",
        "ひかり園",
    )
    assert CareFact.objects.get(care="public_assistance").payee is None


def test_an_earlier_target_is_known_by_person_or_by_household(programme, family):
    household = Person.objects.get(number=family[0].number).household_number
    rows = [
        {"number": family[1].number, "outcome": "辞退"},
        {"household_number": household, "outcome": "支給済", "elsewhere": "1", "amount_yen": "70,000円"},
        {"number": "9999999999", "outcome": "支給"},
    ]
    assert bring(programme, "earlier", rows).done == 2
    assert set(EarlierFact.objects.values_list("outcome", "elsewhere")) == {
        ("declined", False),
        ("paid", True),
    }


def test_statements_do_not_grow_with_the_list(database, var_folder):
    counts = []
    for slug, size in (("few", 5), ("many", 60)):
        programme = make_sample_programme(slug=slug)
        households = households_of(programme, size)
        take(programme, households)
        rows = [{"number": member.number, "tax_class": "1"} for one in households for member in one.members]
        data = list_bytes("tax", rows)
        with CaptureQueriesContext(connection) as queries:
            read = stage_list(data, programme=programme, name="a.csv", kind="tax", actor=MANAGER, at=AT)
            take_list(read, only_good=False, actor=MANAGER, at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]
