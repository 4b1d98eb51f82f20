"""What the pages of the sweep show: each check with its sentence and count, the sweeps and the halts of a programme."""

from typing import NamedTuple

from django.utils.timezone import localtime

from todoku.payment.side_tables import Halt, SweepRun
from todoku.payment.sweep import ALL_CHECKS
from todoku.programme.tables import Programme
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

OCCASIONS = {"seal": "確定の前", "night": "毎晩", "hand": "手動"}
WHAT_SHOWN = 20
CHECKS = {check.key: check for check in ALL_CHECKS}


class Broken(NamedTuple):
    """A check that found something: its sentence, how many, what kind of thing, the first of them."""

    sentence: str
    rows: int
    subject: str
    what: list[str]
    halts: bool


def occasion_words(run: SweepRun) -> str:
    """Why a sweep was run."""
    return OCCASIONS.get(run.occasion, "停止の解除")


def found_in(run: SweepRun, invariant: str = "") -> list[Broken]:
    """What a sweep found, of one invariant or of all."""
    return [
        Broken(
            CHECKS[key].sentence,
            one["found"],
            CHECKS[key].subject,
            one["what"][:WHAT_SHOWN],
            CHECKS[key].halts,
        )
        for key, one in run.checks.items()
        if one["found"] and key in CHECKS and invariant in ("", one["invariant"])
    ]


def checks_table(run: SweepRun) -> Table:
    """Every check of one sweep; what is broken stands first."""
    order = sorted(
        run.checks.items(),
        key=lambda item: (not item[1]["found"], item[1]["invariant"][0] == "C", item[1]["invariant"]),
    )
    rows = [_check_row(key, one["found"], one["what"]) for key, one in order if key in CHECKS]
    return Table(
        id="checks", caption="点検した項目", total=len(rows), per_page=max(len(rows), 1), unit="項目",
        columns=[
            Column("number", "番号", fixed=True), Column("sentence", "常に成り立つこと"), Column("state", "結果"),
            Column("count", "違反", numeric=True), Column("what", "該当するもの"),
        ],
        rows=rows,
    )  # fmt: skip


def _check_row(key: str, found: int, what: list[str]) -> Row:
    check = CHECKS[key]
    badge = Badge("合っている", "ok")
    if found:
        badge = Badge("違反（停止）", "stop") if check.halts else Badge("違反", "warn")
    some = "、".join(what[:WHAT_SHOWN]) + (" など" if found > WHAT_SHOWN else "")
    return Row(
        key=key,
        cells=[
            Cell(check.invariant), Cell(check.sentence), Cell("", badge=badge), Cell(found),
            Cell(f"{check.subject} {some}" if found else ""),
        ],
        marked=bool(found),
    )  # fmt: skip


def runs_table(programme: Programme, slug: str, page: int) -> Table:
    """The sweeps, newest first."""
    found = SweepRun.objects.filter(programme=programme)
    shown = found.order_by("-pk")[(page - 1) * 50 : page * 50]
    return Table(
        id="runs", caption="これまでの点検", total=found.count(), page=page, unit="回",
        columns=[
            Column("at", "日時", fixed=True), Column("occasion", "きっかけ"), Column("checks", "項目", numeric=True),
            Column("found", "違反", numeric=True), Column("by", "実施"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{localtime(one.at):%Y/%m/%d %H:%M}", href=f"{one.pk}/"), Cell(occasion_words(one)),
                    Cell(len(one.checks)), Cell(one.violations), Cell(one.actor_name),
                ],
                marked=one.violations > 0,
            )
            for one in shown
        ],
        empty=Empty("点検はまだ行われていません。", "振込データを確定する前と毎晩、自動で点検します。"),
    )  # fmt: skip


def halts_table(programme: Programme, slug: str) -> Table:
    """The halts that were released, newest first."""
    found = Halt.objects.filter(programme=programme, released_at__isnull=False)
    shown = list(found.select_related("first_release_by", "released_by").order_by("-pk")[:20])
    return Table(
        id="halts", caption="解除された停止", total=len(shown),
        columns=[
            Column("number", "番号", fixed=True), Column("evidence", "見つかったこと"), Column("at", "停止", fixed=True),
            Column("released", "解除", fixed=True), Column("who", "解除した人"), Column("reason", "理由"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.invariant, href=f"halt/{one.pk}/"), Cell(one.evidence),
                    Cell(f"{localtime(one.at):%m/%d %H:%M}"),
                    Cell(f"{localtime(one.released_at):%m/%d %H:%M}" if one.released_at else ""),
                    Cell("・".join(who.name for who in (one.first_release_by, one.released_by) if who)),
                    Cell(one.release_reason),
                ],
            )
            for one in shown
        ],
        empty=Empty("停止したことはありません。"),
    )  # fmt: skip
