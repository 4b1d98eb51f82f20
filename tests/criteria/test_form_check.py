"""Deficiencies by field and design: each application counts once, on the form that it answered."""

from datetime import UTC, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.office_day import OfficeDay
from todoku.criteria.form_check import form_check
from todoku.criteria.form_fields import FIELD_OF_CODE, PLACES, pages_of
from todoku.ground.places import var
from todoku.letters.tables import Letter, PrintRun
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.review.checks import FOUND_BY_CHECKS
from todoku.review.codes import CODES
from todoku.sheets.form_layout import boxes_json, compile_layout
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.wording import complete
from todoku.web.office.form_check_page import form_check_context


@pytest.fixture(scope="module")
def boxes():
    """The boxes of the form as a run keeps them."""
    terms = parse(version_text("tokubetsu-teigaku-2020"))
    words = complete("form", wording_of("form", terms, municipality="見本市", mayor="見本市長", mode="apply"))
    return boxes_json(compile_layout("form", words, var("assets", "fonts")))


@pytest.fixture
def office(town, boxes):
    """Twelve households have a form: eight of the first design, four of the second."""
    day = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    day.applicants = day.applicants[:12]
    day.invite(day.applicants)
    for digest, chosen in (("a" * 64, day.applicants[:8]), ("b" * 64, day.applicants[8:])):
        run = PrintRun.objects.create(
            programme=day.programme, kind="form", state="made", made_at=day.at, made_by="印刷", boxes=boxes,
            wording_sha256=digest, pieces=len(chosen),
        )  # fmt: skip
        Letter.objects.bulk_create(
            [Letter(run=run, piece_no=no, case_id=one.case, kind="form") for no, one in enumerate(chosen, 1)]
        )
    return day


def shown(programme):
    return {
        design.digest[:1] if not design.is_web else "web": {
            (one.code, one.field): (one.count, one.of) for one in design.deficient
        }
        for design in form_check(programme)
    }


def test_each_design_counts_its_own_applications_worst_first(office):
    first, second = office.applicants[:8], office.applicants[8:]
    office.arrive(
        *(office.form(one, identity_evidence="") for one in first[:3]),
        office.form(first[3], account_evidence=""),
        *(office.form(one) for one in first[4:6]),
        office.form(second[0], identity_evidence=""),
    )
    office.send_web(first[6])
    office.screen()
    assert shown(office.programme) == {
        "a": {("D20", "identity"): (3, 6), ("D30", "account_proof"): (1, 6)},
        "b": {("D20", "identity"): (1, 1)},
        "web": {},
    }
    worst = form_check(office.programme)[0]
    assert [one.share for one in worst.deficient] == [50.0, 100 / 6]


def test_what_a_person_sends_back_by_hand_counts_where_the_code_stands_and_once(office):
    one, two = office.applicants[:2]
    office.arrive(office.form(one), office.form(two, identity_evidence=""))
    office.verdict("reviewer1", "return", codes=["D31"])
    office.verdict("reviewer2", "return", codes=["D20"])
    assert shown(office.programme) == {"a": {("D20", "identity"): (1, 2), ("D31", "account_proof"): (1, 2)}}


def test_the_check_costs_two_queries_however_much_has_come(office):
    office.arrive(*(office.form(one, identity_evidence="") for one in office.applicants))
    with CaptureQueriesContext(connection) as queries:
        assert len(form_check(office.programme)) == 2
    assert len(queries) == 2


def test_the_page_puts_the_share_beside_the_field(office):
    office.arrive(office.form(office.applicants[0], identity_evidence=""), office.form(office.applicants[1]))
    design = form_check_context(office.programme)["designs"][0]
    fields = [field for page in design["pages"] for field in page["fields"]]
    assert [(name, share) for name, _, share in fields][0] == ("本人確認書類", "50.0%")
    assert "「本人確認書類なし」" in design["finding"] and design["table"].total == 1


def test_before_anything_has_come_there_is_nothing_to_show(office):
    assert form_check(office.programme) == ()


def test_every_field_of_the_form_has_its_boxes(boxes):
    drawn = {field for page in pages_of(boxes, PLACES) for field in page.fields}
    # The sample's form offers one way of receiving and has neither a proxy's block nor a box for declining.
    assert set(PLACES) - drawn <= {"proxy", "decline", "rail"}
    assert set(FIELD_OF_CODE) <= set(CODES) and set(FIELD_OF_CODE.values()) <= set(PLACES)
    assert FOUND_BY_CHECKS - set(FIELD_OF_CODE) == {"D15", "D40", "D42", "D43", "D44"}
