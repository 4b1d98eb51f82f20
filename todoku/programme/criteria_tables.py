"""Pure. The criteria agreed with the municipality (審査基準) as tables of a Version: [criteria].

A table under reading in, frozen values out. A Version writes only what differs from usual practice; the standard text
(`standard.toml`) has the same shape and is complete; `standard.py` puts the two together.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from todoku.programme.toml_table import Table
from todoku.programme.vocabulary import CHECK_CODES

# Who decides when a criterion is not met. Fewer than two persons never judge an application with a finding.
DECIDERS = {
    "two_persons": "審査担当2人",
    "manager": "業務責任者",
    "municipality": "自治体（疑義照会）",
}
# What a piece of evidence proves.
EVIDENCE_GROUPS = {
    "identity": "本人確認書類（1点で足りるもの）",
    "identity_pair": "運転免許証もパスポートもない方（2点で足りるもの）",
    "identity_word": "書類をそろえられない方（代わりに足りるもの）",
    "account_proof": "口座確認書類",
    "proxy_evidence": "代理人の関係が分かる書類",
    "address_proof": "氏名・住所の変更が分かる書類",
    "identity_not": "本人確認書類に数えないもの",
}
# The day that a paper carries: until when it is valid, the same where one is printed, or when it was issued.
DATED = {"expires": "有効期限がある", "may_expire": "期限のあるものもある", "issued": "発行日を見る"}
KIND_MAX = 24
KIND = re.compile("[a-z][a-z0-9_]*")
FIELDS = {
    "recipient": "印刷された氏名・住所",
    "members": "印刷された対象者の欄",
    "applied_on": "申請日",
    "phone": "電話番号",
    "signature": "署名",
    "rail": "受取方法の印",
    "account": "金融機関・支店・種類・口座番号",
    "yucho": "ゆうちょの記号・番号",
    "holder_kana": "口座名義（カナ）",
    "proxy": "代理人の欄",
    "decline": "辞退の欄",
}
KINDS = {
    "struck": "二重線",
    "seal": "二重線と訂正印",
    "tape": "修正テープ・修正液",
    "erasable": "消せるペン・鉛筆",
    "overwritten": "なぞり書き・重ね書き",
}
MEANINGS = {
    "accept": "訂正後の記入による",
    "look": "人が見て、読めるときは訂正後の記入による",
    "ask": "電話か手紙で本人に確かめる",
    "return": "返戻して書き直しを求める",
    "ignore": "訂正がなかったものとして扱う",
}
TIERS = ("T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7")


class CriterionText(NamedTuple):
    """[criteria.codes.D12]: the criterion in plain words, what counts, how long, what is asked, who decides. "" and ():
    as in usual practice."""

    criterion: str = ""
    evidence: tuple[str, ...] = ()
    validity: str = ""
    fails: str = ""
    decides: str = ""


class Evidence(NamedTuple):
    """[[criteria.evidence]]: a paper that counts; `until` is the last day on which it does, whatever is printed on it.
    `accepted` false takes it off the list.

    `kind` is the word by which it is kept, keyed and chosen; `dated` which day it carries, `months` for how long after its
    issue it counts. `validity` says the same in words.
    """

    group: str
    name: str
    shows: str = ""
    validity: str = ""
    until: date | None = None
    accepted: bool = True
    kind: str = ""
    dated: str = ""
    months: int = 0


class Alteration(NamedTuple):
    """[[criteria.alteration]]: what an alteration of one kind means in one field."""

    field: str
    kind: str
    meaning: str
    note: str = ""


class HolderTier(NamedTuple):
    """[[criteria.holder]]: what agreement of this tier between holder and recipient means."""

    tier: str
    meaning: str
    evidence: tuple[str, ...]
    decides: str


class OtherHolder(NamedTuple):
    """[[criteria.other_holder]]: a reason for which the account stands in another name, and what explains it."""

    name: str
    tiers: tuple[str, ...]
    evidence: tuple[str, ...]
    decides: str
    note: str = ""


@dataclass(frozen=True)
class CriteriaTables:
    """[criteria] as written; empty where the Version follows usual practice throughout."""

    codes: Mapping[str, CriterionText] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    holders: tuple[HolderTier, ...] = ()
    others: tuple[OtherHolder, ...] = ()


def criteria(table: Table) -> CriteriaTables:
    """[criteria]."""
    codes = table.table("codes", required=False)
    found = CriteriaTables(
        codes={code: _code(codes.table(code)) for code in sorted(CHECK_CODES) if code in codes.data},
        evidence=tuple(_evidence(one) for one in table.tables("evidence", required=False)),
        alterations=tuple(_alteration(one) for one in table.tables("alteration", required=False)),
        holders=tuple(_holder(one) for one in table.tables("holder", required=False)),
        others=tuple(_other(one) for one in table.tables("other_holder", required=False)),
    )
    codes.asked.update(CHECK_CODES)
    codes.no_others()
    table.no_others()
    return found


def _code(table: Table) -> CriterionText:
    text = CriterionText(
        criterion=table.text("criterion", required=False, longest=400),
        evidence=_texts(table, "evidence"),
        validity=table.text("validity", required=False, longest=300),
        fails=table.text("fails", required=False, longest=300),
        decides=_choice(table, "decides", DECIDERS),
    )
    table.no_others()
    return text


def _evidence(table: Table) -> Evidence:
    one = Evidence(
        group=table.choice("group", EVIDENCE_GROUPS),
        name=table.text("name", longest=100),
        shows=table.text("shows", required=False, longest=200),
        validity=table.text("validity", required=False, longest=200),
        until=table.day_if_given("until"),
        accepted=table.truth("accepted") if "accepted" in table.data else True,
        kind=table.text("kind", required=False, longest=KIND_MAX),
        dated=_choice(table, "dated", DATED),
        months=table.whole("months", least=1, most=24) if "months" in table.data else 0,
    )
    if (one.dated == "issued") != bool(one.months):
        table.note(
            "months",
            "発行日のある書類には、何か月以内のものかが要ります。",
            'dated = "issued" と months = 6 をそろえてください。',
        )
    if one.kind and not KIND.fullmatch(one.kind):
        table.note(
            "kind",
            "英小文字と数字と下線だけの名前ではありません。",
            'kind = "library_card" のように書いてください。',
        )
    table.no_others()
    return one


def _alteration(table: Table) -> Alteration:
    one = Alteration(
        field=table.choice("field", FIELDS),
        kind=table.choice("kind", KINDS),
        meaning=table.choice("meaning", MEANINGS),
        note=table.text("note", required=False, longest=200),
    )
    table.no_others()
    return one


def _holder(table: Table) -> HolderTier:
    one = HolderTier(
        tier=table.choice("tier", TIERS),
        meaning=table.text("meaning", longest=300),
        evidence=_texts(table, "evidence"),
        decides=_choice(table, "decides", DECIDERS),
    )
    table.no_others()
    return one


def _other(table: Table) -> OtherHolder:
    one = OtherHolder(
        name=table.text("name", longest=60),
        tiers=table.choices("tiers", TIERS),
        evidence=_texts(table, "evidence"),
        decides=table.choice("decides", DECIDERS),
        note=table.text("note", required=False, longest=300),
    )
    table.no_others()
    return one


def _choice(table: Table, key: str, among: Collection[str]) -> str:
    """A word that may be left out."""
    return table.choice(key, among) if key in table.data else ""


def _texts(table: Table, key: str) -> tuple[str, ...]:
    """A list of sentences that may be left out."""
    table.asked.add(key)
    values = table.data.get(key, [])
    if not isinstance(values, list) or any(not isinstance(one, str) or not one.strip() for one in values):
        table.note(key, "文章の一覧ではありません。", f'{key} = ["…", "…"] のように書いてください。')
        return ()
    return tuple(one.strip() for one in values)
