"""`bench`: measures the bulk steps beside the way of one object at a time and beside the limit of the machine.

Touches only a sample database of its own, empties it before and after; leaves the figures under var/bench.
"""

import argparse
import json

from benches import forms_beside, report, reviewers, reviewing, scans
from benches.empty_copy import copy_kept
from benches.measure import apart
from benches.run import bench
from benches.verifying import MUTATED_LINES, mutated
from todoku.ground.places import var

HELP = (
    "Measure the bulk steps on a sample town: rows a second, peak memory, statements; as ratios to one object at a"
    " time and to bare COPY and file writes; the forms with every page read back beside WeasyPrint, typst and ReportLab;"
    " scanned pages beside bare JPEG decoding and a full-page search for codes."
    " Works in a sample database of its own."
)
HOUSEHOLDS = (18_200, 182_000)
PAYMENTS = (182_000, 738_000)
QUICK, QUICK_PAYMENTS = (3_000, 18_200), (18_200,)
REPEATS, SAMPLE, SHEETS, MUTATIONS = 3, 1_000, 30, 10_000

# Options that take several sizes each, in the order of the work.
SIZES = {
    "--households": "sizes of the town (default 18200 182000; none: leave out)",
    "--payments": "decided payments on which the money steps are measured alone (default 182000 738000; none: leave out)",
    "--forms": "numbers of forms printed and read back beside other libraries (default 18200 182000; none: leave out)",
    "--scans": "scanned pages in a lot (default 500 5000; none: leave out)",
    "--reviews": "applications screened, tried and re-screened (default 182000 1680000; none: leave out)",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    for option, help_words in SIZES.items():
        parser.add_argument(option, type=int, nargs="*", default=None, help=help_words)
    parser.add_argument(
        "--reviewers",
        type=int,
        default=None,
        help=f"reviewers at once while everything is re-screened (default {reviewers.REVIEWERS}; 0: leave out)",
    )
    parser.add_argument(
        "--reviewers-seconds",
        type=float,
        default=reviewers.SECONDS,
        help=f"how long they work, alone and beside the bulk run (default {reviewers.SECONDS})",
    )
    parser.add_argument("--quick", action="store_true", help="sizes 3000 and 18200, and 18200 payments")
    parser.add_argument(
        "--repeats",
        type=int,
        default=REPEATS,
        help=f"runs of the smallest size (default {REPEATS}), medians shown",
    )
    parser.add_argument(
        "--sample", type=int, default=SAMPLE, help=f"rows done one object at a time (default {SAMPLE:,})"
    )
    parser.add_argument(
        "--sheets", type=int, default=SHEETS, help=f"forms that typst sets one by one (default {SHEETS})"
    )
    parser.add_argument(
        "--mutations",
        type=int,
        default=None,
        help=f"changed files shown to the verifier (default {MUTATIONS:,}; a tenth with --quick)",
    )
    parser.add_argument(
        "--mutated-lines",
        type=int,
        default=MUTATED_LINES,
        help=f"lines of each changed file (default {MUTATED_LINES:,})",
    )


def run(options: argparse.Namespace) -> int:
    with copy_kept():
        return _measured(options)


def _measured(options: argparse.Namespace) -> int:
    sizes = options.households if options.households is not None else QUICK if options.quick else HOUSEHOLDS
    payments = (
        options.payments if options.payments is not None else QUICK_PAYMENTS if options.quick else PAYMENTS
    )
    found = bench(
        sizes, payments=payments, repeats=options.repeats, sample=options.sample, sheets=options.sheets
    )
    forms = options.forms if options.forms is not None else QUICK if options.quick else HOUSEHOLDS
    ways = forms_beside.beside(forms, sample=options.sample) if forms else []
    lots = options.scans if options.scans is not None else scans.QUICK_SIZES if options.quick else scans.SIZES
    read = scans.beside(lots, sample=min(scans.SAMPLE, options.sample)) if lots else []
    judged, at_once = _reviews(options)
    folder, day = var("bench"), f"{found.machine.at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    figures = {**report.values(found), "forms": [forms_beside.values(way) for way in ways]}
    figures["scans"] = [scans.values(way) for way in read]
    figures["reviews"] = [reviewing.values(line) for line in judged]
    figures["reviewers"] = reviewers.values(at_once) if at_once else {}
    (folder / f"{day}.json").write_text(
        json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (folder / f"{day}.md").write_text(
        report.markdown(found) + forms_beside.markdown(ways) + scans.markdown(read), encoding="utf-8"
    )
    print(report.text(found))
    if ways:
        print(f"\n{forms_beside.text(ways)}")
    if read:
        print(f"\n{scans.text(read)}")
    if judged:
        print(f"\n{reviewing.text(judged)}")
    if at_once:
        print(f"\n{reviewers.text(at_once)}")
    mutations = (
        options.mutations if options.mutations is not None else MUTATIONS // (10 if options.quick else 1)
    )
    if mutations:
        print(f"\n{apart(mutated, mutations, options.mutated_lines)}")
    print(f"\nAlso in {folder / day}.json and .md")
    return 0


def _reviews(options: argparse.Namespace) -> tuple[list[reviewing.Line], reviewers.Reviewed | None]:
    """Screening at its sizes, then the reviewers on the smallest of them."""
    sizes = reviewing.QUICK_SIZES if options.quick else reviewing.SIZES
    if options.reviews is not None:
        sizes = tuple(options.reviews)
    judged = reviewing.reviewing(sizes, sample=options.sample) if sizes else []
    people = (
        options.reviewers if options.reviewers is not None else 20 if options.quick else reviewers.REVIEWERS
    )
    if not people:
        return judged, None
    applications = min(sizes) if sizes else reviewers.APPLICATIONS
    think = min(reviewers.THINK_SECONDS, options.reviewers_seconds / 2)
    at_once = reviewers.reviewed(
        applications=applications, reviewers=people, seconds=options.reviewers_seconds, think=think
    )
    return judged, at_once
