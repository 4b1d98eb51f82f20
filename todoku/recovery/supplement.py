"""What was paid too little is paid later (追給): an order proposes the right amount, another officer decides the list.

Takes a case that was paid; leaves one more part of its entitlement on an open supplement list. make_transfers pays it
once decided. What was paid and is kept, with the supplement, never exceeds the corrected amount (the database holds it);
the case stays PAID.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from todoku.bank.credited import credited_account
from todoku.case.tables import Case, Entitlement
from todoku.ground.step import Refusal
from todoku.intake.tables import AccountVersion
from todoku.payment.rails import RAILS
from todoku.payment.tables import LIVE, Transfer
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.recovery import order_plan
from todoku.recovery.order_standing import Standing, standing_of
from todoku.recovery.put_right import Given, ask_new, person_of, tidy
from todoku.recovery.tables import EntitlementOrder
from todoku.review.supplement_list import put_on_list
from todoku.review.tables import Decision

PROPOSERS = ACTIONS["entitlement.order"] | ACTIONS["decision.propose"]


class CannotSupplement(Refusal):
    """Nothing is missing, or it is put right in another way, or there is no account to pay it to."""


def plan_supplement(case: Case, corrected_yen: int) -> int:
    """Yen that the supplement would pay; raises CannotSupplement."""
    return _missing(case, corrected_yen, standing_of(case))


def supplement(
    case: Case, *, corrected_yen: int, given: Given, account: AccountVersion | None = None, actor: Actor, at: datetime
) -> EntitlementOrder:  # fmt: skip
    """Proposes that `corrected_yen` is right in all. `account`: one that was submitted for this case since; without it
    the money goes where the last payment went. Raises CannotSupplement."""
    given = _ask(given, actor)
    with transaction.atomic():
        _hold(case)
        missing = _missing(case, corrected_yen, standing_of(case))
        rail, account = _where(case, account)
        first = case.entitlement
        part = 1 + (Entitlement.objects.filter(case=case).aggregate(last=Max("part"))["last"] or 1)
        Entitlement.objects.create(
            case=case, programme_id=case.programme_id, payout=case.payout, recipient_id=case.recipient_id,
            version_id=first.version_id, part=part, amount_yen=missing, member_count=first.member_count,
            corrected_yen=corrected_yen, why=given.why,
        )  # fmt: skip
        return _put_forward(
            case, "supplement", part, missing, rail, account, given,
            before_yen=corrected_yen - missing, after_yen=corrected_yen, actor=actor, at=at,
        )  # fmt: skip


def propose_again(
    case: Case, *, part: int, given: Given, account: AccountVersion | None = None, actor: Actor, at: datetime
) -> EntitlementOrder:  # fmt: skip
    """Puts a supplement forward again: one that came back, to an account submitted since; or one no list holds."""
    given = _ask(given, actor)
    with transaction.atomic():
        _hold(case)
        due = Entitlement.objects.filter(case=case, part=part, superseded_by_order="").first()
        if part < 2 or due is None or not waits(case, part):
            raise CannotSupplement("この追給は、もう一度提案するところにありません。画面を更新してください。")
        back = Transfer.objects.filter(case=case, part=part, state="returned").order_by("-pk").first()
        rail, account = _where(case, account)
        if (
            back is not None
            and account is not None
            and (account.bank, account.branch, account.kind, account.number)
            == (back.bank, back.branch, back.kind, back.account_number)
        ):
            raise CannotSupplement(
                "この口座は、前の追給が戻った口座です。別の口座の届出を受け付けて、その口座を選んでください。"
            )
        yen = due.corrected_yen or due.amount_yen
        return _put_forward(
            case, "account", part, due.amount_yen, rail, account, given, before_yen=yen, after_yen=yen, actor=actor, at=at,
        )  # fmt: skip


def waits(case: Case, part: int) -> bool:
    """Whether a supplement is due but neither paid, nor decided, nor on an open list."""
    return not (
        Transfer.objects.filter(case=case, part=part, state__in=LIVE).exists()
        or Decision.objects.filter(case=case, part=part, in_force=True).exists()
        or Decision.objects.filter(case=case, part=part, decision_list__state="open")
        .exclude(outcome="sent_back")
        .exists()
    )


def accounts_of(case: Case) -> list[AccountVersion]:
    """The accounts that were submitted for the case and are whole, the newest first; of each submission the last version."""
    found = AccountVersion.objects.filter(submission__case=case).order_by("submission_id", "-version")
    last = found.distinct("submission_id").select_related("submission")
    return sorted((one for one in last if _whole(one)), key=lambda one: -one.pk)


def _ask(given: Given, actor: Actor) -> Given:
    if not actor.roles & PROPOSERS or actor.id is None:
        raise CannotSupplement("追給を提案できるのは、自治体の担当課職員と事務局の業務責任者だけです。")
    return tidy(given)


def _hold(case: Case) -> None:
    Programme.objects.select_for_update(no_key=True).get(pk=case.programme_id)


def _missing(case: Case, corrected_yen: int, stands: Standing) -> int:
    if stands.payment in order_plan.WAIT_WORDS:
        raise CannotSupplement(order_plan.WAIT_WORDS[stands.payment])
    if stands.payment != order_plan.PAID:
        raise CannotSupplement("まだ支払っていない案件です。「支給予定額の訂正」で正しい額に改めてください。")
    # What was paid and is kept, whatever was due by then: a claim may have been taken back since.
    missing, cap = corrected_yen - stands.kept_yen, case.programme.terms.payment.cap_per_transfer_yen
    if missing <= 0:
        raise CannotSupplement(
            f"支給済みの額は{stands.kept_yen:,}円です。追給は、正しい支給額がこれより多いときに行います。"
        )
    if stands.kept_yen <= 0:
        raise CannotSupplement(
            "支給済みの額の全部について返還を請求しています。返還請求を取り消し、返還を求める額で請求し直してください。"
        )
    if stands.due_yen > stands.kept_yen:
        raise CannotSupplement(
            f"支給予定額は{stands.due_yen:,}円、返還を請求した分を除いた支給済みの額は{stands.kept_yen:,}円です。"
            f"先に担当課が、支給額を{stands.kept_yen:,}円に改めてから、追給を提案してください。"
        )
    if missing > cap:
        raise CannotSupplement(
            f"追給する{missing:,}円が、1件の上限（{cap:,}円）を超えています。額を確認してください。"
        )
    return missing


def _where(case: Case, account: AccountVersion | None) -> tuple[str, AccountVersion | None]:
    """The rail, and for the bank the account: the one named, or else the one that was credited last."""
    if account is not None:
        if account.submission.case_id != case.pk or not _whole(account):
            raise CannotSupplement("この案件に届け出られた、すべてそろった口座を選んでください。")
        return "bank", account
    last = (
        Transfer.objects.filter(case=case, state="settled")
        .select_related("decision__account")
        .order_by("-part")
        .first()
    )
    assert last is not None, "a supplement follows what was paid"
    if not RAILS[last.rail].needs_account:
        return last.rail, None
    if credited_account(last).amended:
        raise CannotSupplement(
            "前回の振込は、金融機関への訂正依頼で別の口座に入金されています。口座の届出を受け付けて、その口座を選んでください。"
        )
    return "bank", last.decision.account


def _whole(one: AccountVersion) -> bool:
    lengths = (len(one.bank), len(one.branch), len(one.number))
    return lengths == (4, 3, 7) and one.kind > 0 and bool(one.holder_kana.strip())


def _put_forward(
    case: Case, kind: str, part: int, yen: int, rail: str, account: AccountVersion | None, given: Given, *,
    before_yen: int, after_yen: int, actor: Actor, at: datetime,
) -> EntitlementOrder:  # fmt: skip
    ask_new(case, kind, given.number)
    put_on_list(
        case, part=part, amount_yen=yen, rail=rail, account=account, remark=f"追給（決裁 {given.number}）",
        actor=actor, at=at,
    )  # fmt: skip
    record_look(
        actor=actor, action="entitlement.order", subject_kind="case", subject_id=case.pk, at=at,
        programme_slug=case.programme.slug, reason=f"追給 {yen:,}円を提案（決裁 {given.number}）",
    )  # fmt: skip
    return EntitlementOrder.objects.create(
        programme=case.programme, case=case, kind=kind, reason=given.reason, number=given.number, why=given.why, part=part,
        before_yen=before_yen, after_yen=after_yen, given_by_id=person_of(actor), at=at,
    )  # fmt: skip
