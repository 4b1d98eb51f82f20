"""Pure. What a criteria sheet says otherwise than the one that was signed, part by part.

Takes two canonical texts, the older perhaps of another form; leaves the parts that came, went or changed, in reading order,
each with the anchor under which the page shows it.
"""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from todoku.formats.holder_name import TIERS
from todoku.programme.criteria_tables import DECIDERS, EVIDENCE_GROUPS, FIELDS, KINDS, MEANINGS
from todoku.programme.vocabulary import PASS_NAMES, SEVERITIES
from todoku.review.codes import CODES

LINES_MAX = 60  # of the terms' own text; more are counted


class ChangedPart(NamedTuple):
    """One part that differs: `kind` is 追加, 削除 or 変更; before and after in words."""

    anchor: str
    title: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def anchor(kind: str, *keys: str) -> str:
    """The place of a part on the page: a word of ASCII letters, digits and hyphens, the same for the same keys."""
    written = "-".join(keys)
    if not written.isascii() or not written.replace("-", "").replace("_", "").isalnum():
        written = hashlib.blake2b(written.encode(), digest_size=5).hexdigest()
    return f"{kind}-{written}".replace("_", "-")


def changed_parts(signed: str, now: str) -> tuple[ChangedPart, ...]:
    """The parts in which two sheets differ; () where they say the same."""
    before, after = json.loads(signed), json.loads(now)
    old, new = dict(_parts(before)), dict(_parts(after))
    keys = [*new, *(key for key in old if key not in new)]
    found = [_changed(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
    return (*found, *_text(before.get("text", ""), after.get("text", "")))


def _changed(key: tuple[str, str], old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> ChangedPart:
    """A part that came, went or changed; of a changed one only the lines that differ."""
    place, title = key
    if old is None or new is None:
        return ChangedPart(place, title, "追加" if old is None else "削除", old or (), new or ())
    gone = tuple(line for line in old if line not in new)
    return ChangedPart(place, title, "変更", gone, tuple(line for line in new if line not in old))


# Part of a sheet → what its title is made of, and which of its values name it.
_LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "criteria": ("審査基準", ("code",)),
    "evidence": ("書類", ("group", "name")),
    "alterations": ("訂正", ("field", "kind")),
    "holders": ("口座名義の一致", ("tier",)),
    "others": ("名義が違うとき", ("name",)),
    "recipients": ("対象者の例", ("name",)),
    "applications": ("申請の例", ("name",)),
}


def _parts(sheet: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """(anchor, title) → its values in lines."""
    yield ("rules", "点検の版"), (str(sheet.get("rules", "")),)
    for label, value in sheet.get("about", []):
        yield (anchor("about", label), label), (value,)
    for event, who, phase, then in sheet.get("changes", []):
        yield (anchor("changes", event, who, phase), f"{who}の{event}（{phase}）"), (then,)
    for name, (title, keys) in _LISTS.items():
        for one in sheet.get(name, []):
            said = [str(one.get(key, "")) for key in keys]
            shown = "・".join(_NAMES.get(word, word) for word in said)
            # The page has one line a field, with all its kinds of alteration.
            place = anchor(name, *said[: 1 if name == "alterations" else None])
            yield (place, f"{title}「{shown}」"), tuple(_lines(one, keys))


_NAMES = {
    **FIELDS, **KINDS, **EVIDENCE_GROUPS, **{tier: f"{tier} {name}" for tier, name in TIERS.items()},
    **{code: f"{code} {one.name}" for code, one in CODES.items()},
}  # fmt: skip
_VALUES = {
    **DECIDERS, **MEANINGS, **SEVERITIES, **PASS_NAMES,
    "checks": "点検が見つける", "person": "人が見て付ける",
}  # fmt: skip
_LABELS = {
    "criterion": "基準", "evidence": "認めるもの", "validity": "有効なもの", "until": "使える最後の日", "fails": "満たさないとき",
    "told": "手紙の文", "enclose": "同封を求めるもの", "handling": "扱い", "severities": "程度", "found_by": "見つけ方",
    "decides": "決める人", "meaning": "扱い", "shows": "写っていること", "tiers": "一致の程度", "note": "注意",
    "tells": "例", "facts": "事実", "expected": "期待する結果", "expected_decides": "期待する決める人",
    "found": "出た結果", "came_out": "書かれたとおり", "channel": "申請の方法", "accepted": "認める",
}  # fmt: skip


def _lines(one: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    for key, value in one.items():
        if key in keys or key == "own" or value in ("", [], {}, None):
            continue
        label = _LABELS.get(key)
        yield f"{label}：{_words(value)}" if label else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "／".join(_words(one) for one in value)
    if isinstance(value, Mapping):
        return "、".join(f"{key} {_words(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return _VALUES.get(value, str(value))


def _text(before: str, after: str) -> Iterator[ChangedPart]:
    """The lines of the terms' own text that differ, as one part."""
    if before == after:
        return
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    gone = tuple(line[2:] for line in lines if line.startswith("- "))
    come = tuple(line[2:] for line in lines if line.startswith("+ "))
    yield ChangedPart("text", "制度の定義の文", "変更", _cut(gone), _cut(come))


def _cut(lines: tuple[str, ...]) -> tuple[str, ...]:
    return lines if len(lines) <= LINES_MAX else (*lines[:LINES_MAX], f"ほか{len(lines) - LINES_MAX}行")
