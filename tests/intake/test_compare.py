"""Two keyings are the same where digits and kana are, however they were typed; the fields of a task come from its sheets."""

from datetime import date

import pytest

from todoku.intake.compare import differences
from todoku.intake.forms import NO_PROOFS, Proofs
from todoku.intake.keyed_values import ACCOUNT, PAPERS, Dates, dates_of, fields_of, form_of, proofs_of, twice

SOUND = {
    "bank": "0005",
    "branch": "001",
    "kind": "1",
    "account_number": "0123456",
    "holder_kana": "ﾔﾏﾀﾞ ﾀﾛｳ",
}


@pytest.mark.parametrize(
    ("changed", "differing"),
    [
        ({}, ()),
        ({"account_number": "０１２３４５６"}, ()),
        ({"account_number": "123456"}, ()),
        ({"account_number": "1234560"}, ("account_number",)),
        ({"holder_kana": "やまだ　たろう"}, ()),
        ({"holder_kana": "ヤマダタロウ"}, ()),
        ({"holder_kana": "ﾔﾏﾀ ﾀﾛｳ"}, ("holder_kana",)),
        ({"branch": "010", "kind": "2"}, ("branch", "kind")),
        ({"yucho_symbol": "10180-2"}, ("yucho_symbol",)),
        ({"identity_kind": "unclear"}, ()),
        ({"identity_kind": "passport", "identity_on": "2031-05-03"}, ("identity_kind", "identity_on")),
    ],
)
def test_only_what_means_something_else_differs(changed, differing):
    assert differences(SOUND, SOUND | changed) == differing


def test_the_sheets_say_what_is_keyed_and_what_is_keyed_twice():
    form = {1: ["account_number", "signature"]}
    fields = fields_of(form, rails=("bank",), dates_known=False)
    assert (
        fields[:2] == ("arrived_on", "postmark_on")
        and "rail" not in fields
        and twice(fields, {}) == (*ACCOUNT, *PAPERS)
    )
    assert "arrived_on" not in fields_of(form, rails=("bank", "cash"), dates_known=True)
    assert "rail" in fields_of(form, rails=("bank", "cash"), dates_known=True)
    signature = fields_of({1: ["signature"]}, rails=("bank",), dates_known=True)
    assert (
        "bank" not in signature
        and "signed" in signature
        and twice(signature, {"identity_kind": "unclear"}) == ()
    )
    assert twice(signature, {"identity_kind": "passport"}) == PAPERS
    assert fields_of({7: ["signature"]}, rails=("bank",), dates_known=True) == (
        "declines",
        "applied_on",
        "signed",
        "phone",
    )
    copies = {6: ["attach_identity"]}
    assert fields_of(copies, rails=("bank",), dates_known=True) == (
        "identity_evidence", *PAPERS, "account_evidence",
    )  # fmt: skip
    assert not set(PAPERS) & set(fields_of(copies, rails=("bank",), dates_known=True, papers=False))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"identity_kind": "passport", "identity_on": "2031-05-03"}, Proofs("passport", date(2031, 5, 3))),
        ({"identity_kind": "passport", "identity_on": ""}, Proofs("passport")),
        ({"identity_kind": "unclear", "identity_on": "2031-05-03"}, NO_PROOFS),
        ({"identity_kind": "passport", "identity_evidence": "none"}, NO_PROOFS),
        (
            {"identity_kind": "pension_book", "second_kind": "utility_bill", "second_on": "2026-10-01"},
            Proofs("pension_book", None, "utility_bill", date(2026, 10, 1)),
        ),
        ({"identity_kind": "pension_book", "second_kind": "unclear"}, Proofs("pension_book")),
        ({}, NO_PROOFS),
    ],
)
def test_papers_are_named_by_kind_and_day_or_not_at_all(typed, kept):
    assert proofs_of(typed) == kept


def test_what_was_not_asked_is_as_if_not_written():
    known = Dates(date(2026, 12, 1), None, date(2026, 12, 2), 5)
    form = form_of({"declines": "1", "signed": "1"}, "1" * 13, known, sheets={7}, key="scan-1")
    assert form.declines and form.signed and form.bank == "" and form.envelope == 5
    assert not form.members_corrected
    some = form_of({"declines": "part", "signed": "1"}, "1" * 13, known, sheets={7}, key="scan-2")
    assert some.declines and some.members_corrected
    by_another = form_of(
        {"applicant_name": "山田 花子", "signed": "1"}, "1" * 13, known, sheets={8}, key="scan-2"
    )
    assert not by_another.applicant_is_recipient and by_another.applicant_name == "山田 花子"
    assert dates_of({"arrived_on": "2026-12-03"}, known) == known
    assert dates_of(
        {"arrived_on": "2026-12-03", "postmark_on": "2026-12-01"}, Dates(date(2026, 12, 4))
    ) == Dates(date(2026, 12, 3), date(2026, 12, 1))
