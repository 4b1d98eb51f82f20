"""The stock of seeded errors (埋込み): made-up web applications in a programme's rehearsal, each with a fault that eyes see.

Takes a programme; leaves its rehearsal with an invented town, applications that the checks want looked at, and open second
looks whose first verdict stands as a wrong 適. Nobody in it exists; nothing of it can be decided, paid or written to.
"""

import io
from datetime import datetime
from hashlib import blake2b
from random import SystemRandom

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.due import Due
from todoku.case.move import move
from todoku.case.open_cases import Head, fresh_numbers, opening_of, write_openings
from todoku.case.tables import Case, Entitlement
from todoku.custody import files
from todoku.formats.kana import bank_kana
from todoku.ground.places import var
from todoku.ground.step import Report
from todoku.intake.picture import Picture, picture
from todoku.intake.receipt import receipt_number
from todoku.intake.receive_web import document_path
from todoku.intake.tables import AccountVersion, Document, Submission
from todoku.people.actor import RESIDENT, Actor
from todoku.programme.tables import Programme
from todoku.registry.import_roll import stage_roll
from todoku.registry.tables import Recipient
from todoku.registry.take_roll import take_roll
from todoku.review.facts import gather
from todoku.review.quality_tables import SeededLook
from todoku.review.screen import READY, judge_facts, keep, sample_seed
from todoku.review.tables import Task
from todoku.sampletown import photos, roll
from todoku.sampletown.accounts import account_of
from todoku.sampletown.answers import ACCOUNT_PROOF, IDENTITY, WEB, Answer
from todoku.sampletown.household import Household
from todoku.sampletown.town import build

# What is wrong in a picture → the code that a second reviewer should find.
FLAWS = {
    "account_proof:other_account": "D13",
    "account_proof:wrong_side": "D31",
    "identity:unclear": "D23",
    "identity:expired": "D21",
}
CASES_MAX = 200
AMOUNT_YEN = 10_000
SEED = 29  # of the invented accounts
WHY = "質の確認用"


def make_rehearsal(*, programme: Programme, cases: int, actor: Actor, at: datetime) -> Report:
    """Adds so many seeded errors to the programme's rehearsal; gives how many were made (done)."""
    assert 0 < cases <= CASES_MAX, f"1 to {CASES_MAX} cases"
    rehearsal, town = _rehearsal(programme, at), _town(programme)
    if not Recipient.objects.filter(programme=rehearsal).exists():
        _take_roll(rehearsal, town, actor, at)
    with transaction.atomic():
        opened = _open(rehearsal, {one.head.number: one for one in town}, cases, actor, at)
        flaws = [list(FLAWS)[place % len(FLAWS)] for place in range(len(opened))]
        sent = {
            _send(rehearsal, household, case, flaw, at): flaw
            for (case, household), flaw in zip(opened, flaws, strict=True)
        }
        judged = [
            judge_facts(one, programme.terms, sample_seed(programme))
            for one in gather(rehearsal, READY, held="g", limit=CASES_MAX)
        ]
        # Whatever the checks say, a second look is what this is for.
        keep([one._replace(persons=2, sampled=False, caught=None) for one in judged], rehearsal, actor, at)
        return Report(done=_as_second_looks(programme, rehearsal, sent))


def _rehearsal(programme: Programme, at: datetime) -> Programme:
    found, _ = Programme.objects.get_or_create(
        rehearsal_of=programme,
        defaults={
            "municipality": programme.municipality, "slug": f"{programme.slug[:48]}-rehearsal", "name": programme.name,
            "is_sample": programme.is_sample, "created_at": at,
        },
    )  # fmt: skip
    return found


def _town(programme: Programme) -> list[Household]:
    """The same town every time: households without anything special, unlike those of any other sample."""
    seed = int.from_bytes(blake2b(f"rehearsal|{programme.slug}".encode(), digest_size=4).digest(), "big")
    return [
        one
        for one in build(seed, CASES_MAX * 2, base_date=programme.terms.programme.base_date)
        if one.kinds == () and not one.head.removed_on
    ]


def _take_roll(rehearsal: Programme, town: list[Household], actor: Actor, at: datetime) -> None:
    text = io.StringIO(newline="")
    roll.write_roll(text, town, "benefit42")
    staged = stage_roll(
        text.getvalue().encode(roll.ENCODING), programme=rehearsal, name="rehearsal.csv", layout="benefit42",
        actor=actor, at=at,
    )  # fmt: skip
    take_roll(staged, only_good=True, actor=actor, at=at)


def _open(
    rehearsal: Programme, town: dict[str, Household], cases: int, actor: Actor, at: datetime
) -> list[tuple[int, Household]]:
    """Opens cases for the next recipients of the rehearsal, whatever the terms would say of them, up to 発送済."""
    heads = list(
        Recipient.objects.filter(programme=rehearsal, payout=1, cases__isnull=True, head__number__in=town)
        .order_by("pk")
        .values_list(
            "pk", "head__kana", "head__latin_name", "head__name", "head__birth_date", "head__number"
        )[:cases]
    )
    usual = _usual_dues(rehearsal)
    numbers = fresh_numbers(len(heads), SystemRandom())
    openings = [
        opening_of(Head(*head[:5], ""), number, _due(len(town[head[5]].members), usual))
        for head, number in zip(heads, numbers, strict=True)
    ]
    write_openings(openings, rehearsal, 1, why=WHY, actor=actor, at=at)
    made = dict(
        Case.objects.filter(programme=rehearsal, recipient_id__in=[head[0] for head in heads]).values_list(
            "recipient_id", "pk"
        )
    )
    move(list(made.values()), programme=rehearsal, to=stages.INVITED, why=WHY, actor=actor, at=at)
    move(list(made.values()), programme=rehearsal, to=stages.RECEIVED, why=WHY, actor=actor, at=at)
    return [(made[head[0]], town[head[5]]) for head in heads]


def _usual_dues(rehearsal: Programme) -> dict[int, Due]:
    """What real cases of the programme are due, by how many members count; what the terms alone say where none is open."""
    real = Entitlement.objects.filter(programme=rehearsal.rehearsal_of_id, part=1, superseded_by_order="")
    found = real.order_by("member_count", "-pk").distinct("member_count")
    rows = found.values_list("amount_yen", "member_count", "case__cohort")
    return {count: Due(yen, count, cohort, "") for yen, count, cohort in rows} or {
        1: Due(AMOUNT_YEN, 1, rehearsal.terms.cohorts[-1].name, "")
    }


def _due(members: int, usual: dict[int, Due]) -> Due:
    """As for a real household of this size, or the next smaller one that is known."""
    return usual[max((count for count in usual if count <= members), default=min(usual))]


def _send(rehearsal: Programme, household: Household, case: int, flaw: str, at: datetime) -> int:
    """A web application without a telephone number, which the checks want looked at, and with the flaw in a picture."""
    account = account_of(household, SEED, rehearsal.municipality_id[:2])
    day = localdate(at)
    answer = Answer(
        recipient_number=household.head.number, channel=WEB, posted_on=day, arrived_on=day, filled_by_head=True,
        account=account, phone="", signed=True, attachments=frozenset({IDENTITY, ACCOUNT_PROOF}), flaws=frozenset({flaw}),
        declines=False, intended_deficiencies=(FLAWS[flaw],),
    )  # fmt: skip
    sent = Submission.objects.create(
        case_id=case, programme=rehearsal, channel="web", state="received", receipt_number=receipt_number(_running()),
        arrived_on=day, applied_on=day, registered_at=at, identity_evidence="clear", account_evidence="clear",
        actor_name=RESIDENT.name,
    )  # fmt: skip
    AccountVersion.objects.create(
        submission=sent, bank=account.bank, branch=account.branch, kind=account.account_kind, number=account.number,
        holder_kana=bank_kana(account.holder_kana), yucho_symbol=account.symbol, yucho_number=account.yucho_number,
        entered_at=at, entered_by=RESIDENT.name,
    )  # fmt: skip
    font = var("assets", "fonts", "BIZUDGothic-Regular.ttf")
    marked = rehearsal.is_sample
    for kind, data in (
        ("identity", photos.identity_photo(household, answer, font=font, marked=marked)),
        ("account", photos.passbook_photo(answer, font=font, marked=marked)),
    ):
        _enclose(sent, kind, picture(data))
    return sent.pk


def _running() -> int:
    """The next running number of an application, as any gets one."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_submission_id_seq')")
        return int(cursor.fetchone()[0])


def _enclose(sent: Submission, kind: str, one: Picture) -> None:
    file = files.write(document_path(sent.programme, one), one.data)
    Document.objects.create(
        submission=sent, kind=kind, sha256=file.sha256, path=file.path, width=one.width, height=one.height,
        size_bytes=file.size_bytes,
    )  # fmt: skip


def _as_second_looks(programme: Programme, rehearsal: Programme, sent: dict[int, str]) -> int:
    """The opened looks become second ones, and each is known as what it is."""
    tasks = Task.objects.filter(programme=rehearsal, step=1, submission_id__in=sent)
    made = [
        SeededLook(
            task_id=pk, programme=programme, flaw=sent[submission].partition(":")[2], first_outcome="approve",
            expected_codes=[FLAWS[sent[submission]]],
        )
        for pk, submission in tasks.values_list("pk", "submission_id")
    ]  # fmt: skip
    tasks.update(step=2)
    SeededLook.objects.bulk_create(made)
    return len(made)
