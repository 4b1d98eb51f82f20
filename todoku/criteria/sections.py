"""Pure. The criteria sheet as a reader sees it: sections of lines, the same on the page, on paper and in the PDF.

Takes a Sheet; leaves text in cells with the anchor of every line. Judges nothing and leaves nothing out.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from todoku.criteria import deciders
from todoku.criteria.application_results import ApplicationResult
from todoku.criteria.changes import anchor
from todoku.criteria.fact_words import in_words
from todoku.criteria.recipient_results import RecipientResult
from todoku.criteria.sheet import Criterion, Sheet
from todoku.formats.holder_name import TIERS
from todoku.formats.wareki import format_wareki
from todoku.programme.criteria_tables import EVIDENCE_GROUPS, FIELDS, KINDS, MEANINGS, Evidence
from todoku.programme.terms import parse
from todoku.programme.vocabulary import CHANNELS, SEVERITIES

FOUND_BY = {"checks": "点検が見つける", "person": "人が見て付ける", "off": "この制度では確認しない"}
NO_RULE = "定めなし（自治体に照会）"


class Line(NamedTuple):
    """One line: its place on the page, its cells (each some lines of text), "ok" or "fail" for an example, and whether the
    Version itself wrote it."""

    anchor: str
    cells: tuple[tuple[str, ...], ...]
    mark: str = ""
    own: bool = False


class Section(NamedTuple):
    """One section: its heading, a sentence under it, its columns and their widths in shares, its lines."""

    key: str
    title: str
    lead: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    lines: tuple[Line, ...]


def sections(sheet: Sheet) -> tuple[Section, ...]:
    """The whole sheet in reading order; a section without lines is left out."""
    every = (
        _about(sheet), _changes(sheet), _criteria(sheet), _evidence(sheet), _alterations(sheet), _holders(sheet),
        _others(sheet), _recipients(sheet), _applications(sheet), _uncovered(sheet),
    )  # fmt: skip
    return tuple(section for section in every if section.lines)


def _about(sheet: Sheet) -> Section:
    lines = (Line(anchor("about", label), ((label,), (value,))) for label, value in sheet.about)
    return Section(
        "about",
        "この制度の定め",
        "制度の定義（実施要綱）のうち、審査で使うものです。",
        ("項目", "定め"),
        (1, 4),
        tuple(lines),
    )


def _changes(sheet: Sheet) -> Section:
    lines = (
        Line(anchor("changes", event, who, phase), ((event,), (who,), (phase,), (then,)))
        for event, who, phase, then in sheet.changes
    )
    lead = "表にない場合は、自治体に照会します。"
    return Section(
        "changes",
        "基準日の後の死亡・転出など",
        lead,
        ("できごと", "だれに", "いつ", "扱い"),
        (1, 2, 2, 2),
        tuple(lines),
    )


def _criteria(sheet: Sheet) -> Section:
    return Section(
        "criteria", "審査基準", "申請一件ずつを、次の基準で見ます。満たさないときの手紙の文は、住民に届くとおりです。",
        ("不備", "基準", "認めるもの", "満たさないとき", "見つけ方・決める人"), (2, 4, 5, 5, 3),
        tuple(_criterion(one) for one in sheet.criteria),
    )  # fmt: skip


def _criterion(one: Criterion) -> Line:
    severities = "・".join(SEVERITIES[severity] for severity in one.severities)
    validity = (f"期限：{one.validity}",) if one.validity else ()
    enclose = (f"同封を求めるもの：{'、'.join(one.enclose)}",) if one.enclose else ()
    return Line(
        anchor("criteria", one.code),
        (
            (one.code, one.name), (one.criterion,), (*one.evidence, *validity),
            (one.fails, f"手紙の文：「{one.told}」", *enclose),
            (FOUND_BY[one.found_by], *((severities,) if severities else ()), deciders.NAMES[one.decides]),
        ),
        own=one.own,
    )  # fmt: skip


def _evidence(sheet: Sheet) -> Section:
    opens = parse(sheet.text).intake.opens
    lines = (
        Line(
            anchor("evidence", one.group, one.name),
            (
                (group,),
                (one.name,),
                (one.shows,),
                tuple(_validity(one, past=bool(one.until and one.until < opens))),
            ),
        )
        for key, group in EVIDENCE_GROUPS.items()
        for one in sheet.evidence
        if one.group == key
    )
    return Section(
        "evidence", "認める書類", "ここにない書類は、審査担当が決めずに自治体に照会します。",
        ("何のため", "書類", "写っていること", "有効なもの"), (3, 4, 5, 5), tuple(lines),
    )  # fmt: skip


def _validity(one: Evidence, *, past: bool) -> Iterator[str]:
    if one.validity:
        yield one.validity
    if one.until:
        yield f"{format_wareki(one.until)}まで" + ("。この制度の受付期間には使えない" if past else "")


def _alterations(sheet: Sheet) -> Section:
    """One line a field, one column a kind: what a struck-out or taped word means there."""
    ruled = {(one.field, one.kind): one for one in sheet.alterations}
    lines = []
    for key, name in FIELDS.items():
        cells: list[tuple[str, ...]] = [(name,)]
        for kind in KINDS:
            one = ruled.get((key, kind))
            cells.append((MEANINGS[one.meaning], *((one.note,) if one.note else ())) if one else (NO_RULE,))
        lines.append(Line(anchor("alterations", key), tuple(cells)))
    return Section(
        "alterations", "書き直しの扱い", "欄と、直し方ごとの扱いです。訂正印は求めません。", ("欄", *KINDS.values()),
        (3, 4, 4, 4, 4, 4), tuple(lines),
    )  # fmt: skip


def _holders(sheet: Sheet) -> Section:
    lines = (
        Line(
            anchor("holders", one.tier),
            (
                (one.tier, TIERS[one.tier]), (one.meaning,), one.evidence or ("求めない",),
                (deciders.NAMES[one.decides] if one.decides else "人の審査を要しない",),
            ),
        )
        for one in sheet.holders
    )  # fmt: skip
    return Section(
        "holders", "口座名義の一致", "口座名義（カナ）と名簿の名前を比べた程度ごとの扱いです。",
        ("程度", "意味", "要る書類", "決める人"), (3, 5, 5, 3), tuple(lines),
    )  # fmt: skip


def _others(sheet: Sheet) -> Section:
    lines = (
        Line(
            anchor("others", one.name),
            (
                (one.name,), tuple(f"{tier} {TIERS[tier]}" for tier in one.tiers), one.evidence,
                (deciders.NAMES[one.decides], *((one.note,) if one.note else ())),
            ),
        )
        for one in sheet.others
    )  # fmt: skip
    return Section(
        "others", "名義が違うときの書類", "本人と違う名義でも、次の書類で説明できるときは認めます。",
        ("どんなとき", "一致の程度", "書類（すべて）", "決める人・注意"), (3, 3, 5, 5), tuple(lines),
    )  # fmt: skip


def _recipients(sheet: Sheet) -> Section:
    return Section(
        "recipients", "対象者の例", "制度の定義にある例を、名簿を判定する規則そのもので判定した結果です。",
        ("例", "事実", "期待する結果", "出た結果"), (3, 5, 4, 4), tuple(_example(one, "recipients") for one in sheet.recipients),
    )  # fmt: skip


def _example(one: RecipientResult, key: str) -> Line:
    return Line(
        anchor(key, one.name),
        ((one.name,), one.facts, one.expected, one.found),
        "ok" if one.came_out else "fail",
    )


def _applications(sheet: Sheet) -> Section:
    return Section(
        "applications", "申請の例", "申請を点検する規則で判定した結果です。書いていない事実は、不備のない申請と同じです。",
        ("例", "事実", "期待する結果", "出た結果"), (4, 5, 3, 3), tuple(_application(one) for one in sheet.applications),
    )  # fmt: skip


def _application(one: ApplicationResult) -> Line:
    facts = (CHANNELS[one.channel], *(in_words(key, value) for key, value in one.facts.items()))
    found = (one.fault,) if one.fault else _outcome(one.found.items(), one.decides)
    return Line(
        anchor("applications", one.name),
        ((one.name, one.tells), facts, _outcome(one.expected.items(), one.expected_decides), found),
        "ok" if one.came_out else "fail", one.own,
    )  # fmt: skip


def _outcome(found: Iterable[tuple[str, str]], decides: str) -> tuple[str, ...]:
    codes = "、".join(f"{code}（{SEVERITIES[severity]}）" for code, severity in found)
    return (codes or "不備なし", deciders.NAMES[decides])


def _uncovered(sheet: Sheet) -> Section:
    lines = (
        Line(anchor("uncovered", one.kind, one.name), ((one.kind,), (one.name,), (one.why,)))
        for one in sheet.uncovered
    )
    return Section(
        "uncovered", "例のない基準", "例で確かめられていないものです。署名する前に、例が要るかを決めてください。",
        ("種類", "基準", "理由"), (2, 5, 4), tuple(lines),
    )  # fmt: skip
