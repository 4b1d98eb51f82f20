"""郵便室: a morning at the box, envelope after envelope, containers from hand to hand, what is kept apart, incidents."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from tests.web.office import PASSWORD, Desk, a_case, actor, looks, posted, staff, text_of, toasts_of
from todoku.incident.tables import Incident
from todoku.letters.tables import PrintRun
from todoku.mailroom.tables import (
    Bag,
    Carry,
    Container,
    Difference,
    Envelope,
    Pickup,
    Sheet,
    UnplacedPaper,
    Valuable,
)
from todoku.registry.tables import Member, Person

POOL = {"h1-number": "", "h1-unplaced": "handwritten", "h1-n_form": "1"}


@pytest.fixture
def desk(town, at_door):
    """A clerk before the mailroom's pages; a second clerk and a manager work here too."""
    with at_door("office"):
        seat = Desk("clerk")
        seat.programme = town.programme
        seat.other = Desk("clerk", name="開封 次郎")
        seat.manager = Desk("manager")
        yield seat


def picked_up(desk, bags=1, stated="3", **values):
    return desk.post("mail/pickup/", {
        "on": f"{localdate()}", "place": "見本郵便局", "bags": bags, "stated": stated,
        "second": desk.other.staff.pk, "second_password": PASSWORD, **values,
    })  # fmt: skip


def bag_with_tray(desk, counted=3) -> Bag:
    assert picked_up(desk).status_code == 302
    bag = Bag.objects.latest("pk")
    desk.post(f"mail/bag/{bag.pk}/", {"counted": counted})
    assert desk.post(f"mail/bag/{bag.pk}/tray/", {"tray": ""}).status_code == 302
    return bag


def opens(desk, bag, **values):
    number = a_case(desk.programme, values.pop("place", 0)).number
    typed = {"postmark": f"{localdate() - timedelta(days=1):%m%d}", "h1-number": number, "h1-n_form": "1",
             "h1-n_attachment": "2"}  # fmt: skip
    return desk.post(f"mail/bag/{bag.pk}/open/", typed | values)


def test_the_empty_desk_says_what_to_do(desk):
    page = text_of(desk.get("mail/"))
    assert "受け取った袋はありません" in page and "「受取りを記録」" in page and "待ちなし" in page
    for place in ("containers", "papers", "valuables", "differences"):
        assert "ません" in text_of(desk.get(f"mail/{place}/")), place
    assert "事故の記録はありません" in text_of(desk.get("incidents/"))


def test_a_pick_up_is_signed_by_the_second_person_with_their_own_password(desk):
    wrong = picked_up(desk, second_password="guess")
    assert wrong.status_code == 422 and "パスワードが違います" in text_of(wrong)
    assert looks("sign_in", refused=True)[0].actor_name == desk.other.staff.username
    alone = picked_up(desk, second=desk.staff.pk)
    assert alone.status_code == 422 and Pickup.objects.count() == 0
    assert picked_up(desk).status_code == 302
    made = Pickup.objects.get()
    assert (made.first_id, made.second_id) == (desk.staff.pk, desk.other.staff.pk)


def test_too_many_wrong_passwords_close_the_second_persons_name(desk):
    for _ in range(5):
        picked_up(desk, second_password="guess")
    assert "しばらく立会いを確認できません" in text_of(picked_up(desk))
    assert Pickup.objects.count() == 0


def test_envelope_after_envelope_goes_into_the_tray_and_the_last_can_be_taken_back(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag)
    opens(desk, bag, **POOL, postmark="9")
    page = desk.get(f"mail/bag/{bag.pk}/open/")
    assert "2通目を記録しました" in page.content.decode() and "所属不明" in text_of(page)
    envelope = Envelope.objects.get(no=2)
    desk.other.post(f"mail/bag/{bag.pk}/undo/{envelope.pk}/")
    assert Envelope.objects.filter(voided_at=None).count() == 2, "only who opened it takes it back"
    desk.post(f"mail/bag/{bag.pk}/undo/{envelope.pk}/")
    assert "取り消しました" in toasts_of(desk.get(f"mail/bag/{bag.pk}/open/"))
    assert Envelope.objects.filter(voided_at=None).count() == 1
    assert UnplacedPaper.objects.get().state == "void"


def test_two_households_of_one_envelope_are_split(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag, **{"h2-number": a_case(desk.programme, 1).number, "h2-n_form": "1", "postmark": "0"})
    envelope = Envelope.objects.get()
    assert (envelope.households, envelope.sheets, envelope.postmark) == (2, 4, "none")
    assert Sheet.objects.values("case").distinct().count() == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"h1-number": "1234567890123"}, "検査数字"),
        ({"h1-number": ""}, "番号のない理由"),
        ({"postmark": ""}, "消印か枚数"),
        ({"postmark": "1399"}, "消印か枚数"),
        ({"h1-n_form": "", "h1-n_attachment": ""}, "0枚"),
    ],
)
def test_a_slip_of_the_keys_is_said_and_nothing_typed_is_lost(desk, values, sentence):
    bag = bag_with_tray(desk)
    answer = opens(desk, bag, **values)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert Envelope.objects.count() == 0


def test_a_bag_that_does_not_agree_becomes_an_item_that_only_the_manager_closes(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag)
    desk.post(f"mail/bag/{bag.pk}/close/")
    item = Difference.objects.get()
    page = desk.get("mail/").content.decode()
    assert item.owner_id == desk.manager.staff.pk and "unbalanced" in page and "mail/differences/" in page
    for where in ("progress/", "progress/reports/"):
        board = text_of(desk.manager.get(where))
        assert "説明を待つ差異" in board and item.between in board and item.owner_name in board
    assert desk.post(f"mail/differences/{item.pk}/", {"explanation": "なし"}).status_code == 422
    assert (
        desk.manager.post(f"mail/differences/{item.pk}/", {"explanation": "空の封筒2通"}).status_code == 302
    )
    item.refresh_from_db()
    assert (item.state, item.remaining) == ("explained", 2)
    assert "unbalanced" not in desk.get("mail/").content.decode()
    assert "説明を待つ差異" not in text_of(desk.manager.get("progress/"))


def test_a_tray_is_given_by_one_session_and_taken_by_another(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag)
    tray = Container.objects.get()
    given = desk.post(f"mail/container/{tray.code}/give/", {"to": "scanning", "counted": 3})
    assert given.status_code == 302 and "引渡票" in desk.client.get(given["Location"]).content.decode()
    assert "受け取る人を待つ引渡し 1件" in text_of(desk.get("mail/"))
    mine = desk.post(f"mail/container/{tray.code}/take/", {"counted": 3})
    assert mine.status_code == 422 and "別の職員" in text_of(mine)
    assert desk.other.post(f"mail/container/{tray.code}/take/", {"counted": 3}).status_code == 302
    assert Carry.objects.get().taken_id == desk.other.staff.pk
    label = desk.get(f"mail/container/{tray.code}/label/").content.decode()
    assert "<svg" in label and tray.code in label


def test_paper_without_a_number_is_found_proposed_and_confirmed_by_another(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag, **POOL)
    paper, case = UnplacedPaper.objects.get(), a_case(desk.programme)
    assert "手書き" in text_of(desk.get("mail/papers/"))
    found = text_of(desk.get(f"mail/papers/{paper.pk}/", q=case.recipient.head.kana))
    assert case.printed_number in found and looks("case.find")
    by_address = text_of(desk.get(f"mail/papers/{paper.pk}/", q=case.recipient.head.address[:12]))
    assert "見つかった案件" in by_address and case.printed_number in by_address
    member = Member.objects.filter(recipient=case.recipient).last()
    Person.objects.filter(pk=member.person_id).update(protected=True)
    kept = text_of(desk.get(f"mail/papers/{paper.pk}/", q=case.recipient.head.address[:12]))
    assert case.printed_number not in kept, "one protected person hides the home of all"
    settle = f"mail/papers/{paper.pk}/settle/"
    desk.post(settle, {"action": "propose", "number": case.number, "why": "氏名と住所が一致"})
    desk.post(settle, {"action": "confirm"})
    paper.refresh_from_db()
    assert paper.state == "proposed"
    desk.other.post(settle, {"action": "confirm"})
    assert set(Sheet.objects.values_list("case_id", flat=True)) == {case.pk}


def test_cash_is_logged_and_returned_with_the_second_persons_password(desk):
    bag = bag_with_tray(desk)
    opens(desk, bag)
    two = {"second": desk.other.staff.pk, "second_password": PASSWORD}
    page = f"mail/valuables/new/{Envelope.objects.get().pk}/"
    assert desk.post(page, {"kind": "cash", "what": "千円札", "amount_yen": "", **two}).status_code == 422
    assert desk.post(page, {"kind": "cash", "what": "千円札", "amount_yen": "1000", **two}).status_code == 302
    cash = Valuable.objects.get()
    back = f"mail/valuables/{cash.pk}/"
    wrong = desk.post(back, {"mail_number": "13112383853", "returned_on": f"{localdate()}", **two})
    assert wrong.status_code == 422 and "検査数字" in text_of(wrong)
    assert (
        desk.post(back, {"mail_number": "131-12-38385-2", "returned_on": f"{localdate()}", **two}).status_code
        == 302
    )
    cash.refresh_from_db()
    assert cash.mail_number == "13112383852"


def test_a_letter_in_the_wrong_hands_stops_its_run_and_the_manager_reports(desk):
    run = posted(desk.programme, limit=3)
    number = run.letters.select_related("case").first().case.number
    agent = Desk("call_agent")
    told = {
        "kind": "mis_sent",
        "number": number,
        "found_at": "2020-01-01T10:00",
        "what": "別の世帯の申請書が届いた",
    }
    assert agent.post("incidents/new/", told).status_code == 302
    incident = Incident.objects.get()
    assert PrintRun.objects.get().stopped_by_id == incident.pk
    page = f"incidents/{incident.pk}/"
    assert agent.post(page + "report/", {"report": incident.first_report}).status_code == 403
    assert desk.manager.post(page + "report/", {"report": "短い"}).status_code == 422
    assert desk.manager.post(page + "report/", {"report": incident.first_report}).status_code == 302
    assert desk.manager.post(f"{page}free/{run.pk}/", {"why": "全通を確かめた"}).status_code == 302
    assert PrintRun.objects.get().stopped_by_id is None
    assert "停止を解きました" in text_of(desk.manager.get(page))


def test_the_pages_ask_no_more_as_the_room_fills(desk):
    bag = bag_with_tray(desk, counted=6)
    opens(desk, bag)
    places = ("mail/", "mail/containers/", "mail/papers/", f"mail/bag/{bag.pk}/open/")
    few = [desk.statements(place) for place in places]
    for place in range(1, 4):
        opens(desk, bag, **POOL)
        opens(desk, bag, place=place)
        desk.post("mail/containers/make/", {"kind": "box", "station": "store"})
    assert [desk.statements(place) for place in places] == few
    assert max(few) <= 20


def test_who_does_not_work_here_does_not_come_in(desk):
    bag = bag_with_tray(desk)
    for role in ("call_agent", "payment_maker"):
        assert Desk(role).get("mail/").status_code == 403
    assert Desk("reviewer").get("mail/").status_code == 200
    assert Desk("reviewer").get(f"mail/bag/{bag.pk}/open/").status_code == 403
    assert staff("clerk").pk == desk.staff.pk and actor("clerk").id == desk.staff.pk
    assert not re.search("受取りを記録", text_of(Desk("reviewer").get("mail/")))
