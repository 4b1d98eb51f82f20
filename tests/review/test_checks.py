"""What the office finds in an application: one table per rule, the same on the web form and in bulk."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.programme.vocabulary import CHECK_CODES
from todoku.review.checks import CHECKS, FOUND_BY_CHECKS, check, check_all
from todoku.review.code_sentences import explain
from todoku.review.codes import CODES
from todoku.review.findings import LOOK, NOTE, RETURN, Facts, is_clean

DEADLINE = date(2020, 9, 10)  # Thursday
MIZUHO = ("0001", "001", 1, "1234567")

CLEAN = Facts(
    arrived_on=date(2020, 6, 8),
    deadline=DEADLINE,
    applied_on=date(2020, 6, 8),
    phone="03-0000-0000",
    account=MIZUHO,
    holder_kana="ヤマダ　タロウ",
    recipient_kana="ヤマダ　タロウ",
    household_kanas=("ヤマダ　ハナコ",),
    has_identity=True,
    has_account_proof=True,
)
CLEAN_PAPER = CLEAN._replace(channel="paper", needs_signature=True, signed=True, deadline_by="postmark")


def found(facts: Facts = CLEAN, **changes: Any) -> list[tuple[str, str, str]]:
    """(code, field, severity) of everything found in a clean application after some changes."""
    return [(f.code, f.field, f.severity) for f in check(facts._replace(**changes))]


def test_nothing_is_found_in_a_complete_application() -> None:
    assert check(CLEAN) == ()
    assert check(CLEAN_PAPER) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"signed": False}, [("D02", "signature", RETURN)]),
        ({"signed": False, "needs_signature": False}, []),
        ({"applied_on": None}, [("D04", "applied_on", LOOK)]),
        ({"phone": ""}, [("D04", "phone", LOOK)]),
        ({"phone": "", "applied_on": None}, [("D04", "applied_on", LOOK), ("D04", "phone", LOOK)]),
        ({"applicant_is_recipient": False}, [("D05", "applicant", RETURN)]),
        ({"applicant_is_recipient": False, "by_proxy": True}, [("D06", "proxy", RETURN)]),
        ({"applicant_is_recipient": False, "by_proxy": True, "has_proxy_evidence": True}, []),
        ({"members_corrected": True}, [("D51", "members", LOOK)]),
        ({"recipient_left_reason": "died"}, [("D43", "recipient", LOOK)]),
        ({"declines": True}, [("D50", "decline", LOOK)]),
    ],
)
def test_applicant_and_form(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(CLEAN_PAPER, **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected", "why"),
    [
        ({"account": None}, [("D10", "account", RETURN)], "missing"),
        ({"account": ("001", "001", 1, "1234567")}, [("D10", "account", RETURN)], "bank"),
        ({"account": ("0001", "1", 1, "1234567")}, [("D10", "account", RETURN)], "branch"),
        ({"account": ("0001", "001", 9, "1234567")}, [("D10", "account", RETURN)], "kind"),
        ({"account": ("0001", "001", 1, "123456")}, [("D10", "account", RETURN)], "number"),
        ({"account": ("0001", "001", 1, "１２３４５６７")}, [("D10", "account", RETURN)], "number"),
        ({"account": ("0001", "001", 4, "1234567")}, [], None),  # 貯蓄 can be paid to
        ({"account": ("0002", "001", 1, "1234567")}, [("D11", "account", LOOK)], "bank"),  # merged away
        ({"account": ("0001", "999", 1, "1234567")}, [("D11", "account", LOOK)], "branch"),
        ({"holder_kana": "　"}, [("D10", "holder_kana", RETURN)], "holder_missing"),
        ({"holder_kana": "山田　太郎"}, [("D10", "holder_kana", RETURN)], "holder_kana"),
        ({"holder_kana": "ヤマダ　タロウ＠"}, [("D10", "holder_kana", RETURN)], "holder_kana"),
        # ゆうちょ: 記号番号 counts where given
        ({"account": None, "yucho_symbol": "14080", "yucho_number": "12712721"}, [], None),
        (
            {"account": None, "yucho_symbol": "11940", "yucho_number": "12345671"},
            [("D14", "yucho", LOOK)],
            "format",
        ),
        (
            {"account": None, "yucho_symbol": "14081", "yucho_number": "12712721"},
            [("D14", "yucho", LOOK)],
            "format",
        ),
        (
            {"account": None, "yucho_symbol": "14080", "yucho_number": "12712722"},
            [("D14", "yucho", LOOK)],
            "format",
        ),
        ({"account": None, "yucho_symbol": "14080"}, [("D14", "yucho", LOOK)], "format"),
        (
            {"account": None, "yucho_symbol": "14080", "yucho_number": "12712731"},
            [("D14", "yucho", LOOK)],
            "check_digit",
        ),
    ],
)
def test_account(changes: dict[str, Any], expected: list[tuple[str, str, str]], why: str | None) -> None:
    assert found(**changes) == expected
    assert [finding.evidence.get("why") for finding in check(CLEAN._replace(**changes))] == (
        [why] if why else []
    )


def test_an_unwritable_name_is_pointed_at_by_place_and_character() -> None:
    (finding,) = check(CLEAN._replace(holder_kana="ヤマダ　々ロウ"))
    assert finding.evidence == {"why": "holder_kana", "position": 5, "character": "々"}
    assert explain(finding.code, finding.evidence).text().startswith("口座名義の5文字目「々」は、")


@pytest.mark.parametrize(
    ("holder", "recipient", "tier", "severity"),
    [
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ", None, None),  # T0: the same in another width
        ("やまだたろう", "ヤマダ　タロウ", None, None),  # T1
        ("ヤマダ　タロー", "ヤマダ　タロウ", "T2", LOOK),
        ("ミカヅキ　アヤ", "ミカズキ　アヤ", "T2", LOOK),
        ("タロウ　ヤマダ", "ヤマダ　タロウ", "T3", LOOK),
        ("キュウセイ　タロウ", "ヤマダ　タロウ", "T4", NOTE),  # the former name, known to the register
        ("ヤマダ　ハナコ", "ヤマダ　タロウ", "T6", LOOK),  # of the same household
        ("ヤマダ　ジロウ", "ヤマダ　タロウ", "T6", LOOK),
        ("スズキ　イチロウ", "ヤマダ　タロウ", "T7", LOOK),
        (
            "アレキサンドリア　コンスタンティノープル　ビクトリア",
            "アレキサンドリア　コンスタンティノープル　ビクトリア　マリア",
            "T5",  # the bank's field ends there
            NOTE,
        ),
    ],
)
def test_holder_by_tier(holder: str, recipient: str, tier: str | None, severity: str | None) -> None:
    facts = CLEAN._replace(
        holder_kana=holder, recipient_kana=recipient, recipient_aliases=("キュウセイ　タロウ",)
    )
    findings = check(facts)
    assert [finding.code for finding in findings] == (["D12"] if tier else [])
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert [finding.evidence for finding in findings] == ([{"tier": tier}] if tier else [])


def test_a_recipient_whose_reading_the_roll_does_not_hold_is_looked_at() -> None:
    (finding,) = check(CLEAN._replace(recipient_kana=""))
    assert (finding.code, finding.severity, finding.evidence) == ("D12", LOOK, {"why": "no_roll_kana"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"copy_account": MIZUHO}, []),
        ({"copy_account": ("0001", "001", 1, "1234568")}, [("D13", "account", RETURN)]),
        (
            {
                "account": None,
                "yucho_symbol": "14080",
                "yucho_number": "12712721",
                "copy_account": ("9900", "408", 1, "1271272"),
            },
            [],
        ),
        ({"has_account_proof": False}, [("D30", "account_proof", RETURN)]),
        ({"has_account_proof": False, "needs_account_proof": False}, []),
        ({"proof_quality": "missing_side"}, [("D31", "account_proof", RETURN)]),
        ({"proof_quality": "unclear"}, [("D23", "account_proof", RETURN)]),
        ({"proof_quality": "cut_off"}, [("D23", "account_proof", RETURN)]),
        ({"has_identity": False}, [("D20", "identity", RETURN)]),
        ({"has_identity": False, "needs_identity": False}, []),
        ({"identity_expired": True}, [("D21", "identity", RETURN)]),
        ({"identity_clear": False}, [("D23", "identity", RETURN)]),
        ({"identity_differs": ("address",)}, [("D22", "identity", LOOK)]),
    ],
)
def test_documents(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(**changes) == expected


@pytest.mark.parametrize(
    ("channel", "deadline_by", "postmark_on", "arrived_on", "why"),
    [
        ("paper", "postmark", date(2020, 9, 10), date(2020, 9, 14), None),  # Thursday, arrives Monday
        ("paper", "postmark", date(2020, 9, 11), date(2020, 9, 14), "late"),
        ("paper", "postmark", None, date(2020, 9, 10), None),  # it was there in time, whatever the stamp
        ("paper", "postmark", None, date(2020, 9, 11), "postmark_unknown"),
        ("paper", "arrival", date(2020, 9, 9), date(2020, 9, 11), "late"),
        ("paper", "arrival", None, date(2020, 9, 10), None),
        ("web", "postmark", None, date(2020, 9, 10), None),
        ("web", "postmark", None, date(2020, 9, 11), "late"),  # the web has no postmark
        ("web", "arrival", None, date(2020, 9, 11), "late"),
    ],
)
def test_deadline(
    channel: str, deadline_by: str, postmark_on: date | None, arrived_on: date, why: str | None
) -> None:
    facts = CLEAN._replace(
        channel=channel, deadline_by=deadline_by, postmark_on=postmark_on, arrived_on=arrived_on
    )
    assert [(f.code, f.severity, f.evidence["why"]) for f in check(facts)] == (
        [("D42", LOOK, why)] if why else []
    )


def test_a_form_not_yet_sent_and_a_programme_without_deadline_are_not_late() -> None:
    assert found(arrived_on=None) == []
    assert found(deadline=None, arrived_on=date(2030, 1, 1)) == []


@pytest.mark.parametrize(
    ("same_account", "severity"), [(True, NOTE), (False, LOOK)], ids=["same account", "another account"]
)
def test_a_second_application_holds_up_only_where_accounts_differ(same_account: bool, severity: str) -> None:
    assert found(earlier_valid=True, earlier_same_account=same_account) == [("D40", "duplicate", severity)]


def test_an_account_that_the_office_already_knows_is_not_asked_for_again() -> None:
    facts = CLEAN._replace(account_known=True, account=None, holder_kana="", has_account_proof=False)
    assert check(facts) == ()


def test_who_declines_the_whole_sum_is_asked_for_nothing_but_a_confirmation() -> None:
    facts = Facts(
        declines_all=True, arrived_on=date(2020, 6, 8), applied_on=date(2020, 6, 8), phone="03-0000-0000"
    )
    assert [finding.code for finding in check(facts)] == ["D50"]


def test_an_empty_web_form_is_told_everything_that_is_missing_at_once() -> None:
    codes = [finding.code for finding in check(Facts(recipient_kana="ヤマダ　タロウ"))]
    assert codes == ["D04", "D04", "D10", "D10", "D30", "D20"]


def test_a_version_can_change_a_severity_or_leave_a_check_out() -> None:
    facts = CLEAN._replace(members_corrected=True, phone="")
    assert [f.code for f in check(facts, {"D51": "off"})] == ["D04"]
    assert [(f.code, f.severity) for f in check(facts, {"D04": "note", "D51": "return"})] == [
        ("D04", "note"),
        ("D51", "return"),
    ]


def test_notes_do_not_hold_an_application_up() -> None:
    assert is_clean(check(CLEAN))
    assert is_clean(check(CLEAN._replace(earlier_valid=True)))
    assert not is_clean(check(CLEAN._replace(phone="")))
    assert not is_clean(check(CLEAN._replace(has_identity=False)))


def test_every_finding_has_a_code_of_the_master_that_a_version_can_name() -> None:
    assert FOUND_BY_CHECKS <= CODES.keys()
    assert CODES.keys() == CHECK_CODES
    assert len(CHECKS) == len({look for _, look in CHECKS})


names = st.sampled_from(
    ["ヤマダ　タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ", "山田", "", "スズキ　ハナ", "ジョン・スミス", "ー", "゛"]
)
accounts = st.none() | st.tuples(
    st.sampled_from(["0001", "0002", "9900", "1", ""]),
    st.sampled_from(["001", "408", "999", ""]),
    st.sampled_from([1, 2, 4, 9]),
    st.sampled_from(["1234567", "123", "abcdefg"]),
)
days = st.none() | st.dates(min_value=date(2020, 9, 1), max_value=date(2020, 9, 20))
applications = st.builds(
    Facts,
    channel=st.sampled_from(["paper", "web"]),
    arrived_on=days,
    postmark_on=days,
    deadline=st.none() | st.just(DEADLINE),
    deadline_by=st.sampled_from(["postmark", "arrival"]),
    applicant_is_recipient=st.booleans(),
    by_proxy=st.booleans(),
    needs_signature=st.booleans(),
    signed=st.booleans(),
    applied_on=days,
    phone=st.sampled_from(["", "03-0000-0000"]),
    recipient_left_reason=st.sampled_from(["", "died", "moved_out", "household_changed"]),
    identity_differs=st.sampled_from([(), ("name", "address")]),
    account_known=st.booleans(),
    account=accounts,
    yucho_symbol=st.sampled_from(["", "14080", "1408", "一"]),
    yucho_number=st.sampled_from(["", "12712721", "12712731", "x"]),
    holder_kana=names,
    recipient_kana=names,
    recipient_aliases=st.lists(names, max_size=2).map(tuple),
    household_kanas=st.lists(names, max_size=2).map(tuple),
    copy_account=accounts,
    has_identity=st.booleans(),
    identity_clear=st.booleans(),
    has_account_proof=st.booleans(),
    proof_quality=st.sampled_from(["clear", "unclear", "cut_off", "missing_side"]),
    earlier_valid=st.booleans(),
    earlier_same_account=st.booleans(),
    declines=st.booleans(),
    declines_all=st.booleans(),
)


@given(rows=st.lists(applications, max_size=10))
def test_in_bulk_each_application_is_judged_as_it_is_alone(rows: list[Facts]) -> None:
    assert list(check_all(rows)) == [check(row) for row in rows]


@given(facts=applications)
def test_whatever_is_found_can_be_told_to_the_resident(facts: Facts) -> None:
    for finding in check(facts):
        assert finding.severity in {RETURN, LOOK, NOTE}
        assert finding.code in FOUND_BY_CHECKS
        said = explain(finding.code, finding.evidence).text()
        assert said.endswith("。")
        assert "%(" not in said


@given(facts=applications)
def test_findings_never_carry_names_or_account_numbers(facts: Facts) -> None:
    for finding in check(facts):
        told = {str(value) for value in finding.evidence.values()}
        assert not told & ({facts.recipient_kana, facts.holder_kana, facts.phone, "1234567"} - {"", "゛"})
