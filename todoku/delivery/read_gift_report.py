"""The issuer's report on a list of codes (利用状況の取込み): what was used is marked, and how much of it, by serial number.

Takes delivered codes; leaves those redeemed that the issuer says were used. A code used that we never sent is a leak: it
refuses the whole report, names the serial numbers, and people look. All or nothing; the same report again changes nothing.
"""

from datetime import datetime, time

from django.db import connection, transaction
from django.utils.timezone import get_current_timezone

from todoku.delivery.tables import GiftCode, GiftList
from todoku.formats import gift_report
from todoku.formats.csv_list import ListRefused
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

NAMED_MAX = 5
_REDEEM = """
update todoku_giftcode g set state = 'redeemed', redeemed_at = x.at
  from unnest(%s::text[], %s::timestamptz[]) as x(serial, at)
 where g.gift_list_id = %s and g.serial = x.serial and g.state = 'delivered'
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


def read_gift_report(gift_list: GiftList, data: bytes, *, actor: Actor, at: datetime) -> Report:
    """Marks the codes that were used. Report: done = newly marked, waiting = delivered and not used yet."""
    if not may(actor.roles, "gift.take"):
        raise GiftReportRefused("利用状況を取り込む権限がありません。")
    uses = _read(data)
    with transaction.atomic(), connection.cursor() as cursor:
        held = GiftCode.objects.select_for_update().filter(gift_list=gift_list)
        rows = list(held.values_list("serial", "state", "value_yen"))
        states = {serial: state for serial, state, _ in rows}
        _ask(uses, states)
        _ask_left(uses, {serial: value for serial, _, value in rows})
        used = [use for use in uses if use.redeemed and states[use.serial] == "delivered"]
        cursor.execute(
            _REDEEM, [[use.serial for use in used], [_moment(use, at) for use in used], gift_list.pk]
        )
        assert cursor.rowcount == len(used), f"{len(used)} used, {cursor.rowcount} marked"
        known = [(use.serial, use.left_yen) for use in uses if use.redeemed and use.left_yen is not None]
        cursor.execute(_USE, [[serial for serial, _ in known], [left for _, left in known], gift_list.pk])
        record_look(
            actor=actor, action="gift.report", subject_kind="gift_list", subject_id=gift_list.pk, at=at,
            programme_slug=gift_list.programme.slug, reason=f"利用登録{len(used):,}枚",
        )  # fmt: skip
    waiting = held.filter(state="delivered").count()
    return Report(
        done=len(used), waiting=waiting, note=f"利用登録済み{len(used):,}枚、未登録{waiting:,}枚です。"
    )


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


def _ask(uses: list[gift_report.Use], states: dict[str, str]) -> None:
    strange = [use.serial for use in uses if use.serial not in states]
    if strange:
        raise GiftReportRefused(
            f"この一覧にない管理番号が{len(strange):,}件あります（{'、'.join(strange[:NAMED_MAX])}）。別の注文の報告でないか確かめてください。"
        )
    leaked = [
        use.serial for use in uses if use.redeemed and states[use.serial] in ("stock", "assigned", "revoked")
    ]
    if leaked:
        raise GiftReportRefused(
            f"送っていないか失効させたコードが使われています（{'、'.join(leaked[:NAMED_MAX])}"
            f"{' ほか' if len(leaked) > NAMED_MAX else ''}、計{len(leaked):,}枚）。"
            "漏えいのおそれがあります。発行元に停止を求め、業務責任者と自治体に連絡してください。"
        )


def _ask_left(uses: list[gift_report.Use], values: dict[str, int]) -> None:
    odd = [use.serial for use in uses if use.left_yen is not None and use.left_yen > values[use.serial]]
    if odd:
        raise GiftReportRefused(
            f"残高が額面より大きいコードがあります（{'、'.join(odd[:NAMED_MAX])}）。発行元に確かめてください。"
        )


def _moment(use: gift_report.Use, at: datetime) -> datetime:
    """Noon of the day that the issuer names, or now."""
    return datetime.combine(use.on, time(12), get_current_timezone()) if use.on else at
