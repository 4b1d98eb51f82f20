"""Takes one application from the resident's door; leaves a Submission that is "sent", its account and its photos.

Runs with the public database role, which may only add: it opens the case by the keyed digests of what the resident
holds, and the office's register_web moves the case. The same key and the same content again is the same application.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from todoku.case import stages
from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK, AccountRow, Proofs, WebForm, account_row, ask_rail, is_blank
from todoku.intake.picture import Picture
from todoku.intake.receipt import receipt_number
from todoku.people.actor import RESIDENT
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

# From these a resident can send something by web. DECLINED is taken back by a word of its own (tell_decline),
# LAPSED by the municipality.
OPEN_ON_THE_WEB = (stages.LISTED, stages.INVITED, stages.RETURNED, stages.FAILED)


class NotOpened(Refusal):
    """Number, birth date and letter's key do not open a case together."""


class AlreadyReceived(Refusal):
    """An application for this case is here already, by whichever channel."""


class IntakeClosed(Refusal):
    """Applications by web are not taken on this day."""


class OtherContent(Refusal):
    """The same key came with another content: two pages of one draft, of which one has been sent."""


class Receipt(NamedTuple):
    """What the resident keeps: receipt number, when it was registered, and whether it was here before."""

    number: str
    registered_at: datetime
    repeated: bool


class OpenedCase(NamedTuple):
    """A case as far as sending needs it, and the recipient's names for the check of the account holder."""

    id: int
    programme_id: int
    stage: str
    waits: bool
    recipient_kana: str
    aliases: tuple[str, ...]
    left_reason: str
    # A supplement (追給) of a case that was paid came back, and nobody has named another account since.
    awaits_account: bool = False
    # What the reviewers found missing in the application that was returned.
    return_codes: tuple[str, ...] = ()
    # What its last day hangs on.
    cohort: str = ""
    late_kind: str = ""
    late_on: date | None = None
    # Declined, and nothing that was applied for stands: taken back, the case is open to apply anew.
    declined_unapplied: bool = False

    def last_day(self, terms: Terms) -> date:
        """The last day of this case, by the terms' one rule."""
        return terms.deadline_for(self.late_kind, self.late_on, self.cohort)

    @property
    def in_time(self) -> bool:
        """What is sent answers a letter: the application itself was in time."""
        return self.awaits_account or self.stage in (stages.RETURNED, stages.FAILED)


def receive_web(
    form: WebForm, documents: Mapping[str, Picture], *, lookup_token: str, key_token: str, at: datetime,
    idempotency_key: str,
) -> Receipt:  # fmt: skip
    """Keeps the application and gives its receipt. `documents`: "identity", "identity2", "account" → a picture made by picture().

    Raises NotOpened, AlreadyReceived, IntakeClosed, OtherContent, RailNotOffered or TooLong; then nothing is kept.
    """
    account = account_row(form)
    body = _digest(form, account, documents)
    if repeated := known_receipt(idempotency_key, body):
        return repeated
    case = opened_case(lookup_token, key_token)
    programme = Programme.objects.only("id", "slug").get(pk=case.programme_id)
    may_send(case, programme.terms, timezone.localdate(at))
    # A correction may hold only what was missing; how the money is wanted is then taken over (complete_web).
    if case.stage != stages.RETURNED or form.rail != BANK or not is_blank(account):
        ask_rail(form.rail, (BANK,) if case.awaits_account else programme.terms.payment.rails)
    kept = [
        (kind, files.write(document_path(programme, one), one.data), one)
        for kind, one in sorted(documents.items())
    ]
    with transaction.atomic():
        submission = _add_submission(form, case, documents, at, idempotency_key, body)
        if submission is None:
            repeated = known_receipt(idempotency_key, body)
            assert repeated is not None, "the key was taken a moment ago"
            return repeated
        number, receipt = submission
        if form.rail == BANK and not is_blank(account):
            _add_account(number, account, at)
        if form.proofs.first:
            _add_proofs(number, form.proofs, at)
        _add_documents(number, kept)
    return Receipt(receipt, at, repeated=False)


def opened_case(lookup_token: str, key_token: str) -> OpenedCase:
    """The case that both digests open, in one query. Raises NotOpened; wrong and unknown are the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select s.case_id, s.programme_id, s.stage, s.not_yet_taken, f.recipient_kana, f.recipient_aliases,
                   f.left_reason, s.supplement_back_on is not null and not s.supplement_answered,
                   case when s.stage = 'returned' then s.return_codes end, s.cohort, s.late_kind, s.late_on,
                   s.declined_unapplied
              from resident_status(%s) s join resident_facts(%s, %s) f on f.case_id = s.case_id
            """,
            [lookup_token, lookup_token, key_token],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotOpened(
            "お問い合わせ番号・生年月日・確認キーの組み合わせを確認できません。申請書・お知らせをご覧になり、入力し直してください。"
        )
    case, programme, stage, waits, kana, aliases, left_reason, awaits, codes, *days = row
    return OpenedCase(
        case, programme, stage, waits, kana, tuple(aliases), left_reason, awaits, tuple(codes or ()), *days
    )


def may_send(case: OpenedCase, terms: Terms, today: date) -> None:
    """Passes where an application by web can be taken today. Raises AlreadyReceived or IntakeClosed.

    Where a supplement came back, its account has no last day: the officer who proposes it again decides.
    """
    if case.waits or case.stage not in OPEN_ON_THE_WEB and not case.awaits_account:
        raise AlreadyReceived("すでに申請を受け付けています。あらためての申請は必要ありません。")
    if "web" not in terms.intake.channels:
        raise IntakeClosed("この給付金は、ウェブでは申請できません。申請書を郵送してください。")
    # A correction or another account may come after the deadline: the application itself was in time.
    if (
        case.awaits_account
        or case.stage == stages.FAILED
        and today <= terms.payment.repay_deadline
        or case.stage == stages.RETURNED
    ):
        return
    if not terms.is_open(today, case.last_day(terms)):
        raise IntakeClosed("今は申請の受付期間ではありません。期間を確かめるか、お電話ください。")


def known_receipt(idempotency_key: str, body: str = "") -> Receipt | None:
    """The receipt of what was kept under this key, None if nothing was. `body`: refuse if that was something else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select receipt_number, registered_at, body_sha256 from todoku_submission where idempotency_key = %s",
            [idempotency_key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    number, registered_at, known_body = row
    if body and known_body != body:
        raise OtherContent(
            "この申請は、別の内容ですでに送信されています。申請の状況を開いて、確かめてください。"
        )
    return Receipt(number, registered_at, repeated=True)


def _add_submission(
    form: WebForm, case: OpenedCase, documents: Mapping[str, Picture], at: datetime, key: str, body: str
) -> tuple[int, str] | None:
    """The new row's id and receipt number; None where the same key was taken while we waited."""
    today = timezone.localdate(at)
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_submission_id_seq')")
        (number,) = cursor.fetchone()
        receipt = receipt_number(number)
        cursor.execute(
            """
            insert into todoku_submission (
              id, case_id, programme_id, channel, state, receipt_number, arrived_on, applied_on, registered_at,
              applicant_is_recipient, applicant_name, phone, signed, declines, members_corrected, identity_evidence,
              account_evidence, rail, idempotency_key, body_sha256, actor_name)
            values (%s, %s, %s, 'web', 'sent', %s, %s, %s, %s, true, '', %s, true, %s, false, %s, %s, %s, %s, %s, %s)
            on conflict (idempotency_key) do nothing
            """,
            [
                number, case.id, case.programme_id, receipt, today, today, at, form.phone, form.declines,
                "clear" if "identity" in documents else "", "clear" if "account" in documents else "",
                form.rail, key, body, RESIDENT.name,
            ],
        )  # fmt: skip
        return (number, receipt) if cursor.rowcount else None


def _add_account(submission: int, account: AccountRow, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana,
              yucho_symbol, yucho_number, entered_at, entered_by) values (%s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [submission, *account, at, RESIDENT.name],
        )


def _add_proofs(submission: int, proofs: Proofs, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into todoku_proofversion (submission_id, version, first, first_on, second, second_on, entered_at,
              entered_by) values (%s, 1, %s, %s, %s, %s, %s, %s)
            """,
            [submission, *proofs, at, RESIDENT.name],
        )


def _add_documents(submission: int, kept: list[tuple[str, files.Written, Picture]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into todoku_document (submission_id, kind, sha256, path, width, height, size_bytes)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (submission, kind, file.sha256, file.path, one.width, one.height, file.size_bytes)
                for kind, file, one in kept
            ],
        )


def document_path(programme: Programme, one: Picture) -> str:
    """Where a picture lies: below its programme, by the digest of its bytes."""
    digest = hashlib.sha256(one.data).hexdigest()
    return f"documents/{programme.slug}/{digest[:2]}/{digest}.jpg"


def _digest(form: WebForm, account: AccountRow, documents: Mapping[str, Picture]) -> str:
    """What was sent, as one digest: fields as kept, pictures by their bytes."""
    digest = hashlib.sha256(repr((form.phone, form.declines, form.rail, account, form.proofs)).encode())
    for kind, one in sorted(documents.items()):
        digest.update(kind.encode() + hashlib.sha256(one.data).digest())
    return digest.hexdigest()
