"""Proposals → a decision list on a digest → 支給・不支給 by the municipality's official; nobody else decides.

Takes cases at PASSED; leaves them DECIDED or REFUSED. The office makes the list, an officer decides exactly the list
that its digest names, or sends single cases back to review first.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.screen import reopen
from todoku.review.tables import Decision, DecisionList


class NothingToDecide(Refusal):
    """No proposal waits for a list."""


class ListChanged(Refusal):
    """The list is not the one that the digest names, or is no longer open."""


class NotTheDecider(Refusal):
    """Only an officer of the municipality decides."""


# The rows in the order and with the fields that the digest covers.
ROWS = """
select c.number, d.outcome, d.reason, d.amount_yen, coalesce(a.bank, ''), coalesce(a.branch, ''),
       coalesce(a.kind, 0), coalesce(a.number, ''), coalesce(a.holder_kana, '')
  from todoku_decision d
  join todoku_case c on c.id = d.case_id
  left join todoku_accountversion a on a.id = d.account_id
 where d.decision_list_id = %s and d.outcome <> 'sent_back'
 order by c.number
"""


def make_list(*, programme: Programme, actor: Actor, at: datetime) -> DecisionList:
    """Gathers every proposal at PASSED that is on no open list; raises NothingToDecide."""
    with transaction.atomic(), connection.cursor() as cursor:
        made = DecisionList.objects.create(
            programme=programme, grants=0, refusals=0, total_yen=0, sha256="", made_at=at, made_by=actor.name
        )
        cursor.execute(
            """
            insert into todoku_decision
              (decision_list_id, case_id, outcome, reason, amount_yen, account_id, remark, in_force)
            select %s, p.case_id, p.outcome, p.reason,
                   case when p.outcome = 'grant' then e.amount_yen else 0 end, p.account_id, '', false
              from todoku_proposal p
              join todoku_casestage g on g.case_id = p.case_id and g.stage = 'passed'
              join todoku_case c on c.id = p.case_id and c.programme_id = %s
              join todoku_entitlement e on e.case_id = p.case_id
             where not exists (
               select 1 from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
                where d.case_id = p.case_id and l.state = 'open' and d.outcome <> 'sent_back')
            """,
            [made.pk, programme.pk],
        )
        if cursor.rowcount == 0:
            raise NothingToDecide("決定を待っている案件はありません。審査が進むと、ここにまとめられます。")
        _total(made)
    return made


def digest_of(rows: Iterable[tuple[object, ...]]) -> str:
    """Pure. SHA-256 over the rows, one line each, fields by tabulator; what an official's decision covers."""
    text = "".join("\t".join(str(field) for field in row) + "\n" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def current_digest(made: DecisionList) -> str:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [made.pk])
        return digest_of(cursor.fetchall())


def _total(made: DecisionList) -> None:
    """Counts, total and digest from the rows themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) filter (where outcome = 'grant'), count(*) filter (where outcome = 'refuse'),
                   coalesce(sum(amount_yen) filter (where outcome = 'grant'), 0)
              from todoku_decision where decision_list_id = %s
            """,
            [made.pk],
        )
        made.grants, made.refusals, made.total_yen = cursor.fetchone()  # type: ignore[misc]
    made.sha256 = current_digest(made)
    made.save(update_fields=["grants", "refusals", "total_yen", "sha256"])


def send_back(decision: Decision, *, reason: str, actor: Actor, at: datetime) -> DecisionList:
    """An officer takes one case off an open list and back to review; the list's totals and digest follow."""
    if not may(actor.roles, "decision.decide"):
        raise NotTheDecider("一覧から外せるのは自治体の担当課職員だけです。")
    if not reason.strip():
        raise ListChanged("差し戻す理由を書いてください。審査担当者に伝わります。")
    with transaction.atomic():
        made = (
            DecisionList.objects.select_for_update()
            .select_related("programme")
            .get(pk=decision.decision_list_id)
        )
        if made.state != "open":
            raise ListChanged("この一覧は決定済みです。決定後の変更は別の手続きになります。")
        Decision.objects.filter(pk=decision.pk).update(outcome="sent_back", remark=reason.strip()[:200])
        reopen([decision.case_id], programme=made.programme, reason="sent_back", actor=actor, at=at)
        _total(made)
    return made


def decide(made: DecisionList, *, sha256: str, actor: Actor, at: datetime) -> Report:
    """The official's decision on exactly this digest: grants → DECIDED, refusals → REFUSED; all or nothing."""
    if not may(actor.roles, "decision.decide"):
        raise NotTheDecider("支給・不支給を決定できるのは自治体の担当課職員だけです。")
    with transaction.atomic():
        made = DecisionList.objects.select_for_update().select_related("programme").get(pk=made.pk)
        if made.state != "open" or made.sha256 != sha256 or current_digest(made) != sha256:
            raise ListChanged(
                "一覧の内容が、確認した時点から変わっています。もう一度開いて確認してから決定してください。"
            )
        _set_in_force(made)
        moved = {
            outcome: move(
                Selection(
                    "select case_id from todoku_decision where decision_list_id = %s and outcome = %s", [made.pk, outcome]
                ),
                programme=made.programme, to=stage, why=f"決定一覧{made.pk}", actor=actor, at=at,
            )
            for outcome, stage in (("grant", stages.DECIDED), ("refuse", stages.REFUSED))
        }  # fmt: skip
        if (moved["grant"], moved["refuse"]) != (made.grants, made.refusals):
            raise ListChanged("決定待ちでなくなった案件が含まれています。一覧を作り直してください。")
        DecisionList.objects.filter(pk=made.pk).update(state="decided", decided_at=at, decided_by=actor.name)
    return Report(done=made.grants + made.refusals)


def _set_in_force(made: DecisionList) -> None:
    """The new decisions take the place of earlier ones of the same cases (after an objection or a failed transfer)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update todoku_decision set in_force = false
             where in_force and case_id in (select case_id from todoku_decision where decision_list_id = %s)
            """,
            [made.pk],
        )
        cursor.execute(
            "update todoku_decision set in_force = true where decision_list_id = %s and outcome <> 'sent_back'",
            [made.pk],
        )
