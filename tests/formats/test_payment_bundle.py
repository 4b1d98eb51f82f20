"""The three texts that prove a payment: byte for byte, and what no line may hold."""

import hashlib
import json
from datetime import date

import pytest

from todoku.formats.payment_bundle import (
    BundleRefused,
    Decision,
    FileSum,
    Line,
    LinesSum,
    Order,
    bank_file_name,
    decision_lines,
    decisions_name,
    line_rows,
    lines_name,
    list_sum,
    manifest,
    manifest_name,
    sha256,
)
from todoku.formats.zengin import PROFILES, Header

GRANT = Decision(
    "1234567890123", 1, "grant", "", 100_000, "bank", "0138", "200", 1, "0012345", "ミホン　タロウ"
)
REFUSAL = Decision("1234567890124", 1, "refuse", "R01", 0, "bank")
PAID = Line(1, 1, "0000000012", 3, "1234567890123", 1, 100_000, "ﾖｺﾊﾏ", "ﾎﾝﾃﾝ")
HEADER = Header("0000001234", "ミホンシ　カイケイカンリシャ", "1204", "0138", "", "001", "", 1, "7654321")


def test_a_decision_list_is_right_byte_for_byte() -> None:
    assert decision_lines("141003", "kyufu-2026", 3, [GRANT, REFUSAL]).decode() == (
        "todoku-decisions\t1\t141003\tkyufu-2026\t3\n"
        "1234567890123\t1\tgrant\t\t100000\tbank\t0138\t200\t1\t0012345\tミホン　タロウ\n"
        "1234567890124\t1\trefuse\tR01\t0\tbank\t\t\t0\t\t\n"
    )


def test_a_line_file_is_right_byte_for_byte() -> None:
    again = PAID._replace(line=2, transfer_number="0000000013", part=2, retry_of="0000000007")
    assert line_rows("141003", "kyufu-2026", 12, [PAID, again]).decode() == (
        "todoku-lines\t1\t141003\tkyufu-2026\t12\n"
        "1\t1\t0000000012\t3\t1234567890123\t1\t100000\tﾖｺﾊﾏ\tﾎﾝﾃﾝ\t\n"
        "1\t2\t0000000013\t3\t1234567890123\t2\t100000\tﾖｺﾊﾏ\tﾎﾝﾃﾝ\t0000000007\n"
    )


def test_a_citys_list_is_the_same_whether_written_in_one_block_or_many() -> None:
    rows = [GRANT._replace(case_number=f"{number:013}") for number in range(1, 25_001)]
    data = decision_lines("141003", "kyufu", 1, rows)
    assert data.count(b"\n") == 25_001
    assert data.endswith(
        "0000000025000\t1\tgrant\t\t100000\tbank\t0138\t200\t1\t0012345\tミホン　タロウ\n".encode()
    )
    one_by_one = b"".join(
        decision_lines("141003", "kyufu", 1, [row]).split(b"\n", 1)[1] for row in rows[9_990:10_010]
    )
    assert one_by_one in data


def test_a_manifest_is_canonical_and_counts_its_files() -> None:
    decisions = decision_lines("141003", "kyufu-2026", 3, [GRANT, REFUSAL])
    listed = list_sum(3, decisions, [GRANT, REFUSAL])
    assert listed == (3, hashlib.sha256(decisions).hexdigest(), 1, 100_000)
    files = [
        FileSum(1, "sougou-20261204-12-1.txt", sha256(b"a"), 2, 200_000),
        FileSum(2, "sougou-20261204-12-2.txt", sha256(b"b"), 1, 50_000),
    ]
    data = manifest(
        "141003", "kyufu-2026", Order(12, date(2026, 12, 4), 2026, "3-1-1 給付金", "第45号"), HEADER,
        PROFILES["blank_unused"], decision_lists=[listed], files=files, lines=LinesSum("lines-12.tsv", sha256(b"c")),
    )  # fmt: skip
    told = json.loads(data)
    assert (
        data == (json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
    )
    assert told == {
        "format": "todoku-manifest/1", "municipality": "141003", "programme": "kyufu-2026", "batch": 12,
        "rail": "bank", "value_date": "2026-12-04", "fiscal_year": 2026, "budget_item": "3-1-1 給付金",
        "payment_order": "第45号",
        "payer": {
            "client_code": "0000001234", "client_name": "ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ", "bank": "0138", "bank_name": "",
            "branch": "001", "branch_name": "", "account_kind": 1, "account_number": "7654321",
        },
        "layout": {
            "eol": "crlf", "eof": False, "clearing_house": "    ", "new_code": "0", "transfer_category": " ",
            "names": "blank", "wo": False,
        },
        "count": 3, "total_yen": 250_000,
        "decision_lists": [{"number": 3, "sha256": sha256(decisions), "grants": 1, "total_yen": 100_000}],
        "files": [
            {"number": 1, "name": "sougou-20261204-12-1.txt", "sha256": sha256(b"a"), "count": 2, "total_yen": 200_000},
            {"number": 2, "name": "sougou-20261204-12-2.txt", "sha256": sha256(b"b"), "count": 1, "total_yen": 50_000},
        ],
        "lines": {"name": "lines-12.tsv", "sha256": sha256(b"c")},
    }  # fmt: skip


def test_each_file_has_its_name() -> None:
    assert decisions_name(3) == "decisions-3.tsv"
    assert lines_name(12) == "lines-12.tsv"
    assert manifest_name(12) == "manifest-12.json"
    friday = date(2026, 12, 4)
    assert friday.strftime("%a") == "Fri"
    assert bank_file_name(friday, 12, 1) == "sougou-20261204-12-1.txt"


@pytest.mark.parametrize(
    ("change", "field", "label"),
    [
        ({"case_number": "123"}, "case_number", "案件番号"),
        ({"case_number": "１234567890124"}, "case_number", "案件番号"),
        ({"part": 0}, "part", "支給の回"),
        ({"outcome": "maybe"}, "outcome", "決定"),
        ({"reason": "a b"}, "reason", "理由コード"),
        ({"amount_yen": -1}, "amount_yen", "金額"),
        ({"amount_yen": 0}, "amount_yen", "金額"),
        ({"outcome": "refuse"}, "amount_yen", "金額"),
        ({"amount_yen": 10_000_000_000}, "amount_yen", "金額"),
        ({"rail": "pigeon"}, "rail", "支給手段"),
        ({"bank": "138"}, "bank", "金融機関コード"),
        ({"branch": "20"}, "branch", "支店コード"),
        ({"kind": 3}, "kind", "預金種目"),
        ({"account_number": "12345"}, "account_number", "口座番号"),
        ({"account_number": ""}, "account_number", "口座番号"),
        ({"holder": "ミホン\tタロウ"}, "holder", "口座名義"),
        ({"holder": "ミホン\u2028タロウ"}, "holder", "口座名義"),
        ({"holder": "ミホン\nタロウ"}, "holder", "口座名義"),
    ],
)
def test_a_decision_no_line_can_hold_is_refused_by_row_and_field(
    change: dict[str, object], field: str, label: str
) -> None:
    wrong = GRANT._replace(case_number="1234567890124")._replace(**change)
    with pytest.raises(BundleRefused) as refused:
        decision_lines("141003", "kyufu", 1, [GRANT, wrong])
    assert (refused.value.line, refused.value.field) == (2, field)
    assert f"2件目「{label}」" in refused.value.sentence
    assert "ミホン" not in refused.value.sentence


def test_a_bank_line_no_line_can_hold_is_refused_by_row_and_field() -> None:
    for change, field in (
        ({"transfer_number": "12"}, "transfer_number"),
        ({"amount_yen": 0}, "amount_yen"),
        ({"bank_name": "ﾖｺ\nﾊﾏ"}, "bank_name"),
        ({"retry_of": "7"}, "retry_of"),
        ({"decision_list": 0}, "decision_list"),
    ):
        with pytest.raises(BundleRefused) as refused:
            line_rows("141003", "kyufu", 1, [PAID._replace(**change)])
        assert (refused.value.line, refused.value.field) == (1, field)


def test_a_head_that_names_no_municipality_or_programme_is_refused() -> None:
    for municipality, programme, number in (
        ("1410", "a", 1),
        ("141003", "a b", 1),
        ("141003", "", 1),
        ("141003", "a", 0),
    ):
        with pytest.raises(BundleRefused, match="団体コード"):
            decision_lines(municipality, programme, number, [GRANT])


def test_the_same_decision_twice_or_out_of_order_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="each once"):
        decision_lines("141003", "kyufu", 1, [GRANT, GRANT])
    with pytest.raises(AssertionError, match="each once"):
        line_rows("141003", "kyufu", 1, [PAID._replace(line=2), PAID])
    supplement = GRANT._replace(part=2, amount_yen=5_000)
    assert decision_lines("141003", "kyufu", 1, [GRANT, supplement]).count(b"\n") == 3


def test_blanks_around_a_holder_are_not_written() -> None:
    assert decision_lines(
        "141003", "kyufu", 1, [GRANT._replace(holder=" ミホン　タロウ　")]
    ) == decision_lines("141003", "kyufu", 1, [GRANT])
