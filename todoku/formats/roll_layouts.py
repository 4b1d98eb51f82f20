"""Pure. What a roll (対象者名簿) can look like, as data: layouts, the codes inside them, the plain row they become.

The reader is `roll`. A municipality with other headings or codes gets a layout here or one made of these by
`_replace`; no code changes. The table of docs/reference/roll-layouts.md shows the same mapping.
"""

from datetime import date
from typing import NamedTuple

from todoku.formats.refused import FormatRefused


class RollRow(NamedTuple):
    """One resident of a roll. Texts are as received, without blanks around them; "" where the roll has nothing.

    `number`, `head_number`, `household_number`: 宛名番号, 世帯主宛名番号, 世帯番号. `birth_date` is None where unknown, with
    what was written in `birth_text`. `sex`: "1" male, "2" female (住基, ISO 5218). `tax_class`: untaxed, levy_only
    (均等割のみ), taxed, undeclared, "" not known. `left_reason`: death, moved, "". `protected`: 支援措置.
    `mail_to_head`: letters about this person go to the head of the household.
    """

    number: str
    head_number: str
    household_number: str
    is_head: bool
    relation: str
    name: str
    kana: str
    latin_name: str
    alias: str
    alias_kana: str
    birth_date: date | None
    birth_text: str
    sex: str
    phone: str
    postal_code: str
    address: str
    building: str
    tax_class: str
    dependant_of: str
    moved_in_on: date | None
    left_on: date | None
    left_reason: str
    protected: bool
    facility: str
    has_gaiji: bool
    mail_to_head: bool


TEXT_MAX = {
    "number": 15,
    "head_number": 15,
    "household_number": 15,
    "dependant_of": 15,
    "relation": 40,
    "name": 200,
    "kana": 200,
    "latin_name": 200,
    "alias": 200,
    "alias_kana": 200,
    "birth_text": 40,
    "phone": 30,
    "address": 300,
    "building": 300,
    "facility": 60,
}
"""Characters that a column of the register holds; longer values are errors, never cut."""


class RollRefused(FormatRefused):
    """A file that is not this municipality's roll in this layout; nothing of it can be used.

    `columns`: the headings concerned; `line`: where it was seen, 0 for the whole file.
    """

    def __init__(self, sentence: str, columns: tuple[str, ...] = (), line: int = 0) -> None:
        super().__init__(sentence)
        self.columns = columns
        self.line = line


class Problem(NamedTuple):
    """What is wrong or doubtful at one place of a roll. It never carries the value itself, which is a person's.

    `line` from 1 with the headings; `column` the heading; `kind` what is wrong; `value_kind` what kind of value
    stands there; `remedy` what to do; `severity` "error" (the household is not taken) or "warning".
    """

    line: int
    column: str
    kind: str
    value_kind: str
    remedy: str
    severity: str


class Kind(NamedTuple):
    """A kind of problem: its name, the remedy, the severity."""

    name: str
    remedy: str
    severity: str = "error"


COLUMNS_DIFFER = Kind(
    "列の数が違う", "引用符とカンマを確認し、この行を元のシステムから出力し直してください。"
)
BROKEN_TEXT = Kind("文字が壊れている", "元のシステムで文字を確認し、出力し直してください。")
EMPTY = Kind("必須の項目が空欄", "元のシステムで値を登録し、出力し直してください。")
TOO_LONG = Kind("値が長すぎる", "列がずれていないか確認し、出力し直してください。")
NOT_A_NUMBER = Kind("番号に数字・英字以外がある", "列がずれていないか確認し、出力し直してください。")
TWO_HEADS = Kind("世帯主が2人以上いる", "続柄と世帯番号を確認し、世帯主を1人にして出力し直してください。")
NO_HEAD = Kind("世帯主がいない", "同じ世帯番号の世帯主の行を含めて出力し直してください。")
OTHER_HEAD = Kind("世帯主の宛名番号が世帯と合わない", "世帯番号と世帯主宛名番号を確認してください。")
DUPLICATE = Kind("宛名番号が重複している", "同じ人の行が2つないか確認し、1行にして出力し直してください。")
MY_NUMBER = Kind("個人番号の可能性がある", "個人番号は受け取れません。この列から消して出力し直してください。")
BAD_POSTAL_CODE = Kind("郵便番号が7桁の数字でない", "郵便番号を7桁の数字に直してください。")
NO_POSTAL_CODE = Kind(
    "郵便番号が空欄", "住所から郵便番号を確認してください。バーコードは印刷されません。", "warning"
)
UNKNOWN_POSTAL_CODE = Kind(
    "郵便番号が一覧にない", "新しい番号か誤りかを確認してください。住所のまま発送できます。", "warning"
)
ELSEWHERE = Kind("市区町村の外の郵便番号", "転出者・市外居住者かどうか確認してください。", "warning")
NO_BIRTH_DATE = Kind("生年月日が不詳", "そのまま取り込みます。本人確認は窓口で行ってください。", "warning")
ERA_MISMATCH = Kind("元号にない年月日", "西暦に直して取り込みます。元の記録を確認してください。", "warning")
NOT_A_DATE = Kind("日付として読めない", "空欄として取り込みます。元の記録を確認してください。", "warning")
GAIJI = Kind("外字がある", "そのまま取り込みます。印刷の前に字形を確認してください。", "warning")
NO_KANA = Kind("カナ氏名が空欄", "検索と口座名義の照合に使います。分かれば登録してください。", "warning")
UNKNOWN_CODE = Kind("コードが対応表にない", "対応表を確認してください。空欄として取り込みます。", "warning")


class Source(NamedTuple):
    """Where fields of a row come from: our fields, the converter's name (roll_values.CONVERTERS), the headings."""

    fields: tuple[str, ...]
    converter: str
    headings: tuple[str, ...]
    required: bool = True


class Layout(NamedTuple):
    """A layout of a roll. `headings` in their order; `positional`: may come without a line of headings."""

    name: str
    title: str
    headings: tuple[str, ...]
    sources: tuple[Source, ...]
    positional: bool


def _text(field: str, heading: str, required: bool = True) -> Source:
    return Source((field,), "text", (heading,), required)


_MARKS = ("left_on", "left_reason", "protected", "facility")

_BENEFIT42 = Layout(
    "benefit42",
    "給付システム取込用(42列)",
    tuple(
        (
            "宛名番号 受給者宛名番号 氏名 氏名フリガナ 生年月日 性別 電話番号 郵便番号 住所 方書 異動元郵便番号 異動元住所 "
            "異動元方書 世帯番号 世帯主宛名番号 続柄 郵送対象者フラグ 通称名 通称名カナ フォーマット種別 課税区分 "
            "住民カスタム属性 転入日 賦課期日居住者フラグ 照会対象フラグ 賦課無フラグ 課税保留フラグ 租税条約免除フラグ "
            "生活扶助非課税フラグ 対象者_課税フラグ 対象者_市減免後均等割額 対象者_県減免後均等割額 扶養主_宛名番号 "
            "扶養主_課税フラグ 扶養主_市免除後均等割額 扶養主_県免除後均等割額 専従主_宛名番号 専従主_課税フラグ "
            "専従主_市減免後均等割額 専従主_県減免後均等割額 生活扶助認定年月日 生活扶助廃止年月日"
        ).split()
    ),
    (
        Source(("number",), "number", ("宛名番号",)),
        Source(("household_number",), "number", ("世帯番号",)),
        Source(("head_number",), "optional_number", ("世帯主宛名番号", "受給者宛名番号")),
        Source(("relation", "is_head"), "relation", ("続柄",)),
        Source(("name", "latin_name"), "name", ("氏名",)),
        Source(("kana",), "kana", ("氏名フリガナ",)),
        _text("alias", "通称名"),
        _text("alias_kana", "通称名カナ"),
        Source(("birth_date", "birth_text"), "birth", ("生年月日",)),
        Source(("sex",), "sex", ("性別",)),
        _text("phone", "電話番号"),
        Source(("postal_code",), "postal_code", ("郵便番号",)),
        _text("address", "住所"),
        _text("building", "方書"),
        Source(
            ("tax_class",), "tax_flags", ("課税保留フラグ", "賦課無フラグ", "対象者_課税フラグ", "課税区分")
        ),
        Source(("dependant_of",), "optional_number", ("扶養主_宛名番号",)),
        Source(("moved_in_on",), "day", ("転入日",)),
        Source(_MARKS, "marks", ("住民カスタム属性",)),
        Source(("mail_to_head",), "mail", ("郵送対象者フラグ",)),
    ),
    True,
)

_EXTRACT = Layout(
    "extract",
    "住民基本台帳・税の抽出",
    tuple(
        (
            "ＦＯ－宛名番号 ＦＯ－世帯番号 ＦＯ－漢字氏名 ＦＯ－カナ氏名 ＦＯ－英字氏名 ＦＯ－外国人通称名 "
            "ＦＯ－外国人カナ通称名 ＦＯ－生年月日 "
            "ＦＯ－性別 ＦＯ－続柄１ ＦＯ－続柄２ ＦＯ－続柄３ ＦＯ－続柄４ ＦＯ－電話番号 ＦＯ－現住所郵便番号 "
            "ＦＯ－現住所 ＦＯ－現住所方書 ＦＯ－異動日 ＦＯ－届出日 ＦＯ－異動事由コード ＦＯ－住民日 ＦＯ－住民届出日 "
            "ＦＯ－住民事由コード ＦＯ－現住所住定日 ＦＯ－現住所届出日 ＦＯ－消除日 ＦＯ－消除届出日 ＦＯ－消除事由コード "
            "ＦＯ－転入元都道府県市区町村コード ＦＯ－住民票コード ＦＩ－所得割額 ＦＩ－均等割額 ＦＩ－更正事由 ＦＩ－生年月日"
        ).split()
    ),
    (
        Source(("number",), "number", ("ＦＯ－宛名番号",)),
        Source(("household_number",), "number", ("ＦＯ－世帯番号",)),
        Source(
            ("relation", "is_head"),
            "relation_codes",
            ("ＦＯ－続柄１", "ＦＯ－続柄２", "ＦＯ－続柄３", "ＦＯ－続柄４"),
        ),
        _text("name", "ＦＯ－漢字氏名"),
        Source(("kana",), "kana", ("ＦＯ－カナ氏名",)),
        _text("latin_name", "ＦＯ－英字氏名"),
        _text("alias", "ＦＯ－外国人通称名"),
        _text("alias_kana", "ＦＯ－外国人カナ通称名"),
        Source(("birth_date", "birth_text"), "birth", ("ＦＯ－生年月日",)),
        Source(("sex",), "sex", ("ＦＯ－性別",)),
        _text("phone", "ＦＯ－電話番号"),
        Source(("postal_code",), "postal_code", ("ＦＯ－現住所郵便番号",)),
        _text("address", "ＦＯ－現住所"),
        _text("building", "ＦＯ－現住所方書"),
        Source(("tax_class",), "levies", ("ＦＩ－所得割額", "ＦＩ－均等割額", "ＦＩ－更正事由")),
        Source(("moved_in_on",), "day", ("ＦＯ－住民日",)),
        Source(("left_on", "left_reason"), "removal", ("ＦＯ－消除日", "ＦＯ－消除事由コード")),
        # Not in the plain extract; read where a municipality adds them.
        Source(("dependant_of",), "optional_number", ("扶養主_宛名番号",), False),
        Source(("protected",), "flag", ("支援措置",), False),
        _text("facility", "施設コード", False),
    ),
    False,
)

LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (_BENEFIT42, _EXTRACT)}

HEAD_RELATIONS = frozenset({"世帯主", "準世帯主", "本人"})

RELATION_CODES = {
    "02": "世帯主", "03": "準世帯主", "11": "夫", "12": "妻", "13": "夫（未届）", "14": "妻（未届）", "20": "子",
    "51": "父", "52": "母", "53": "養父", "54": "養母", "71": "兄", "74": "弟", "81": "姉", "84": "妹",
    "96": "縁故者", "98": "使用人", "99": "同居人", "9Z": "その他",
}  # fmt: skip
"""続柄１–４ of one vendor's register; joined with の. Other vendors number otherwise."""

REMOVAL_CODES = {"C11": "moved", "C21": "death"}
"""消除事由コード of the sample layout; to be replaced by the municipality's own."""

SEX_WORDS = {"1": "1", "男": "1", "男性": "1", "2": "2", "女": "2", "女性": "2"}

TAX_FLAGS = {"0": "untaxed", "非課税": "untaxed", "1": "taxed", "課税": "taxed", "均等割のみ": "levy_only"}
"""対象者_課税フラグ. That a taxed person pays the levy alone (均等割のみ) stands in the 課税区分 of the household."""

LEVY_ONLY_KEYS = frozenset({"2", "均等割のみ"})
"""課税区分 keys that say: nobody of the household pays more than the levy. The keys differ from programme to programme."""

UNDECLARED_CORRECTIONS = ("03",)
"""How the 更正事由 of somebody who filed no return (未申告) begins."""

PROTECTED_MARK, DIED_MARK, MOVED_MARK = "支援措置", "死亡", "転出"
FACILITY_MARK, LATIN_MARK = "施設", "英字氏名"
"""Words of 住民カスタム属性, parted by 、, each alone or with a value after a colon (死亡：2026/05/02)."""
