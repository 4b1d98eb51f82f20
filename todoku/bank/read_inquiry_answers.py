"""The bank's answers on accounts (振込口座照会の回答 99) → confirmed accounts, findings, and cases back in review.

Takes the answer file of one inquiry, all or nothing: every line must be the line that was asked, with its account and
our number. 0 lets the account be paid to; 1, 2 and 9 become findings that two reviewers look at. Pays nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.bank.inquire_accounts import our_number
from todoku.bank.tables import AccountInquiry
from todoku.case import stages
from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.formats import zengin
from todoku.formats.zengin_layout import INQUIRY_RESULT
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal, Report
from todoku.payment.hand_back import Back, CannotHandBack, hand_all_back
from todoku.payment.hold import lock_batches_of
from todoku.payment.kept_files import kept_bytes
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.case_locks import hold_cases
from todoku.review.reopen import reopen

FOUND_BY = "振込口座照会"
CONFIRMED = "0"
# The bank's answer → the deficiency that two people look at: no such account, another name, see the bank's word.
FINDINGS = {"1": "D10", "2": "D12", "9": "D10"}
ASKED = """
select q.line, q.account_id, q.case_id, c.number, a.submission_id, g.stage
  from todoku_inquiredaccount q
  join todoku_accountversion a on a.id = q.account_id
  join todoku_case c on c.id = q.case_id
  join todoku_casestage g on g.case_id = q.case_id
 where q.inquiry_id = %s order by q.line
"""
ANSWER = """
update todoku_inquiredaccount q set answer = x.answer
  from unnest(%s::int[], %s::text[]) as x(line, answer) where q.inquiry_id = %s and q.line = x.line
"""


class AnswerRefused(Refusal):
    """The file does not answer this inquiry, line by line; nothing was taken from it."""


class Asked(NamedTuple):
    """One account as asked: the columns of ASKED, in order."""

    line: int
    account: int
    case: int
    case_number: str
    submission: int
    stage: str


def read_answers(inquiry: AccountInquiry, data: bytes, *, name: str, actor: Actor, at: datetime) -> Report:
    """Takes the bank's answers: `done` confirmed, `refused` the others by case number with the answer in words.

    The same file again changes nothing. Raises AnswerRefused naming the first line that does not fit.
    """
    if not may(actor.roles, "account.answer"):
        raise AnswerRefused("口座照会の回答は、振込データ作成担当か自治体の出納が取り込みます。")
    parcel, _new = receive(
        data, kind="inquiry_answer", name=name, scope=inquiry.programme.slug, from_party="金融機関", actor=actor, at=at
    )  # fmt: skip
    with transaction.atomic():
        found = (
            AccountInquiry.objects.select_for_update(of=("self",))
            .select_related("programme", "parcel")
            .get(pk=inquiry.pk)
        )
        if found.answer_id == parcel.pk:
            return Report(note="この回答は取り込み済みです。変更はありません。")
        if found.answer_id is not None or found.cancelled_at is not None:
            raise AnswerRefused("この照会は、回答を取り込んだか取り消しています。別の照会を選んでください。")
        asked = _asked(found)
        answers = _matched(asked, _questions(found), data)
        _keep(found, parcel, answers, at)
        others = [(one, answer) for one, answer in zip(asked, answers, strict=True) if answer != CONFIRMED]
        _find(others, at)
        _back_to_review(found.programme, others, actor, at)
        record_look(
            actor=actor, action="account.answers", subject_kind="inquiry", subject_id=found.pk, at=at,
            programme_slug=found.programme.slug, reason=f"確認済{len(asked) - len(others)}件、その他{len(others)}件",
        )  # fmt: skip
    return Report(
        done=len(asked) - len(others),
        refused=tuple((one.case_number, zengin.ANSWERS[answer]) for one, answer in others),
    )


def _asked(inquiry: AccountInquiry) -> list[Asked]:
    with connection.cursor() as cursor:
        cursor.execute(ASKED, [inquiry.pk])
        return [Asked(*row) for row in cursor.fetchall()]


def _matched(asked: Sequence[Asked], questions: zengin.File, data: bytes) -> list[str]:
    """The answer to each line asked, in order; raises AnswerRefused at the first line that is another's."""
    try:
        file = zengin.read(data)
    except zengin.ZenginRefused as why:
        raise AnswerRefused(why.sentence) from why
    if file.header.kind != INQUIRY_RESULT:
        raise AnswerRefused(
            f"種別{file.header.kind}のファイルです。金融機関から受け取った口座照会の結果（99）を選んでください。"
        )
    if len(file.rows) != len(asked) or file.trailer.row_count != len(asked):
        raise AnswerRefused(
            f"照会した{len(asked):,}件に対して、回答が{len(file.rows):,}件です。ほかの照会の回答でないか確認してください。"
        )
    for one, sent, row in zip(asked, questions.rows, file.rows, strict=True):
        wrong = _difference(one, sent, row)
        if wrong:
            raise AnswerRefused(
                f"{one.line}件目の{wrong}が、照会した内容と違います。1件も取り込んでいません。金融機関に確認してください。"
            )
    return [row.answer for row in file.rows]


def _difference(one: Asked, sent: zengin.Row, row: zengin.Row) -> str:
    """The first thing in which an answer is not of the account asked; "" where it is."""
    if row.customer_code_1.zfill(10) != our_number(one.account):
        return "番号（顧客コード1）"
    if (row.bank, row.branch, row.account_kind, row.account_number) != (
        sent.bank, sent.branch, sent.account_kind, sent.account_number
    ):  # fmt: skip
        return "口座"
    if row.name != sent.name:
        return "受取人名"
    return "" if row.answer in zengin.ANSWERS else "照会回答コード"


def _questions(inquiry: AccountInquiry) -> zengin.File:
    """The file as it was handed over: what the bank read is what its answers are held against."""
    data = kept_bytes(inquiry.parcel, inquiry.parcel.sha256)
    return zengin.read(data)


def _keep(inquiry: AccountInquiry, parcel: Parcel, answers: Sequence[str], at: datetime) -> None:
    AccountInquiry.objects.filter(pk=inquiry.pk).update(answer=parcel, answered_at=at)
    with connection.cursor() as cursor:
        cursor.execute(ANSWER, [list(range(1, len(answers) + 1)), list(answers), inquiry.pk])
        assert cursor.rowcount == inquiry.count, f"{inquiry.count} asked, {cursor.rowcount} answered"


def _find(others: Sequence[tuple[Asked, str]], at: datetime) -> None:
    copy_rows(
        "todoku_finding",
        ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
        (
            (one.submission, one.case, FINDINGS[answer], "account", "look", f'{{"bank_answer": "{answer}"}}', FOUND_BY, at)
            for one, answer in others
        ),
    )  # fmt: skip


def _back_to_review(
    programme: Programme, others: Sequence[tuple[Asked, str]], actor: Actor, at: datetime
) -> None:
    """Cases before and after the decision go back to the reviewers; who stands elsewhere is looked at there already."""
    cases = [one.case for one, _ in others]
    hold_cases(cases, programme.pk)
    lock_batches_of(cases)
    reopen(
        [one.case for one, _ in others if one.stage == stages.PASSED], programme=programme, reason="bank_answer",
        actor=actor, at=at,
    )  # fmt: skip
    decided = [
        Back(one.case, f"口座照会の回答「{zengin.ANSWERS[answer]}」")
        for one, answer in others
        if one.stage == stages.DECIDED
    ]
    try:
        hand_all_back(decided, programme=programme, actor=actor, at=at)
    except CannotHandBack as why:
        line = next(one.line for one, _ in others if one.case == why.case)
        raise AnswerRefused(f"{line}件目の案件は審査へ戻せません。{why.sentence}") from why
