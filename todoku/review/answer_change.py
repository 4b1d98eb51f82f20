"""The municipality rules on a change after the base date (異動についての裁定), and the ruling decides it.

Takes a question about a change that the office's manager sent, or an earlier ruling for changes of the same line of the
table; leaves the numbered ruling and the change decided by it. What the ruling leaves to find out (the heir, the new head)
waits at the office, with the ruling's number as its order; whom it names receives once another person has confirmed it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.change_rules import BEFORE_DECISION, HANDS, MAY_LAPSE, line_of
from todoku.case.decide_change import decide_change
from todoku.case.late_tables import LaterChange
from todoku.case.name_payee import Heir
from todoku.case.tables import CaseStage
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.registry.tables import Person
from todoku.review.answer import AlreadyAnswered, NeedsAnswer, NotForwarded, NotTheOfficer
from todoku.review.answer_by_ruling import RulingDoesNotFit
from todoku.review.case_locks import hold_cases, hold_stages
from todoku.review.forward import with_manager
from todoku.review.ruling_tables import Ruling
from todoku.review.settle_change import put_to_another
from todoku.review.tables import Question

# Under which such a ruling waits at the office where it cannot be carried out by itself: keys of change_rules.WAITS.
_WAITS = {"estate": "heir", "new_head": "successor", "new_guardian": "successor"}


def answer_change(
    question: Question, *, then: str, text: str, like: bool = False, words: str = "", payee: Person | None = None,
    heir: Heir | None = None, actor: Actor, at: datetime,
) -> Ruling:  # fmt: skip
    """Records an officer's ruling and its reason; `like`: also for later changes of the same line. `payee` and `heir` as in
    decide_change, where the officer knows them. Raises NotTheOfficer, NeedsAnswer, NotForwarded, AlreadyAnswered."""
    if not actor.roles & ACTIONS["question.answer"]:
        raise NotTheOfficer("照会に回答できるのは自治体の担当課職員だけです。")
    if then not in dict(Question.CHANGES) or not text.strip():
        raise NeedsAnswer("扱いを選び、理由を書いてください。事務局はこの理由のとおりに扱います。")
    with transaction.atomic():
        _hold(question)
        held = _sent(question)
        assert held.change is not None and actor.id is not None
        held.state, held.ruling, held.answer = "answered", then, text.strip()
        held.answerer_id, held.answered_by, held.answered_at = actor.id, actor.name, at
        held.save()
        made = _rule(held, held.change, like, words, actor, at)
        _carry_out(held.change, made, payee, heir, actor, at)
    return made


def answer_change_by_ruling(question: Question, *, ruling: Ruling, actor: Actor, at: datetime) -> Question:
    """The manager answers by a ruling that stands for changes of this line. Raises RulingDoesNotFit."""
    with transaction.atomic():
        _hold(question)
        held = with_manager(question, actor=actor)
        assert held.change is not None, "a question about a change"
        if ruling not in rulings_on(held.change, localdate(at)):
            raise RulingDoesNotFit(f"{ruling.title}は、この異動には及びません。自治体へ送ってください。")
        held.state, held.ruling, held.by_ruling = "answered", ruling.outcome, ruling
        held.answer = f"{ruling.title}による。{ruling.reason}"
        held.answerer_id, held.answered_by, held.answered_at = actor.id, actor.name, at
        held.save()
        _carry_out(held.change, ruling, None, None, actor, at)
    return held


def _hold(question: Question) -> None:
    """Its case, before the question itself: the ruling may take it off a list and move it."""
    hold_cases([question.case_id], question.programme_id)
    hold_stages([question.case_id])


def rulings_on(change: LaterChange, today: object) -> list[Ruling]:
    """The rulings in force for changes of this line of the table, the newest first."""
    found = Ruling.objects.filter(
        programme=change.programme_id, scope="like", line=line_of(change.event, change.who, change.phase)
    ).order_by("-number")
    return [one for one in found if one.ended_on is None or one.ended_on > today]  # type: ignore[operator]


def _sent(question: Question) -> Question:
    held = (
        Question.objects.select_for_update(of=("self",))
        .select_related("programme", "change__programme")
        .get(pk=question.pk)
    )
    if held.state == "answered":
        raise AlreadyAnswered(f"この照会には{held.answered_by}さんが回答済みです。")
    if held.state != "sent":
        raise NotForwarded("この照会は、事務局の業務責任者から送られていません。一覧に戻ってください。")
    return held


def _rule(
    question: Question, change: LaterChange, like: bool, words: str, actor: Actor, at: datetime
) -> Ruling:
    assert actor.id is not None, "an officer is a person"
    last = Ruling.objects.filter(programme=question.programme).order_by("-number").first()
    return Ruling.objects.create(
        programme=question.programme, number=last.number + 1 if last else 1, question=question, outcome=question.ruling,
        reason=question.answer, scope="like" if like else "case", line=line_of(change.event, change.who, change.phase),
        words=words.strip()[:200], ruled_on=localdate(at), ruled_by_id=actor.id, at=at,
    )  # fmt: skip


def _carry_out(
    change: LaterChange, ruling: Ruling, payee: Person | None, heir: Heir | None, actor: Actor, at: datetime
) -> None:
    """Decides by the ruling's number. Where somebody must still be found or confirmed, or the case stands too far on, the change
    goes on waiting with the ruling as its order. Raises CannotDecide for a person who cannot receive."""
    lacks, then = _lacks(change, ruling.outcome), ruling.outcome
    if not lacks:
        decide_change(change, then=then, order=ruling.title, why=ruling.reason[:200], actor=actor, at=at)
        return
    LaterChange.objects.filter(pk=change.pk, state="waiting").update(
        waits_for=lacks, order=ruling.title, why=ruling.reason[:200], actor_name=actor.name
    )
    named = heir is not None and heir.name.strip() if then == "estate" else payee is not None
    if lacks == _WAITS.get(then) and named:
        put_to_another(
            change, then=then, order=ruling.title, why=ruling.reason[:200], payee=payee, heir=heir, actor=actor, at=at
        )  # fmt: skip


def _lacks(change: LaterChange, then: str) -> str:
    """What stands between the ruling and its carrying out, a key of change_rules.WAITS; "" for nothing."""
    stage = CaseStage.objects.select_for_update().get(case=change.case_id).stage
    if then == "lapse":
        return "" if stage in MAY_LAPSE else "stage"
    if then not in HANDS:
        return ""
    return _WAITS[then] if stage == stages.PASSED or stage in BEFORE_DECISION else "stage"
