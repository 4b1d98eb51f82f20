"""Pure. The programme's own words on a sheet: its terms in, the wording of one kind of letter out.

Dates, names and sentences come from the open Version alone; what it does not say stays as templates/wording.toml has
it. It invents no sentence.
"""

from datetime import date
from typing import Any

from todoku.formats.wareki import format_wareki
from todoku.programme.contents import Cohort
from todoku.programme.terms import Terms
from todoku.programme.vocabulary import LETTER_OF_MODE, RAILS
from todoku.sheets.wording import defaults

# Which text of the Version heads which kind of letter; a form's depends on how its cohort is invited. Letters on claims
# (返還請求・督促・催告) are the municipality's own and not part of a programme's terms.
_TEXT_OF = {
    "push_notice": "notice", "return": "deficiency", "granted": "decision", "refused": "refusal",
    "transfer_failed": "transfer_failed", "gift": "gift", "acknowledgement": "acknowledgement", "reminder": "reminder",
    "return_reminder": "return_reminder", "decline_form": "decline_form", "proxy_form": "proxy_form",
    "account_form": "account_form",
}  # fmt: skip
DECISIONS = ("granted", "refused")
# Whose account form asks for the way of receiving too: what was returned may lack it.
ASKED_AGAIN = ("return", "return_reminder")
_DOCUMENTS = (
    (
        "identity",
        "本人確認書類の写し（1点）",
        "運転免許証、マイナンバーカードのおもて面、パスポート、在留カード、資格確認書など",
    ),
    (
        "account_proof",
        "振込先の口座が分かる書類の写し",
        "通帳の見開きやキャッシュカードなど、金融機関・支店・口座番号・名義（カナ）が分かるもの",
    ),
)


def wording_of(
    kind: str,
    terms: Terms,
    *,
    municipality: str,
    mayor: str,
    mode: str = "apply",
    cohort: Cohort | None = None,
    issued_on: date | None = None,
) -> dict[str, Any]:
    """The words of one kind of letter, as `letters.wording.complete` takes them. `cohort`: whose first letter it is."""
    quoted, sentences = terms.quoted(municipality, cohort), terms.wording_for(municipality)
    mode = cohort.mode if cohort else mode
    if kind == "form" and cohort and cohort.name in {late.cohort for late in terms.late}:
        # Not everybody of this cohort has the same last day: the box above the sentence has each one's own.
        quoted["deadline"] = f"右上の「{defaults()['form']['deadline_label']}」"
    words: dict[str, Any] = {
        "programme": quoted["short_name"], "municipality": municipality, "mayor": mayor,
        "office": quoted["contact"], "phone": quoted["phone"], "hours": quoted["hours"],
        "online_address": quoted["url"], "payer": quoted["passbook_name"],
        "fraud_warning": sentences["caution"],
    }  # fmt: skip
    if "web" not in terms.intake.channels:
        words["languages"] = ""
    if issued_on:
        words["issued_on"] = format_wareki(issued_on)
    # 教示: a decision alone can be appealed against, and a gift is none.
    appeal = sentences.get("appeal")
    if appeal and kind in DECISIONS and terms.programme.legal_basis == "disposition":
        words["appeal"] = appeal
    if kind in DECISIONS and terms.programme.legal_basis == "gift":
        said = defaults()
        words["after"] = [*said[kind]["after"], said["common"]["look_again"]]
    letter = LETTER_OF_MODE[mode] if kind == "form" else _TEXT_OF.get(kind)
    if letter and letter in terms.letters:
        text = terms.letter_for(letter, municipality, quoted)
        words["title"] = text.title
        words |= {"lead": text.lead} if kind == "form" else {"paragraphs": [text.lead]}
    if kind == "form":
        words["documents"] = [
            [what, which] for need, what, which in _DOCUMENTS if terms.intake.needs("paper", need)
        ]
        words |= _ways(terms, words["documents"])
        words["attachments"] = terms.intake.attachments
    if kind in ASKED_AGAIN and len(terms.payment.rails) > 1:
        said = defaults()["account"]["rail_words"]
        words |= _offered(terms) | {key: said[key] for key in ("account_form_title", "account_form_lead")}
    if kind == "decline_form" and terms.decline.unit != "person":
        # One notice is the whole household's: a name of one of them would say something else.
        words |= {"decline_who_title": "", "decline_who_hint": ""}
    if kind != "form" and "web" not in terms.intake.channels:
        words |= {"online_title": "", "online_note": ""}
    return words


def _ways(terms: Terms, documents: list[list[str]]) -> dict[str, Any]:
    """What the form says of the ways of receiving (受取方法), as the terms name them; nothing where there is but one."""
    if len(terms.payment.rails) < 2:
        return {}
    said, account_proof = defaults()["account"]["rail_words"], _DOCUMENTS[-1][1]
    return _offered(terms) | {
        "documents": [
            [what + said["account_proof"] if what == account_proof else what, which]
            for what, which in documents
        ],
    }


def _offered(terms: Terms) -> dict[str, Any]:
    """The boxes of the ways of receiving in the order of the terms, and what is to be known of them."""
    offered, said = terms.payment.rails, defaults()["account"]["rail_words"]
    gift, cash = terms.payment.gift, terms.payment.cash
    told = {
        "{gift_issuer}": gift.issuer if gift else "",
        "{cash_place}": cash.place if cash else "",
        "{cash_hours}": cash.hours if cash else "",
    }
    return {
        "rails": [[rail, RAILS[rail]] for rail in offered],
        "rail_notes": [_told(said[rail], told) for rail in offered if rail in said],
    }


def _told(sentence: str, told: dict[str, str]) -> str:
    for mark, value in told.items():
        sentence = sentence.replace(mark, value)
    return sentence


def deadline_of(terms: Terms, day: date) -> str:
    """The last day of a case as a form prints it: 令和8年11月21日 消印有効."""
    return f"{format_wareki(day)} {'消印有効' if terms.intake.deadline_by == 'postmark' else '必着'}"
