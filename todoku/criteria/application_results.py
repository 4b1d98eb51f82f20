"""Pure. Application examples judged by the checks that judge every application: what was expected, what came out.

Takes examples, the terms and the agreed criteria; gives one result per example that these terms concern. An example whose
facts cannot be read is a result too, never a silence.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple, get_type_hints

from todoku.criteria.deciders import hardest
from todoku.criteria.fact_words import day_in_words
from todoku.programme.application_examples import WHERE, ApplicationExample
from todoku.programme.criteria_tables import CriteriaTables
from todoku.programme.deciders import deciders_among
from todoku.programme.terms import Terms
from todoku.programme.toml_table import meant
from todoku.review import checks, findings
from todoku.review.documents import Paper, kinds_of, paper
from todoku.review.findings import LOOK, NOTE, RETURN, Facts, Finding
from todoku.review.who_decides import Unmet, decider_of

_KINDS = get_type_hints(Facts)
_WORST = (RETURN, LOOK, NOTE)
_DAY = re.compile(r"(opens|closes)(?:([+-])(\d{1,3}))?")
# A complete application: what an example does not say is as here. Bank and branch are in the master of every year.
_ACCOUNT = ("0001", "001", 1, "1234567")
_NAME = "ミホン ハナコ"


class FactsUnreadable(ValueError):
    """A fact of an example cannot be read; `sentence` says which and how to write it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ApplicationResult(NamedTuple):
    """One example, as it was expected and as it came out. `fault`: why it could not be judged at all."""

    name: str
    tells: str
    facts: Mapping[str, str]
    channel: str
    expected: Mapping[str, str]
    expected_decides: str
    found: Mapping[str, str]
    decides: str
    own: bool
    fault: str = ""
    tiers: tuple[str, ...] = ()  # of the holder's name, where one was compared

    @property
    def came_out(self) -> bool:
        """Whether everything came out as written."""
        return not self.fault and self.found == self.expected and self.decides == self.expected_decides


def judged(
    examples: Iterable[ApplicationExample], own: Iterable[str], terms: Terms, agreed: CriteriaTables
) -> tuple[ApplicationResult, ...]:
    """Every example that concerns these terms; `own` names those that the Version itself wrote."""
    mine = frozenset(own)
    results = (_judge(one, one.name in mine, terms, agreed) for one in examples)
    return tuple(result for result in results if result is not None)


def _judge(
    example: ApplicationExample, own: bool, terms: Terms, agreed: CriteriaTables
) -> ApplicationResult | None:
    channel = _channel(example, terms)
    if channel is None:
        return None
    expected = dict(example.expected) if own else _as_ruled(example.expected, terms.review.checks)
    passes = terms.review.passes[channel]
    decides = (
        passes if example.decides == "passes" or not own and not _holds_up(expected) else example.decides
    )
    told = {key: _told(value) for key, value in example.facts.items() if key not in ("channel", "papers")}
    if "papers" in example.facts:
        told["papers"] = _told_papers(example.facts["papers"], terms)
    result = ApplicationResult(example.name, example.tells, told, channel, expected, decides, {}, "", own)
    try:
        findings = checks.check(_facts(example, channel, terms), terms.review.checks)
    except FactsUnreadable as unreadable:
        return result._replace(fault=unreadable.sentence)
    actual = _decides(findings, passes, agreed)
    # A standard example follows what the Version agrees otherwise, as it follows its severities.
    if not own and _decided_otherwise(expected, terms):
        result = result._replace(expected_decides=actual)
    return result._replace(
        found=_worst(findings), decides=actual,
        tiers=tuple(str(one.evidence["tier"]) for one in findings if "tier" in one.evidence),
    )  # fmt: skip


def _decided_otherwise(expected: Mapping[str, str], terms: Terms) -> bool:
    """Whether the Version itself says who decides one of these codes."""
    own = terms.criteria
    return any(code in own.codes and own.codes[code].decides for code in expected) or (
        "D12" in expected and any(one.decides for one in own.holders)
    )


def _holds_up(expected: Mapping[str, str]) -> bool:
    return any(severity != NOTE for severity in expected.values())


def _as_ruled(expected: Mapping[str, str], ruled: Mapping[str, str]) -> dict[str, str]:
    """What a standard example expects under terms that give some codes another severity."""
    severities = {code: ruled.get(code, severity) for code, severity in expected.items()}
    return {code: severity for code, severity in severities.items() if severity != "off"}


def _channel(example: ApplicationExample, terms: Terms) -> str | None:
    """The channel by which the example comes in; None where these terms do not concern it."""
    named = example.facts.get("channel")
    offered = terms.intake.channels
    if named is not None and named not in offered:
        # A Version's own example of a channel that it does not offer is a mistake to be seen, not one to be passed over.
        return None if example.where else offered[0]
    for channel in [named] if named else sorted(offered, reverse=True):
        if all(_holds(condition, channel, terms) for condition in example.where):
            return str(channel)
    return None


def _holds(condition: str, channel: str, terms: Terms) -> bool:
    assert condition in WHERE, condition
    intake = terms.intake
    return {
        "paper": channel == "paper",
        "web": channel == "web",
        "bank": "bank" in terms.payment.rails,
        "postmark": intake.deadline_by == "postmark",
        "arrival": intake.deadline_by == "arrival" or channel == "web",
        "no_postmark_look": intake.no_postmark == "look",
    }.get(condition, intake.needs(channel, condition))


def _facts(example: ApplicationExample, channel: str, terms: Terms) -> Facts:
    """The flat row of the example: a complete application with what the example says in place."""
    facts = _complete(channel, terms)
    changed = {key: _value(key, value, terms) for key, value in example.facts.items()}
    facts = facts._replace(**changed)
    if facts.channel != channel:
        raise FactsUnreadable(
            f"この制度は「{facts.channel}」の申請を受け付けません。channel を直してください。"
        )
    return facts


def _complete(channel: str, terms: Terms) -> Facts:
    intake, rails = terms.intake, terms.payment.rails
    rail = "bank" if "bank" in rails else rails[0]
    return Facts(
        channel=channel, arrived_on=intake.opens, applied_on=intake.opens, deadline=intake.closes,
        deadline_by=intake.deadline_by, no_postmark=intake.no_postmark, signed=True,
        needs_signature=intake.needs(channel, "signature"), phone="045-000-0000", rail=rail,
        account_known=rail != "bank", account=_ACCOUNT, holder_kana=_NAME, recipient_kana=_NAME,
        needs_identity=intake.needs(channel, "identity"), has_identity=True,
        needs_account_proof=intake.needs(channel, "account_proof"), has_account_proof=True,
    )  # fmt: skip


def _value(key: str, value: Any, terms: Terms) -> Any:
    """A fact as written → as the checks take it; raises FactsUnreadable."""
    kind = _KINDS.get(key)
    if key == "papers":
        return _papers(value, terms)
    if kind is None:
        raise FactsUnreadable(f"「{key}」という事実はありません。{meant(key, _KINDS)}")
    if kind in (bool, str, int):
        if type(value) is not kind:
            raise FactsUnreadable(f"「{key}」の値は{_KIND_NAMES[kind]}で書いてください。")
        return value
    if kind == date | None:
        return _day(key, value, terms)
    if not isinstance(value, list):
        raise FactsUnreadable(f"「{key}」の値は一覧（[ ]）で書いてください。")
    if kind in (findings.AccountTuple, findings.AccountTuple | None):
        return _account(key, value)
    if any(not isinstance(one, str) for one in value):
        raise FactsUnreadable(f"「{key}」の一覧には文字列だけを書いてください。")
    return tuple(value)


def _papers(value: Any, terms: Terms) -> tuple[Paper, ...]:
    """Papers as an example writes them, each by its kind and the day that it carries: "driving_licence opens-1"."""
    kinds = kinds_of(terms.criteria.evidence)
    if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
        raise FactsUnreadable('「papers」は ["driving_licence opens-1"] のように書いてください。')
    papers = []
    for one in value:
        kind, _, day = one.partition(" ")
        if kind not in kinds:
            raise FactsUnreadable(f"「{kind}」という書類の種類はありません。{meant(kind, kinds)}")
        papers.append(paper(kind, _day("papers", day, terms), kinds))
    return tuple(papers)


_KIND_NAMES = {bool: "true か false", str: "文字列", int: "整数"}


def _account(key: str, value: list[Any]) -> Any:
    if [type(one) for one in value] != [str, str, int, str]:
        raise FactsUnreadable(f'「{key}」は ["0001", "001", 1, "1234567"] のように書いてください。')
    return tuple(value)


def _day(key: str, value: Any, terms: Terms) -> date | None:
    """A date, or one told from the days of intake: "closes+3" is three days after its last."""
    if value == "":
        return None
    if type(value) is date:
        return value
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise FactsUnreadable(f"「{key}」は日付か、opens、closes+3 のように書いてください。")
    days = int(found[3] or 0) * (-1 if found[2] == "-" else 1)
    return (terms.intake.opens if found[1] == "opens" else terms.intake.closes) + timedelta(days=days)


def _worst(findings: Iterable[Finding]) -> dict[str, str]:
    """Code → its worst severity, in the order of the codes."""
    found: dict[str, str] = {}
    for one in findings:
        standing = found.get(one.code, NOTE)
        found[one.code] = min(standing, one.severity, key=_WORST.index)
    return dict(sorted(found.items()))


def _decides(findings: Iterable[Finding], passes: str, agreed: CriteriaTables) -> str:
    """Who decides: by the hardest criterion that is not met; where nothing holds up, as clean applications pass."""
    held = [Unmet(one.code, one.evidence) for one in findings if one.severity != NOTE]
    if not held:
        return passes
    deciders = deciders_among(agreed)
    return hardest(decider_of(one, deciders) for one in held)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return str(value) or "なし"


def _told_papers(value: Any, terms: Terms) -> str:
    """The papers by name, each with its day; as written where they cannot be read, which the result says."""
    kinds, told = kinds_of(terms.criteria.evidence), []
    for one in value if isinstance(value, list) else [value]:
        kind, _, day = str(one).partition(" ")
        name = kinds[kind].name if kind in kinds else kind
        told.append(f"{name}（{day_in_words(day)}）" if day else name)
    return "、".join(told)
