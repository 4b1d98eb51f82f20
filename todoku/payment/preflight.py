"""What would break a batch's files, or should be looked at, record by record (事前確認).

Takes an open batch; leaves a list that names transfers. Changes nothing: seal asks what blocks and refuses it.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.formats import zengin
from todoku.formats.bank_cut_off import cut_off
from todoku.formats.bank_days import is_bank_day
from todoku.formats.refused import FormatRefused
from todoku.formats.zengin_problems import problems
from todoku.formats.zengin_read import read
from todoku.payment.bank_file import header_of, profile_of, render, rows_of
from todoku.payment.rails import RAILS, FileOf, PayRow
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import Batch

OVER_CAP = """
select t.number, t.amount_yen from todoku_transfer t
 where t.batch_id = %s and t.state = 'ready' and t.amount_yen > %s order by t.number
"""
# An account that the municipality listed for many (施設・成年後見人) receives up to its own limit. One pass with a window:
# a join with the sums would be planned as a loop within a loop while the batch's rows are newer than the statistics.
OVER_ACCOUNT_CAP = """
select t.number, coalesce(p.limit_yen, %s), p.id is not null
  from (select number, programme_id, bank, branch, kind, account_number,
               sum(amount_yen) over (partition by bank, branch, kind, account_number) as yen
          from todoku_transfer where batch_id = %s and state = 'ready' and rail = 'bank') t
  left join todoku_sharedpayee p on p.programme_id = t.programme_id and p.approved_at is not null and p.ended_at is null
   and (p.bank, p.branch, p.account_kind, p.account_number) = (t.bank, t.branch, t.kind, t.account_number)
 where t.yen > coalesce(p.limit_yen, %s) order by t.number
"""
HELD = """
select distinct t.number from todoku_transfer t join todoku_hold h on h.case_id = t.case_id and h.closed_at is null
 where t.batch_id = %s and t.state = 'ready' order by 1
"""
SUMS = "select count(*), coalesce(sum(amount_yen), 0) from todoku_transfer where batch_id = %s and state = 'ready'"


class Doubt(NamedTuple):
    """One thing to see to: the transfer's number ("" for the whole batch), a sentence, whether it stops the seal."""

    number: str
    sentence: str
    blocks: bool = True


def preflight(batch: Batch, *, on: date) -> list[Doubt]:
    """Every doubt about an open batch on a day, the finished file's included; sealable when none of them blocks."""
    found = blocking(batch, on=on)
    if not found:
        found = [*_late(batch, on), *_of_file(batch)]
    return sorted(found, key=lambda doubt: (not doubt.blocks, doubt.number))


def blocking(batch: Batch, *, on: date) -> list[Doubt]:
    """What stops a seal and can be said without writing the file: a few set-based questions, whatever the size."""
    return [*_of_batch(batch, on), *_of_rows(batch)]


def number_at(batch: Batch, file_number: int, line: int) -> str:
    """The transfer on a line of a file that is not written yet (the header is line 1); "" where there is none."""
    for place, row in enumerate(rows_of(batch, file_number), 2):
        if place == line:
            return row.number
    return ""


def _of_batch(batch: Batch, on: date) -> Iterator[Doubt]:
    if batch.value_date <= on:
        yield Doubt(
            "",
            "振込指定日が今日か、過ぎています。この振込データを取り消し、新しい振込日で作り直してください。",
        )
    elif not is_bank_day(batch.value_date):
        yield Doubt(
            "",
            "振込指定日が銀行の営業日ではありません。この振込データを取り消し、作り直してください。",
        )
    if not batch.count:
        yield Doubt("", "明細が残っていません。この振込データを取り消してください。")
    if UnmatchedReturn.objects.filter(programme=batch.programme, resolved_at__isnull=True).exists():
        yield Doubt(
            "", "照合できない返却があります。「振込後の照会・組戻し」で解決してから確定してください。"
        )
    if not batch.budget_item or not batch.payment_order:
        yield Doubt("", "科目と支出命令番号が入っていません。振込データの画面で入力してください。")
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [batch.pk])
        if tuple(map(int, cursor.fetchone())) != (batch.count, batch.total_yen):
            yield Doubt(
                "",
                "件数または合計額が、作成した時点から変わっています。この振込データを取り消して作り直してください。",
            )


def _of_rows(batch: Batch) -> Iterator[Doubt]:
    """The programme's upper limits, for one transfer and for all that goes to one account; and what is held."""
    payment = batch.programme.terms.payment
    cap, account_cap = payment.cap_per_transfer_yen, payment.cap_per_account_yen
    with connection.cursor() as cursor:
        cursor.execute(OVER_CAP, [batch.pk, cap])
        for number, amount in cursor.fetchall():
            yield Doubt(number, f"{amount:,}円は1件の上限（{cap:,}円）を超えています。")
        cursor.execute(OVER_ACCOUNT_CAP, [account_cap, batch.pk, account_cap])
        for number, limit, listed in cursor.fetchall():
            remedy = (
                "代理受領口座の上限を確認してください。"
                if listed
                else "施設・成年後見人の口座なら、代理受領口座として自治体の承認を受けてください。"
            )
            yield Doubt(
                number, f"同じ口座への合計が上限（{limit:,}円）を超えています。"
                f"口座を確認し、誤りがあれば審査へ戻してください。{remedy}",
            )  # fmt: skip
        cursor.execute(HELD, [batch.pk])
        for (number,) in cursor.fetchall():
            yield Doubt(number, "保留中です。保留の画面で解消するか、この振込データから外してください。")


def _late(batch: Batch, on: date) -> Iterator[Doubt]:
    if not RAILS[batch.rail].proven:
        return
    profile = profile_of(batch.programme)
    until = cut_off(profile, batch.value_date)
    if until.date() < on:
        yield Doubt(
            "", f"金融機関の受付は振込日の{profile.lead_days}営業日前{profile.cut_off:%H:%M}"
            f"（{until.month}月{until.day}日）までです。間に合うか、出納に確認してください。", blocks=False,
        )  # fmt: skip


def _of_file(batch: Batch) -> Iterator[Doubt]:
    """What the format refuses, or else what a careful clerk would question in the finished files."""
    done = 0
    try:
        for file in render(batch):
            done = file.number
            if RAILS[batch.rail].proven:
                yield from _questions(batch, file.number, file.data)
    except FormatRefused:
        yield from _refused(batch, done + 1)


def _questions(batch: Batch, file_number: int, data: bytes) -> Iterator[Doubt]:
    found = problems(read(data), batch.value_date)
    if not found:
        return
    numbers = {line: row.number for line, row in enumerate(rows_of(batch, file_number), 2)}
    for one in found:
        yield Doubt(numbers.get(one.line, ""), one.sentence, one.severity == "error")


def _refused(batch: Batch, file_number: int) -> Iterator[Doubt]:
    """Each record that the format refuses; the writer itself stops at the first one."""
    programme = batch.programme
    header, profile = header_of(programme, batch.value_date), profile_of(programme)
    file = FileOf(programme.municipality_id, programme.slug, batch.pk, file_number, header, profile)
    for row in rows_of(batch, file_number):
        why = _why_refused(batch.rail, file, row)
        if why is None:
            continue
        if isinstance(why, zengin.ZenginRefused) and why.line == 1:
            yield Doubt("", why.sentence)
            return
        # The line that the writer names is that of its own trial, not of the batch's file.
        field = getattr(why, "field", "")
        yield Doubt(row.number, f"「{field}」: {why.sentence.rpartition('」: ')[2]}")


def _why_refused(rail: str, file: FileOf, row: PayRow) -> FormatRefused | None:
    try:
        RAILS[rail].write(file, [row])
    except FormatRefused as why:
        return why
    return None
