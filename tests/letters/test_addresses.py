"""Where letters go: mail that came back is asked about, forms are issued again, another address by the municipality's word."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.proofs import city_officer, proofed
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.case.door_keys import key_token, letter_key
from todoku.case.tables import Case, DoorKey
from todoku.letters.address_change import CannotChange, answer_address, ask_address
from todoku.letters.answer_register import CannotAnswer, NewAddress, answer_register, read_answers
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.register_inquiry import NothingToAsk, ask_register, inquiry_csv, lines_of, open_questions
from todoku.letters.reissue import CannotReissue, reissue, reissues_waiting
from todoku.letters.release import release
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import AddressChange, Letter, RegisterInquiry
from todoku.letters.undelivered import record_undelivered
from todoku.letters.waiting import withheld
from todoku.people.actor import Actor
from todoku.registry.reached import reached_of
from todoku.registry.tables import ReachedAt

POSTED = date(2026, 11, 24)
CLERK = Actor(id=77, name="受付 花子", roles=frozenset({"clerk"}), door="office")
LEAD = Actor(id=78, name="業務 責任", roles=frozenset({"manager"}), door="office")
NEW = NewAddress("2240001", "横浜市都筑区中川１－２－３", "さくら荘１０１")


@pytest.fixture
def posted(fonts_dir: Path, town):
    """Ten forms on their way."""
    run = make_form_run(programme=town.programme, limit=10, actor=PRINTER, at=AT)
    release(proofed(run), actor=MANAGER, at=AT)
    dispatch(run, posted_on=POSTED, counted=10, actor=PRINTER, at=AT)
    return run


def the_case(run, place):
    found = Case.objects.select_related(
        "recipient__head", "recipient__reached_at", "standing", "programme__municipality"
    )
    return found.get(letters__run=run, letters__piece_no=place)


def comes_back(case, reason="unknown"):
    record_undelivered(
        case.number,
        programme=case.programme,
        reason=reason,
        returned_on=POSTED + timedelta(days=5),
        actor=PRINTER,
        at=AT,
    )


# ---- 住基照会 ----


def test_what_came_back_is_asked_in_one_list_and_the_answer_lets_letters_go_again(posted):
    programme = posted.programme
    with pytest.raises(NothingToAsk):
        ask_register(programme, actor=PRINTER, at=AT)
    same, moved, dead, open_one = (the_case(posted, place) for place in (1, 2, 3, 4))
    for case in (same, moved, dead, open_one):
        comes_back(case)
    guarded = the_case(posted, 5)
    comes_back(guarded)
    guarded.recipient.head.protected = True
    guarded.recipient.head.save()
    assert open_questions(programme) == (4, 1)
    with CaptureQueriesContext(connection) as asked:
        number = ask_register(programme, actor=PRINTER, at=AT)
    assert len(asked) <= 7 and number == 1 and open_questions(programme) == (0, 1)
    assert [
        line.protected
        for line in lines_of(programme, ask_register(programme, protected=True, actor=LEAD, at=AT))
    ] == [True]

    data = inquiry_csv(programme, 1)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert data.startswith(b"\xef\xbb\xbf") and {row["宛名番号"] for row in rows} == {
        case.recipient.head.number for case in (same, moved, dead, open_one)
    }
    assert not any(case.recipient.head.name in data.decode() for case in (same, moved, dead, open_one))
    said = {
        same.number: ("住所は登録のとおり", "", ""), moved.number: ("転居・転送先あり", "224-0001", NEW.address),
        dead.number: ("死亡", "", ""), open_one.number: ("", "", ""),
    }  # fmt: skip
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    for row in rows:
        row["回答"], row["郵便番号"], row["住所"] = said[row["整理番号"]]
        writer.writerow(row)
    writer.writerow(rows[0] | {"整理番号": "9999999999999", "回答": "不明"})
    officer = city_officer()
    report = read_answers(text.getvalue().encode("utf-8-sig"), programme=programme, actor=officer, at=AT)
    assert (report.done, report.waiting, len(report.refused)) == (3, 1, 1) and "6行目" in report.refused[0][0]
    still = {one.case_id: one.reason for one in withheld([case.pk for case in (same, moved, dead, open_one)])}
    assert still == {dead.pk: "head_died", open_one.pk: "undelivered"}
    place = ReachedAt.objects.get(recipient=moved.recipient)
    assert (place.postal_code, place.address) == ("2240001", NEW.address) and "住基照会" in place.order


def test_only_an_officer_answers_and_once(posted):
    case = the_case(posted, 1)
    comes_back(case, "moved")
    ask_register(posted.programme, actor=PRINTER, at=AT)
    inquiry, officer = RegisterInquiry.objects.get(), city_officer()
    with pytest.raises(CannotAnswer, match="担当課"):
        answer_register(inquiry, answer="same", actor=LEAD, at=AT)
    with pytest.raises(CannotAnswer, match="7桁"):
        answer_register(inquiry, answer="moved", moved_to=NewAddress("224", "横浜市"), actor=officer, at=AT)
    assert "止めたまま" in answer_register(inquiry, answer="moved", actor=officer, at=AT).note
    assert answer_register(inquiry, answer="moved", actor=officer, at=AT).done == 0
    with pytest.raises(CannotAnswer, match="回答済み"):
        answer_register(inquiry, answer="same", actor=officer, at=AT)
    with pytest.raises(CannotAnswer, match="一覧ではありません"):
        read_answers(b"a,b\r\n1,2\r\n", programme=posted.programme, actor=officer, at=AT)
    assert [one.reason for one in withheld([case.pk])] == ["undelivered"]


# ---- 再発行 ----


def test_a_form_is_issued_again_with_another_key_and_the_case_stays_where_it_is(posted):
    programme, case = posted.programme, the_case(posted, 1)
    old = DoorKey.objects.get(case=case).key_token
    assert reissue(case, why="紛失した", actor=CLERK, at=AT).issue == 2
    key = DoorKey.objects.get(case=case)
    printed = letter_key(case.number, 2, letter_key_secret=settings.LETTER_KEY_SECRET)
    assert (
        key.issue == 2
        and key.key_token == key_token(case.number, printed, lookup_secret=settings.LOOKUP_SECRET) != old
    )
    with pytest.raises(CannotReissue, match="まだ印刷されていません"):
        reissue(case, why="紛失した", actor=CLERK, at=AT)

    assert reissues_waiting(programme) == 1
    run = make_form_run(programme=programme, again=True, actor=PRINTER, at=AT)
    assert run.pieces == 1 and Letter.objects.get(run=run).occasion == 2 and reissues_waiting(programme) == 0
    with pytest.raises(NothingToPrint):
        make_form_run(programme=programme, again=True, actor=PRINTER, at=AT)
    release(run, actor=MANAGER, at=AT)  # on the proof of the first forms
    report = dispatch(run, posted_on=POSTED, counted=1, actor=PRINTER, at=AT)
    case.standing.refresh_from_db()
    assert "0件を" in report.note and case.standing.stage == "invited"


def test_a_form_goes_again_only_to_an_address_that_mail_reaches(posted):
    case, listed = (
        the_case(posted, 2),
        Case.objects.filter(standing__stage="listed").select_related("standing", "programme")[0],
    )
    comes_back(case)
    with pytest.raises(CannotReissue, match="住基照会の回答か、送付先変更届"):
        reissue(case, why="届いていない", actor=CLERK, at=AT)
    with pytest.raises(CannotReissue, match="まだ発送していない"):
        reissue(listed, why="届いていない", actor=CLERK, at=AT)
    assert DoorKey.objects.get(case=case).issue == 1
    change = ask_address(case, NEW, reason="施設に入所", evidence="入所証明", actor=CLERK, at=AT)
    answer_address(change, approve=True, actor=city_officer(), at=AT + timedelta(hours=1))
    assert reissue(case, why="届いていない", actor=CLERK, at=AT).issue == 2


# ---- 送付先変更届 ----


def test_another_address_is_asked_at_the_office_and_approved_by_the_municipality(posted):
    case, officer = the_case(posted, 1), city_officer()
    with pytest.raises(CannotChange, match="確認した書類"):
        ask_address(case, NEW, reason="入院", evidence=" ", actor=CLERK, at=AT)
    change = ask_address(case, NEW, reason="入院", evidence="入院証明", actor=CLERK, at=AT)
    with pytest.raises(CannotChange, match="すでに申請済み"):
        ask_address(case, NEW, reason="入院", evidence="入院証明", actor=LEAD, at=AT)
    with pytest.raises(CannotChange, match="担当課職員"):
        answer_address(change, approve=True, actor=LEAD, at=AT)
    with pytest.raises(CannotChange, match="理由を書いて"):
        answer_address(change, approve=False, actor=officer, at=AT)
    with (
        pytest.raises(IntegrityError, match="an_address_is_approved_by_another_person"),
        transaction.atomic(),
    ):
        AddressChange.objects.filter(pk=change.pk).update(state="approved", answered_id=CLERK.id)
    assert answer_address(change, approve=True, actor=officer, at=AT).done == 1
    assert answer_address(change, approve=True, actor=officer, at=AT).done == 0
    case = the_case(posted, 1)
    assert reached_of(case.recipient).address == NEW.address
    assert case.recipient.reached_at.order.startswith("送付先変更届")


def test_a_refused_address_changes_nothing_and_a_guarded_one_asks_for_who_may_see_it(posted):
    case, officer = the_case(posted, 3), city_officer()
    before = reached_of(case.recipient)
    case.recipient.head.protected = True
    case.recipient.head.save()
    with pytest.raises(CannotChange, match="業務責任者"):
        ask_address(case, NEW, reason="避難先", evidence="申出書", actor=CLERK, at=AT)
    change = ask_address(case, NEW, reason="避難先", evidence="申出書", actor=LEAD, at=AT)
    answer_address(change, approve=False, answer="書類が足りない", actor=officer, at=AT)
    with pytest.raises(CannotChange, match="回答済み"):
        answer_address(change, approve=True, actor=officer, at=AT)
    assert reached_of(the_case(posted, 3).recipient).address == before.address
    again = ask_address(case, NEW, reason="避難先", evidence="証明書", actor=LEAD, at=AT)
    answer_address(again, approve=True, actor=officer, at=AT)
    assert ReachedAt.objects.get(recipient=case.recipient).protected
