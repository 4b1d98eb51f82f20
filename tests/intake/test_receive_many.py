"""Many forms at once: the same rules, the refused ones named by number, a second run without effect."""

from collections import Counter

import pytest

from tests.open_today import letters
from todoku.case.tables import CaseStage
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.intake.tables import AccountVersion, Submission
from todoku.people.actor import SYSTEM


@pytest.fixture
def forms(town, day):
    return [
        PaperForm(
            number=one.number,
            arrived_on=day,
            phone="045-000-0000",
            bank="0005",
            branch="001",
            account_number="1234567",
            holder_kana=one.kana,
            key=f"form-{one.number}",
        )
        for one in letters(town.programme)
    ]


def test_every_form_is_counted_set_aside_or_refused(town, forms, at):
    twice = [*forms, PaperForm(number=forms[0].number, arrived_on=forms[0].arrived_on, key="second")]
    wrong = [*twice, PaperForm(number="1234567890123", arrived_on=forms[0].arrived_on)]
    report = receive_many(wrong, programme=town.programme, actor=SYSTEM, at=at)
    assert (report.done, report.waiting, len(report.refused)) == (len(forms), 1, 1)
    assert report.came_in == len(wrong)
    assert report.refused[0][0] == "1234567890123"
    assert Counter(CaseStage.objects.values_list("stage", flat=True))["received"] == len(forms)
    assert AccountVersion.objects.count() == len(forms) + 1


def test_a_second_run_of_the_same_file_changes_nothing(town, forms, at):
    receive_many(forms, programme=town.programme, actor=SYSTEM, at=at)
    again = receive_many(forms, programme=town.programme, actor=SYSTEM, at=at)
    assert (again.done, again.waiting, again.refused) == (0, 0, ())
    assert Submission.objects.count() == len(forms)
