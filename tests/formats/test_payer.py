"""Who pays, as a small text."""

from datetime import date

import pytest

from todoku.formats.payer import Payer, PayerRefused, booked_year, header, parse

TEXT = """
municipality = "141003"
programme = "kyufu-2026"
[payer]
requester_code = "0000001234"
requester_kana = "ミホンシ　カイケイカンリシャ"
bank = "0138"
branch = "200"
account_kind = 1
account_number = "7654321"
bank_profile = "limit_50000"
[books]
fiscal_year = 2026
budget_item = "3-1-1"
payment_order = "第45号"
"""


def test_a_payer_is_read() -> None:
    assert parse(TEXT) == Payer(
        "141003", "kyufu-2026", "0000001234", "ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ", "0138", "200", 1, "7654321", "limit_50000", 2026,
        "3-1-1", "第45号",
    )  # fmt: skip


def test_the_header_of_a_bank_file_is_the_payers() -> None:
    found = header(parse(TEXT), date(2026, 12, 4))
    assert (found.value_date, found.bank_name, found.branch_name) == ("1204", "ﾖｺﾊﾏ", "ﾎﾝﾃﾝ")


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        (("141003", "141004"), "municipality", "全国地方公共団体コード"),
        (('"kyufu-2026"', '"給付"'), "programme", "英小文字"),
        (("0000001234", "1234"), "payer.requester_code", "10桁"),
        (("ミホンシ　カイケイカンリシャ", "見本市"), "payer.requester_kana", "届け出たカナ"),
        (("ミホンシ　カイケイカンリシャ", "ア" * 41), "payer.requester_kana", "40文字以内"),
        (("ミホンシ　カイケイカンリシャ", ""), "payer.requester_kana", "書かれていません"),
        (('"0138"', "138"), "payer.bank", "前の0も含めて"),
        (('"0138"', '"9999"'), "payer.bank", "一覧にありません"),
        (('"200"', '"999"'), "payer.branch", "一覧にありません"),
        (("account_kind = 1", "account_kind = 4"), "payer.account_kind", "普通は 1"),
        (("account_kind = 1", ""), "payer.account_kind", "普通は 1"),
        (("7654321", "765432"), "payer.account_number", "7桁"),
        (("fiscal_year = 2026", "fiscal_year = 8"), "books.fiscal_year", "西暦"),
        (('"第45号"', "45"), "books.payment_order", "文字列"),
        (("budget_item", "budget"), "books.budget", "「budget_item」の書き誤り"),
        (("[payer]", "[pay]"), "payer", "[payer] を書いて"),
        (("bank_profile", "profile"), "payer.profile", "項目はありません"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(change: tuple[str, str], key: str, says: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(PayerRefused) as refused:
        parse(TEXT.replace(*change))
    found = [mistake.sentence for mistake in refused.value.mistakes if mistake.key == key]
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize(
    ("weekday", "day", "written", "year"),
    [
        ("Fri", date(2026, 12, 4), 0, 2026),
        ("Wed", date(2027, 3, 31), 0, 2026),
        ("Thu", date(2027, 4, 1), 0, 2027),
        ("Thu", date(2027, 4, 1), 2026, 2026),
        ("Mon", date(2027, 5, 31), 2026, 2026),
        ("Tue", date(2027, 6, 1), 2026, None),
        ("Tue", date(2026, 3, 31), 2026, None),
    ],
)
def test_money_is_of_the_year_whose_books_are_open(
    weekday: str, day: date, written: int, year: int | None
) -> None:
    assert day.strftime("%a") == weekday
    payer = parse(TEXT)._replace(fiscal_year=written)
    if year is None:
        with pytest.raises(PayerRefused, match="出納整理期間の外"):
            booked_year(payer, day)
    else:
        assert booked_year(payer, day) == year
