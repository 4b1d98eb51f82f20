"""The passbook's symbol and number become the account that other banks pay to."""

import pytest

from todoku.formats.yucho import Account, YuchoRefused, check_digit_agrees, transfer_account


@pytest.mark.parametrize(
    ("symbol", "number", "branch", "kind", "account"),
    [
        ("14030", "12345671", "408", 1, "1234567"),
        ("15150", "21111111", "518", 1, "2111111"),
        ("14080", "12712721", "408", 1, "1271272"),
        ("00580", "654321", "059", 2, "0654321"),
        ("00190-5", "31000", "019", 2, "0031000"),
        ("00110-2", "5606", "019", 2, "0005606"),
        ("１４０３０", "1234 5671", "408", 1, "1234567"),
        # A wrong rule seen on the web keeps the last seven digits padded: 0199276.
        ("17300", "19927651", "738", 1, "1992765"),
    ],
)
def test_symbol_and_number_become_an_account(
    symbol: str, number: str, branch: str, kind: int, account: str
) -> None:
    assert transfer_account(symbol, number) == Account("9900", branch, kind, account)


@pytest.mark.parametrize(
    ("symbol", "number", "agrees"),
    [
        ("14030", "12345671", True),
        ("15150", "21111111", True),
        ("14080", "12712721", True),
        ("00580", "654321", True),
        ("00190-5", "31000", True),
        ("00110-2", "5606", True),
        ("11940", "12345671", False),
        ("14030", "12354671", False),
    ],
)
def test_a_check_digit_that_disagrees_is_only_said(symbol: str, number: str, agrees: bool) -> None:
    assert check_digit_agrees(symbol, number) is agrees


@pytest.mark.parametrize(
    ("symbol", "number", "says"),
    [
        ("11940", "12345671", "店番198"),  # a sample of many blogs: no such branch exists
        ("24030", "12345671", "記号"),
        ("1403", "12345671", "記号"),
        ("14031", "12345671", "記号"),
        ("14030", "12345672", "末尾が1"),
        ("14030", "1", "末尾が1"),
        ("14030", "00000001", "末尾が1"),
        ("14030", "123456711", "8桁"),
        ("00580", "7654321", "6桁"),
        ("14030", "", "番号"),
        ("140:30", "12345671", "記号"),
    ],
)
def test_what_no_passbook_says_is_refused_with_the_remedy(symbol: str, number: str, says: str) -> None:
    with pytest.raises(YuchoRefused) as refused:
        transfer_account(symbol, number)
    assert says in refused.value.sentence
