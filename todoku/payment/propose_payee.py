"""Proposes an account that may receive for many (代理受領の口座): a facility or a guardian, with a limit and a reason.

Takes the office's words; leaves a SharedPayee without effect until the municipality approves it (approve_payee.py).
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from todoku.formats import bank_master
from todoku.ground.step import Refusal
from todoku.payment.side_tables import SharedPayee
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.registry.list_tables import CareFact
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import Person

NAME_MAX, WHY_MAX = 100, 200
LIMIT_YEN_MAX = 9_999_999_999  # ten digits: what a record of the bank file holds


class PayeeRefused(Refusal):
    """The proposal lacks something, or the account is listed already."""


class PayeeForm(NamedTuple):
    """What a proposal says: whose account, where, up to how much in one batch, and why."""

    kind: str
    name: str
    bank: str
    branch: str
    account_kind: int
    account_number: str
    limit_yen: int
    why: str


def propose_payee(
    form: PayeeForm, *, programme: Programme, person: Person | None = None, actor: Actor, at: datetime
) -> SharedPayee:
    """Keeps the proposal; raises PayeeRefused naming what is missing.

    `person`: the facility or guardian of the municipality's list whose account it is: only what is paid to that one, or
    kept by that one for others, is explained by it. None where no list names it.
    """
    if not may(actor.roles, "payee.propose"):
        raise PayeeRefused("代理受領の口座を提案する権限がありません。業務責任者に依頼してください。")
    _ask_complete(form)
    assert actor.id is not None, "a right is held by a person"
    if person is not None and not listed_payees(programme).filter(pk=person.pk).exists():
        raise PayeeRefused("この方は、取り込んだ一覧の施設・後見人等ではありません。一覧を確かめてください。")
    with transaction.atomic():
        listed = SharedPayee.objects.filter(
            programme=programme, bank=form.bank, branch=form.branch, account_kind=form.account_kind,
            account_number=form.account_number, ended_at__isnull=True,
        )  # fmt: skip
        if listed.exists():
            raise PayeeRefused("この口座はすでに登録されています。内容を変えるときは、先に終了してください。")
        made = SharedPayee.objects.create(
            programme=programme, person=person, **form._asdict(), proposed_by_id=actor.id, proposed_at=at
        )
        record_look(
            actor=actor, action="payee.propose", subject_kind="payee", subject_id=made.pk, at=at,
            programme_slug=programme.slug, reason=f"限度額{form.limit_yen:,}円",
        )  # fmt: skip
    return made


def listed_payees(programme: Programme) -> QuerySet[Person]:
    """Who receives or acts for somebody, as a list or a second person's word says: facilities and guardians, by name."""
    receives = CareFact.objects.filter(programme=programme, care__in=("facility", "guardian"))
    acts = Representative.objects.filter(programme=programme, state="confirmed")
    listed = Q(pk__in=receives.values("payee")) | Q(pk__in=acts.values("guardian"))
    return Person.objects.filter(listed, programme=programme).order_by("name", "pk")


def _ask_complete(form: PayeeForm) -> None:
    if form.kind not in dict(SharedPayee.KINDS):
        raise PayeeRefused("施設か成年後見人等かを選んでください。")
    if not form.name.strip() or len(form.name) > NAME_MAX or not form.why.strip() or len(form.why) > WHY_MAX:
        raise PayeeRefused("名称と、まとめて受け取る理由（根拠になる書類）を書いてください。")
    if bank_master.branch(form.bank, form.branch) is None:
        raise PayeeRefused("金融機関・支店の番号が一覧にありません。通帳の番号を確かめてください。")
    number = form.account_number
    if not (len(number) == 7 and number.isascii() and number.isdigit()) or form.account_kind not in (
        1,
        2,
        4,
        9,
    ):
        raise PayeeRefused("口座番号は7桁の数字で、種別を選んで入れてください。")
    if not 0 < form.limit_yen <= LIMIT_YEN_MAX:
        raise PayeeRefused("一回の振込データでの限度額を、円で入れてください。")
