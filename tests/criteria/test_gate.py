"""A Version opens only when its examples come out and the municipality has signed the sheet as it is: verbs and database."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.next_version import next_version, sign
from tests.town_fixture import AT, MANAGER, make_sample_programme
from todoku.criteria.draft_version import draft_version
from todoku.criteria.open_version import (
    CannotOpen,
    ExamplesFail,
    NotSigned,
    SignatureOutdated,
    open_version,
)
from todoku.criteria.sign_sheet import CannotSign, sign_sheet
from todoku.criteria.standing import newest, standing
from todoku.criteria.tables import CriteriaSignature
from todoku.people.tables import AuditEvent
from todoku.programme import set_up
from todoku.programme.tables import Version
from todoku.sampletown.staff import make_staff

CHANGE = '\n[criteria.codes.D20]\nfails = "電話で、書類の写しを依頼する。"\n'
BROKEN = (
    '\n[[application]]\nname = "合わない例"\ntells = "署名がない。"\n'
    'facts = { signed = false, channel = "paper" }\nexpected = {}\ndecides = "passes"\n'
)


@pytest.fixture
def programme(database):
    return make_sample_programme()


@pytest.fixture
def draft(programme):
    """The second Version, which nobody has signed."""
    return draft_version(programme, programme.version.text + CHANGE, actor=MANAGER, at=AT)


def test_an_unsigned_sheet_does_not_open_and_a_signed_one_does(draft):
    with pytest.raises(NotSigned, match="署名がありません"):
        open_version(draft, actor=MANAGER, at=AT)
    sign(draft, at=AT)
    assert standing(draft).may_open
    assert open_version(draft, actor=MANAGER, at=AT).opened_by == MANAGER.name
    assert AuditEvent.objects.filter(action="programme.open", subject_id=draft.pk).count() == 1
    # Once more changes nothing.
    open_version(draft, actor=MANAGER, at=AT)
    assert AuditEvent.objects.filter(action="programme.open").count() == 1


def test_a_changed_text_needs_another_signature_and_says_what_changed(programme, draft):
    sign(draft, at=AT)
    changed = draft_version(programme, draft.text.replace("電話で", "手紙で"), actor=MANAGER, at=AT)
    assert changed.pk == draft.pk
    with pytest.raises(SignatureOutdated, match="D20"):
        open_version(changed, actor=MANAGER, at=AT)
    now = standing(changed)
    assert [part.title for part in now.changed][0] == "審査基準「D20 本人確認書類なし」"
    sign(changed, at=AT)
    assert standing(changed).changed == () and standing(changed).may_open
    assert CriteriaSignature.objects.filter(version=changed).count() == 2


def test_an_example_that_fails_keeps_the_version_shut_although_it_is_signed(programme):
    draft = draft_version(programme, programme.version.text + BROKEN, actor=MANAGER, at=AT)
    sign(draft, at=AT)
    with pytest.raises(ExamplesFail, match="合わない例"):
        open_version(draft, actor=MANAGER, at=AT)


def test_only_the_offices_manager_opens_and_only_what_was_shown(draft):
    officer = sign(draft, at=AT)
    with pytest.raises(CannotOpen, match="業務責任者"):
        open_version(draft, actor=officer, at=AT)
    with pytest.raises(CannotOpen, match="表示のあとに"):
        open_version(draft, actor=MANAGER, at=AT, sha256="0" * 64)
    assert newest(draft.programme).opened_at is None


def test_only_an_officer_of_the_municipality_signs_and_only_the_current_sheet(draft):
    people = make_staff(draft.programme.municipality, ("viewer", "officer", "manager"))
    sha256 = standing(draft).sha256
    for username in ("viewer", "manager"):
        with pytest.raises(CannotSign, match="担当課職員"):
            sign_sheet(draft, sha256=sha256, actor=people[username], at=AT)
    with pytest.raises(CannotSign, match="変わりました"):
        sign_sheet(draft, sha256="0" * 64, actor=people["officer"], at=AT)
    assert sign_sheet(draft, sha256=sha256, actor=people["officer"], at=AT).done == 1
    assert sign_sheet(draft, sha256=sha256, actor=people["officer"], at=AT).done == 0
    assert CriteriaSignature.objects.get().text_sha256 == draft.sha256


def test_the_next_version_tells_what_changed_since_the_last_signed_one(programme):
    first = next_version(programme, programme.version.text + CHANGE, at=AT)
    after = draft_version(programme, first.text.replace("電話で", "手紙で"), actor=MANAGER, at=AT)
    now = standing(after)
    assert now.outdated is not None and now.outdated.version_id == first.pk
    assert "審査基準「D20 本人確認書類なし」" in [part.title for part in now.changed]
    with pytest.raises(NotSigned, match="第3版"):
        open_version(after, actor=MANAGER, at=AT)


# What the database refuses, whoever writes: (statement, name in the error).
OPEN = "update todoku_version set opened_at = now(), cap_per_transfer_yen = 1, cap_per_account_yen = 1 where id = %(version)s"
INSERT = (
    "insert into todoku_criteriasignature (version_id, sheet, sheet_sha256, text_sha256, signer_id, signer_name, signed_at) "
    "values (%(version)s, 'sheet', encode(sha256('{sheet}'), 'hex'), {text}, %(signer)s, 'x', now())"
)
OF_TEXT = (
    "(select encode(sha256(convert_to(text, 'UTF8')), 'hex') from todoku_version where id = %(version)s)"
)


@pytest.mark.parametrize(
    ("statement", "username", "named"),
    [
        (OPEN, "officer", "a_version_opens_on_a_signed_sheet"),
        (INSERT.format(sheet="sheet", text=OF_TEXT), "viewer", "only_an_officer_signs_a_criteria_sheet"),
        (INSERT.format(sheet="sheet", text=OF_TEXT), "manager", "only_an_officer_signs_a_criteria_sheet"),
        (INSERT.format(sheet="other", text=OF_TEXT), "officer", "a_signature_is_on_the_sheet_it_keeps"),
        (INSERT.format(sheet="sheet", text="repeat('0', 64)"), "officer", "a_signature_is_on_the_text_of_its_version"),
    ],
)  # fmt: skip
def test_the_database_refuses(draft, statement, username, named):
    people = make_staff(draft.programme.municipality, (username,))
    values = {"version": draft.pk, "signer": people[username].id}
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match=named):
        cursor.execute(statement, values)


def test_a_signature_on_another_text_does_not_open_the_version(programme, draft):
    sign(draft, at=AT)
    changed = draft_version(programme, draft.text + "\n# 変更\n", actor=MANAGER, at=AT)
    with pytest.raises(DatabaseError, match="a_version_opens_on_a_signed_sheet"), transaction.atomic():
        set_up.open_version(changed, actor=MANAGER, at=AT)
    sign(changed, at=AT)
    assert set_up.open_version(changed, actor=MANAGER, at=AT).opened_at == AT


def test_a_version_is_not_written_open_without_a_signature(programme):
    with pytest.raises(DatabaseError, match="a_version_opens_on_a_signed_sheet"), transaction.atomic():
        Version.objects.create(
            programme=programme, number=2, text=programme.version.text, sha256="0" * 64, opened_at=AT,
            cap_per_transfer_yen=1, cap_per_account_yen=1,
        )  # fmt: skip


def test_the_first_version_of_a_real_programme_opens_on_a_signature(programme):
    made = set_up.make_programme(
        programme.municipality, programme.version.text, "real", actor=MANAGER, at=AT, is_sample=False
    )
    version = made.versions.get()
    with pytest.raises(DatabaseError, match="a_version_opens_on_a_signed_sheet"), transaction.atomic():
        set_up.open_version(version, actor=MANAGER, at=AT)
    sign(version, at=AT)
    assert open_version(version, actor=MANAGER, at=AT).opened_at == AT


def test_a_real_programme_does_not_become_a_sample(programme):
    with pytest.raises(DatabaseError, match="a_programme_stays_sample_or_real"), transaction.atomic():
        type(programme).objects.filter(pk=programme.pk).update(is_sample=False)
    assert type(programme).objects.get().is_sample
