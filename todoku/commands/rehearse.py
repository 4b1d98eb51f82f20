"""`rehearse`: makes up applications with a fault each, which are then mixed into the second looks (埋込み).

Comes in: a programme. Goes out: open second looks in its rehearsal; how often one is dealt is said by the terms
([review.seeded]). Nothing of them is ever decided, paid or sent. With --end no more are dealt, and what was made up is
named for the disposal at the programme's end (廃棄): none of it is in what is handed back.
"""

import argparse

from django.utils import timezone

from todoku.commands.terminal import programme_named
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.end_seeded import end_seeded, made_up
from todoku.review.quality_tables import SeededLook
from todoku.sampletown.rehearsal import CASES_MAX, make_rehearsal

HELP = "Make up cases with a fault each that are mixed into the second looks of a programme's reviewers."
CASES = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slug", help="the programme")
    parser.add_argument(
        "--cases",
        type=int,
        default=CASES,
        choices=range(1, CASES_MAX + 1),
        metavar="N",
        help=f"1 to {CASES_MAX}",
    )
    parser.add_argument(
        "--end",
        action="store_true",
        help="deal no more of them; prints what is to be disposed of with the programme",
    )


def run(options: argparse.Namespace) -> int:
    programme = programme_named(options.slug)
    if options.end:
        return _end(programme)
    report = make_rehearsal(programme=programme, cases=options.cases, actor=SYSTEM, at=timezone.now())
    left = SeededLook.objects.filter(programme=programme, staff__isnull=True).count()
    percent = programme.terms.review.quality.seeded.percent
    print(
        f"{programme.name}: 質の確認用の案件を{report.done}件作りました。まだ使っていないものは{left}件です。"
    )
    if not percent:
        print("制度の[review.seeded]に割合がないため、まだ二次審査には混ざりません。")
    return 0


def _end(programme: Programme) -> int:
    done = end_seeded(programme=programme, at=timezone.now()).done
    found = made_up(programme)
    print(
        f"{programme.name}: 質の確認用の案件を終えました。審査から{done}件を外しました。判定の記録は残ります。"
    )
    print(
        f"廃棄するもの: 架空の案件{found.cases}件と、その画像{len(found.files)}件（納品物には含まれません）。"
    )
    for path, sha256 in found.files:
        print(f"{sha256}  {path}")
    return 0
