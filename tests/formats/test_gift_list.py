"""An issuer's list of gift codes: whoever has the URL has the money."""

import traceback
from datetime import date

import pytest

from todoku.formats.csv_list import ListRefused
from todoku.formats.gift_list import GiftCode, GiftUrl, read

ON = date(2026, 11, 20)
SECRET = "kD83hZq0"
LIST = (
    "管理番号,QUOカードPay URL,金額（円）,有効期限,利用可能店舗\r\n"
    f"Q-0001,https://gift.example.jp/v1/{SECRET}A,30000,2029/11/30,\r\n"
    f'Q-0002,https://gift.example.jp/v1/{SECRET}B,"￥５０，０００円",令和11年11月30日,ミホンストア\r\n'
    "\r\n"
    f"Q-0003,https://gift.example.jp/v1/{SECRET}C,1,2026-11-21 23:59,\r\n"
)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_list_is_read_code_by_code(encoding: str) -> None:
    friday = ON
    assert friday.strftime("%a") == "Fri"
    codes, problems = read(LIST.encode(encoding), friday)
    assert problems == []
    assert codes == [
        GiftCode(2, GiftUrl(f"https://gift.example.jp/v1/{SECRET}A"), 30_000, date(2029, 11, 30), "Q-0001"),
        GiftCode(
            3,
            GiftUrl(f"https://gift.example.jp/v1/{SECRET}B"),
            50_000,
            date(2029, 11, 30),
            "Q-0002",
            "ミホンストア",
        ),
        GiftCode(5, GiftUrl(f"https://gift.example.jp/v1/{SECRET}C"), 1, date(2026, 11, 21), "Q-0003"),
    ]
    assert codes[0].url.reveal() == f"https://gift.example.jp/v1/{SECRET}A"


def test_no_repr_shows_the_code() -> None:
    found = read(LIST.encode(), ON)
    code = found.codes[0]
    shown = [
        repr(found),
        str(found.codes),
        repr(code),
        f"{code}",
        f"{code.url}",
        str(tuple(code)),
        repr(code._asdict()),
    ]
    assert all(SECRET not in one and "gift.example.jp" not in one for one in shown)
    assert "Q-0001" in repr(code)


def _with(change: tuple[str, str]) -> bytes:
    assert change[0] in LIST
    return LIST.replace(*change).encode()


@pytest.mark.parametrize(
    ("change", "line", "column", "says", "codes"),
    [
        ((f"https://gift.example.jp/v1/{SECRET}B", ""), 3, "QUOカードPay URL", "URLがありません", 2),
        (
            ("https://gift.example.jp/v1/" + SECRET + "B", f"http://gift.example.jp/{SECRET}B"),
            3,
            "QUOカードPay URL",
            "https",
            2,
        ),
        (
            (f"gift.example.jp/v1/{SECRET}B", f"a@gift.example.jp/{SECRET}B"),
            3,
            "QUOカードPay URL",
            "https",
            2,
        ),
        ((f"v1/{SECRET}B", f"v1/ {SECRET}B"), 3, "QUOカードPay URL", "https", 2),
        ((f"v1/{SECRET}B", SECRET + "あ"), 3, "QUOカードPay URL", "https", 2),
        ((f"/v1/{SECRET}B", "/"), 3, "QUOカードPay URL", "https", 2),
        ((f"{SECRET}B", SECRET + "x" * 500), 3, "QUOカードPay URL", "https", 2),
        ((f"{SECRET}C", f"{SECRET}A"), 5, "QUOカードPay URL", "同じURL", 2),
        (
            (f"gift.example.jp/v1/{SECRET}C", f"gift.example.com/{SECRET}C"),
            5,
            "QUOカードPay URL",
            "違うサイト",
            3,
        ),
        (("30000", "三万"), 2, "金額（円）", "読めません", 2),
        (("30000", "-1"), 2, "金額（円）", "読めません", 2),
        (("30000", "100.5"), 2, "金額（円）", "読めません", 2),
        (("30000", "0"), 2, "金額（円）", "1円から100,000円", 2),
        (("30000", "100001"), 2, "金額（円）", "1円から100,000円", 2),
        (("2029/11/30", "2029/13/30"), 2, "有効期限", "日付として", 2),
        (("2029/11/30", "1130"), 2, "有効期限", "日付として", 2),
        (("2029/11/30", ""), 2, "有効期限", "日付として", 2),
        (("2029/11/30", "2026/11/20"), 2, "有効期限", "過ぎている", 2),
        (("Q-0003", "Q-0002"), 5, "管理番号", "同じ管理番号", 2),
        (("Q-0003", ""), 5, "管理番号", "ないか、長すぎ", 2),
        (("Q-0003", "9" * 41), 5, "管理番号", "ないか、長すぎ", 2),
        (("Q-0003", f"{SECRET}C"), 5, "管理番号", "URLの一部", 2),
        (("Q-0003", f"https://gift.example.jp/v1/{SECRET}C"), 5, "管理番号", "URLの一部", 2),
        (("ミホンストア", "店" * 101), 3, "利用可能店舗", "長すぎ", 2),
        ((",ミホンストア", ""), 3, "", "列の数", 2),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_never_by_the_code(
    change: tuple[str, str], line: int, column: str, says: str, codes: int
) -> None:
    found = read(_with(change), ON)
    (problem,) = found.problems
    assert (problem.line, problem.column) == (line, column)
    assert says in problem.kind
    assert problem.remedy.endswith("。")
    assert len(found.codes) == codes
    assert problem.severity == ("warning" if codes == 3 else "error")
    assert SECRET not in repr(found) + problem.sentence


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "「URL」「金額」「有効期限」「管理番号」"),
        (LIST.replace("有効期限", "期日").encode(), "「有効期限」"),
        (LIST.replace("Q-0002,", 'Q-0002,"').encode(), "引用符"),
        (LIST.encode("cp932").replace("ミホン".encode("cp932"), b"\x81\x20"), "3行目"),
        (LIST.encode("utf-16"), "UTF-16"),
        (LIST.replace("利用可能店舗", "個人番号").encode(), "個人番号"),
    ],
)
def test_what_is_no_list_is_refused_without_the_code(data: bytes, says: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read(data, ON)
    assert says in refused.value.sentence
    told = "".join(traceback.format_exception(refused.value))
    assert SECRET not in told


def test_every_problem_of_a_line_is_named_at_once() -> None:
    text = LIST.replace(f"https://gift.example.jp/v1/{SECRET}A,30000,2029/11/30", ",0,x").replace(
        "Q-0001", ""
    )
    problems = read(text.encode(), ON).problems
    assert [(problem.line, problem.column) for problem in problems] == [
        (2, "QUOカードPay URL"), (2, "金額（円）"), (2, "有効期限"), (2, "管理番号")
    ]  # fmt: skip


def test_a_citys_list_is_read_in_one_go() -> None:
    rows = "".join(
        f"Q-{number:06},https://gift.example.jp/v1/{number:08x},30000,2029/11/30,\r\n"
        for number in range(20_000)
    )
    codes, problems = read((LIST.split("\r\n")[0] + "\r\n" + rows).encode(), ON)
    assert (len(codes), problems) == (20_000, [])
    assert sum(code.value_yen for code in codes) == 600_000_000
