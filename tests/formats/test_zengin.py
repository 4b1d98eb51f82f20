"""The bank file byte for byte, and what is refused or questioned."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.formats.zengin import (
    ANSWERS,
    PROFILES,
    Header,
    Profile,
    Row,
    Trailer,
    ZenginRefused,
    account_inquiry,
    general_transfer,
    mmdd,
    problems,
    read,
    split,
)

STANDARD = PROFILES["standard"]
SAMPLES = Path(__file__).parent.parent / "samples"
HEADER = Header(
    "1234567890", "テストシ　カイケイカンリシャ", "0630", "0138", "ヨコハマ", "001", "ホンテン", 1, "7654321"
)
ROWS = (
    Row("0138", "ヨコハマ", "001", "ホンテン", 1, "1234567", "ヤマダ　タロウ", 100_000, "12"),
    Row("9900", "ユウチヨ", "408", "ヨンゼロハチ", 1, "1234567", "キャノン　ショウジ", 30_000, "13"),
    Row("0009", "ミツイスミトモ", "123", "テスト", 2, "0000001", "ジョン・スミス", 1_234_567_890, "14"),
)
FIRST_DATA_RECORD = (
    "3230313338d6bacacf2020202020202020202020303031ceddc3dd20202020202020202020203030"
    "30303131323334353637d4cfc0de20c0dbb320202020202020202020202020202020202020202020"
    "30303030313030303030303030303030303030313230303030303030303030372020202020202020"
)


def _digest(data: bytes) -> tuple[int, str]:
    return len(data), hashlib.sha256(data).hexdigest()


def test_the_file_is_right_byte_for_byte() -> None:
    with_ends = general_transfer(HEADER, ROWS, STANDARD)
    assert _digest(with_ends) == (732, "344fdca4e6343b03a643720c9e5b589c41f3c964f37641b228595ec291af04d2")
    without = general_transfer(HEADER, ROWS, PROFILES["no_line_end"])
    assert _digest(without) == (720, "224f63d3dd2d710781b26abf90aef354a7a5f30c45f0215b43b6032d1c3d1e25")
    assert without[120:240].hex() == FIRST_DATA_RECORD


def test_the_sample_files_hold_the_same_payments() -> None:
    written = (SAMPLES / "zengin_21.txt").read_bytes()
    assert written == general_transfer(HEADER, ROWS, STANDARD)
    tidy, trimmed = read(written), read((SAMPLES / "zengin_trimmed.txt").read_bytes())
    assert trimmed[:3] == tidy[:3]
    assert len(trimmed.warnings) == 2


def test_the_account_inquiry_is_right_byte_for_byte() -> None:
    asked = account_inquiry(HEADER._replace(value_date="0620"), ROWS, STANDARD)
    assert _digest(asked) == (732, "2bcd7c134db074dcb8ad3525b1f88941948f29531991f67524e06029beec72b4")


def test_the_banks_answer_to_an_inquiry_is_read() -> None:
    asked = account_inquiry(HEADER._replace(value_date="0620"), ROWS, STANDARD)
    records = asked.split(b"\r\n")
    records[0] = records[0].replace(b"198", b"199", 1)
    records[2] = records[2][:-1] + b"2"
    answered = read(b"\r\n".join(records))
    assert answered.header.kind == "99"
    assert [row.answer for row in answered.rows] == ["0", "2", "0"]
    assert answered.trailer == Trailer(3, None)
    assert answered.warnings == ()


def test_a_profile_settles_what_the_standard_leaves_open() -> None:
    blank = general_transfer(HEADER, ROWS, PROFILES["blank_unused"]).split(b"\r\n")[1]
    assert blank[5:20] == b" " * 15
    assert blank[38:42] == b"    "
    assert blank[111:112] == b" "
    with_eof = general_transfer(HEADER, ROWS, Profile("own", eof=True, transfer_category="0", new_code="1"))
    assert with_eof.endswith(b"\r\n\x1a")
    assert with_eof.split(b"\r\n")[1][90:91] == b"1"
    assert read(with_eof).warnings == ()
    wo = (ROWS[0]._replace(name="カヲル"),)
    assert "ｶｵﾙ".encode("cp932") in general_transfer(HEADER, wo, STANDARD)
    assert "ｶｦﾙ".encode("cp932") in general_transfer(HEADER, wo, Profile("own", strict_wo=False))


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_writes_a_file_that_is_read_back_the_same(name: str) -> None:
    profile = PROFILES[name]
    assert profile.name == name
    assert 1 <= profile.lead_days <= 3
    data = general_transfer(HEADER, ROWS, profile)
    file = read(data)
    assert file.warnings == ()
    assert [row.amount for row in file.rows] == [row.amount for row in ROWS]
    assert [row.customer_code_1 for row in file.rows] == ["0000000012", "0000000013", "0000000014"]
    assert (b"\r\n" in data) == bool(profile.eol)
    assert data.endswith(b"\x1a") == profile.eof
    record = data[120 + len(profile.eol) :][:120].decode("cp932")
    assert record[38:42] == profile.clearing_house
    assert record[90] == profile.new_code
    assert record[111] == profile.transfer_category
    assert (record[5:20].strip() != "") == profile.fill_names


def test_text_stands_in_a_customer_code_only_where_the_bank_takes_it() -> None:
    text = (ROWS[0]._replace(customer_code_1="A-12", customer_code_2=""),)
    record = general_transfer(HEADER, text, PROFILES["text_codes"]).split(b"\r\n")[1]
    assert record[91:111] == b"A-12      0000000000"
    assert read(general_transfer(HEADER, text, PROFILES["text_codes"])).rows[0].customer_code_1 == "A-12"
    digits = general_transfer(HEADER, ROWS, PROFILES["text_codes"])
    assert digits == general_transfer(HEADER, ROWS, STANDARD)
    with pytest.raises(ZenginRefused, match="10桁までの数字"):
        general_transfer(HEADER, text, STANDARD)
    for wrong in ("a-12", "ABCDEFGHIJK", "受付12"):
        with pytest.raises(ZenginRefused, match="顧客コード"):
            general_transfer(HEADER, (ROWS[0]._replace(customer_code_1=wrong),), PROFILES["text_codes"])


def test_a_batch_is_as_few_files_as_the_bank_takes_in_the_same_order() -> None:
    rows = [ROWS[0]._replace(amount=number) for number in range(1, 8)]
    files = split(rows, Profile("small", max_records=3))
    assert [[row.amount for row in file] for file in files] == [[1, 2, 3], [4, 5, 6], [7]]
    assert split(rows, Profile("exact", max_records=7)) == [rows]
    assert split([], STANDARD) == []


def test_no_file_of_a_batch_has_a_total_of_more_than_twelve_digits() -> None:
    rich = [ROWS[0]._replace(amount=9_999_999_999)] * 101 + [ROWS[0]._replace(amount=100)]
    files = split(rich, STANDARD)
    assert [len(file) for file in files] == [100, 2]
    assert [len(read(general_transfer(HEADER, file, STANDARD)).rows) for file in files] == [100, 2]
    full = [ROWS[0]._replace(amount=9_999_999_999)] * 100 + [ROWS[0]._replace(amount=99)]
    assert sum(row.amount for row in full) == 999_999_999_999
    assert len(split(full, STANDARD)) == 1


@settings(max_examples=50)
@given(st.lists(st.integers(1, 9_999_999_999), max_size=300), st.integers(1, 120))
def test_no_row_is_lost_or_moved_by_cutting(amounts: list[int], most: int) -> None:
    rows = [ROWS[0]._replace(amount=amount) for amount in amounts]
    files = split(rows, Profile("own", max_records=most))
    assert [row for file in files for row in file] == rows
    assert all(0 < len(file) <= most and sum(row.amount for row in file) < 10**12 for file in files)


def test_a_name_longer_than_the_field_keeps_its_first_thirty_bytes() -> None:
    long = ROWS[0]._replace(name="ガ" * 20)
    name = general_transfer(HEADER, (long,), STANDARD).split(b"\r\n")[1][50:80]
    assert name == "ｶﾞ".encode("cp932") * 15
    odd = ROWS[0]._replace(name="ア" + "ガ" * 20)
    name = general_transfer(HEADER, (odd,), STANDARD).split(b"\r\n")[1][50:80]
    assert name == ("ｱ" + "ｶﾞ" * 14 + " ").encode("cp932")


def test_edi_information_replaces_the_customer_codes() -> None:
    data = general_transfer(HEADER, (ROWS[0]._replace(edi="キュウフ/0001"),), STANDARD)
    record = data.split(b"\r\n")[1]
    assert record[91:111] == "ｷﾕｳﾌ/0001           ".encode("cp932")
    assert record[112:113] == b"Y"
    assert read(data).rows[0].edi == "ｷﾕｳﾌ/0001"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "振込金額"),
        ({"amount": -1}, "振込金額"),
        ({"amount": 10_000_000_000}, "振込金額"),
        ({"bank": "138"}, "被仕向銀行番号"),
        ({"bank": "０１３８"}, "被仕向銀行番号"),
        ({"branch": "1"}, "被仕向支店番号"),
        ({"account_kind": 3}, "預金種目"),
        ({"account_number": "12345678"}, "口座番号"),
        ({"account_number": "12-4567"}, "口座番号"),
        ({"name": "山田太郎"}, "受取人名"),
        ({"name": ""}, "受取人名"),
        ({"bank_name": "横浜"}, "被仕向銀行名"),
        ({"customer_code_1": "12345678901"}, "顧客コード"),
        ({"customer_code_2": "A1"}, "顧客コード"),
    ],
)
def test_a_row_no_record_can_hold_is_refused_by_line_and_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(ZenginRefused) as refused:
        general_transfer(HEADER, (ROWS[0], ROWS[1]._replace(**change)), STANDARD)
    assert (refused.value.line, refused.value.field) == (3, field)
    assert f"3行目「{field}」" in refused.value.sentence


def test_a_header_no_record_can_hold_is_refused() -> None:
    for change, field in (
        ({"value_date": "1301"}, "振込指定日"),
        ({"client_code": "12345678901"}, "振込依頼人コード"),
        ({"client_name": "会計管理者"}, "振込依頼人名"),
        ({"account_kind": 4}, "預金種目"),
    ):
        with pytest.raises(ZenginRefused) as refused:
            general_transfer(HEADER._replace(**change), ROWS, STANDARD)
        assert (refused.value.line, refused.value.field) == (1, field)


def test_a_file_without_rows_or_with_too_many_is_refused() -> None:
    with pytest.raises(ZenginRefused, match="1件もありません"):
        general_transfer(HEADER, (), STANDARD)
    with pytest.raises(ZenginRefused, match="上限2件"):
        general_transfer(HEADER, ROWS, Profile("small", max_records=2))
    rich = ROWS[0]._replace(amount=9_999_999_999)
    with pytest.raises(ZenginRefused, match="12桁"):
        general_transfer(HEADER, [rich] * 101, STANDARD)


def _sample() -> list[bytes]:
    return general_transfer(HEADER, ROWS, STANDARD).split(b"\r\n")[:-1]


@pytest.mark.parametrize(
    ("untidy", "says"),
    [
        (b"\n".join(line.rstrip() for line in _sample()), "CRLF"),
        (b"\n".join(line.rstrip() for line in _sample()), "満たない行が6行"),
        (b"\r".join(_sample()), "CRLF"),
        (b"\r\n".join(_sample()[:-1]), "エンドレコード"),
        (b"".join(_sample()[:-1]), "エンドレコード"),
        (
            b"\n".join([*_sample()[:2], *(line.rstrip() for line in _sample()[2:])]) + b"\n\x1a",
            "満たない行が4行",
        ),
    ],
)
def test_untidy_files_are_read_and_it_is_said(untidy: bytes, says: str) -> None:
    tidy = read(b"\r\n".join(_sample()))
    assert tidy.warnings == ()
    got = read(untidy)
    assert got[:3] == tidy[:3]
    assert says in "".join(got.warnings)


@pytest.mark.parametrize(
    "tidy",
    [
        b"".join(_sample()),
        b"".join(_sample()) + b"\x1a",
        b"\r\n".join(_sample()),
        b"\r\n".join(_sample()) + b"\r\n\x1a",
        b"\r\n".join(_sample()) + b"\x1a",
        b"\r\n".join(_sample()) + b"\x1a\r\n",
    ],
)
def test_every_legal_ending_is_read_without_a_word(tidy: bytes) -> None:
    assert read(tidy) == read(general_transfer(HEADER, ROWS, STANDARD))


@pytest.mark.parametrize(("answer", "means"), ANSWERS.items())
def test_each_answer_to_an_inquiry_is_read(answer: str, means: str) -> None:
    asked = account_inquiry(HEADER._replace(value_date="0620"), ROWS, PROFILES["no_line_end"])
    given = bytearray(asked.replace(b"198", b"199", 1))
    given[239:240] = answer.encode()
    file = read(bytes(given))
    assert (file.header.kind, file.rows[0].answer, file.warnings) == ("99", answer, ())
    assert means


def test_an_answer_that_no_bank_gives_is_said() -> None:
    asked = account_inquiry(HEADER._replace(value_date="0620"), ROWS, PROFILES["no_line_end"])
    given = bytearray(asked.replace(b"198", b"199", 1))
    given[239:240] = b"5"
    assert "2行目「照会回答コード」" in "".join(read(bytes(given)).warnings)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (b"\xff\xfe" + b"\r\n".join(_sample()), "BOM"),
        (b"\r\n\r\n".join(_sample()), "2行目に半角でない文字、または空の行"),
        (b"\xef\xbb\xbf" + b"\r\n".join(_sample()), "BOM"),
        (b"", "空です"),
        (b"\r\n".join([_sample()[0] + b" ", *_sample()[1:]]), "1行目が121バイト"),
        (b"\r\n".join([*_sample()[:2], "山田".encode("cp932") * 30, *_sample()[3:]]), "3行目に半角でない"),
        (b"\r\n".join([_sample()[0].replace(b"121", b"191", 1), *_sample()[1:]]), "種別コード91"),
        (b"\r\n".join([_sample()[0].replace(b"1210", b"1211", 1), *_sample()[1:]]), "EBCDIC"),
        (b"\r\n".join(_sample()[1:]), "1行目の並び"),
        (b"\r\n".join(_sample()[:3] + _sample()[5:]), "4行目の並び"),
        (b"\r\n".join(_sample() + _sample()), "7行目の並び"),
        (b"\r\n".join(_sample()[:4]), "4行目の並び"),
        (
            b"\r\n".join([_sample()[0], _sample()[1].replace(b"0000100000", b"00001OOOOO"), *_sample()[2:]]),
            "2行目「振込金額」",
        ),
    ],
)
def test_what_could_change_a_payment_is_refused(broken: bytes, says: str) -> None:
    with pytest.raises(ZenginRefused) as refused:
        read(broken)
    assert says in refused.value.sentence


def test_a_careful_clerk_finds_nothing_in_a_right_file() -> None:
    rows = (
        Row("0138", "ﾖｺﾊﾏ", "200", "ﾎﾝﾃﾝ", 1, "1234567", "ﾔﾏﾀﾞ ﾀﾛｳ", 100_000, "0000000012"),
        Row("9900", "ﾕｳﾁﾖ", "408", "ﾖﾝｾﾞﾛﾊﾁ", 1, "1234567", "ｽｽﾞｷ ﾊﾅｺ", 100_000, "0000000013"),
    )
    pays_on = date(2026, 6, 30)
    assert pays_on.strftime("%a") == "Tue"
    file = read(general_transfer(HEADER._replace(value_date=mmdd(pays_on)), rows, STANDARD))
    assert file.rows == rows
    assert problems(file, pays_on) == []


def test_a_careful_clerk_questions_what_looks_odd() -> None:
    rows = (
        ROWS[0]._replace(branch="999"),
        ROWS[1]._replace(bank="9999"),
        ROWS[1]._replace(name="ガ" * 20),
        ROWS[1],
        ROWS[1]._replace(amount=9_999_999_999),
    )
    records = general_transfer(HEADER, rows, STANDARD).split(b"\r\n")
    records[6] = b"8000006000000000007" + b" " * 101
    saturday = date(2026, 6, 27)
    assert saturday.strftime("%a") == "Sat"
    found = problems(read(b"\r\n".join(records)), saturday)
    said = [(one.line, one.field, one.severity) for one in found]
    assert said == [
        (1, "振込指定日", "error"),
        (1, "振込指定日", "error"),
        (2, "被仕向支店番号", "warning"),
        (3, "被仕向支店番号", "warning"),
        (4, "受取人名", "warning"),
        (4, "口座番号", "warning"),
        (5, "口座番号", "warning"),
        (6, "振込金額", "warning"),
        (7, "合計件数", "error"),
        (7, "合計金額", "error"),
    ]
    assert all(one.sentence for one in found)


ACCOUNT = st.builds(
    Row,
    bank=st.from_regex("[0-9]{4}", fullmatch=True),
    bank_name=st.sampled_from(["", "ﾖｺﾊﾏ", "ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ"]),
    branch=st.from_regex("[0-9]{3}", fullmatch=True),
    branch_name=st.sampled_from(["", "ﾎﾝﾃﾝ"]),
    account_kind=st.sampled_from([1, 2, 4, 9]),
    account_number=st.from_regex("[0-9]{7}", fullmatch=True),
    name=st.lists(st.sampled_from(["ﾔﾏﾀﾞ", "ﾀﾛｳ", "ｶﾞ", "ﾊﾟ", "A.B", "(ｶ)", "X-9"]), min_size=1, max_size=4).map(
        " ".join
    ),
    amount=st.integers(1, 9_999_999_999),
    customer_code_1=st.from_regex("[0-9]{9}[1-9]", fullmatch=True),
    customer_code_2=st.sampled_from(["", "0000000001"]),
    edi=st.just(""),
    answer=st.just(""),
)


@settings(max_examples=50)
@given(st.lists(ACCOUNT, min_size=1, max_size=20), st.sampled_from([STANDARD, PROFILES["no_line_end"]]))
def test_what_was_written_is_read_back(rows: list[Row], profile: Profile) -> None:
    file = read(general_transfer(HEADER, rows, profile))
    assert list(file.rows) == rows
    assert file.trailer == Trailer(len(rows), sum(row.amount for row in rows))
    assert file.warnings == ()
