"""The bank's list of transfers that came back."""

from datetime import date

import pytest

from todoku.formats.bank_report import OTHER, REASONS, BankReportRefused, ReturnedTransfer, read, reason_of

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
    assert read(data, columns) == [ReturnedTransfer(2, "0000000012", 1000, "CLOSED", "解約済", None)]


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
