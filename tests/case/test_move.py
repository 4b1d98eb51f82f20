"""The stage moves only along arrows, with its history, and only by move."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, connections, transaction

from todoku.case import stages
from todoku.case.move import CannotMove, Selection, move
from todoku.case.tables import CaseEvent, CaseStage, Move
from todoku.people.actor import SYSTEM

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def programme(database, town_of_cases):
    return town_of_cases(5)


def test_a_list_of_cases_is_moved_with_one_event_each(programme):
    cases = list(CaseStage.objects.values_list("case_id", flat=True))
    moved = move(cases, programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT)
    assert moved == 5
    assert set(CaseStage.objects.values_list("stage", "previous")) == {("invited", "listed")}
    assert CaseEvent.objects.filter(from_stage="listed", to_stage="invited").count() == 5
    assert Move.objects.get(to_stage="invited").count == 5


def test_one_case_that_may_not_go_stops_the_whole_list(programme):
    cases = list(CaseStage.objects.values_list("case_id", flat=True))
    move(cases[:1], programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT)
    with pytest.raises(CannotMove) as refused:
        move(cases, programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT)
    assert "1件" in refused.value.sentence
    assert CaseStage.objects.filter(stage="invited").count() == 1


def test_a_selection_moves_what_may_go_and_is_safe_to_run_twice(programme):
    everything = Selection("select id from todoku_case where programme_id = %s", [programme.pk])
    assert move(everything, programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT) == 5
    assert move(everything, programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT) == 0
    assert CaseEvent.objects.filter(to_stage="invited").count() == 5
    assert Move.objects.filter(to_stage="invited").count() == 1


def test_the_database_refuses_a_stage_that_no_arrow_leads_to(programme):
    case = CaseStage.objects.first()
    with pytest.raises(IntegrityError, match="a_move_follows_an_arrow"), transaction.atomic():
        CaseStage.objects.filter(pk=case.pk).update(previous="listed", stage="paid")
    assert CaseStage.objects.get(pk=case.pk).stage == "listed"


def test_nobody_rewrites_history_not_even_the_owner(programme):
    cases = list(CaseStage.objects.values_list("case_id", flat=True))
    move(cases, programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=AT)
    connection.close()
    with (
        connections["owner"].cursor() as cursor,
        pytest.raises(IntegrityError, match="rows_are_never_deleted"),
    ):
        cursor.execute("delete from todoku_caseevent")
    assert CaseEvent.objects.filter(to_stage="listed").count() == 5
    assert CaseEvent.objects.filter(to_stage="invited").count() == 5
