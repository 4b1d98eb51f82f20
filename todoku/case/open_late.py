"""Opens one case late by the municipality's order (遅れて対象になる方): a newborn, somebody who moved in, shelters from violence
or was registered late, a corrected tax. Once, with the reason, by two persons.

`propose_late` takes either a recipient for whom nothing was due, or people whom no roll names, and leaves a LateProposal;
`open_late`, by another person who has compared it with the papers, leaves a case at LISTED in the Version's late cohort,
with a number and letter key of its own. Nothing in it leads to another case: neither its number nor its address.
"""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import NamedTuple

from django.db import transaction

from todoku.case.due import NOT_DUE, Due, RollMember, judge
from todoku.case.late_tables import LateOpening, LateProposal
from todoku.case.members import members_of
from todoku.case.open_by_order import draw_number, open_by_order
from todoku.case.tables import Case, NotDue
from todoku.formats import names
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.contents import Late
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.registry.reached import Reached, reach
from todoku.registry.tables import Member, Person, Recipient, RollImport

ACTION = "change.decide"
# No roll holds such a number: its people and households have ASCII letters and digits alone.
LATE_MARK = "遅"
PEOPLE_MAX = 16  # one sign of the number tells them apart


class CannotOpenLate(Refusal):
    """No case can be opened so: the terms know no such late entry, its day is past, or somebody counts already."""


class Newcomer(NamedTuple):
    """Somebody whom no roll names: as the papers say."""

    name: str
    kana: str
    birth_date: date
    relation: str = ""


class LateEntry(NamedTuple):
    """How somebody came in late: the Version's name for it, the day on which it happened, the order and the facts seen."""

    late: str
    happened_on: date
    order: str
    why: str


class Asked(NamedTuple):
    """For whom the case is asked. Either `recipient`, one without a case, or `newcomers`, head first, and where letters reach
    them.

    `payee`: who receives for a child or person that came in, where it is not the newcomer. For a child whose receiver no
    roll names either, the receiver is the first newcomer and the child the second: letters and account are the receiver's.
    """

    recipient: Recipient | None = None
    newcomers: tuple[Newcomer, ...] = ()
    payee: Person | None = None
    reached: Reached | None = None


def propose_late(
    entry: LateEntry, asked: Asked, *, programme: Programme, actor: Actor, at: datetime
) -> LateProposal:
    """Keeps what one person asks for; raises CannotOpenLate at once where no case could be opened so."""
    with transaction.atomic():
        late = _admit(entry, programme, actor)
        assert actor.id is not None, "who may ask is a person"
        Programme.objects.select_for_update().get(pk=programme.pk)
        waiting = LateProposal.objects.filter(state="waiting", recipient__isnull=False)
        if waiting.filter(recipient=asked.recipient).exists():
            raise CannotOpenLate("この方の案件の作成は、確認を待っています。下の一覧で確かめてください。")
        # Opened, and undone again: whatever would stand in the way says so now, not to the second person.
        tried = transaction.savepoint()
        _case(entry, late, asked, programme, draw_number(), actor, at)
        transaction.savepoint_rollback(tried)
        made = LateProposal.objects.create(
            programme=programme, late=entry.late, happened_on=entry.happened_on, order=entry.order.strip(),
            why=entry.why.strip()[:200], recipient=asked.recipient, payee=asked.payee, newcomers=_kept(asked.newcomers),
            reached=list(asked.reached or ()), proposed_by_id=actor.id, proposed_at=at,
        )  # fmt: skip
        _record(made, f"後からの案件作成の伺い: {late.title}", actor, at)
    return made


def open_late(
    proposal: LateProposal, *, actor: Actor, at: datetime, random_source: Random | None = None
) -> Case:
    """The new case, by another person's word. Raises CannotOpenLate."""
    with transaction.atomic():
        held = _waiting(proposal, actor)
        programme = held.programme
        if held.proposed_by_id == actor.id:
            raise CannotOpenLate(
                "入力した本人は確認できません。別の業務責任者か、自治体の担当課が書類を見て確認してください。"
            )
        entry, asked = LateEntry(held.late, held.happened_on, held.order, held.why), asked_of(held)
        late = _admit(entry, programme, actor)
        before = NotDue.objects.filter(programme=programme, recipient=held.recipient_id or 0).first()
        case = _case(entry, late, asked, programme, draw_number(random_source), actor, at)
        _answer(held, "opened", "", actor, at)
        LateOpening.objects.create(
            case=case, programme=programme, kind=late.kind, happened_on=entry.happened_on,
            earlier_reason=before.reason if before else "", why=entry.why, order=entry.order, proposal=held,
            actor_name=actor.name, at=at,
        )  # fmt: skip
        NotDue.objects.filter(programme=programme, recipient=case.recipient_id).delete()
        record_look(
            actor=actor, action=ACTION, subject_kind="case", subject_id=case.pk, at=at, programme_slug=programme.slug,
            reason=f"後からの案件作成: {late.title}（決裁 {entry.order}）",
        )  # fmt: skip
    return case


def refuse_late(proposal: LateProposal, *, why: str, actor: Actor, at: datetime) -> LateProposal:
    """No case is opened (作成しない): another person's word, or the same person's who asked. Raises CannotOpenLate."""
    if not why.strip():
        raise CannotOpenLate("作成しない理由を入力してください。")
    with transaction.atomic():
        held = _waiting(proposal, actor)
        _answer(held, "refused", why.strip()[:200], actor, at)
        _record(held, "後からの案件作成: 作成しない", actor, at)
    return held


def asked_of(proposal: LateProposal) -> Asked:
    """For whom a proposal asks, as it was entered."""
    newcomers = tuple(
        Newcomer(name, kana, date.fromisoformat(born), relation)
        for name, kana, born, relation in proposal.newcomers
    )
    reached = Reached(*proposal.reached) if proposal.reached else None
    return Asked(proposal.recipient, newcomers, proposal.payee, reached)


def _kept(newcomers: Sequence[Newcomer]) -> list[list[str]]:
    return [
        [one.name.strip(), one.kana.strip(), one.birth_date.isoformat(), one.relation.strip()] for one in newcomers
    ]  # fmt: skip


def _waiting(proposal: LateProposal, actor: Actor) -> LateProposal:
    """The proposal behind the programme's lock, as every other opening of cases."""
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotOpenLate("後から案件を作成する権限がありません。業務責任者に依頼してください。")
    Programme.objects.select_for_update().get(pk=proposal.programme_id)
    wanted = LateProposal.objects.select_related("programme", "recipient__head", "payee")
    held = wanted.select_for_update(of=("self",)).get(pk=proposal.pk)
    if held.state != "waiting":
        raise CannotOpenLate(
            f"この伺いは「{held.get_state_display()}」です。画面を開き直して確かめてください。"
        )
    return held


def _answer(held: LateProposal, state: str, why: str, actor: Actor, at: datetime) -> None:
    held.state, held.answered_by_id, held.answered_at, held.answer_why = state, actor.id, at, why
    held.save(update_fields=["state", "answered_by", "answered_at", "answer_why"])


def _record(proposal: LateProposal, words: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=ACTION, subject_kind="late_proposal", subject_id=proposal.pk, at=at,
        programme_slug=proposal.programme.slug, reason=f"{words}（決裁 {proposal.order}）",
    )  # fmt: skip


def _case(
    entry: LateEntry, late: Late, asked: Asked, programme: Programme, number: str, actor: Actor, at: datetime
) -> Case:
    """The case itself, in the caller's transaction, which holds the programme."""
    recipient, newcomers, payee, reached = asked
    hidden = late.kind == "dv" or bool(reached and reached.protected)
    _ask_reached(late, recipient, newcomers, reached)
    if recipient is None:
        recipient = _newcome(entry, late, programme, newcomers, payee, reached, hidden, number, at)
    elif Case.objects.filter(programme=programme, recipient=recipient).exists():
        raise CannotOpenLate("この方の案件は、すでにあります。検索で開いてください。")
    if reached is not None and reached.address.strip():
        reach(recipient, reached._replace(protected=hidden), order=entry.order.strip(), at=at)
    due = _due(recipient, late, programme.terms)
    return open_by_order(recipient, number, due, programme=programme, actor=actor, at=at)


def _admit(entry: LateEntry, programme: Programme, actor: Actor) -> Late:
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotOpenLate("後から案件を作成する権限がありません。業務責任者に依頼してください。")
    if not entry.order.strip() or len(entry.order) > 100:
        raise CannotOpenLate("自治体の決裁番号を入力してください。")
    terms = programme.terms
    if entry.late not in {one.name for one in terms.late}:
        raise CannotOpenLate(
            "この制度の定めに、その区分の後からの対象者はありません。制度の版を確かめてください。"
        )
    late = terms.late_cohort(entry.late)
    if terms.late_deadline(entry.late, entry.happened_on) is None:
        raise CannotOpenLate(
            f"「{late.title}」の対象は{late.until:%Y/%m/%d}までの事実です。日付を確かめるか、自治体に照会してください。"
        )
    return late


def _ask_reached(
    late: Late, recipient: Recipient | None, newcomers: Sequence[Newcomer], reached: Reached | None
) -> None:
    """Whoever fled is never written to at the home that a roll names; nobody else on a roll is written to elsewhere by this."""
    placed = reached is not None and reached.address.strip()
    if late.kind == "dv" and not placed:
        raise CannotOpenLate(
            "避難している方には、名簿の住所に手紙を送りません。手紙が届く避難先の住所を入力してください。"
        )
    if recipient is not None and newcomers:
        raise CannotOpenLate("名簿の番号と、名簿にいない方の氏名は、どちらか一方だけ入力してください。")
    if recipient is not None and placed and late.kind != "dv":
        raise CannotOpenLate(
            "名簿にいる方には、名簿の住所に送ります。住所を空欄にして案件を作成し、送付先は案件の「郵便」で変更してください。"
        )


def _newcome(
    entry: LateEntry, late: Late, programme: Programme, newcomers: Sequence[Newcomer], payee: Person | None,
    reached: Reached | None, hidden: bool, number: str, at: datetime,
) -> Recipient:  # fmt: skip
    """The recipient of people whom no roll names: persons outside the roll, and its members."""
    _ask_new(programme, newcomers)
    if late.kind == "newborn" and newcomers[-1].birth_date != entry.happened_on:
        raise CannotOpenLate(
            "新生児の「事実のあった日」は、生まれた日です。児童の生年月日と同じ日を入力してください。"
        )
    if payee is None and (reached is None or not reached.address.strip()):
        raise CannotOpenLate("手紙が届く住所を入力してください。")
    unit = programme.terms.programme.unit
    counted = _counted(newcomers, unit, payee)
    roll = RollImport.objects.filter(programme=programme, state__in=["taken", "taken_good"]).latest("pk")
    persons = Person.objects.bulk_create(
        _person(one, f"{LATE_MARK}{number}{place:x}", place == 0, number, programme, roll, hidden, reached)
        for place, one in enumerate(newcomers)
    )
    made = Recipient.objects.create(
        programme=programme, municipality_code=programme.municipality_id,
        household_number=LATE_MARK + number, unit_number="" if unit == "household" else persons[-1].number,
        head=payee or persons[0],
    )  # fmt: skip
    Member.objects.bulk_create(
        Member(programme=programme, recipient=made, person=person, relation=person.relation)
        for person in persons[-counted:]
    )
    return made


def _counted(newcomers: Sequence[Newcomer], unit: str, payee: Person | None) -> int:
    """How many of the newcomers count, from the last: whoever receives for a child is named before it and does not."""
    if unit == "household":
        return len(newcomers)
    if unit == "child" and payee is None:
        if len(newcomers) != 2:
            raise CannotOpenLate(
                "児童の分を受け取る方が分かりません。名簿にいる方は宛名番号を、いない方は代表者の行に入力し、児童は1人ずつにしてください。"
            )
    elif len(newcomers) != 1:
        raise CannotOpenLate("この制度は一人ずつ支給します。一人ずつ案件を作成してください。")
    return 1


def _ask_new(programme: Programme, newcomers: Sequence[Newcomer]) -> None:
    """Somebody with the same name and birth date who counts already is the same one until a person has looked."""
    if (
        not newcomers
        or len(newcomers) > PEOPLE_MAX
        or not all(one.name.strip() and one.kana.strip() for one in newcomers)
    ):
        raise CannotOpenLate(
            f"対象になる方の氏名・カナ・生年月日を、1人から{PEOPLE_MAX}人まで入力してください。"
        )
    for one in newcomers:
        same = Member.objects.filter(
            programme=programme, superseded_by_order="", person__birth_date=one.birth_date,
            person__search_key__contains=names.search_key(one.kana),
        )  # fmt: skip
        if same.exists():
            raise CannotOpenLate(
                f"「{one.name}」さんと同じ氏名・生年月日の方が、すでに対象者として数えられています。検索で確かめてください。"
            )


def _person(
    one: Newcomer, key: str, is_head: bool, number: str, programme: Programme, roll: RollImport, hidden: bool,
    reached: Reached | None,
) -> Person:  # fmt: skip
    place = reached or Reached("", "", "", "", False)
    return Person(
        programme=programme, municipality_code=programme.municipality_id, number=key, household_number=LATE_MARK + number,
        is_head=is_head, relation=one.relation or ("世帯主" if is_head else ""), name=one.name.strip(),
        kana=one.kana.strip(), birth_date=one.birth_date, roll_import=roll, outside=True, protected=hidden,
        search_key=f"{names.search_key(one.name)} {names.search_key(one.kana)}"[:500],
        postal_code=place.postal_code, address=place.address, building=place.building, phone=place.phone,
    )  # fmt: skip


def _due(recipient: Recipient, late: Late, terms: Terms) -> Due:
    """What the rules make of it where the order has settled tax and residence; a reason that it does not settle stands."""
    lines = members_of([recipient.pk]).get(recipient.pk, [])
    due = next(judge([([_settled(line.rule, late, terms) for line in lines], False)], terms))
    if due.reason:
        raise CannotOpenLate(
            f"制度の定めでは対象になりません（{NOT_DUE[due.reason]}）。事実と、税などの一覧を確かめてください。"
        )
    return due._replace(cohort=late.cohort, late=late.kind)


def _settled(member: RollMember, late: Late, terms: Terms) -> RollMember:
    """The member as the order found him: taxed by nobody where the order is about tax or he came from elsewhere, registered
    on the base date where it is about residence."""
    if late.kind != "newborn":
        member = member._replace(tax_class="untaxed", supporter_taxed=False)
    if late.kind in ("moved_in", "dv", "registered_late"):
        member = member._replace(moved_in_on=None, left_on=None, left_reason="")
    if terms.programme.unit == "child":
        member = member._replace(allowance=member.allowance or "regular", receiver_known=True)
    return member
