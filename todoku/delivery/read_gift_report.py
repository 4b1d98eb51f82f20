"""The issuer's report on a list of codes (利用状況の取込み): what was used is marked, and how much of it, by serial number.

Takes delivered codes, past their last day too; leaves those redeemed that the issuer says were used. A code used that we
never sent is a leak: it refuses the whole report, names the serial numbers, and people look. A code used of a payment that
came back is not taken and stays an open question. The same report again changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import get_current_timezone, localdate

from todoku.bank.match_returns import keep_unmatched
from todoku.delivery.tables import GiftCode, GiftList
from todoku.formats import gift_report
from todoku.formats.bank_report import OTHER, ReturnedTransfer
from todoku.formats.csv_list import ListRefused
from todoku.ground.step import Refusal, Report
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

NAMED_MAX = 5
_REDEEM = """
update todoku_giftcode g set state = 'redeemed', redeemed_at = x.at
  from unnest(%s::text[], %s::timestamptz[]) as x(serial, at)
 where g.gift_list_id = %s and g.serial = x.serial and g.state in ('delivered', 'expired')
"""
# What is left on a code in use only shrinks; an older report says nothing new.
_USE = """
update todoku_giftcode g set used_yen = g.value_yen - x.left_yen
  from unnest(%s::text[], %s::bigint[]) as x(serial, left_yen)
 where g.gift_list_id = %s and g.serial = x.serial and g.state = 'redeemed'
   and g.value_yen - x.left_yen > coalesce(g.used_yen, -1)
"""


class GiftReportRefused(Refusal):
    """The report is not of this list, cannot be read, or says what cannot be. Nothing was taken from it."""


class Held(NamedTuple):
    """A code as it stands: its state and yen, whether it left the house, its payment and that one's state ("" for none)."""

    state: str
    value_yen: int
    delivered: bool
    transfer: int | None
    payment: str

    @property
    def unsent(self) -> bool:
        """Nobody should have been able to use it."""
        return (
            self.state in ("stock", "assigned", "revoked") or self.state == "expired" and not self.delivered
        )


def read_gift_report(
    gift_list: GiftList, data: bytes, *, as_of: date | None = None, actor: Actor, at: datetime
) -> Report:
    """Marks the codes that were used. Report: done = newly marked, waiting = delivered and not used yet, refused = used,
    though their payment came back.

    `as_of`: the day until whose end the issuer reports; without it the report does not count as one after the last day.
    """
    if not may(actor.roles, "gift.take"):
        raise GiftReportRefused("利用状況を取り込む権限がありません。")
    if as_of is not None and as_of > localdate(at):
        raise GiftReportRefused(
            "報告の日付が、今日より後です。発行元がいつ現在で数えたかを確かめてください。"
        )
    uses = _read(data)
    with transaction.atomic():
        held = _held(gift_list)
        _ask(uses, held)
        _ask_left(uses, held)
        late = [use for use in uses if use.redeemed and held[use.serial].payment == "returned"]
        told = _question(late, held, actor, at)
        used = [
            use for use in uses if use.redeemed and use not in late and held[use.serial].state != "redeemed"
        ]
        _mark(gift_list, used, [use for use in uses if use not in late], at)
        lacking = _reported_on(gift_list, as_of, uses, held)
        record_look(
            actor=actor, action="gift.report", subject_kind="gift_list", subject_id=gift_list.pk, at=at,
            programme_slug=gift_list.programme.slug,
            reason=f"利用登録{len(used):,}枚" + (f" {as_of:%Y/%m/%d}現在" if as_of else ""),
        )  # fmt: skip
    waiting = GiftCode.objects.filter(gift_list=gift_list, state="delivered").count()
    note = f"利用登録済み{len(used):,}枚、未登録{waiting:,}枚です。{lacking}"
    return Report(done=len(used), waiting=waiting, refused=told, note=note)


def _held(gift_list: GiftList) -> dict[str, Held]:
    """The codes of the list by serial number; the payments of those past their last day do not come back meanwhile."""
    codes = GiftCode.objects.filter(gift_list=gift_list)
    assert len(codes.select_for_update().values_list("pk")) == gift_list.count
    past = codes.filter(state="expired", transfer__isnull=False)
    list(
        Transfer.objects.select_for_update()
        .filter(pk__in=past.values("transfer_id"))
        .order_by("pk")
        .values_list("pk")
    )
    columns = ("serial", "state", "value_yen", "delivered_at", "transfer_id", "transfer__state")
    return {
        serial: Held(state, value, delivered is not None, transfer, payment or "")
        for serial, state, value, delivered, transfer, payment in codes.values_list(*columns)
    }


def _mark(
    gift_list: GiftList, used: Sequence[gift_report.Use], known: Sequence[gift_report.Use], at: datetime
) -> None:
    """Marks what was used, and writes how much is left of what is known to be in use."""
    with connection.cursor() as cursor:
        cursor.execute(
            _REDEEM, [[use.serial for use in used], [_moment(use, at) for use in used], gift_list.pk]
        )
        assert cursor.rowcount == len(used), f"{len(used)} used, {cursor.rowcount} marked"
        left = [(use.serial, use.left_yen) for use in known if use.redeemed and use.left_yen is not None]
        cursor.execute(_USE, [[serial for serial, _ in left], [yen for _, yen in left], gift_list.pk])


def _reported_on(
    gift_list: GiftList, as_of: date | None, uses: Sequence[gift_report.Use], held: Mapping[str, Held]
) -> str:
    """Writes until which day the list is reported on; or says of how many codes the report says nothing."""
    if as_of is None:
        return ""
    named = {use.serial for use in uses}
    lacking = [
        serial
        for serial, one in held.items()
        if serial not in named and one.delivered and one.state in ("delivered", "expired")
    ]
    if lacking:
        return (
            f"報告にないコードが{len(lacking):,}枚あるため、{as_of:%Y年%m月%d日}現在の報告とは扱いません。"
            "一覧のすべてのコードの利用状況を発行元に求めてください。"
        )
    GiftList.objects.filter(Q(reported_on__isnull=True) | Q(reported_on__lt=as_of), pk=gift_list.pk).update(
        reported_on=as_of
    )
    return ""


def _question(
    late: Sequence[gift_report.Use], held: Mapping[str, Held], actor: Actor, at: datetime
) -> tuple[tuple[str, str], ...]:
    """Codes used of payments that came back: each an open question on its batch, once; gives them with what is to be done."""
    why = "返却した支払のギフトコード（管理番号{}）が使われています。再支払を止め、支払済みなら返還を求めてください。"
    for use in late:
        payment = held[use.serial].transfer
        assert payment is not None, "a code of no payment is a leak"
        transfer = Transfer.objects.select_related("batch").get(pk=payment)
        asked = UnmatchedReturn.objects.filter(
            programme_id=transfer.programme_id, number=transfer.number, why=why.format(use.serial)
        )
        if not asked.exists():
            assert transfer.batch is not None, "what came back was in a batch"
            row = ReturnedTransfer(
                use.line, transfer.number, held[use.serial].value_yen, OTHER, "その他", None
            )
            keep_unmatched(transfer.batch, [(row, why.format(use.serial))], parcel=None, actor=actor, at=at)
    return tuple((use.serial, why.format(use.serial)) for use in late)


def _read(data: bytes) -> list[gift_report.Use]:
    try:
        found = gift_report.read(data)
    except ListRefused as why:
        raise GiftReportRefused(why.sentence) from None
    if found.problems:
        raise GiftReportRefused(
            f"{len(found.problems)}か所に誤りがあるため、取り込んでいません。{found.problems[0].sentence}"
        )
    return found.uses


def _ask(uses: Sequence[gift_report.Use], held: Mapping[str, Held]) -> None:
    strange = [use.serial for use in uses if use.serial not in held]
    if strange:
        raise GiftReportRefused(
            f"この一覧にない管理番号が{len(strange):,}件あります（{'、'.join(strange[:NAMED_MAX])}）。別の注文の報告でないか確かめてください。"
        )
    leaked = [use.serial for use in uses if use.redeemed and held[use.serial].unsent]
    if leaked:
        raise GiftReportRefused(
            f"送っていないか失効させたコードが使われています（{'、'.join(leaked[:NAMED_MAX])}"
            f"{' ほか' if len(leaked) > NAMED_MAX else ''}、計{len(leaked):,}枚）。"
            "漏えいのおそれがあります。発行元に停止を求め、業務責任者と自治体に連絡してください。"
        )


def _ask_left(uses: Sequence[gift_report.Use], held: Mapping[str, Held]) -> None:
    odd = [
        use.serial for use in uses if use.left_yen is not None and use.left_yen > held[use.serial].value_yen
    ]
    if odd:
        raise GiftReportRefused(
            f"残高が額面より大きいコードがあります（{'、'.join(odd[:NAMED_MAX])}）。発行元に確かめてください。"
        )


def _moment(use: gift_report.Use, at: datetime) -> datetime:
    """Noon of the day that the issuer names, or now."""
    return datetime.combine(use.on, time(12), get_current_timezone()) if use.on else at
