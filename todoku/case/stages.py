"""Pure. The stages a case can stand at, and the arrows between them, as data.

`case/move.py` moves a case only along an arrow named here; desks, docs and the database's guard read the
same table. What a resident is told about a stage stands in `public_wording.py`.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Stage(NamedTuple):
    """One place where a case can stand (段階): its code in the database, its name at the desks, the
    office's term."""

    code: str
    name: str
    term: str
    is_end: bool


class Arrow(NamedTuple):
    """One lawful move between two stages, with the reason in the words of the office."""

    source: str
    target: str
    reason: str


LISTED = "listed"
INVITED = "invited"
RECEIVED = "received"
IN_REVIEW = "in_review"
WITH_MUNICIPALITY = "with_municipality"
RETURNED = "returned"
PASSED = "passed"
DECIDED = "decided"
REFUSED = "refused"
PAYING = "paying"
PAID = "paid"
FAILED = "failed"
DECLINED = "declined"
LAPSED = "lapsed"

STAGES: dict[str, Stage] = {
    stage.code: stage
    for stage in (
        Stage(LISTED, "発送前", "名簿登載", False),
        Stage(INVITED, "到着待ち", "申請書送付", False),
        Stage(RECEIVED, "審査待ち", "受付", False),
        Stage(IN_REVIEW, "審査中", "審査", False),
        Stage(WITH_MUNICIPALITY, "照会中", "疑義照会", False),
        Stage(RETURNED, "不備連絡中", "返戻", False),
        Stage(PASSED, "決定待ち", "審査済", False),
        Stage(DECIDED, "支給決定", "支給決定", False),
        Stage(REFUSED, "不支給", "不支給決定", True),
        Stage(PAYING, "振込依頼済", "振込依頼", False),
        Stage(PAID, "支給済", "支給完了", True),
        Stage(FAILED, "振込不能", "振込不能", False),
        Stage(DECLINED, "辞退", "受給辞退", True),
        Stage(LAPSED, "期限切れ", "失効", True),
    )
}

# An end can still be left: by an order, by the resident's change of mind, or by money that comes back late.
ARROWS: tuple[Arrow, ...] = (
    Arrow(LISTED, INVITED, "申請書・お知らせを発送"),
    Arrow(LISTED, RECEIVED, "発送前に申請が到着"),
    Arrow(LISTED, DECLINED, "発送前に辞退の申出"),
    Arrow(LISTED, LAPSED, "発送しないまま期限が経過"),
    Arrow(INVITED, RECEIVED, "申請が到着"),
    Arrow(INVITED, PASSED, "お知らせの申出期限が過ぎ、辞退も変更もなし"),
    Arrow(INVITED, DECLINED, "辞退・受給拒否の申出"),
    Arrow(INVITED, LAPSED, "申請がないまま期限が経過"),
    Arrow(RECEIVED, PASSED, "不備がなく、人の審査を要しない"),
    Arrow(RECEIVED, IN_REVIEW, "人の審査へ"),
    Arrow(RECEIVED, DECLINED, "辞退を別の手段で確認"),
    Arrow(IN_REVIEW, PASSED, "審査を終了"),
    Arrow(IN_REVIEW, RETURNED, "不備の手紙を発送"),
    Arrow(IN_REVIEW, WITH_MUNICIPALITY, "市区町村へ照会"),
    Arrow(IN_REVIEW, DECLINED, "辞退を別の手段で確認"),
    Arrow(WITH_MUNICIPALITY, IN_REVIEW, "市区町村が回答"),
    Arrow(WITH_MUNICIPALITY, DECLINED, "辞退を別の手段で確認"),
    Arrow(RETURNED, RECEIVED, "補正の申請が到着"),
    Arrow(RETURNED, DECLINED, "辞退の申出"),
    Arrow(RETURNED, IN_REVIEW, "返戻の判定を取り消し"),
    Arrow(RETURNED, LAPSED, "補正がないまま期限が経過"),
    Arrow(PASSED, DECIDED, "市区町村が支給を決定"),
    Arrow(PASSED, REFUSED, "市区町村が不支給を決定"),
    Arrow(PASSED, IN_REVIEW, "決定前の差し戻し"),
    Arrow(PASSED, DECLINED, "決定前に辞退を確認"),
    Arrow(DECIDED, PAYING, "振込データを金融機関へ送付"),
    Arrow(DECIDED, IN_REVIEW, "振込前の差し戻し"),
    Arrow(DECIDED, DECLINED, "支給前に辞退を確認"),
    Arrow(REFUSED, IN_REVIEW, "不支給の取消し"),
    Arrow(PAYING, PAID, "振込が完了"),
    Arrow(PAYING, FAILED, "金融機関から資金が返却"),
    Arrow(PAID, FAILED, "支払の後に資金が返却"),
    Arrow(FAILED, RECEIVED, "別の口座の届出が到着"),
    Arrow(FAILED, LAPSED, "口座の届出がないまま再振込期限が経過"),
    Arrow(DECLINED, RECEIVED, "辞退の後に申請が到着、または審査前の辞退を撤回"),
    Arrow(DECLINED, LISTED, "発送前の辞退を撤回"),
    Arrow(DECLINED, INVITED, "申請前の辞退を撤回"),
    Arrow(DECLINED, IN_REVIEW, "辞退を撤回し、審査を続ける"),
    Arrow(LAPSED, RECEIVED, "市区町村の指示により受付"),
    Arrow(LAPSED, LISTED, "発送前の失効を職権で取消し"),
    Arrow(LAPSED, INVITED, "失効を職権で取消し"),
)

REASONS: dict[tuple[str, str], str] = {(arrow.source, arrow.target): arrow.reason for arrow in ARROWS}
MOVES: frozenset[tuple[str, str]] = frozenset(REASONS)

ENDS: frozenset[str] = frozenset(stage.code for stage in STAGES.values() if stage.is_end)
OPEN: frozenset[str] = frozenset(STAGES) - ENDS


def may_move(source: str, target: str) -> bool:
    """Whether a case may go from one stage to another in one move."""
    return (source, target) in MOVES


def targets(source: str) -> tuple[str, ...]:
    """The stages that can follow, in the order of the work."""
    return tuple(arrow.target for arrow in ARROWS if arrow.source == source)


def sources(target: str) -> tuple[str, ...]:
    """The stages from which one can be reached, in the order of the work."""
    return tuple(arrow.source for arrow in ARROWS if arrow.target == target)


def stage_name(code: str) -> str:
    """The name a desk shows for a stage code."""
    return STAGES[code].name


def reachable(start: str = LISTED) -> frozenset[str]:
    """Every stage that a case can come to from `start`, itself included."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        stage = waiting.pop()
        if stage not in seen:
            seen.add(stage)
            waiting.extend(targets(stage))
    return frozenset(seen)


def mermaid(arrows: Iterable[Arrow] = ARROWS) -> str:
    """The state diagram of the docs, as mermaid text with the desks' names and the reason on every arrow."""
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f'    state "{stage.name}<br/>{stage.code}" as {stage.code}' for stage in STAGES.values()]
    lines.append(f"    [*] --> {LISTED}: 名簿から案件を作成")
    lines += [f"    {arrow.source} --> {arrow.target}: {arrow.reason}" for arrow in arrows]
    lines += [f"    {stage.code} --> [*]" for stage in STAGES.values() if stage.is_end]
    return "\n".join(lines) + "\n"
