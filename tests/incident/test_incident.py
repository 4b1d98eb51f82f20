"""An incident from the first hour on: drafted, reported, acknowledged by the municipality, closed; runs stopped meanwhile."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.mailroom.conftest import people
from tests.web.office import actor, posted
from todoku.incident.acknowledge import CannotAcknowledge, acknowledge
from todoku.incident.add_note import CannotNote, add_note
from todoku.incident.close_incident import CannotClose, close_incident
from todoku.incident.first_report import lacking
from todoku.incident.open_incident import CannotOpenIncident, open_incident
from todoku.incident.report_first import CannotReport, report_first
from todoku.incident.tables import Incident, IncidentNote
from todoku.letters.free_run import CannotFree, free_run
from todoku.letters.mis_sent import NoSuchLetter, mis_sent
from todoku.letters.stop_run import CannotStop, stop_run
from todoku.letters.stopped import RunStopped, ask_not_stopped
from todoku.letters.tables import PrintRun


@pytest.fixture
def office(town):
    staff = people(town.programme)
    staff["programme"], staff["at"] = town.programme, town.at
    return staff


def opened(office, **values) -> Incident:
    return open_incident(**{
        "programme": office["programme"], "kind": "lost", "what": "申請書1通の所在が分からない", "actor": office["clerk"],
        "found_at": office["at"] - timedelta(hours=1), "at": office["at"], "pieces": 1,
    } | values)  # fmt: skip


def reported(office, **values) -> Incident:
    incident = opened(office, **values)
    report_first(incident, incident.first_report, actor=office["manager"], at=office["at"])
    incident.refresh_from_db()
    return incident


def test_the_draft_says_what_when_how_many_and_what_is_being_done(office):
    text = opened(office).first_report
    assert (
        "紛失" in text
        and "書類1通" in text
        and "対象の方確認中" in text
        and "2026年11月21日 11時00分" in text
    )
    assert lacking(text) == ""
    assert "対応" in lacking(text[: text.index("対応：")])
    assert "12桁" in lacking(text + "\n123456789018")


def test_an_incident_needs_words_and_a_moment_that_has_been(office):
    with pytest.raises(CannotOpenIncident, match="何が起きたか"):
        opened(office, what=" ")
    with pytest.raises(CannotOpenIncident, match="今より後"):
        opened(office, found_at=office["at"] + timedelta(minutes=1))
    assert Incident.objects.count() == 0


def test_about_one_thing_there_is_one_incident(office):
    first = opened(office, subject=("letter", 7))
    assert opened(office, subject=("letter", 7), what="もう一度の電話").pk == first.pk
    assert Incident.objects.count() == 1


def test_only_a_manager_reports_and_what_was_reported_stays(office):
    incident = opened(office)
    with pytest.raises(CannotReport, match="業務責任者"):
        report_first(incident, incident.first_report, actor=office["clerk"], at=office["at"])
    report_first(incident, incident.first_report, actor=office["manager"], at=office["at"])
    with pytest.raises(CannotReport, match="続報"):
        report_first(incident, incident.first_report + "追記", actor=office["manager"], at=office["at"])
    with pytest.raises(IntegrityError, match="an_incident_stays_as_reported"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(first_report="別の話")
    assert Incident.objects.get().state == "reported"


def test_the_municipality_alone_acknowledges_and_only_then_it_is_closed(office):
    incident = reported(office)
    words = {"cause": "封筒の取り違え", "measure": "一通ずつ読み取る"}
    with pytest.raises(CannotAcknowledge):
        acknowledge(incident, actor=office["manager"], at=office["at"])
    with pytest.raises(IntegrityError, match="the_municipality_acknowledges"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(
            acknowledged_at=office["at"], acknowledged_id=office["manager"].id, acknowledged_by="x"
        )
    with pytest.raises(CannotClose, match="受領"):
        close_incident(incident, **words, actor=office["manager"], at=office["at"])
    acknowledge(incident, actor=office["officer"], at=office["at"])
    with pytest.raises(CannotClose, match="原因"):
        close_incident(incident, cause="x", measure=" ", actor=office["manager"], at=office["at"])
    close_incident(incident, **words, actor=office["manager"], at=office["at"])
    with pytest.raises(CannotNote, match="完了"):
        add_note(incident, "遅れて分かったこと", actor=office["clerk"], at=office["at"])
    assert Incident.objects.get().state == "closed"


def test_a_letter_in_the_wrong_hands_stops_its_run_until_it_is_freed_with_a_reason(office):
    programme, at = office["programme"], office["at"]
    run = posted(programme, limit=3)
    number = run.letters.select_related("case").get(piece_no=2).case.number
    at = max(at, run.made_at + timedelta(hours=1))
    call = {
        "programme": programme,
        "what": "別の世帯の申請書が届いたと電話",
        "found_at": at,
        "actor": office["clerk"],
        "at": at,
    }
    with pytest.raises(NoSuchLetter, match="番号に誤り"):
        mis_sent("1234567890123", **call)
    incident = mis_sent(number, **call)
    assert mis_sent(number, **call).pk == incident.pk
    with pytest.raises(RunStopped, match=f"事故{incident.pk}"):
        ask_not_stopped(run)
    run.refresh_from_db()
    with pytest.raises(CannotFree, match="第一報"):
        free_run(run, why="全通を確かめた", actor=office["manager"], at=at)
    report_first(incident, incident.first_report, actor=office["manager"], at=at)
    with pytest.raises(CannotFree, match="理由"):
        free_run(run, why="", actor=office["manager"], at=at)
    assert free_run(run, why="封入を全通確かめた", actor=office["manager"], at=at).done == 1
    ask_not_stopped(run)
    assert IncidentNote.objects.filter(incident=incident).count() == 2


def test_a_closed_incident_stops_nothing(office):
    run = PrintRun.objects.create(
        programme=office["programme"], kind="form", state="made", made_at=office["at"], made_by="印刷 太郎"
    )
    incident = reported(office)
    assert stop_run([run], incident=incident, actor=office["manager"], at=office["at"]).done == 1
    acknowledge(incident, actor=office["officer"], at=office["at"])
    close_incident(incident, cause="x", measure="y", actor=office["manager"], at=office["at"])
    ask_not_stopped(run)
    incident.refresh_from_db()
    with pytest.raises(CannotStop, match="完了"):
        stop_run([run], incident=incident, actor=actor("manager"), at=office["at"])
