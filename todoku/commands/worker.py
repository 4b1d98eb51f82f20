"""`worker`: does the queued long work and the minute's round until it is stopped; `up` keeps one running."""

import argparse

from todoku.rounds.queue import work_forever

HELP = "Work on the job queue until stopped. `./run up` starts one; more may run on other hosts."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queue", action="append", default=[], help="only this queue: work or minute")


def run(options: argparse.Namespace) -> int:
    work_forever(options.queue)
    return 0
