"""The same work one object at a time, as Django's ORM is mostly used: load, judge, validate, save, next.

Each function does a stated sample inside one transaction and takes it back, so that the real step finds the rows as
they were. No commit is paid for each row and the rules are the same ones: what differs is the loop alone.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from benches.measure import Meter
from benches.sample import KEYED_ON, Setting, at, keyed_blocks, person, programme_of
from benches.verbs import ROLL_DAY, VALUE_DATE
from todoku.case import stages
from todoku.case.door_keys import key_token, letter_key, lookup_token
from todoku.case.due import RollMember, judge
from todoku.case.move import move
from todoku.case.open_cases import fresh_numbers
from todoku.case.tables import Case, CaseEvent, CaseStage, DoorKey, Entitlement, Move
from todoku.custody.receive import receive
from todoku.formats import bank_report, names
from todoku.formats.encoding import decode_lines
from todoku.formats.kana import bank_kana, cut_to
from todoku.formats.roll import Findings, iter_rows
from todoku.formats.zengin_layout import NAME_BYTES
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import Submission
from todoku.payment.rails.bank import bank_kana_name, branch_kana_name
from todoku.payment.tables import BankReport, Batch, Result, Transfer
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.registry.tables import FixedMembers, Member, Person, Recipient, RollImport
from todoku.review import checks, findings
from todoku.review.application_facts import facts_of
from todoku.review.tables import Decision, Finding, Proposal, Screening, Task
from todoku.sampletown.write import ROLL


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction that leaves nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def import_roll(meter: Meter, setting: Setting) -> int:
    """full_clean() and save() for each person, get_or_create for the household, create for the member."""
    programme = programme_of(setting)
    lines = decode_lines((setting.folder / ROLL).read_bytes(), "cp932", mark_broken=True)
    rows = iter_rows(lines, "benefit42", programme.municipality_id, Findings())
    with taken_back():
        parcel, _ = receive(
            b"", kind="roll", name=ROLL, scope=setting.slug, from_party="", actor=SYSTEM, at=at(ROLL_DAY, 9)
        )
        delivery = RollImport.objects.create(
            programme=programme, parcel=parcel, layout="benefit42", state="taking", staged_at=at(ROLL_DAY, 9)
        )
        with meter:
            done = 0
            for _line, row in islice(rows, setting.sample):
                _save_person(row._asdict(), programme, delivery)
                done += 1
    return done


def _save_person(values: dict[str, Any], programme: Programme, delivery: RollImport) -> None:
    town = programme.municipality_id
    key = names.search_key(values["name"]) + " " + names.search_key(values["kana"])
    one = Person(
        **values,
        programme=programme,
        municipality_code=town,
        search_key=key,
        roll_import=delivery,
        in_latest_roll=True,
    )
    # The tables say null where a form would want a value.
    one.full_clean(exclude=[name for name, value in values.items() if value is None])
    one.save()
    recipient, _ = Recipient.objects.get_or_create(
        programme=programme, payout=1, household_number=one.household_number,
        defaults={"municipality_code": town, "head": one},
    )  # fmt: skip
    if one.is_head and recipient.head_id != one.pk:
        recipient.head = one
        recipient.save()
    Member.objects.create(
        programme=programme, payout=1, recipient=recipient, person=one, relation=one.relation
    )


def open_cases(meter: Meter, setting: Setting) -> int:
    """One service call for each recipient: members by the ORM, the same rules, one create for each row."""
    programme, done = programme_of(setting), 0
    with taken_back(), meter:
        for recipient in Recipient.objects.filter(programme=programme).select_related("head")[
            : setting.sample
        ]:
            done += _open_one(recipient, programme)
    return done


def _open_one(recipient: Recipient, programme: Programme) -> int:
    members = [
        RollMember(
            p.pk == recipient.head_id,
            p.birth_date,
            p.moved_in_on,
            p.left_on,
            p.left_reason,
            p.tax_class,
            False,
        )
        for p in (m.person for m in recipient.members.filter(superseded_by_order="").select_related("person"))
    ]
    (due,) = judge([(members, False)], programme.terms)
    if due.reason:
        return 0
    (number,) = fresh_numbers(1, Random())
    when, head = at(ROLL_DAY, 11), recipient.head
    key = letter_key(number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
    case = Case(
        programme=programme, payout=1, municipality_code=programme.municipality_id, recipient=recipient,
        number=number, cohort=due.cohort, opened_at=when,
    )  # fmt: skip
    case.full_clean()
    case.save()
    act = Move.objects.create(
        programme=programme, to_stage=stages.LISTED, why="", actor_name="", at=when, count=1
    )
    CaseStage.objects.create(case=case, stage=stages.LISTED, previous="", move_stamp=act.pk, since=when)
    CaseEvent.objects.create(case=case, move=act, from_stage="", to_stage=stages.LISTED, at=when)
    Entitlement.objects.create(
        case=case, programme=programme, payout=1, recipient=recipient, version=programme.version,
        amount_yen=due.amount_yen, member_count=due.member_count,
    )  # fmt: skip
    born, secret = head.birth_date, settings.LOOKUP_SECRET
    DoorKey.objects.create(
        case=case, lookup_token=lookup_token(number, born, lookup_secret=secret) if born else None,
        key_token=key_token(number, key, lookup_secret=secret), initials=names.initials(head.kana)[:20], issue=1,
    )  # fmt: skip
    FixedMembers.objects.create(recipient=recipient, at=when)
    return 1


def receive_forms(meter: Meter, setting: Setting) -> int:
    """The office's own step for one form, called for each."""
    programme, clerk, done = programme_of(setting), person("clerk"), 0
    forms = [form for block in islice(keyed_blocks(setting), 1 + setting.sample // 1_000) for form in block]
    with taken_back(), meter:
        for form in forms[: setting.sample]:
            receive_paper(form, programme=programme, actor=clerk, at=at(KEYED_ON, 10))
            done += 1
    return done


def screen(meter: Meter, setting: Setting) -> int:
    """Each submission loaded with its account and household, checked by the same checks, and its results saved."""
    programme, done = programme_of(setting), 0
    waiting = Submission.objects.filter(programme=programme, state="received").order_by("pk")
    with taken_back(), meter:
        for pk in waiting.values_list("pk", flat=True)[: setting.sample]:
            _screen_one(pk, programme)
            done += 1
    return done


def _screen_one(pk: int, programme: Programme) -> None:
    one = Submission.objects.select_related("case__recipient__head").get(pk=pk)
    account = one.accounts.order_by("-version").first()
    assert account is not None
    recipient, terms, when = one.case.recipient, programme.terms, at(KEYED_ON, 12)
    head = recipient.head
    others = recipient.members.filter(superseded_by_order="").exclude(person=head).select_related("person")
    facts = facts_of(
        (
            one.channel, one.arrived_on, one.postmark_on, one.applied_on, one.applicant_is_recipient, one.phone,
            one.signed, one.declines, one.declined_on, one.members_corrected, one.identity_evidence, one.account_evidence,
            one.rail, one.rail_marked, one.counts_on, one.keyless, *_proofs(one),
            account.bank, account.branch, account.kind, account.number, account.holder_kana,
            account.yucho_symbol, account.yucho_number, head.kana, head.alias_kana, head.latin_name, head.alias, head.left_reason,
            [member.person.kana for member in others], None, None, False, False, True,
            one.case.cohort, "", None,
        ),
        terms, came_from=stages.INVITED,
    )  # fmt: skip
    found = list(checks.check(facts, terms.review.checks))
    clean = not any(finding.severity in (findings.RETURN, findings.LOOK) for finding in found)
    persons = 0 if clean else 2
    Screening.objects.create(
        submission=one,
        case=one.case,
        outcome="clean" if clean else "look",
        persons=persons,
        version=programme.version,
        rules=checks.RULES_VERSION,
        at=when,
    )
    for finding in found:
        Finding.objects.create(
            submission=one, case=one.case, code=finding.code, field=finding.field, severity=finding.severity,
            evidence={name: str(value) for name, value in finding.evidence.items()}, at=when,
        )  # fmt: skip
    one.state = "screened"
    one.save()
    to = stages.PASSED if clean else stages.IN_REVIEW
    move([one.case_id], programme=programme, to=to, why="", actor=SYSTEM, at=when)
    if clean:
        Proposal.objects.create(
            case=one.case, submission=one, account=account, outcome="grant", via="straight", at=when
        )
        return
    Task.objects.create(
        submission=one, case=one.case, programme=programme, step=1, opened_at=when, arrived_on=one.arrived_on,
        queue="clean", due_on=one.arrived_on,
    )  # fmt: skip


def _proofs(one: Submission) -> tuple[Any, ...]:
    """The papers as they were named last: two kinds with their days, and the day that counts for them."""
    proof = one.proofs.order_by("-version").first()
    if proof is None:
        return (None, None, None, None, None)
    return (proof.first, proof.first_on, proof.second, proof.second_on, proof.counted_on)


def pay(meter: Meter, setting: Setting) -> int:
    """full_clean() and save() for each transfer, saved again into its batch and with its line; lines by f-string."""
    programme, maker = programme_of(setting), person("maker")
    assert maker.id is not None
    due = Decision.objects.filter(case__programme=programme, in_force=True, outcome="grant").order_by("pk")
    file = io.StringIO()
    with taken_back(), meter:
        batch = Batch.objects.create(
            programme=programme, value_date=VALUE_DATE, fiscal_year=VALUE_DATE.year, budget_item="3-1-1-18",
            payment_order="0001", maker_id=maker.id, made_at=at(KEYED_ON, 18),
        )  # fmt: skip
        done = 0
        for pk in due.values_list("pk", flat=True)[: setting.sample]:
            done += 1
            file.write(_line(_save_transfer(pk, batch, done)))
        file.getvalue().encode("cp932")
    return done


def _save_transfer(pk: int, batch: Batch, line: int) -> Transfer:
    decision = Decision.objects.select_related("case", "account").get(pk=pk)
    case, account = decision.case, decision.account
    assert account is not None
    assert not Transfer.objects.filter(case=case).exclude(state="void").exists()
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_transfer_number')::text")
        (number,) = cursor.fetchone()
    one = Transfer(
        number=number, programme_id=case.programme_id, recipient_id=case.recipient_id, case=case,
        entitlement=case.entitlement, decision=decision, amount_yen=decision.amount_yen, bank=account.bank,
        branch=account.branch, kind=account.kind, account_number=account.number, made_at=batch.made_at,
        holder_kana=cut_to(bank_kana(account.holder_kana), NAME_BYTES),
    )  # fmt: skip
    # The batch and the link to an earlier transfer stay empty here; a form would require them.
    one.full_clean(exclude=["batch", "file_number", "line", "retry_of"])
    one.save()
    one.batch = batch
    one.save()
    one.file_number, one.line, one.state = 1, line, "sealed"
    one.save()
    return one


def _line(one: Transfer) -> str:
    names_of = f"{bank_kana_name(one.bank):<15}{one.branch}{branch_kana_name(one.bank, one.branch):<15}"
    payee = f"{one.kind}{one.account_number}{one.holder_kana:<30}{one.amount_yen:010}"
    return f"2{one.bank}{names_of}0000{payee}0{one.number}{'0' * 10}7{' ' * 8}\r\n"


def read_results(meter: Meter, setting: Setting) -> int:
    """Each transfer of the first batch saved with its result, its case moved by a call of its own."""
    programme, when = programme_of(setting), at(VALUE_DATE + timedelta(days=1), 9)
    batch = Batch.objects.filter(programme=programme, state="sent").order_by("pk")[0]
    returned = {row.number: row for row in bank_report.read(setting.bank_report(batch.pk).read_bytes())}
    with taken_back(), meter:
        report = BankReport.objects.create(
            batch=batch, parcel=batch.manifest, returned=len(returned), settled=0, at=when, actor_name=""
        )
        done = 0
        for pk in batch.transfers.order_by("pk").values_list("pk", flat=True)[: setting.sample]:
            _save_result(Transfer.objects.get(pk=pk), report, returned, programme)
            done += 1
    return done


def _save_result(one: Transfer, report: BankReport, returned: dict[str, Any], programme: Programme) -> None:
    row, when = returned.get(one.number), report.at
    if row:
        Result.objects.create(
            report=report, transfer=one, reason=row.reason, returned_on=row.returned_on, at=when
        )
    one.state = "returned" if row else "settled"
    one.save()
    to = stages.FAILED if row else stages.PAID
    move([one.case_id], programme=programme, to=to, why="", actor=SYSTEM, at=when)
