"""Takes the issuer's sealed list of gift codes into stock (ギフトコードの受入れ): counted, compared, locked.

Comes in: the issuer's CSV with what was ordered (count and yen). Goes out: a GiftList and its codes in stock. The file
itself is not kept: it is money in clear, and its digest says for ever whether the same list comes again; what is needed
of it stands as ciphertext beside each code.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.delivery.code_secret import code_box
from todoku.delivery.tables import GiftCode, GiftList
from todoku.formats import gift_list
from todoku.formats.csv_list import ERROR, ListRefused
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

NAMED_MAX = 3  # problems quoted in a refusal; the first ones tell what went wrong


class CannotTakeList(Refusal):
    """The list is not taken: it cannot be read, differs from the order, or was taken before. Nothing was kept."""


def take_gift_list(
    data: bytes, *, programme: Programme, order_number: str, count: int, total_yen: int, actor: Actor, at: datetime
) -> GiftList:  # fmt: skip
    """Locks every code of the list into stock; all or nothing.

    `count` and `total_yen` are what the order says, typed by who takes it. Raises CannotTakeList, which names lines and
    serial numbers and never a code.
    """
    if not may(actor.roles, "gift.take") or actor.id is None:
        raise CannotTakeList("ギフトコードの一覧を受け入れる権限がありません。")
    terms = programme.terms.payment.gift
    if terms is None:
        raise CannotTakeList(
            "この給付金の定めにデジタルギフトがありません。実施要綱の版に [payment.gift] を加えてください。"
        )
    sha256 = hashlib.sha256(data).hexdigest()
    if GiftList.objects.filter(sha256=sha256).exists():
        raise CannotTakeList("この一覧は受入れ済みです。同じコードを二度使うことはできません。")
    codes = _read(data, at)
    _ask_order(codes, order_number, count, total_yen, terms.values_yen)
    with transaction.atomic():
        made = GiftList.objects.create(
            programme=programme, sha256=sha256, issuer=terms.issuer, order_number=order_number.strip(),
            count=len(codes), total_yen=total_yen, taken_at=at, taken_by_id=actor.id,
        )  # fmt: skip
        _keep(made, codes)
        record_look(
            actor=actor, action="gift.take", subject_kind="gift_list", subject_id=made.pk, at=at,
            programme_slug=programme.slug, reason=f"{count:,}枚 {total_yen:,}円（{made.order_number}）",
        )  # fmt: skip
    return made


def _read(data: bytes, at: datetime) -> list[gift_list.GiftCode]:
    try:
        found = gift_list.read(data, localdate(at))
    except ListRefused as why:
        raise CannotTakeList(why.sentence) from None
    errors = [problem for problem in found.problems if problem.severity == ERROR]
    if errors:
        named = " ".join(problem.sentence for problem in errors[:NAMED_MAX])
        raise CannotTakeList(f"{len(errors)}か所に誤りがあるため、1枚も受け入れていません。{named}")
    if not found.codes:
        raise CannotTakeList("コードが1枚もありません。発行元から受け取ったファイルか確かめてください。")
    return found.codes


def _ask_order(
    codes: Sequence[gift_list.GiftCode], order_number: str, count: int, total_yen: int, values: Sequence[int]
) -> None:
    if not order_number.strip() or len(order_number.strip()) > 60:
        raise CannotTakeList("発行元の注文番号を60文字以内で入力してください。")
    found_yen = sum(code.value_yen for code in codes)
    if (len(codes), found_yen) != (count, total_yen):
        raise CannotTakeList(
            f"一覧は{len(codes):,}枚 {found_yen:,}円ですが、注文は{count:,}枚 {total_yen:,}円です。"
            "発行元に確認してください。"
        )
    strange = sorted({code.value_yen for code in codes} - set(values))
    if strange:
        raise CannotTakeList(
            f"実施要綱にない額面（{strange[0]:,}円）があります。発行元への注文か、要綱の values_yen を見直してください。"
        )


def _keep(made: GiftList, codes: Sequence[gift_list.GiftCode]) -> None:
    """Every code as ciphertext and keyed digest; a code that stands on an earlier list refuses the whole."""
    box = code_box()
    digests = [box.digest(code.url) for code in codes]
    known = dict(GiftCode.objects.filter(digest__in=digests).values_list("digest", "serial"))
    if known:
        twice = next(code.serial for code, digest in zip(codes, digests, strict=True) if digest in known)
        raise CannotTakeList(
            f"{len(known):,}枚が、前に受け入れた一覧のコードと同じです（管理番号{twice}など）。"
            "発行元に正しい一覧を求めてください。"
        )
    copy_rows(
        "todoku_giftcode",
        ("gift_list_id", "programme_id", "serial", "digest", "sealed_url", "value_yen", "expires_on", "merchant_limit",
         "state", "delivered_by_way", "revoked_why"),
        (
            (made.pk, made.programme_id, code.serial, digest, box.lock(code.url, made.programme_id, code.serial),
             code.value_yen, code.expires_on, code.merchants, "stock", "", "")
            for code, digest in zip(codes, digests, strict=True)
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), sum(value_yen) from todoku_giftcode where gift_list_id = %s", [made.pk]
        )
        kept = cursor.fetchone()
    assert (int(kept[0]), int(kept[1])) == (made.count, made.total_yen), f"list {made.pk}: {kept} kept"
