"""Pure. What is posted at once in, what each of the post's discount schemes would cost out: an estimate (見積り).

Takes lots of like pieces and what the sender is ready to do; leaves every scheme with its conditions, met or not and
why, and the cheapest that is allowed. It decides no posting: the office where the mail is handed in counts and charges.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from todoku.formats.postage_tariff import SIZES, PostageRefused, Tariff
from todoku.formats.postal_sort import district

PLAIN, BARCODE, LOCAL = "plain", "barcode", "local"
# Ways of sorting: by 郵便区番号 of every addressee, or by those that the office of posting names.
BY_DISTRICT, BY_NAMED = "district", "named"
RECORDED, SIMPLE_REGISTERED, REGISTERED = "recorded", "simple_registered", "registered"
OPTIONS = {RECORDED: "特定記録", SIMPLE_REGISTERED: "簡易書留", REGISTERED: "一般書留"}
ROUNDING = "割引後の1通の料金は、1円未満を切り上げて見積もっています。実際の端数処理と割引の可否は、差出局の計算によります。"
ESTIMATE = "見積りです。差し出す前に、差出局に確かめてください。"
_NAMES = {PLAIN: "割引なし", BARCODE: "バーコード付郵便物", BY_DISTRICT: "区分郵便物（郵便区番号ごと）",
          BY_NAMED: "区分郵便物（差出局の指定する郵便区番号ごと）", LOCAL: "郵便区内特別郵便物"}  # fmt: skip


class Lot(NamedTuple):
    """Pieces of one shape and weight, all with or all without the customer barcode, counted by postal code."""

    size: str  # of postage_tariff.SIZES
    grams: int
    thickness_mm: float
    barcoded: bool
    by_postal_code: Mapping[str, int]

    @property
    def pieces(self) -> int:
        return sum(self.by_postal_code.values())


class Posting(NamedTuple):
    """What the sender is ready to do: sort, wait, carry to the 地域区分局, and which option every piece has."""

    sorts_by: frozenset[str] = frozenset()
    days: int = 0  # 0, 3 or 7 days more for delivery
    area_office: bool = False
    option: str = ""
    option_barcodes: bool = (
        False  # the numbers of the option as barcodes on the pieces, and the list of them (単割300)
    )
    paid_in_bulk: bool = True  # 料金別納, 料金後納 or 料金計器別納


class OwnPrices(NamedTuple):
    """What the municipality's post office told it: prices of 郵便区内特別郵便物 by (size, grams up to), for which
    districts, and the surcharge of 料金受取人払 per piece that comes back; None where it is not known."""

    local_yen: Mapping[tuple[str, int], int] = {}
    local_districts: frozenset[str] = frozenset()
    reply_surcharge_yen: int | None = None


class Condition(NamedTuple):
    """One condition of a scheme in the words of the office, and whether it is met."""

    met: bool
    words: str


class Offer(NamedTuple):
    """One scheme: what it would cost and its conditions; `total_yen` is None where its price is not known."""

    scheme: str
    name: str
    pieces: int
    percent: int  # off pieces without a barcode
    total_yen: int | None
    conditions: tuple[Condition, ...]

    @property
    def allowed(self) -> bool:
        return self.total_yen is not None and all(one.met for one in self.conditions)


class Estimate(NamedTuple):
    """Every scheme for all pieces, and the cheapest allowed way: one offer, or the local scheme and one for the rest."""

    pieces: int
    offers: tuple[Offer, ...]
    best: tuple[Offer, ...]
    total_yen: int
    notes: tuple[str, ...]


def estimate(lots: Sequence[Lot], posting: Posting, tariff: Tariff, own: OwnPrices | None = None) -> Estimate:
    """The cost of posting these lots at once, in whole yen, by every scheme. Raises PostageRefused for a piece that no
    tariff carries, and for no piece at all."""
    own = own or OwnPrices()
    if not sum(lot.pieces for lot in lots):
        raise PostageRefused("差し出す郵便物が1通もありません。通数を確かめてください。")
    near, far = _split(lots, own)
    local = _local(near, posting, tariff, own)
    offers = _offers(lots, posting, tariff)
    ways: list[tuple[Offer, ...]] = [(offer,) for offer in offers if offer.allowed]
    if local.allowed:
        rest = [offer for offer in _offers(far, posting, tariff) if offer.allowed] if far else []
        ways += [(local, offer) for offer in rest] if far else [(local,)]
    best = min(ways, key=lambda way: (_yen(way), len(way)))
    return Estimate(sum(lot.pieces for lot in lots), (*offers, local), best, _yen(best), (ESTIMATE, ROUNDING))


def reply_cost(pieces: int, size: str, grams: int, tariff: Tariff, own: OwnPrices) -> int | None:
    """Yen for so many reply envelopes that come back (料金受取人払); None as long as the surcharge is not known."""
    if own.reply_surcharge_yen is None:
        return None
    return pieces * (tariff.price(size, grams) + own.reply_surcharge_yen)


def discounted(yen: int, percent: int) -> int:
    """A price less so many per cent, the part of a yen rounded up: an estimate may be too high, never too low."""
    return -(-yen * (100 - percent) // 100)


def _yen(way: Sequence[Offer]) -> int:
    return sum(offer.total_yen or 0 for offer in way)


def _offers(lots: Sequence[Lot], posting: Posting, tariff: Tariff) -> tuple[Offer, ...]:
    found = [_plain(lots, posting, tariff), _barcode(lots, posting, tariff)]
    for way in (BY_DISTRICT, BY_NAMED):
        found += [_sorted(lots, way, False, posting, tariff), _sorted(lots, way, True, posting, tariff)]
    return tuple(found)


def _total(lots: Sequence[Lot], percent: Mapping[bool, int], tariff: Tariff) -> int:
    """`percent`: off pieces without and with a barcode."""
    return sum(
        lot.pieces * discounted(tariff.price(lot.size, lot.grams), percent[lot.barcoded]) for lot in lots
    )


def _plain(lots: Sequence[Lot], posting: Posting, tariff: Tariff) -> Offer:
    count = sum(lot.pieces for lot in lots)
    name, total = _NAMES[PLAIN], _total(lots, {False: 0, True: 0}, tariff)
    if posting.option:
        fee = tariff.options[posting.option]
        if count >= tariff.options["bulk_from"] and posting.option_barcodes and posting.paid_in_bulk:
            fee -= tariff.options["bulk_off"]
            name = f"{OPTIONS[posting.option]}（単割300）"
        else:
            name = OPTIONS[posting.option]
        total += count * fee
    return Offer(PLAIN, name, count, 0, total, ())


def _shared(posting: Posting) -> list[Condition]:
    """What every discount asks. An option beside one is not counted, since the post allows few of them together."""
    return [
        Condition(posting.paid_in_bulk, "料金別納・料金後納・料金計器別納のいずれかで支払う"),
        Condition(not posting.option, "書留・特定記録を付けない"),
    ]


def _barcode_conditions(lots: Sequence[Lot], tariff: Tariff) -> list[Condition]:
    coded = [lot for lot in lots if lot.barcoded]
    count = sum(lot.pieces for lot in coded)
    sizes = "・".join(SIZES[size] for size in SIZES if size in tariff.barcode_sizes)
    thick = tariff.barcode_thickness_mm_max
    return [
        Condition(
            count >= tariff.barcode_from,
            f"バーコード付が{tariff.barcode_from:,}通以上（{count:,}通）",
        ),
        Condition(bool(coded) and all(lot.size in tariff.barcode_sizes for lot in coded), f"{sizes}に限る"),
        Condition(all(lot.thickness_mm <= thick for lot in coded), f"厚さ{thick}mm以下"),
    ]


def _kinds(lots: Sequence[Lot], tariff: Tariff) -> Condition:
    kinds, most = len({(lot.size, lot.grams) for lot in lots}), tariff.sorted.kinds_max
    return Condition(kinds <= most, f"形状と重さの違うものは、内訳を添えて{most}種類まで（{kinds}種類）")


def _barcode(lots: Sequence[Lot], posting: Posting, tariff: Tariff) -> Offer:
    conditions = [*_shared(posting), *_barcode_conditions(lots, tariff), _kinds(lots, tariff)]
    total = _total(lots, {False: 0, True: tariff.barcode_percent}, tariff)
    return Offer(BARCODE, _NAMES[BARCODE], sum(lot.pieces for lot in lots), 0, total, tuple(conditions))


def _sorted(lots: Sequence[Lot], way: str, barcode: bool, posting: Posting, tariff: Tariff) -> Offer:
    """Sorted mail: the step by count, what is added for waiting and carrying, and for pieces with a barcode."""
    rules, count = tariff.sorted, sum(lot.pieces for lot in lots)
    steps = rules.steps[way]
    basic = max((percent for pieces, percent in steps if count >= pieces), default=0)
    added, conditions = _added(posting, count, tariff)
    conditions = [
        *_shared(posting),
        Condition(count >= steps[0][0], f"{steps[0][0]:,}通以上（{count:,}通）"),
        Condition(way in posting.sorts_by, "差出人が郵便区番号ごとに区分して差し出す"),
        Condition(all(lot.size in rules.sizes for lot in lots), "定形・定形外・はがきに限る"),
        _kinds(lots, tariff),
        *conditions,
    ]
    scheme, name = way, _NAMES[way]
    with_code: Mapping[str, int] = {}
    if barcode:
        scheme, name, with_code = f"{way}+barcode", f"{name}・バーコード付", rules.added["barcode"]
        conditions += _barcode_conditions(lots, tariff)
    total = 0
    for lot in lots:
        percent = basic + (rules.added[added][lot.size] if added else 0)
        percent += with_code.get(lot.size, 0) if lot.barcoded else 0
        total += lot.pieces * discounted(tariff.price(lot.size, lot.grams), percent)
    shown = basic + (min(rules.added[added][lot.size] for lot in lots) if added else 0)
    return Offer(scheme, name, count, shown, total, tuple(conditions))


def _added(posting: Posting, count: int, tariff: Tariff) -> tuple[str, list[Condition]]:
    """Which addition the posting earns, and the conditions of those it asked for and does not earn, as notes."""
    area = posting.area_office and count >= tariff.sorted.area_from
    words = []
    if posting.area_office and not area:
        words.append(
            Condition(
                True,
                f"地域区分局への差出しの割増しは{tariff.sorted.area_from:,}通からのため、数えていない",
            )
        )
    if posting.days >= 7 and not area:
        words.append(
            Condition(
                True,
                f"7日の余裕の割増しは地域区分局への{tariff.sorted.area_from:,}通からのため、3日の余裕として計算",
            )
        )
    if area:
        return ("area_days7" if posting.days >= 7 else "area_days3" if posting.days >= 3 else "area"), words
    return ("days3" if posting.days >= 3 else ""), words


def _split(lots: Sequence[Lot], own: OwnPrices) -> tuple[list[Lot], list[Lot]]:
    """The lots of the districts that the own prices name, and the others."""
    sides: tuple[list[Lot], list[Lot]] = ([], [])
    for lot in lots:
        near = {
            code: count
            for code, count in lot.by_postal_code.items()
            if district(code).code in own.local_districts
        }
        far = {code: count for code, count in lot.by_postal_code.items() if code not in near}
        for side, held in zip(sides, (near, far), strict=True):
            if held:
                side.append(lot._replace(by_postal_code=held))
    return sides


def _local(lots: Sequence[Lot], posting: Posting, tariff: Tariff, own: OwnPrices) -> Offer:
    """The scheme for mail that stays in the area of one office: its price is the municipality's own."""
    count = sum(lot.pieces for lot in lots)
    prices = [_local_price(lot, own) for lot in lots]
    conditions = [
        *_shared(posting),
        Condition(bool(own.local_districts), "差し出す集配局の郵便区番号が分かっている（設定に書く）"),
        Condition(count >= tariff.local_from, f"同じ郵便区に{tariff.local_from}通以上（{count:,}通）"),
        Condition(
            all(lot.size in tariff.local_sizes and lot.grams <= tariff.local_grams_max for lot in lots),
            f"長さ34cm・幅25cm・重さ{tariff.local_grams_max}g以内",
        ),
        Condition(bool(prices) and None not in prices, "料金が分かっている（差出局に確かめて設定に書く）"),
    ]
    known = [price for price in prices if price is not None]
    total = None
    if lots and len(known) == len(lots):
        total = sum(lot.pieces * price for lot, price in zip(lots, known, strict=True))
    return Offer(LOCAL, _NAMES[LOCAL], count, 0, total, tuple(conditions))


def _local_price(lot: Lot, own: OwnPrices) -> int | None:
    steps = sorted((grams, yen) for (size, grams), yen in own.local_yen.items() if size == lot.size)
    return next((yen for grams, yen in steps if lot.grams <= grams), None)
