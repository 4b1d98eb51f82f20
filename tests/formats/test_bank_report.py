"""The bank's list of transfers that came back."""

from datetime import date

import pytest

from todoku.formats.bank_report import (
    OTHER,
    REASONS,
    BankReportRefused,
    ReportMapping,
    ReturnedTransfer,
    parse_day,
    read,
    reason_of,
)

SAMPLE = (
    "依頼番号,金額,資金返却理由,返却日\r\n"
    "0000000012,100000,該当口座なし,2026/07/02\r\n"
    '13,"30,000",受取人名相違,0702\r\n'
    "\r\n"
)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_report_is_read_line_by_line(encoding: str) -> None:
    assert read(SAMPLE.encode(encoding)) == [
        ReturnedTransfer(2, "0000000012", 100_000, "NO_ACCOUNT", "該当口座なし", date(2026, 7, 2)),
        ReturnedTransfer(3, "0000000013", 30_000, "NAME_MISMATCH", "受取人名相違", None),
    ]


def test_headings_alone_mean_that_nothing_came_back() -> None:
    assert read("依頼番号,金額,資金返却理由\r\n".encode("cp932")) == []


def test_another_banks_headings_are_data() -> None:
    data = "No,えん,わけ\r\n１２,￥1000円,解約済\r\n".encode()
    columns = {"number": ("No",), "amount": ("えん",), "reason": ("わけ",)}
    assert read(data, ReportMapping("own", columns)) == [
        ReturnedTransfer(2, "0000000012", 1000, "CLOSED", "解約済", None)
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("該当口座なし", "NO_ACCOUNT"),
        ("受取人名相違", "NAME_MISMATCH"),
        ("名義相違", "NAME_MISMATCH"),
        ("口座解約済", "CLOSED"),
        ("入金停止", "BLOCKED"),
        ("店舗統廃合により該当店なし", "BRANCH_ABOLISHED"),
        ("預金種目相違", "TYPE_MISMATCH"),
        ("closed", "CLOSED"),
        ("その他", "OTHER"),
        ("受取辞退", "OTHER"),
        ("", "OTHER"),
    ],
)
def test_the_banks_words_become_our_reasons(words: str, reason: str) -> None:
    assert reason_of(words) == reason


def test_our_own_words_are_read_back() -> None:
    assert {reason: reason_of(words) for reason, words in REASONS.items()} == {one: one for one in REASONS}
    assert reason_of("読めない") == OTHER


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 0, "「依頼番号」「金額」「資金返却理由」"),
        ("依頼番号,金額\r\n1,2\r\n", 0, "「資金返却理由」"),
        ("依頼番号,金額,理由\r\n1,2\r\n", 2, "列が足りません"),
        ("依頼番号,金額,理由\r\nA1,2,解約\r\n", 2, "依頼番号"),
        ("依頼番号,金額,理由\r\n12345678901,2,解約\r\n", 2, "依頼番号"),
        ("依頼番号,金額,理由\r\n1,2,解約\r\n1,千円,解約\r\n", 3, "金額"),
        ('依頼番号,金額,理由\r\n1,2,"解約\r\n', 0, "引用符"),
    ],
)
def test_a_report_that_cannot_be_read_is_refused_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(BankReportRefused) as refused:
        read(text.encode("cp932"))
    assert refused.value.line == line
    assert says in refused.value.sentence


def test_a_broken_byte_is_refused_by_line() -> None:
    with pytest.raises(BankReportRefused, match="3行目") as refused:
        read(SAMPLE.encode("cp932").replace("受取".encode("cp932"), b"\x81\x20"))
    assert refused.value.line == 3


TITLED = (
    "資金返却明細表,,,,\r\n"
    "作成日,令和8年12月8日,,,\r\n"
    "\r\n"
    "No,整理番号,受取人名,返却金額,返却理由,返却日\r\n"
    '1,００００００００１２,ﾐﾎﾝ ﾀﾛｳ,"１００，０００",受取人名相違,令和8年12月7日\r\n'
    '2,0000000013,ﾐﾎﾝ ﾊﾅｺ,"30,000円",口座解約済,R8.12.7\r\n'
    ",,,,,\r\n"
    '合計,2件,,"130,000",,\r\n'
    "\x1a"
)


def test_titles_blank_lines_and_a_line_of_totals_are_no_transfers() -> None:
    monday = date(2026, 12, 7)
    assert monday.strftime("%a") == "Mon"
    assert read(TITLED.encode("cp932")) == [
        ReturnedTransfer(5, "0000000012", 100_000, "NAME_MISMATCH", "受取人名相違", monday),
        ReturnedTransfer(6, "0000000013", 30_000, "CLOSED", "口座解約済", monday),
    ]


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ('合計,2件,,"130,001",,', "合計金額"),
        ('【合計】,3件,,"130,000",,', "合計件数"),
        ("計,,,1,,", "合計金額"),
    ],
)
def test_a_total_that_is_not_that_of_the_lines_is_refused(stated: str, says: str) -> None:
    text = TITLED.replace('合計,2件,,"130,000",,', stated)
    with pytest.raises(BankReportRefused, match=says) as refused:
        read(text.encode("cp932"))
    assert refused.value.line == 8


def test_subtotals_stand_between_and_the_number_of_a_person_called_kera_is_still_asked_for() -> None:
    text = TITLED.replace(",,,,,\r\n", '小計,,,"130,000",,\r\n')
    assert len(read(text.encode("cp932"))) == 2
    named = TITLED.replace("0000000013,ﾐﾎﾝ ﾊﾅｺ", "A,計良 花子")
    with pytest.raises(BankReportRefused, match="6行目の依頼番号"):
        read(named.encode("cp932"))


def test_a_file_without_headings_is_read_by_position() -> None:
    data = '"20261207","1234567","0000000012","ﾐﾎﾝ ﾀﾛｳ","100000","02"\r\n'.encode("cp932")
    mapping = ReportMapping(
        "positions",
        {"number": 3, "amount": 5, "reason": 6, "returned_on": 1},
        headings=False,
        words=(("02", "NAME_MISMATCH"), ("2", "CLOSED")),
    )
    assert read(data, mapping) == [
        ReturnedTransfer(1, "0000000012", 100_000, "NAME_MISMATCH", "02", date(2026, 12, 7))
    ]


def test_a_position_may_stand_in_for_a_heading_that_means_nothing() -> None:
    data = "区分,依頼番号,金額,備考\r\nx,12,1000,口座なし\r\n".encode()
    mapping = ReportMapping("mixed", {"number": ("依頼番号",), "amount": ("金額",), "reason": 4})
    assert read(data, mapping) == [ReturnedTransfer(2, "0000000012", 1000, "NO_ACCOUNT", "口座なし", None)]


def test_the_banks_own_words_come_first_and_a_code_is_the_whole_cell() -> None:
    words = (("1", "CLOSED"), ("ニュウキンフカ", "BLOCKED"), ("名義", "OTHER"))
    assert reason_of("1", words) == "CLOSED"
    assert reason_of("11", words) == "OTHER"
    assert reason_of("ニュウキンフカ（本人申出）", words) == "BLOCKED"
    assert reason_of("名義相違", words) == "OTHER"
    assert reason_of("名義相違") == "NAME_MISMATCH"


@pytest.mark.parametrize(
    ("text", "dates", "day"),
    [
        ("令和8年12月7日", "auto", date(2026, 12, 7)),
        ("2026/12/07", "auto", date(2026, 12, 7)),
        ("０８１２０７", "wareki6", date(2026, 12, 7)),
        ("08.12.07", "wareki6", date(2026, 12, 7)),
        ("261207", "western6", date(2026, 12, 7)),
        ("081207", "auto", None),
        ("1207", "none", None),
        ("20261207", "none", None),
        ("2026-12-07", "wareki6", None),
        ("089907", "wareki6", None),
        ("", "auto", None),
    ],
)
def test_a_day_is_read_as_the_bank_writes_it_and_a_year_is_not_guessed(
    text: str, dates: str, day: date | None
) -> None:
    assert parse_day(text, dates) == day


def test_another_encoding_than_the_one_agreed_is_refused() -> None:
    mapping = ReportMapping("utf8", {"number": 1, "amount": 2, "reason": 3}, headings=False, encoding="utf-8")
    assert read("1,2,解約\r\n".encode(), mapping)[0].reason == "CLOSED"
    assert read("1,2,解約\r\n".encode("utf-8-sig"), mapping)[0].number == "0000000001"
    with pytest.raises(BankReportRefused, match="1行目"):
        read("1,2,解約\r\n".encode("cp932"), mapping)
