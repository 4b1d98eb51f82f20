"""The insert plan, the trays and the postage of a run, to look at before anything leaves: takes its manifest, changes nothing.

Pieces, codes and weights; nobody's name or address. The postage is an estimate (見積り).
"""

from datetime import date
from typing import NamedTuple

from todoku.custody import files
from todoku.formats.postage import Estimate, Lot, OwnPrices, Posting, estimate
from todoku.formats.postage_tariff import tariff_on
from todoku.formats.postal_sort import TrayPlan, lay
from todoku.letters.left_out import left_out
from todoku.letters.tables import PrintRun
from todoku.sheets.insert_plan import InsertLine, Setup, insert_plan, lots
from todoku.sheets.printer_files import read_manifest


class RunPlan(NamedTuple):
    """Where every piece of a run lies and what goes into its envelope; `lots` are its pieces as the post counts them."""

    setup: Setup
    trays: TrayPlan
    lines: list[InsertLine]
    lots: list[Lot]


def run_plan(run: PrintRun, setup: Setup) -> RunPlan:
    """The plan of a run that has its manifest, as the printing company gets it: without pieces void before.

    Raises InsertRefused, SortRefused, PostageRefused.
    """
    assert run.manifest is not None, "a run without its manifest has no plan"
    void = left_out(run)
    pieces = [one for one in read_manifest(files.read(run.manifest.path)) if one.piece_no not in void]
    trays = lay(((one.piece_no, one.postal_code) for one in pieces), tray_size=run.tray_size)
    lines = insert_plan(pieces, trays, setup)
    return RunPlan(setup, trays, lines, lots(lines, {one.piece_no: one.postal_code for one in pieces}))


def run_postage(plan: RunPlan, posting: Posting, own: OwnPrices, *, on: date) -> Estimate:
    """What posting the whole run at once on that day would cost, by every scheme. Raises PostageRefused."""
    return estimate(plan.lots, posting, tariff_on(on), own)
