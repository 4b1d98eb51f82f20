"""Lists of facts as municipalities write them: headings in any order, both encodings, every fault named by its place."""

from pathlib import Path

import pytest

from todoku.formats.csv_list import ListRefused, Problem
from todoku.formats.fact_list_kinds import ALLOWANCES, CARE, EARLIER, LISTS, TAX_CLASSES
from todoku.formats.fact_list_values import month
from todoku.formats.fact_lists import FactLine, read_facts


def read(kind, *lines, encoding="cp932"):
    found = list(read_facts("\r\n".join([*lines, ""]).encode(encoding), kind))
    return [one for one in found if isinstance(one, FactLine)], [
        one for one in found if isinstance(one, Problem)
    ]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_tax_list_is_read_by_its_headings_in_any_order(encoding):
    lines, problems = read(
        "tax",
        "合計所得金額,均等割額,所得割額,宛名番号,扶養親族数,専従者",
        '"1,234,000",5000,０,0000000012,2,有',
        encoding=encoding,
    )
    assert not problems
    (line,) = lines
    said = {
        key: line.values[key] for key in ("number", "tax_class", "total_income", "persons", "family_employee")
    }
    assert said == {
        "number": "0000000012", "tax_class": "levy_only", "total_income": 1_234_000, "persons": 3, "family_employee": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "heading", "row", "column", "severity"),
    [
        ("tax", "宛名番号,所得割額,均等割額", "1,5000,0", "均等割額", "error"),
        ("tax", "宛名番号,課税区分,所得割額,均等割額", "1,非課税,100,100", "課税区分", "error"),
        ("tax", "宛名番号,課税区分", "1,謎", "課税区分", "error"),
        ("tax", "宛名番号,課税区分", "1,", "課税区分", "warning"),
        ("tax", "宛名番号,課税区分,合計所得金額", "1,3,百万", "合計所得金額", "error"),
        ("tax", "宛名番号,課税区分,扶養主宛名番号", "1,1,1", "扶養主宛名番号", "error"),
        ("tax", "宛名番号,課税区分", ",1", "宛名番号", "error"),
        ("allowance", "児童宛名番号,受給者宛名番号", "5,5", "受給者宛名番号", "error"),
        ("allowance", "児童宛名番号,受給者宛名番号,支給月", "5,6,13月", "支給月", "error"),
        ("allowance", "児童宛名番号,受給者宛名番号,銀行コード", "5,6,0005", "支店コード", "error"),
        ("earlier", "宛名番号,世帯番号", ",", "宛名番号", None),
        ("earlier", "宛名番号,結果", "5,迷子", "結果", "error"),
        ("care", "宛名番号,区分", "5,施設入所", "施設・後見人等名称", "error"),
        ("care", "宛名番号,区分,施設名", "5,施設入所,ひかり園", "住所", "error"),
        ("care", "宛名番号,区分,開始日", "5,生活保護,きのう", "開始日", "error"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_line_column_and_remedy_and_never_by_its_value(
    kind, heading, row, column, severity
):
    lines, problems = read(kind, heading, row)
    if severity is None:  # a blank line is no line
        assert (lines, problems) == ([], [])
        return
    (line,), (problem,) = lines, problems
    assert (problem.line, problem.column, problem.severity) == (2, column, severity)
    assert problem.remedy and line.good == (severity == "warning")
    assert not any(cell in problem.sentence for cell in row.split(",") if len(cell) > 2)


def test_a_second_line_of_the_same_person_is_a_fault_and_the_first_stays_good():
    lines, problems = read("tax", "宛名番号,課税区分", "1,非課税", "2,課税", "1,課税")
    assert [line.good for line in lines] == [True, True, False]
    assert [(one.line, one.kind) for one in problems] == [(4, "同じ人の行が前にもあります")]


def test_a_public_servants_allowance_is_paid_by_the_employer():
    (line,), _ = read("allowance", "児童宛名番号,受給者宛名番号,公務員,手当種別", "5,6,1,児童手当")
    assert line.values["allowance"] == "employer"


@pytest.mark.parametrize(
    ("cell", "said"),
    [("2025/09", "2025-09-01"), ("令和7年9月分", "2025-09-01"), ("R7.9", "2025-09-01"), ("202509", "2025-09-01"),
     ("平成31年4月", "2019-04-01"), ("令和元年5月", "2019-05-01"), ("", None)],
)  # fmt: skip
def test_a_month_is_read_as_offices_write_it(cell, said):
    assert month(cell) == said


@pytest.mark.parametrize(
    ("kind", "headings", "says"),
    [
        ("tax", "氏名,課税区分", "宛名番号"),
        ("tax", "宛名番号,氏名", "課税区分"),
        ("allowance", "児童宛名番号,氏名", "受給者宛名番号"),
        ("tax", "宛名番号,課税区分,個人番号", "個人番号"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_by_its_headings(kind, headings, says):
    with pytest.raises(ListRefused, match=says):
        list(read_facts(f"{headings}\r\n1,1,1\r\n".encode("cp932"), kind))


def test_every_list_names_its_columns_and_each_line_by_a_number():
    for kind in LISTS.values():
        assert {"number"} <= {field.name for field in kind.fields} and set(kind.key) <= set(kind.columns)
        assert all(set(group) <= set(kind.columns) for group in kind.required)


def test_the_reference_of_lists_names_every_column_and_word():
    page = Path("docs/reference/lists.md").read_text(encoding="utf-8")
    for kind in LISTS.values():
        assert f"(`{kind.code}`)" in page
        assert all(f"| `{field.name}` | {'、'.join(field.headings)} |" in page for field in kind.fields)
    for words in (TAX_CLASSES, ALLOWANCES, EARLIER, CARE):
        assert f"| {'、'.join(words)} |" in page
