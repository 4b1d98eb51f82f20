"""The rails in one list: each with its file as it is released, its codes those of the tables and of the terms."""

import csv
import io
from dataclasses import replace

import pytest
from django.db import connection

from tests.payment.rails_ground import OtherRails
from todoku.case.tables import Case
from todoku.delivery.gift_outbox import CannotMessage, make_gift_outbox, messages_sent, take_outbox
from todoku.delivery.tables import GiftCode
from todoku.ground.places import var
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import AccountVersion, Submission
from todoku.payment import tables
from todoku.payment.kept_files import bank_files
from todoku.payment.rails import RAILS
from todoku.payment.rails.gift_message import mobile
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM
from todoku.programme import vocabulary
from todoku.review.screen import screen
from todoku.review.tables import Decision, DecisionList, Finding, Proposal

# What a released list looks like where no bank is asked; the bank's files have samples of their own in tests/samples.
SAMPLES = {
    "gift": "gift-20261204-{batch}-1.tsv",
    "cash": "cash-20261204-{batch}-1.tsv",
    "registered_mail": "kakitome-20261204-{batch}-1.tsv",
}


def test_every_rail_is_named_alike_everywhere() -> None:
    assert list(RAILS) == [code for code, _ in tables.RAILS] == list(vocabulary.RAILS)
    assert {code: rail.name for code, rail in RAILS.items()} == dict(tables.RAILS) == vocabulary.RAILS
    assert [code for code, rail in RAILS.items() if rail.needs_account] == ["bank"]
    assert {"bank", *SAMPLES} == set(RAILS), "a rail without a sample of its file"


@pytest.mark.parametrize("rail", SAMPLES)
def test_a_rails_file_is_released_as_sealed(rails: OtherRails, rail: str) -> None:
    if rail == "gift":
        rails.list_taken()
    batch = rails.released_over(rail)
    (file,) = batch.files.all()
    assert file.name == SAMPLES[rail].format(batch=batch.pk)
    (data,) = bank_files(batch)
    head, *lines = data.decode().rstrip("\n").split("\n")
    assert (
        head
        == f"todoku-pay-list\t1\t{rails.programme.municipality_id}\t{rails.programme.slug}\t{batch.pk}\t1"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.number, c.number, t.part::text, t.amount_yen::text from todoku_transfer t"
            " join todoku_case c on c.id = t.case_id where t.batch_id = %s order by t.line",
            [batch.pk],
        )
        assert [tuple(line.split("\t")) for line in lines] == cursor.fetchall()


def test_the_list_of_decisions_carries_the_rail(rails: OtherRails) -> None:
    """What the official decides says how each is paid."""
    lists = DecisionList.objects.filter(programme=rails.programme, state="decided").select_related("file")
    kept = "\n".join((var() / made.file.path).read_text() for made in lists if made.file)
    words = {line.split("\t")[5] for line in kept.splitlines() if line and not line.startswith("todoku-dec")}
    assert words == set(RAILS)
    assert not Decision.objects.exclude(rail="bank").filter(account__isnull=False).exists()


def test_a_form_without_an_account_is_clean_where_another_way_was_chosen(rails: OtherRails) -> None:
    forms = list(rails.forms_over("gift", 2))
    plain = replace(forms[1], rail="")
    for form in (forms[0], plain):
        receive_paper(form, programme=rails.programme, actor=rails.staff["clerk"], at=rails.at)
    screen(programme=rails.programme, actor=SYSTEM, at=rails.at)

    def found(number: str) -> set[str]:
        return set(Finding.objects.filter(case__number=number).values_list("code", flat=True))

    assert found(forms[0].number) == set()
    assert found(plain.number) == {"D07"}, "without a mark the way itself is asked for first"
    assert not AccountVersion.objects.filter(submission__case__number=forms[0].number).exists()


def test_two_reviewers_pass_a_gift_without_an_account(rails: OtherRails) -> None:
    (number,) = rails.reviewed_over("gift", 1)
    proposal = Proposal.objects.get(case__number=number)
    assert (proposal.rail, proposal.account, proposal.outcome) == ("gift", None, "grant")
    assert Case.objects.get(number=number).standing.stage == "passed"


def test_an_unclaimed_gift_is_asked_for_again_to_an_account(rails: OtherRails) -> None:
    """After the money came back, a form that names an account and marks nothing asks for a transfer."""
    (gift,) = rails.forms_over("gift", 1)
    (bank,) = rails.forms_over("bank", 1)
    receive_paper(gift, programme=rails.programme, actor=rails.staff["clerk"], at=rails.at)
    unmarked = replace(bank, rail="", number=gift.number)
    receive_paper(unmarked, programme=rails.programme, actor=rails.staff["clerk"], at=rails.at)
    kept = Submission.objects.filter(case__number=gift.number).order_by("pk").values_list("rail", flat=True)
    assert list(kept) == ["gift", "bank"]


# --- messages, only where the terms ask for them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("090-1234-5678", "09012345678"),
        ("０８０１２３４５６７８", ""),
        ("045-000-0000", ""),
        ("", ""),
        ("0701234567", ""),
    ],
)
def test_a_message_goes_to_a_mobile_telephone_alone(written: str, digits: str) -> None:
    assert mobile(written) == digits


def test_no_message_is_made_where_the_terms_say_letter(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    for way in ("sms", "line", "letter"):
        with pytest.raises(CannotMessage, match="手紙でお届けしてください"):
            make_gift_outbox(way, programme=rails.programme, actor=rails.staff["printer"], at=rails.at)


def test_where_the_terms_ask_for_sms_the_carrier_gets_number_and_text_alone(
    rails_by_sms: OtherRails,
) -> None:
    rails = rails_by_sms
    rails.list_taken()
    batch = rails.released_over("gift")
    with pytest.raises(CannotMessage, match="印刷・発送の担当者だけ"):
        make_gift_outbox("sms", programme=rails.programme, actor=rails.staff["maker"], at=rails.at)
    made = make_gift_outbox("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    assert b"https" not in (var() / made.path).read_bytes()
    with pytest.raises(CannotMessage, match="まだ誰にも渡していません"):
        messages_sent("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    text = take_outbox(made, receiver="配信社 配信 次郎", actor=rails.staff["printer"], at=rails.at).decode(
        "utf-8-sig"
    )
    assert made.hand_overs.order_by("pk").last().to_party == "配信社 配信 次郎"
    head, *lines = csv.reader(io.StringIO(text))
    assert head == ["管理番号", "電話番号", "本文"]
    assert len(lines) == GiftCode.objects.filter(transfer__batch=batch).count() == made.record_count
    assert all(
        to == "09000000000" and words.startswith("【") and "https://gift.example.jp/" in words
        for _, to, words in lines
    )
    numbers = Case.objects.filter(transfers__batch=batch).values_list("number", flat=True)
    assert not any(number in text for number in numbers)
    with pytest.raises(CannotMessage, match="まだ記録されていません"):
        make_gift_outbox("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    report = messages_sent("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    assert report.done == batch.count and Batch.objects.get(pk=batch.pk).state == "reconciled"
    assert "2029年3月31日まで" in text
