"""Decisions become transfers once each: whoever makes them, however often, and however many do at once."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from tests.next_version import next_version
from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from tests.payment.planted import past_triggers, plant
from todoku.bank.read_result import read_result
from todoku.case.tables import Case, Entitlement
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import AccountVersion, Submission
from todoku.payment.build_batch import build_batch
from todoku.payment.hand_back import Back, CannotHandBack, hand_all_back, hand_back
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import CannotVoid, void
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Programme
from todoku.review.decide import decide
from todoku.review.screen import screen
from todoku.review.tables import Decision, Task


def make(money):
    return make_transfers(programme=money.programme, actor=SYSTEM, at=money.at)


def test_every_decided_case_gets_one_transfer_of_its_amount_and_reviewed_account(money):
    report = make(money)
    assert (report.done, report.refused) == (DECIDED, ())
    for transfer in Transfer.objects.select_related("decision__account", "entitlement"):
        account = transfer.decision.account
        assert transfer.amount_yen == transfer.entitlement.amount_yen
        assert (transfer.bank, transfer.branch, transfer.kind, transfer.account_number) == (
            account.bank, account.branch, account.kind, account.number,
        )  # fmt: skip
        assert (transfer.state, transfer.batch_id, transfer.retry_of_id) == ("ready", None, None)
    assert money.stages() == {"decided": DECIDED}


def test_a_right_to_buy_vouchers_is_no_money_for_anybody(money):
    voucher = "[voucher]\nrights = 1\nprice_yen = 500000\nnotes = 600\nnote_yen = 1000\n"
    voucher += "sold_until = 2030-01-01\nusable_until = 2030-01-01\n"
    text = money.programme.version.text.replace(
        'rule = "per_person"\nparameters = { yen_per_person = 100000 }',
        'rule = "constant"\nparameters = { yen = 100000 }',
    )
    next_version(money.programme, f"{text}\n{voucher}", at=money.at, actor=SYSTEM)
    programme = Programme.objects.get(pk=money.programme.pk)
    report = make_transfers(programme=programme, actor=SYSTEM, at=money.at)
    assert (report.done, report.note) == (0, "商品券を購入する権利の制度のため、振込はありません。")
    assert Transfer.objects.count() == 0


def test_a_second_run_makes_nothing(money):
    assert make(money).done == DECIDED
    assert make(money).done == 0
    assert Transfer.objects.count() == DECIDED


def test_eight_at_once_make_one_transfer_each_recipient(money):
    done: list[int] = []

    def run():
        try:
            done.append(make(money).done)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0] * 7 + [DECIDED]
    assert Transfer.objects.values("recipient").distinct().count() == Transfer.objects.count() == DECIDED


def test_eight_hostile_inserts_leave_one_live_transfer(money):
    """The same race without our lock: the unique index alone holds."""
    money.ready()
    transfer = Transfer.objects.order_by("pk").first()
    Transfer.objects.filter(pk=transfer.pk).update(state="void")
    columns = "programme_id, payout, recipient_id, case_id, entitlement_id, decision_id, amount_yen, bank, branch, kind, account_number, holder_kana, made_at"  # noqa: E501
    outcomes: list[str] = []

    def insert():
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    f"insert into todoku_transfer (number, state, {columns}) "
                    f"select nextval('todoku_transfer_number')::text, 'ready', {columns} from todoku_transfer where id = %s",
                    [transfer.pk],
                )
                outcomes.append("made")
        except IntegrityError as error:
            outcomes.append(
                "one_live_transfer_per_recipient" if "one_live_transfer" in str(error) else str(error)
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=insert) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", *["one_live_transfer_per_recipient"] * 7]
    live = Transfer.objects.filter(recipient_id=transfer.recipient_id).exclude(state="void")
    assert live.count() == 1


def account_of_first_case() -> tuple[Case, AccountVersion]:
    decision = Decision.objects.select_related("account", "case").order_by("pk").first()
    return decision.case, decision.account


def replace_account(case: Case, account: AccountVersion, **values: object) -> None:
    """Another version of the account on the decision, as it would stand there had review let it pass."""
    made = AccountVersion.objects.create(
        submission_id=account.submission_id, version=account.version + 1, entered_at=account.entered_at,
        **{"bank": account.bank, "branch": account.branch, "kind": account.kind, "number": account.number,
           "holder_kana": account.holder_kana, **values},
    )  # fmt: skip
    rewrite_decision(case, f"account_id = {made.pk}")


def rewrite_decision(case: Case, change: str) -> None:
    """What no role of the doors can do: a decided decision that says something else."""
    plant(*past_triggers("decision", f"update todoku_decision set {change} where case_id = {case.pk}"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"holder_kana": "山田太郎"}, "名義の1文字目「山」"),
        ({"holder_kana": ""}, "名義のカナが空欄"),
        ({"number": "123456"}, "そろっていません"),
        ({"bank": ""}, "そろっていません"),
    ],
    ids=["a kanji name", "no name", "six digits", "no bank"],
)
def test_what_no_bank_file_can_carry_is_named_and_stays_decided(money, values, words):
    case, account = account_of_first_case()
    replace_account(case, account, **values)
    report = make(money)
    assert report.done == DECIDED - 1
    assert [number for number, _why in report.refused] == [case.number]
    assert words in report.refused[0][1]
    assert not Transfer.objects.filter(case=case).exists()
    assert money.stages() == {"decided": DECIDED}


def test_an_amount_that_differs_from_the_entitlement_is_named_and_not_paid(money):
    case, _account = account_of_first_case()
    rewrite_decision(case, "amount_yen = 4630000")
    report = make(money)
    assert report.refused == (
        (case.number, "決定した額と支給予定額が違います。審査へ戻し、もう一度決定を受けてください。"),
    )
    assert not Transfer.objects.filter(case=case).exists()


def test_another_amount_is_refused_by_the_database_even_with_a_decision_of_that_amount(money):
    case, _account = account_of_first_case()
    entitlement = Entitlement.objects.get(case=case)
    rewrite_decision(case, f"amount_yen = {entitlement.amount_yen * 463}")
    decision = Decision.objects.select_related("account").get(case=case)
    with pytest.raises(IntegrityError, match="a_transfer_pays_its_entitlement"), transaction.atomic():
        Transfer.objects.create(
            number="1999999999", programme=money.programme, recipient_id=case.recipient_id, case=case,
            entitlement=entitlement, decision=decision, amount_yen=decision.amount_yen, bank=decision.account.bank,
            branch=decision.account.branch, kind=decision.account.kind, account_number=decision.account.number,
            holder_kana="ﾃｽﾄ", made_at=money.at,
        )  # fmt: skip
    assert Transfer.objects.count() == 0


def test_rows_of_a_voided_open_batch_wait_again_and_those_of_a_sealed_one_are_made_anew(money):
    batch = money.built()
    void(batch, reason="振込日の変更", actor=money.staff["maker"], at=money.at)
    assert Transfer.objects.filter(state="ready", batch=None).count() == DECIDED

    again = sealed_anew(money)
    before = set(Transfer.objects.filter(batch=again).values_list("number", flat=True))
    void(again, reason="金融機関の指示", actor=money.staff["maker"], at=money.at)
    assert Transfer.objects.filter(state="void").count() == DECIDED
    assert make(money).done == DECIDED
    after = set(Transfer.objects.filter(state="ready").values_list("number", flat=True))
    assert not before & after
    assert AuditEvent.objects.filter(action="batch.void", reason="金融機関の指示").count() == 1


def sealed_anew(money) -> Batch:
    maker = money.staff["maker"]
    made = build_batch(
        programme=money.programme,
        value_date=money.value_date,
        received_by=None,
        actor=maker,
        at=money.at,
        budget_item="科目",
        payment_order="支令2",
    )
    return seal(made, actor=maker, at=money.at)


def test_a_batch_is_voided_with_a_reason_and_never_after_it_was_sent(money):
    batch = money.approved()
    with pytest.raises(CannotVoid, match="理由"):
        void(batch, reason=" ", actor=money.staff["maker"], at=money.at)
    money.send(batch)
    with pytest.raises(CannotVoid, match="取り消せません"):
        void(batch, reason="急ぎ", actor=money.staff["maker"], at=money.at)
    assert Batch.objects.get().state == "sent"


def test_a_returned_transfer_is_paid_again_as_its_retry_after_another_decision(money):
    batch = money.sent()
    failed = Transfer.objects.filter(batch=batch).order_by("number").first()
    money.to_value_date()
    row = (failed.number, failed.amount_yen, "口座解約済", "2026/12/04")
    read_result(batch, report_bytes(row), name="kekka.csv", actor=money.staff["maker"], at=money.at)
    assert make(money).done == 0, "without a new account and decision nothing is paid again"

    new_account(money, failed.case)
    assert make(money).done == 1
    retry = Transfer.objects.get(case=failed.case, state="ready")
    assert retry.retry_of_id == failed.pk
    assert retry.account_number == "7654321"
    assert retry.number != failed.number


def test_a_voided_retry_may_be_made_again(money):
    batch = money.sent()
    failed = Transfer.objects.filter(batch=batch).order_by("number").first()
    money.to_value_date()
    row = (failed.number, failed.amount_yen, "口座解約済", "2026/12/04")
    read_result(batch, report_bytes(row), name="kekka.csv", actor=money.staff["maker"], at=money.at)
    new_account(money, failed.case)
    make(money)
    Transfer.objects.filter(retry_of=failed).update(state="void")
    assert make(money).done == 1
    assert list(Transfer.objects.filter(retry_of=failed).order_by("pk").values_list("state", flat=True)) == [
        "void", "ready",
    ]  # fmt: skip


def new_account(money, case: Case) -> None:
    """The resident names another account on paper; two reviewers and the officer pass it."""
    before = Submission.objects.filter(case=case).order_by("-pk").first()
    kept = AccountVersion.objects.filter(submission=before).order_by("-pk").first()
    form = PaperForm(
        number=case.number, arrived_on=money.at.date(), identity_evidence="clear", account_evidence="clear",
        phone="045-000-0000", applied_on=money.at.date(), bank="0005", branch="001", kind=1,
        account_number="7654321", holder_kana=kept.holder_kana,
    )  # fmt: skip
    receive_paper(form, programme=money.programme, actor=money.staff["clerk"], at=money.at)
    screen(programme=money.programme, actor=SYSTEM, at=money.at)
    money.judge_all("approve")
    made = money.list_made()
    decide(made, sha256=made.sha256, actor=money.staff["officer"], at=money.at)


def test_a_case_goes_back_to_review_before_its_transfer_is_sealed(money):
    batch = money.built()
    transfer = Transfer.objects.filter(batch=batch).order_by("number").first()
    hand_back(transfer.case, reason="名義が違うとの電話", actor=money.staff["maker"], at=money.at)
    batch.refresh_from_db()
    assert (batch.count, batch.total_yen) == (
        DECIDED - 1,
        sum(Transfer.objects.filter(batch=batch, state="ready").values_list("amount_yen", flat=True)),
    )
    assert Transfer.objects.get(pk=transfer.pk).state == "void"
    assert money.stages() == {"decided": DECIDED - 1, "in_review": 1}
    assert Task.objects.filter(case=transfer.case, state="open", reason="from_payment").count() == 1
    assert not Decision.objects.filter(case=transfer.case, in_force=True).exists()
    assert make(money).done == 0


def test_a_sealed_transfer_is_not_taken_out_of_its_file(money):
    batch = money.sealed()
    transfer = Transfer.objects.filter(batch=batch).order_by("number").first()
    with pytest.raises(CannotHandBack, match="先に振込データを取り消して"):
        hand_back(transfer.case, reason="名義が違う", actor=money.staff["maker"], at=money.at)
    assert Transfer.objects.get(pk=transfer.pk).state == "sealed"
    assert connection.in_atomic_block is False


def test_many_cases_go_back_together_and_their_batch_counts_without_them(money):
    batch = money.built()
    chosen = list(Transfer.objects.filter(batch=batch).order_by("id")[:4])
    rows = [Back(one.case_id, f"理由{place}") for place, one in enumerate(chosen)]
    maker = money.staff["maker"]
    assert hand_all_back(rows, programme=money.programme, actor=maker, at=money.at) == 4
    batch.refresh_from_db()
    left = Transfer.objects.filter(batch=batch, state="ready")
    assert (batch.count, batch.total_yen) == (left.count(), sum(one.amount_yen for one in left))
    assert left.count() == DECIDED - 4
    remarks = Decision.objects.filter(in_force=False).order_by("remark").values_list("case_id", "remark")
    assert list(remarks) == [(row.case, row.reason) for row in rows]


def test_many_go_back_all_or_none_and_the_sealed_one_is_named(money):
    batch = money.sealed()
    one = Transfer.objects.filter(batch=batch).order_by("id").first()
    maker = money.staff["maker"]
    with pytest.raises(CannotHandBack) as refused:
        hand_all_back([Back(one.case_id, "誤り")], programme=money.programme, actor=maker, at=money.at)
    assert refused.value.case == one.case_id
    with pytest.raises(CannotHandBack, match="理由を書いて"):
        hand_all_back([Back(one.case_id, " ")], programme=money.programme, actor=maker, at=money.at)
    assert Decision.objects.filter(in_force=False).count() == 0
