"""What lies behind a question: the application, its account, the roll, the pictures; of them what the municipality may see.

Reads only. The office's manager sees all of it and chooses; the municipality's page asks for what was chosen, nothing else.
"""

from typing import Any, NamedTuple

from todoku.formats import bank_master, holder_name
from todoku.formats.wareki import format_wareki
from todoku.intake.tables import AccountVersion, Document, KeyTask
from todoku.people.address_guard import shown_address
from todoku.registry.reached import reached_of
from todoku.registry.tables import Member
from todoku.review.codes import CODES
from todoku.review.forward import PICTURES, SCAN
from todoku.review.tables import Finding, Question
from todoku.scan.tables import ScanPage
from todoku.web.office.batch_page import masked

EVIDENCE = {"": "なし", "clear": "あり", "unclear": "不鮮明", "expired": "期限切れ", "cut": "必要な面なし"}
KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}


class Sent(NamedTuple):
    """A picture sent with the application: its kind, the row that holds it, its size."""

    kind: str
    pk: int
    width: int
    height: int

    @property
    def words(self) -> str:
        """The kind in words."""
        return PICTURES[self.kind]


def all_evidence(question: Question) -> dict[str, Any]:
    """For the manager: three lists of facts with the account masked, the findings and the pictures by kind."""
    return _facts(question, application=True, account="masked") | {
        "findings": findings_of(question),
        "pictures": pictures_of(question),
    }


def shown_evidence(question: Question) -> dict[str, Any]:
    """For the municipality: what the manager chose, and the roll, which is the municipality's own."""
    shown = [one for one in findings_of(question) if one.code in question.shown_findings]
    return _facts(question, application=question.shown_application, account=question.shown_account) | {
        "findings": shown,
        "pictures": [one for one in pictures_of(question) if one.kind in question.shown_pictures],
    }


def findings_of(question: Question) -> list[Any]:
    """The codes found on the application, each once; none where the question is about a change alone."""
    if question.submission_id is None:
        return []
    found = Finding.objects.filter(submission_id=question.submission_id).order_by("code")
    return [CODES[code] for code in dict.fromkeys(found.values_list("code", flat=True))]


def pictures_of(question: Question) -> list[Sent]:
    """The photographs sent along, and the scanned pages of a paper form."""
    if question.submission_id is None:
        return []
    sent = Document.objects.filter(submission_id=question.submission_id).order_by("kind", "id")
    found = [Sent(one.kind, one.pk, one.width, one.height) for one in sent]
    keyed = KeyTask.objects.filter(submission_id=question.submission_id).first()
    if keyed is None:
        return found
    pages = ScanPage.objects.filter(
        lot_id=keyed.lot_id, case_id=keyed.case_id, state__in=["read", "attached", "look"]
    )
    return found + [Sent(SCAN, one.pk, one.width, one.height) for one in pages.order_by("no")]


def _facts(question: Question, *, application: bool, account: str) -> dict[str, Any]:
    members = list(
        Member.objects.filter(recipient_id=question.case.recipient_id, superseded_by_order="").select_related(
            "person"
        )
    )
    head = next((one.person for one in members if one.person_id == question.case.recipient.head_id), None)
    kanas = [one.person.kana for one in members if one.person != head]
    facts: dict[str, Any] = {"roll": _roll(question, head, members)}
    if question.submission_id is None:
        return facts
    if application:
        facts["application"] = _application(question.submission)
    if account != "none":
        last = (
            AccountVersion.objects.filter(submission_id=question.submission_id).order_by("-version").first()
        )
        facts["account"] = _account(last, head, kanas, whole=account == "whole")
    return facts


def _application(sent: Any) -> list[dict[str, Any]]:
    return [
        {"label": "方法・到着日", "value": f"{sent.get_channel_display()}　{format_wareki(sent.arrived_on)}"},
        {"label": "消印日", "value": format_wareki(sent.postmark_on) if sent.postmark_on else "なし"},
        {"label": "申請者", "value": "受給権者本人" if sent.applicant_is_recipient else "本人以外"},
        {"label": "本人確認書類", "value": EVIDENCE[sent.identity_evidence]},
        {"label": "口座確認書類", "value": EVIDENCE[sent.account_evidence]},
        {"label": "辞退の記入", "value": "あり" if sent.declines else "なし"},
    ]


def _account(
    account: AccountVersion | None, head: Any, household: list[str], *, whole: bool
) -> list[dict[str, Any]]:
    if account is None or not account.bank:
        return [{"label": "口座", "value": "記入なし、または読み取れません"}]
    holder: dict[str, Any] = {"label": "口座名義（カナ）", "value": account.holder_kana or "記入なし"}
    if head and account.holder_kana:
        names = [name for name in (head.kana, head.alias_kana, head.latin_name, head.alias) if name]
        tier = holder_name.tier(account.holder_kana, names, household)
        if tier.code not in ("T0", "T1"):
            holder |= {"differs": head.kana, "note": holder_name.TIERS[tier.code]}
    return [
        {
            "label": "口座",
            "value": _in_full(account)
            if whole
            else masked(account.bank, account.branch, account.kind, account.number),
        },
        holder,
    ]


def _in_full(account: AccountVersion) -> str:
    bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
    names = f"{bank.name if bank else account.bank} {branch.name if branch else account.branch}"
    return f"{names} {KINDS.get(account.kind, '?')} {account.number}"


def _roll(question: Question, head: Any, members: list[Any]) -> list[dict[str, Any]]:
    if head is None:
        return []
    reached = reached_of(question.case.recipient)
    protected = reached.protected or any(one.person.protected for one in members)
    address = shown_address(
        reached.postal_code,
        reached.address,
        reached.building,
        protected=protected,
        roles=frozenset(),
        opened=False,
    )
    left = {"": "なし", "death": "死亡", "moved": "転出"}[head.left_reason]
    return [
        {"label": "受給権者", "value": head.name, "note": head.kana},
        {
            "label": "生年月日",
            "value": format_wareki(head.birth_date) if head.birth_date else head.birth_text or "不詳",
        },
        {"label": "住所", "value": address},
        {
            "label": "基準日後の異動",
            "value": left + (f"（{format_wareki(head.left_on)}）" if head.left_on else ""),
        },
        {"label": "対象の世帯員", "value": f"{question.case.entitlement.member_count}人"},
        {"label": "支給予定額", "value": f"{question.case.entitlement.amount_yen:,}円"},
    ]
