"""A payment list as an office keeps it: what can be paid, and what a spreadsheet or a hurried hand has spoiled."""

import pytest

from todoku.formats.csv_list import ListRefused
from todoku.formats.payment_list import PaymentRow, read
from todoku.formats.yucho import Account

LIST = (
    "管理番号,口座名義カナ,銀行コード,支店コード,預金種目,口座番号,ゆうちょ記号,ゆうちょ番号,金額\r\n"
    "12,ミホン　タロウ,0138,200,普通,0012345,,,100000\r\n"
    '13,みほん はなこ,0001,001,2,7654321,,,"100,000"\r\n'
    "14,ﾐﾎﾝ ｼﾞﾛｳ,,,,,14030,12345671,￥３０，０００円\r\n"
)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_list_becomes_rows_of_a_bank_file(encoding: str) -> None:
    assert read(LIST.encode(encoding)) == (
        [
            PaymentRow(2, "0000000012", Account("0138", "200", 1, "0012345"), "ミホン　タロウ", 100_000),
            PaymentRow(3, "0000000013", Account("0001", "001", 2, "7654321"), "みほん はなこ", 100_000),
            PaymentRow(4, "0000000014", Account("9900", "408", 1, "1234567"), "ﾐﾎﾝ ｼﾞﾛｳ", 30_000),
        ],
        [],
        3,
    )


def test_headings_are_found_by_their_usual_names_in_any_order_below_a_title() -> None:
    text = (
        "令和8年度給付金 支払一覧,,,,,,\r\n"
        ",,,,,,\r\n"
        "支給額（円）,氏名,口座名義(漢字),口座名義（カナ）,金融機関コード,店番,口座種別,口座番号,申請番号\r\n"
        "50000,見本太郎,見本 太郎,ミホン タロウ,0138,200,1,0012345,7\r\n"
    )
    (row,), problems, lines = read(text.encode("cp932"))
    assert (problems, lines) == ([], 1)
    assert (row.line, row.number, row.holder, row.amount_yen) == (4, "0000000007", "ミホン タロウ", 50_000)


def test_a_row_shows_no_account_and_no_name() -> None:
    shown = repr(read(LIST.encode()))
    assert "PaymentRow(line=2, number='0000000012')" in shown
    assert "0012345" not in shown
    assert "ミホン" not in shown


FIRST = "12,ミホン　タロウ,0138,200,普通,0012345,,,100000"


@pytest.mark.parametrize(
    ("row", "column", "says", "severity"),
    [
        (",ミホン　タロウ,0138,200,普通,0012345,,,1", "管理番号", "番号がありません", "error"),
        ("A-12,ミホン　タロウ,0138,200,普通,0012345,,,1", "管理番号", "10桁までの数字", "error"),
        ("12345678901,ミホン　タロウ,0138,200,普通,0012345,,,1", "管理番号", "10桁までの数字", "error"),
        ("1.23E+09,ミホン　タロウ,0138,200,普通,0012345,,,1", "管理番号", "表計算ソフト", "error"),
        ("12,ミホン　タロウ,138,200,普通,0012345,,,1", "銀行コード", "先頭の0", "error"),
        ("12,ミホン　タロウ,1,1,普通,0012345,,,1", "銀行コード", "先頭の0", "error"),
        ("12,ミホン　タロウ,0001,1,普通,0012345,,,1", "支店コード", "先頭の0", "error"),
        ("12,ミホン　タロウ,0138,200,普通,12345,,,1", "口座番号", "先頭の0", "error"),
        ("12,ミホン　タロウ,0138,200,普通,1.23E+06,,,1", "口座番号", "表計算ソフト", "error"),
        ("12,ミホン　タロウ,0138,1月2日,普通,0012345,,,1", "支店コード", "表計算ソフト", "error"),
        ("12,ミホン　タロウ,0138,200,普通,12345678,,,1", "口座番号", "7桁の数字", "error"),
        ("12,ミホン　タロウ,9900,408,普通,12345671,,,1", "口座番号", "ゆうちょ銀行の番号", "error"),
        ("12,ミホン　タロウ,横浜,200,普通,0012345,,,1", "銀行コード", "数字のコード", "error"),
        ("12,ミホン　タロウ,0138,200,定期,0012345,,,1", "預金種目", "預金種目では", "error"),
        ("12,ミホン　タロウ,0138,200,,0012345,,,1", "預金種目", "預金種目では", "error"),
        ("12,ミホン　タロウ,,,,,,,1", "銀行コード", "振込先がありません", "error"),
        ("12,ミホン　タロウ,,,,,4030,12345671,1", "ゆうちょ記号", "先頭の0", "error"),
        ("12,ミホン　タロウ,,,,,14030,12345672,1", "ゆうちょ記号", "正しくありません", "error"),
        ("12,ミホン　タロウ,,,,,14030,1.23E+07,1", "ゆうちょ番号", "表計算ソフト", "error"),
        ("12,ミホン　タロウ,9900,408,1,7654321,14030,12345671,1", "ゆうちょ記号", "違う口座", "error"),
        (
            "12,見本　太郎,0138,200,普通,0012345,,,1",
            "口座名義カナ",
            "書けない文字があります(1文字目)",
            "error",
        ),
        ("12,,0138,200,普通,0012345,,,1", "口座名義カナ", "カナがありません", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,", "金額", "読めません", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,-5", "金額", "読めません", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,1E+05", "金額", "表計算ソフト", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,0", "金額", "1円から", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,10000000000", "金額", "1円から", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345", "", "列の数", "error"),
        ("12,ミホン　タロウ,0138,200,普通,0012345,,,1,x", "", "列の数", "error"),
        ("12,ミホン　タロウ,0138,999,普通,0012345,,,1", "支店コード", "一覧にない支店", "warning"),
        ("12,ミホン　タロウ,9999,200,普通,0012345,,,1", "銀行コード", "一覧にない銀行", "warning"),
        ("12,ミホン　タロウ,,,,,14040,12345671,1", "ゆうちょ記号", "検査数字", "warning"),
        (f"12,{'ミホン' * 11},0138,200,普通,0012345,,,1", "口座名義カナ", "30桁", "warning"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_never_guessed(
    row: str, column: str, says: str, severity: str
) -> None:
    rows, problems, _ = read(LIST.replace(FIRST, row).encode())
    mine = [problem for problem in problems if problem.column == column]
    assert len(mine) == 1
    assert (mine[0].line, mine[0].severity) == (2, severity)
    assert says in mine[0].kind
    assert mine[0].sentence.startswith("2行目")
    assert mine[0].remedy.endswith("。")
    assert [one.line for one in rows] == ([3, 4] if severity == "error" else [2, 3, 4])


def test_the_same_number_twice_is_named_with_the_line_where_it_stood_first() -> None:
    rows, problems, _ = read(LIST.replace("\r\n13,", "\r\n0012,").encode())
    (problem,) = problems
    assert (problem.line, problem.column, problem.kind) == (3, "管理番号", "同じ番号の行があります(2行目)")
    assert [row.line for row in rows] == [2, 4]


def test_the_same_amount_to_the_same_account_waits_until_the_office_says_why() -> None:
    text = LIST.replace("13,みほん はなこ,0001,001,2,7654321", "13,みほん はなこ,0138,200,1,0012345")
    rows, (problem,), _ = read(text.encode())
    assert (problem.line, problem.kind) == (3, "同じ口座に同じ金額の行があります(2行目)")
    assert "同一口座の確認" in problem.remedy
    assert [row.line for row in rows] == [2, 4]
    explained = text.replace(",金額\r\n", ",金額,同一口座の確認\r\n").replace("100000\r\n", "100000,\r\n")
    explained = explained.replace('"100,000"', '"100,000",成年後見人の口座').replace(
        "００円\r\n", "００円,\r\n"
    )
    rows, problems, _ = read(explained.encode())
    assert (len(rows), problems) == (3, [])
    other_amount = read(text.replace('"100,000"', '"100,001"').encode())
    assert (len(other_amount.rows), other_amount.problems) == (3, [])


def test_one_account_written_in_both_ways_is_one_account() -> None:
    both = LIST.replace("14,ﾐﾎﾝ ｼﾞﾛｳ,,,,,14030", "14,ﾐﾎﾝ ｼﾞﾛｳ,9900,408,普通,1234567,14030")
    rows, problems, _ = read(both.encode())
    assert (rows[2].account, problems) == (Account("9900", "408", 1, "1234567"), [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "「管理番号」「口座名義カナ」「銀行コード」"),
        (LIST.replace("金額", "年齢"), "「金額」"),
        ("管理番号,口座名義カナ,銀行コード,支店コード,口座番号,金額\r\n", "「預金種目」"),
        (LIST.replace("ゆうちょ記号", "個人番号"), "個人番号"),
        (LIST.replace("\r\n13,", '\r\n"13,'), "引用符"),
    ],
)
def test_what_is_no_list_is_refused(text: str, says: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read(text.encode("cp932"))
    assert says in refused.value.sentence


def test_a_list_of_post_bank_accounts_alone_needs_no_other_columns() -> None:
    text = "申請番号,受給者氏名カナ,記号,番号,支給額\r\n1,ミホン タロウ,14030,12345671,5000\r\n"
    rows, problems, _ = read(text.encode())
    assert (rows[0].account.branch, problems) == ("408", [])
