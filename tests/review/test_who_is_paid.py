"""From the municipality's list to the rows of the bank file: a guardian's ward, children of a facility, an heir."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from tests.office_day import Applicant, OfficeDay
from tests.town_fixture import AT, MANAGER, OPENS_ON, households_of, open_sample, take
from tests.units import bring, open_programme
from todoku.case.door_keys import key_token, letter_key, lookup_token
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import Heir
from todoku.case.tables import Case
from todoku.formats.kana import bank_kana
from todoku.intake.receive_web import NotOpened, opened_case
from todoku.letters.pieces import forms_of
from todoku.letters.reserve import reserve_first
from todoku.payment.approve_payee import approve_payee
from todoku.payment.make_transfers import make_transfers
from todoku.payment.propose_payee import PayeeForm, PayeeRefused, propose_payee
from todoku.payment.side_tables import SharedPayee
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM, Actor
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.registry.account_names import misnamed
from todoku.registry.answer_representative import CannotAnswer, answer_representative, end_representative
from todoku.registry.name_representative import CannotName, Certified, name_representative
from todoku.registry.reached import Reached, reach, reached_of
from todoku.registry.representative_kinds import holder_names
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import KnownAccount, Person, Recipient
from todoku.review.decide import NothingToDecide, decide, make_list
from todoku.review.settle_change import settle_change
from todoku.review.settle_payee import settle_payee
from todoku.review.settle_representative import follow_representatives
from todoku.review.tables import Finding, Task

GUARDIAN = {
    "care": "成年後見", "payee_name": "法見　仁", "payee_kana": "ノリミ　ジン", "postal_code": "2200012",
    "address": "みなと町9-9",
}  # fmt: skip
HOME = {
    "care": "施設入所", "payee_number": "F100", "payee_name": "みなと児童園", "payee_kana": "ミナトジドウエン",
    "postal_code": "2200012", "address": "みなと町1-1",
}  # fmt: skip


def recipient_of(one):
    return Recipient.objects.select_related("head").get(cases=one.case)


def holder_of(one):
    """The account's name as a guardian keeps it for this household's head."""
    return bank_kana(holder_names(one.household.head.kana, "adult_guardian", GUARDIAN["payee_kana"])[0])


def found(one, code="D12"):
    rows = Finding.objects.filter(case_id=one.case, code=code)
    return [(row.severity, row.evidence.get("why") or row.evidence.get("tier")) for row in rows]


def guarded(office, one, **changes):
    bring(office.programme, "care", [{"number": one.household.head.number} | GUARDIAN | changes])


def pay(office):
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    make_transfers(programme=office.programme, actor=SYSTEM, at=office.later())
    return list(Transfer.objects.order_by("case_id").values_list("case_id", "account_number", "holder_kana"))


def test_a_wards_letters_go_to_the_guardian_and_the_account_in_both_names_is_paid(office):
    ward, plain, own = office.unsampled[:3]
    guarded(office, ward)
    reached = reached_of(recipient_of(ward))
    assert (reached.address, reached.postal_code) == ("みなと町9-9", "2200012")
    # The resident's door knows the same names, by the same rule.
    secret, born = settings.LOOKUP_SECRET, recipient_of(ward).head.birth_date
    key = letter_key(ward.number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
    door = opened_case(
        lookup_token(ward.number, born, lookup_secret=secret),
        key_token(ward.number, key, lookup_secret=secret),
    )
    head = recipient_of(ward).head
    assert set(holder_names(head.kana, "adult_guardian", GUARDIAN["payee_kana"])) <= set(door.aliases)
    # The same words on the account of somebody who has no guardian, and the guardian's own account.
    office.send_web(ward, holder_kana=holder_of(ward))
    office.send_web(plain, holder_kana=holder_of(plain))
    guarded(office, own)
    office.send_web(own, holder_kana=bank_kana(GUARDIAN["payee_kana"]))
    office.screen()
    assert (office.stage(ward), found(ward)) == ("passed", [("note", "representative")])
    assert (office.stage(plain), found(plain)) == ("in_review", [("look", "T6")])
    assert (office.stage(own), found(own)) == ("in_review", [("look", "T7")])
    assert recipient_of(ward).head.number == ward.household.head.number, "the ward stays the payee"
    assert pay(office) == [(ward.case, office.account(ward).number, holder_of(ward)[:30])]


def test_the_form_of_a_ward_is_addressed_to_the_guardian_by_name(town):
    case = Case.objects.filter(standing__stage="listed", recipient__head__name__contains="　").last()
    head = case.recipient.head
    bring(town.programme, "care", [{"number": head.number} | GUARDIAN])
    cohorts = [one.name for one in town.programme.terms.cohorts]
    begun = reserve_first(
        town.programme, "form", cohorts, limit=None, protected=False, actor=MANAGER, at=AT + timedelta(days=1)
    )
    pieces = {
        one.number: one
        for one in forms_of(begun.run, town.programme.terms, protected=False, done=lambda last: None)
    }
    piece = pieces.pop(case.number)
    assert piece.addressee == f"{head.name}　成年後見人　法見　仁"
    assert (piece.postal_code, piece.address_lines) == ("2200012", ("みなと町9-9",))
    assert piece.members[0][0] == head.name
    assert not any("法見" in other.addressee for other in pieces.values())


def test_a_known_account_kept_by_the_guardian_is_its_wards(office):
    one = office.unsampled[0]
    head = recipient_of(one).head
    KnownAccount.objects.create(
        programme=office.programme, person=head, bank="0005", branch="001", kind=1, number="1234567",
        holder_kana=holder_of(one), source="公金受取口座",
    )  # fmt: skip
    assert head.pk in misnamed(office.programme)
    guarded(office, one)
    assert head.pk not in misnamed(office.programme)


def on(office, days):
    """A day of the office as a list writes it."""
    return f"{office.today + timedelta(days=days):%Y/%m/%d}"


def follow(office, days=0):
    at = office.at + timedelta(days=days)
    return follow_representatives(programme=office.programme, actor=SYSTEM, at=at).done


def standing_guardians(office):
    return list(Representative.objects.filter(state="confirmed").values_list("guardian__name", flat=True))


def test_a_guardian_acts_from_the_day_of_office_to_the_last_one_whichever_list_came(office):
    one = office.unsampled[0]
    guarded(office, one, since=on(office, 3), until=on(office, 10))
    assert follow(office) == 0 and not standing_guardians(office)
    assert follow(office, 3) == 1 and standing_guardians(office) == ["法見　仁"]
    assert follow(office, 3) == 0 and follow(office, 10) == 0
    assert follow(office, 11) == 1 and not standing_guardians(office)
    assert follow(office, 12) == 0


def test_whoever_follows_acts_from_his_own_day_and_there_is_no_day_without_one(office):
    one = office.unsampled[0]
    guarded(office, one)
    assert follow(office) == 1
    guarded(office, one, payee_name="新見　礼", payee_kana="ニイミ　レイ", since=on(office, 5))
    assert follow(office, 4) == 0 and standing_guardians(office) == ["法見　仁"]
    assert follow(office, 5) == 1 and standing_guardians(office) == ["新見　礼"]


def test_whom_a_person_ended_does_not_come_again_by_the_day_of_a_list(office):
    one = office.unsampled[0]
    guarded(office, one, since=on(office, 3))
    assert follow(office, 3) == 1
    end_representative(
        Representative.objects.get(),
        why="辞任",
        actor=office.staff["manager"],
        at=office.at + timedelta(days=4),
    )
    assert follow(office, 4) == 1 and follow(office, 5) == 0 and not standing_guardians(office)


def test_cases_in_review_are_judged_anew_when_a_list_or_its_day_changes_who_acts(office):
    reviewed, passed = office.unsampled[:2]
    office.arrive(*(office.form(one, holder_kana=holder_of(one)) for one in (reviewed, passed)))
    assert found(reviewed) == [("look", "other_holder")] or found(reviewed)[0][0] == "look"
    for one in (reviewed, passed):
        guarded(office, one, until=on(office, 5))
    assert follow(office) == 2
    # The account is the guardian's by now; whoever looked at somebody else's looks again.
    assert found(reviewed) == [("note", "representative")]
    task = Task.objects.get(case_id=reviewed.case, state="open")
    assert (task.round, task.reason) == (2, "representative")
    office.both()
    office.both()
    assert (office.stage(reviewed), office.stage(passed)) == ("passed", "passed")
    # He acts no more: what was approved for his account is looked at again before it is decided.
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    assert made.grants == 2 and follow(office, 6) == 2
    made.refresh_from_db()
    assert made.state == "void"
    assert (office.stage(reviewed), office.stage(passed)) == ("in_review", "in_review")
    assert found(reviewed)[0][0] == "look"


def test_a_list_changes_the_guardian_and_ends_one_and_never_leaves_two(office):
    one = office.unsampled[0]
    guarded(office, one)
    guarded(office, one, payee_name="新見　礼", payee_kana="ニイミ　レイ")
    states = Representative.objects.order_by("pk").values_list("guardian__name", "state")
    assert list(states) == [("法見　仁", "ended"), ("新見　礼", "confirmed")]
    guarded(office, one, payee_name="新見　礼", payee_kana="ニイミ　レイ", until="2026/01/01")
    assert not Representative.objects.filter(state="confirmed").exists()
    assert reached_of(recipient_of(one)).address == recipient_of(one).head.address
    two = [{"number": one.household.head.number} | GUARDIAN | {"care": care} for care in ("成年後見", "保佐")]
    with pytest.raises(Exception, match="誤りがあります"):
        bring(office.programme, "care", two)


def certified(**changes):
    said = Certified(
        "adult_guardian", "法見　仁", "ノリミ　ジン", "2200012", "みなと町9-9", "", "0451112222", date(2026, 11, 1), "第2026-1号"
    )  # fmt: skip
    return said._replace(**changes)


def test_a_certificate_is_entered_by_one_and_confirmed_by_another(office):
    one = office.unsampled[0]
    recipient, manager = recipient_of(one), office.staff["manager"]
    at = datetime.combine(date(2026, 11, 20), time(3), UTC)
    said = {"actor": manager, "at": at}
    with pytest.raises(CannotName, match="3か月以内"):
        name_representative(recipient, certified(issued_on=date(2026, 8, 19)), **said)
    with pytest.raises(CannotName, match="権限"):
        name_representative(
            recipient,
            certified(),
            actor=Actor(manager.id, "電話", frozenset({"call_agent"}), "office"),
            at=at,
        )
    named = name_representative(recipient, certified(), **said)
    assert reached_of(recipient).address == recipient.head.address, "nothing follows from one person's word"
    with pytest.raises(CannotName, match="確認を待って"):
        name_representative(recipient, certified(), **said)
    with pytest.raises(CannotAnswer, match="入力した本人"):
        answer_representative(named, confirmed=True, **said)
    with pytest.raises(IntegrityError, match="another_person_confirms"), transaction.atomic():
        Representative.objects.filter(pk=named.pk).update(
            state="confirmed", answered_by=manager.id, answered_at=at
        )
    other = Actor(office.staff["officer"].id, "別の責任者", frozenset({"manager"}), "office")
    answer_representative(named, confirmed=True, actor=other, at=at)
    assert reached_of(recipient).address == "みなと町9-9"
    with pytest.raises(IntegrityError, match="a_ward_has_one_representative"), transaction.atomic():
        Representative.objects.create(
            programme=office.programme, ward=recipient.head, guardian=named.guardian, kind="curator", state="confirmed",
            issued_on=at.date(), evidence="x", proposed_by_id=manager.id, proposed_at=at, answered_by_id=other.id,
            answered_at=at,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="a_representative_stays_who_it_is"), transaction.atomic():
        Representative.objects.filter(pk=named.pk).update(kind="curator")
    end_representative(named, why="辞任", actor=other, at=at + timedelta(days=1))
    assert reached_of(recipient).address == recipient.head.address


FACILITY = "{ in_facility = true }"


def children_of(programme, families):
    """The cases of the children who live in the facility, each with its family."""
    cases = Case.objects.filter(programme=programme).exclude(recipient__unit_number="")
    by_child = {case.recipient.unit_number: case for case in cases.select_related("recipient__head")}
    assert set(by_child) == {one.members[-1].number for one in families}
    return [
        Applicant(by_child[one.members[-1].number].pk, by_child[one.members[-1].number].number, one)
        for one in families
    ]


def town_with_a_facility(payee):
    """A household's programme of which the last members of four families live in one facility: the office, the children."""
    text = reschedule(version_text("tokubetsu-teigaku-2020"), OPENS_ON)
    text = text.replace('in_facility = "self"', f'in_facility = "{payee}"')
    start = text.index(FACILITY)
    text = text[:start] + text[start:].replace('payee = "self"', f'payee = "{payee}"', 1)
    programme = open_programme(text)
    households = [one for one in households_of(programme, 60) if one.kinds == ()]
    families = [one for one in households if len(one.members) > 2][:4]
    take(programme, households)
    bring(programme, "care", [{"number": one.members[-1].number} | HOME for one in families])
    open_sample(programme)
    office = OfficeDay(programme, households, datetime.combine(OPENS_ON, time(1), UTC))
    children = children_of(programme, families)
    office.invite([*office.applicants, *children])
    return office, children


def test_a_child_in_a_facility_receives_itself_apart_and_its_letters_go_there(database, var_folder):
    office, children = town_with_a_facility("self")
    for one in children:
        recipient = recipient_of(one)
        child = one.household.members[-1]
        assert recipient.head.number == child.number and recipient.care_of.number == "F100"
        reached = reached_of(recipient)
        assert (reached.address, reached.building) == ("みなと町1-1", "みなと児童園　気付")
        family = Case.objects.get(recipient__unit_number="", recipient__household_number=one.household.number)
        assert (
            family.recipient.members.filter(superseded_by_order="").count() == len(one.household.members) - 1
        )
        assert family.entitlement.amount_yen == 100_000 * (len(one.household.members) - 1)
        assert Case.objects.get(pk=one.case).entitlement.amount_yen == 100_000


def test_one_facility_is_paid_for_many_and_its_account_is_explained_for_them_alone(database, var_folder):
    office, children = town_with_a_facility("facility")
    stranger, *_ = [
        one for one in office.unsampled if one.household not in [child.household for child in children]
    ]
    assert {recipient_of(one).head.name for one in children} == {"みなと児童園"}
    account = office.account(children[0])
    same = {
        "bank": account.bank, "branch": account.branch, "kind": account.account_kind, "account_number": account.number,
        "holder_kana": bank_kana(HOME["payee_kana"]), "yucho_symbol": "", "yucho_number": "",
    }  # fmt: skip
    form = PayeeForm(
        "facility", "みなと児童園", account.bank, account.branch, account.account_kind, account.number, 9_000_000, "入所者の一覧"
    )  # fmt: skip
    facility, manager = Person.objects.get(number="F100"), office.staff["manager"]
    with pytest.raises(PayeeRefused, match="一覧の施設"):
        nobody = recipient_of(stranger).head
        propose_payee(form, programme=office.programme, person=nobody, actor=manager, at=office.at)
    payee = propose_payee(form, programme=office.programme, person=facility, actor=manager, at=office.later())
    approve_payee(payee, actor=office.staff["officer"], at=office.later())
    office.arrive(*(replace(office.form(one), **same) for one in children))
    assert [found(one, "D15") + found(one) for one in children] == [[]] * 4
    for _ in children:  # on paper everything is looked at by two persons
        office.both()
    assert pay(office) == [(one.case, account.number, same["holder_kana"]) for one in sorted(children)]
    office.arrive(replace(office.form(stranger), **same))
    assert [severity for severity, _ in found(stranger, "D15")] == ["look"] and found(stranger) == [
        ("look", "T7")
    ]


def test_who_named_a_guardians_account_before_the_wards_is_told_of_by_theirs_and_they_are_not(office):
    early, *wards = office.unsampled[:3]
    for one in wards:
        guarded(office, one)
    kept = office.account(wards[0])
    form = PayeeForm(
        "guardian", "法見　仁", kept.bank, kept.branch, kept.account_kind, kept.number, 9_000_000, "登記事項証明書"
    )  # fmt: skip
    guardian = Person.objects.get(name="法見　仁")
    payee = propose_payee(
        form, programme=office.programme, person=guardian, actor=office.staff["manager"], at=office.later()
    )
    approve_payee(payee, actor=office.staff["officer"], at=office.later())
    same = {
        "bank": kept.bank, "branch": kept.branch, "kind": kept.account_kind, "account_number": kept.number,
        "yucho_symbol": kept.symbol, "yucho_number": kept.yucho_number,
    }  # fmt: skip
    office.send_web(early, **same)
    office.screen()
    assert (found(early, "D15"), office.stage(early)) == ([], "passed")
    for one in wards:
        office.send_web(one, **same, holder_kana=holder_of(one))
    for _ in range(2):  # a second look finds nobody else
        office.screen()
        assert [severity for severity, _ in found(early, "D15")] == ["look"]
        assert office.stage(early) == "in_review"
        assert [(found(one, "D15"), office.stage(one)) for one in wards] == [([], "passed")] * 2
    with pytest.raises(IntegrityError, match="proposed_then_approved"), transaction.atomic():
        SharedPayee.objects.filter(pk=payee.pk).update(person=None)


HEIR = Heir("相続　花子", "ソウゾク　ハナコ", date(1970, 1, 2), "231-0017", "中区港町1-1")


def test_an_heir_is_reached_named_and_paid_at_every_later_step_and_nobody_before(office):
    one = office.unsampled[0]
    case = Case.objects.get(pk=one.case)
    dead = case.recipient.head
    # The dead one's guardian and the hospital that his letters went to are not his heir's.
    guarded(office, one)
    reach(case.recipient, Reached("2200012", "病院", "", "", False), order="第1号", at=office.later())
    office.send_web(one)
    office.screen()
    assert office.stage(one) == "passed"
    Person.objects.filter(pk=dead.pk).update(left_reason="death", left_on=office.today)
    change = LaterChange.objects.create(
        programme=office.programme, case=case, person=dead, event="died", who="sole_member", phase="after_application",
        rule="estate", found_at=office.at, state="waiting", waits_for="heir",
    )  # fmt: skip
    officer = office.staff["officer"]
    settle_change(change, then="estate", order="決裁第9号", heir=HEIR, actor=officer, at=office.later())
    # One person's word alone: the case stands where it stood, with its payee, and no list takes it.
    assert (office.stage(one), Recipient.objects.get(cases=case).head) == ("passed", dead)
    with pytest.raises(NothingToDecide):
        pay(office)
    settle_payee(
        PayeeProposal.objects.get(), confirmed=True, actor=office.staff["manager"], at=office.later()
    )
    case.refresh_from_db()
    heir = Recipient.objects.get(cases=case).head
    assert (heir.name, reached_of(recipient_of(one)).address) == ("相続　花子", "中区港町1-1")
    assert office.stage(one) == "in_review" and found(one) == [("look", "T6")], (
        "the dead one's account is not his heir's"
    )
    with pytest.raises(NothingToDecide):
        pay(office)
    office.verdict("reviewer1", "return", codes=["D30"])
    assert office.stage(one) == "returned"
    # The web door opens with the heir's own birth date and the key of the new letter; never with the dead one's.
    with pytest.raises(NotOpened):
        office.send_web(one)
    own = {
        "holder_kana": bank_kana("ソウゾク　ハナコ"),
        "bank": "0005",
        "branch": "001",
        "account_number": "7654321",
    }
    office.arrive(office.form(one, **own, yucho_symbol="", yucho_number=""))
    last = office.submission(one)
    assert not Finding.objects.filter(submission=last).exists(), "the heir's own account"
    office.both()
    assert pay(office) == [(one.case, "7654321", bank_kana("ソウゾク　ハナコ"))]
