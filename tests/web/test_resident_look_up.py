"""Opening a case: number and birth date for the status, the letter's key for applying; nothing told to who guesses."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.open_today import letters, open_today
from tests.web.resident import Resident, errors_of, statements, text_of
from todoku.case.tables import DoorKey
from todoku.formats.codes import case_number
from todoku.intake.failed_lookups import NUMBER_FAILURES_MAX
from todoku.people.tables import AuditEvent


@pytest.fixture
def letter(town):
    open_today(town.programme)
    return letters(town.programme)[0]


@pytest.fixture
def resident(letter, at_door):
    with at_door("resident"):
        yield Resident(letter)


def bare(response, number):
    """A page without what differs by nature: the token of the form and the number that was typed."""
    body = response.content.decode().replace(number, "NUMBER")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)


UNKNOWN = next(number for n in range(100) if (number := case_number(f"{700_000_000_000 + n}")))


def test_number_and_birth_date_open_the_status(resident):
    assert resident.look_up().headers["Location"] == "/sample/status/"
    assert "お名前の頭文字" in text_of(resident.get("status/"))


@pytest.mark.parametrize(
    ("era", "year"), [("西暦", "{0}"), ("昭和", "{0}"), ("昭和", "{1}"), ("昭和", "６３")]
)
def test_the_year_may_be_western_or_of_an_era_in_any_width(town, at_door, era, year):
    open_today(town.programme)
    found = next(one for one in letters(town.programme) if date(1927, 1, 1) <= one.born < date(1989, 1, 1))
    if year == "６３":
        found = next((one for one in letters(town.programme) if one.born.year == 1988), None) or found
        year = "".join(chr(ord(d) + 0xFEE0) for d in str(found.born.year - 1925))
    typed = year.format(found.born.year, found.born.year - 1925)
    answers = {
        "number": found.number,
        "era": era,
        "year": typed,
        "month": found.born.month,
        "day": found.born.day,
    }
    with at_door("resident"):
        assert Resident(found).post("look-up/", answers).status_code == 302


def test_a_wrong_birth_date_and_an_unknown_number_get_the_same_bytes(resident, letter):
    wrong = resident.look_up(born=date(1901, 2, 3))
    unknown = Resident(letter).look_up(number=UNKNOWN, born=date(1901, 2, 3))
    assert "確認できませんでした" in errors_of(wrong)
    assert (wrong.status_code, bare(wrong, letter.number)) == (unknown.status_code, bare(unknown, UNKNOWN))


def test_wrong_and_unknown_cost_the_same_queries(resident, letter):
    def queries(number, born):
        with CaptureQueriesContext(connection) as captured:
            resident.look_up(number=number, born=born)
        return [re.sub(r"'[^']*'", "?", query["sql"]) for query in captured]

    assert queries(letter.number, date(1901, 2, 3)) == queries(UNKNOWN, date(1901, 2, 3))


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "お問い合わせ番号を入力してください"),
        ({"number": "1234"}, "13桁の数字です"),
        ({"number": "1234567890123"}, "写し間違い"),
        ({"number": UNKNOWN, "era": "西暦", "year": "55", "month": "1", "day": "2"}, "生年月日を"),
        ({"number": UNKNOWN, "era": "昭和", "year": "55", "month": "13", "day": "2"}, "生年月日を"),
    ],
)
def test_what_can_be_seen_to_be_wrong_is_said_with_the_remedy(resident, answers, words):
    answered = resident.post("look-up/", answers)
    assert (answered.status_code, words in errors_of(answered)) == (200, True)


def test_who_fails_too_often_is_asked_to_telephone_even_with_the_right_date(resident, letter):
    for _ in range(NUMBER_FAILURES_MAX):
        assert resident.look_up(born=date(1901, 2, 3)).status_code == 200
    blocked = resident.look_up()
    assert (blocked.status_code, "お電話ください" in text_of(blocked)) == (429, True)
    for _ in range(NUMBER_FAILURES_MAX):
        resident.look_up(number=UNKNOWN)
    assert bare(resident.look_up(number=UNKNOWN), UNKNOWN) == bare(blocked, letter.number)


def test_who_has_no_birth_date_on_record_is_told_the_staffed_way(town, at_door):
    open_today(town.programme)
    assert DoorKey.objects.filter(lookup_token__isnull=True).exists()
    somebody = letters(town.programme)[0]
    with at_door("resident"):
        page = Resident(somebody).get("look-up/")
    assert "生年月日の記録がない方は" in text_of(page) and "お電話ください" in text_of(page)


def test_applying_takes_the_key_from_inside_the_letter(resident, letter):
    assert resident.look_up(aim="apply").headers["Location"] == "/sample/apply/"
    assert resident.get("apply/").headers["Location"] == "/sample/key/?for=apply"
    assert resident.get("apply/who/").headers["Location"] == "/sample/key/?for=apply"
    assert "確認キーが違います" in errors_of(resident.show_key("ABCD2345"))
    typed = f" {letter.key[:4].lower()}-{letter.key[4:]} "
    assert resident.show_key(typed).headers["Location"] == "/sample/apply/"
    assert resident.get("apply/").headers["Location"] == "/sample/apply/who/"


def test_the_key_cannot_be_guessed_for_long(resident):
    resident.look_up(aim="apply")
    for _ in range(NUMBER_FAILURES_MAX):
        assert resident.show_key("ABCD2345").status_code == 200
    assert resident.show_key().status_code == 429


def test_nothing_of_a_visit_is_left_after_finishing(resident):
    resident.open()
    resident.post("finish/")
    assert resident.get("status/").headers["Location"] == "/sample/look-up/"
    assert resident.get("apply/").headers["Location"] == "/sample/look-up/?for=apply"


def test_every_look_is_recorded_without_a_name(town, letter, at_door):
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        resident.get("status/")
    event = AuditEvent.objects.get(door="resident")
    assert (event.door, event.action, event.subject_id) == ("resident", "status", letter.case)
    assert letter.kana not in (event.actor_name + event.reason)


def test_a_case_of_another_programme_does_not_open_here(resident):
    assert Resident(resident.letter, slug="other").look_up().status_code == 404


def test_pages_ask_the_database_little(resident):
    asked = {}
    with CaptureQueriesContext(connection) as captured:
        resident.get("")
    asked["start"] = statements(captured)
    with CaptureQueriesContext(connection) as captured:
        resident.look_up()
    asked["look-up"] = statements(captured)
    with CaptureQueriesContext(connection) as captured:
        resident.get("status/")
    asked["status"] = statements(captured)
    assert asked["start"] <= 1 and asked["look-up"] <= 8 and asked["status"] <= 5, asked
