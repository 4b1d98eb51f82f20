"""A roll is received, looked at, and only then taken; every fault is named with its place and remedy."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.town_fixture import AT, MANAGER, households_of, make_sample_programme, roll_bytes
from todoku.custody import files
from todoku.custody.tables import Parcel
from todoku.registry.import_roll import stage_roll
from todoku.registry.tables import Member, Person, Recipient, RollImport, RollProblem, StagedPerson
from todoku.registry.take_roll import CannotTakeRoll, take_roll
from todoku.sampletown import broken


@pytest.fixture
def programme(database, var_folder):
    return make_sample_programme()


def stage(programme, data, layout="benefit42", **more):
    return stage_roll(data, programme=programme, name="名簿.csv", layout=layout, actor=MANAGER, at=AT, **more)


def take(staged, *, only_good=False, at=AT):
    return take_roll(staged, only_good=only_good, actor=MANAGER, at=at)


def problems_of(staged, severity="error"):
    return list(staged.problems.filter(severity=severity).values_list("line", "column", "kind", "remedy"))


def test_a_clean_roll_becomes_persons_recipients_and_members(programme):
    households = households_of(programme, 40)
    staged = stage(programme, roll_bytes(households))
    persons = sum(len(household.members) for household in households)
    assert (staged.state, staged.encoding, staged.rows_read, staged.rows_good) == (
        "staged", "cp932", persons, persons,
    )  # fmt: skip
    assert Person.objects.count() == 0  # nothing is taken by reading
    report = take(staged)
    assert (report.done, report.waiting) == (persons, 0)
    assert Person.objects.count() == Member.objects.count() == persons
    assert Recipient.objects.count() == len(households) == staged.households
    first = Person.objects.get(number=households[0].head.number)
    assert (first.name, first.kana) == (households[0].head.name, households[0].head.kana)
    assert "　" not in first.search_key and first.name != first.search_key


def test_both_layouts_give_the_same_people(programme):
    households = households_of(programme, 40)
    take(stage(programme, roll_bytes(households)))
    other = stage(programme, roll_bytes(households, "extract"), layout="extract")
    assert other.state == "staged" and other.rows_good == Person.objects.count()
    assert not other.differences.filter(kind__in=["added", "gone"]).exists()


def test_the_same_file_twice_changes_nothing(programme):
    data = roll_bytes(households_of(programme, 20))
    first = stage(programme, data)
    take(first)
    before = (Person.objects.count(), StagedPerson.objects.count(), Parcel.objects.count())
    again = stage(programme, data)
    assert again.pk == first.pk and again.state == "taken"
    assert take(again).done == 0
    assert (Person.objects.count(), StagedPerson.objects.count(), Parcel.objects.count()) == before
    assert RollImport.objects.count() == 1


def test_the_original_is_kept_even_when_the_file_is_refused(programme):
    bad = broken.missing_column()
    staged = stage(programme, bad.data)
    assert staged.state == "refused"
    assert files.read(staged.parcel.path) == bad.data
    assert staged.parcel.hand_overs.get().from_party == "横浜市"


# ---- bad input: each with a clear message, nothing lost, nothing half done ----


def test_a_missing_column_refuses_the_whole_file_by_its_heading(programme):
    staged = stage(programme, broken.missing_column().data)
    assert "生年月日" in staged.refusal and "列を加えて" in staged.refusal
    assert StagedPerson.objects.count() == 0
    with pytest.raises(CannotTakeRoll, match="生年月日"):
        take(staged)


def test_the_roll_of_another_municipality_is_refused(programme):
    staged = stage(programme, broken.wrong_municipality().data)
    assert staged.state == "refused" and "別の市区町村" in staged.refusal
    assert StagedPerson.objects.count() == RollProblem.objects.count() == 0


def test_what_is_no_text_is_refused(programme):
    staged = stage(programme, b"PK\x03\x04" + bytes(200))
    assert staged.state == "refused" and "CSV" in staged.refusal


@pytest.mark.parametrize(
    "case", ["broken_encoding", "two_heads", "duplicate_number", "my_number"], ids=lambda case: case
)
def test_an_error_is_named_and_keeps_its_household_back(programme, case):
    bad = broken.CASES[case](broken.YOKOHAMA)
    staged = stage(programme, bad.data)
    found = problems_of(staged)
    assert (bad.line, bad.column) in [(line, column) for line, column, _, _ in found]
    assert all(remedy for *_, remedy in found)
    with pytest.raises(CannotTakeRoll, match="件の誤り"):
        take(staged)
    assert Person.objects.count() == 0

    report = take(staged, only_good=True)
    staged.refresh_from_db()
    assert staged.state == "taken_good"
    assert 0 < report.done == Person.objects.count() < bad.persons
    assert report.done + report.waiting == bad.persons
    held = StagedPerson.objects.filter(good=False).values("household_number")
    assert not Recipient.objects.filter(household_number__in=held).exists()


@pytest.mark.parametrize("case", ["unknown_postal_code", "impossible_era_year"])
def test_a_doubt_is_flagged_and_taken(programme, case):
    bad = broken.CASES[case](broken.YOKOHAMA)
    staged = stage(programme, bad.data)
    assert problems_of(staged) == []
    assert (bad.line, bad.column) in [(line, column) for line, column, _, _ in problems_of(staged, "warning")]
    assert take(staged).done == bad.persons == Person.objects.count()


def test_heisei_32_is_converted_and_keeps_its_text(programme):
    take(stage(programme, broken.impossible_era_year().data))
    odd = Person.objects.get(birth_text="平成32年5月1日")
    assert odd.birth_date == date(2020, 5, 1)


def test_a_quoted_comma_stays_inside_its_field(programme):
    staged = stage(programme, broken.quoted_commas().data)
    assert staged.errors == staged.warnings == 0
    take(staged)
    assert Person.objects.filter(building='コーポ"緑",101号室').count() == 1


def test_no_problem_carries_the_value_itself(programme):
    staged = stage(programme, broken.my_number().data)
    texts = "".join(str(row) for row in staged.problems.values())
    assert staged.errors and broken.ARITHMETIC_MY_NUMBER not in texts


# ---- killed in the middle ----


class Killed(Exception):
    """What a test throws from the progress call, at which a worker may really die."""


def test_reading_that_was_cut_off_starts_again(programme):
    data = roll_bytes(households_of(programme, 30))

    def dies(done, total):
        raise Killed

    with pytest.raises(Killed):
        stage(programme, data, progress=dies)
    assert RollImport.objects.get().state == "reading" and StagedPerson.objects.exists()
    with pytest.raises(CannotTakeRoll, match="読込みが終わっていません"):
        take(RollImport.objects.get())
    staged = stage(programme, data)
    assert staged.state == "staged" and RollImport.objects.count() == 1
    assert StagedPerson.objects.count() == staged.rows_read


def test_taking_that_was_cut_off_ends_the_same(programme):
    staged = stage(programme, roll_bytes(households_of(programme, 30)))

    def dies(done, total):
        raise Killed

    with pytest.raises(Killed):
        take_roll(staged, only_good=False, actor=MANAGER, at=AT, progress=dies)
    staged.refresh_from_db()
    assert staged.state == "taking"
    assert take(staged).done == staged.rows_good == Person.objects.count() == Member.objects.count()


def test_statements_do_not_grow_with_the_roll(programme):
    counts = []
    for size, day in ((20, 0), (200, 1)):
        data = roll_bytes(households_of(programme, size))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            staged = stage_roll(
                data, programme=programme, name="m.csv", layout="benefit42", actor=MANAGER,
                at=AT + timedelta(days=day),
            )  # fmt: skip
            take(staged)
        counts.append(len(queries))
    # The later roll is compared with the earlier one as well: a handful of statements, not one per line.
    assert counts[1] <= counts[0] + 6
