"""What an official sees of the application behind a question: what was sent beside what the roll says, accounts masked."""

from typing import Any

from todoku.formats import holder_name
from todoku.formats.wareki import format_wareki
from todoku.intake.tables import AccountVersion
from todoku.people.address_guard import shown_address
from todoku.registry.reached import reached_of
from todoku.registry.tables import Member
from todoku.review.tables import Question
from todoku.web.office.batch_page import masked

EVIDENCE = {"": "なし", "clear": "あり", "unclear": "不鮮明", "expired": "期限切れ", "cut": "必要な面なし"}


def evidence(question: Question) -> dict[str, Any]:
    """Three lists of facts: the application, its account, the roll."""
    members = list(
        Member.objects.filter(recipient_id=question.case.recipient_id, superseded_by_order="").select_related(
            "person"
        )
    )
    head = next((one.person for one in members if one.person_id == question.case.recipient.head_id), None)
    account = AccountVersion.objects.filter(submission_id=question.submission_id).order_by("-version").first()
    return {
        "application": _application(question.submission),
        "account": _account(account, head, [one.person.kana for one in members if one.person != head]),
        "roll": _roll(question, head, members),
    }


def _application(sent: Any) -> list[dict[str, Any]]:
    return [
        {"label": "方法・到着日", "value": f"{sent.get_channel_display()}　{format_wareki(sent.arrived_on)}"},
        {"label": "消印日", "value": format_wareki(sent.postmark_on) if sent.postmark_on else "なし"},
        {"label": "申請者", "value": "受給権者本人" if sent.applicant_is_recipient else "本人以外"},
        {"label": "本人確認書類", "value": EVIDENCE[sent.identity_evidence]},
        {"label": "口座確認書類", "value": EVIDENCE[sent.account_evidence]},
        {"label": "辞退の記入", "value": "あり" if sent.declines else "なし"},
    ]


def _account(account: AccountVersion | None, head: Any, household: list[str]) -> list[dict[str, Any]]:
    if account is None or not account.bank:
        return [{"label": "口座", "value": "記入なし、または読み取れません"}]
    holder: dict[str, Any] = {"label": "口座名義（カナ）", "value": account.holder_kana or "記入なし"}
    if head and account.holder_kana:
        names = [name for name in (head.kana, head.alias_kana, head.latin_name, head.alias) if name]
        tier = holder_name.tier(account.holder_kana, names, household)
        if tier.code not in ("T0", "T1"):
            holder |= {"differs": head.kana, "note": holder_name.TIERS[tier.code]}
    return [
        {"label": "口座", "value": masked(account.bank, account.branch, account.kind, account.number)},
        holder,
    ]


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
