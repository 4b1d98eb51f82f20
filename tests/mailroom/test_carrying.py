"""Containers go from hand to hand: two names, two counts, sealed and sent; sheets move only with a record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from todoku.mailroom.carry import carry
from todoku.mailroom.give_container import CannotGive, give_container
from todoku.mailroom.make_container import make_container
from todoku.mailroom.move_sheet import CannotMove, move_sheet
from todoku.mailroom.open_many import CannotOpen
from todoku.mailroom.put_in_box import CannotPut, put_in_box
from todoku.mailroom.seal_container import CannotSeal, seal_container
from todoku.mailroom.tables import BoxMove, Carry, Container, Difference, Sheet, SheetMove
from todoku.mailroom.take_back_carry import CannotTakeBack, take_back_carry
from todoku.mailroom.take_container import CannotTake, take_container
from todoku.mailroom.two_persons import NotTwoPersons


@pytest.fixture
def filled(mailroom):
    """Three envelopes in the tray, nine sheets."""
    for number in mailroom.numbers(3):
        mailroom.open(mailroom.letter(number))
    return mailroom


def made(mailroom, kind, station="opening"):
    return make_container(
        programme=mailroom.programme,
        kind=kind,
        station=station,
        actor=mailroom.staff["clerk"],
        at=mailroom.now,
    )


def test_a_tray_is_given_by_one_and_taken_by_another(filled):
    clerk, other = filled.staff["clerk"], filled.staff["other"]
    given = give_container(filled.tray, to="scanning", stated=9, actor=clerk, at=filled.now)
    with pytest.raises(CannotTake, match="別の職員"):
        take_container(given, found=9, actor=clerk, at=filled.now)
    with pytest.raises(CannotOpen, match="引渡し中"):
        filled.open(filled.letter(filled.numbers(1)[0]))
    with pytest.raises(CannotGive, match="待っています"):
        give_container(filled.tray, to="keying", stated=9, actor=clerk, at=filled.now)
    assert take_container(given, found=9, actor=other, at=filled.now).waiting == 0
    filled.tray.refresh_from_db()
    assert filled.tray.station == "scanning" and Difference.objects.count() == 0
    with pytest.raises(CannotTake, match="受け取り済み"):
        take_container(given, found=9, actor=other, at=filled.now)


def test_counts_that_do_not_agree_open_a_difference_at_either_end(filled):
    clerk, other = filled.staff["clerk"], filled.staff["other"]
    report = carry(filled.tray, to="scanning", stated=8, found=7, second=other, actor=clerk, at=filled.now)
    opened = Difference.objects.order_by("pk").values_list("subject_kind", "stated", "found")
    assert report.waiting == 1
    assert list(opened) == [("give", 9, 8), ("carry", 8, 7)]


def test_the_database_refuses_a_carry_by_one_person_and_one_rewritten(filled):
    clerk, other = filled.staff["clerk"], filled.staff["other"]
    with pytest.raises(NotTwoPersons):
        carry(filled.tray, to="scanning", stated=9, found=9, second=clerk, actor=clerk, at=filled.now)
    given = give_container(filled.tray, to="scanning", stated=9, actor=clerk, at=filled.now)
    one = Carry.objects.filter(pk=given.pk)
    with pytest.raises(IntegrityError, match="a_container_is_carried_by_two_persons"), transaction.atomic():
        one.update(taken_id=clerk.id, taken_name=clerk.name, found=9, taken_at=filled.now)
    take_container(given, found=9, actor=other, at=filled.now)
    with pytest.raises(IntegrityError, match="a_carry_is_only_completed"), transaction.atomic():
        one.update(found=10)
    assert one.get().found == 9


def test_a_container_does_not_change_its_station_without_a_carry(filled):
    with pytest.raises(IntegrityError, match="a_container_moves_by_a_carry"), transaction.atomic():
        Container.objects.filter(pk=filled.tray.pk).update(station="municipality")
    filled.tray.refresh_from_db()
    assert filled.tray.station == "opening"


def test_a_sheet_goes_to_another_container_with_the_reason_and_not_without(filled):
    bundle = made(filled, "bundle")
    sheet = filled.tray.sheets.get(position=2)
    with pytest.raises(CannotMove, match="理由"):
        move_sheet(sheet, bundle, why=" ", actor=filled.staff["clerk"], at=filled.now)
    move_sheet(sheet, bundle, why="別の世帯の添付", actor=filled.staff["clerk"], at=filled.now)
    sheet.refresh_from_db()
    assert (sheet.container_id, sheet.position) == (bundle.pk, 1)
    with pytest.raises(IntegrityError, match="a_sheet_moves_with_a_record"), transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(container=filled.tray, position=2)
    assert SheetMove.objects.get().from_position == 2


def test_a_sealed_box_takes_nothing_and_gives_nothing_until_it_is_back_at_work(filled):
    clerk, other = filled.staff["clerk"], filled.staff["other"]
    bundle, box = made(filled, "bundle"), made(filled, "box")
    with pytest.raises(CannotSeal, match="空"):
        seal_container(box, actor=clerk, at=filled.now)
    for sheet in filled.tray.sheets.filter(position__lte=4):
        move_sheet(sheet, bundle, why="束ねる", actor=clerk, at=filled.now)
    put_in_box(bundle, box, actor=clerk, at=filled.now)
    put_in_box(bundle, box, actor=clerk, at=filled.now)
    assert [(one.to_box, one.actor_id) for one in BoxMove.objects.all()] == [(box, clerk.id)]
    assert seal_container(box, actor=clerk, at=filled.now).done == 4
    with pytest.raises(CannotMove, match="封"):
        move_sheet(bundle.sheets.first(), filled.tray, why="戻す", actor=clerk, at=filled.now)
    with pytest.raises(IntegrityError, match="a_sealed_container_stays_as_it_is"), transaction.atomic():
        sheet = filled.tray.sheets.last()
        SheetMove.objects.create(
            sheet=sheet, from_container=filled.tray, from_position=sheet.position, to_container=bundle, to_position=5,
            why="x", at=filled.now, actor_name="x",
        )  # fmt: skip
        Sheet.objects.filter(pk=sheet.pk).update(container=bundle, position=5)
    with pytest.raises(CannotGive, match="箱ごと"):
        give_container(bundle, to="store", stated=4, actor=clerk, at=filled.now)
    assert carry(box, to="store", stated=4, found=4, second=other, actor=clerk, at=filled.now).waiting == 0
    bundle.refresh_from_db()
    assert (bundle.station, bundle.sealed_at is None) == ("store", False)
    carry(box, to="review", stated=4, found=4, second=clerk, actor=other, at=filled.now)
    bundle.refresh_from_db()
    assert (bundle.station, bundle.sealed_at) == ("review", None)


def test_only_a_bundle_goes_into_a_box(filled):
    by = {"actor": filled.staff["clerk"], "at": filled.now}
    with pytest.raises(CannotPut, match="束だけ"):
        put_in_box(filled.tray, made(filled, "box"), **by)
    with pytest.raises(CannotPut, match="同じ場所"):
        put_in_box(made(filled, "bundle"), made(filled, "box", "store"), **by)
    assert Container.objects.filter(inside__isnull=False).count() == 0


def test_who_gave_it_takes_it_back_within_a_minute_and_nothing_has_moved(filled):
    clerk, other = filled.staff["clerk"], filled.staff["other"]
    given = give_container(filled.tray, to="keying", stated=9, actor=clerk, at=filled.now)
    with pytest.raises(CannotTakeBack, match="本人"):
        take_back_carry(given, actor=other, at=filled.now)
    with pytest.raises(CannotTakeBack, match="1分"):
        take_back_carry(given, actor=clerk, at=given.at + timedelta(seconds=61))
    assert take_back_carry(given, actor=clerk, at=filled.now).done == 1
    assert take_back_carry(given, actor=clerk, at=filled.now).done == 0
    filled.tray.refresh_from_db()
    assert filled.tray.station == "opening" and Carry.objects.get().taken_back
    with pytest.raises(CannotTake):
        take_container(given, found=9, actor=other, at=filled.now)
    with pytest.raises(IntegrityError, match="a_container_moves_by_a_carry"), transaction.atomic():
        Container.objects.filter(pk=filled.tray.pk).update(station="keying")
    again = give_container(filled.tray, to="scanning", stated=9, actor=clerk, at=filled.now)
    take_container(again, found=9, actor=other, at=filled.now)
    with pytest.raises(CannotTakeBack, match="受け取りました"):
        take_back_carry(again, actor=clerk, at=filled.now)
