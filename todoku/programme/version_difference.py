"""Pure. What one Version says otherwise than another (版の違い), value by value in words.

Also what no running programme may change. Takes two Terms; gives lines that an official can read beside the
agreement. Judges no case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, NamedTuple

from todoku.programme import vocabulary as words
from todoku.programme.amounts import AMOUNT_RULES, ROUNDINGS, Member
from todoku.programme.changes import Situation
from todoku.programme.cohorts import CONDITION_LABELS
from todoku.programme.contents import Change, Contents
from todoku.programme.fact_words import APPLICATION_FACTS, PARAMETERS, RECIPIENT_FACTS, member_in_words
from todoku.programme.predicates import EXCLUSIONS, PREDICATES
from todoku.programme.recipient_examples import EXPECTED
from todoku.programme.terms import Terms, long_date

NONE = "（なし）"

# The parts of a Version as its readers call them, in reading order; a part not named here goes by its key.
PARTS: dict[str, str] = {
    "programme": "事業", "payees": "受給者の特例", "snapshot": "基準日に数える方", "eligibility": "対象となる方",
    "amount": "支給額", "payouts": "支給回", "voucher": "購入引換券", "cohorts": "対象者の区分", "late": "後から加わる方",
    "intake": "受付",
    "review": "審査", "criteria": "審査基準", "applications": "申請の例", "examples": "対象者の例", "payment": "支給",
    "returns": "返戻の期限", "decline": "辞退", "deemed_declined_on": "申請のないときの取扱いの日", "contact": "問い合わせ先",
    "wording": "住民に示す文章", "letters": "手紙",
}  # fmt: skip
# Part and key → the name of the value; codes, channels and names of people's own choosing follow as they are.
LABELS: dict[str, str] = {
    "programme.name": "名称", "programme.short_name": "略称", "programme.base_date": "基準日", "programme.payee": "受給権者",
    "programme.unit": "単位", "programme.legal_basis": "法的な性質", "programme.slug": "識別名",
    "amount.rule": "計算の方法", "eligibility.predicates": "すべて満たす条件",
    "eligibility.exclusions": "当てはまると対象外の条件",
    "eligibility.income_limit_yen": "所得の上限", "intake.channels": "受付の方法", "intake.opens": "受付開始日",
    "intake.closes": "申請期限", "intake.deadline_by": "期限の数え方", "intake.counts": "二重の申請の扱い",
    "intake.evidence": "添える書類", "intake.no_postmark": "消印が読めないとき", "intake.attachments": "写しを貼る場所",
    "intake.remind_days_before": "再勧奨を始める日数（期限の前）", "intake.without_letter": "申請書なしのウェブ申請",
    "review.passes": "不備のない申請を見る人数",
    "review.sample_percent": "抜取りの割合（%）", "review.checks": "指摘の扱い",
    "review.blind_second": "二次審査は一次の判定を見ない",
    "review.due_days": "審査の期限（到着からの日数）", "review.contact_tries": "手紙の前に電話する回数",
    "payment.passbook_name": "振込名義", "payment.calendar": "支給カレンダー", "payment.cap_per_transfer_yen": "1件の上限",
    "payment.cap_per_account_yen": "1口座の上限", "payment.repay_deadline": "再振込の期限", "payment.rails": "受取方法",
    "payment.cancel_window_minutes": "承認を取り消せる時間（分）", "payment.account_inquiry": "振込口座照会",
    "contact.name": "名称", "contact.phone": "電話番号", "contact.hours": "受付時間", "contact.url": "案内ページ",
    "returns.reply_days": "返事の期限（日数）", "returns.remind_after_days": "再度のお願いまでの日数",
    "returns.close_after_days": "終わりまでの日数", "returns.closing": "終わり方", "decline.unit": "辞退の単位",
    "decline.reversible_until": "辞退を撤回できる期限",
}  # fmt: skip
# The names of keys inside parts that are lists, wherever they stand.
_INNER: dict[str, str] = {
    "grounds": "対象となる事由", "changes": "基準日後の異動", "name": "識別名", "title": "題名", "mode": "案内の方法",
    "condition": "入る条件", "opt_out_date": "申出期限", "account_sources": "口座の情報源", "predicates": "満たす条件",
    "exclusions": "除外", "base_dates": "基準日", "born_on_or_after": "この日以後に生まれた", "payee": "受け取る方",
    "born_on_or_before": "この日以前に生まれた", "disabled_born_on_or_after": "障害のある児童は、この日以後に生まれた",
    "kind": "種類", "cohort": "入る区分", "evidence": "示すもの", "until": "起きた日の期限", "closes": "申請の期限",
    "days_after": "起きた日からの日数", "number": "支給回", "payout": "支給回",
    "follows": "続けて支給する元の支給回", "amount": "支給額",
    "rule": "計算の方法", "parameters": "", "by_ground": "事由ごとの額", "in_facility": "施設で暮らす方の分",
    "evacuated": "避難している方の分", "registered_late": "登録が遅れた方を数える", "further_base_dates": "ほかの基準日",
    "child_reported_late": "届出が遅れた児童を数える", "died_on_base_date": "基準日に亡くなった方を数える",
    "closes_after_months": "受付開始からの月数", "rights": "冊数", "price_yen": "一冊の販売額", "notes": "一冊の枚数",
    "note_yen": "一枚の額", "sold_until": "販売の最後の日", "usable_until": "使える最後の日", **PARAMETERS,
}  # fmt: skip
# Words by the key whose value they are.
_BY_KEY: dict[str, Mapping[str, str]] = {
    "unit": words.UNITS, "legal_basis": words.LEGAL_BASES, "payee": words.PAYEES, "in_facility": words.PAYEES,
    "evacuated": words.PAYEES, "mode": words.MODES, "condition": CONDITION_LABELS, "kind": words.LATE_KINDS,
    "account_sources": words.ACCOUNT_SOURCES, "rounding": ROUNDINGS,
    "reversible_until": words.DECLINE_UNTIL,
    "evidence": {**words.EVIDENCE, **words.LATE_EVIDENCE},
    "predicates": {name: one.label for name, one in PREDICATES.items()},
    "exclusions": {name: one.label for name, one in EXCLUSIONS.items()},
    "rule": {name: one.label for name, one in AMOUNT_RULES.items()},
}  # fmt: skip
# What an example writes, and the words in which it expects something.
_IN_EXAMPLES: dict[str, str] = {
    "facts": "", "members": "", "expect": "結果", "ground": "事由", "cohort": "区分",
    "payee": "受け取る方", "amount_yen": "支給額", "payout": "支給回", "change": "異動", "late": "遅れて対象になる方",
    "tells": "内容", "expected": "指摘", "decides": "決める人", "where": "当てはまる場合",
}  # fmt: skip
_EXPECTED: dict[str, str] = {
    **EXPECTED, **words.CHANGE_EVENTS, **words.CHANGE_WHO, **words.CHANGE_PHASES, **words.CHANGE_OUTCOMES, **words.PAYEES,
    **words.SEVERITIES, **words.PASS_NAMES,
}  # fmt: skip
_FACTS: dict[str, str] = {**APPLICATION_FACTS, **RECIPIENT_FACTS}
# Words that stand for themselves wherever they are a value.
_WORDS: dict[str, str] = {
    **words.PASS_NAMES, **words.SEVERITIES, **words.CHANNELS, **words.EVIDENCE, **words.DEADLINES, **words.NO_POSTMARK,
    **words.COUNTS, **words.RAILS, **words.CLOSINGS, **words.ATTACHMENTS,
}  # fmt: skip
_KEYS: dict[str, str] = {**words.CHANNELS, **words.WORDING, **words.LETTERS}


class Changed(NamedTuple):
    """One value that differs: the part and the value by name, and how it reads before and after."""

    part: str
    name: str
    before: str
    after: str


class Unchangeable(NamedTuple):
    """Something a running programme cannot change by a new Version, and what to do instead."""

    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        return self.what + self.remedy


def changed_values(old: Contents, new: Contents) -> tuple[Changed, ...]:
    """Every value that differs, in the order of a Version's parts; () where the two say the same."""
    titles = {cohort.name: cohort.title for one in (old, new) for cohort in one.cohorts}
    return tuple(
        line
        for part in sorted(_names(old) | _names(new), key=_place)
        for line in _part(part, getattr(old, part), getattr(new, part), titles)
    )


def what_cannot_change(old: Terms, new: Terms, cohorts_in_use: frozenset[str]) -> tuple[Unchangeable, ...]:
    """What stands in the way of opening `new` after `old`: cases, recipients and letters were made by it."""
    found = []
    for key in ("slug", "unit"):
        if getattr(old.programme, key) != getattr(new.programme, key):
            found.append(
                Unchangeable(
                    f"{LABELS[f'programme.{key}']}は、始まった事業では変えられません。",
                    "別の制度として作ってください。",
                )
            )
    for gone in sorted(cohorts_in_use - {cohort.name for cohort in new.cohorts}):
        found.append(
            Unchangeable(
                f"区分「{gone}」には案件があるため、なくせません。",
                "区分は残し、条件や題名だけを変えてください。",
            )
        )
    return tuple(found)


def _names(contents: Contents) -> frozenset[str]:
    return frozenset(field.name for field in fields(contents))


def _place(part: str) -> tuple[int, str]:
    known = list(PARTS)
    return (known.index(part) if part in PARTS else len(known), part)


def _part(part: str, old: Any, new: Any, titles: Mapping[str, str]) -> Iterator[Changed]:
    """`titles`: of the cohorts, by the name that an example writes."""
    if old == new:
        return
    before, after = dict(_values((part,), old, titles)), dict(_values((part,), new, titles))
    for path in [*after, *(one for one in before if one not in after)]:
        if before.get(path, NONE) != after.get(path, NONE):
            yield Changed(PARTS.get(part, part), _name(path), before.get(path, NONE), after.get(path, NONE))


def _values(
    path: tuple[str, ...], value: Any, titles: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each value below this one with its path; what names itself goes by its name, so that a moved line is no change."""
    if isinstance(value, Change):
        label = Situation(value.event, value.who, value.phase).label
        yield (*path, label), words.CHANGE_OUTCOMES[value.then]
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _values((*path, field.name), getattr(value, field.name), titles)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _values((*path, str(key)), one, titles)
    elif isinstance(value, tuple | list) and any(isinstance(one, Change) for one in value):
        for one in value:
            yield from _values(path, one, titles)
    elif hasattr(value, "_fields") and path[-1] == getattr(value, "name", ""):
        yield path, _summary(value, titles)
    elif isinstance(value, tuple | list) and any(_own_name(one) for one in value):
        for place, one in enumerate(value):
            yield from _values((*path, _own_name(one) or str(place + 1)), one, titles)
    else:
        yield path, _shown(path, value)


def _own_name(value: Any) -> str:
    if not is_dataclass(value) and not hasattr(value, "_fields"):
        return ""
    return str(getattr(value, "title", "") or getattr(value, "name", "") or "")


def _summary(value: Any, titles: Mapping[str, str]) -> str:
    """An example in one line: what is written in it beside its name."""
    usual = getattr(value, "_field_defaults", {})
    written = [(key, one) for key, one in value._asdict().items() if key != "name" and one != usual.get(key)]
    told = {"cohort": lambda name: titles.get(name, name), "amount_yen": lambda yen: f"{yen:,}円"}
    lines = (f"{_IN_EXAMPLES.get(key, key)} {told.get(key, _plain)(one)}".strip() for key, one in written)
    return "、".join(line for line in lines if line)


def _plain(value: Any) -> str:
    if isinstance(value, Member):
        return member_in_words(value)
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, Mapping):
        return "、".join(f"{_FACTS.get(key, key)}：{_plain(one)}" for key, one in value.items())
    if isinstance(value, tuple | list) and any(isinstance(one, Member) for one in value):
        return "、".join(_plain(one) for one in value)
    if isinstance(value, tuple | list):
        return "（" + "、".join(_plain(one) for one in value) + "）"
    if value is None:
        return "なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return _EXPECTED.get(value, value) if isinstance(value, str) else str(value)


def _name(path: tuple[str, ...]) -> str:
    """「受付の方法」, or a key below it: 「添える書類・郵送」."""
    for length in (2, 1):
        if label := LABELS.get(".".join(path[:length])):
            return "・".join(filter(None, [label, *(_key(key) for key in path[length:])]))
    return "・".join(filter(None, (_key(key) for key in path[1:]))) or PARTS.get(path[0], path[0])


def _key(key: str) -> str:
    return _KEYS.get(key) or _INNER.get(key, key)


def _shown(path: tuple[str, ...], value: Any) -> str:
    if value is None or value == () or value == "" or value == {}:
        return NONE
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int) and any("yen" in key for key in path):
        return f"{value:,}円"
    if isinstance(value, tuple | list | frozenset | set):
        return "、".join(_shown(path, one) for one in value)
    by_key = next((_BY_KEY[key] for key in reversed(path) if key in _BY_KEY), {})
    return by_key.get(str(value)) or _WORDS.get(str(value), str(value))
