"""The web form, under the public role: it can add an application and nothing else, once, and only with the letter."""

import io
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from PIL import Image

from tests.open_today import letters, noon
from todoku.case import stages
from todoku.case.door_keys import key_token, lookup_token
from todoku.case.tables import CaseStage
from todoku.custody import files
from todoku.intake.forms import PaperForm, WebForm
from todoku.intake.picture import picture
from todoku.intake.receive_paper import receive_paper
from todoku.intake.receive_web import AlreadyReceived, IntakeClosed, NotOpened, OtherContent, receive_web
from todoku.intake.register_web import register_web
from todoku.intake.tables import Document, Submission
from todoku.people.actor import SYSTEM

FORM = WebForm(
    phone="045-000-0000", bank="0005", branch="001", account_number="1234567", holder_kana="ヤマダ"
)


def a_photo(shade):
    written = io.BytesIO()
    Image.new("RGB", (640, 400), (shade, shade, shade)).save(written, "JPEG")
    return picture(written.getvalue())


@pytest.fixture
def send(as_public, letter, at):
    """Sends as the letter's resident, under the public role."""

    def sending(form=FORM, key="k1", to=letter, **other):
        secret = settings.LOOKUP_SECRET
        values = {
            "lookup_token": lookup_token(to.number, to.born, lookup_secret=secret),
            "key_token": key_token(to.number, to.key, lookup_secret=secret),
            "at": at,
            "idempotency_key": key,
        } | other
        with as_public(), transaction.atomic():
            return receive_web(form, {"identity": a_photo(90), "account": a_photo(160)}, **values)

    return sending


def test_an_application_waits_as_sent_and_is_taken_in_by_the_office(town, send, letter, at):
    receipt = send()
    submission = Submission.objects.get(receipt_number=receipt.number)
    assert (submission.state, submission.channel, submission.case_id) == ("sent", "web", letter.case)
    assert CaseStage.objects.get(pk=letter.case).stage == stages.LISTED
    report = register_web(programme=town.programme, actor=SYSTEM, at=at)
    submission.refresh_from_db()
    assert (report.done, report.waiting, submission.state) == (1, 0, "received")
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED
    again = register_web(programme=town.programme, actor=SYSTEM, at=at)
    assert (again.done, again.waiting) == (0, 0)


def test_photos_lie_in_custody_with_the_digest_of_their_bytes(send):
    send()
    kept = {row.kind: row for row in Document.objects.all()}
    assert set(kept) == {"identity", "account"}
    assert files.sha256_of(files.inside(kept["identity"].path)) == kept["identity"].sha256


def test_the_same_key_again_is_the_same_application(send):
    first, again = send(), send()
    assert (again.number, again.repeated, first.repeated) == (first.number, True, False)
    assert Submission.objects.count() == 1


def test_the_same_key_with_another_content_is_refused(send):
    send()
    with pytest.raises(OtherContent):
        send(replace(FORM, account_number="7654321"))
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("wrong", ["key", "birth date", "number"])
def test_without_number_birth_date_and_key_together_nothing_opens(town, send, letter, wrong):
    other = letters(town.programme)[1]
    to = {
        "key": letter._replace(key=other.key),
        "birth date": letter._replace(born=letter.born.replace(year=letter.born.year - 1)),
        "number": letter._replace(number=other.number),
    }[wrong]
    with pytest.raises(NotOpened):
        send(to=to)
    assert not Submission.objects.exists()


def test_a_second_application_by_another_channel_is_refused_with_what_happens_now(
    town, send, letter, day, at, clerk
):
    form = PaperForm(number=letter.number, arrived_on=day)
    receive_paper(form, programme=town.programme, actor=clerk, at=at)
    with pytest.raises(AlreadyReceived) as refused:
        send()
    assert "必要ありません" in refused.value.sentence
    assert Submission.objects.get().channel == "paper"


def test_of_two_that_cross_the_first_to_arrive_counts_and_both_are_kept(town, send, letter, later, clerk):
    """Sent by web on Tuesday and not yet taken in, while a form that arrived on Thursday is keyed."""
    receipt = send()
    form = PaperForm(number=letter.number, arrived_on=later)
    paper = receive_paper(form, programme=town.programme, actor=clerk, at=noon(later))
    web = Submission.objects.get(receipt_number=receipt.number)
    assert (web.state, paper.state) == ("received", "not_counted")
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED


def test_outside_the_time_of_intake_nothing_is_taken(town, send):
    with pytest.raises(IntakeClosed):
        send(at=noon(town.programme.terms.intake.opens.replace(year=2030)))
    assert not Submission.objects.exists()


def test_declining_needs_neither_account_nor_photos(town, as_public, letter, at):
    secret = settings.LOOKUP_SECRET
    with as_public(), transaction.atomic():
        receive_web(
            WebForm(phone="045-000-0000", declines=True),
            {},
            lookup_token=lookup_token(letter.number, letter.born, lookup_secret=secret),
            key_token=key_token(letter.number, letter.key, lookup_secret=secret),
            at=at,
            idempotency_key="d1",
        )
    submission = Submission.objects.get()
    assert (submission.declines, submission.accounts.count()) == (True, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "select name from todoku_person",
        "select phone from todoku_submission",
        "select number from todoku_accountversion",
        "select path from todoku_document",
        "select lookup_token from todoku_doorkey",
        "update todoku_submission set state = 'received'",
        "update todoku_casestage set stage = 'received'",
        "delete from todoku_submission",
    ],
)
def test_the_public_role_reads_nobody_and_changes_nothing(send, as_public, statement):
    send()
    with as_public(), pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Submission.objects.count() == 1
