"""What the post and the web bring each day in the sample town: answers of its residents, as the office meets them.

Takes the answers by 宛名番号 that the town wrote; gives, per day, paper forms as an operator would key them and web
applications sent through the resident's own door. Replies to return letters come only after such a letter was posted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from todoku.case.door_keys import key_token, letter_key, lookup_token
from todoku.ground.places import var
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK, NO_PROOFS, PaperForm, Proofs, WebForm
from todoku.intake.picture import Picture, picture
from todoku.intake.receive_web import receive_web
from todoku.programme.tables import Programme
from todoku.sampletown import photos
from todoku.sampletown.answers import PAPER, Answer, read_answers
from todoku.sampletown.household import Household

# 宛名番号 of the head → case number, birth date, household number.
CASES = """
select p.number, c.number, c.id, p.birth_date from todoku_case c
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id
 where c.programme_id = %s
"""
SCANS_A_DAY_MAX = 15
"""Forms that are drawn and scanned on one day: a tray's worth of pages in memory."""
SCANS_LEFT = 24
"""Of the forms that are scanned, those kept for the last days, so that every desk of paper has work."""
RETURNED = """
select c.id, max(l.posted_on) from todoku_case c
  join todoku_casestage g on g.case_id = c.id and g.stage = 'returned'
  join todoku_postedletter l on l.case_id = c.id and l.kind = 'return'
 where c.programme_id = %s group by c.id
"""


@dataclass(frozen=True)
class Addressee:
    """A head of the roll and the case opened for them."""

    number: str
    case: int
    born: date | None


class Mailbox:
    """The answers of one town, dealt out by day."""

    def __init__(
        self,
        programme: Programme,
        answers: Path,
        replies: Path,
        households: Iterable[Household],
        *,
        scans: int = 0,
        until: date | None = None,
    ) -> None:
        self.programme = programme
        self.arrived = 0
        self.refused = 0
        self.addressees = self._addressees()
        self.by_day: dict[date, list[Answer]] = defaultdict(list)
        self.replies: dict[int, Answer] = {}
        # What is wrong with the last form of a case: the sample reviewers "see" it, as eyes see paper.
        self.flaws: dict[int, tuple[str, ...]] = {}
        with answers.open(encoding="utf-8") as file:
            for answer in read_answers(file):
                if answer.recipient_number in self.addressees:
                    self.by_day[answer.arrived_on].append(answer)
        with replies.open(encoding="utf-8") as file:
            for answer in read_answers(file):
                if answer.recipient_number in self.addressees:
                    self.replies[self.addressees[answer.recipient_number].case] = answer
        online = {
            answer.recipient_number
            for answer in (*(one for day in self.by_day.values() for one in day), *self.replies.values())
            if answer.channel != PAPER
        }
        self._scanned = self._to_scan(scans, until) if scans and until else frozenset[Answer]()
        wanted = online | {answer.recipient_number for answer in self._scanned}
        # Only those who send photographs or whose paper is drawn are kept: the town itself is never held in memory.
        self.kept_households = {one.head.number: one for one in households if one.head.number in wanted}

    def _to_scan(self, scans: int, until: date) -> frozenset[Answer]:
        """The paper forms that are filled in and scanned: the first to arrive, some every day, and the last ones.

        Who declines on a form, and who answers a letter, is left to the flat rows.
        """
        days = [
            [one for one in self.by_day[day] if one.channel == PAPER and not one.declines][:SCANS_A_DAY_MAX]
            for day in sorted(self.by_day)
            if day <= until
        ]
        in_order = [one for day in days for one in day]
        last = min(SCANS_LEFT, scans // 2)
        return frozenset(in_order[: scans - last] + in_order[scans - last :][-last:])

    def is_scanned(self, answer: Answer) -> bool:
        """Whether this answer comes as real paper."""
        return answer in self._scanned

    def number(self, answer: Answer) -> str:
        """The case number that is printed on the answer's sheets."""
        return self.addressees[answer.recipient_number].number

    def _addressees(self) -> dict[str, Addressee]:
        with connection.cursor() as cursor:
            cursor.execute(CASES, [self.programme.pk])
            return {roll: Addressee(number, case, born) for roll, number, case, born in cursor.fetchall()}

    def of(self, day: date) -> tuple[list[Answer], list[Answer]]:
        """Answers on paper and by web that arrive on a day."""
        answers = [*self.by_day.pop(day, []), *self._replies_due(day)]
        self.arrived += len(answers)
        for answer in answers:
            self.flaws[self.addressees[answer.recipient_number].case] = answer.intended_deficiencies
        on_paper = [answer for answer in answers if answer.channel == PAPER]
        return on_paper, [answer for answer in answers if answer.channel != PAPER]

    def _replies_due(self, day: date) -> list[Answer]:
        """Replies whose day has come and whose letter was posted; somebody who got it late answers later."""
        with connection.cursor() as cursor:
            cursor.execute(RETURNED, [self.programme.pk])
            posted = dict(cursor.fetchall())
        due = [
            case for case, answer in self.replies.items()
            if case in posted and answer.arrived_on <= day and (day - posted[case]).days >= 5
        ]  # fmt: skip
        return [_moved(self.replies.pop(case), day) for case in due]

    def paper(
        self, answer: Answer, *, envelope: int | None = None, opened_on: date | None = None
    ) -> PaperForm:
        """The form as an operator keys it who reads rightly; with its envelope where the mailroom opened it."""
        account = answer.account
        return PaperForm(
            number=self.addressees[answer.recipient_number].number,
            arrived_on=answer.arrived_on,
            postmark_on=answer.posted_on,
            applied_on=answer.posted_on,
            applicant_is_recipient=answer.filled_by_head,
            phone=answer.phone,
            signed=answer.signed,
            declines=answer.declines,
            identity_evidence=_evidence(answer, "identity"),
            account_evidence=_evidence(answer, "account_proof"),
            bank=account.bank,
            branch=account.branch,
            kind=account.account_kind,
            account_number=account.number,
            holder_kana=account.holder_kana,
            yucho_symbol=account.symbol,
            yucho_number=account.yucho_number,
            rail=BANK,
            envelope=envelope,
            opened_on=opened_on,
            proofs=_proofs(answer, expired=_evidence(answer, "identity") == "expired")
            if "identity" in answer.attachments
            else NO_PROOFS,
        )

    def send_web(self, answers: Sequence[Answer], *, at: datetime) -> int:
        """Sends each as its resident would, with number, birth date and the letter's key; gives how many went through.

        A resident whose birth date is not on record, or whose case is past applying, cannot; the paper way stays.
        """
        sent = 0
        for answer in answers:
            to = self.addressees[answer.recipient_number]
            try:
                if to.born is None:
                    raise Refusal("生年月日の登録がないため、窓口で受け付けます。")
                with transaction.atomic():
                    self._send(answer, to.number, to.born, at)
            except Refusal:
                self.refused += 1
            else:
                sent += 1
        return sent

    def _documents(self, answer: Answer) -> dict[str, Picture]:
        font = var("assets", "fonts", "BIZUDGothic-Regular.ttf")
        household = self.kept_households[answer.recipient_number]
        return {
            "identity": picture(photos.identity_photo(household, answer, font=font)),
            "account": picture(photos.passbook_photo(answer, font=font)),
        }

    def _send(self, answer: Answer, number: str, born: date, at: datetime) -> None:
        account = answer.account
        key = letter_key(number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
        form = WebForm(
            phone=answer.phone, bank=account.bank, branch=account.branch, kind=account.account_kind,
            account_number=account.number, holder_kana=account.holder_kana, yucho_symbol=account.symbol,
            yucho_number=account.yucho_number, declines=answer.declines,
            # Whose card has expired types a later day: no door sees the photo, a reviewer does.
            proofs=NO_PROOFS if answer.declines else _proofs(answer),
        )  # fmt: skip
        receive_web(
            form, {} if answer.declines else self._documents(answer),
            lookup_token=lookup_token(number, born, lookup_secret=settings.LOOKUP_SECRET),
            key_token=key_token(number, key, lookup_secret=settings.LOOKUP_SECRET),
            at=at, idempotency_key=f"sample-{number}-{answer.arrived_on:%Y%m%d}",
        )  # fmt: skip


def _moved(answer: Answer, day: date) -> Answer:
    """The same answer arriving on a later day."""
    return replace(answer, arrived_on=day, posted_on=min(answer.posted_on, day))


def _proofs(answer: Answer, *, expired: bool = False) -> Proofs:
    return Proofs("driving_licence", photos.valid_until(answer.posted_on, expired))


def _evidence(answer: Answer, what: str) -> str:
    """How an operator at the keyboard judges the copy: absent, clear, unclear, expired or a needed side missing."""
    if what not in answer.attachments:
        return ""
    flaws = {flaw.split(":")[1] for flaw in answer.flaws if flaw.startswith(f"{what}:")}
    for flaw, word in (("expired", "expired"), ("unclear", "unclear"), ("wrong_side", "cut")):
        if flaw in flaws:
            return word
    return "clear"
