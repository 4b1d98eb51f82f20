"""Handed over: the office's own readers find in the town's files exactly what the town put there."""

from datetime import date

import pytest

from todoku.formats import postal
from todoku.formats import roll as reader
from todoku.sampletown import broken, places, town
from todoku.sampletown.places import Municipality
from todoku.sampletown.write import write_town

YOKOHAMA = places.YOKOHAMA.code


def test_both_rolls_are_read_without_an_error_and_to_the_last_person(written):
    rows, problems = reader.read_rows((written.folder / "roll.csv").read_bytes(), "benefit42", YOKOHAMA)
    _later, later_problems = reader.read_rows(
        (written.folder / "roll_later.csv").read_bytes(), "benefit42", YOKOHAMA
    )
    assert len(rows) == written.manifest.persons
    assert {problem.severity for problem in problems + later_problems} == {"warning"}


def test_the_reader_finds_the_marks_that_the_manifest_counts(written):
    rows, _problems = reader.read_rows((written.folder / "roll.csv").read_bytes(), "benefit42", YOKOHAMA)
    heads = [row for row in rows if row.is_head]
    counted = written.manifest.kinds
    assert len(heads) == written.manifest.households
    assert sum(row.protected for row in heads) == counted["support_measures"]
    assert sum(bool(row.facility) for row in heads) == counted["facility_resident"]
    assert sum(row.has_gaiji for row in heads) == counted["private_character"]
    assert sum(row.left_reason == "death" for row in heads) == counted["died_after_base"]
    assert sum(row.left_reason == "moved" for row in heads) == counted["moved_out_after_base"]
    assert sum(row.birth_date is None for row in heads) == counted["unknown_birth"]


def test_the_reader_counts_as_many_untaxed_households_as_the_manifest(written):
    rows, _problems = reader.read_rows((written.folder / "roll.csv").read_bytes(), "benefit42", YOKOHAMA)
    taxed = {row.household_number for row in rows if row.tax_class != "untaxed"}
    untaxed = {row.household_number for row in rows} - taxed
    assert len(untaxed) == written.manifest.tax["untaxed"]


def test_both_layouts_are_read_to_the_same_people(tmp_path):
    terms = {"seed": 3, "households": 300, "base_date": date(2026, 10, 1), "opened_on": date(2026, 11, 2)}
    read = {}
    for layout in ("benefit42", "extract"):
        write_town(tmp_path / layout, layout=layout, **terms)
        rows, _problems = reader.read_rows((tmp_path / layout / "roll.csv").read_bytes(), layout, YOKOHAMA)
        read[layout] = [row._replace(birth_text="") for row in rows]
    assert read["benefit42"] == read["extract"]


@pytest.mark.parametrize(
    "case", [name for name in broken.CASES if broken.CASES[name](places.YOKOHAMA).line == 0]
)
def test_a_roll_that_is_wrong_as_a_whole_is_refused(case):
    with pytest.raises(reader.RollRefused) as refused:
        reader.read_rows(broken.CASES[case](places.YOKOHAMA).data, "benefit42", YOKOHAMA)
    assert refused.value.sentence.endswith("ください。")


@pytest.mark.parametrize(
    "case", [name for name in broken.CASES if broken.CASES[name](places.YOKOHAMA).line > 0]
)
def test_a_fault_in_one_line_is_named_by_line_and_column(case):
    made = broken.CASES[case](places.YOKOHAMA)
    rows, problems = reader.read_rows(made.data, "benefit42", YOKOHAMA)
    found = [(problem.severity, problem.line, problem.column) for problem in problems]
    assert found == ([] if made.severity == broken.FINE else [(made.severity, made.line, made.column)])
    assert (len(rows) == made.persons) == (made.severity != broken.ERROR)


@pytest.mark.parametrize(
    ("code", "name"), [("141003", "横浜市"), ("261009", "京都市"), ("014087", "余市町"), ("052124", "大仙市")]
)
def test_every_address_divides_into_a_town_of_its_postal_code_and_a_house_number(code, name):
    for each in town.build(7, 300, Municipality(code, name), date(2026, 10, 1)):
        up_to_town, house = postal.split_address(each.address.postal_code, each.address.street)
        assert up_to_town.startswith((name, "余市郡"))
        assert house[0].isdigit()
