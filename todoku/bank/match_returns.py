"""Lines of the bank's report → the transfers they mean, one to one, or why not. It reads; what follows is the callers'.

A line that fits no transfer at the bank is an open question (照合できない返却), kept by `keep_unmatched`; one that
belongs to another batch only stands on the wrong screen.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from todoku.custody.tables import Parcel
from todoku.formats.bank_report import ReturnedTransfer
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look

AT_THE_BANK = ("sent", "settled")


class Match(NamedTuple):
    """A line and its transfer: id, batch, and whether the transfer came back before."""

    row: ReturnedTransfer
    transfer: int
    batch: int
    known: bool


class Matched(NamedTuple):
    """`taken` came back now, `known` did so before; `unmatched` fits nothing (with why); `elsewhere`: a refusal."""

    taken: list[Match]
    known: list[Match]
    unmatched: list[tuple[ReturnedTransfer, str]]
    elsewhere: str


def match_returns(batch: Batch, rows: Sequence[ReturnedTransfer], *, other_batches: bool) -> Matched:
    """Holds every line against the programme's transfers. `other_batches`: lines of other batches are taken too."""
    found = {
        number: (pk, amount, state, of)
        for pk, number, amount, state, of in Transfer.objects.filter(
            programme_id=batch.programme_id, number__in=[row.number for row in rows]
        ).values_list("id", "number", "amount_yen", "state", "batch_id")
    }
    matched = Matched([], [], [], "")
    seen: set[str] = set()
    for row in rows:
        if row.number in seen:
            why = f"依頼番号{row.number}が2回あります。金融機関に正しい結果を確認してください。"
            matched.unmatched.append((row, why))
            continue
        seen.add(row.number)
        pk, amount, state, of = found.get(row.number, (0, 0, "", None))
        if state == "sending" or of != batch.pk and state in (*AT_THE_BANK, "returned") and not other_batches:
            return matched._replace(elsewhere=_where(row, of, state))
        if state not in (*AT_THE_BANK, "returned"):
            matched.unmatched.append((row, _not_ours(row, of)))
        elif row.amount != amount:
            why = f"{row.line}行目: 依頼番号{row.number}の金額が依頼と違います。金融機関に確認してください。"
            matched.unmatched.append((row, why))
        else:
            assert of is not None, "what went to the bank went in a batch"
            known = state == "returned"
            (matched.known if known else matched.taken).append(Match(row, pk, of, known))
    return matched


def keep_unmatched(
    batch: Batch,
    lines: Sequence[tuple[ReturnedTransfer, str]],
    *,
    parcel: Parcel | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Keeps lines that fit no transfer as open questions on the batch; those of a file that are kept already stay one."""
    UnmatchedReturn.objects.bulk_create(
        (
            UnmatchedReturn(
                batch=batch, programme_id=batch.programme_id, parcel=parcel, line=row.line, number=row.number,
                amount_yen=row.amount, reason=row.reason, returned_on=row.returned_on, why=why[:200], opened_at=at,
                opened_by_id=actor.id,
            )
            for row, why in lines
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    record_look(
        actor=actor, action="batch.unmatched", subject_kind="batch", subject_id=batch.pk, at=at,
        programme_slug=batch.programme.slug, reason=f"照合できない返却{len(lines)}件",
    )  # fmt: skip


def unmatched_words(lines: Sequence[tuple[ReturnedTransfer, str]]) -> str:
    """What a person is told when lines fit nothing: the first of them, and that nothing was taken."""
    more = f"（ほか{len(lines) - 1}件）" if len(lines) > 1 else ""
    return (
        f"{lines[0][1]}{more} 1件も取り込んでいません。照合できない行は「振込後の照会・組戻し」に残り、解決するまで"
        "次の振込データを確定できません。"
    )


def _where(row: ReturnedTransfer, of: int | None, state: str) -> str:
    assert of is not None
    other = Batch.objects.get(pk=of)
    if state == "sending":
        words = f"結果不明の振込データ{other.pk}の番号です。先に、金融機関の受付を確認してください。"
    else:
        words = (
            f"振込データ{other.pk}（{other.get_state_display()}）の番号です。その画面で取り込んでください。"
        )
    return f"{row.line}行目: 依頼番号{row.number}はこの振込データにありません。{words}"


def _not_ours(row: ReturnedTransfer, of: int | None) -> str:
    other = Batch.objects.filter(pk=of).first() if of else None
    where = "別の事業の結果でないか、金融機関に確認してください。"
    if other:
        where = (
            f"金融機関へ渡していない振込データ{other.pk}（{other.get_state_display()}）の番号です。"
            "金融機関に確認してください。"
        )
    return f"{row.line}行目: 依頼番号{row.number}はこの振込データにありません。{where}"
