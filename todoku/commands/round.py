"""`round`: one round of the day's work on whatever waits; says what it did and what waits for whom."""

import argparse

from django.utils import timezone

from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.rounds.round import do_round

HELP = "Run every inward step on whatever waits, in journey order, and list what waits for a person."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--programme", help="only this programme, by its short name (slug)")


def run(options: argparse.Namespace) -> int:
    programmes = Programme.objects.filter(versions__opened_at__isnull=False).distinct().order_by("slug")
    if options.programme:
        programmes = programmes.filter(slug=options.programme)
    for programme in programmes:
        print(f"{programme.municipality.name} {programme.name} ({programme.slug})")
        for step, report in do_round(programme=programme, actor=SYSTEM, at=timezone.now()):
            told = (
                f"{report.waiting:>9,} 待ち  → {step.who}"
                if step.outward
                else f"{report.done:>9,} 済 {report.waiting:>7,} 待ち"
            )
            print(f"  {step.name:　<14}{told}")
            for what, why in report.refused[:10]:
                print(f"      {what}: {why}")
    return 0
