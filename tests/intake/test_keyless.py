"""An application without number and key: kept under the public role, matched by a person, one submission at most."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from PIL import Image

from tests.open_today import noon
from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.intake.claim_match import claim_match, waiting_matches
from todoku.intake.find_candidates import SEARCH, find_candidates, say_wanted
from todoku.intake.forms import PaperForm, WebForm
from todoku.intake.keyless_tables import MatchCandidate, RollMatch, UnmatchedApplication
from todoku.intake.match_roll import Typed
from todoku.intake.picture import picture
from todoku.intake.receive_keyless import MyNumberWritten, WhoApplies, may_send_keyless, receive_keyless
from todoku.intake.receive_paper import receive_paper
from todoku.intake.receive_web import IntakeClosed, OtherContent
from todoku.intake.register_web import register_web
from todoku.intake.settle_match import (
    AlreadyMatched,
    CaseNotOpen,
    NoSuchCandidate,
    TooLate,
    ask_about,
    confirm_match,
    say_nobody,
    take_back_match,
)
from todoku.intake.tables import AccountVersion, ContactNote, Document, Submission
from todoku.people.actor import SYSTEM, Actor
from todoku.programme.terms import parse
from todoku.registry.tables import Person
from todoku.review.screen import screen
from todoku.review.tables import Finding, Screening, Task

FORM = WebForm(
    phone="045-000-0000", bank="0005", branch="001", account_number="1234567", holder_kana="ヤマダ"
)
OTHER = Actor(id=8, name="受付 次郎", roles=frozenset({"clerk"}), door="office")
GUARDED = Actor(id=9, name="支援 担当", roles=frozenset({"clerk", "protected_desk"}), door="office")
MINUTE = timedelta(seconds=61)


def a_photo(shade):
    written = io.BytesIO()
    Image.new("RGB", (640, 400), (shade, shade, shade)).save(written, "JPEG")
    return picture(written.getvalue())


def who_is(person: Person, **other) -> WhoApplies:
    values = {
        "name": person.name, "kana": person.kana, "birth_date": person.birth_date, "postal_code": person.postal_code,
        "address": person.address, "building": person.building,
    }  # fmt: skip
    return WhoApplies(**(values | other))


@pytest.fixture
def head(town, letter) -> Person:
    return Case.objects.select_related("recipient__head").get(pk=letter.case).recipient.head


@pytest.fixture
def send(as_public, town, at):
    def sending(who, key="k1", form=FORM, **other):
        values = {"programme": town.programme, "at": at, "idempotency_key": key} | other
        with as_public(), transaction.atomic():
            return receive_keyless(who, form, {"identity": a_photo(90), "account": a_photo(160)}, **values)

    return sending


@pytest.fixture
def waiting(send, head, town, at):
    """One application of the head, with its candidates."""
    send(who_is(head))
    find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    return UnmatchedApplication.objects.get()


def test_it_is_kept_apart_and_is_no_cases_application(send, head, town, at):
    receipt, again = send(who_is(head)), send(who_is(head))
    kept = UnmatchedApplication.objects.get()
    assert (receipt.repeated, again.repeated, again.number) == (False, True, kept.receipt_number)
    assert (kept.state, kept.number, kept.documents.count()) == ("waiting", "1234567", 2)
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    assert not Submission.objects.exists()


def test_the_same_key_with_another_content_is_refused(send, head):
    send(who_is(head))
    with pytest.raises(OtherContent):
        send(who_is(head, name="別 人"))
    assert UnmatchedApplication.objects.count() == 1


def test_the_public_role_adds_and_reads_nobody(send, head, as_public):
    """Neither what others sent nor the roll."""
    send(who_is(head))
    for statement in (
        "select name from todoku_unmatchedapplication",
        "update todoku_unmatchedapplication set state = 'matched'",
        "delete from todoku_unmatchedapplication",
        "select 1 from todoku_matchcandidate",
        "insert into todoku_rollmatch (application_id, outcome) values (1, 'nobody')",
        "select 1 from todoku_person",
    ):
        with as_public(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert UnmatchedApplication.objects.get().state == "waiting"


def test_it_is_taken_only_where_the_version_says_so_and_in_time(send, head, town, day):
    with pytest.raises(IntakeClosed):
        send(who_is(head), at=noon(town.programme.terms.deadline + timedelta(days=1)))
    text = town.programme.version.text.replace("without_letter = true", "without_letter = false")
    with pytest.raises(IntakeClosed):
        may_send_keyless(parse(text), day)
    assert not UnmatchedApplication.objects.exists()


def test_a_my_number_is_not_kept(send, head):
    with pytest.raises(MyNumberWritten):
        send(who_is(head, building="123456789018"))
    assert not UnmatchedApplication.objects.exists()


def test_the_head_is_the_one_exact_candidate_and_a_member_leads_to_the_same_case(send, head, town, at):
    case = Case.objects.filter(
        recipient__members__person__is_head=False, recipient__head__protected=False
    ).first()
    member = Person.objects.filter(
        member__recipient=case.recipient_id, is_head=False, birth_date__isnull=False
    ).first()
    send(who_is(head), key="head")
    send(who_is(member), key="member")
    report = find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    first = MatchCandidate.objects.filter(rank=1).order_by("application_id")
    assert report.done == 2
    assert [(one.person_id, one.exact, one.is_head) for one in first] == [
        (head.pk, True, True),
        (member.pk, True, False),
    ]
    assert first[1].case_id == case.pk
    assert find_candidates(programme=town.programme, actor=SYSTEM, at=at).done == 0


def test_a_slip_in_the_date_and_a_moved_home_still_find_the_person(send, head, town, at):
    born = head.birth_date
    slipped = born.replace(year=born.year - 10)
    send(
        who_is(
            head, birth_date=slipped, postal_code="1000001", address="東京都千代田区千代田1-1", building=""
        )
    )
    find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    best = MatchCandidate.objects.get(rank=1)
    assert (best.person_id, best.exact) == (head.pk, False)
    assert [part[:2] for part in best.parts][:3] == [
        ["name", "same"],
        ["birth_date", "digit"],
        ["address", "none"],
    ]


def test_where_a_person_waits_the_oldest_are_looked_for_first_and_the_rest_by_the_round(send, head, town, at):
    for place in range(3):
        send(who_is(head, building=f"{place + 101}号室"), key=f"k{place}")
    first = find_candidates(programme=town.programme, actor=SYSTEM, at=at, most=2)
    assert first.done + first.waiting == 2
    found = UnmatchedApplication.objects.order_by("pk")
    assert [one.looked_up_at is None for one in found] == [False, False, True]
    rest = find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    assert rest.done + rest.waiting == 1


def test_the_search_asks_indexes_and_not_the_whole_roll(waiting, town):
    with transaction.atomic(), connection.cursor() as cursor:
        one = Typed(waiting.name, waiting.kana, waiting.birth_date, waiting.postal_code, waiting.address)
        say_wanted(cursor, {waiting.pk: one})
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain " + SEARCH, {"programme": town.programme.pk})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "person_by_birth_date" in plan and "person_by_postal_code" in plan
    assert "Seq Scan on todoku_person" not in plan


def test_confirmed_it_becomes_one_ordinary_application_after_its_minute(waiting, letter, town, clerk, at):
    said = confirm_match(waiting.pk, 1, actor=clerk, at=at)
    register_web(programme=town.programme, actor=SYSTEM, at=at + timedelta(seconds=30))
    assert not Submission.objects.exists()
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    register_web(programme=town.programme, actor=SYSTEM, at=at + 2 * MINUTE)
    one = Submission.objects.get()
    assert (one.case_id, one.channel, one.keyless, one.state) == (letter.case, "web", True, "received")
    assert (one.receipt_number, one.arrived_on) == (waiting.receipt_number, waiting.arrived_on)
    assert one.applicant_is_recipient and AccountVersion.objects.get(submission=one).number == "1234567"
    assert {row.kind for row in Document.objects.filter(submission=one)} == {"identity", "account"}
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED
    said.refresh_from_db()
    assert said.submission_id == one.pk


def test_it_is_looked_at_by_eyes_however_clean_it_is(waiting, head, letter, town, clerk, at):
    """The same application with the letter would pass by itself, or with less."""
    UnmatchedApplication.objects.filter(pk=waiting.pk).update(state="waiting")
    confirm_match(waiting.pk, 1, actor=clerk, at=at)
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    screen(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    submission = Submission.objects.get()
    found = Finding.objects.get(submission=submission, code="D25")
    assert (found.severity, found.field) == ("look", "identity")
    assert Screening.objects.get(submission=submission).persons == 2
    assert Task.objects.get(submission=submission).state == "open"


def test_within_the_minute_it_is_taken_back_by_who_said_it_and_not_after(waiting, town, clerk, at):
    said = confirm_match(waiting.pk, 1, actor=clerk, at=at)
    with pytest.raises(TooLate):
        take_back_match(said.pk, actor=OTHER, at=at)
    assert take_back_match(said.pk, actor=clerk, at=at + timedelta(seconds=59)).state == "waiting"
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    assert not Submission.objects.exists()
    again = say_nobody(waiting.pk, actor=clerk, at=at + MINUTE)
    with pytest.raises(TooLate):
        take_back_match(again.pk, actor=clerk, at=at + 2 * MINUTE)


def test_two_persons_cannot_both_settle_it(waiting, clerk, at):
    confirm_match(waiting.pk, 1, actor=clerk, at=at)
    with pytest.raises(AlreadyMatched):
        say_nobody(waiting.pk, actor=OTHER, at=at)
    with pytest.raises(IntegrityError, match="an_application_is_matched_once"), transaction.atomic():
        RollMatch.objects.create(application=waiting, outcome="nobody", staff_id=8, actor_name="x", at=at)
    assert RollMatch.objects.count() == 1


def test_one_form_on_paper_and_one_without_a_letter_are_one_list(waiting, letter, town, clerk, day, at):
    """D40: the first to arrive counts, the other is kept beside it."""
    earlier = PaperForm(number=letter.number, arrived_on=day - timedelta(days=1))
    receive_paper(earlier, programme=town.programme, actor=clerk, at=at)
    confirm_match(waiting.pk, 1, actor=clerk, at=at)
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    states = dict(Submission.objects.values_list("channel", "state"))
    assert states == {"paper": "received", "web": "not_counted"}


def test_nobody_and_to_be_asked_leave_a_note_to_answer(send, head, town, clerk, at):
    for key in ("a", "b"):
        send(who_is(head), key=key)
    find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    first, second = UnmatchedApplication.objects.order_by("pk")
    say_nobody(first.pk, actor=clerk, at=at)
    ask_about(second.pk, actor=clerk, at=at)
    with pytest.raises(AlreadyMatched):
        ask_about(second.pk, actor=OTHER, at=at)
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    notes = ContactNote.objects.order_by("pk")
    assert [("見つかりません" in note.asked, note.call_back_on is not None) for note in notes] == [
        (True, True),
        (False, True),
    ]
    assert confirm_match(second.pk, 1, actor=OTHER, at=at + MINUTE).outcome == "confirmed"


def test_asked_and_found_before_the_first_was_settled_has_one_effect(waiting, letter, town, clerk, at):
    """Nothing was settled for minutes: both words are at hand at once."""
    asked = ask_about(waiting.pk, actor=clerk, at=at)
    found = confirm_match(waiting.pk, 1, actor=OTHER, at=at + timedelta(seconds=30))
    register_web(programme=town.programme, actor=SYSTEM, at=at + 3 * MINUTE)
    for said in (asked, found):
        said.refresh_from_db()
        assert said.settled_at is not None
    assert (asked.submission_id, found.submission_id) == (None, Submission.objects.get().pk)
    assert not ContactNote.objects.exists()


@pytest.mark.parametrize("taken_back", [False, True])
def test_nobody_is_called_about_who_was_found_meanwhile(waiting, letter, town, clerk, at, taken_back):
    ask_about(waiting.pk, actor=clerk, at=at)
    found = confirm_match(waiting.pk, 1, actor=OTHER, at=at + timedelta(seconds=40))
    register_web(programme=town.programme, actor=SYSTEM, at=at + MINUTE)
    assert not ContactNote.objects.exists()
    if taken_back:
        take_back_match(found.pk, actor=OTHER, at=at + timedelta(seconds=80))
    register_web(programme=town.programme, actor=SYSTEM, at=at + 2 * MINUTE)
    assert ContactNote.objects.count() == taken_back
    assert Submission.objects.count() == (not taken_back)


def test_what_a_colleague_settled_since_is_not_taken_back_from_under_it(waiting, town, clerk, at):
    asked = ask_about(waiting.pk, actor=clerk, at=at)
    confirm_match(waiting.pk, 1, actor=OTHER, at=at + timedelta(seconds=20))
    with pytest.raises(TooLate, match="先へ進んだ"):
        take_back_match(asked.pk, actor=clerk, at=at + timedelta(seconds=30))
    waiting.refresh_from_db()
    assert waiting.state == "matched"


def test_a_case_ended_by_declining_is_not_opened_by_a_match(waiting, letter, clerk, at):
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_casestage set previous = 'listed', stage = 'declined' where case_id = %s",
            [letter.case],
        )
    with pytest.raises(CaseNotOpen):
        confirm_match(waiting.pk, 1, actor=clerk, at=at)
    with pytest.raises(NoSuchCandidate):
        confirm_match(waiting.pk, 5, actor=clerk, at=at)
    assert not RollMatch.objects.exists()


def test_a_candidate_under_protection_goes_only_to_who_may_see_it(waiting, head, town, clerk, at):
    Person.objects.filter(pk=head.pk).update(protected=True)
    assert claim_match(programme=town.programme, actor=clerk, at=at) is None
    assert waiting_matches(town.programme, clerk) == {}
    with pytest.raises(AlreadyMatched):
        confirm_match(waiting.pk, 1, actor=clerk, at=at)
    dealt = claim_match(programme=town.programme, actor=GUARDED, at=at)
    assert dealt is not None and dealt.pk == waiting.pk


def test_it_is_dealt_to_one_person_at_a_time_and_comes_back_when_left(waiting, town, clerk, at):
    assert claim_match(programme=town.programme, actor=clerk, at=at).pk == waiting.pk
    assert claim_match(programme=town.programme, actor=OTHER, at=at) is None
    assert claim_match(programme=town.programme, actor=OTHER, at=at + timedelta(minutes=16)).pk == waiting.pk


def test_many_at_once_are_looked_for_in_the_same_few_statements(send, town, at):
    people = list(Person.objects.filter(is_head=True, birth_date__isnull=False).order_by("pk")[:12])
    for number, person in enumerate(people):
        send(who_is(person), key=f"k{number}")
    with connection.execute_wrapper(counter := Counter()):
        find_candidates(programme=town.programme, actor=SYSTEM, at=at)
    assert counter.statements < 14
    assert MatchCandidate.objects.filter(rank=1, person_id__in=[one.pk for one in people]).count() == len(
        people
    )


class Counter:
    """Counts statements."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute, sql, params, many, context):
        self.statements += 1
        return execute(sql, params, many, context)
