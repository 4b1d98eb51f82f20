"""Pure. The lists of facts that a municipality hands over beside the roll: their columns and what must hold in a line, as data.

課税情報, 児童手当等, 前の給付金の対象, 生活保護・施設・後見等. A new list is a new entry here and a table of its facts.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from todoku.formats import bank_master
from todoku.formats import fact_list_values as values
from todoku.formats.csv_list import WARNING, Kind
from todoku.formats.fact_list_values import Converter, Value

Values = dict[str, Value]
"""One line by our fields, in JSON's kinds of value."""


class Field(NamedTuple):
    """One column: our field, its usual headings (the first is shown), how a cell is read."""

    name: str
    headings: tuple[str, ...]
    convert: Converter


class ListKind(NamedTuple):
    """One kind of list: its code, its name, its columns, those of which one must be there, its line's own rules.

    `key`: fields that name a line; a second line with the same ones is a mistake. `filled`: never blank. `tidy` fills what
    follows from other columns and gives the problems of the line as (field, kind).
    """

    code: str
    title: str
    fields: tuple[Field, ...]
    required: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    filled: tuple[str, ...]
    tidy: Callable[[Values], Iterator[tuple[str, Kind]]]

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {field.name: field.headings for field in self.fields}


EMPTY = Kind("空欄です", "この列は必ず入れてください。")
LEVY_WITHOUT_BASE = Kind(
    "所得割があるのに均等割が0円です",
    "所得割だけが課税されることはありません。税の担当課で確かめてください。",
)
CLASS_DIFFERS = Kind("課税区分と税額が合いません", "課税区分か税額の列を確かめてください。")
NO_CLASS = Kind("課税区分も税額も空欄です", "課税の状況が不明な人として取り込みます。", WARNING)
OWN_DEPENDANT = Kind("扶養主が本人です", "扶養主の宛名番号を確かめるか、空欄にしてください。")
NO_PERSONS = Kind("本人を含む人数が0人です", "本人を含めて1人以上にしてください。")
OWN_PAYEE = Kind("施設・後見人等が本人です", "受け取る施設か後見人等の宛名番号を確かめてください。")
OWN_RECEIVER = Kind("受給者が児童本人です", "受給者の宛名番号を確かめてください。")
HALF_ACCOUNT = Kind(
    "口座の項目が一部だけです", "金融機関・支店・種別・番号・名義をそろえるか、すべて空欄にしてください。"
)
NO_SUCH_BRANCH = Kind("金融機関・支店の一覧にないコードです", "統合や廃止の後のコードを確かめてください。")
NO_WHO = Kind("宛名番号も世帯番号もありません", "どちらかの番号を入れてください。")
NO_PAYEE = Kind(
    "施設・後見人等の名称がありません", "受け取る施設か後見人等の名称か、その宛名番号を入れてください。"
)
NO_ADDRESS = Kind("送付先の住所がありません", "施設・後見人等に手紙が届く住所を入れてください。")

TAX_CLASSES = {
    "非課税": "untaxed", "1": "untaxed", "均等割のみ": "levy_only", "均等割のみ課税": "levy_only", "2": "levy_only",
    "課税": "taxed", "所得割課税": "taxed", "3": "taxed", "未申告": "undeclared", "4": "undeclared", "不明": "",
}  # fmt: skip
"""The four classes as the extraction for the new benefits of 令和6年度 numbers them, and their words."""
ALLOWANCES = {
    "児童手当": "regular", "児手": "regular", "1": "regular", "特例給付": "reduced", "2": "reduced",
    "公務員": "employer", "所属庁": "employer", "3": "employer", "児童扶養手当": "single_parent", "児扶": "single_parent",
    "4": "single_parent", "公的年金等": "public_pension", "年金停止": "public_pension", "5": "public_pension",
    "特別児童扶養手当": "disabled", "特児": "disabled", "6": "disabled",
}  # fmt: skip
ALLOWANCE_NAMES = {
    "regular": "児童手当", "reduced": "特例給付", "employer": "公務員の児童手当", "single_parent": "児童扶養手当",
    "public_pension": "公的年金等", "disabled": "特別児童扶養手当",
}  # fmt: skip
EARLIER = {
    "対象": "targeted", "未申請": "targeted", "1": "targeted", "支給": "paid", "支給済": "paid", "受給": "paid", "2": "paid",
    "辞退": "declined", "受給拒否": "declined", "3": "declined",
}  # fmt: skip
EARLIER_NAMES = {"targeted": "対象（未申請を含む）", "paid": "支給済", "declined": "辞退"}
CARE = {
    "生活保護": "public_assistance", "生保": "public_assistance", "1": "public_assistance", "施設入所": "facility",
    "施設": "facility", "措置入所": "facility", "2": "facility", "未成年後見": "guardian", "親権者": "guardian",
    "保護者": "guardian", "3": "guardian", "成年後見": "adult_guardian", "後見": "adult_guardian", "4": "adult_guardian",
    "保佐": "curator", "5": "curator", "補助": "assistant", "6": "assistant",
}  # fmt: skip
CARE_NAMES = {
    "public_assistance": "生活保護", "facility": "施設入所", "guardian": "保護者・未成年後見人",
    "adult_guardian": "成年後見人", "curator": "保佐人", "assistant": "補助人",
}  # fmt: skip
"""A facility or a child's guardian may receive in the place of the person; of the last three the person stays the payee."""

_ACCOUNT = (
    Field("bank", ("金融機関コード", "銀行コード"), values.digits(4)),
    Field("branch", ("支店コード", "店番"), values.digits(3)),
    Field("account_kind", ("預金種別", "口座種別"), values.word({"1": "1", "普通": "1", "2": "2", "当座": "2", "4": "4",
                                                         "貯蓄": "4", "9": "9", "その他": "9"})),
    Field("account", ("口座番号",), values.digits(7)),
    Field("holder", ("口座名義カナ", "口座名義"), values.holder),
)  # fmt: skip
ACCOUNT_FIELDS = tuple(field.name for field in _ACCOUNT)


def _tax(line: Values) -> Iterator[tuple[str, Kind]]:
    income, levy = line["income_levy"], line["equal_levy"]
    if income and levy == 0:
        yield "equal_levy", LEVY_WITHOUT_BASE
    by_yen = ""
    if income is not None or levy is not None:
        by_yen = "taxed" if income else "levy_only" if levy else "untaxed"
    if not line["tax_class"]:
        line["tax_class"] = by_yen
        if not by_yen:
            yield "tax_class", NO_CLASS
    # Without its 所得割 column a list says nothing of the difference between the two taxed classes.
    elif (
        by_yen
        and line["tax_class"] != "undeclared"
        and None not in (income, levy)
        and line["tax_class"] != by_yen
    ):
        yield "tax_class", CLASS_DIFFERS
    if line["dependant_of"] and line["dependant_of"] == line["number"]:
        yield "dependant_of", OWN_DEPENDANT
    if line["persons"] is None and line["dependants"] is not None:
        line["persons"] = 1 + int(line["dependants"])
    if line["persons"] == 0:
        yield "persons", NO_PERSONS


def account_problems(line: Values) -> Iterator[tuple[str, Kind]]:
    """What is wrong with a line's account: all of it or nothing, at a branch that exists."""
    given = [field for field in ACCOUNT_FIELDS if line[field]]
    if not given:
        return
    if len(given) != len(ACCOUNT_FIELDS):
        yield next(field for field in ACCOUNT_FIELDS if not line[field]), HALF_ACCOUNT
    elif bank_master.branch(str(line["bank"]), str(line["branch"])) is None:
        yield "branch", NO_SUCH_BRANCH


def _allowance(line: Values) -> Iterator[tuple[str, Kind]]:
    line["allowance"] = line["allowance"] or "regular"
    if line["public_servant"] and line["allowance"] == "regular":
        line["allowance"] = "employer"
    if line["receiver"] and line["receiver"] == line["number"]:
        yield "receiver", OWN_RECEIVER
    yield from account_problems(line)


def _earlier(line: Values) -> Iterator[tuple[str, Kind]]:
    line["outcome"] = line["outcome"] or "targeted"
    if not line["number"] and not line["household_number"]:
        yield "number", NO_WHO


def _care(line: Values) -> Iterator[tuple[str, Kind]]:
    if line["payee_number"] and line["payee_number"] == line["number"]:
        yield "payee_number", OWN_PAYEE
    if line["care"] not in ("", "public_assistance") and not line["payee_number"]:
        if not line["payee_name"]:
            yield "payee_name", NO_PAYEE
        elif not line["address"]:
            yield "address", NO_ADDRESS


LISTS: dict[str, ListKind] = {
    kind.code: kind
    for kind in (
        ListKind(
            "tax", "課税情報",
            (
                Field("number", ("宛名番号", "納税義務者宛名番号", "住民番号"), values.number),
                Field("tax_class", ("課税区分", "住民税課税区分"), values.word(TAX_CLASSES)),
                Field("total_income", ("合計所得金額", "合計所得"), values.yen),
                Field("income_tax", ("推計所得税額", "所得税額", "所得税"), values.yen),
                Field("actual_income_tax", ("確定所得税額", "実績所得税額", "実額所得税額"), values.yen),
                Field("income_levy", ("所得割額", "住民税所得割額", "所得割"), values.yen),
                Field("equal_levy", ("均等割額", "住民税均等割額", "均等割"), values.yen),
                Field("persons", ("減税対象人数", "対象人数", "本人及び扶養人数"), values.persons),
                Field("dependants", ("扶養人数", "扶養親族数", "扶養親族等の数"), values.persons),
                Field("dependant_of", ("扶養主宛名番号", "扶養者宛名番号", "被扶養先宛名番号"), values.number),
                Field("family_employee", ("事業専従者", "専従者", "青色専従者"), values.truth),
                Field("granted_yen", ("当初調整給付額", "当初給付額", "既支給額"), values.yen),
                Field("abroad", ("国外居住者", "国外居住"), values.truth),
            ),
            (("number",), ("tax_class", "income_levy", "equal_levy", "income_tax")), ("number",), ("number",), _tax,
        ),
        ListKind(
            "allowance", "児童手当・児童扶養手当",
            (
                Field("number", ("児童宛名番号", "児童の宛名番号", "対象児童宛名番号"), values.number),
                Field("receiver", ("受給者宛名番号", "受給者の宛名番号", "請求者宛名番号"), values.number),
                Field("allowance", ("手当種別", "手当の種類", "手当区分"), values.word(ALLOWANCES)),
                Field("month", ("支給対象月", "支給対象年月", "対象年月", "支給月"), values.month),
                Field("public_servant", ("公務員", "公務員区分"), values.truth),
                Field("disabled", ("障害児", "障害の有無"), values.truth),
                Field("name", ("児童氏名", "児童の氏名"), values.text(200)),
                Field("birth_date", ("児童生年月日", "児童の生年月日"), values.day),
                *_ACCOUNT,
            ),
            (("number",), ("receiver",)), ("number", "allowance"), ("number",), _allowance,
        ),
        ListKind(
            "earlier", "前の給付金の対象",
            (
                Field("number", ("宛名番号", "世帯主宛名番号", "住民番号"), values.number),
                Field("household_number", ("世帯番号", "世帯コード"), values.number),
                Field("outcome", ("結果", "支給結果", "支給状況", "状態"), values.word(EARLIER)),
                Field("elsewhere", ("他自治体", "他市区町村", "他団体"), values.truth),
                Field("benefit", ("給付金名", "給付金の名称", "事業名"), values.text(100)),
                Field("amount_yen", ("支給額", "支給金額", "金額"), values.yen),
            ),
            (("number", "household_number"),), ("number", "household_number", "benefit"), (), _earlier,
        ),
        ListKind(
            "care", "生活保護・施設・後見等",
            (
                Field("number", ("宛名番号", "本人宛名番号", "住民番号"), values.number),
                Field("care", ("区分", "種別", "措置区分"), values.word(CARE)),
                Field("payee_number", ("後見人等宛名番号", "保護者宛名番号", "受給者宛名番号"), values.number),
                Field("payee_name", ("施設・後見人等名称", "施設名", "施設名称", "後見人等氏名", "名称"), values.text(200)),
                Field("payee_kana", ("施設・後見人等カナ", "施設名カナ", "後見人等カナ", "カナ"), values.text(200)),
                Field("postal_code", ("郵便番号",), values.postal_code),
                Field("address", ("住所", "所在地"), values.text(300)),
                Field("building", ("方書",), values.text(300)),
                Field("phone", ("電話番号", "電話"), values.text(30)),
                Field("since", ("開始日", "入所日", "就任日"), values.day),
                Field("until", ("終了日", "退所日", "辞任日"), values.day),
            ),
            (("number",), ("care",)), ("number", "care"), ("number", "care"), _care,
        ),
    )
}  # fmt: skip
"""By code, in the order in which a desk offers them."""
