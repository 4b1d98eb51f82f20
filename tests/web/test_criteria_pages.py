"""The criteria sheet at both doors: read, signed on its digest, opened after a second look; the form checked by field."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import signed_in  # noqa: F401
from tests.next_version import sign
from tests.town_fixture import AT, MANAGER, make_sample_programme
from todoku.criteria.draft_version import draft_version
from todoku.criteria.standing import newest, standing
from todoku.criteria.tables import CriteriaSignature
from todoku.programme.set_up import make_programme
from todoku.sampletown.staff import make_staff
from todoku.web.shared.staff_entry import DOOR_NAMES

SHEET, SIGN, OPEN = "/p/sample/criteria/", "/p/sample/criteria/sign/", "/p/sample/criteria/open/"
CHANGE = '\n[criteria.codes.D20]\nfails = "電話で、書類の写しを依頼する。"\n'
QUERIES_MAX = 16  # sign-in, grants, frame, Versions, signatures: none for the size of the sheet


@pytest.fixture
def draft(database):
    """A second Version that waits for a signature, and the people of both doors."""
    programme = make_sample_programme()
    make_staff(programme.municipality, ("officer", "viewer", "manager", "clerk"))
    return draft_version(programme, programme.version.text + CHANGE, actor=MANAGER, at=AT)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_officer_reads_signs_and_the_manager_opens(draft, signed_in):  # noqa: F811
    with signed_in("municipality", "officer") as browser:
        page = browser.get(SHEET)
        assert page.status_code == 200
        assert "署名待ち" in words(page) and "電話で、書類の写しを依頼する。" in words(page)
        assert 'id="criteria-D20"' in page.content.decode()
        sha256 = standing(draft).sha256
        assert browser.post(SIGN, {"sha256": sha256}).status_code == 422
        assert browser.post(SIGN, {"sha256": "0" * 64, "read": "1"}).status_code == 422
        assert not CriteriaSignature.objects.exists()
        assert browser.post(SIGN, {"sha256": sha256, "read": "1"}).status_code == 302
        signed = words(browser.get(SHEET))
        assert "署名済み" in signed and "市役所 きめる" in signed
        assert "全文を読み" not in signed
    with signed_in("office", "manager") as browser:
        assert "市役所 きめる" in words(browser.get(SHEET))
        assert "この内容で開始する" in words(browser.get(OPEN))
        assert browser.post(OPEN, {"sha256": sha256}).status_code == 302
        assert "開始済み" in words(browser.get(SHEET))
    draft.refresh_from_db()
    assert draft.opened_by == "事務 まとめ"


def test_before_the_signature_the_opening_page_says_what_bars_it(draft, signed_in):  # noqa: F811
    with signed_in("office", "manager") as browser:
        assert "まだ開始できません" in words(browser.get(SHEET))
        barred = browser.get(OPEN)
        assert "署名がありません" in words(barred) and "この内容で開始する" not in words(barred)
        answer = browser.post(OPEN, {"sha256": standing(draft).sha256})
        assert answer.status_code == 422 and "署名がありません" in words(answer)
    draft.refresh_from_db()
    assert draft.opened_at is None


def test_after_a_change_the_page_shows_what_is_otherwise_than_signed(draft, signed_in):  # noqa: F811
    sign(draft, at=AT)
    draft_version(draft.programme, draft.text.replace("電話で", "手紙で"), actor=MANAGER, at=AT)
    with signed_in("municipality", "officer") as browser:
        said = words(browser.get(SHEET))
    assert "署名のあとに変わったこと" in said
    assert "電話で、書類の写しを依頼する。" in said and "手紙で、書類の写しを依頼する。" in said


@pytest.mark.parametrize(
    ("door", "who", "address", "status"),
    [
        ("municipality", "viewer", SIGN, 403),
        ("office", "clerk", OPEN, 403),
        ("municipality", "viewer", SHEET, 200),
        ("office", "clerk", SHEET, 200),
    ],
)
def test_who_may_look_and_who_may_act(draft, signed_in, door, who, address, status):  # noqa: F811
    with signed_in(door, who) as browser:
        answer = browser.post(address) if address in (SIGN, OPEN) else browser.get(address)
        assert answer.status_code == status


@pytest.mark.parametrize(("door", "who"), [("municipality", "officer"), ("office", "manager")])
def test_the_sheet_costs_few_queries_whatever_it_holds(draft, signed_in, door, who):  # noqa: F811
    sign(draft, at=AT)
    with signed_in(door, who) as browser:
        browser.get(SHEET)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(SHEET).status_code == 200
    assert len(queries) <= QUERIES_MAX, [one["sql"][:100] for one in queries]


def test_the_open_version_can_be_looked_at_beside_the_draft(draft, signed_in):  # noqa: F811
    with signed_in("municipality", "viewer") as browser:
        assert "電話で、書類の写しを依頼する。" not in words(browser.get(f"{SHEET}?version=1"))
        assert "第1版" in words(browser.get(SHEET))
        assert browser.get(f"{SHEET}?version=9").status_code == 404
        assert browser.get(f"{SHEET}?version=x").status_code == 404


def test_the_pdf_is_the_sheet_of_this_version(draft, signed_in):  # noqa: F811
    with signed_in("municipality", "viewer") as browser:
        answer = browser.get(f"{SHEET}sheet.pdf")
    assert answer["Content-Type"] == "application/pdf" and answer.content[:5] == b"%PDF-"
    assert "sample-criteria-v2.pdf" in answer["Content-Disposition"]


@pytest.mark.parametrize(("door", "who"), [("municipality", "officer"), ("office", "manager")])
def test_a_programme_before_its_first_version_is_reached_for_its_criteria_alone(draft, signed_in, door, who):  # noqa: F811
    old = draft.programme
    make_programme(old.municipality, old.version.text, "real", actor=MANAGER, at=AT)
    with signed_in(door, who) as browser:
        choice = browser.get("/?choose=1")
        assert "/p/real/criteria/" in choice.content.decode() and DOOR_NAMES[door] in words(choice)
        assert browser.get("/p/real/criteria/").status_code == 200
        assert browser.get("/p/real/").status_code == 404
        assert browser.get("/p/real/criteria/form/").status_code == 404


def test_a_real_programme_is_signed_and_opened_through_the_doors(draft, signed_in):  # noqa: F811
    old = draft.programme
    real = make_programme(old.municipality, old.version.text, "real", actor=MANAGER, at=AT)
    sha256 = standing(newest(real)).sha256
    with signed_in("municipality", "officer") as browser:
        browser.post("/p/real/criteria/sign/", {"sha256": sha256, "read": "1"})
    with signed_in("office", "manager") as browser:
        browser.post("/p/real/criteria/open/", {"sha256": sha256})
        assert browser.get("/p/real/").status_code == 200
    assert newest(real).opened_at is not None


def test_nobody_else_sees_the_pages(draft, at_door):
    for door in ("office", "municipality"):
        with at_door(door):
            assert Client().get(SHEET).status_code == 302
