"""`sweeper`: puts back what killed workers held, every few seconds; `up` keeps one running."""

import argparse

from todoku.rounds.sweep import sweep_forever

HELP = "Re-queue the jobs of killed workers until stopped. Runs outside the queue."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(options: argparse.Namespace) -> int:
    sweep_forever()
    return 0
