"""Reads what an auditor asks of cases: who, how much, every event, where each sheet lies, which pictures; flat, by chunks.

Takes ids of cases; leaves plain records in the order of the ids. Changes nothing. One query for each kind of thing,
whatever the number of cases.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.timezone import localtime

from todoku.case.stages import stage_name
from todoku.formats import bank_master
from todoku.handback.record import CaseRecord, Event, Place, Shown
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tables import ContactNote, Submission
from todoku.ledger.accounts import KINDS as BOOKED
from todoku.letters.tables import KINDS as LETTERS
from todoku.letters.tables import Undelivered
from todoku.mailroom.tables import STATIONS, Envelope, Sheet
from todoku.payment.rails import RAILS
from todoku.payment.tables import Result, Transfer
from todoku.recovery.objection_tables import Objection
from todoku.review.codes import CODES
from todoku.review.tables import Question, Verdict

Rows = Iterator[tuple[int, Event]]


def records_of(cases: Sequence[int]) -> list[CaseRecord]:
    """One record a case, in the order of `cases`."""
    events: dict[int, list[Event]] = {case: [] for case in cases}
    for read in _EVENTS:
        for case, event in read(cases):
            events[case].append(event._replace(at=localtime(event.at)))
    places: dict[int, list[Place]] = {case: [] for case in cases}
    for case, place in _places(cases):
        places[case].append(place)
    pictures: dict[int, list[Shown]] = {case: [] for case in cases}
    for case, picture in _pictures(cases):
        pictures[case].append(picture)
    heads = {row[0]: row[1:] for row in _rows(_HEADS, cases)}
    return [
        CaseRecord._make(
            (
                *heads[case],
                tuple(sorted(events[case], key=lambda event: event.at)),
                tuple(places[case]),
                tuple(pictures[case]),
            )
        )
        for case in cases
    ]


def _rows(query: str, cases: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"cases": list(cases)})
        return cursor.fetchall()


# Paid is what was settled and not given back, over all parts.
_HEADS = """
select c.id, c.number, h.number, r.household_number, h.name, h.kana, g.stage,
       (select min(s.arrived_on) from todoku_submission s where s.case_id = c.id),
       coalesce((select sum(e.amount_yen) from todoku_entitlement e
                  where e.case_id = c.id and e.superseded_by_order = ''), 0)::bigint,
       coalesce((select sum(t.amount_yen) from todoku_transfer t where t.case_id = c.id and t.state = 'settled'), 0)::bigint,
       (select max(b.value_date) from todoku_transfer t join todoku_batch b on b.id = t.batch_id
         where t.case_id = c.id and t.state = 'settled')
  from todoku_case c
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  join todoku_casestage g on g.case_id = c.id
 where c.id = any(%(cases)s)
"""


def _moves(cases: Sequence[int]) -> Rows:
    query = """
    select e.case_id, e.at, e.to_stage, m.why, m.actor_name from todoku_caseevent e join todoku_move m on m.id = e.move_id
     where e.case_id = any(%(cases)s)
    """
    for case, at, to, why, who in _rows(query, cases):
        yield case, Event(at, "段階", f"「{stage_name(to)}」", why, who)


def _letters(cases: Sequence[int]) -> Rows:
    query = """
    select l.case_id, p.made_at, l.kind, p.id, l.piece_no, l.copy, p.made_by, d.at, d.posted_on, d.actor_name,
           u.at, u.reason, u.returned_on, u.actor_name, x.voided_at, x.voided_by
      from todoku_letter l join todoku_printrun p on p.id = l.run_id
      left join todoku_postedletter d on d.letter_id = l.id
      left join todoku_undelivered u on u.letter_id = l.id
      left join todoku_pulledpiece x on x.letter_id = l.id and x.voided_at is not null
     where l.case_id = any(%(cases)s)
    """
    kinds, reasons = dict(LETTERS), dict(Undelivered.REASONS)
    for row in _rows(query, cases):
        (
            case,
            made,
            kind,
            run,
            piece,
            copy,
            made_by,
            posted,
            posted_on,
            posted_by,
            back,
            why,
            back_on,
            back_by,
            void,
            by,
        ) = row
        what = f"{kinds.get(kind, kind)}（印刷ロット{run}・{piece}通目・{copy}部目）"
        yield case, Event(made, "手紙", f"{what}を作成", "", made_by)
        if void:
            yield case, Event(void, "手紙", f"{what}を抜き取り", "", by)
        if posted:
            yield case, Event(posted, "手紙", f"{what}を発送", f"差出日 {_day(posted_on)}", posted_by)
        if back:
            yield (
                case,
                Event(back, "不着", f"{what}が返戻", f"{reasons[why]}、戻った日 {_day(back_on)}", back_by),
            )


def _envelopes(cases: Sequence[int]) -> Rows:
    query = """
    select distinct s.case_id, e.opened_at, e.id, e.arrived_on, e.postmark, e.postmark_on, e.opened_by
      from todoku_sheet s join todoku_envelope e on e.id = s.envelope_id
     where s.case_id = any(%(cases)s) and s.voided_at is null
    """
    words = dict(Envelope.POSTMARKS)
    for case, at, envelope, arrived, postmark, on, who in _rows(query, cases):
        dates = f"到達日 {_day(arrived)}、消印 {_day(on) if on else words[postmark]}"
        yield case, Event(at, "開封", f"封書{envelope}を開封", dates, who)


def _submissions(cases: Sequence[int]) -> Rows:
    query = """
    select case_id, registered_at, channel, receipt_number, arrived_on, state, declines, actor_name
      from todoku_submission where case_id = any(%(cases)s)
    """
    channels, states = dict(Submission.CHANNELS), dict(Submission.STATES)
    for case, at, channel, receipt, arrived, state, declines, who in _rows(query, cases):
        title = f"{channels[channel]}の申請 {receipt}（{states[state]}）" + ("・辞退" if declines else "")
        yield case, Event(at, "申請", title, f"到着日 {_day(arrived)}", who)


def _keyings(cases: Sequence[int]) -> Rows:
    query = """
    select t.case_id, k.finished_at, k.round, k.actor_name from todoku_keying k join todoku_keytask t on t.id = k.task_id
     where t.case_id = any(%(cases)s)
    """
    for case, at, turn, who in _rows(query, cases):
        yield case, Event(at, "打鍵", f"{turn}回目の入力" if turn < 3 else "不一致の確定", "", who)
    query = """
    select t.case_id, k.at, k.field, k.why, k.actor_name from todoku_keycorrection k join todoku_keytask t on t.id = k.task_id
     where t.case_id = any(%(cases)s)
    """
    for case, at, field, why, who in _rows(query, cases):
        yield case, Event(at, "打鍵", f"入力の訂正（{field}）", why, who)


def _accounts(cases: Sequence[int]) -> Rows:
    query = """
    select s.case_id, a.entered_at, a.version, a.bank, a.branch, a.kind, a.number, a.holder_kana, a.entered_by
      from todoku_accountversion a join todoku_submission s on s.id = a.submission_id where s.case_id = any(%(cases)s)
    """
    for case, at, version, bank, branch, kind, number, holder, who in _rows(query, cases):
        yield (
            case,
            Event(at, "口座", f"口座（第{version}版）", _account(bank, branch, kind, number, holder), who),
        )


def _rulings(cases: Sequence[int]) -> Rows:
    found = "select case_id, at, code, found_by from todoku_finding where case_id = any(%(cases)s)"
    for case, at, code, by in _rows(found, cases):
        who = "自動点検" if by == "screening" else by
        yield case, Event(at, "指摘", f"{code} {CODES[code].name}" if code in CODES else code, "", who)
    judged = """
    select v.case_id, v.at, v.step, v.outcome, v.codes, v.comment, s.name, v.undone_at
      from todoku_verdict v join todoku_staff s on s.id = v.staff_id where v.case_id = any(%(cases)s)
    """
    outcomes = dict(Verdict.OUTCOMES)
    for case, at, step, outcome, codes, comment, who, undone in _rows(judged, cases):
        title = f"{'一次' if step == 1 else '二次'}審査「{outcomes[outcome]}」" + (
            "（取消し）" if undone else ""
        )
        yield case, Event(at, "審査", title, "、".join([*codes, *([comment] if comment else [])]), who)
    asked = """
    select q.case_id, q.forwarded_at, q.wording, f.name, q.answered_at, q.state, q.ruling, q.answer, q.answered_by,
           coalesce(m.number, b.number), b.number is not null
      from todoku_question q left join todoku_staff f on f.id = q.forwarder_id
      left join todoku_ruling m on m.question_id = q.id left join todoku_ruling b on b.id = q.by_ruling_id
     where q.case_id = any(%(cases)s) order by q.id
    """
    rulings = dict([*Question.ANSWERS, *Question.CHANGES])
    for case, sent, words, who, answered, state, ruling, answer, by, number, again in _rows(asked, cases):
        if sent:
            yield case, Event(sent, "照会", "自治体へ照会", words, who)
        if state == "answered":
            whose = "裁定による回答" if again else "自治体の回答"
            yield case, Event(answered, "照会", f"{whose}「{rulings[ruling]}」裁定第{number}号", answer, by)


def _decisions(cases: Sequence[int]) -> Rows:
    query = """
    select d.case_id, l.decided_at, d.outcome, d.amount_yen, d.reason, d.in_force, l.id, l.sha256, l.decided_by
      from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
     where d.case_id = any(%(cases)s) and l.decided_at is not null
    """
    for case, at, outcome, yen, reason, in_force, made, digest, who in _rows(query, cases):
        words = (
            f"支給 {yen:,}円"
            if outcome == "grant"
            else f"不支給 {CODES[reason].name if reason in CODES else reason}"
        )
        state = "" if in_force else "（効力なし）"
        yield case, Event(at, "決定", f"{words}{state}", f"決定一覧{made} SHA-256 {digest}", who)


def _payments(cases: Sequence[int]) -> Rows:
    query = """
    select t.case_id, t.made_at, t.number, t.amount_yen, t.state, t.rail, t.bank, t.branch, t.kind, t.account_number,
           t.holder_kana, t.batch_id, b.value_date, f.name, p.sha256, t.line, r.at, r.reason
      from todoku_transfer t
      left join todoku_batch b on b.id = t.batch_id
      left join todoku_batchfile f on f.batch_id = t.batch_id and f.number = t.file_number
      left join todoku_parcel p on p.id = f.parcel_id
      left join todoku_result r on r.transfer_id = t.id
     where t.case_id = any(%(cases)s)
    """
    states, reasons = dict(Transfer.STATES), dict(Result.REASONS)
    for row in _rows(query, cases):
        case, at, number, yen, state, rail, *account, batch, value, name, digest, line, back, why = row
        to = _account(*account) if rail == "bank" else RAILS[rail].name
        where = (
            f"。振込データ{batch}（{_day(value)}）{name} {line}行目 SHA-256 {digest}"
            if batch and name
            else ""
        )
        yield case, Event(at, "支払", f"{number} {yen:,}円（{states[state]}）", f"{to}{where}", "")
        if back:
            yield case, Event(back, "支払", f"{number} 振込不能", reasons[why], "")


def _books(cases: Sequence[int]) -> Rows:
    query = """
    select case_id, at, kind, amount_yen, reason, actor_name, second_name from todoku_ledgerentry
     where case_id = any(%(cases)s)
    """
    for case, at, kind, yen, reason, who, second in _rows(query, cases):
        yield (
            case,
            Event(
                at, "帳簿", f"{BOOKED[kind].name} {yen:,}円", reason, "・".join(n for n in (who, second) if n)
            ),
        )


def _notes(cases: Sequence[int]) -> Rows:
    query = "select case_id, at, channel, asked, promised, actor_name from todoku_contactnote where case_id = any(%(cases)s)"
    channels = dict(ContactNote.CHANNELS)
    for case, at, channel, asked, promised, who in _rows(query, cases):
        yield (
            case,
            Event(at, "応対", channels[channel], " → ".join(part for part in (asked, promised) if part), who),
        )


def _said(cases: Sequence[int]) -> Rows:
    """What was said against decisions and about declining, and how it ended."""
    query = """
    select o.case_id, o.registered_at, 'objection', o.number::text, o.kind, o.words, s.name
      from todoku_objection o join todoku_staff s on s.id = o.registered_by_id where o.case_id = any(%(cases)s)
    union all
    select o.case_id, o.answered_at, 'answer', o.number::text, o.outcome, concat_ws(' ', o.reason, o.order), coalesce(s.name, '')
      from todoku_objection o left join todoku_staff s on s.id = o.answered_by_id
     where o.case_id = any(%(cases)s) and o.answered_at is not null
    union all
    select w.case_id, w.told_at, 'told', w.channel, w.kind, w.said_by, w.told_to
      from todoku_declineword w where w.case_id = any(%(cases)s)
    union all
    select w.case_id, w.settled_at, 'settled', w.state, w.kind, w.words, coalesce(s.name, '自動処理')
      from todoku_declineword w left join todoku_staff s on s.id = w.settled_by_id
     where w.case_id = any(%(cases)s) and w.settled_at is not null
    """
    kinds, outcomes = dict(Objection.KINDS), dict(Objection.OUTCOMES)
    words, channels, states = dict(DeclineWord.KINDS), dict(DeclineWord.CHANNELS), dict(DeclineWord.STATES)
    for case, at, what, first, second, text, who in _rows(query, cases):
        title = {
            "objection": f"申出第{first}号（{kinds.get(second, '')}）を受付",
            "answer": f"申出第{first}号：{outcomes.get(second, '取下げ')}",
            "told": f"{words.get(second, '')}の申出（{channels.get(first, '')}）",
            "settled": f"{words.get(second, '')}：{states.get(first, '')}",
        }[what]
        yield case, Event(at, "申出", title, text, who)


def _looks(cases: Sequence[int]) -> Rows:
    query = """
    select subject_id, at, action, reason, actor_name, refused from todoku_auditevent
     where subject_kind = 'case' and subject_id = any(%(cases)s)
    """
    for case, at, action, reason, who, refused in _rows(query, cases):
        yield case, Event(at, "閲覧", action + ("（拒否）" if refused else ""), reason, who)


_EVENTS = (
    _moves, _letters, _envelopes, _submissions, _keyings, _accounts, _rulings, _decisions, _payments, _books, _notes, _said,
    _looks,
)  # fmt: skip


def _places(cases: Sequence[int]) -> Iterator[tuple[int, Place]]:
    query = """
    select s.case_id, s.envelope_id, s.no, s.kind, c.code, s.position, c.station
      from todoku_sheet s join todoku_container c on c.id = s.container_id
     where s.case_id = any(%(cases)s) and s.voided_at is null order by s.case_id, s.envelope_id, s.no
    """
    kinds, stations = dict(Sheet.KINDS), dict(STATIONS)
    for case, envelope, no, kind, code, position, station in _rows(query, cases):
        yield case, Place(f"{envelope}-{no}", kinds[kind], code, position, stations[station])


def _pictures(cases: Sequence[int]) -> Iterator[tuple[int, Shown]]:
    scans = """
    select case_id, path, sha256, lot_id, no from todoku_scanpage
     where case_id = any(%(cases)s) and state in ('read', 'attached') order by case_id, lot_id, no
    """
    for case, path, digest, lot, no in _rows(scans, cases):
        yield case, Shown(path, digest, f"scan-{lot}-{no}")
    documents = """
    select s.case_id, d.path, d.sha256, d.kind, d.id from todoku_document d join todoku_submission s on s.id = d.submission_id
     where s.case_id = any(%(cases)s) and d.kind <> 'form' order by s.case_id, d.id
    """
    for case, path, digest, kind, number in _rows(documents, cases):
        yield case, Shown(path, digest, f"{kind}-{number}")


def _account(bank: str, branch: str, kind: int, number: str, holder: str) -> str:
    if not bank:
        return ""
    known, office = bank_master.bank(bank), bank_master.branch(bank, branch)
    names = f"{known.name if known else bank} {office.name if office else branch}"
    return f"{names}（{bank}-{branch}） 種目{kind} {number} {holder}"


def _day(day: date | datetime | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""
