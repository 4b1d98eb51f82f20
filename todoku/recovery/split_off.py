"""Members who are due on their own by the municipality's order (世帯からの分離), in one transaction.

Takes a case and some of its members; leaves them a recipient, case, number and letter key of their own, ready to apply,
and the old case with what is due to those who remain: what was paid too much becomes a claim. Nothing in the old case
leads to the new one: neither its number, nor its address, nor why they left.
"""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.case.due import Due, RollMember, household
from todoku.case.open_by_order import draw_number, open_by_order
from todoku.case.tables import Case
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.terms import Terms
from todoku.recovery import order_plan
from todoku.recovery.order_plan import Effect, effect_of
from todoku.recovery.order_standing import Standing, standing_of
from todoku.recovery.put_right import CannotOrder, Given, ask_new, ask_order, hold_case, person_of, put_right
from todoku.recovery.tables import EntitlementOrder
from todoku.registry.reached import Reached
from todoku.registry.split_members import split_members

# No roll holds such a number: its households have ASCII letters and digits alone.
HOUSEHOLD_MARK = "分-"
# What the claim says: no more than that the amount changed.
CLAIM_WHY = "支給額の算定の変更"

# The members as counted now, head first, with what the rules need; `where m.recipient_id`.
_MEMBERS = """
select p.id, p.id = r.head_id, p.name, p.birth_date, p.birth_text, m.relation, p.protected, p.moved_in_on, p.left_on,
       p.left_reason, p.tax_class
  from todoku_member m join todoku_recipient r on r.id = m.recipient_id join todoku_person p on p.id = m.person_id
 where m.recipient_id = %s and m.superseded_by_order = '' order by (p.id = r.head_id) desc, p.id
"""


class CountedMember(NamedTuple):
    """A member of the household as the order's form lists it."""

    person: int
    is_head: bool
    name: str
    birth_date: date | None
    birth_text: str
    relation: str
    protected: bool
    rule: RollMember


class SplitPlan(NamedTuple):
    """What a split-off would do, in yen: to those who remain, to those who leave."""

    before_yen: int
    remaining_yen: int
    leaving_yen: int
    remaining_count: int
    leaving_count: int
    effect: Effect


def counted_members(case: Case) -> list[CountedMember]:
    """Who is counted in the case's household now, head first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [case.recipient_id])
        return [_counted(row) for row in cursor.fetchall()]


def _counted(row: Sequence[Any]) -> CountedMember:
    """A row of _MEMBERS. Whose dependant somebody is matters for eligibility alone, which the order has settled."""
    rule = RollMember(row[1], row[3], row[7], row[8], row[9], row[10], False)
    return CountedMember._make((*row[:7], rule))


def plan_split(case: Case, persons: Sequence[int]) -> SplitPlan:
    """The effect before the order is given; raises CannotOrder where it could not be given."""
    return _plan(case, counted_members(case), persons, standing_of(case))


def plan_waiting(case: Case, persons: Sequence[int]) -> SplitPlan:
    """The same while the payment stands with the bank: the yen as they would be, and the effect that it waits."""
    return _plan(case, counted_members(case), persons, standing_of(case), may_wait=True)


def split_off(
    case: Case, persons: Sequence[int], *, head: int, reached: Reached, given: Given, actor: Actor, at: datetime,
    random_source: Random | None = None,
) -> EntitlementOrder:  # fmt: skip
    """Splits the persons off under `head`; gives the order, whose new_case is at LISTED. Raises CannotOrder."""
    given = ask_order(given, actor)
    reached = tidy_reached(reached)
    if head not in persons:
        raise CannotOrder("新しい世帯の受給者を、分離する世帯員から選んでください。")
    with transaction.atomic():
        stands = hold_case(case, order=given.number)
        ask_new(case, "split_off", given.number)
        members = counted_members(case)
        plan = _plan(case, members, persons, stands)
        # 支援措置 stays with the person; whoever fled is hidden even where the register has no mark yet.
        hidden = given.reason == "dv" or any(one.protected for one in members if one.person in persons)
        effect, claim = put_right(
            case, stands, after_yen=plan.remaining_yen, member_count=plan.remaining_count, given=given,
            claim_reason="split_off", claim_why=CLAIM_WHY, actor=actor, at=at,
        )  # fmt: skip
        number = draw_number(random_source)
        recipient = split_members(
            case.recipient, persons, head=head, household_number=HOUSEHOLD_MARK + number,
            reached=reached._replace(protected=reached.protected or hidden), order=given.number, at=at,
        )  # fmt: skip
        due = Due(plan.leaving_yen, plan.leaving_count, _cohort(case.programme.terms, case.payout), "")
        new_case = open_by_order(recipient, number, due, programme=case.programme, actor=actor, at=at)
        order = EntitlementOrder.objects.create(
            programme=case.programme, case=case, kind="split_off", reason=given.reason, number=given.number,
            why=given.why, before_yen=plan.before_yen, after_yen=plan.remaining_yen, members_left=len(persons),
            new_case=new_case, claim=claim, given_by_id=person_of(actor), at=at,
        )  # fmt: skip
        for one in (case, new_case):
            record_look(
                actor=actor, action="entitlement.order", subject_kind="case", subject_id=one.pk, at=at,
                programme_slug=case.programme.slug, reason=f"職権による変更（決裁 {given.number}）",
            )  # fmt: skip
    return order


def _plan(
    case: Case, members: Sequence[CountedMember], persons: Sequence[int], stands: Standing, *, may_wait: bool = False
) -> SplitPlan:  # fmt: skip
    if not persons:
        raise CannotOrder("分離する世帯員を選んでください。")
    leaving = [one for one in members if one.person in persons]
    staying = [one for one in members if one.person not in persons]
    if len(leaving) != len(set(persons)):
        raise CannotOrder(
            "選んだ人の中に、この世帯で数えていない人がいます。画面を更新して選び直してください。"
        )
    if any(one.is_head for one in leaving):
        raise CannotOrder("世帯主は分離できません。世帯主を残して、分離する世帯員だけを選んでください。")
    terms = case.programme.terms
    if terms.programme.unit != "household":
        raise CannotOrder(
            "世帯を単位とする制度ではありません。一人ずつの案件は、支給額の変更で扱ってください。"
        )
    parts = (household([one.rule for one in part], terms.programme.base_date) for part in (staying, leaving))
    remaining, other = terms.amounts(parts, case.payout)
    if not remaining or not other:
        raise CannotOrder(
            "分離すると、どちらかの世帯の支給額が0円になります。基準日に数える世帯員と、制度の額を確認してください。"
        )
    effect = effect_of(stands.payment, stands.before_yen, remaining, kept_yen=stands.kept_yen)
    if effect.code == order_plan.WAIT and not may_wait:
        raise CannotOrder(effect.words)
    stay, leave = (
        sum(one.rule.counts(terms.programme.base_date) for one in part) for part in (staying, leaving)
    )
    return SplitPlan(stands.before_yen, remaining, other, stay, leave, effect)


def _cohort(terms: Terms, payout: int) -> str:
    """Whoever was split off applies on paper or by web: an account known for the old household is not theirs."""
    own = [one for one in terms.cohorts if one.payout == payout]
    asked = [one.name for mode in ("apply", "confirm") for one in own if one.mode == mode]
    if not asked:
        raise CannotOrder(
            "この制度には申請の区分がありません。申請の区分を加えた版を開いてから行ってください。"
        )
    return asked[0]


def tidy_reached(reached: Reached) -> Reached:
    """Where letters reach those who leave; raises CannotOrder where they would not."""
    address, code = reached.address.strip(), "".join(c for c in reached.postal_code if c.isdigit())
    if not address:
        raise CannotOrder("分離した方に手紙が届く住所を入力してください。名簿の住所には送りません。")
    if code and len(code) != 7:
        raise CannotOrder("郵便番号は7桁で入力してください。分からないときは空欄にしてください。")
    return Reached(
        code, address[:300], reached.building.strip()[:300], reached.phone.strip()[:30], reached.protected
    )
