"""Names who acts by law for somebody who receives (法定代理人の届出), as the papers of an application show him.

Takes the certificate of registration (登記事項証明書) as a person read it; leaves a Representative that waits for another
person (confirm_representative.py). Until then letters go where they went, and an account in two names is looked at.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from todoku.formats import names
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.ages import months_after
from todoku.registry.protected import is_under_protection
from todoku.registry.representative_kinds import CERTIFICATE_MONTHS, KINDS
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import Person, Recipient

ACTION = "representative.name"
EVIDENCE_MAX = 200
# The same mark as a list's guardian without a number of his own has: no roll holds it.
MARK = "後-"


class CannotName(Refusal):
    """The papers do not show a representative whom letters can reach, or this person may not say so."""


class CertificateTooOld(CannotName):
    """The certificate was issued too long ago, or on a day that has not come."""


class Certified(NamedTuple):
    """What the certificate says: the kind (a key of KINDS), the representative and how he is reached, the day of issue."""

    kind: str
    name: str
    kana: str
    postal_code: str
    address: str
    building: str
    phone: str
    issued_on: date
    evidence: str


def name_representative(
    recipient: Recipient, said: Certified, *, actor: Actor, at: datetime, case: int | None = None
) -> Representative:
    """Keeps what the certificate says of the recipient's payee. `case`: under which the look is recorded."""
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotName("法定代理人を入力する権限がありません。審査担当か業務責任者に依頼してください。")
    _ask_complete(said, localdate(at))
    ward = recipient.head
    if is_under_protection(recipient.pk) and not may(actor.roles, "case.view_protected"):
        raise CannotName(
            "支援措置の方の法定代理人は、業務責任者だけが入力できます。証明書ごと引き継いでください。"
        )
    with transaction.atomic():
        Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
        if Representative.objects.filter(ward=ward, state="waiting").exists():
            raise CannotName("この方の法定代理人は、確認を待っています。先にそちらを確認してください。")
        made = Representative.objects.create(
            programme_id=recipient.programme_id, ward=ward, guardian=_person(ward, said), kind=said.kind, state="waiting",
            issued_on=said.issued_on, evidence=said.evidence.strip(), proposed_by_id=actor.id, proposed_at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action=ACTION, subject_kind="case" if case else "person", subject_id=case or ward.pk, at=at,
            programme_slug=recipient.programme.slug, reason=f"{KINDS[said.kind].title}の届出",
        )  # fmt: skip
    return made


def _ask_complete(said: Certified, today: date) -> None:
    if said.kind not in KINDS:
        raise CannotName("成年後見人・保佐人・補助人のどれかを選んでください。")
    if not all((said.name.strip(), said.kana.strip(), said.address.strip())):
        raise CannotName("法定代理人の氏名・カナと、手紙が届く住所を入力してください。")
    code = said.postal_code
    if code and not (len(code) == 7 and code.isascii() and code.isdigit()):
        raise CannotName("郵便番号は7桁の数字で入力してください。分からないときは空欄にしてください。")
    if not said.evidence.strip() or len(said.evidence) > EVIDENCE_MAX:
        raise CannotName("確認した書類（登記事項証明書の番号など）を入力してください。")
    if not said.issued_on <= today <= months_after(said.issued_on, CERTIFICATE_MONTHS):
        raise CertificateTooOld(
            f"登記事項証明書は、発行から{CERTIFICATE_MONTHS}か月以内のものが要ります。新しい証明書を求めてください。"
        )


def _person(ward: Person, said: Certified) -> Person:
    """The representative outside the roll: one person for all his wards, known by name and place as on a list.

    Where this certificate tells more of him than that one, it makes another: what is known of him was confirmed by two.
    """
    told = {
        "kana": said.kana.strip()[:200], "postal_code": said.postal_code, "building": said.building.strip()[:300],
        "phone": said.phone.strip()[:30],
    }  # fmt: skip
    place = f"{said.name.strip()}|{said.address.strip()}"
    number = _number(place)
    same = Person.objects.filter(programme_id=ward.programme_id, number=number).values(*told).first()
    if same not in (None, told):
        number = _number("|".join([place, *told.values()]))
    known = {
        "head_number": number, "household_number": number, "is_head": True, "name": said.name.strip()[:200],
        "address": said.address.strip()[:300], "outside": True, **told,
        "municipality_code": ward.municipality_code, "roll_import_id": ward.roll_import_id, "in_latest_roll": True,
        "search_key": f"{names.search_key(said.name)} {names.search_key(said.kana)}"[:500],
    }  # fmt: skip
    found, _ = Person.objects.get_or_create(programme_id=ward.programme_id, number=number, defaults=known)
    return found


def _number(text: str) -> str:
    return MARK + sha256(text.encode()).hexdigest()[:13]
