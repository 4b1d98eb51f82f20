"""Takes one application without number and key from the resident's door; leaves it unmatched, with its photos.

Runs with the public database role, which may only add: it asks nobody whether such a person exists and tells nothing of a
case. The same key and the same content again is the same application. find_candidates and a person go on with it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from todoku.custody import files
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK, AccountRow, TooLong, WebForm, account_row, ask_rail
from todoku.intake.picture import Picture
from todoku.intake.receipt import receipt_number
from todoku.intake.receive_web import IntakeClosed, OtherContent, Receipt, document_path
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

# Applications from one address in the span of failed_lookups: a ward office's public machine serves some families.
SENT_MAX = 10
_ROOM = {"name": 100, "kana": 100, "postal_code": 7, "address": 200, "building": 100}
_NO_ACCOUNT = AccountRow("", "", 1, "", "", "", "")


class MyNumberWritten(Refusal):
    """A My Number stands where a name or an address was asked for."""


@dataclass(frozen=True)
class WhoApplies:
    """Who somebody says to be who has no letter; kept as typed."""

    name: str
    kana: str
    birth_date: date
    postal_code: str
    address: str
    building: str = ""


def receive_keyless(
    who: WhoApplies, form: WebForm, documents: Mapping[str, Picture], *, programme: Programme, at: datetime,
    idempotency_key: str,
) -> Receipt:  # fmt: skip
    """Keeps the application and gives its receipt. `documents` as in receive_web.

    Raises IntakeClosed, OtherContent, RailNotOffered, TooLong or MyNumberWritten; then nothing is kept.
    """
    account = account_row(form) if form.rail == BANK else _NO_ACCOUNT
    body = _digest(who, form, account, documents)
    if repeated := known_keyless(idempotency_key, body):
        return repeated
    may_send_keyless(programme.terms, timezone.localdate(at))
    ask_rail(form.rail, programme.terms.payment.rails)
    _ask_plain(who)
    kept = [
        (kind, files.write(document_path(programme, one), one.data), one)
        for kind, one in sorted(documents.items())
    ]
    with transaction.atomic():
        added = _add(who, form, account, programme, at, idempotency_key, body)
        if added is None:
            repeated = known_keyless(idempotency_key, body)
            assert repeated is not None, "the key was taken a moment ago"
            return repeated
        number, receipt = added
        _add_documents(number, kept)
    return Receipt(receipt, at, repeated=False)


def may_send_keyless(terms: Terms, today: date) -> None:
    """Passes where an application without a letter can be taken today. Raises IntakeClosed."""
    if not terms.intake.without_letter:
        raise IntakeClosed(
            "この給付金は、申請書・お知らせがないと、ウェブでは申請できません。お電話ください。"
        )
    # Nobody knows yet whether he came in late: the day of the case he is matched with is asked at screening.
    if not terms.is_open(today, terms.last_deadline):
        raise IntakeClosed("今は申請の受付期間ではありません。期間を確かめるか、お電話ください。")


def known_keyless(idempotency_key: str, body: str = "") -> Receipt | None:
    """The receipt of what was kept under this key, None if nothing was. `body`: refuse if that was something else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select receipt_number, registered_at, body_sha256 from todoku_unmatchedapplication"
            " where idempotency_key = %s",
            [idempotency_key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    number, registered_at, known_body = row
    if body and known_body != body:
        raise OtherContent("この申請は、別の内容ですでに送信されています。受付番号を控えて、お電話ください。")
    return Receipt(number, registered_at, repeated=True)


def _ask_plain(who: WhoApplies) -> None:
    """Passes where what was typed fits its columns and holds no My Number."""
    for field, size in _ROOM.items():
        if len(getattr(who, field)) > size:
            raise TooLong(f"{size}文字までで入力してください。")
    if contains_my_number(" ".join((who.name, who.kana, who.address, who.building))):
        raise MyNumberWritten("マイナンバーと思われる12桁の数字があります。消してから進んでください。")


def _add(
    who: WhoApplies, form: WebForm, account: AccountRow, programme: Programme, at: datetime, key: str, body: str
) -> tuple[int, str] | None:  # fmt: skip
    """The new row's id and receipt number; None where the same key was taken while we waited."""
    with connection.cursor() as cursor:
        # One row of numbers for both kinds, so that no two receipts are alike.
        cursor.execute("select nextval('todoku_submission_id_seq')")
        (number,) = cursor.fetchone()
        receipt = receipt_number(number)
        cursor.execute(
            """
            insert into todoku_unmatchedapplication (
              id, programme_id, receipt_number, arrived_on, registered_at, name, kana, birth_date, postal_code, address,
              building, phone, rail, bank, branch, kind, number, holder_kana, yucho_symbol, yucho_number,
              first, first_on, second, second_on, idempotency_key, body_sha256)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (idempotency_key) do nothing
            """,
            [
                number, programme.pk, receipt, timezone.localdate(at), at, who.name, who.kana, who.birth_date,
                who.postal_code, who.address, who.building, form.phone, form.rail, *account, *form.proofs, key, body,
            ],
        )  # fmt: skip
        return (number, receipt) if cursor.rowcount else None


def _add_documents(application: int, kept: list[tuple[str, files.Written, Picture]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into todoku_unmatcheddocument (application_id, kind, sha256, path, width, height, size_bytes)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (application, kind, file.sha256, file.path, one.width, one.height, file.size_bytes)
                for kind, file, one in kept
            ],
        )


def _digest(who: WhoApplies, form: WebForm, account: AccountRow, documents: Mapping[str, Picture]) -> str:
    """What was sent, as one digest: fields as kept, pictures by their bytes."""
    digest = hashlib.sha256(repr((who, form.phone, form.rail, account, form.proofs)).encode())
    for kind, one in sorted(documents.items()):
        digest.update(kind.encode() + hashlib.sha256(one.data).digest())
    return digest.hexdigest()
