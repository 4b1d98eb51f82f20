"""Pure. What an order does to the money of a case (職権による変更の効果): where its payment stands and both amounts in,
the effect in words and yen out. The page shows it before the order is given; the verbs do exactly this.
"""

from typing import NamedTuple

# Where the payment of a case stands: nothing decided, decided but in no sealed file, in a sealed file or with the bank,
# paid; or a supplement of it is under way.
OPEN, DECIDED, AT_THE_BANK, PAID, SUPPLEMENTED = "open", "decided", "at_the_bank", "paid", "supplemented"

KEEP, REPLACE, HAND_BACK, CLAIM, WAIT, SUPPLEMENT = (
    "keep", "replace", "hand_back", "claim", "wait", "supplement",
)  # fmt: skip

# What must come first, said to whoever gives the order.
WAIT_WORDS = {
    AT_THE_BANK: "この案件の振込は確定した振込データに入っています。振込データを取り消すか、振込の結果が出てから行ってください。",
    SUPPLEMENTED: (
        "この案件の追給が途中です。追給の支払が終わるか、追給の案を差し戻してから行ってください。決定した追給は、担当課が"
        "「支給額を改める」で支給済みの額に改めると取り消されます。"
    ),
}


class Effect(NamedTuple):
    """What happens: a code of this file, the sentence for the page, the yen claimed back (0 where nothing is)."""

    code: str
    words: str
    claim_yen: int = 0


def effect_of(payment: str, before_yen: int, after_yen: int, *, kept_yen: int = 0) -> Effect:
    """The effect of `after_yen` being right where `before_yen` was taken for right, or was paid.

    `kept_yen`: what the payee keeps of what was paid, where that is more: a claim was waived or written off.
    """
    if payment == SUPPLEMENTED:
        return Effect(WAIT, WAIT_WORDS[SUPPLEMENTED])
    if after_yen == before_yen:
        if payment in (DECIDED, AT_THE_BANK):
            return Effect(KEEP, f"支給額は{before_yen:,}円のままです。決定と振込は変わりません。")
        return Effect(REPLACE, f"支給額は{before_yen:,}円のままです。")
    change = f"支給予定額を{before_yen:,}円から{after_yen:,}円に改めます。"
    if payment == OPEN:
        return Effect(REPLACE, change)
    if payment == DECIDED:
        return Effect(
            HAND_BACK, f"{change}支給決定を取り消し、審査へ戻します。振込待ちの支払は取り消します。"
        )
    if payment == AT_THE_BANK:
        return Effect(WAIT, WAIT_WORDS[AT_THE_BANK])
    if before_yen < after_yen <= kept_yen:
        return Effect(
            REPLACE, f"{change}返還を求めないことにした分を含めて支払済みのため、支払はありません。"
        )
    if after_yen > before_yen:
        paid_yen = max(before_yen, kept_yen)
        return Effect(
            SUPPLEMENT,
            f"支払済みの{paid_yen:,}円に{after_yen - paid_yen:,}円足りません。「追給」を行ってください。",
        )
    excess = before_yen - after_yen
    return Effect(CLAIM, f"{change}支払済みのうち{excess:,}円の返還を請求します。", excess)
