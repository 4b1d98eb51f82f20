"""What a decision list holds otherwise than the lists before it, as both staff doors show it, and the list as a CSV.

Reads only; accounts masked, no name. The file is for reading and printing: what is decided is the digest, not this file.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from todoku.case.stages import stage_name
from todoku.review.codes import CODES
from todoku.review.list_differences import CHANGED, GONE, NAMES, SAME, Difference, counts_of, differences_of
from todoku.review.tables import Decision, DecisionList
from todoku.web.office.cells import case_cell
from todoku.web.office.list_page import OUTCOMES, WAYS, goes_to
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

SHOWN = 50
BADGES = {SAME: Badge("同じ", "none"), CHANGED: Badge("変更", "wait"), GONE: Badge("外れた", "stop")}
HEADINGS = (
    "案件の番号", "区分", "理由", "金額（円）", "口座（下3桁）・支給手段", "審査", "前の一覧との違い", "前の内容", "違いの理由",
)  # fmt: skip


def changes(made: DecisionList, slug: str) -> dict[str, Any]:
    """Counts by kind and the first cases that a list before held; {} where nothing is compared."""
    counts = counts_of(made)
    if not counts:
        return {}
    total = sum(counts[kind] for kind in (SAME, CHANGED, GONE))
    rows = [_row(one, slug) for one in differences_of(made, limit=SHOWN)]
    return {
        "changes_left": total - len(rows),
        "change_counts": [(NAMES[kind], count) for kind, count in counts.items()],
        "changes": Table(
            id="changes", caption="前の一覧と違う案件", total=len(rows), per_page=SHOWN,
            columns=[
                Column("number", "案件", fixed=True), Column("kind", "違い"), Column("was", "前の内容"),
                Column("now", "この一覧"), Column("cause", "違いの理由"),
            ],
            rows=rows,
            empty=Empty("前の一覧に載っていた案件は、ありません。", "どの案件も、一覧に初めて載ります。"),
        ),
    }  # fmt: skip


def _row(one: Difference, slug: str) -> Row:
    now = (
        said(one.outcome, one.reason, one.amount_yen)
        if one.outcome
        else f"載っていない（{stage_name(one.stage)}）"
    )
    if one.kind == CHANGED and one.other_account:
        now += "・口座も変わった"
    cells = [
        case_cell(one.number, slug), Cell("", badge=BADGES[one.kind]),
        Cell(f"{said(one.was, one.was_reason, one.was_yen)}（一覧 {one.was_on}）"), Cell(now), Cell(one.cause),
    ]  # fmt: skip
    return Row(key=one.number, cells=cells, name=one.number)


def said(outcome: str, reason: str, yen: int) -> str:
    """What a row of a list says: 支給 100,000円, or 不支給 with its reason."""
    if outcome == "grant":
        return f"支給 {yen:,}円"
    return f"不支給（{CODES[reason].name if reason in CODES else reason or '理由なし'}）"


def list_csv(made: DecisionList) -> Iterator[bytes]:
    """The list as lines of CSV with a BOM: a row a case with its reason, and how it differs from the lists before."""
    differ = {one.number: one for one in differences_of(made)}
    yield b"\xef\xbb\xbf" + _line(HEADINGS)
    found = Decision.objects.filter(decision_list=made).exclude(outcome="sent_back")
    for one in (
        found.select_related("case__proposal", "account").order_by("case__number", "part").iterator(10_000)
    ):
        proposal = getattr(one.case, "proposal", None)
        other = differ.pop(one.case.number, None)
        name = NAMES[other.kind] if other else "新しく載った"
        yield _line((
            one.case.printed_number, OUTCOMES[one.outcome].text, _reason(one), one.amount_yen, goes_to(one),
            WAYS.get(proposal.via, proposal.via) if proposal else "", name if made.kind == "first" else "",
            said(other.was, other.was_reason, other.was_yen) if other else "", other.cause if other else "",
        ))  # fmt: skip
    for gone in differ.values():
        was = said(gone.was, gone.was_reason, gone.was_yen)
        yield _line((gone.number, "", "", "", "", "", NAMES[GONE], was, gone.cause))


def _reason(one: Decision) -> str:
    name = CODES[one.reason].name if one.reason in CODES else ""
    return "。".join(part for part in (name, one.remark) if part)


def _line(values: tuple[object, ...]) -> bytes:
    """One line; a text that a spreadsheet would take for a formula is kept a text."""
    out = StringIO()
    csv.writer(out).writerow(
        f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
        for value in values
    )
    return out.getvalue().encode()
