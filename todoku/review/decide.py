"""Proposals → a decision list on a digest → 支給・不支給 by the municipality's official; nobody else decides.

Takes cases at PASSED; leaves them DECIDED or REFUSED. The office makes the list, an officer decides exactly the list
that its digest names, or sends single cases back to review first.
"""

import hashlib
from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.custody import files
from todoku.custody.receive import record
from todoku.ground.step import Refusal, Report
from todoku.ledger.entitle import entitle, withdraw
from todoku.ledger.post import Rows
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.decision_lists import count_again, current_digest, file_name, list_bytes
from todoku.review.reopen import reopen
from todoku.review.supplement_list import let_go
from todoku.review.tables import Decision, DecisionList

__all__ = ["make_list", "send_back", "decide", "current_digest", "without_account"]


class NothingToDecide(Refusal):
    """No proposal waits for a list."""


class ListChanged(Refusal):
    """The list is not the one that the digest names, or is no longer open."""


class NeedsReason(Refusal):
    """A case is sent back without saying why."""


class NotTheDecider(Refusal):
    """Only an officer of the municipality decides; a supplement another one than who proposed it."""


PROPOSED = """
insert into todoku_decision (decision_list_id, case_id, part, outcome, reason, amount_yen, rail, account_id, remark,
  in_force)
select %s, p.case_id, 1, p.outcome, p.reason,
       case when p.outcome = 'grant' then e.amount_yen else 0 end, p.rail, p.account_id, '', false
  from todoku_proposal p
  left join todoku_accountversion a on a.id = p.account_id
  join todoku_casestage g on g.case_id = p.case_id and g.stage = 'passed'
  join todoku_case c on c.id = p.case_id and c.programme_id = %s
  join todoku_entitlement e on e.case_id = p.case_id and e.part = 1 and e.superseded_by_order = ''
 where not exists (
   select 1 from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
    where d.case_id = p.case_id and l.state = 'open' and d.outcome <> 'sent_back')
   -- Who is to receive, or whether anybody, waits for the municipality's word.
   and not exists (select 1 from todoku_laterchange w where w.case_id = p.case_id and w.state = 'waiting')
"""
# Money cannot go to half an account: such a proposal is left off the list and named, so that it stops no other.
WHOLE_ACCOUNT = r"""
   and (p.outcome = 'refuse' or p.rail <> 'bank'
        or (a.bank ~ '^\d{4}$' and a.branch ~ '^\d{3}$' and a.kind > 0 and a.number ~ '^\d{7}$'
            and trim(a.holder_kana) <> ''))
"""
WITHOUT_ACCOUNT = r"""
select c.number from todoku_proposal p
  join todoku_casestage g on g.case_id = p.case_id and g.stage = 'passed'
  join todoku_case c on c.id = p.case_id and c.programme_id = %s
  left join todoku_accountversion a on a.id = p.account_id
 where p.outcome = 'grant' and p.rail = 'bank'
   and not coalesce(a.bank ~ '^\d{4}$' and a.branch ~ '^\d{3}$' and a.kind > 0 and a.number ~ '^\d{7}$'
            and trim(a.holder_kana) <> '', false)
 order by c.number
"""
REPLACED = """
select id from todoku_decision
 where in_force and (case_id, part) in (
   select case_id, part from todoku_decision where decision_list_id = %s and outcome <> 'sent_back')
"""
OUT_OF_FORCE = f"update todoku_decision set in_force = false where id in ({REPLACED})"
IN_FORCE = "update todoku_decision set in_force = true where decision_list_id = %s and outcome <> 'sent_back'"
GRANTED = (
    "select id, case_id, amount_yen from todoku_decision where decision_list_id = %s and outcome = 'grant'"
)
OF_OUTCOME = "select case_id from todoku_decision where decision_list_id = %s and outcome = %s"


def make_list(*, programme: Programme, actor: Actor, at: datetime) -> DecisionList:
    """Gathers every proposal at PASSED that is on no open list; raises NothingToDecide."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two who gather at the same moment wait for each other: a case is on one open list.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        made = DecisionList.objects.create(
            programme=programme, grants=0, refusals=0, total_yen=0, sha256="", made_at=at, made_by=actor.name
        )
        cursor.execute(PROPOSED + WHOLE_ACCOUNT, [made.pk, programme.pk])
        if cursor.rowcount == 0:
            left = without_account(programme)
            if left:
                raise NothingToDecide(
                    f"口座がそろっていない{len(left):,}件のほかに、決定を待っている案件はありません。"
                    f"案件{left[0]}から、審査へ戻して口座を確認してください。"
                )
            raise NothingToDecide("決定を待っている案件はありません。審査が進むと、ここにまとめられます。")
        count_again(made)
    return made


def without_account(programme: Programme) -> list[str]:
    """Case numbers proposed for a bank payment whose account is not whole: no list takes them, review mends them."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_ACCOUNT, [programme.pk])
        return [number for (number,) in cursor.fetchall()]


def send_back(decision: Decision, *, reason: str, actor: Actor, at: datetime) -> DecisionList:
    """An officer takes one case off an open list and back to review; the list's totals and digest follow.

    A list from which every case was taken is void.
    """
    _ask_officer(actor, "一覧から外せるのは自治体の担当課職員だけです。")
    if not reason.strip():
        raise NeedsReason("差し戻す理由を書いてください。事務局の業務責任者に伝わります。")
    with transaction.atomic():
        made = _open_list(
            decision.decision_list_id, "この一覧は決定済みです。決定後の変更は別の手続きになります。"
        )
        if not made.decisions.filter(pk=decision.pk).exclude(outcome="sent_back").exists():
            raise ListChanged("この案件は、すでに一覧から外れています。画面を更新してください。")
        if made.kind == "supplement":
            let_go(decision, order=f"決定一覧{made.pk}から差戻し")
        reopen(
            [decision.case_id], programme=made.programme, reason="sent_back", remark=reason.strip(), actor=actor, at=at
        )  # fmt: skip
        made.refresh_from_db()
    return made


def decide(made: DecisionList, *, sha256: str, actor: Actor, at: datetime) -> Report:
    """The official's decision on exactly this digest: grants → DECIDED, refusals → REFUSED; all or nothing."""
    _ask_officer(actor, "支給・不支給を決定できるのは自治体の担当課職員だけです。")
    changed = "一覧の内容が、確認した時点から変わっています。もう一度開いて確認してから決定してください。"
    with transaction.atomic():
        made = _open_list(made.pk, changed)
        if made.kind == "supplement" and made.proposer_id == actor.id:
            raise NotTheDecider(
                "追給は、提案した人とは別の担当課職員が決定します。別の職員に依頼してください。"
            )
        data = list_bytes(made)
        if made.sha256 != sha256 or hashlib.sha256(data).hexdigest() != sha256:
            raise ListChanged(changed)
        _set_in_force(made, actor, at)
        # A supplement is beside what was paid: its case stays where it stands.
        if made.kind == "first":
            _move(made, actor, at)
        written = files.write(f"decisions/{made.programme.slug}/{file_name(made)}", data)
        assert written.sha256 == sha256, "the kept list is the one that was decided"
        parcel = record(
            written, kind="decisions", name=file_name(made), scope=made.programme.slug, from_party=actor.organisation,
            to_party="保管", actor=actor, at=at, count=made.grants + made.refusals,
        )  # fmt: skip
        DecisionList.objects.filter(pk=made.pk).update(
            state="decided", decided_at=at, decided_by=actor.name, decider_id=actor.id, file=parcel
        )
    return Report(done=made.grants + made.refusals)


def _ask_officer(actor: Actor, sentence: str) -> None:
    """By the table alone: what the system may do by itself never includes deciding."""
    if not actor.roles & ACTIONS["decision.decide"]:
        raise NotTheDecider(sentence)


def _open_list(pk: int, sentence: str) -> DecisionList:
    made = DecisionList.objects.select_for_update(of=("self",)).select_related("programme").get(pk=pk)
    if made.state != "open":
        raise ListChanged(sentence)
    return made


def _move(made: DecisionList, actor: Actor, at: datetime) -> None:
    moved = {
        outcome: move(
            Selection(OF_OUTCOME, [made.pk, outcome]),
            programme=made.programme, to=stage, why=f"決定一覧{made.pk}", actor=actor, at=at,
        )
        for outcome, stage in (("grant", stages.DECIDED), ("refuse", stages.REFUSED))
    }  # fmt: skip
    if (moved["grant"], moved["refuse"]) != (made.grants, made.refusals):
        raise ListChanged("決定待ちでなくなった案件が含まれています。一覧を作り直してください。")


def _set_in_force(made: DecisionList, actor: Actor, at: datetime) -> None:
    """The new decisions take the place of earlier ones of the same cases (after an objection or a failed transfer).

    What is owed follows into the books; more than the budget holds is refused there.
    """
    programme = made.programme
    withdraw(
        Rows(REPLACED, [made.pk]),
        programme=programme,
        actor=actor,
        at=at,
        reason=f"決定一覧{made.pk}で改めて決定",
    )
    entitle(Rows(GRANTED, [made.pk]), programme=programme, actor=actor, at=at)
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_FORCE, [made.pk])
        cursor.execute(IN_FORCE, [made.pk])
