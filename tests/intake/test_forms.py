"""What was written is kept: digits as digits, a passbook beside the account it means, mistakes as they are."""

import pytest

from todoku.intake.carry_over import Before, completed
from todoku.intake.forms import AccountForm, AccountRow, PaperForm, TooLong, account_row


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            AccountForm(
                bank="０００５", branch="001", account_number="123-4567", holder_kana="ヤマダ　 タロウ"
            ),
            AccountRow("0005", "001", 1, "1234567", "ヤマダ タロウ", "", ""),
        ),
        (
            AccountForm(yucho_symbol="１４０８０－２", yucho_number="12712721", holder_kana="ﾔﾏﾀﾞ"),
            AccountRow("9900", "408", 1, "1271272", "ﾔﾏﾀﾞ", "14080", "12712721"),
        ),
        # A symbol that no passbook has: kept as written beside no account; the checks find it.
        (
            AccountForm(yucho_symbol="11940", yucho_number="12345671"),
            AccountRow("", "", 1, "", "", "11940", "12345671"),
        ),
        # Six digits: kept as written.
        (
            AccountForm(bank="0005", branch="001", account_number="123456"),
            AccountRow("0005", "001", 1, "123456", "", "", ""),
        ),
    ],
)
def test_an_account_is_kept_as_written(written, kept):
    assert account_row(written) == kept


def test_a_slip_of_the_keys_is_refused_with_the_field_named():
    with pytest.raises(TooLong) as refused:
        account_row(AccountForm(bank="00050", branch="001", account_number="1234567"))
    assert refused.value.sentence.startswith("金融機関コードは4文字まで")


BEFORE = Before(
    "045-000-0000", True, "clear", "unclear", AccountRow("0005", "001", 1, "1234567", "ヤマダ", "", "")
)


def test_a_correction_takes_over_what_was_good(day):
    form = PaperForm(number="1", arrived_on=day, account_evidence="clear", signed=False)
    filled = completed(form, BEFORE, account_failed=False)
    assert (filled.phone, filled.signed, filled.identity_evidence) == ("045-000-0000", True, "clear")
    assert (filled.account_evidence, filled.account_number) == ("clear", "1234567")


def test_what_was_bad_is_not_taken_over(day):
    filled = completed(PaperForm(number="1", arrived_on=day), BEFORE, account_failed=False)
    assert filled.account_evidence == ""


def test_the_account_that_the_bank_refused_is_not_taken_over(day):
    filled = completed(PaperForm(number="1", arrived_on=day), BEFORE, account_failed=True)
    assert (filled.account_number, filled.identity_evidence) == ("", "clear")


@pytest.mark.parametrize(
    ("marked", "account", "failed", "rail"),
    [
        ("", "", False, "gift"),  # only a document was missing: the way chosen before still holds
        ("", "1234567", False, ""),  # an account is written: it is wanted there
        ("cash", "", False, "cash"),  # another way is marked
        ("bank", "", False, "bank"),
        ("", "", True, ""),  # it came back from there: not asked for again by itself
    ],
)
def test_the_way_of_receiving_is_carried_over_where_nothing_says_otherwise(
    day, marked, account, failed, rail
):
    before = BEFORE._replace(account=None, rail="gift")
    form = PaperForm(number="1", arrived_on=day, rail=marked, account_number=account)
    assert completed(form, before, account_failed=failed).rail == rail


def test_no_account_is_taken_over_where_none_is_wanted(day):
    filled = completed(PaperForm(number="1", arrived_on=day, rail="cash"), BEFORE, account_failed=False)
    assert (filled.rail, filled.account_number, filled.account_evidence) == ("cash", "", "")
