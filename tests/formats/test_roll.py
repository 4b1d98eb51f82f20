"""A roll as it arrives: good rows, and every way it can be wrong, named by line, column and remedy."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.formats import roll_layouts as layouts
from todoku.formats.encoding import decode_lines
from todoku.formats.roll import LAYOUTS, Findings, Problem, RollRefused, RollRow, iter_rows, read_rows
from todoku.formats.roll_layouts import Kind

SAMPLES = Path(__file__).parent.parent / "samples"
BENEFIT42 = (SAMPLES / "roll_benefit42.csv").read_bytes()
EXTRACT = (SAMPLES / "roll_extract.csv").read_bytes()
YOKOHAMA = "141003"
MY_NUMBER = "123456789018"  # the textbook example of the check digit, nobody's number


def _records(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("cp932"), newline="")))


def _bytes(records: list[list[str]], encoding: str = "cp932") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode(encoding)


def _with(changes: dict[tuple[int, str], str], data: bytes = BENEFIT42) -> bytes:
    """The sample with cells changed, by line (headings are line 1) and heading."""
    records = _records(data)
    for (line, heading), value in changes.items():
        records[line - 1][records[0].index(heading)] = value
    return _bytes(records)


def _said(problems: list[Problem]) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.kind) for problem in problems]


USUAL = [(11, "氏名", layouts.GAIJI.name), (23, "生年月日", layouts.NO_BIRTH_DATE.name)]


def test_a_row_is_read_from_42_columns() -> None:
    rows, problems = read_rows(BENEFIT42, "benefit42", YOKOHAMA)
    assert len(rows) == 22
    assert _said(problems) == USUAL
    assert rows[1] == RollRow(
        "0011693927", "0011645656", "0501168257", False, "妻", "小野　陽葵", "オノ　ヒマリ", "", "", "",
        date(1999, 12, 28), "1999/12/28", "2", "", "2400002", "横浜市保土ケ谷区宮田町２丁目３１番１０号", "",
        "untaxed", "0011645656", None, None, "", False, "", False, True,
    )  # fmt: skip


def test_both_layouts_say_the_same_of_the_same_people() -> None:
    from42, _ = read_rows(BENEFIT42, "benefit42", YOKOHAMA)
    extract, problems = read_rows(EXTRACT, "extract", YOKOHAMA)
    assert [row._replace(birth_text="") for row in from42] == [row._replace(birth_text="") for row in extract]
    assert [problem.column for problem in problems] == ["ＦＯ－漢字氏名", "ＦＯ－生年月日"]


def test_the_special_people_of_a_roll_are_recognised() -> None:
    rows, _ = read_rows(BENEFIT42, "benefit42", YOKOHAMA)
    foreign = rows[5]
    assert (foreign.latin_name, foreign.alias, foreign.alias_kana) == (
        "SOUZA ANA PAULA",
        "山田　アナ",
        "ヤマダ　アナ",
    )
    assert [row.protected for row in rows[6:9]] == [True, True, True]
    assert (rows[9].has_gaiji, rows[9].name[0]) == (True, "\ue001")
    assert (rows[10].left_reason, rows[10].left_on) == ("death", date(2026, 10, 3))
    assert [row.is_head for row in rows[:3]] == [True, False, False]
    unknown = [row for row in rows if row.birth_date is None]
    assert [row.birth_text for row in unknown] == ["1975/01/00"]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_the_encoding_does_not_matter(encoding: str) -> None:
    records = _records(BENEFIT42)
    if encoding != "cp932":
        records[1][records[0].index("氏名")] = "𠮷野　結翔"
    rows, problems = read_rows(_bytes(records, encoding), "benefit42", YOKOHAMA)
    assert len(rows) == 22
    assert _said(problems) == USUAL


def test_the_order_of_columns_does_not_matter_and_more_do_no_harm() -> None:
    turned = [[*reversed(record), "余分"] for record in _records(BENEFIT42)]
    assert read_rows(_bytes(turned), "benefit42", YOKOHAMA) == read_rows(BENEFIT42, "benefit42", YOKOHAMA)


def test_42_columns_may_come_without_headings() -> None:
    rows, problems = read_rows(_bytes(_records(BENEFIT42)[1:]), "benefit42", YOKOHAMA)
    assert len(rows) == 22
    assert [problem.line for problem in problems] == [10, 22]


ERRORS: list[tuple[dict[tuple[int, str], str], int, str, Kind]] = [
    ({(3, "宛名番号"): ""}, 3, "宛名番号", layouts.EMPTY),
    ({(3, "氏名"): ""}, 3, "氏名", layouts.EMPTY),
    ({(3, "続柄"): ""}, 3, "続柄", layouts.EMPTY),
    ({(3, "世帯番号"): ""}, 3, "世帯番号", layouts.EMPTY),
    ({(3, "宛名番号"): "００１１６９３９２７"}, 3, "宛名番号", layouts.NOT_A_NUMBER),
    ({(3, "宛名番号"): "1234567890123456"}, 3, "宛名番号", layouts.TOO_LONG),
    ({(3, "住所"): "港" * 301}, 3, "住所", layouts.TOO_LONG),
    ({(3, "氏名"): "港" * 201}, 3, "氏名", layouts.TOO_LONG),
    ({(3, "郵便番号"): "24000"}, 3, "郵便番号", layouts.BAD_POSTAL_CODE),
    ({(3, "電話番号"): MY_NUMBER}, 3, "電話番号", layouts.MY_NUMBER),
    ({(3, "方書"): "1234-5678-9018"}, 3, "方書", layouts.MY_NUMBER),
    ({(3, "フォーマット種別"): MY_NUMBER}, 3, "フォーマット種別", layouts.MY_NUMBER),
    ({(3, "続柄"): "世帯主"}, 3, "続柄", layouts.TWO_HEADS),
    ({(3, "世帯主宛名番号"): "0000000001"}, 3, "世帯主宛名番号", layouts.OTHER_HEAD),
    ({(3, "宛名番号"): "0011645656"}, 3, "宛名番号", layouts.DUPLICATE),
]


@pytest.mark.parametrize(("changes", "line", "column", "kind"), ERRORS)
def test_an_error_keeps_the_whole_household_back(
    changes: dict[tuple[int, str], str], line: int, column: str, kind: Kind
) -> None:
    rows, problems = read_rows(_with(changes), "benefit42", YOKOHAMA)
    (error,) = [problem for problem in problems if problem.severity == "error"]
    assert (error.line, error.column, error.kind, error.remedy) == (line, column, kind.name, kind.remedy)
    assert error.value_kind
    kept = {row.household_number for row in rows}
    assert "0501168257" not in kept
    assert (len(kept), len(rows)) == (8, 17)


WARNINGS: list[tuple[dict[tuple[int, str], str], str, Kind]] = [
    ({(3, "郵便番号"): "9999999"}, "郵便番号", layouts.UNKNOWN_POSTAL_CODE),
    ({(3, "郵便番号"): ""}, "郵便番号", layouts.NO_POSTAL_CODE),
    ({(3, "郵便番号"): "1000013"}, "郵便番号", layouts.ELSEWHERE),
    ({(3, "生年月日"): "平成32年1月5日"}, "生年月日", layouts.ERA_MISMATCH),
    ({(3, "生年月日"): "19990230"}, "生年月日", layouts.NOT_A_DATE),
    ({(3, "生年月日"): ""}, "生年月日", layouts.NO_BIRTH_DATE),
    ({(3, "性別"): "男女"}, "性別", layouts.UNKNOWN_CODE),
    ({(3, "対象者_課税フラグ"): "9"}, "課税保留フラグ", layouts.UNKNOWN_CODE),
    ({(3, "転入日"): "きのう"}, "転入日", layouts.NOT_A_DATE),
    ({(3, "氏名フリガナ"): ""}, "氏名フリガナ", layouts.NO_KANA),
    ({(3, "方書"): "\ue000荘"}, "方書", layouts.GAIJI),
]


@pytest.mark.parametrize(("changes", "column", "kind"), WARNINGS)
def test_a_doubt_is_said_and_the_row_is_taken(
    changes: dict[tuple[int, str], str], column: str, kind: Kind
) -> None:
    rows, problems = read_rows(_with(changes), "benefit42", YOKOHAMA)
    assert len(rows) == 22
    assert (3, column, kind.name) in _said(problems)
    assert all(problem.severity == "warning" and problem.remedy for problem in problems)


def test_an_era_year_that_never_was_is_converted_and_kept_as_written() -> None:
    rows, _ = read_rows(_with({(3, "生年月日"): "平成32年1月5日"}), "benefit42", YOKOHAMA)
    assert (rows[1].birth_date, rows[1].birth_text) == (date(2020, 1, 5), "平成32年1月5日")


def test_a_head_may_come_after_the_members_but_not_be_missing() -> None:
    records = _records(BENEFIT42)
    late = [records[0], *records[2:6], records[1], *records[6:]]
    rows, problems = read_rows(_bytes(late), "benefit42", YOKOHAMA)
    assert len(rows) == 22
    assert rows[0].is_head
    assert [row.head_number for row in rows[:5]] == ["0011645656"] * 5
    assert len(problems) == len(USUAL)
    rows, problems = read_rows(_bytes([records[0], *records[2:]]), "benefit42", YOKOHAMA)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert _said(errors) == [(line, "続柄", layouts.NO_HEAD.name) for line in (2, 3, 4, 5)]
    assert len(rows) == 17


def test_a_member_under_another_household_number_holds_back_the_household_that_lost_them() -> None:
    rows, problems = read_rows(_with({(3, "世帯番号"): "0999999999"}), "benefit42", YOKOHAMA)
    assert (3, "続柄", layouts.NO_HEAD.name) in _said(problems)
    assert "0501168257" not in {row.household_number for row in rows}
    assert len(rows) == 17


def test_both_households_of_a_doubled_number_are_kept_back() -> None:
    rows, problems = read_rows(_with({(7, "宛名番号"): "0011645656"}), "benefit42", YOKOHAMA)
    (error,) = [problem for problem in problems if problem.severity == "error"]
    assert error.value_kind == "2行目と同じ番号"
    assert len(rows) == 22 - 5 - 1


def test_quoted_commas_quotes_and_line_breaks_belong_to_the_value() -> None:
    rows, problems = read_rows(_with({(3, "方書"): 'コーポ"緑",101\n号室'}), "benefit42", YOKOHAMA)
    assert rows[1].building == 'コーポ"緑",101\n号室'
    assert _said(problems) == [(12, "氏名", layouts.GAIJI.name), (24, "生年月日", layouts.NO_BIRTH_DATE.name)]


def test_an_unquoted_comma_is_named_by_its_line() -> None:
    lines = BENEFIT42.split(b"\r\n")
    lines[2] = lines[2].replace("宮田町".encode("cp932"), b",", 1)
    rows, problems = read_rows(b"\r\n".join(lines), "benefit42", YOKOHAMA)
    assert (3, "", layouts.COLUMNS_DIFFER.name) in _said(problems)
    assert next(one for one in problems if one.line == 3).value_kind == "43列"
    assert "0501168257" not in {row.household_number for row in rows}
    assert len(rows) == 17


def test_a_broken_byte_is_named_by_line_and_column() -> None:
    lines = BENEFIT42.split(b"\r\n")
    lines[2] = lines[2].replace("陽".encode("cp932"), b"\x81\x20", 1)
    rows, problems = read_rows(b"\r\n".join(lines), "benefit42", YOKOHAMA)
    assert (3, "氏名", layouts.BROKEN_TEXT.name) in _said(problems)
    assert len(rows) == 17


def _refused(data: bytes, layout: str = "benefit42", municipality: str = YOKOHAMA) -> RollRefused:
    with pytest.raises(RollRefused) as refused:
        read_rows(data, layout, municipality)
    assert refused.value.sentence.endswith("ください。")
    return refused.value


def test_missing_columns_are_refused_by_name() -> None:
    records = _records(BENEFIT42)
    gone = [records[0].index("生年月日"), records[0].index("方書")]
    cut = [[cell for place, cell in enumerate(record) if place not in gone] for record in records]
    refused = _refused(_bytes(cut))
    assert refused.columns == ("生年月日", "方書")
    assert "「生年月日」「方書」" in refused.sentence
    assert "ＦＯ－宛名番号" not in _refused(EXTRACT).columns
    assert "ＦＩ－所得割額" in _refused(BENEFIT42, "extract").columns
    assert _refused(b"").columns


def test_another_municipalitys_roll_is_refused_once_not_row_by_row() -> None:
    refused = _refused(BENEFIT42, municipality="122327")
    assert "別の市区町村" in refused.sentence
    assert (refused.line, refused.columns) == (2, ("住所",))


def test_another_municipalitys_long_roll_is_refused_without_reading_on() -> None:
    line = ",".join(_records(BENEFIT42)[1])
    head = ",".join(_records(BENEFIT42)[0])
    read = []

    def lines() -> object:
        yield head + "\n"
        for number in range(5000):
            read.append(number)
            yield line.replace("0011645656", f"{number:010}") + "\n"

    findings = Findings()
    with pytest.raises(RollRefused):
        list(iter_rows(lines(), "benefit42", "122327", findings))  # type: ignore[arg-type]
    assert len(read) < 1000


def test_my_numbers_are_refused_as_a_column() -> None:
    records = _records(BENEFIT42)
    named = [[*record, "" if line else "個人番号"] for line, record in enumerate(records)]
    assert _refused(_bytes(named)).columns == ("個人番号",)
    valid = ["621498320257", "123456789018", "023456789013"] + [_my_number(number) for number in range(19)]
    number, head = records[0].index("宛名番号"), records[0].index("世帯主宛名番号")
    supporter = records[0].index("扶養主_宛名番号")
    for record, one in zip(records[1:], valid, strict=True):
        record[number], record[head], record[supporter] = one, "", ""
    assert _refused(_bytes(records)).columns == ("宛名番号",)


def _my_number(seed: int) -> str:
    eleven = f"{seed:011}"
    rest = sum(int(d) * w for d, w in zip(eleven, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return eleven + ("0" if rest <= 1 else str(11 - rest))


def test_an_open_quotation_mark_is_refused() -> None:
    lines = BENEFIT42.split(b"\r\n")
    lines[2] = lines[2].replace(b",", b',"', 3)
    endless = b"\r\n".join(lines) + b"x" * 200_000
    assert "引用符" in _refused(endless).sentence


def test_a_file_of_another_encoding_is_refused_as_one() -> None:
    records = _records(BENEFIT42)
    head, body = _bytes(records[:1]), _bytes(records[1:] * 3)
    broken = body.replace("横".encode("cp932"), b"\x81\x20")
    assert "文字コード" in _refused(head + broken).sentence


@pytest.mark.parametrize(
    ("held", "nothing", "flag", "key", "tax_class"),
    [
        ("0", "0", "0", "1", "untaxed"),
        ("0", "0", "1", "3", "taxed"),
        ("0", "0", "1", "2", "levy_only"),
        ("0", "0", "", "", ""),
        ("1", "1", "", "4", "undeclared"),
        ("0", "1", "", "", ""),
        ("0", "0", "均等割のみ", "", "levy_only"),
    ],
)
def test_tax_flags_become_a_class(held: str, nothing: str, flag: str, key: str, tax_class: str) -> None:
    data = _with(
        {
            (3, "課税保留フラグ"): held,
            (3, "賦課無フラグ"): nothing,
            (3, "対象者_課税フラグ"): flag,
            (3, "課税区分"): key,
        }
    )
    rows, _ = read_rows(data, "benefit42", YOKOHAMA)
    assert rows[1].tax_class == tax_class


@pytest.mark.parametrize(
    ("income", "levy", "correction", "tax_class"),
    [
        ("0", "0", "", "untaxed"),
        ("0", "4000", "", "levy_only"),
        ("120,000", "4000", "", "taxed"),
        ("", "", "", ""),
        ("0", "0", "031", "undeclared"),
        ("不明", "", "", ""),
    ],
)
def test_levies_become_a_class(income: str, levy: str, correction: str, tax_class: str) -> None:
    data = _with(
        {(3, "ＦＩ－所得割額"): income, (3, "ＦＩ－均等割額"): levy, (3, "ＦＩ－更正事由"): correction},
        EXTRACT,
    )
    rows, _ = read_rows(data, "extract", YOKOHAMA)
    assert rows[1].tax_class == tax_class


@pytest.mark.parametrize(
    ("marks", "left_on", "left_reason", "protected", "facility"),
    [
        ("", None, "", False, ""),
        ("支援措置", None, "", True, ""),
        ("支援措置、死亡：2026/05/02", date(2026, 5, 2), "death", True, ""),
        ("転出:令和8年5月2日;施設:みどり苑", date(2026, 5, 2), "moved", False, "みどり苑"),
        ("死亡", None, "death", False, ""),
        ("成年後見", None, "", False, ""),
    ],
)
def test_marks_of_a_resident(
    marks: str, left_on: date | None, left_reason: str, protected: bool, facility: str
) -> None:
    rows, _ = read_rows(_with({(3, "住民カスタム属性"): marks}), "benefit42", YOKOHAMA)
    row = rows[1]
    assert (row.left_on, row.left_reason, row.protected, row.facility) == (
        left_on, left_reason, protected, facility,
    )  # fmt: skip


def test_relations_come_as_codes_in_the_extract() -> None:
    codes = {(3, "ＦＯ－続柄１"): "20", (3, "ＦＯ－続柄２"): "12"}
    rows, _ = read_rows(_with(codes, EXTRACT), "extract", YOKOHAMA)
    assert rows[1].relation == "子の妻"
    rows, problems = read_rows(_with({(3, "ＦＯ－続柄１"): "77"}, EXTRACT), "extract", YOKOHAMA)
    assert rows[1].relation == "？"
    assert (3, "ＦＯ－続柄１", layouts.UNKNOWN_CODE.name) in _said(problems)


def test_letters_go_to_the_head_unless_a_member_has_a_flag_of_their_own() -> None:
    data = _with({(2, "郵送対象者フラグ"): "0", (3, "郵送対象者フラグ"): "1"})
    rows, _ = read_rows(data, "benefit42", YOKOHAMA)
    assert [row.mail_to_head for row in rows[:3]] == [False, False, True]


def test_rows_come_one_by_one_with_their_lines() -> None:
    findings = Findings()
    lines = decode_lines(_with({(3, "電話番号"): MY_NUMBER}), "cp932", mark_broken=True)
    numbered = list(iter_rows(lines, "benefit42", YOKOHAMA, findings))
    assert [line for line, _row in numbered] == [2, *range(4, 24)]
    assert findings.rows == 22
    assert findings.bad_households == {"0501168257"}


def test_no_problem_ever_carries_the_value() -> None:
    changes = {change[0]: change[1] for one in (*ERRORS, *WARNINGS) for change in one[0].items() if change[1]}
    for place, value in changes.items():
        _rows, problems = read_rows(_with({place: value}), "benefit42", YOKOHAMA)
        assert not [one for one in problems if value in (one.value_kind, one.remedy, one.kind)]


def test_the_reference_names_every_field_and_heading() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "roll-layouts.md").read_text("utf-8")
    named: Callable[[str], bool] = lambda word: f"`{word}`" in text or f" {word} " in text  # noqa: E731
    fields = [name for name in RollRow._fields if not named(name)]
    headings = [
        heading
        for layout in LAYOUTS.values()
        for source in layout.sources
        for heading in source.headings
        if heading.removeprefix("ＦＯ－").removeprefix("ＦＩ－") not in text
    ]
    assert (fields, headings) == ([], [])
    assert all(f"`{name}`" in text for name in LAYOUTS)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 23),
    st.sampled_from(LAYOUTS["benefit42"].headings),
    st.text(st.sampled_from('あ亜ｱ髙\ue000,"\n 0１-/、年*'), max_size=20),
)
def test_whatever_stands_in_a_cell_the_other_households_are_read(line: int, heading: str, value: str) -> None:
    rows, _ = read_rows(_with({(line, heading): value}), "benefit42", YOKOHAMA)
    assert len({row.household_number for row in rows}) >= 6
