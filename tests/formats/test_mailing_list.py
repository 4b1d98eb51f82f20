"""A mailing list from an office: rows to write to, and each thing wrong named by line, column and remedy."""

import pytest

from todoku.formats.codes import check_digit
from todoku.formats.csv_list import ListRefused
from todoku.formats.mailing_list import MailRow, read

HEAD = "管理番号,氏名,郵便番号,住所,方書"
GOOD = "A-1,見本 太郎,100-0001,東京都千代田区千代田1-1,見本荘101号"


def _read(*rows: str, head: str = HEAD):
    return read("\r\n".join([head, *rows, ""]).encode("cp932"))


def test_a_good_row_is_read_with_its_line() -> None:
    found = _read(GOOD)
    assert found.rows == [MailRow(2, "A-1", "見本 太郎", "1000001", "東京都千代田区千代田1-1", "見本荘101号")]
    assert (found.problems, found.lines) == ([], 1)
    assert repr(found.rows[0]) == "MailRow(line=2)"  # nobody's name in a log


def test_other_headings_no_number_and_no_building_are_as_good() -> None:
    (row,) = _read("〒１００－０００１,千代田区千代田１番１号,御中 商店", head="郵便番号,住所1,宛名").rows
    assert (row.number, row.postal_code, row.name, row.building) == ("", "1000001", "御中 商店", "")


def test_a_number_of_ours_is_known_in_any_form() -> None:
    digits = "700000000123"
    number = digits + check_digit(digits)
    (row,) = _read(f"{number[:4]}-{number[4:8]}-{number[8:]}" + GOOD.removeprefix("A-1")).rows
    assert (row.number, row.has_our_number) == (number, True)
    assert not _read(GOOD).rows[0].has_our_number


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",,100-0001,千代田区千代田1,", "「氏名」: 宛名がありません"),
        (f",{'長' * 61},100-0001,千代田区千代田1,", "宛名が60字を超えます"),
        (",見本 太郎,100-0001,,", "「住所」: 住所がありません"),
        (f",見本 太郎,100-0001,{'長' * 121},", "住所が120字を超えます"),
        (",見本 太郎,600041,札幌市中央区大通東1,", "7桁ありません(先頭の0が失われた可能性)"),
        (",見本 太郎,1E+06,千代田区千代田1,", "表計算ソフトで桁が失われています"),
        (",見本 太郎,,千代田区千代田1,", "「郵便番号」: 郵便番号ではありません"),
        ("1" * 21 + ",見本 太郎,100-0001,千代田区千代田1,", "番号が20字を超えます"),
        ("123456789018,見本 太郎,100-0001,千代田区千代田1,", "個人番号かもしれない12桁"),
    ],
)
def test_a_bad_row_is_left_out_and_named_while_the_others_stay(row: str, says: str) -> None:
    found = _read(GOOD, row)
    assert len(found.rows) == 1
    (problem,) = found.problems
    assert says in problem.sentence and problem.sentence.startswith("3行目") and problem.severity == "error"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",見本 花子,999-9999,千代田区千代田1,", "郵便番号簿にない"),
        (",見本 花子,100-0001,大阪市北区梅田1-1,", "市区町村が合いません"),
        (GOOD.replace("A-1", "A-2"), "同じ宛名と住所の行があります(2行目)"),
    ],
)
def test_a_doubtful_row_stays_with_a_warning(row: str, says: str) -> None:
    found = _read(GOOD, row)
    assert len(found.rows) == 2
    assert says in found.problems[0].sentence and found.problems[0].severity == "warning"


def test_the_same_number_twice_is_an_error_that_names_the_first() -> None:
    found = _read(GOOD, GOOD.replace("太郎", "花子"))
    assert len(found.rows) == 1
    assert "同じ番号の行があります(2行目)" in found.problems[0].sentence


def test_a_list_without_addresses_or_with_my_numbers_is_refused_whole() -> None:
    with pytest.raises(ListRefused, match="「住所」の列がありません"):
        _read("見本 太郎,100-0001", head="氏名,郵便番号")
    with pytest.raises(ListRefused, match="個人番号の列があります"):
        _read("見本,100-0001,千代田区,1", head="氏名,郵便番号,住所,個人番号")
