"""A bank's way of writing its report, set once by the operator."""

from datetime import date

import pytest

from todoku.formats.bank_report import STANDARD, BankReportRefused, ReportMapping, read
from todoku.formats.bank_report_mapping import MappingRefused, parse, propose, to_toml

TEXT = """
name = "みなと銀行"
encoding = "cp932"
separator = "tab"
dates = "wareki6"

[columns]
number = "お客様番号"
amount = ["ご返却金額", "金額"]
reason = 4
returned_on = "お取扱日"

[reasons]
NO_ACCOUNT = ["01", "コウザナシ"]
CLOSED = ["02"]
"""


def test_a_mapping_is_a_small_text() -> None:
    assert parse(TEXT) == ReportMapping(
        "みなと銀行",
        {
            "number": ("お客様番号",),
            "amount": ("ご返却金額", "金額"),
            "reason": 4,
            "returned_on": ("お取扱日",),
        },
        encoding="cp932",
        separator="\t",
        dates="wareki6",
        words=(("01", "NO_ACCOUNT"), ("コウザナシ", "NO_ACCOUNT"), ("02", "CLOSED")),
    )


def test_the_same_mapping_reads_every_later_report() -> None:
    data = "お客様番号\t備考\tご返却金額\t区分\tお取扱日\r\n12\t\t100,000\t01\t081207\r\n".encode("cp932")
    (row,) = read(data, parse(TEXT))
    assert (row.number, row.amount, row.reason, row.returned_on) == (
        "0000000012", 100_000, "NO_ACCOUNT", date(2026, 12, 7)
    )  # fmt: skip


def test_a_mapping_written_is_the_mapping_read() -> None:
    for mapping in (
        parse(TEXT),
        STANDARD,
        ReportMapping('"a"\\b', {"number": 1, "amount": 2, "reason": 3}, False),
    ):
        assert parse(to_toml(mapping)) == mapping


def test_a_name_alone_means_the_headings_that_banks_use() -> None:
    assert parse('name = "standard"') == STANDARD


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "name", "書かれていません"),
        ('name = "a"\nheadings = "no"', "headings", "true か false"),
        ('name = "a"\nencoding = "sjis"', "encoding", "auto、cp932、utf-8"),
        ('name = "a"\ndates = "wareki"', "dates", "「wareki6」の書き誤り"),
        ('name = "a"\nseparator = ";"', "separator", "tab"),
        ('name = "a"\nheadings = false', "columns", "列の位置"),
        ('name = "a"\n[columns]\nnumber = 1\namount = 2', "columns.reason", "資金返却理由の列"),
        ('name = "a"\n[columns]\nnumber = 1\namount = 1\nreason = 3', "columns", "同じ位置"),
        ('name = "a"\n[columns]\nnumber = 0\namount = 2\nreason = 3', "columns.number", "1から始まる"),
        (
            'name = "a"\nheadings = false\n[columns]\nnumber = "番号"\namount = 2\nreason = 3',
            "columns.number",
            "1から始まる列の位置",
        ),
        (
            'name = "a"\n[columns]\nnumber = 1\namount = 2\nreason = 3\nday = 4',
            "columns.day",
            "項目はありません",
        ),
        ('name = "a"\n[reasons]\nCLOSE = ["x"]', "reasons", "「CLOSED」の書き誤り"),
        ('name = "a"\n[reasons]\nCLOSED = "x"', "reasons.CLOSED", "解約済"),
        ('name = "a"\n[reasons]\nCLOSED = ["1"]\nBLOCKED = ["１"]', "reasons", "二度"),
        ("name =", "", "TOMLとして読めません"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(text: str, key: str, says: str) -> None:
    with pytest.raises(MappingRefused) as refused:
        parse(text)
    found = [mistake for mistake in refused.value.mistakes if mistake.key == key]
    assert len(found) == 1
    assert says in found[0].sentence


HEADED = (
    "資金返却のご案内\r\n"
    "お客様番号,お受取人,ご返却金額,不能原因,お取扱日付\r\n"
    '0000000012,ﾐﾎﾝ ﾀﾛｳ,"100,000",ｺｳｻﾞﾅｼ,081207\r\n'
    '0000000013,ﾐﾎﾝ ﾊﾅｺ,"30,000",解約,081208\r\n'
)


def test_a_mapping_is_proposed_from_headings_that_nobody_listed() -> None:
    proposal = propose(HEADED.encode("cp932"))
    assert proposal.missing == ("number",)
    mapping = proposal.mapping
    assert mapping.columns == {
        "amount": ("ご返却金額",),
        "reason": ("不能原因",),
        "returned_on": ("お取扱日付",),
    }
    assert (mapping.headings, mapping.encoding, mapping.dates) == (True, "cp932", "wareki6")
    assert proposal.lines[1] == ("お客様番号", "お受取人", "ご返却金額", "不能原因", "お取扱日付")
    assert proposal.reasons == (("ｺｳｻﾞﾅｼ", "OTHER"), ("解約", "CLOSED"))
    kept = mapping._replace(
        name="みなと",
        columns={**mapping.columns, "number": ("お客様番号",)},
        words=(("ｺｳｻﾞﾅｼ", "NO_ACCOUNT"),),
    )
    rows = read(HEADED.encode("cp932"), parse(to_toml(kept)))
    assert [(row.number, row.amount, row.reason) for row in rows] == [
        ("0000000012", 100_000, "NO_ACCOUNT"), ("0000000013", 30_000, "CLOSED")
    ]  # fmt: skip
    assert rows[0].returned_on == date(2026, 12, 7)


def test_a_mapping_is_proposed_from_what_stands_in_the_columns() -> None:
    data = (
        '20261207,1,0000000012,0138,200,1234567,"100,000",該当口座なし\r\n'
        '20261207,1,0000000013,0138,200,1234568,"30,000",解約済\r\n'
    ).encode("cp932")
    proposal = propose(data)
    assert proposal.missing == ()
    assert proposal.mapping.columns == {"number": 3, "amount": 7, "reason": 8, "returned_on": 1}
    assert proposal.mapping.headings is False
    assert [row.reason for row in read(data, proposal.mapping)] == ["NO_ACCOUNT", "CLOSED"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("依頼番号,金額,理由,返却日\r\n1,2,解約,261207\r\n", "western6"),
        ("依頼番号,金額,理由,返却日\r\n1,2,解約,1207\r\n", "none"),
        ("依頼番号,金額,理由,返却日\r\n1,2,解約,令和8年12月7日\r\n", "auto"),
        ("依頼番号,金額,理由\r\n1,2,解約\r\n", "auto"),
    ],
)
def test_the_way_of_writing_a_day_is_proposed(text: str, dates: str) -> None:
    proposal = propose(text.encode())
    assert proposal.mapping.dates == dates
    assert proposal.missing == ()
    assert proposal.mapping.encoding == "auto"


def test_nothing_is_proposed_from_nothing_and_a_spreadsheet_is_refused() -> None:
    assert propose(b"").missing == ("number", "amount", "reason")
    assert propose(b"a,b\r\n").mapping.columns == {}
    with pytest.raises(BankReportRefused, match="Excel"):
        propose(b"PK\x03\x04")
