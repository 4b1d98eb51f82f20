"""The whole story of a case in one time line: moves, letters, applications, findings, rulings, decisions, money, calls.

Reads only, one query for each kind of thing. Accounts show their last three digits unless the reader may see more.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from todoku.case.change_rules import WAITS
from todoku.case.late_tables import LateOpening, LaterChange, PayeeProposal
from todoku.case.payout_tables import FollowingCase
from todoku.case.stages import stage_name
from todoku.case.tables import Case
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tables import AccountVersion, ContactNote, Submission
from todoku.letters.print_files import run_label
from todoku.letters.tables import Letter
from todoku.payment.hold_kinds import KINDS as HOLD_KINDS
from todoku.payment.side_tables import Hold
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_OUTCOMES, LATE_KINDS
from todoku.recovery.objection_tables import Objection
from todoku.recovery.tables import EntitlementOrder
from todoku.review.codes import CODES
from todoku.review.judge import declined_in_part
from todoku.review.rescreen_tables import TermsChange
from todoku.review.seeded import is_made_up, stands_since, story_of, twin_of
from todoku.review.tables import Finding, Question, Task, Verdict
from todoku.web.office.case_moment import Told, told
from todoku.web.office.case_money import account_words, books, money
from todoku.web.shared.pieces import Moment


def story(
    case: Case, *, whole_account: bool, at_city: bool = False, reader: Actor | None = None
) -> list[Moment]:
    """Everything that happened, newest first. `whole_account`: whether this reader may see account numbers; `at_city`:
    whether an official reads, who sees of a question what the office's manager sent; `reader`: of the office, for whom
    the first verdict of an open second look is not told where the terms keep the second reviewer blind to it."""
    moments = [
        *_letters(case), *_notes(case), *_applications(case, whole_account), *_rulings(case, at_city, reader),
        *money(case, whole_account), *books(case), *_holds(case), *_orders(case),
        *_changes(case), *_terms(case), *_payouts(case), *_moves(case), *_objections(case), *_declining(case),
    ]  # fmt: skip
    # Of one moment the cause stands below its effect: a stage above what brought the case there.
    in_order = sorted(moments, key=lambda one: one[0])
    return [moment for _, moment in in_order[::-1]]


def _holds(case: Case) -> Iterator[Told]:
    for one in Hold.objects.filter(case=case).select_related("opened_by", "closed_by"):
        name = HOLD_KINDS[one.kind].name
        who = one.opened_by.name if one.opened_by else "自動処理"
        yield told(one.opened_at, "保留", f"支払を保留にしました（{name}）", one.reason, who, look="warn")
        if one.closed_at and one.closed_by:
            yield told(
                one.closed_at, "保留", f"保留を解消しました（{name}）", one.outcome, one.closed_by.name
            )


def _objections(case: Case) -> Iterator[Told]:
    for one in Objection.objects.filter(case=case).select_related("registered_by", "answered_by"):
        title = f"{one.title}（{one.get_kind_display()}）を受け付けました"
        about = f"{one.get_about_display()}について、{one.get_channel_display()}で"
        yield told(one.registered_at, "申出", title, about, one.registered_by.name, look="warn")
        if one.state == "answered" and one.answered_by and one.answered_at:
            words = f"{one.get_outcome_display()}。{one.reason}（決裁 {one.order}）"
            yield told(one.answered_at, "申出", f"{one.title}に回答しました", words, one.answered_by.name)
        elif one.answered_at:
            yield told(one.answered_at, "申出", f"{one.title}は取り下げられました", one.reason)


def _declining(case: Case) -> Iterator[Told]:
    for one in DeclineWord.objects.filter(case=case).select_related("settled_by"):
        title = f"{one.get_kind_display()}の申出（{one.get_channel_display()}）"
        yield told(one.told_at, "辞退", title, one.said_by, one.told_to, look="warn")
        if one.settled_at:
            who = one.settled_by.name if one.settled_by else "自動処理"
            yield told(one.settled_at, "辞退", one.get_state_display(), one.words, who)


def _moves(case: Case) -> Iterator[Told]:
    for event in story_of(case):
        yield told(
            event.at,
            "",
            f"「{stage_name(event.to_stage)}」になりました",
            event.move.why,
            event.move.actor_name,
        )


def _payouts(case: Case) -> Iterator[Told]:
    """Which paid case it follows in a further payout, or is followed by; nothing is asked where the terms have but one."""
    terms = case.programme.terms
    if not terms.payouts:
        return
    found = FollowingCase.objects.filter(Q(case=case) | Q(earlier=case))
    for one in found.select_related("case", "earlier", "opening"):
        title = f"第{one.payout}回「{terms.payout(one.payout).title}」の案件"
        if one.case_id == case.pk:
            title, words = f"{title}です", f"前の支給回の案件 {one.earlier.printed_number} を支給したため"
        else:
            title, words = f"{title}を作成しました", f"案件 {one.case.printed_number}"
        yield told(one.at, "支給回", title, words, one.opening.actor_name)


def _changes(case: Case) -> Iterator[Told]:
    """What came after the base date: why the case was opened late, and what happened to its people since."""
    for late in LateOpening.objects.filter(case=case).select_related("proposal__proposed_by"):
        asked = f"入力 {late.proposal.proposed_by.name}" if late.proposal else ""
        words = "、".join(filter(None, (late.why, f"決裁 {late.order}" if late.order else "", asked)))
        kind = LATE_KINDS.get(late.kind, "名簿・一覧の修正")
        yield told(late.at, "後から対象", f"後から対象になりました（{kind}）", words, late.actor_name)
    yield from _payees(case)
    for one in LaterChange.objects.filter(case=case):
        event, rule = CHANGE_EVENTS[one.event], CHANGE_OUTCOMES[one.rule]
        on = f"{one.happened_on:%Y/%m/%d} " if one.happened_on else ""
        yield told(
            one.found_at,
            "異動",
            f"{on}{event}を確認しました",
            f"制度の定め: {rule}",
            "名簿・一覧",
            look="warn",
        )
        if one.state == "waiting":
            yield told(one.found_at, "異動", "判断を待っています", WAITS[one.waits_for], look="warn")
        elif one.done_at:
            title = (
                "判断を取り消しました"
                if one.state == "undone"
                else f"{event}の扱い: {CHANGE_OUTCOMES[one.outcome]}"
            )
            words = "、".join(filter(None, (f"決裁 {one.order}" if one.order else "", one.why)))
            yield told(one.done_at, "異動", title, words, one.actor_name)


def _payees(case: Case) -> Iterator[Told]:
    """Who was named to receive instead: by one person, and what another said."""
    found = PayeeProposal.objects.filter(change__case=case).select_related("proposed_by", "answered_by")
    for one in found:
        by, order = one.proposed_by.name, f"決裁 {one.order}"
        yield told(one.proposed_at, "異動", f"受け取る方の伺い: {one.get_then_display()}", order, by)
        if one.answered_by and one.answered_at:
            words = "、".join(filter(None, (order, one.answer_why, f"入力 {by}")))
            title = f"受け取る方の伺い: {one.get_state_display()}"
            yield told(one.answered_at, "異動", title, words, one.answered_by.name)


def _terms(case: Case) -> Iterator[Told]:
    """What a new Version made of the case."""
    for one in TermsChange.objects.filter(case=case).select_related("version", "undone_by"):
        yen = (
            f"{one.yen_before:,}円 → {one.yen_after:,}円"
            if one.yen_before is not None and one.yen_after is not None and one.yen_before != one.yen_after
            else ""
        )
        title = f"第{one.version.number}版の開始: {one.get_kind_display()}"
        yield told(one.at, "版", title, yen, look="warn" if one.state == "proposed" else "info")
        if one.undone_at and one.undone_by:
            words = f"決裁 {one.undone_order}"
            yield told(one.undone_at, "版", f"取り消しました（{title}）", words, one.undone_by.name)


def _letters(case: Case) -> Iterator[Told]:
    found = (
        Letter.objects.filter(case=twin_of(case) or case)
        .select_related("run", "undelivered", "pulled")
        .prefetch_related("run__postings")
    )
    for letter in found:
        run: Any = letter.run
        place = f"印刷ロット {run_label(run)} の{letter.piece_no}通目"
        yield told(run.made_at, "手紙", f"{letter.get_kind_display()}を印刷しました", place, run.made_by)
        posted = letter.posting
        if posted:
            title = f"{letter.get_kind_display()}を{posted.posted_on:%m/%d}に差し出しました"
            yield told(posted.at, "手紙", title, place, posted.actor_name)
        back = getattr(letter, "undelivered", None)
        if back:
            words = f"{back.get_reason_display()}（戻った日 {back.returned_on:%m/%d}）。次の手紙は止まっています。"
            yield told(back.at, "不着", "郵便が戻りました", words, back.actor_name, look="warn")


def _applications(case: Case, whole_account: bool) -> Iterator[Told]:
    accounts: dict[int, list[AccountVersion]] = {}
    for version in AccountVersion.objects.filter(submission__case=case).order_by("version"):
        accounts.setdefault(version.submission_id, []).append(version)
    for one in Submission.objects.filter(case=case):
        words = [f"到着日 {one.arrived_on:%Y/%m/%d}", f"受付番号 {one.receipt_number}"]
        for version in accounts.get(one.pk, [])[:1]:
            words.append(account_words(version, whole_account))
        if one.declines:
            words.append("辞退届（一部の方）" if declined_in_part(one) else "辞退届あり")
        title = f"{one.get_channel_display()}の申請が届きました（{one.get_state_display()}）"
        yield told(one.registered_at, "申請", title, "、".join(words), one.actor_name)
        for version in accounts.get(one.pk, [])[1:]:
            yield told(
                version.entered_at, "申請", "口座を直しました", account_words(version, whole_account), version.entered_by
            )  # fmt: skip


def _blind_to(case: Case, reader: Actor | None) -> set[tuple[int, int]]:
    """(application, round) of the second looks that this reader may be dealt: their first verdicts are not told."""
    if (
        reader is None
        or not may(reader.roles, "review.judge")
        or not case.programme.terms.review.blind_second
    ):
        return set()
    looks = Task.objects.filter(case=case, step=2, state__in=["open", "held"])
    if may(reader.roles, "review.lead"):
        # Who leads the desk withdraws verdicts and must see them, except of the look in the own hands.
        looks = looks.filter(claimed_by_id=reader.id)
    return set(looks.values_list("submission_id", "round"))


def _rulings(case: Case, at_city: bool, reader: Actor | None) -> Iterator[Told]:
    found: dict[tuple[datetime, str], list[str]] = {}
    screened = stands_since(case) if is_made_up(case) else None
    for finding in Finding.objects.filter(case=case).order_by("code"):
        by = "" if finding.found_by == "screening" else finding.found_by
        found.setdefault((screened or finding.at, by), []).append(
            f"{finding.code} {CODES[finding.code].name}"
        )
    for (at, by), names in found.items():
        words = "、".join(dict.fromkeys(names))
        yield told(at, "指摘", "不備・確認が見つかりました", words, by or "自動点検", look="warn")
    blind = _blind_to(case, reader)
    for verdict in Verdict.objects.filter(case=case).select_related("staff"):
        hidden = verdict.step == 1 and (verdict.submission_id, verdict.round) in blind
        if hidden and reader and verdict.staff_id != reader.id:
            continue
        step = "一次" if verdict.step == 1 else "二次"
        undone = "（取り消し）" if verdict.undone_at else ""
        codes = "、".join(f"{code} {CODES[code].name}" for code in verdict.codes if code in CODES)
        # What a reviewer asks is for the office's manager, who sends it in his words.
        comment = "" if at_city and verdict.outcome == "refer" else verdict.comment
        text = "。".join(part for part in (codes, comment) if part)
        yield told(
            verdict.at,
            "判定",
            f"{step}審査「{verdict.outcome_words}」{undone}",
            text,
            verdict.staff.name,
            look="ok" if verdict.outcome == "approve" else "warn",
        )
    for question in Question.objects.filter(case=case).select_related("made", "by_ruling", "forwarder"):
        yield from _question(question, at_city)


def _question(question: Question, at_city: bool) -> Iterator[Told]:
    """Asked, sent, answered or given back; the municipality reads of it from the moment it was sent."""
    if not at_city:
        yield told(
            question.asked_at,
            "照会",
            "審査担当が照会を求めました",
            question.asked,
            question.asked_by,
            look="wait",
        )
    if question.forwarded_at and question.forwarder:
        words, who = question.wording, question.forwarder.name
        yield told(question.forwarded_at, "照会", "業務責任者が自治体へ照会しました", words, who, look="wait")
    if question.answered_at is None or at_city and not question.forwarded_at:
        return
    made = getattr(question, "made", None)
    title = {
        "answered": f"自治体の回答「{question.get_ruling_display()}」{made.title if made else ''}",
        "given_back": "業務責任者が審査に差し戻しました",
    }.get(question.state, "照会を取り消しました")
    if question.by_ruling:
        title = f"{question.by_ruling.title}で答えました「{question.get_ruling_display()}」"
    yield told(
        question.answered_at, "照会", title, question.back_words or question.answer, question.answered_by
    )


def _orders(case: Case) -> Iterator[Told]:
    """Orders of the municipality. Why, and where those went who were split off, is not told here: a caller might hear it."""
    for one in EntitlementOrder.objects.filter(case=case).select_related("given_by"):
        words = f"支給額 {one.before_yen:,}円 → {one.after_yen:,}円（決裁 {one.number}）"
        title = f"職権により「{one.get_kind_display()}」を行いました"
        if one.members_left:
            title = f"職権により世帯員{one.members_left}人を分離しました"
        yield told(one.at, "職権", title, words, one.given_by.name)


def _notes(case: Case) -> Iterator[Told]:
    for note in ContactNote.objects.filter(case=case):
        yield told(
            note.at, "応対", note.get_channel_display(), note_words(note), note.actor_name, look="info"
        )


def note_words(note: ContactNote) -> str:
    """A contact note in one paragraph."""
    parts = [note.asked]
    if note.identity_checked:
        parts.insert(0, f"本人確認: {note.identity_checked}")
    if note.caller:
        parts.insert(0, f"相手: {note.caller}")
    if note.promised:
        parts.append(f"約束: {note.promised}")
    if note.call_back_on:
        done = f"（{note.call_back_done_by}が済み）" if note.call_back_done_at else "（未）"
        parts.append(f"折り返し {note.call_back_on:%m/%d}{done}")
    return "　".join(parts)
