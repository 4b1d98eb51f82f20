"""What residents send back: as many, as late and as deficient as published."""

import io
from collections import Counter
from datetime import date

import pytest

from todoku.formats import bank_report, holder_name, zengin
from todoku.sampletown import accounts, answers, bank, photos, town
from todoku.sampletown.answers import Answer
from todoku.sampletown.household import Household

BASE_DATE, OPENED_ON = date(2026, 10, 1), date(2026, 11, 2)  # Thursday, Monday
HOUSEHOLDS = 6_000


@pytest.fixture(scope="module")
def sent() -> list[tuple[Household, Answer]]:
    """Every answer of a town of 6,000 households, beside the household that sent it."""
    parts = answers.forced_answers(1, HOUSEHOLDS)
    pairs = []
    for each in town.build(1, HOUSEHOLDS, base_date=BASE_DATE):
        account = accounts.account_of(each, 1, "14")
        part = parts.get(each.serial, "")
        own = answers.answers_of(each, account, seed=1, prefecture="14", opened_on=OPENED_ON, part=part)
        pairs.extend((each, answer) for answer in own)
    return pairs


@pytest.mark.parametrize(
    ("days", "share", "tolerance"),
    [(28, 0.72, 0.04), (42, 0.92, 0.02), (90, 0.98, 0.01)],
)
def test_answers_arrive_along_the_published_curve(sent, days, share, tolerance):
    first = {}
    for household, answer in sent:
        first.setdefault(household.serial, answer)
    arrived = sum((answer.arrived_on - OPENED_ON).days <= days for answer in first.values())
    assert abs(arrived / HOUSEHOLDS - share) < tolerance


def test_paper_is_posted_after_the_opening_and_arrives_on_weekdays(sent):
    paper = [answer for _, answer in sent if answer.channel == "paper"]
    assert min(answer.posted_on for answer in paper) >= OPENED_ON
    assert max(answer.arrived_on.isoweekday() for answer in paper) == 5
    assert all(answer.posted_on < answer.arrived_on for answer in paper)


@pytest.mark.parametrize(("channel", "share", "tolerance"), [("paper", 0.16, 0.02), ("web", 0.10, 0.06)])
def test_deficiencies_occur_at_the_published_rate(sent, channel, share, tolerance):
    asked = [
        answer
        for _, answer in sent
        if answer.channel == channel and not set(answer.intended_deficiencies) & set(answers.NOT_RETURNED)
    ]
    deficient = sum(bool(answer.intended_deficiencies) for answer in asked)
    assert abs(deficient / len(asked) - share) < tolerance


def test_nine_of_ten_deficient_paper_forms_lack_an_attachment(sent):
    deficient = [
        set(answer.intended_deficiencies)
        for _, answer in sent
        if answer.channel == "paper" and set(answer.intended_deficiencies) - set(answers.NOT_RETURNED)
    ]
    attachments = sum(bool(codes & {"D20", "D30", "D31"}) for codes in deficient)
    assert 0.86 < attachments / len(deficient) < 0.96


def test_about_one_in_twenty_answers_by_web(sent):
    web = sum(answer.channel == "web" for _, answer in sent)
    assert 0.035 < web / len(sent) < 0.07


@pytest.mark.parametrize("households", [300, 3_000])
def test_every_deficiency_happens_however_small_the_town(households):
    parts = answers.forced_answers(1, households)
    found = Counter()
    for each in town.build(1, households, base_date=BASE_DATE):
        account = accounts.account_of(each, 1, "14")
        part = parts.get(each.serial, "")
        for answer in answers.answers_of(
            each, account, seed=1, prefecture="14", opened_on=OPENED_ON, part=part
        ):
            found.update(answer.intended_deficiencies)
    assert {"D02", "D05", "D10", "D12", "D13", "D20", "D23", "D30", "D31", "D40", "D50"} <= set(found)


def test_what_is_intended_is_what_is_written(sent):
    for _, answer in sent:
        codes = set(answer.intended_deficiencies)
        assert ("D20" in codes) == ("identity" not in answer.attachments)
        assert ("D30" in codes) == ("account_proof" not in answer.attachments)
        assert ("D02" in codes) == (not answer.signed)
        assert ("D05" in codes) == (not answer.filled_by_head)
        assert ("D50" in codes) == answer.declines
        assert ("D10" in codes) == (answer.account.number == "")


def test_a_sound_answer_names_the_head_and_d12_names_somebody_else(sent):
    agreeing, disagreeing = set(), set()
    for household, answer in sent:
        registered = [name for name in (household.head.kana, household.head.alias_kana) if name]
        tier = holder_name.tier(answer.account.holder_kana, registered).code
        (disagreeing if "D12" in answer.intended_deficiencies else agreeing).add(tier)
    assert agreeing <= {"T0", "T1", "T2", "T4"}
    assert disagreeing <= {"T6", "T7"}


def test_some_apply_twice_with_the_same_and_some_with_another_account(sent):
    by_household: dict[int, list[Answer]] = {}
    for household, answer in sent:
        by_household.setdefault(household.serial, []).append(answer)
    twice = [pair for pair in by_household.values() if len(pair) == 2]
    same = [first.account == second.account for first, second in twice]
    assert {first.channel != second.channel for first, second in twice} == {True}
    assert set(same) == {True, False}


def test_answers_read_back_as_written(sent):
    given = [answer for _, answer in sent[:200]]
    file = io.StringIO()
    count = answers.write_answers(file, given)
    file.seek(0)
    assert count == 200
    assert list(answers.read_answers(file)) == given


def test_a_reply_mends_what_was_wrong_and_comes_later(sent):
    household, deficient = next(pair for pair in sent if "D20" in pair[1].intended_deficiencies)
    account = accounts.account_of(household, 1, "14")
    replies = [answers.reply_of(household, account, deficient, seed) for seed in range(30)]
    mended = [reply for reply in replies if reply]
    assert len(mended) > 20
    assert all(reply.intended_deficiencies == () for reply in mended)
    assert all(reply.arrived_on > deficient.arrived_on for reply in mended)


def test_photos_are_small_jpegs_and_an_unclear_one_is_another_picture(sent):
    household, answer = next(pair for pair in sent if "D23" in pair[1].intended_deficiencies)
    unclear = photos.identity_photo(household, answer)
    clear = photos.identity_photo(household, next(a for h, a in sent if not a.flaws))
    passbook = photos.passbook_photo(answer)
    assert all(data.startswith(b"\xff\xd8\xff") for data in (unclear, clear, passbook))
    assert all(len(data) < 100_000 for data in (unclear, clear, passbook))
    assert len(unclear) < len(clear)


def transfer_file(payments: int) -> bytes:
    header = zengin.Header("1234567890", "ﾐﾎﾝｼ", "1130", "0138", "", "001", "", 1, "7654321")
    rows = [
        zengin.Row("0138", "", "001", "", 1, f"{at:07d}", "ﾔﾏﾀﾞ ﾀﾛｳ", 30_000, f"{at:010d}")
        for at in range(1, payments + 1)
    ]
    return zengin.general_transfer(header, rows, next(iter(zengin.PROFILES.values())))


def test_the_bank_returns_a_few_transfers_by_their_number_with_a_reason():
    data = bank.returned_transfers([transfer_file(1_000)], seed=1, returned_on=date(2026, 12, 2))
    returned = bank_report.read(data)
    assert len(returned) == 4
    assert all(1 <= int(row.number) <= 1_000 and len(row.number) == 10 for row in returned)
    assert {row.amount for row in returned} == {30_000}
    assert {row.returned_on for row in returned} == {date(2026, 12, 2)}


def test_the_banks_words_for_every_reason_are_understood():
    assert {bank_report.reason_of(words): words for words in bank.REASONS.values()} == bank.REASONS
    assert set(bank.REASONS) == set(bank_report.REASONS)


def test_the_bank_returns_one_of_a_small_file_and_none_when_asked_for_none():
    assert bank.returned_transfers([transfer_file(3)], seed=1).count(b"\r\n") == 2
    assert bank.returned_transfers([transfer_file(3)], seed=1, share=0).count(b"\r\n") == 1
