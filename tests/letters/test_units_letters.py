"""A form for a person, a taxpayer and a receiver of several children: printed and read back like any other."""

import pytest

from tests.town_fixture import ASSETS, AT, MANAGER, OPENS_ON, PRINTER, households_of, take
from tests.units import bring, open_programme
from todoku.case.open_cases import open_cases
from todoku.case.tables import Case
from todoku.letters.make_run import make_form_run
from todoku.letters.pieces import forms_of
from todoku.letters.tables import Letter
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.registry.tables import Person


def opened(shipped, kind, rows_of):
    """A programme of another unit with its roll, one list, and its cases."""
    programme = open_programme(reschedule(version_text(shipped), OPENS_ON))
    households = households_of(programme, 12)
    take(programme, households)
    bring(programme, kind, rows_of(households))
    open_cases(programme=programme, actor=MANAGER, at=AT)
    return programme


def taxes(households):
    return [
        {"number": one.head.number, "tax_class": "課税", "persons": 2, "income_tax": 30_000, "income_levy": 10_000,
         "equal_levy": 5_000, "total_income": 3_000_000}
        for one in households
    ]  # fmt: skip


def untaxed(households):
    return [{"number": member.number, "tax_class": "非課税"} for one in households for member in one.members]


def children(households):
    family = next(one for one in households if len(one.members) > 3)
    numbers = [one.number for one in family.members[-2:]]
    Person.objects.filter(number__in=numbers).update(birth_date="2018-05-05")
    return [{"number": number, "receiver": family.members[1].number} for number in numbers]


@pytest.mark.parametrize(
    ("shipped", "kind", "rows_of", "lines"),
    [
        ("chosei-kyufu-2024", "tax", taxes, [40_000]), ("rinji-fukushi-2015", "tax", untaxed, [6_000]),
        ("kosodate-oen-2025", "allowance", children, [20_000, 20_000]),
    ],
)  # fmt: skip
def test_the_lines_of_a_form_are_those_who_count_and_sum_to_the_amount(
    fonts_dir, database, var_folder, shipped, kind, rows_of, lines
):
    (var_folder / "assets").symlink_to(ASSETS)
    programme = opened(shipped, kind, rows_of)
    cohort = "confirm" if shipped == "chosei-kyufu-2024" else "apply"
    waiting = Case.objects.filter(cohort=cohort, entitlements__amount_yen=sum(lines)).count()
    run = make_form_run(programme=programme, cohort=cohort, actor=PRINTER, at=AT)
    assert run.pieces >= waiting > 0 and Letter.objects.filter(run=run).count() == run.pieces
    pieces = list(forms_of(run, programme.terms, protected=False, done=lambda count: None))
    printed = [[yen for *_, yen in piece.members] for piece in pieces if piece.total_yen == sum(lines)]
    assert lines in printed


def test_a_facility_is_written_to_as_a_body_and_a_ward_through_the_guardian(fonts_dir, database, var_folder):
    (var_folder / "assets").symlink_to(ASSETS)
    programme = open_programme(reschedule(version_text("kosodate-oen-2025"), OPENS_ON))
    households = households_of(programme, 12)
    take(programme, households)
    rows = children(households)
    placed, ward = rows[0]["number"], rows[1]["receiver"]
    bring(programme, "allowance", rows)
    at = {"postal_code": "2200012", "address": "みなと町9-9"}
    bring(programme, "care", [
        {"number": placed, "care": "施設入所", "payee_name": "みなと児童園", "payee_kana": "ミナトジドウエン", **at},
        {"number": ward, "care": "成年後見", "payee_name": "法見　仁", "payee_kana": "ノリミ　ジン", **at},
    ])  # fmt: skip
    open_cases(programme=programme, actor=MANAGER, at=AT)
    # Read back from the file by a query of its own, or it would have been stopped.
    run = make_form_run(programme=programme, cohort="apply", actor=PRINTER, at=AT)
    pieces = list(forms_of(run, programme.terms, protected=False, done=lambda count: None))
    by_name = {piece.addressee: piece for piece in pieces}
    name = Person.objects.get(number=ward).name
    for addressee in ("みなと児童園　御中", f"{name}　成年後見人　法見　仁"):
        assert by_name[addressee].address_lines == ("みなと町9-9",)
        assert len(by_name[addressee].members) == 1
    assert not any(piece.addressee == name for piece in pieces)
