"""Pure. What a Version contains, table by table, as frozen values.

`terms.py` reads a TOML text into these; `agreement.py` holds the tables against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from todoku.programme.application_examples import ApplicationExample
from todoku.programme.criteria_tables import CriteriaTables
from todoku.programme.predicates import Limits
from todoku.programme.quality import Quality
from todoku.programme.recipient_examples import RecipientExample


@dataclass(frozen=True)
class About:
    """[programme]: what the programme is. The municipality is not named here: a Version fits any."""

    slug: str
    name: str
    short_name: str
    legal_basis: str
    unit: str
    base_date: date
    payee: str
    further_base_dates: tuple[date, ...] = ()


@dataclass(frozen=True)
class PayeeExceptions:
    """[payee]: who receives instead where the person is placed in a facility (`in_facility`) or shelters from
    violence (`evacuated`); "" where [programme] holds. Of a household a head who is placed while others stay at home
    remains its payee: the benefit is the household's, and they live on it; the person of a household of one is placed as
    anybody else."""

    in_facility: str = ""
    evacuated: str = ""


@dataclass(frozen=True)
class Snapshot:
    """[snapshot]: who counts besides those registered on the base date: erased before it, lived in Japan and was first
    registered again after it (`registered_late`); born before it and not yet reported (`child_reported_late`); died on
    the day itself (`died_on_base_date`)."""

    registered_late: bool = False
    child_reported_late: bool = False
    died_on_base_date: bool = True


@dataclass(frozen=True)
class Amount:
    """[amount]: the rule by name; `parameters` holds yen and dates, and the programme's base_date."""

    rule: str
    parameters: Mapping[str, Any]
    # [[amount.ground]]: where a ground has an amount of its own.
    by_ground: Mapping[str, "Amount"] = field(default_factory=dict)


@dataclass(frozen=True)
class Payout:
    """[[payout]]: a further payment of the same programme (支給回), numbered from 2; `follows` is the payout whose paid
    recipients it is for, 0 where it stands alone."""

    number: int
    title: str
    follows: int
    amount: Amount


@dataclass(frozen=True)
class Voucher:
    """[voucher]: the right to buy vouchers (購入引換券) that a recipient has instead of money: `rights` books (冊) of
    `notes` notes of `note_yen` yen each, one book for `price_yen`; sold and usable until these days."""

    rights: int
    price_yen: int
    notes: int
    note_yen: int
    sold_until: date
    usable_until: date

    @property
    def face_yen(self) -> int:
        """What all books together buy."""
        return self.rights * self.notes * self.note_yen

    @property
    def premium_yen(self) -> int:
        """What the public purse adds to the price."""
        return self.face_yen - self.rights * self.price_yen


@dataclass(frozen=True)
class Change:
    """[[eligibility.change]]: what follows when somebody dies or moves after the base date. `who` and `phase` may be lists:
    each pair becomes a ruling of its own."""

    event: str
    who: str
    phase: str
    then: str
    line: int = 0  # which table of the text it stands in, from 1


@dataclass(frozen=True)
class Ground:
    """[[eligibility.ground]]: one of several grounds (対象となる事由) of which one must be met; base dates, births and
    payee where they differ from the programme's."""

    name: str
    title: str
    predicates: tuple[str, ...]
    exclusions: tuple[str, ...] = ()
    base_dates: tuple[date, ...] = ()
    born_on_or_after: date | None = None
    born_on_or_before: date | None = None
    payee: str = ""


@dataclass(frozen=True)
class Eligibility:
    """[eligibility]: predicates all to be met, exclusions none to be met, the limit in yen (0: none), the births that count
    (both days included; for a child with a disability from an earlier day on)."""

    predicates: tuple[str, ...]
    exclusions: tuple[str, ...]
    income_limit_yen: int
    changes: tuple[Change, ...]
    grounds: tuple[Ground, ...] = ()
    born_on_or_after: date | None = None
    born_on_or_before: date | None = None
    disabled_born_on_or_after: date | None = None

    @property
    def limits(self) -> Limits:
        """The limits as the conditions take them."""
        return Limits(
            self.income_limit_yen,
            self.born_on_or_after,
            self.born_on_or_before,
            self.disabled_born_on_or_after,
        )


@dataclass(frozen=True)
class Cohort:
    """[[cohort]]: a part of the recipients and how it is invited; `opt_out_date` only where mode is push. `grounds`: only
    recipients by these grounds. `account_sources`: from where its accounts are taken, in order; an account from
    elsewhere does not make it known. `payout`: the payout (支給回) whose recipients it takes; every further payout has
    cohorts of its own. `closes`: its own last day, where that is not the intake's."""

    name: str
    title: str
    mode: str
    condition: str
    opt_out_date: date | None
    grounds: tuple[str, ...] = ()
    account_sources: tuple[str, ...] = ()
    payout: int = 1
    closes: date | None = None

    @property
    def own_deadline(self) -> date | None:
        """The last day of its own: of a further payout that is pushed, the day until which its notices are answered."""
        return self.closes or (self.opt_out_date if self.payout > 1 else None)


@dataclass(frozen=True)
class Late:
    """[[late]]: who comes in after the list was drawn: what happened until which day, what shows it, the cohort that takes
    them, and their own deadline: `closes`, or for what happened late `days_after` days after it."""

    name: str
    title: str
    kind: str
    cohort: str
    evidence: tuple[str, ...]
    until: date
    closes: date
    days_after: int = 0

    def last_day(self, happened_on: date | None) -> date:
        """Until when somebody may apply to whom it happened on that day."""
        return max(self.closes, happened_on + timedelta(days=self.days_after)) if happened_on else self.closes


@dataclass(frozen=True)
class Intake:
    """[intake]: how and until when applications come in; `evidence` says per channel what must be
    enclosed, `attachments` where on paper it is glued. `no_postmark`: what counts where the postmark should and none can be
    read. `remind_days_before`: days before the deadline from which those who
    have not answered are written to once more, where the reminder is among the letters. `closes_after_months`
    in place of `closes`: so many months after the opening (民法143条). `without_letter`: on the web also somebody may apply
    who has no letter; a person then matches the application to the roll."""

    channels: tuple[str, ...]
    opens: date
    closes: date
    deadline_by: str
    counts: str
    evidence: Mapping[str, tuple[str, ...]]
    attachments: str = "front"
    no_postmark: str = "look"
    remind_days_before: int = 21
    closes_after_months: int = 0
    without_letter: bool = False

    def needs(self, channel: str, evidence: str) -> bool:
        """Whether applications by this channel must carry this evidence."""
        return evidence in self.evidence.get(channel, ())


@dataclass(frozen=True)
class Review:
    """[review]: who must look at a clean application, and severities that differ from the checks' own.

    `blind_second`: the second reviewer does not see the first one's verdict (true where it is left out). `due_days`: days
    from arrival within which a look is due (3). `contact_tries`: calls that are tried before a letter is written (3).
    """

    passes: Mapping[str, str]
    sample_percent: float
    checks: Mapping[str, str]
    quality: Quality = Quality()
    # The second reviewer does not see the first one's verdict unless the Version says so.
    blind_second: bool = True
    # Days from arrival within which a look is due, and calls that are tried before a letter is written.
    due_days: int = 3
    contact_tries: int = 3


class PaymentSlot(NamedTuple):
    """One line of the payment calendar (支給カレンダー): received up to this day, paid on that one."""

    received_by: date
    pays_on: date


@dataclass(frozen=True)
class Gift:
    """[payment.gift]: whose digital gift codes are given, in which values (yen), and by which ways they reach the
    resident. A link in a message looks like fraud, so the letter is the only way unless others are named."""

    issuer: str
    values_yen: tuple[int, ...]
    delivery: tuple[str, ...] = ("letter",)


@dataclass(frozen=True)
class Cash:
    """[payment.cash]: where and when the municipality's officers pay in cash."""

    place: str
    hours: str


@dataclass(frozen=True)
class Payment:
    """[payment]: the name printed in passbooks (振込名義), the calendar, the caps, the last day to pay again, and
    the rails (支給手段) that a resident can choose among. `account_inquiry`: whether the bank is asked about every
    account (振込口座照会) before the first payment to it."""

    passbook_name: str
    calendar: tuple[PaymentSlot, ...]
    cap_per_transfer_yen: int
    cap_per_account_yen: int
    repay_deadline: date
    cancel_window_minutes: int
    rails: tuple[str, ...] = ("bank",)
    gift: Gift | None = None
    cash: Cash | None = None
    account_inquiry: bool = False


@dataclass(frozen=True)
class Contact:
    """[contact]: what every page and letter shows beside the programme's name."""

    name: str
    phone: str
    hours: str
    url: str


@dataclass(frozen=True)
class LetterText:
    """[letters.*]: a letter that this programme sends, its title and its opening sentences."""

    title: str
    lead: str


@dataclass(frozen=True)
class Decline:
    """[decline]: the unit that can decline (辞退); it is always confirmed by a second channel. `reversible_until`: until
    when it can be taken back: while anything is still paid ("paid"), or to the deadline of applications."""

    unit: str
    reversible_until: str = "paid"


@dataclass(frozen=True)
class Returns:
    """[returns]: the clock of an application that was returned (返戻): days to answer as the letter says them, days after
    the posting to the second request (0: none), days after it to the end (0: none), and how it ends."""

    reply_days: int = 21
    remind_after_days: int = 0
    close_after_days: int = 0
    closing: str = "ask_municipality"


@dataclass(frozen=True)
class Contents:
    """All tables of one Version."""

    programme: About
    amount: Amount
    eligibility: Eligibility
    cohorts: tuple[Cohort, ...]
    intake: Intake
    review: Review
    payment: Payment
    contact: Contact
    wording: Mapping[str, str]
    letters: Mapping[str, LetterText]
    decline: Decline
    deemed_declined_on: date
    returns: Returns = Returns()
    # [criteria]: what the municipality agreed otherwise than usual practice; [[application]]: examples judged by the checks.
    criteria: CriteriaTables = CriteriaTables()
    applications: tuple[ApplicationExample, ...] = ()
    payees: PayeeExceptions = PayeeExceptions()
    snapshot: Snapshot = Snapshot()
    late: tuple[Late, ...] = ()
    payouts: tuple[Payout, ...] = ()
    voucher: Voucher | None = None
    examples: tuple[RecipientExample, ...] = ()

    @property
    def base_dates(self) -> tuple[date, ...]:
        """Every base date of the programme and of its grounds, from the earliest on."""
        grounds = (day for ground in self.eligibility.grounds for day in ground.base_dates)
        return tuple(sorted({self.programme.base_date, *self.programme.further_base_dates, *grounds}))
