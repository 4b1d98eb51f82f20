"""Money that comes back late: every line is one transfer, or an open question that stops the next seal."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from todoku.bank.keyed_returns import CannotKey, Keyed, returned_rows
from todoku.bank.late_return import KNOWN, late_return, read_late_returns
from todoku.bank.read_result import ReportRefused, key_result, read_result
from todoku.bank.report_mapping import CannotKeepMapping, keep_mapping
from todoku.bank.resolve_return import CannotResolve, resolve_return
from todoku.case.failure_wording import REASONS as WHY
from todoku.case.tables import Case
from todoku.formats.bank_report import ReturnedTransfer
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.ledger.tables import LedgerEntry
from todoku.payment.make_transfers import make_transfers
from todoku.payment.preflight import blocking
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import BankReport, Result, Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.open_claim import open_claim
from todoku.review.decide import decide
from todoku.review.screen import screen
from todoku.review.tables import Decision
from todoku.rounds.due_letters import due_items


@pytest.fixture
def reconciled(money):
    batch = money.sent()
    money.to_value_date()
    read_result(batch, report_bytes(), name="kekka.csv", actor=money.staff["maker"], at=money.at)
    batch.refresh_from_db()
    assert money.stages() == {"paid": DECIDED}
    return batch


def transfers(batch):
    return list(Transfer.objects.filter(batch=batch).order_by("number"))


def line(transfer, reason="口座解約済", day="2026/12/07"):
    return (transfer.number, transfer.amount_yen, reason, day)


def read(money, batch, *rows, name="atokara.csv"):
    return read_late_returns(batch, report_bytes(*rows), name=name, actor=money.staff["maker"], at=money.at)


def key(money, batch, *rows):
    return late_return(batch, returned_rows(batch, rows), actor=money.staff["maker"], at=money.at)


def test_a_settled_transfer_comes_back_and_its_case_needs_another_account(money, reconciled):
    back = transfers(reconciled)[0]
    report = read(money, reconciled, line(back))
    assert (report.done, report.refused) == (1, ((back.number, "CLOSED"),))
    back.refresh_from_db()
    assert (back.state, back.result.returned_on) == ("returned", date(2026, 12, 7))
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}
    assert not Decision.objects.get(case=back.case).in_force
    late = BankReport.objects.get(kind="late")
    assert (late.returned, late.settled, late.batch) == (1, 0, reconciled)
    booked = LedgerEntry.objects.filter(subject_kind="transfer", subject_id=back.pk).order_by("id")
    assert [entry.kind for entry in booked] == ["transfer", "settled", "returned_late"]


def test_a_file_read_twice_and_a_longer_list_with_old_lines_take_each_return_once(money, reconciled):
    first, second, *_ = transfers(reconciled)
    read(money, reconciled, line(first))
    assert read(money, reconciled, line(first), name="again.csv").note == KNOWN
    report = read(money, reconciled, line(first), line(second))
    assert report.refused == ((second.number, "CLOSED"),)
    assert key(money, reconciled, Keyed(first.number, first.amount_yen, "CLOSED", None)).note == KNOWN
    assert (Result.objects.count(), money.stages()["failed"]) == (2, 2)


def test_a_line_that_fits_nothing_takes_nothing_and_stays_an_open_question(money, reconciled):
    good = transfers(reconciled)[0]
    with pytest.raises(ReportRefused, match="次の振込データを確定できません"):
        read(money, reconciled, line(good), ("9999999999", 30000, "口座解約済", "2026/12/07"))
    assert money.stages() == {"paid": DECIDED}
    question = UnmatchedReturn.objects.get()
    assert (question.number, question.amount_yen, question.line, question.reason) == (
        "9999999999",
        30000,
        3,
        "CLOSED",
    )
    with pytest.raises(ReportRefused):
        read(money, reconciled, line(good), ("9999999999", 30000, "口座解約済", "2026/12/07"))
    assert UnmatchedReturn.objects.count() == 1, "the same file asks the same question once"


def test_nothing_is_sealed_while_a_return_is_unmatched_and_the_database_says_so_too(money, reconciled):
    good = transfers(reconciled)[0]
    with pytest.raises(ReportRefused, match="金額が依頼と違います"):
        read(money, reconciled, (good.number, 1, "口座解約済", "2026/12/07"))
    money.day = money.at.date()
    money.decided(1)
    batch = money.built()
    assert any("照合できない返却" in doubt.sentence for doubt in blocking(batch, on=money.day))
    with (
        pytest.raises(DatabaseError, match="nothing_is_sealed_while_a_return_is_unmatched"),
        transaction.atomic(),
    ):
        Transfer.objects.filter(batch=batch).update(state="sealed", file_number=1, line=1)
        type(batch).objects.filter(pk=batch.pk).update(
            state="sealed", sha256="0" * 64, manifest=good.batch.manifest, lines=good.batch.lines
        )
    question = UnmatchedReturn.objects.get()
    with pytest.raises(CannotResolve, match="確かめた相手"):
        resolve_return(question, outcome="banks_mistake", words=" ", actor=money.staff["maker"], at=money.at)
    resolve_return(
        question,
        outcome="banks_mistake",
        words="みなと銀行 田中 金額の誤り",
        actor=money.staff["maker"],
        at=money.at,
    )
    assert not [doubt for doubt in blocking(batch, on=money.day) if "照合できない" in doubt.sentence]
    with pytest.raises(CannotResolve, match="解決済み"):
        resolve_return(question, outcome="taken", words="もう一度", actor=money.staff["maker"], at=money.at)
    with pytest.raises(DatabaseError, match="an_unmatched_return_is_resolved_once"), transaction.atomic():
        UnmatchedReturn.objects.update(outcome="ほか")


def test_a_keyed_line_names_a_transfer_or_a_case_and_a_typing_mistake_asks_nobody(money, reconciled):
    first, second, *_ = transfers(reconciled)
    case = Case.objects.get(pk=second.case_id)
    with pytest.raises(CannotKey, match="2行目: 振込番号の10桁か"):
        key(money, reconciled, Keyed(first.number, 1, "CLOSED", None), Keyed("12", 1, "CLOSED", None))
    with pytest.raises(ReportRefused, match="金額が依頼と違います"):
        key(money, reconciled, Keyed(first.number, 1, "CLOSED", None))
    assert not UnmatchedReturn.objects.exists()
    report = key(
        money, reconciled, Keyed(first.number, first.amount_yen, "NO_ACCOUNT", date(2026, 12, 8)),
        Keyed(case.number, second.amount_yen, "RECALLED", None),
    )  # fmt: skip
    assert report.refused == ((first.number, "NO_ACCOUNT"), (second.number, "RECALLED"))
    assert BankReport.objects.get(kind="late").parcel is None


def test_a_result_is_keyed_where_the_bank_gives_paper(money):
    batch = money.sent()
    money.to_value_date()
    back = transfers(batch)[0]
    rows = returned_rows(batch, [Keyed(back.number, back.amount_yen, "BLOCKED", None)])
    report = key_result(batch, rows, actor=money.staff["maker"], at=money.at)
    assert (report.done, report.refused) == (DECIDED - 1, ((back.number, "BLOCKED"),))
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}


def test_money_back_before_the_result_is_not_settled_by_it(money):
    batch = money.sent()
    early, *others = transfers(batch)
    key(money, batch, Keyed(early.number, early.amount_yen, "OTHER", None))
    assert money.stages() == {"paying": DECIDED - 1, "failed": 1}
    money.to_value_date()
    report = read_result(
        batch,
        report_bytes(line(early), line(others[0])),
        name="k.csv",
        actor=money.staff["maker"],
        at=money.at,
    )
    assert (report.done, report.refused) == (DECIDED - 2, ((others[0].number, "CLOSED"),))
    assert money.stages() == {"paid": DECIDED - 2, "failed": 2}


def test_a_late_return_prints_its_letter_opens_one_submission_and_is_paid_only_as_its_retry(
    money, reconciled
):
    back = transfers(reconciled)[0]
    read(money, reconciled, line(back))
    (item,) = due_items("transfer_failed", money.programme, money.at.date())
    assert (item.case_id, item.occasion, item.values[2]) == (back.case_id, back.pk, WHY["CLOSED"])
    with pytest.raises(DatabaseError, match="what_was_decided_stays"), transaction.atomic():
        Decision.objects.filter(case=back.case).update(in_force=True)
    with pytest.raises(DatabaseError, match="a_transfer_follows_its_decision"), transaction.atomic():
        copy = Transfer.objects.get(pk=back.pk)
        copy.pk, copy.number, copy.state, copy.batch, copy.file_number, copy.line = (
            None,
            "9999999990",
            "ready",
            None,
            None,
            None,
        )
        copy.save(force_insert=True)
    again(money, back)
    retry = Transfer.objects.get(case=back.case, state="ready")
    assert retry.retry_of == back


def again(money, back):
    """The resident names another account on paper; two persons pass it and the officer decides it again."""
    form = PaperForm(
        number=back.case.number, arrived_on=money.at.date(), postmark_on=money.at.date(), applied_on=money.at.date(),
        identity_evidence="clear", account_evidence="clear", phone="045-000-0000", bank=back.bank, branch=back.branch,
        kind=back.kind, account_number="7654321", holder_kana=back.holder_kana,
    )  # fmt: skip
    receive_many([form], programme=money.programme, actor=money.staff["clerk"], at=money.at)
    screen(programme=money.programme, actor=SYSTEM, at=money.at)
    money.judge_all("approve")
    made = money.list_made()
    decide(made, sha256=made.sha256, actor=money.staff["officer"], at=money.at)
    assert make_transfers(programme=money.programme, actor=SYSTEM, at=money.at).done == 1


def test_who_may_not_take_results_takes_no_late_return(money, reconciled):
    back = transfers(reconciled)[0]
    rows = [ReturnedTransfer(1, back.number, back.amount_yen, "CLOSED", "", None)]
    with pytest.raises(ReportRefused, match="権限がありません"):
        late_return(reconciled, rows, actor=money.staff["clerk"], at=money.at)
    assert money.stages() == {"paid": DECIDED}


MAPPING = """
name = "みなと銀行"
headings = false
[columns]
number = 2
amount = 3
reason = 1
[reasons]
BLOCKED = ["7"]
"""


def test_a_bank_with_columns_of_its_own_is_read_by_the_mapping_kept_once(money, reconciled):
    back = transfers(reconciled)[0]
    with pytest.raises(CannotKeepMapping):
        keep_mapping(money.programme.municipality, "name = 1", actor=money.staff["maker"], at=money.at)
    keep_mapping(money.programme.municipality, MAPPING, actor=money.staff["maker"], at=money.at)
    reconciled.programme.municipality.refresh_from_db()
    report = read_late_returns(
        reconciled, f"7,{back.number},{back.amount_yen}\r\n".encode("cp932"), name="minato.csv",
        actor=money.staff["maker"], at=money.at,
    )  # fmt: skip
    assert report.refused == ((back.number, "BLOCKED"),)


def test_what_is_being_claimed_back_is_not_taken_as_returned_too(money, reconciled):
    back, other = transfers(reconciled)[:2]
    open_claim(
        back,
        reason="not_due",
        why="課税世帯と判明",
        order="福祉第12号",
        actor=money.staff["officer"],
        at=money.at,
    )
    report = read(money, reconciled, line(back), line(other))
    assert (report.done, report.waiting, report.refused) == (1, 1, ((other.number, "CLOSED"),))
    assert "返還請求などのある1件は取り込まず" in report.note
    back.refresh_from_db(), other.refresh_from_db()
    assert (back.state, other.state) == ("settled", "returned")
    question = UnmatchedReturn.objects.get()
    assert (question.number, question.resolved_at) == (back.number, None)
    assert "先に担当課が返還請求を取り消してください" in question.why
    keyed = [ReturnedTransfer(1, back.number, back.amount_yen, "CLOSED", "解約済", None)]
    again = late_return(reconciled, keyed, actor=money.staff["maker"], at=money.at)
    assert (again.done, UnmatchedReturn.objects.count()) == (0, 1)
