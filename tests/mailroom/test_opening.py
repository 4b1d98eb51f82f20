"""From the post office box to the tray: two persons, counts that agree or a difference, each sheet at its place."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from tests.web.office import keyed
from todoku.case.tables import Case
from todoku.formats.codes import printed_number
from todoku.intake.correct_envelope import CannotCorrect, correct_envelope
from todoku.intake.tables import Submission
from todoku.mailroom.close_bag import close_bag
from todoku.mailroom.close_difference import CannotExplain, close_difference
from todoku.mailroom.count_bag import CannotCount, count_bag
from todoku.mailroom.open_many import CannotOpen, Household, Opened, open_many
from todoku.mailroom.pick_up import CannotPickUp, pick_up
from todoku.mailroom.seal_container import seal_container
from todoku.mailroom.tables import Bag, Difference, Envelope, EnvelopeCorrection, Pickup, Sheet, UnplacedPaper
from todoku.mailroom.take_back_envelope import TooLate, take_back_envelope
from todoku.mailroom.two_persons import NotTwoPersons


def picked(mailroom, **values):
    staff = mailroom.staff
    return pick_up(**{
        "programme": mailroom.programme, "on": mailroom.today, "place": "見本郵便局", "bags": 2, "stated": 30,
        "second": staff["other"], "actor": staff["clerk"], "at": mailroom.now,
    } | values)  # fmt: skip


def test_a_pick_up_is_by_two_persons_also_for_the_database(mailroom):
    clerk = mailroom.staff["clerk"]
    with pytest.raises(NotTwoPersons):
        picked(mailroom, second=clerk)
    with pytest.raises(NotTwoPersons):
        picked(mailroom, second=mailroom.staff["officer"])
    with pytest.raises(IntegrityError, match="a_pick_up_is_by_two_persons"), transaction.atomic():
        Pickup.objects.create(
            programme=mailroom.programme, on=mailroom.today, place="x", bags=1, at=mailroom.now, first_id=clerk.id,
            first_name=clerk.name, second_id=clerk.id, second_name=clerk.name,
        )  # fmt: skip
    assert Pickup.objects.count() == 1


def test_a_pick_up_of_tomorrow_or_without_a_bag_is_refused(mailroom):
    with pytest.raises(CannotPickUp, match="今日より後"):
        picked(mailroom, on=mailroom.today + timedelta(days=1))
    with pytest.raises(CannotPickUp, match="袋の数"):
        picked(mailroom, bags=0)
    assert Bag.objects.count() == 1


def test_the_slip_of_the_post_office_is_held_against_all_bags_when_the_last_is_counted(mailroom):
    bags = list(picked(mailroom).opened_bags.order_by("no"))
    manager, clerk = mailroom.staff["manager"], mailroom.staff["clerk"]
    assert count_bag(bags[0], 14, actor=clerk, at=mailroom.now).waiting == 0
    report = count_bag(bags[1], 15, actor=clerk, at=mailroom.now)
    difference = Difference.objects.get()
    assert report.waiting == 1 and "差異" in report.note
    assert (difference.stated, difference.found, difference.owner_id) == (30, 29, manager.id)
    # Counted once more: one stuck to the bag. The difference stays until its owner says so.
    count_bag(bags[1], 16, actor=clerk, at=mailroom.now)
    assert Difference.objects.filter(state="open").count() == 1
    with pytest.raises(CannotExplain):
        close_difference(difference, explanation="数え直した", actor=clerk, at=mailroom.now)
    close_difference(difference, explanation="袋に貼り付いた1通を見つけた", actor=manager, at=mailroom.now)
    difference.refresh_from_db()
    assert (difference.state, difference.remaining) == ("explained", 0)


def test_an_envelope_keeps_its_dates_and_each_sheet_has_its_place(mailroom):
    first, second = mailroom.numbers(2)
    envelope = mailroom.open(mailroom.letter(printed_number(first)))
    assert (envelope.no, envelope.sheets, envelope.arrived_on) == (1, 3, mailroom.today)
    assert envelope.postmark_on == mailroom.today - timedelta(days=1)
    mailroom.open(mailroom.letter(second, "form"))
    lying = Sheet.objects.filter(container=mailroom.tray).order_by("position")
    assert [(one.position, one.kind, one.case.number) for one in lying] == [
        (1, "form", first), (2, "attachment", first), (3, "attachment", first), (4, "form", second),
    ]  # fmt: skip


def test_an_envelope_of_two_households_is_split_and_one_without_a_number_waits(mailroom):
    (number,) = mailroom.numbers(1)
    households = (Household(number, ("form", "attachment")), Household("", ("form",), "handwritten"))
    envelope = mailroom.open(Opened("illegible", None, households))
    assert (envelope.households, envelope.sheets, envelope.postmark) == (2, 3, "illegible")
    paper = UnplacedPaper.objects.get()
    assert (paper.household, paper.reason, paper.state) == (2, "handwritten", "waiting")
    assert list(envelope.contents.filter(case=None).values_list("household", "no")) == [(2, 3)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"postmark": "none"}, "消印は、日付を入れるか"),
        ({"postmark_on": None}, "消印は、日付を入れるか"),
        ({"households": ()}, "世帯"),
        ({"households": (Household("", ("form",)),)}, "番号を読み取るか"),
        ({"households": (Household("1234567890123", ("form",)),)}, "検査数字"),
        ({"households": (Household("0000000000000", ("form",)),)}, "名簿にありません"),
        ({"households": (Household("", (), "download"),)}, "0枚"),
    ],
)
def test_what_cannot_be_is_refused_with_its_remedy_and_keeps_nothing(mailroom, change, sentence):
    row = mailroom.letter(mailroom.numbers(1)[0])._replace(**change)
    with pytest.raises(CannotOpen, match=sentence):
        mailroom.open(row)
    assert (Envelope.objects.count(), Sheet.objects.count()) == (0, 0)


def test_a_postmark_later_than_the_arrival_is_refused_by_the_verb_and_by_the_database(mailroom):
    row = mailroom.letter(mailroom.numbers(1)[0], postmark_on=mailroom.today + timedelta(days=1))
    with pytest.raises(CannotOpen, match="受取りの日より後"):
        mailroom.open(row)
    envelope = mailroom.open(mailroom.letter(mailroom.numbers(1)[0]))
    with pytest.raises(IntegrityError), transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(postmark_on=mailroom.today + timedelta(days=1))
    assert Envelope.objects.count() == 1


def test_the_last_envelope_is_taken_back_within_a_minute_and_opened_again_under_its_number(mailroom):
    first, second = mailroom.numbers(2)
    mailroom.open(mailroom.letter(first, "form"))
    wrong = mailroom.open(mailroom.letter(second))
    clerk = mailroom.staff["clerk"]
    with pytest.raises(TooLate, match="本人"):
        take_back_envelope(wrong, actor=mailroom.staff["other"], at=mailroom.now)
    with pytest.raises(TooLate, match="1分"):
        take_back_envelope(wrong, actor=clerk, at=wrong.opened_at + timedelta(seconds=61))
    take_back_envelope(wrong, actor=clerk, at=mailroom.now)
    again = mailroom.open(mailroom.letter(second, "form"))
    assert (again.no, again.contents.get().position) == (2, 2)
    assert Envelope.objects.filter(bag=mailroom.bag, voided_at=None).count() == 2
    assert Sheet.objects.filter(container=mailroom.tray, voided_at=None).count() == 2
    assert Sheet.objects.count() == 5, "nothing is deleted"


def test_only_the_last_envelope_is_taken_back(mailroom):
    first = mailroom.open(mailroom.letter(mailroom.numbers(1)[0]))
    mailroom.open(mailroom.letter(mailroom.numbers(2)[1]))
    with pytest.raises(TooLate, match="最後"):
        take_back_envelope(first, actor=mailroom.staff["clerk"], at=mailroom.now)
    assert Envelope.objects.filter(voided_at=None).count() == 2


def test_what_was_sealed_meanwhile_is_not_taken_back(mailroom):
    envelope = mailroom.open(mailroom.letter(mailroom.numbers(1)[0]))
    seal_container(mailroom.tray, actor=mailroom.staff["clerk"], at=mailroom.now)
    with pytest.raises(TooLate, match="封"):
        take_back_envelope(envelope, actor=mailroom.staff["clerk"], at=mailroom.now)
    assert Envelope.objects.get().voided_at is None


def test_a_tray_of_envelopes_is_opened_at_once_or_not_at_all(mailroom):
    rows = [mailroom.letter(number) for number in mailroom.numbers(10)]
    broken = [*rows[:6], mailroom.letter("", "form"), *rows[6:9]]
    at, clerk = mailroom.now, mailroom.staff["clerk"]
    with pytest.raises(CannotOpen, match="7通目"):
        open_many(broken, bag=mailroom.bag, tray=mailroom.tray, actor=clerk, at=at)
    assert Envelope.objects.count() == 0
    assert open_many(rows, bag=mailroom.bag, tray=mailroom.tray, actor=clerk, at=at).done == 10
    places = list(Sheet.objects.order_by("envelope__no", "no").values_list("position", flat=True))
    assert places == list(range(1, 31))


def test_a_bag_whose_count_agrees_closes_and_one_that_does_not_opens_a_difference(mailroom):
    clerk, manager = mailroom.staff["clerk"], mailroom.staff["manager"]
    for number in mailroom.numbers(9):
        mailroom.open(mailroom.letter(number, "form"))
    with pytest.raises(CannotCount):
        count_bag(mailroom.bag, 9, actor=clerk, at=mailroom.now)
    assert close_bag(mailroom.bag, actor=clerk, at=mailroom.now).waiting == 1
    difference = Difference.objects.get()
    assert (difference.subject_kind, difference.stated, difference.found) == ("bag", 10, 9)
    # While it is looked into, the envelope under the table can still be opened.
    mailroom.open(mailroom.letter(mailroom.numbers(10)[9], "form"))
    close_difference(difference, explanation="机の下にあった", actor=manager, at=mailroom.now)
    difference.refresh_from_db()
    assert difference.remaining == 0
    with pytest.raises(CannotOpen, match="閉じています"):
        mailroom.open(mailroom.letter(mailroom.numbers(1)[0], "form"))


def test_the_same_form_sent_twice_makes_one_pick_up_and_one_envelope(mailroom):
    first = picked(mailroom, form_key=UUID(int=1))
    assert picked(mailroom, form_key=UUID(int=1)) == first and first.opened_bags.count() == 2
    row = mailroom.letter(mailroom.numbers(1)[0], form_key=UUID(int=2))
    envelope = mailroom.open(row)
    assert mailroom.open(row) == envelope
    assert (Envelope.objects.count(), Sheet.objects.count()) == (1, 3)
    rows = [row, mailroom.letter(mailroom.numbers(2)[1], form_key=UUID(int=3))]
    by = {"bag": mailroom.bag, "tray": mailroom.tray, "actor": mailroom.staff["clerk"]}
    assert open_many(rows, **by, at=mailroom.now).done == 1
    assert open_many(rows, **by, at=mailroom.now).done == 0
    assert list(Envelope.objects.order_by("no").values_list("no", flat=True)) == [1, 2]


def test_a_wrong_postmark_or_number_is_put_right_by_two_with_the_reason(mailroom):
    wrong, right = mailroom.numbers(2)
    clerk, other = mailroom.staff["clerk"], mailroom.staff["other"]
    envelope = mailroom.open(mailroom.letter(wrong))
    by = {"why": "消印と番号の読み違い", "second": other, "actor": clerk, "at": mailroom.now}
    mark = {"postmark": "read", "postmark_on": mailroom.today - timedelta(days=3)}
    with pytest.raises(NotTwoPersons):
        correct_envelope(envelope, **mark, **by | {"second": clerk})
    with pytest.raises(CannotCorrect, match="理由"):
        correct_envelope(envelope, **mark, **by | {"why": " "})
    with pytest.raises(CannotCorrect, match="受取りの日より後"):
        correct_envelope(envelope, postmark="read", postmark_on=mailroom.today + timedelta(days=1), **by)
    with pytest.raises(CannotCorrect, match="検査数字"):
        correct_envelope(envelope, **mark, household=1, number="1234567890123", **by)
    assert correct_envelope(envelope, **mark, household=1, number=printed_number(right), **by).done == 1
    assert correct_envelope(envelope, **mark, household=1, number=right, **by).done == 0
    envelope.refresh_from_db()
    assert (envelope.postmark_on, {one.case.number for one in envelope.contents.all()}) == (
        mark["postmark_on"],
        {right},
    )
    record = EnvelopeCorrection.objects.get()
    assert (record.case_before.number, record.case.number) == (wrong, right)
    assert record.postmark_on_before == mailroom.today - timedelta(days=1)


def test_the_database_takes_no_postmark_or_case_without_its_record(mailroom):
    wrong, right = mailroom.numbers(2)
    envelope = mailroom.open(mailroom.letter(wrong))
    with pytest.raises(IntegrityError, match="a_postmark_is_corrected_with_a_record"), transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(postmark="none", postmark_on=None)
    with pytest.raises(IntegrityError, match="a_sheet_changes_its_case_with_a_record"), transaction.atomic():
        Sheet.objects.filter(envelope=envelope).update(case=Case.objects.get(number=right))
    envelope.refresh_from_db()
    assert envelope.postmark == "read"


def test_what_is_keyed_already_is_not_put_right_at_the_envelope(mailroom):
    number = mailroom.numbers(1)[0]
    envelope = mailroom.open(mailroom.letter(number))
    sent = keyed(Case.objects.get(number=number))
    Submission.objects.filter(pk=sent.pk).update(envelope=envelope)
    with pytest.raises(CannotCorrect, match="入力が済んでいます"):
        correct_envelope(
            envelope, postmark="none", postmark_on=None, why="読み違い", second=mailroom.staff["other"],
            actor=mailroom.staff["clerk"], at=mailroom.now,
        )  # fmt: skip
    assert EnvelopeCorrection.objects.count() == 0
