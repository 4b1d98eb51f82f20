"""The rules once more, in the plainest way: one application, loaded by the ORM, judged by one `if` after another.

Written from the rules' words (docs/reference/deficiencies.md and the terms), not from the checks: it shares no line with
facts.py, checks.py or screen.py. Only the readers of foreign formats are the house's: kana, ゆうちょ, bank codes, names.
"""

from datetime import date, timedelta
from typing import NamedTuple

from todoku.case.late_tables import LateOpening
from todoku.case.tables import CaseEvent
from todoku.formats import bank_changes, bank_master, holder_name, yucho
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.intake.tables import AccountVersion, Submission
from todoku.payment.side_tables import SharedPayee
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.registry.representative_kinds import holder_names
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import Member, Person


class Said(NamedTuple):
    """What the oracle says of one application."""

    outcome: str
    persons: int
    findings: tuple[tuple[str, str, str, str], ...]  # code, field, severity, why (or the tier)


# Some kinds of paper as the criteria sheet has them: enough alone or one of two; until which day, or issued when.
ORACLE_KINDS = {
    "driving_licence": ("alone", "until"), "my_number_card": ("alone", "until"), "insurance_card": ("alone", "until"),
    "driving_record": ("alone", ""), "resident_record": ("pair", "issued"), "pension_book": ("pair", ""),
}  # fmt: skip


def _six_months_after(day: date) -> date:
    month = day.month + 6
    year, month = (day.year + 1, month - 12) if month > 12 else (day.year, month)
    while True:
        try:
            return day.replace(year=year, month=month)
        except ValueError:  # the 31st of a month that has none
            day = day.replace(day=day.day - 1)


Named = list[
    tuple[tuple[str, str, int, str], str]
]  # an account, and the household whose application names it


def accounts_named(programme: Programme) -> Named:
    """Every account that an application of the programme names now, looked up one application after another."""
    found = []
    for one in Submission.objects.filter(
        programme=programme, rail="bank", state__in=["received", "screened"]
    ):
        account = one.accounts.order_by("version").last()
        if account:
            named = (account.bank, account.branch, account.kind, account.number)
            found.append((named, one.case.recipient.household_number))
    return found


def oracle(submission: Submission, terms: Terms, named: Named, *, sampled: bool) -> Said:
    """`sampled`: whether the draw would take this case, should nobody else have to look at it."""
    application = _Application(submission, terms, named)
    found = []
    for code, field, severity, why in application.deficiencies():
        agreed = severity if why == "after_decline" else terms.review.checks.get(code, severity)
        if agreed != "off":
            found.append((code, field, agreed, why))
    kinds = {one[2] for one in found}
    if "return" in kinds:
        return Said("return", 2, tuple(sorted(found)))
    if "look" in kinds:
        return Said("look", 2, tuple(sorted(found)))
    persons = {"two_persons": 2, "one_person": 1, "straight": 0}[terms.review.passes[application.way]]
    if application.came_from == "returned" and persons == 0:
        persons = 1
    if persons == 0 and sampled:
        persons = 1
    if persons == 0 and submission.rail == "bank" and application.account is None:
        persons = 1
    if persons == 0 and application.a_day_is_unread():
        persons = 1
    return Said("clean", persons, tuple(sorted(found)))


class _Application:
    def __init__(self, submission: Submission, terms: Terms, named: Named) -> None:
        self.s, self.terms, self.named = submission, terms, named
        self.account = AccountVersion.objects.filter(submission=submission).order_by("version").last()
        self.head = submission.case.recipient.head
        # Whatever a person of the office wrote down for the resident is looked at like paper.
        self.way = "web" if submission.channel == "web" else "paper"
        arrivals = CaseEvent.objects.filter(case=submission.case, to_stage="received").order_by("id")
        self.came_from = arrivals.last().from_stage
        self.evidence = terms.intake.evidence.get(self.way, ())

    def deficiencies(self):
        yield from self.who_and_when()
        yield from self.money()
        yield from self.papers()
        yield from self.register()

    def who_and_when(self):
        s = self.s
        if not s.applicant_is_recipient:
            yield "D05", "applicant", "return", ""
        if s.keyless:
            yield "D25", "identity", "look", "keyless"
        if s.applied_on is None:
            yield "D04", "applied_on", "look", "applied_on"
        if s.phone == "":
            yield "D04", "phone", "look", "phone"
        if "signature" in self.evidence and not s.signed:
            yield "D02", "signature", "return", ""
        if s.members_corrected:
            yield "D51", "members", "look", ""
        if s.declines:
            yield "D50", "decline", "look", ""
        elif s.declined_on:
            yield "D50", "decline", "look", "after_decline"
        if s.rail_marked != "one" and not self.gives_up_all():
            written = s.rail_marked == "none" and self.wrote_an_account()
            yield "D07", "rail", "look" if written else "return", s.rail_marked

    def wrote_an_account(self) -> bool:
        a = self.account
        return a is not None and bool(a.bank or a.branch or a.number or a.yucho_symbol or a.yucho_number)

    def gives_up_all(self) -> bool:
        """The whole benefit is declined: the box is marked and nothing is written about an account."""
        a = self.account
        nothing = a is None or not (a.bank or a.number or a.holder_kana or a.yucho_symbol)
        return self.s.declines and nothing

    def no_account_asked(self) -> bool:
        """Paid by another way; or the way itself is asked first, no account being there."""
        if self.s.rail != "bank":
            return True
        return self.s.rail_marked != "one" and not self.wrote_an_account()

    def money(self):
        if self.no_account_asked():
            return
        a = self.account
        by_passbook = a is not None and bool(a.yucho_symbol or a.yucho_number)
        if not by_passbook:
            yield from self.account_of_a_bank(a)
        if self.gives_up_all():
            return
        if by_passbook:
            try:
                yucho.transfer_account(a.yucho_symbol, a.yucho_number)
            except yucho.YuchoRefused:
                yield "D14", "yucho", "look", "format"
            else:
                if not yucho.check_digit_agrees(a.yucho_symbol, a.yucho_number):
                    yield "D14", "yucho", "look", "check_digit"
        yield from self.holder(a.holder_kana if a else "")
        yield from self.shared()

    def account_of_a_bank(self, a):
        if a is None or not (a.bank or a.branch or a.number):
            if not self.gives_up_all():
                yield "D10", "account", "return", "missing"
            return
        wrong = None
        if not (len(a.bank) == 4 and a.bank.isdecimal()):
            wrong = "bank"
        elif not (len(a.branch) == 3 and a.branch.isdecimal()):
            wrong = "branch"
        elif a.kind not in (1, 2, 4):
            wrong = "kind"
        elif not (len(a.number) == 7 and a.number.isdecimal()):
            wrong = "number"
        if wrong:
            if not self.gives_up_all():
                yield "D10", "account", "return", wrong
        elif bank_master.branch(a.bank, a.branch) is None:
            yield "D11", "account", "look", self.what_became_of(a.bank, a.branch)

    def what_became_of(self, bank: str, branch: str) -> str:
        """Never heard of, or gone: with its successor's branch, with its successor's bank alone, or without any."""
        ends = [
            one for one in bank_changes.changes() if one.bank == bank and one.what in ("closed", "merged")
        ]
        own = [one for one in ends if one.branch == branch] or [one for one in ends if one.branch == ""]
        if not own:
            return "bank" if bank_master.bank(bank) is None else "branch"
        if own[-1].to_branch:
            return "branch_moved"
        return "bank_merged" if own[-1].to_bank else "branch_closed"

    def holder(self, written: str):
        if not written.strip():
            yield "D10", "holder_kana", "return", "holder_missing"
            return
        try:
            bank_kana(written)
        except KanaRefused:
            yield "D10", "holder_kana", "return", "holder_kana"
            return
        names = [
            self.head.kana,
            *[n for n in (self.head.alias_kana, self.head.latin_name, self.head.alias) if n],
        ]
        if not any(names):
            yield "D12", "holder_kana", "look", "no_roll_kana"
            return
        others = Member.objects.filter(recipient=self.s.case.recipient, superseded_by_order="").exclude(
            person=self.head
        )
        for one in Representative.objects.filter(ward=self.head, state="confirmed").select_related(
            "guardian"
        ):
            kept = holder_names(self.head.kana, one.kind, one.guardian.kana)
            if holder_name.tier(written, kept).code in ("T0", "T1", "T2", "T4", "T5"):
                yield "D12", "holder_kana", "note", "representative"
                return
        tier = holder_name.tier(written, names, [one.person.kana for one in others]).code
        if tier in ("T4", "T5"):
            yield "D12", "holder_kana", "note", tier
        elif tier in ("T2", "T3", "T6", "T7"):
            yield "D12", "holder_kana", "look", tier

    def shared(self):
        a = self.account
        if a is None or not a.bank or not a.number:
            return
        named = {"bank": a.bank, "branch": a.branch, "account_number": a.number, "account_kind": a.kind}
        allowed = SharedPayee.objects.filter(
            programme=self.s.programme, approved_at__isnull=False, ended_at__isnull=True, **named
        )
        recipient = self.s.case.recipient
        acting = Representative.objects.filter(ward=self.head, state="confirmed").first()
        theirs = {None, recipient.head_id, recipient.care_of_id, acting and acting.guardian_id}
        if any(one.person_id in theirs for one in allowed):
            return
        mine = (a.bank, a.branch, a.kind, a.number)
        homes = {home for account, home in self.named if account == mine}
        homes.discard(self.s.case.recipient.household_number)
        if homes:
            yield "D15", "account", "look", str(len(homes))

    def papers(self):
        if self.gives_up_all():
            yield from self.my_number_side()
            if self.s.identity_evidence in ("unclear", "cut"):
                cut = self.s.identity_evidence == "cut"
                yield "D23", "identity", "return", "identity_side" if cut else "identity"
            return
        copy = self.s.account_evidence
        if "account_proof" in self.evidence and not self.no_account_asked():
            if not copy:
                yield "D30", "account_proof", "return", ""
            elif copy == "cut":
                yield "D31", "account_proof", "return", ""
            elif copy == "unclear":
                yield "D23", "account_proof", "return", "account_proof"
        shown = self.s.identity_evidence
        if "identity" in self.evidence:
            if not shown:
                yield "D20", "identity", "return", ""
            elif shown == "expired":
                yield "D21", "identity", "return", ""
            else:
                yield from self.kinds_of_papers()
        yield from self.my_number_side()
        if shown in ("unclear", "cut"):
            yield "D23", "identity", "return", "identity_side" if shown == "cut" else "identity"

    def my_number_side(self):
        if "my_number_side" in [kind for kind, _ in self.named_papers()]:
            yield "D24", "identity", "look", "my_number_side"

    def named_papers(self) -> list[tuple[str, date | None]]:
        last = self.s.proofs.order_by("version").last()
        if last is None:
            return []
        return [(last.first, last.first_on), *([(last.second, last.second_on)] if last.second else [])]

    def a_day_is_unread(self) -> bool:
        """A paper that carries a day came, and nobody has written that day down."""
        if "identity" not in self.evidence:
            return False
        return any(
            printed is None and kind in ORACLE_KINDS and ORACLE_KINDS[kind][1]
            for kind, printed in self.named_papers()
        )

    def kinds_of_papers(self):
        """One good paper of the first list, or two different ones of the second; otherwise the worst that is wrong."""
        named = self.named_papers()
        last = self.s.proofs.order_by("version").last()
        counted = (last and last.counted_on) or self.s.counts_on or self.counted_day()
        day = counted or self.s.arrived_on
        wrong, alone, pair = [], 0, set()
        for kind, printed in named:
            rule = ORACLE_KINDS.get(kind, ("nothing", "", 0))
            if rule[0] == "nothing":
                wrong.append(("D26", "not_counted"))
            elif kind == "insurance_card" and day > date(2025, 12, 1):
                wrong.append(("D26", "ended"))
            elif rule[1] == "until" and printed and day > printed:
                wrong.append(("D21", "expired"))
            elif rule[1] == "issued" and printed and day > _six_months_after(printed):
                wrong.append(("D21", "too_old"))
            elif rule[0] == "alone":
                alone += 1
            else:
                pair.add(kind)
        if not named or alone or len(pair) == 2:
            return
        code, why = sorted(wrong, key=lambda one: one[0])[0] if wrong else ("D27", "one_of_two")
        unsure = counted is None and why in ("expired", "too_old", "ended")
        yield code, "identity", "look" if unsure else "return", why

    def register(self):
        yield from self.late()
        left = {"": "", "death": "died", "moved_out": "moved_out"}.get(self.head.left_reason, "moved_out")
        if left:
            yield "D43", "recipient", "look", left
        if self.applied_twice_over():
            yield "D44", "recipient", "look", ""

    def applied_twice_over(self) -> bool:
        """Somebody else of this name, born on the same day, is counted in another case that has applied."""
        case, head = self.s.case, self.head
        if head.birth_date is None:
            return False
        born = Person.objects.filter(programme=self.s.programme, birth_date=head.birth_date).exclude(
            pk=head.pk
        )
        for other in born:
            if other.search_key.split(" ")[0] != head.search_key.split(" ")[0]:
                continue
            for member in Member.objects.filter(person=other, superseded_by_order=""):
                theirs = member.recipient.cases.filter(payout=case.payout).exclude(pk=case.pk)
                if Submission.objects.filter(case__in=theirs, state__in=["received", "screened"]).exists():
                    return True
        return False

    def late(self):
        s, last = self.s, self.last_day()
        if self.came_from in ("returned", "lapsed"):
            return
        if self.came_from == "failed":
            if s.arrived_on > self.terms.payment.repay_deadline:
                yield "D42", "deadline", "look", "late"
            return
        if s.arrived_on <= last:
            return
        day = s.counts_on or self.counted_day()
        if day is None:
            yield "D42", "deadline", "look", "postmark_unknown"
        elif day > last:
            yield "D42", "deadline", "look", "late"

    def last_day(self) -> date:
        """Everybody's or its cohort's; where the case came in late and the terms have a line for that: the line's, or days
        after what made it late."""
        opening = LateOpening.objects.filter(case=self.s.case).first()
        days = []
        for line in self.terms.late:
            if opening is not None and line.kind == opening.kind:
                days += [line.closes, opening.happened_on + timedelta(days=line.days_after)]
        own = [one.closes for one in self.terms.cohorts if one.name == self.s.case.cohort and one.closes]
        return max(days) if days else (own or [self.terms.intake.closes])[0]

    def counted_day(self) -> date | None:
        s, intake = self.s, self.terms.intake
        if s.channel != "paper" or intake.deadline_by == "arrival":
            return s.arrived_on
        if s.postmark_on is not None:
            return s.postmark_on
        if intake.no_postmark == "arrival":
            return s.arrived_on
        return s.arrived_on - timedelta(days=1) if intake.no_postmark == "day_before_arrival" else None
