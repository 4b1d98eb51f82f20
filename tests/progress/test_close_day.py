"""The daily close freezes; a reprint is identical; a correction is a new edition that says why; no hour falls between days."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from todoku.intake.tables import Submission
from todoku.progress.close_day import CannotClose, close_day, digest_of
from todoku.progress.figures import end_of, figures
from todoku.progress.tables import DailyReport


def close(office, day=None, *, at=None, remark=""):
    return close_day(
        programme=office.programme,
        day=day or office.today,
        actor=office.staff["manager"],
        at=at or office.at,
        remark=remark,
    )


def evening(office, hours_to_midnight=6):
    """Six in the evening in Japan, unless told otherwise."""
    office.at = end_of(office.today) - timedelta(hours=hours_to_midnight)
    return office.at


def test_a_close_freezes_the_figures_of_its_moment(quiet):
    quiet.arrive(quiet.form(quiet.applicants[0]))
    report = close(quiet, at=evening(quiet))
    quiet.arrive(quiet.form(quiet.applicants[1]))
    again = DailyReport.objects.get(pk=report.pk)
    assert again.figures["total"]["arrived_paper"] == 1
    assert (again.figures, again.sha256) == (report.figures, digest_of(report.figures))
    assert figures(quiet.programme, quiet.at + timedelta(minutes=1))["arrived_paper"] == 2


def test_a_frozen_report_is_not_rewritten_by_anybody(quiet):
    report = close(quiet, at=evening(quiet))
    with pytest.raises(Exception, match="permission denied|rows_are_never_rewritten"), transaction.atomic():
        DailyReport.objects.filter(pk=report.pk).update(remark="x")
    assert DailyReport.objects.get().remark == ""


def test_a_day_is_not_closed_in_its_morning(quiet):
    with pytest.raises(CannotClose, match="まだ終わっていません"):
        close(quiet, at=end_of(quiet.today) - timedelta(hours=12, minutes=1))
    assert not DailyReport.objects.exists()


def test_a_closed_day_is_restated_only_with_a_reason_and_beside_the_first(quiet):
    first = close(quiet, at=evening(quiet))
    with pytest.raises(CannotClose, match="締め済みです"):
        close(quiet)
    second = close(quiet, remark="取込みの遅れを訂正。")
    assert (first.edition, second.edition) == (1, 2)
    assert DailyReport.objects.get(pk=first.pk).figures == first.figures
    assert second.figures["until"] == first.figures["until"]


def test_the_database_asks_for_the_reason_too(quiet):
    close(quiet, at=evening(quiet))
    with pytest.raises(IntegrityError, match="a_restatement_says_why"), transaction.atomic():
        DailyReport.objects.create(
            programme=quiet.programme,
            day=quiet.today,
            edition=2,
            figures={},
            sha256="",
            closed_at=quiet.at,
            closed_by="x",
        )
    assert DailyReport.objects.count() == 1


def test_a_recount_of_a_day_without_late_changes_gives_the_same_figures(office):
    first = close(office, at=evening(office))
    second = close(office, remark="数え直し。")
    assert second.figures == first.figures
    assert second.sha256 == first.sha256


def test_what_happens_after_the_close_stands_in_the_next_report_and_the_days_add_up(quiet):
    quiet.arrive(quiet.form(quiet.applicants[0]))
    monday = close(quiet, at=evening(quiet))
    quiet.arrive(quiet.form(quiet.applicants[1]))  # at night, after the close
    quiet.later(days=1)
    evening(quiet, hours_to_midnight=9)
    quiet.arrive(quiet.form(quiet.applicants[2]))
    tuesday = close(quiet, at=evening(quiet))
    assert [r.figures["of_the_day"]["arrived_paper"] for r in (monday, tuesday)] == [1, 2]
    for key, total in tuesday.figures["total"].items():
        before = figures(quiet.programme, end_of(monday.day - timedelta(days=1)))[key]
        assert before + monday.figures["of_the_day"][key] + tuesday.figures["of_the_day"][key] == total
    assert tuesday.figures["since"] == monday.figures["until"]


def test_days_without_a_close_are_part_of_the_next_one_and_not_closed_afterwards(quiet):
    close(quiet, at=evening(quiet))
    missed = quiet.today + timedelta(days=1)
    quiet.later(days=1)
    quiet.arrive(quiet.form(quiet.applicants[0]))
    quiet.later(days=2)
    report = close(quiet, at=evening(quiet))
    assert report.figures["of_the_day"]["arrived_paper"] == 1
    with pytest.raises(CannotClose, match="その日報に含まれています"):
        close(quiet, missed)
    assert DailyReport.objects.count() == 2


def test_a_report_balances_its_stages(office):
    report = close(office, at=evening(office))
    assert sum(report.figures["stages"].values()) == report.figures["total"]["cases"]
    assert (
        Submission.objects.count()
        == report.figures["total"]["arrived_paper"] + report.figures["total"]["arrived_web"]
    )
