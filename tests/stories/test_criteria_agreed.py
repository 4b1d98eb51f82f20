"""The criteria are agreed before they hold: read, signed, changed, signed again, opened."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.criteria.test_form_check import boxes, office  # noqa: F401
from tests.stories.desk import goes_to
from todoku.criteria.draft_version import draft_version
from todoku.sampletown.staff import make_staff

CHANGE = '\n[criteria.codes.D20]\nfails = "電話で、書類の写しを依頼する。"\n'


@pytest.fixture
def drafted(town):
    """The office has written a second Version, in which a missing document is asked for by telephone."""
    staff = make_staff(town.programme.municipality, ("officer", "manager"))
    text = town.programme.version.text + CHANGE
    version = draft_version(town.programme, text, actor=staff["manager"], at=timezone.now())
    return version, staff["manager"]


def test_an_official_signs_what_was_read_and_signs_again_what_was_changed(drafted, at_desk, sound, picture):
    """The officer goes to a criterion by its place, signs the sheet; the office changes a sentence, and the signature
    covers it no more: the page says what changed. After the second signature the manager looks twice and opens.
    """
    version, writer = drafted
    found: list[str] = []
    officer = at_desk("municipality", "officer")
    officer.get_by_role("link", name="審査基準").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("署名待ち")
    officer.get_by_role("link", name="認める書類").click()
    expect(officer.get_by_role("row", name="資格確認書")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-criteria")
    officer.get_by_label("全文を読み、この基準で審査することを認めます").check()
    officer.get_by_role("button", name="署名する").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("署名済み")

    manager = at_desk("office", "manager")
    goes_to(manager, "criteria/")
    expect(manager.get_by_text("市役所 きめる").first).to_be_visible()
    draft_version(
        version.programme, version.text.replace("電話で", "手紙で"), actor=writer, at=timezone.now()
    )
    manager.get_by_role("link", name="制度の開始へ").click()
    expect(manager.get_by_text("署名のあとに審査基準書が変わっています")).to_be_visible()
    expect(manager.get_by_role("button", name="この内容で開始する")).to_have_count(0)
    found += sound(manager)

    officer.reload()
    expect(officer.get_by_role("heading", name="署名のあとに変わったこと")).to_be_visible()
    changed = officer.get_by_role("row", name="審査基準「D20 本人確認書類なし」")
    expect(changed).to_contain_text("電話で、書類の写しを依頼する。")
    expect(changed).to_contain_text("手紙で、書類の写しを依頼する。")
    found += sound(officer)
    picture(officer, "city-criteria-changed")
    officer.get_by_label("全文を読み、この基準で審査することを認めます").check()
    officer.get_by_role("button", name="署名する").click()
    expect(officer.get_by_role("heading", name="署名のあとに変わったこと")).to_have_count(0)

    goes_to(manager, "criteria/")
    found += sound(manager)
    picture(manager, "office-criteria")
    manager.get_by_role("link", name="制度の開始へ").click()
    found += sound(manager)
    picture(manager, "office-criteria-open")
    manager.get_by_role("button", name="この内容で開始する").click()
    expect(manager.get_by_role("heading", level=1)).to_contain_text("開始済み")
    version.refresh_from_db()
    assert version.opened_by == writer.name and version.signatures.count() == 2
    assert found == []


def test_deficiencies_stand_beside_their_field_on_the_form(office, at_desk, sound, picture):  # noqa: F811
    """Answers have come: the officer sees on the form's picture which field led to which share of deficiencies."""
    first = office.applicants[:8]
    office.arrive(
        *(office.form(one, identity_evidence="") for one in first[:3]),
        *(office.form(one) for one in first[3:6]),
    )
    make_staff(office.programme.municipality, ("officer",))
    officer = at_desk("municipality", "officer")
    goes_to(officer, "criteria/")
    officer.get_by_role("link", name="様式の点検").click()
    expect(officer.get_by_text("申請6件のうち3件（50.0%）に「本人確認書類なし」があります。")).to_be_visible()
    expect(officer.locator("svg text", has_text="本人確認書類 50.0%").first).to_be_visible()
    expect(officer.get_by_role("row", name="D20 本人確認書類なし")).to_contain_text("3")
    assert sound(officer) == []
    picture(officer, "city-form-check")
