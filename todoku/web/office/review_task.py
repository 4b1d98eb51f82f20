"""One review task on one screen: what was sent, beside what the roll and the master say, and what only eyes can tell.

Reads only, a fixed number of queries. Differences are those that the checks found, never a second opinion of the page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localtime

from todoku.case.late_deadline import deadlines_of
from todoku.case.members import MemberLine, members_of
from todoku.case.stages import stage_name
from todoku.case.tables import Case
from todoku.formats import bank_changes, bank_master, holder_name
from todoku.formats.wareki import format_wareki
from todoku.formats.yucho import YuchoRefused, check_digit_agrees
from todoku.intake.forms import BANK
from todoku.intake.tables import AccountVersion, ProofVersion, Submission
from todoku.people.access import may
from todoku.people.address_guard import shown_address
from todoku.programme.deciders import Deciders
from todoku.programme.terms import Terms
from todoku.programme.vocabulary import RAILS
from todoku.registry.reached import Reached, reached_of
from todoku.registry.tables import Member, Person
from todoku.review.accounts_in_use import DECIDED, in_use
from todoku.review.code_sentences import REFUSALS
from todoku.review.codes import CODES, Code
from todoku.review.judge import declined_in_part, persons_for
from todoku.review.queues import QUEUES
from todoku.review.tables import Finding, Screening, Task, Verdict
from todoku.review.who_decides import MANAGER, TWO_PERSONS, Unmet, decider_of
from todoku.web.office.review_acts import act_forms
from todoku.web.office.review_declined import DeclinedBefore, declined_before
from todoku.web.office.review_history import history
from todoku.web.office.review_papers import beside_the_day, for_eyes, named_papers
from todoku.web.office.review_pictures import Picture, pictures_of
from todoku.web.office.review_queue import REASON_KINDS, REASONS, due_badge
from todoku.web.shared.pieces import Badge

KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
SEVERITIES = {
    "return": Badge("返戻", "stop"),
    "look": Badge("要確認", "warn"),
    "note": Badge("記録", "info"),
}
# One key each: what was found, then the deficiencies that offices saw most (no copies, unclear copies, no signature).
QUICK_CODES = 6
FREQUENT = ("D30", "D20", "D10", "D23", "D02", "D12")
EVIDENCE = {"": "なし", "clear": "あり", "unclear": "不鮮明", "expired": "期限切れ", "cut": "必要な面なし"}


@dataclass(frozen=True)
class Compared:
    """One line of the comparison: what was sent, what we hold beside it, and whether they differ."""

    label: str
    sent: object
    held: object = ""
    differs: bool = False
    note: str = ""
    agrees: bool = False
    beside_paper: bool = False


@dataclass(frozen=True)
class Applied:
    """An application as this page needs it: with its account, the roll's people and the findings by field."""

    submission: Submission
    account: AccountVersion | None
    head: Person
    lines: list[MemberLine]
    kanas: list[str]
    reached: Reached
    protected: bool
    fields: frozenset[str]
    proof: ProofVersion | None

    @property
    def has_account(self) -> bool:
        return self.account is not None and bool(
            self.account.bank or self.account.number or self.account.holder_kana or self.account.yucho_symbol
        )


def task_context(task: Task, roles: frozenset[str]) -> dict[str, Any]:
    """Everything one task's page shows; `roles` are the reader's, for the guard of addresses."""
    findings = list(Finding.objects.filter(submission=task.submission).order_by("code", "id"))
    applied, found = _applied(task, findings), _findings(findings, task.programme.version.deciders)
    terms = task.programme.terms
    documents, before = pictures_of(task, task.programme.slug), declined_before(task.submission)
    step_name = "一次審査" if task.step == 1 else "二次審査"
    return {
        "task": task,
        "page_title": f"{step_name} {task.case.printed_number}",
        "step_name": step_name,
        "reason": Badge(REASONS.get(task.reason, task.reason), REASON_KINDS.get(task.reason, "info")),
        "documents": documents,
        "applied": applied,
        "paper": None if documents else paper_of(applied, task),
        "account_lines": _of_interest(_account_lines(applied), documents),
        "person_lines": _person_lines(applied, roles),
        "form_lines": _of_interest([*_declined_lines(before), *_form_lines(applied, terms)], documents),
        "amount": task.case.entitlement.amount_yen,
        "findings": found,
        # A reader who is not the manager learns where the verdict goes.
        "to_manager": MANAGER not in roles and any(one["decides"] == MANAGER for one in found),
        # As it stands now: more may have come since the finding was written.
        "shared": in_use([task.submission_id]).get(task.submission_id),
        "same_person": _same_person(findings, task.case.number),
        "may_propose_payee": may(roles, "payee.propose"),
        "eyes": _eyes(applied, terms, bool(documents)),
        "outcomes": dict(Verdict.OUTCOMES),
        "quick_codes": _return_codes(findings)[:QUICK_CODES],
        "return_codes": _return_codes(findings)[QUICK_CODES:],
        "acts": act_forms(task, {one.code for one in findings}, applied.proof),
        "due": due_badge(task.due_on),
        "queue_name": QUEUES[task.queue],
        "found_codes": {one.code for one in findings if one.severity == "return"},
        "refuse_codes": [CODES[code] for code in REFUSALS],
        "declines": task.submission.declines and not declined_in_part(task.submission) or bool(before),
        "last_look": task.step == 2 or persons_for(task) < 2,
        "older_terms": under_older_terms(task),
    } | history(task, terms)


def under_older_terms(task: Task) -> bool:
    """Whether a new Version opened since this was screened: it is judged again when the person lets go of it."""
    version = task.programme.version
    return (
        version.number > 1
        and Screening.objects.filter(pk=task.submission_id).exclude(version=version).exists()
    )


def _same_person(findings: list[Finding], own: str) -> list[Any]:
    """The other cases in which somebody of this name and birth date applied, with where they stand by now."""
    found = [one.evidence.get("cases", ()) for one in findings if one.code == "D44"]
    numbers = {number for cases in found for number in cases if number != own}
    if not numbers:
        return []
    others = Case.objects.filter(number__in=numbers).select_related("standing").order_by("number")
    return [
        {
            "number": one.number, "printed": one.printed_number, "stage": stage_name(one.standing.stage),
            "decided": one.standing.stage in DECIDED,
        }
        for one in others
    ]  # fmt: skip


def _return_codes(findings: list[Finding]) -> list[Code]:
    """What a letter can ask for: what was found first, then what is sent back most often."""
    found = {one.code for one in findings}
    listed = [code for code in CODES.values() if code.handling in ("return", "phone") or code.code in found]
    places = {code: place for place, code in enumerate(FREQUENT)}
    return sorted(
        listed, key=lambda one: (one.code not in found, places.get(one.code, len(places)), one.code)
    )


def _of_interest(lines: list[Compared], documents: list[Picture]) -> list[Compared]:
    """Beside a picture every line; beside the sheet laid out in full only what is compared or doubted."""
    return lines if documents else [line for line in lines if line.differs or line.beside_paper]


def _applied(task: Task, findings: list[Finding]) -> Applied:
    members = list(
        Member.objects.filter(recipient_id=task.case.recipient_id, superseded_by_order="").values_list(
            "person_id", "person__kana", "person__protected"
        )
    )
    head, reached = task.case.recipient.head, reached_of(task.case.recipient)
    return Applied(
        submission=task.submission,
        account=AccountVersion.objects.filter(submission=task.submission).order_by("-version").first(),
        head=head,
        lines=members_of([task.case.recipient_id]).get(task.case.recipient_id, []),
        kanas=[kana for pk, kana, _ in members if pk != head.pk],
        reached=reached,
        protected=head.protected or reached.protected or any(protected for *_, protected in members),
        fields=frozenset(one.field for one in findings if one.severity != "note"),
        proof=ProofVersion.objects.filter(submission=task.submission).order_by("-version").first(),
    )


def _findings(found: list[Finding], deciders: Deciders) -> list[dict[str, Any]]:
    """What was found; marked where the agreed criteria leave it to somebody else, so that nobody tries in vain."""
    return [
        {
            "code": one.code, "name": CODES[one.code].name, "severity": one.severity,
            "badge": SEVERITIES[one.severity],
            "decides": TWO_PERSONS if one.severity == "note" else decider_of(Unmet(one.code, one.evidence), deciders),
        }
        for one in found
    ]  # fmt: skip


def _account_lines(applied: Applied) -> list[Compared]:
    """The account as entered beside the bank master, the holder beside the recipient's kana."""
    account = applied.account
    if applied.submission.rail != BANK:
        # Nothing goes to an account: what was written of one all the same is shown, since it may have been meant.
        written = "口座の記入もある" if applied.has_account else ""
        return [
            Compared(
                "受取方法", RAILS[applied.submission.rail], "口座は要らない", differs=bool(written), note=written,
                beside_paper=True,
            )
        ]  # fmt: skip
    if account is None or not applied.has_account:
        return [Compared("口座", "記入なし", differs=not applied.submission.declines)]
    bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
    number = f"{KINDS.get(account.kind, '?')} {account.number or 'なし'}"
    gone = _gone(applied.submission, account)
    lines = [
        Compared(
            "金融機関", account.bank or "なし", bank.name if bank else "一覧になし", differs=bank is None
        ),
        Compared(
            "支店",
            account.branch or "なし",
            branch.name if branch else "一覧になし",
            differs=branch is None or bool(gone),
            note=gone,
        ),
        Compared("種目・番号", number, differs=len(account.number) != 7),
    ]
    if account.yucho_symbol or account.yucho_number:
        lines.append(_yucho_line(account))
    return [*lines, _holder_line(applied, account)]


def _gone(sent: Submission, account: AccountVersion) -> str:
    """What has become of a branch that is no more on the day that counts: since when, and its successor."""
    stands = bank_changes.standing(account.bank, account.branch, sent.counts_on or sent.arrived_on)
    if stands.state != "closed":
        return ""
    went = bank_changes.words(stands.to_bank, stands.to_branch)
    was = "申請の日にはあった" if stands.was_open else "申請の日にはもうない"
    return f"{stands.name}：{stands.since:%Y/%m/%d}までに統廃合。{was}。" + (f"いまは{went}" if went else "")


def _yucho_line(account: AccountVersion) -> Compared:
    symbol, number = account.yucho_symbol, account.yucho_number
    try:
        agrees = check_digit_agrees(symbol, number)
    except YuchoRefused as refused:
        return Compared(
            "記号-番号", f"{symbol}-{number}", "口座にならない", differs=True, note=refused.sentence
        )
    held = "検査数字 一致" if agrees else "検査数字 不一致"
    return Compared(
        "記号-番号", f"{symbol}-{number}", held, differs=not agrees, agrees=agrees, beside_paper=True
    )


def _holder_line(applied: Applied, account: AccountVersion) -> Compared:
    head = applied.head
    if not account.holder_kana:
        return Compared("口座名義", "記入なし", head.kana, differs=True)
    names = [name for name in (head.kana, head.alias_kana, head.latin_name, head.alias) if name]
    tier = holder_name.tier(account.holder_kana, names, applied.kanas)
    same = tier.code in ("T0", "T1")
    return Compared(
        "口座名義", account.holder_kana, head.kana or "カナの登録なし", differs=not same, agrees=same,
        note="" if same else holder_name.TIERS[tier.code], beside_paper=True,
    )  # fmt: skip


def _person_lines(applied: Applied, roles: frozenset[str]) -> list[Compared]:
    """Who the roll says it is, to be held against the document in hand or on the screen."""
    head = applied.head
    born = head.birth_date
    others = " ".join(name for name in (head.alias, head.latin_name) if name)
    at = applied.reached
    address = shown_address(at.postal_code, at.address, at.building, protected=applied.protected, roles=roles)
    return [
        Compared("氏名", "", head.name, note=" ".join(part for part in (head.kana, others) if part)),
        Compared("生年月日", "", f"{format_wareki(born)}（{born:%Y/%m/%d}）" if born else head.birth_text or "不詳"),
        Compared("住所", "", address),
    ]  # fmt: skip


def _deadline(applied: Applied, terms: Terms) -> date:
    """The last day; the case's own is looked up only where the day is in question."""
    case, asked = applied.submission.case_id, "deadline" in applied.fields
    return (deadlines_of([case], terms) if asked else {}).get(case, terms.intake.closes)


def _form_lines(applied: Applied, terms: Terms) -> list[Compared]:
    """The rest of the form beside what it is measured by."""
    sent, fields = applied.submission, applied.fields
    names = "、".join(line.name for line in applied.lines)
    days = f"{sent.arrived_on:%m/%d}" + (
        f"　消印 {_day(sent.postmark_on)}" if sent.channel == "paper" else ""
    )
    lines = [
        Compared("申請者", "本人" if sent.applicant_is_recipient else f"本人以外 {sent.applicant_name}",
                 differs="applicant" in fields),
        Compared("電話", sent.phone or "なし", applied.reached.phone if not applied.protected else "", differs="phone" in fields),
        Compared("到着", days, f"期限 {_deadline(applied, terms):%m/%d}", differs="deadline" in fields),
        Compared("世帯員", "訂正あり" if sent.members_corrected else "訂正なし", f"{len(applied.lines)}人",
                 differs="members" in fields, note=names),
    ]  # fmt: skip
    for label, evidence, field in (
        ("本人確認", sent.identity_evidence, "identity"),
        ("口座確認", sent.account_evidence, "account_proof"),
    ):
        if field in fields:
            lines.append(Compared(label, EVIDENCE[evidence], differs=True))
    if named := named_papers(applied.proof, terms):
        told, held, wrong = beside_the_day(named, applied.proof, sent)
        lines.append(Compared("本人確認書類", told, held, differs=wrong, agrees=not wrong, beside_paper=True))
    if sent.channel != "web":
        signed = "あり" if sent.signed else "なし"
        lines.insert(
            1, Compared("署名・日付", f"{signed}　{_day(sent.applied_on)}", differs=bool(fields & {"signature", "applied_on"}))
        )  # fmt: skip
    if sent.rail_marked != "one":
        marked = "記入なし" if sent.rail_marked == "none" else "二つ以上に印"
        lines.append(Compared("受取方法", marked, differs=True, note="本人の希望を確かめる"))
    if sent.declines:
        lines.append(Compared("辞退届", "一部の方" if declined_in_part(sent) else "あり", differs=True))
    return lines


def _declined_lines(before: DeclinedBefore | None) -> list[Compared]:
    """A decline that was confirmed before this application came, beside the application's own days."""
    if before is None:
        return []
    return [Compared("先の辞退", before.sent, before.held, differs=True, note=before.note)]


def _day(day: date | None) -> str:
    return f"{day:%m/%d}" if day else "なし"


def _eyes(applied: Applied, terms: Terms, pictures: bool) -> list[str]:
    """What no check can see, by what must be enclosed: the lines that a reviewer goes through."""
    if applied.submission.declines and not applied.has_account:
        return ["辞退の届出が本人のものか、電話など別の手段で確かめる"]
    needs = terms.intake.evidence.get("web" if applied.submission.channel == "web" else "paper", ())
    lines = [] if pictures else ["紙面と、左の入力のとおりか"]
    if applied.submission.declined_on:
        lines.insert(0, "辞退と申請のどちらが後の意思かを、本人に電話か手紙で確かめる")
    if "signature" in needs:
        lines.append("署名は世帯主の氏名か")
    if "identity" in needs:
        lines += for_eyes(named_papers(applied.proof, terms))
    if "account_proof" in needs and applied.submission.rail == BANK:
        lines.append("口座の写しの金融機関・支店・番号・名義が、申請と同じか")
    return lines


def paper_of(applied: Applied, task: Task) -> dict[str, Any]:
    """The keyed form in the order of the paper, digits in boxes, for a reviewer with the sheet in hand."""
    sent, account = applied.submission, applied.account
    bank = bank_master.bank(account.bank) if account else None
    branch = bank_master.branch(account.bank, account.branch) if account else None
    return {
        "members": [
            (line.name, format_wareki(line.birth_date) if line.birth_date else line.birth_text, line.relation)
            for line in applied.lines[:6]
        ],
        "more": max(len(applied.lines) - 6, 0),
        "bank": f"{bank.name}" if bank else "",
        "branch": f"{branch.name}" if branch else "",
        "bank_digits": _boxes(account.bank if account else "", 4),
        "branch_digits": _boxes(account.branch if account else "", 3),
        "number_digits": _boxes(account.number if account else "", 7),
        "symbol_digits": _boxes(account.yucho_symbol if account else "", 5),
        "yucho_digits": _boxes(account.yucho_number if account else "", 8),
        "way": "" if sent.rail == BANK else f"受取方法 {RAILS[sent.rail]}",
        "by_symbol": bool(account and account.yucho_symbol),
        "kind": KINDS.get(account.kind, "") if account else "",
        "holder": _boxes(account.holder_kana if account else "", 18),
        "keyed": f"{localtime(sent.registered_at):%m/%d %H:%M} {sent.actor_name}",
        "identity": EVIDENCE[sent.identity_evidence],
        "proof": EVIDENCE[sent.account_evidence],
    }


def _boxes(text: str, size: int) -> list[str]:
    """One sign a box, at least `size` boxes."""
    return [*text, *[""] * (size - len(text))]
