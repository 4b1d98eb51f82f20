"""Papers without an owner, originals and cash, and counts still open at the day's end."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from todoku.incident.tables import Incident
from todoku.mailroom.close_bag import close_bag
from todoku.mailroom.close_difference import close_difference
from todoku.mailroom.confirm_match import CannotConfirm, confirm_match
from todoku.mailroom.day_end import day_end
from todoku.mailroom.give_container import give_container
from todoku.mailroom.log_valuable import CannotLog, log_valuable
from todoku.mailroom.place_paper import CannotPlace, place_paper
from todoku.mailroom.return_valuable import CannotReturn, return_valuable
from todoku.mailroom.send_paper_away import CannotSendAway, send_paper_away
from todoku.mailroom.tables import Difference, Sheet, UnplacedPaper, Valuable
from todoku.mailroom.take_container import take_container
from todoku.mailroom.two_persons import NotTwoPersons
from todoku.people.actor import SYSTEM
from todoku.progress.paper_hand_overs import paper_hand_overs
from todoku.scan.compare_sides import compare_sides
from todoku.scan.tables import ScanLot


@pytest.fixture
def paper(mailroom):
    """An application written by hand, without a number."""
    mailroom.open(mailroom.letter("", "form", "attachment", unplaced="handwritten"))
    return UnplacedPaper.objects.get()


def test_one_person_matches_and_another_confirms_also_for_the_database(mailroom, paper):
    clerk, other, (number,) = mailroom.staff["clerk"], mailroom.staff["other"], mailroom.numbers(1)
    with pytest.raises(CannotPlace, match="理由"):
        place_paper(paper, number=number, why="", actor=clerk, at=mailroom.now)
    with pytest.raises(CannotPlace, match="名簿にありません"):
        place_paper(paper, number="0000000000000", why="x", actor=clerk, at=mailroom.now)
    place_paper(paper, number=number, why="氏名と住所が一致", actor=clerk, at=mailroom.now)
    with pytest.raises(CannotConfirm, match="別の職員"):
        confirm_match(paper, actor=clerk, at=mailroom.now)
    with pytest.raises(IntegrityError, match="a_match_is_confirmed_by_another_person"), transaction.atomic():
        UnplacedPaper.objects.update(state="matched", closed_id=clerk.id, closed_at=mailroom.now)
    assert confirm_match(paper, actor=other, at=mailroom.now).done == 2
    assert set(Sheet.objects.values_list("case__number", flat=True)) == {number}


def test_whoever_disagrees_puts_the_paper_back(mailroom, paper):
    place_paper(
        paper, number=mailroom.numbers(1)[0], why="同姓", actor=mailroom.staff["clerk"], at=mailroom.now
    )
    confirm_match(paper, agrees=False, actor=mailroom.staff["other"], at=mailroom.now)
    paper.refresh_from_db()
    assert (paper.state, paper.case_id) == ("waiting", None)


def test_paper_of_somebody_else_leaves_with_a_reason_and_stays_out(mailroom, paper):
    with pytest.raises(CannotSendAway, match="理由"):
        send_paper_away(paper, to="handed_on", why="", actor=mailroom.staff["clerk"], at=mailroom.now)
    send_paper_away(
        paper, to="handed_on", why="国保の届出。保険年金課へ", actor=mailroom.staff["clerk"], at=mailroom.now
    )
    with pytest.raises(CannotPlace, match="回付"):
        place_paper(
            paper, number=mailroom.numbers(1)[0], why="x", actor=mailroom.staff["clerk"], at=mailroom.now
        )
    with pytest.raises(IntegrityError, match="paper_that_left_the_pool_stays_out"), transaction.atomic():
        UnplacedPaper.objects.update(state="waiting")
    assert UnplacedPaper.objects.get().state == "handed_on"


def test_cash_is_logged_by_two_and_returned_by_recorded_mail_by_two(mailroom):
    clerk, other = mailroom.staff["clerk"], mailroom.staff["other"]
    envelope = mailroom.open(mailroom.letter(mailroom.numbers(1)[0]))
    found = {
        "kind": "cash",
        "what": "千円札",
        "amount_yen": 1_000,
        "number": "",
        "actor": clerk,
        "at": mailroom.now,
    }
    with pytest.raises(NotTwoPersons):
        log_valuable(envelope, **found, second=clerk)
    with pytest.raises(CannotLog, match="金額"):
        log_valuable(envelope, **found | {"amount_yen": None}, second=other)
    cash = log_valuable(envelope, **found, second=other)
    back = {"returned_on": mailroom.today, "actor": clerk, "at": mailroom.now}
    with pytest.raises(CannotReturn, match="検査数字"):
        return_valuable(cash, mail_number="131-12-38385-3", second=other, **back)
    with pytest.raises(NotTwoPersons):
        return_valuable(cash, mail_number="131-12-38385-2", second=clerk, **back)
    with pytest.raises(IntegrityError, match="returned_by_recorded_mail"), transaction.atomic():
        Valuable.objects.update(
            returned_on=mailroom.today,
            mail_number="13112383852",
            returned_id=clerk.id,
            return_witness_id=clerk.id,
        )
    return_valuable(cash, mail_number="131-12-38385-2", second=other, **back)
    cash.refresh_from_db()
    assert (cash.mail_number, cash.return_witness) == ("13112383852", other.name)


def test_a_count_still_open_at_the_days_end_is_an_incident_once_with_its_report_drafted(mailroom):
    clerk, programme = mailroom.staff["clerk"], mailroom.programme
    for number in mailroom.numbers(9):
        mailroom.open(mailroom.letter(number, "form"))
    close_bag(mailroom.bag, actor=clerk, at=mailroom.now)
    give_container(mailroom.tray, to="scanning", stated=9, actor=clerk, at=mailroom.now)
    assert day_end(programme=programme, actor=SYSTEM, at=mailroom.now).done == 0, "the day is not over"
    night = mailroom.at + timedelta(days=1)
    assert day_end(programme=programme, actor=SYSTEM, at=night).done == 2
    assert day_end(programme=programme, actor=SYSTEM, at=night).done == 0
    difference = Difference.objects.get()
    assert difference.state == "incident" and difference.incident.subject_id == difference.pk
    assert "1不足" in difference.incident.first_report and "規模：書類1通" in difference.incident.first_report
    assert set(Incident.objects.values_list("subject_kind", "state")) == {
        ("difference", "open"),
        ("carry", "open"),
    }


def test_the_papers_way_balances_until_a_count_is_off_and_again_when_it_is_explained(mailroom):
    lines = {line.key: line for line in paper_hand_overs(mailroom.programme)}
    assert all(line.balances for line in lines.values())
    assert (lines["counted"].came_in, lines["opened"].waiting) == (10, 10)
    for number in mailroom.numbers(9):
        mailroom.open(mailroom.letter(number))
    close_bag(mailroom.bag, actor=mailroom.staff["clerk"], at=mailroom.now)
    lines = {line.key: line for line in paper_hand_overs(mailroom.programme)}
    assert not lines["opened"].balances and lines["laid"].balances and lines["laid"].done == 27
    close_difference(
        Difference.objects.get(), explanation="空封筒1通", actor=mailroom.staff["manager"], at=mailroom.now
    )
    lines = {line.key: line for line in paper_hand_overs(mailroom.programme)}
    assert lines["opened"].balances and lines["opened"].set_aside == 1


def test_what_the_giver_alone_has_stated_is_not_counted_and_a_tray_unlike_its_scan_is_seen(mailroom):
    clerk, other, programme = mailroom.staff["clerk"], mailroom.staff["other"], mailroom.programme
    for number in mailroom.numbers(3):
        mailroom.open(mailroom.letter(number))
    given = give_container(mailroom.tray, to="scanning", stated=9, actor=clerk, at=mailroom.now)
    lines = {line.key: line for line in paper_hand_overs(programme)}
    assert (lines["given"].waiting, lines["carried"].came_in, lines["carried"].done) == (1, 0, 0)
    take_container(given, found=9, actor=other, at=mailroom.now)
    lot = ScanLot.objects.create(
        programme=programme, container=mailroom.tray, name="束1", sha256="0" * 64, state="read", stated_sheets=8, sides=8,
        received_at=mailroom.now, received_by="係", arrived_on=localdate(mailroom.now),
    )  # fmt: skip
    compare_sides(lot, actor=clerk, at=mailroom.now)
    lines = {line.key: line for line in paper_hand_overs(programme)}
    assert (lines["given"].done, lines["carried"].came_in, lines["carried"].done) == (1, 9, 9)
    assert lines["scanned"].balances and not lines["matched"].balances
    close_difference(
        Difference.objects.get(),
        explanation="1枚は貼付台紙",
        actor=mailroom.staff["manager"],
        at=mailroom.now,
    )
    matched = next(line for line in paper_hand_overs(programme) if line.key == "matched")
    assert matched.balances and (matched.came_in, matched.done, matched.set_aside) == (1, 0, 1)


def test_a_counted_bag_that_nobody_goes_on_opening_is_an_incident(mailroom):
    for number in mailroom.numbers(4):
        mailroom.open(mailroom.letter(number, "form"))
    programme = mailroom.programme
    assert day_end(programme=programme, actor=SYSTEM, at=mailroom.at + timedelta(days=1)).done == 0
    later = mailroom.at + timedelta(days=6)
    assert day_end(programme=programme, actor=SYSTEM, at=later).done == 1
    assert day_end(programme=programme, actor=SYSTEM, at=later).done == 0
    incident = Incident.objects.get()
    assert (incident.subject_kind, incident.subject_id, incident.pieces) == ("open_bag", mailroom.bag.pk, 6)


def test_the_same_form_sent_twice_logs_cash_once_and_it_stays_as_logged(mailroom):
    envelope = mailroom.open(mailroom.letter(mailroom.numbers(1)[0]))
    found = {
        "kind": "cash", "what": "千円札3枚", "amount_yen": 3_000, "number": "", "second": mailroom.staff["other"],
        "actor": mailroom.staff["clerk"], "at": mailroom.now, "form_key": UUID(int=7),
    }  # fmt: skip
    assert log_valuable(envelope, **found) == log_valuable(envelope, **found)
    assert Valuable.objects.count() == 1
    for change in ({"amount_yen": 1_000}, {"second_name": "別人"}, {"first_id": 99}):
        with pytest.raises(IntegrityError, match="a_valuable_is_only_completed"), transaction.atomic():
            Valuable.objects.update(**change)
