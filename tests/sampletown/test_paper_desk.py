"""The paper of a town in full swing: filled in, opened, scanned, keyed twice, and something left on every desk."""

from django.db.models import Count

from todoku.intake.tables import Keying, KeyTask, Submission
from todoku.mailroom.tables import Bag, Carry, Difference, Envelope, Sheet, UnplacedPaper, Valuable
from todoku.programme.tables import Programme
from todoku.sampletown.staff import SAMPLES
from todoku.scan.tables import ScanLot, ScanPage


def test_envelopes_opened_are_those_counted_or_explained(busy_town: Programme) -> None:
    counted = sum(bag.counted or 0 for bag in Bag.objects.filter(pickup__programme=busy_town))
    differences = Difference.objects.filter(programme=busy_town, subject_kind="bag")
    assert [one.state for one in differences] == ["explained"]
    assert counted - Envelope.objects.filter(programme=busy_town).count() == sum(
        one.stated - one.found for one in differences
    )


def test_every_page_lies_on_its_sheet_and_every_container_was_carried_by_two(busy_town: Programme) -> None:
    lots = ScanLot.objects.filter(programme=busy_town).annotate(on_sheets=Count("found_pages__sheet"))
    whole = [lot for lot in lots if lot.pages == Sheet.objects.filter(container=lot.container).count()]
    assert whole and all(lot.on_sheets == lot.pages for lot in whole)
    carries = Carry.objects.filter(container__programme=busy_town)
    assert carries.exists() and all(one.given_id != one.taken_id for one in carries)


def test_a_form_that_was_keyed_by_two_has_become_its_submission(busy_town: Programme) -> None:
    done = KeyTask.objects.filter(programme=busy_town, state="done")
    assert done.exists()
    for task in done:
        keyers = dict(Keying.objects.filter(task=task).values_list("round", "staff_id"))
        assert keyers[1] != keyers[2]
        assert task.submission and task.submission.case_id == task.case_id
        assert task.submission.envelope_id == task.envelope_id
    # In a lot of which a sheet was scanned twice nobody knows yet which page lies on which sheet.
    assert done.exclude(envelope=None).exists()


def test_flat_rows_keep_their_envelope_too(busy_town: Programme) -> None:
    first = Submission.objects.filter(programme=busy_town, channel="paper", key_task=None).order_by("pk")
    assert first.exists()
    assert not first.filter(envelope=None).exists()


def test_every_desk_of_paper_has_something_to_do(busy_town: Programme) -> None:
    assert KeyTask.objects.filter(programme=busy_town, state__in=["first", "second", "differs"]).exists()
    assert ScanPage.objects.filter(programme=busy_town, state="look").exists()
    assert UnplacedPaper.objects.filter(programme=busy_town, state="waiting").exists()
    assert Valuable.objects.filter(programme=busy_town, returned_on__isnull=True).exists()
    assert Valuable.objects.filter(programme=busy_town, returned_on__isnull=False).exists()
    assert sum(one.roles[0] == "clerk" for one in SAMPLES) == 2
