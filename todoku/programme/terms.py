"""Pure. The terms of a programme (実施要綱) as agreed with the municipality: one TOML text in, frozen
values out.

A Version's text is read here and nowhere else; every mistake in it is collected and named with its remedy.
Pages, letters, checks and payment quote dates, amounts and sentences from `Terms` alone.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from todoku.formats.kana import bank_kana
from todoku.ground.step import Refusal
from todoku.programme import read_dues, read_tables
from todoku.programme import vocabulary as words
from todoku.programme.agreement import disagreements
from todoku.programme.amounts import Household, amounts_by_ground
from todoku.programme.application_examples import application
from todoku.programme.cohorts import cohort_of
from todoku.programme.contents import Cohort, Contents, Late, LetterText, PaymentSlot, Payout
from todoku.programme.criteria_tables import criteria
from todoku.programme.eligibility import Outcome, RecipientFacts, judge_all
from todoku.programme.recipient_examples import example
from todoku.programme.toml_table import WHOLE, Problem, Table

FORMAT = 1


class TermsRefused(Refusal):
    """The text is not a usable Version; `problems` holds every mistake found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = "\n".join(problem.sentence for problem in problems)
        super().__init__(
            f"制度の定義に{len(problems)}件の誤りがあります。\n{lines}",
            remedy="誤りを直してから、もう一度読み込んでください。",
        )
        self.problems = problems


def long_date(day: date) -> str:
    """A date as residents read it: 2020年9月10日（木）."""
    return f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"


@dataclass(frozen=True)
class Terms(Contents):
    """One Version of one programme, read and found consistent."""

    @property
    def deadline(self) -> date:
        """The last day of intake (申請期限); `intake.deadline_by` says whether postmark or arrival counts
        for post."""
        return self.intake.closes

    @property
    def last_deadline(self) -> date:
        """The last day on which anybody's intake can still run: a late cohort's, or that of a further payout."""
        late = (one.last_day(one.until) for one in self.late)
        return max([self.deadline, *late, *(one.own_deadline or self.deadline for one in self.cohorts)])

    @property
    def deadline_words(self) -> str:
        """The deadline as residents read it, with what counts."""
        return self._until(self.deadline)

    def _until(self, day: date) -> str:
        by = {"postmark": "当日消印有効", "arrival": "必着"}[self.intake.deadline_by]
        return f"{long_date(day)}" + (f"（郵送は{by}）" if "paper" in self.intake.channels else "")

    @property
    def opt_out_date(self) -> date | None:
        """The last opt-out date of the first payout's push cohorts (申出期限); None where nothing is pushed."""
        first = (one for one in self.cohorts if one.payout == 1)
        return max((one.opt_out_date for one in first if one.opt_out_date is not None), default=None)

    @property
    def passbook_kana(self) -> str:
        """The name printed in passbooks (振込名義) as the bank file carries it."""
        return bank_kana(self.payment.passbook_name)

    def is_open(self, on: date, until: date | None = None) -> bool:
        """Whether intake runs on this day; `until`: the last day of one case (`deadline_for`) in place of everybody's."""
        return self.intake.opens <= on <= (until or self.intake.closes)

    def payment_date_for(self, received_on: date) -> PaymentSlot | None:
        """The line of the payment calendar for an application received on this day; None after the last line.

        Holds for an application without deficiencies; one that was returned counts from its correction.
        """
        return next((slot for slot in self.payment.calendar if received_on <= slot.received_by), None)

    def cohort(self, name: str) -> Cohort:
        """The cohort of this name; a KeyError here means that a case carries a name of another Version."""
        return {cohort.name: cohort for cohort in self.cohorts}[name]

    def cohort_of(self, facts: RecipientFacts, ground: str = "", payout: int = 1) -> Cohort:
        """The cohort a recipient belongs to in one payout; `ground` as `Outcome.ground` says it."""
        return self.cohort(cohort_of(self.cohorts, facts, ground, late=self.late, payout=payout))

    def payee_of(self, facts: RecipientFacts, ground: str = "") -> str:
        """Who receives the money (受給権者): a key of PAYEES. An exception comes before the ground, the ground before the
        programme."""
        if facts.late_entry == "dv" and self.payees.evacuated:
            return self.payees.evacuated
        if facts.in_facility and self.payees.in_facility:
            return self.payees.in_facility
        own = {one.name: one.payee for one in self.eligibility.grounds}.get(ground, "")
        return own or self.programme.payee

    def late_deadline(self, name: str, happened_on: date) -> date | None:
        """Until when somebody of a late cohort may apply; None for what happened after the cohort's last day."""
        late = self.late_cohort(name)
        return None if happened_on > late.until else late.last_day(happened_on)

    def deadline_for(self, late_kind: str, happened_on: date | None, cohort: str = "") -> date:
        """The last day for one case: that of the late cohorts of its kind; where it came in time, or no line names its kind,
        that of its cohort, else that of everybody. The one rule for door, paper, desk, letters and reminders.

        `happened_on`: the birth or whatever made the case late, from which `days_after` runs; None where nobody knows it.
        """
        # Asked for every application of a screening: nearly all came in time.
        if late_kind and (
            days := [late.last_day(happened_on) for late in self.late if late.kind == late_kind]
        ):
            return max(days)
        own = next((one.own_deadline for one in self.cohorts if one.name == cohort), None)
        return own or self.intake.closes

    def late_cohort(self, name: str) -> Late:
        """The late cohort of this name."""
        return {late.name: late for late in self.late}[name]

    def reviewers(self, channel: str) -> int:
        """How many persons must pass an application of this channel in which nothing is found: 2, 1 or 0."""
        return words.PASSES[self.review.passes[channel]]

    def judge(self, recipients: Iterable[RecipientFacts]) -> Iterable[Outcome]:
        """(eligible, reason, ground) for each recipient, in order."""
        rules = self.eligibility
        return judge_all(
            rules.predicates, rules.exclusions, recipients, limits=rules.limits, grounds=rules.grounds
        )

    def amounts(self, households: Iterable[Household], payout: int = 1) -> Iterable[int]:
        """Yen for each household, in order, of one payout (支給回); each household carries its ground."""
        return amounts_by_ground(self.amount if payout == 1 else self.payout(payout).amount, households)

    def payout(self, number: int) -> Payout:
        """The further payout of this number; KeyError for the first, which is [amount], and for unknown ones."""
        return {payout.number: payout for payout in self.payouts}[number]

    def quoted(self, municipality: str, cohort: Cohort | None = None) -> dict[str, str]:
        """What sentences may quote between braces, for one municipality; in a cohort's letters its payout and its days."""
        opt_out = cohort.opt_out_date if cohort and cohort.opt_out_date else self.opt_out_date
        further = f"（{self.payout(cohort.payout).title}）" if cohort and cohort.payout > 1 else ""
        return {
            "municipality": municipality,
            "programme": self.programme.name + further,
            "short_name": self.programme.short_name + further,
            "base_date": long_date(self.programme.base_date),
            "opens": long_date(self.intake.opens),
            "deadline": self._until(self.deadline_for("", None, cohort.name) if cohort else self.deadline),
            "opt_out": long_date(opt_out) if opt_out else "",
            "passbook_name": self.payment.passbook_name,
            "contact": self.contact.name.format(municipality=municipality),
            "phone": self.contact.phone,
            "hours": self.contact.hours,
            "url": self.contact.url,
            "repay_deadline": long_date(self.payment.repay_deadline),
        }

    def wording_for(self, municipality: str) -> dict[str, str]:
        """Every sentence of [wording] with its quotations filled, for one municipality."""
        quoted = self.quoted(municipality)
        return {key: text.format_map(quoted) for key, text in self.wording.items()}

    def letter_for(self, letter: str, municipality: str, quoted: dict[str, str] | None = None) -> LetterText:
        """A letter's title and opening with their quotations filled, by `quoted` in place of what is usual; KeyError where
        the programme sends no such one."""
        quoted, text = quoted or self.quoted(municipality), self.letters[letter]
        return LetterText(text.title.format_map(quoted), text.lead.format_map(quoted))

    def public(self, municipality: str) -> dict[str, Any]:
        """What anybody may know, in JSON's kinds of value (dates in ISO form): for the public page and the
        status feed."""
        return {
            "slug": self.programme.slug,
            "name": self.programme.name,
            "short_name": self.programme.short_name,
            "municipality": municipality,
            "unit": self.programme.unit,
            "base_date": self.programme.base_date.isoformat(),
            "opens": self.intake.opens.isoformat(),
            "deadline": self.deadline.isoformat(),
            "deadline_by": self.intake.deadline_by,
            "channels": list(self.intake.channels),
            "calendar": [
                {"received_by": slot.received_by.isoformat(), "pays_on": slot.pays_on.isoformat()}
                for slot in self.payment.calendar
            ],
            "passbook_name": self.payment.passbook_name,
            "contact": {key: self.quoted(municipality)[key] for key in ("contact", "phone", "hours", "url")},
            "wording": self.wording_for(municipality),
        }


def parse(text: str) -> Terms:
    """A Version's TOML text to Terms. Raises TermsRefused with every problem found, each with its remedy."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"{place[1]}行目の{place[2]}文字目" if place else "文の終わり"
        problem = Problem(
            WHOLE,
            "",
            f"TOMLとして読めません（{where}）。",
            "かっこ・引用符・日付の書き方を確かめてください。",
        )
        raise TermsRefused((problem,)) from error
    problems: list[Problem] = []
    terms = _terms(Table("", data, problems))
    problems += disagreements(terms)
    if problems:
        raise TermsRefused(tuple(problems))
    return terms


def _terms(root: Table) -> Terms:
    root.whole("format", least=FORMAT, most=FORMAT)
    about = read_tables.about(root.table("programme"))
    unclaimed = root.table("unclaimed")
    terms = Terms(
        programme=about,
        amount=read_dues.amount(root.table("amount"), about.base_date),
        eligibility=read_dues.eligibility(root.table("eligibility")),
        cohorts=tuple(read_dues.cohort(table) for table in root.tables("cohort")),
        intake=read_tables.intake(root.table("intake")),
        review=read_tables.review(root.table("review")),
        payment=read_tables.payment(root.table("payment")),
        contact=read_tables.contact(root.table("contact")),
        wording=read_tables.wording(root.table("wording")),
        letters=read_tables.letters(root.table("letters")),
        decline=read_tables.decline(root.table("decline")),
        deemed_declined_on=unclaimed.day("deemed_declined_on"),
        returns=read_tables.returns(root.table("returns", required=False)),
        criteria=criteria(root.table("criteria", required=False)),
        applications=tuple(application(table) for table in root.tables("application", required=False)),
        payees=read_dues.payees(root.table("payee", required=False)),
        snapshot=read_dues.snapshot(root.table("snapshot", required=False)),
        late=tuple(read_dues.late(table) for table in root.tables("late", required=False)),
        payouts=tuple(
            read_dues.payout(table, about.base_date) for table in root.tables("payout", required=False)
        ),
        voucher=read_dues.voucher(root.table("voucher")) if "voucher" in root.data else None,
        examples=tuple(example(table) for table in root.tables("example", required=False)),
    )
    root.asked.add("voucher")
    unclaimed.no_others()
    root.no_others()
    return terms
