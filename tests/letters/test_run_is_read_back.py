"""No run is made whose file does not read back as the database has it: faults planted between the printing and the disk."""

import io

import pytest

from tests.letters.rebuilt import contents_of, line_in, rebuilt, with_code_of, with_field_of
from tests.letters.test_make_run import printed_database, run  # noqa: F401  the sample town, printed
from tests.town_fixture import AT, PRINTER
from todoku.custody import files
from todoku.custody.tables import Parcel
from todoku.letters import tables
from todoku.letters.make_run import _forms
from todoku.letters.print_files import print_files, run_label
from todoku.letters.reserve import Begun
from todoku.sheets.form_layout import base_pages, boxes_from_json
from todoku.sheets.sheet_codes import SheetKind


def swapped(pages, _):
    return [pages[2], pages[1], pages[0], *pages[3:]]


def with_a_foreign_code(pages, _):
    return [with_code_of(pages[0], pages[2]), *pages[1:]]


def with_a_foreign_address(pages, boxes):
    assert line_in(pages[0], boxes["name"]) != line_in(pages[4], boxes["name"])
    return [with_field_of(pages[0], pages[4], boxes["name"]), *pages[1:]]


def with_a_foreign_guide(pages, _):
    return [pages[0], pages[3], *pages[2:]]


def cut_short(pages, _):
    return pages[:-1]


def written_twice(pages, _):
    return [*pages, *pages]


def test_a_run_keeps_what_was_read_and_the_boxes_it_was_printed_with(run):  # noqa: F811
    (row,) = tables.ReadBack.objects.filter(run=run)
    assert (row.sha256, row.pieces, row.pages) == (run.pdf.sha256, run.pieces, run.pages)
    assert row.rasterised >= 3
    assert set(boxes_from_json(run.boxes)) >= {SheetKind.FORM, SheetKind.GUIDE, SheetKind.MEMBERS}


@pytest.mark.parametrize(
    "fault",
    [swapped, with_a_foreign_code, with_a_foreign_address, with_a_foreign_guide, cut_short, written_twice],
)
def test_a_wrong_page_stops_the_run_and_names_itself(run, fault):  # noqa: F811
    """The run is printed once more, and its pages come to harm on the way."""
    run.state = "making"
    run.save(update_fields=["state"])
    terms = run.programme.terms
    printing = _forms(Begun(run, "apply", False), terms.cohort("apply"), lambda count: None)
    boxes = base_pages(run.boxes)[0].boxes
    parcels, reads = Parcel.objects.count(), tables.ReadBack.objects.count()

    def harmed(file, manifest):
        clear = io.BytesIO()
        result = printing(clear, manifest)
        file.write(rebuilt(clear.getvalue(), fault(contents_of(clear.getvalue()), boxes)))
        return result

    with pytest.raises(AssertionError, match=r"照合で\d+ページが合わない.*ページ目"):
        print_files(run, harmed, actor=PRINTER, at=AT)
    run.refresh_from_db()
    assert run.state == "making"
    assert (Parcel.objects.count(), tables.ReadBack.objects.count()) == (parcels, reads)
    folder, label = f"print/{run.programme.slug}", run_label(run)
    assert files.inside(f"{folder}/{label}.wrong.pdf").exists()
    assert not files.inside(f"{folder}/{label}.pdf").exists()
