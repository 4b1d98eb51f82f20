"""How the pages say for which cases a ruling is: codes, tiers of the holder's name and kinds of evidence in words."""

from todoku.formats import holder_name
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_PHASES, CHANGE_WHO
from todoku.review.codes import CODES
from todoku.review.ruling_tables import Ruling

WHYS = {
    "account_proof": "口座確認書類", "applied_on": "申請日", "bank": "金融機関", "branch": "支店", "check_digit": "検査数字",
    "death": "死亡", "died": "死亡", "format": "形式", "holder_missing": "名義の記入なし",
    "household_changed": "世帯の変更", "identity": "本人確認書類", "kind": "預金種目", "late": "期限後の消印",
    "missing": "記入なし", "moved": "転出", "moved_out": "転出", "no_roll_kana": "名簿にカナの登録なし", "none": "記入なし",
    "number": "口座番号", "other_account": "別の口座", "phone": "電話番号", "postmark_unknown": "消印が読めない",
    "representative": "成年後見人等が管理する口座（確認済）", "same_account": "同じ口座", "several": "二つ以上に印",
}  # fmt: skip


# What a candidate for the next Version changes, in the words of the sheet.
CHANGE_PLACES = {"severity": "指摘の扱い", "criteria": "審査基準書の文章"}


def tier_words(tier: str) -> str:
    """How the holder's name differs, in words."""
    return holder_name.TIERS.get(tier, tier)


def why_words(why: str) -> str:
    """What a finding tells of the evidence, in words; what nobody named is shown as it is recorded."""
    return WHYS.get(why, why)


def scope_words(ruling: Ruling) -> str:
    """For which cases the ruling is, in one sentence."""
    if ruling.scope == "case":
        return "この案件限り"
    if ruling.line:
        event, who, phase = ruling.line.split("/")
        return f"{CHANGE_WHO[who]}の{CHANGE_EVENTS[event]}（{CHANGE_PHASES[phase]}）の案件すべて"
    parts = ["・".join(f"{code} {CODES[code].name}" for code in ruling.codes if code in CODES)]
    if ruling.tiers:
        parts.append("名義の違い方が" + "・".join(map(tier_words, ruling.tiers)))
    if ruling.whys:
        parts.append("指摘の中身が" + "・".join(map(why_words, ruling.whys)))
    return "、".join(parts) + "の案件すべて"
