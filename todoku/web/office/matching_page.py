"""What the 照合 desk shows: what somebody without a letter typed, beside up to five of the roll, differences marked.

Takes an application and its candidates; gives lines for the page. Reads only; the looks are recorded by the page.
"""

from typing import Any, NamedTuple

from todoku.case.stages import stage_name
from todoku.formats.codes import printed_number
from todoku.formats.wareki import format_wareki
from todoku.intake.claim_match import KEPT
from todoku.intake.keyless_tables import MatchCandidate, UnmatchedApplication
from todoku.intake.match_roll import WORDS
from todoku.intake.receipt import printed_receipt
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.address_guard import shown_address
from todoku.programme.tables import Programme
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

STATES = {"asked": "wait", "nobody": "none", "matched": "ok", "waiting": "wait"}


class Held(NamedTuple):
    """One value of a candidate and how well it agrees, in words; `differs` marks it."""

    value: str
    words: str
    differs: bool


class Beside(NamedTuple):
    """One candidate as a column: which key confirms it, its score, its case, and its values in the order of LINES."""

    rank: int
    score: int
    exact: bool
    who: str
    number: str
    stage: str
    can: bool
    lines: tuple[Held, ...]


LINES = ("氏名", "フリガナ", "生年月日", "住所", "電話")


def typed_lines(one: UnmatchedApplication) -> list[tuple[str, str]]:
    """Label and what was typed."""
    address = shown_address(one.postal_code, one.address, one.building, protected=False, roles=frozenset())
    born = f"{format_wareki(one.birth_date)}（{one.birth_date:%Y-%m-%d}）"
    return list(zip(LINES, (one.name, one.kana, born, address, one.phone), strict=True))


def candidates_of(one: UnmatchedApplication, actor: Actor) -> list[MatchCandidate]:
    """The candidates with person, case and stage, the best first; two queries at most."""
    found = MatchCandidate.objects.filter(application=one).select_related("person", "case__standing")
    return list(found.order_by("rank"))


def beside(one: MatchCandidate, actor: Actor) -> Beside:
    """A candidate as its column. An address under 支援措置 is shown to who may see it: the page records the look."""
    person, level = one.person, {part: level for part, level, _ in one.parts}
    address = shown_address(
        person.postal_code, person.address, person.building, protected=person.protected, roles=actor.roles, opened=True
    )  # fmt: skip
    born = (
        f"{format_wareki(person.birth_date)}（{person.birth_date:%Y-%m-%d}）"
        if person.birth_date
        else person.birth_text
    )
    values = (
        ("name", person.name),
        ("name", person.kana),
        ("birth_date", born),
        ("address", address),
        ("phone", person.phone),
    )
    return Beside(
        one.rank, one.score, one.exact, "世帯主・受給者本人" if one.is_head else "世帯員",
        printed_number(one.case.number) if one.case else "案件なし（対象外・未作成）",
        stage_name(one.case.standing.stage) if one.case else "", one.case is not None,
        tuple(
            Held(value or "–", WORDS[part][level[part]], level[part] not in ("same", "unknown")) for part, value in values
        ),
    )  # fmt: skip


def rows_of(one: UnmatchedApplication, columns: list[Beside]) -> list[dict[str, Any]]:
    """The comparison line by line: label, what was typed, and each candidate's value."""
    return [
        {"label": label, "typed": value, "held": [column.lines[place] for column in columns]}
        for place, (label, value) in enumerate(typed_lines(one))
    ]


def answers_table(programme: Programme, actor: Actor, page: int) -> Table:
    """What is asked about, and what had nobody: whom somebody still answers. Those under 支援措置 for who may see them."""
    found = UnmatchedApplication.objects.filter(programme=programme, state__in=["asked", "nobody"])
    if not may(actor.roles, "case.view_protected"):
        kept = KEPT.replace("u.id", "todoku_unmatchedapplication.id")
        found = found.extra(where=[f"not {kept}"])  # noqa: S610 fixed words of claim_match
    shown = found.order_by("state", "arrived_on", "id")[(page - 1) * 50 : page * 50]
    return Table(
        caption="電話・自治体で確認するもの、該当なしとしたもの", total=found.count(), page=page,
        columns=[
            Column("on", "送信日", fixed=True), Column("receipt", "受付番号", fixed=True), Column("name", "名のった氏名"),
            Column("phone", "電話"), Column("state", "状態"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{one.arrived_on:%m/%d}"),
                    Cell(printed_receipt(one.receipt_number), href=f"{one.pk}/" if one.state == "asked" else ""),
                    Cell(one.name, note=one.kana), Cell(one.phone),
                    Cell("", badge=Badge(one.get_state_display(), STATES[one.state])),
                ],
            )
            for one in shown
        ],
        empty=Empty("ありません。", "「電話・自治体で確認」や「該当なし」にした申請が、ここと「窓口」の折返しに並びます。"),
    )  # fmt: skip
