"""A further payout (こども加算) goes to whoever was paid the first one: tried, opened once, told of, accepted, decided, paid."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.office_day import OfficeDay
from tests.proofs import proofed
from tests.town_fixture import (
    ASSETS,
    AT,
    MANAGER,
    OPENS_ON,
    Made,
    households_of,
    known_accounts_bytes,
    make_sample_programme,
    open_sample,
    standing,
    take,
)
from tests.web.office import Desk, do_long_work, text_of
from todoku.bank.read_result import read_result
from todoku.case.apply_changes import apply_changes
from todoku.case.payout_tables import FollowingCase, PayoutOpening
from todoku.case.tables import Case, CaseStage
from todoku.formats import zengin
from todoku.formats.bank_days import bank_days_after
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run, make_notice_run
from todoku.letters.release import release
from todoku.letters.tables import Letter
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.close_hold import CannotClose, close_hold
from todoku.payment.kept_files import bank_files
from todoku.payment.late_facts import find_late_facts
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.open_payout import open_payout
from todoku.recovery.try_payout import CannotOpenPayout, try_payout
from todoku.registry.import_accounts import import_accounts
from todoku.registry.tables import Person, Recipient
from todoku.review.accept_silence import accept_silence
from todoku.review.decide import decide, make_list
from todoku.sampletown import bank

HOUSEHOLDS = 80


@pytest.fixture(scope="module")
def paid_database(populated, tmp_path_factory):
    """The 2023 programme, its known accounts paid the first payout; others are not paid yet. And the moment after that."""
    folder, moments = tmp_path_factory.mktemp("paid"), []
    (folder / "assets").symlink_to(ASSETS)  # the page font that letters are printed with
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return Made(populated(lambda: moments.append(_fill())), folder), moments[0]


def _fill():
    programme = make_sample_programme("kakaku-juten-2023")
    households = households_of(programme, HOUSEHOLDS)
    take(programme, households)
    import_accounts(
        known_accounts_bytes(households), programme=programme, name="kouza.csv", actor=MANAGER, at=AT
    )
    open_sample(programme)
    day = OfficeDay(programme, households, datetime.combine(OPENS_ON, time(1), UTC))
    told_and_accepted(day, "push")
    pay(day)
    return day.at


@pytest.fixture
def paid_town(paid_database, cloned, var_folder):
    made, at = paid_database
    with standing(made, cloned, var_folder) as town:
        yield OfficeDay(town.programme, town.households, at)


def told_and_accepted(day, cohort):
    """The notices of a cohort posted, its last day gone by, silence taken as acceptance."""
    run = make_notice_run(programme=day.programme, cohort=cohort, actor=day.staff["printer"], at=day.later())
    release(proofed(run), actor=day.staff["manager"], at=day.later())
    run.refresh_from_db()
    dispatch(run, posted_on=day.today, counted=run.pieces, actor=day.staff["printer"], at=day.later())
    last = day.programme.terms.cohort(cohort).opt_out_date
    day.at += timedelta(days=(last - day.today).days + 1)
    return accept_silence(programme=day.programme, actor=SYSTEM, at=day.later())


def pay(day):
    """Decided, put into a file, handed to the bank, and nothing came back; gives the file's lines."""
    made = make_list(programme=day.programme, actor=day.staff["manager"], at=day.later())
    decide(made, sha256=made.sha256, actor=day.staff["officer"], at=day.later())
    make_transfers(programme=day.programme, actor=SYSTEM, at=day.later())
    value_date = bank_days_after(day.today, 3)
    batch = build_batch(
        programme=day.programme, value_date=value_date, received_by=None, actor=day.staff["maker"], at=day.later(),
        budget_item="3-1-1-18 給付金", payment_order="支令-0001",
    )  # fmt: skip
    batch = seal(batch, actor=day.staff["maker"], at=day.later())
    for who in ("approver", "treasurer"):
        batch = approve(batch, sha256=batch.sha256, actor=day.staff[who], at=day.later())
    day.at = batch.releasable_at.astimezone(day.at.tzinfo)
    send(batch, sha256=batch.sha256, bank_receipt="受付1", actor=day.staff["treasurer"], at=day.later())
    day.at += timedelta(days=(value_date - day.today).days + 1)
    files = bank_files(batch)
    answer = bank.returned_transfers(files, 1, share=0.0, returned_on=day.today)
    read_result(batch, answer, name="returned.csv", actor=day.staff["maker"], at=day.later())
    return [row for data in files for row in zengin.read(data).rows]


def tried(day):
    try_payout(2, programme=day.programme, actor=day.staff["manager"], at=day.later())
    return PayoutOpening.objects.latest("pk")


def opened(day):
    shown = tried(day).sha256
    return open_payout(2, shown=shown, programme=day.programme, actor=day.staff["manager"], at=day.later())


def claim_back(case, reason, at):
    """A claim for the whole of what a case was paid."""
    with connection.cursor() as cursor:
        cursor.execute(
            'insert into todoku_claim (programme_id, case_id, transfer_id, reason, why, "order", amount_yen, state,'
            " slip_number, opened_at, end_why) select programme_id, case_id, id, %s, '試験', '決裁1', amount_yen, 'open',"
            " lpad(id::text, 12, '0'), %s, '' from todoku_transfer where case_id = %s",
            [reason, at, case],
        )


def children_of(case):
    terms = case.programme.terms.payout(2).amount.parameters
    births = (one.person.birth_date for one in case.recipient.members.select_related("person"))
    return sum(
        one is not None and terms["child_born_on_or_after"] <= one <= terms["newborn_until"] for one in births
    )


def paid_with_children(day):
    paid = Case.objects.filter(programme=day.programme, payout=1, standing__stage="paid").order_by("pk")
    return [case for case in paid.select_related("recipient") if children_of(case)]


def test_the_second_payout_runs_through_to_its_file(paid_town):
    day = paid_town
    with_children = paid_with_children(day)
    assert len(with_children) >= 4
    trial = tried(day)
    assert trial.trial and not Case.objects.filter(payout=2).exists()
    assert trial.tally["cohorts"] == {"addition": [len(with_children), trial.total_yen]}
    assert trial.total_yen == 50_000 * sum(map(children_of, with_children))
    assert set(trial.tally["left"]) == {"no_case", "not_paid", "nothing_due"}
    everybody = Recipient.objects.filter(programme=day.programme, payout=1).count()
    assert sum(trial.tally["left"].values()) + trial.cases == everybody
    report = open_payout(
        2, shown=trial.sha256, programme=day.programme, actor=day.staff["manager"], at=day.later()
    )
    assert report.done == len(with_children) and f"{trial.total_yen:,}円" in report.note
    follows = {one.case_id: one.earlier_id for one in FollowingCase.objects.all()}
    assert sorted(follows.values()) == [case.pk for case in with_children]
    again = opened(day)
    assert (again.done, Case.objects.filter(payout=2).count()) == (0, len(with_children))

    assert told_and_accepted(day, "addition").done == len(with_children)
    lines = pay(day)
    assert (len(lines), sum(row.amount for row in lines)) == (len(with_children), trial.total_yen)
    account = {
        one.case_id: (one.bank, one.branch, one.kind, one.account_number) for one in Transfer.objects.all()
    }
    for later, earlier in follows.items():
        assert account[later] == account[earlier]
    assert set(CaseStage.objects.filter(case__payout=2).values_list("stage", flat=True)) == {"paid"}
    assert Transfer.objects.filter(payout=2, state="settled").count() == len(with_children)


def test_who_died_declined_or_is_claimed_back_has_no_second_one_and_a_new_head_is_asked(paid_town):
    day = paid_town
    _, second, third, *_ = paid_with_children(day)
    head = second.recipient.head
    Person.objects.filter(pk=head.pk).update(left_reason="death", left_on=day.today)
    heir = second.recipient.members.exclude(person=head).order_by("person__birth_date").first().person
    Person.objects.filter(pk=heir.pk).update(is_head=True)
    claim_back(third.pk, "not_due", day.at)
    trial = tried(day)
    assert trial.tally["left"]["claimed"] == 1
    assert trial.tally["cohorts"]["addition_confirm"] == [1, 50_000 * children_of(second)]
    opened(day)
    later = Case.objects.get(payout=2, recipient__household_number=second.recipient.household_number)
    assert later.cohort == "addition_confirm"
    apply_changes(programme=day.programme, actor=day.staff["manager"], at=day.later())
    later.recipient.refresh_from_db()
    assert (later.recipient.head_id, later.standing.stage) == (heir.pk, "listed")
    run = make_form_run(
        programme=day.programme, cohort="addition_confirm", actor=day.staff["printer"], at=day.later()
    )
    assert Letter.objects.get(run=run).case_id == later.pk
    assert not Case.objects.filter(
        payout=2, recipient__household_number=third.recipient.household_number
    ).exists()


def test_a_further_payout_is_held_where_the_one_before_is_claimed_back_whole_by_then(paid_town):
    day = paid_town
    opened(day)
    told_and_accepted(day, "addition")
    held, other, *_ = FollowingCase.objects.order_by("pk").select_related("case")
    claim_back(held.earlier_id, "duplicate", day.later())
    claim_back(other.earlier_id, "overpaid", day.later())
    made = make_list(programme=day.programme, actor=day.staff["manager"], at=day.later())
    decide(made, sha256=made.sha256, actor=day.staff["officer"], at=day.later())
    assert find_late_facts(programme=day.programme, actor=SYSTEM, at=day.later()).done == 1
    hold = Hold.objects.get()
    assert (hold.case_id, hold.kind, hold.owner_role) == (held.case_id, "earlier", "city_officer")
    assert "重複支給" in hold.reason and hold.get_kind_display() == "前の支給回の返還請求"
    words = {"outcome": "pay", "words": "この支給回は要件に当たる", "at": day.later()}
    with pytest.raises(CannotClose, match="担当課の判断"):
        close_hold(hold, actor=day.staff["manager"], **words)
    close_hold(hold, actor=day.staff["officer"], **words)
    assert find_late_facts(programme=day.programme, actor=SYSTEM, at=day.later()).done == 0


def test_what_changed_since_the_trial_and_days_gone_by_are_refused(paid_town):
    day = paid_town
    shown = tried(day).sha256
    case = paid_with_children(day)[0]
    child = case.recipient.members.latest("person__birth_date")
    type(child).objects.filter(pk=child.pk).update(superseded_by_order="決裁第9号")
    with pytest.raises(CannotOpenPayout, match="もう一度試算"):
        open_payout(2, shown=shown, programme=day.programme, actor=day.staff["manager"], at=day.later())
    with pytest.raises(CannotOpenPayout, match="権限"):
        open_payout(2, shown=shown, programme=day.programme, actor=day.staff["clerk"], at=day.later())
    with pytest.raises(CannotOpenPayout, match="支給回はありません"):
        open_payout(3, shown=shown, programme=day.programme, actor=day.staff["manager"], at=day.later())
    last = day.programme.terms.cohort("addition").opt_out_date
    day.at += timedelta(days=(last - day.today).days)
    with pytest.raises(CannotOpenPayout, match="答える日がありません"):
        opened(day)
    assert not Case.objects.filter(payout=2).exists()


def test_the_database_keeps_a_further_payout_to_paid_cases_once(paid_town):
    day = paid_town
    opened(day)
    one = FollowingCase.objects.first()
    unpaid = Case.objects.filter(payout=1).exclude(standing__stage="paid").first()
    other = FollowingCase.objects.exclude(pk=one.pk).first()
    for earlier, names in (
        (unpaid.pk, "a_further_payout_follows_a_paid_case"),
        (one.earlier_id, "a_case_is_followed_once"),
    ):
        case = Case.objects.filter(payout=1).exclude(pk=unpaid.pk).first()
        Case.objects.filter(pk=case.pk).update(payout=2)
        with pytest.raises(IntegrityError, match=names), transaction.atomic():
            FollowingCase.objects.create(
                case=case, earlier_id=earlier, payout=2, opening_id=one.opening_id, at=day.at
            )
        Case.objects.filter(pk=case.pk).update(payout=1)
    with pytest.raises(Exception, match="no_rewrite|permission denied"), transaction.atomic():
        FollowingCase.objects.filter(pk=other.pk).update(payout=3)


def test_the_manager_tries_it_on_the_page_and_opens_what_is_shown(paid_town, at_door, clock):
    clock.to(paid_town.at)
    with at_door("office"):
        desk = Desk("manager")
        assert "まだ試算していません" in text_of(desk.get("roll/payouts/"))
        assert 'href="/p/sample/roll/payouts/"' in desk.get("roll/").content.decode()
        desk.post("roll/payouts/2/try/")
        assert do_long_work().state == "done"
        shown = PayoutOpening.objects.get()
        page = text_of(desk.get("roll/payouts/"))
        for words in (
            f"{shown.cases}件・{shown.total_yen:,}円",
            "こども加算のお知らせ",
            "この支給回の額が0円",
            "まだ支給していない",
        ):
            assert words in page
        assert desk.statements("roll/payouts/") <= 20
        assert desk.post("roll/payouts/7/try/").status_code == 422
        desk.post("roll/payouts/2/open/", {"shown": shown.sha256})
        ended = do_long_work()
        assert (ended.state, Case.objects.filter(payout=2).count()) == ("done", shown.cases)
        page = text_of(desk.get("roll/payouts/"))
        assert f"これまでに{shown.cases}件の案件を作成しました" in page
        follow = FollowingCase.objects.select_related("case", "earlier").first()
        assert "前の支給回の案件" in text_of(desk.get(f"case/{follow.case.number}/"))
        assert follow.case.printed_number in text_of(desk.get(f"case/{follow.earlier.number}/"))
        clerk = Desk("clerk")
        assert clerk.post("roll/payouts/2/try/").status_code == 403
        assert "試算する" not in text_of(clerk.get("roll/payouts/"))
