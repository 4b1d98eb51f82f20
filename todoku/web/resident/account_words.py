"""An account in words: on the review page, and as the answer to what is being typed. Takes the draft, asks the master."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from todoku.formats import bank_master
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.web.resident.judged import meant_account


def kind_word(kind: str) -> str:
    return {"1": gettext("普通"), "2": gettext("当座"), "4": gettext("貯蓄")}.get(str(kind), "")


def account_words(draft: Mapping[str, Any]) -> dict[str, str]:
    """Names of bank and branch and what else was answered; "" where it is not there yet."""
    bank = bank_master.bank(draft.get("bank", ""))
    branch = bank_master.branch(draft.get("bank", ""), draft.get("branch", ""))
    return {
        "bank": bank.name if bank else "",
        "branch": branch.name if branch else "",
        "kind": kind_word(draft.get("kind", "1")),
        "number": draft.get("account_number", ""),
        "holder": draft.get("holder_kana", ""),
        "symbol": draft.get("yucho_symbol", ""),
        "yucho_number": draft.get("yucho_number", ""),
        "transfers_to": transfers_to(draft),
    }


def transfers_to(draft: Mapping[str, Any]) -> str:
    """The account of ゆうちょ銀行 as another bank writes it: 〇一八店（018） 普通 1234567."""
    if draft.get("rail") != "yucho" or not (meant := meant_account(draft)):
        return ""
    bank, branch, kind, number = meant
    name = bank_master.branch(bank, branch)
    assert name is not None, "a branch of ゆうちょ was looked up to find the account"
    return f"{name.name}店（{branch}） {kind_word(str(kind))} {number}"


def live_notes(step: str, draft: Mapping[str, Any]) -> list[str]:
    """What is good about the answer of a page, in one sentence."""
    if step == "yucho" and (meant := transfers_to(draft)):
        return [gettext("ゆうちょ銀行 %(account)s に振り込みます。") % {"account": meant}]
    if step == "number":
        return [gettext("口座番号の桁数は合っています。")]
    if step == "holder":
        try:
            written = bank_kana(draft.get("holder_kana", ""))
        except KanaRefused:
            return []
        return [gettext("銀行では「%(written)s」と書きます。") % {"written": written}]
    return []
