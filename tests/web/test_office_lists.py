"""Lists and later changes at the roll desk: looked at before they are taken, and decided with an order's number."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.enrolled import enrolled
from tests.town_fixture import AT, households_of, make_sample_programme, open_sample, take
from tests.units import list_bytes, open_programme, version_for
from tests.web.office import Desk, do_long_work, looks, text_of, toasts_of
from todoku.case.late_tables import LateProposal, LaterChange
from todoku.case.tables import Case
from todoku.people.tables import Staff
from todoku.registry.list_tables import FactImport, TaxFact
from todoku.registry.tables import Person, Recipient


def seated(programme, at_door):
    seat = Desk("manager")
    seat.programme = programme
    return seat


@pytest.fixture
def desk(database, var_folder, at_door):
    """A manager before a programme for taxpayers whose roll is taken."""
    programme = open_programme(version_for("taxpayer"))
    take(programme, households_of(programme, 20))
    with at_door("office"):
        yield seated(programme, at_door)


@pytest.fixture
def households_desk(database, var_folder, at_door):
    """A manager before a household programme with twenty cases."""
    programme = make_sample_programme()
    take(programme, households_of(programme, 20))
    open_sample(programme)
    with at_door("office"):
        yield seated(programme, at_door)


def bring(desk, kind, rows):
    data = list_bytes(kind, rows)
    answer = desk.post("roll/lists/receive/", {"kind": kind, "file": SimpleUploadedFile("a.csv", data)})
    assert answer.status_code == 302, text_of(answer)
    do_long_work()
    return FactImport.objects.order_by("-pk").first()


def taxpayer(number, **more):
    return {
        "number": number,
        "persons": 2,
        "income_tax": 30000,
        "income_levy": 10000,
        "equal_levy": 5000,
        **more,
    }


def test_a_list_is_received_looked_at_and_taken_and_its_cases_opened(desk):
    numbers = [one.head.number for one in households_of(desk.programme, 20)][:3]
    read = bring(desk, "tax", [taxpayer(number) for number in numbers] + [taxpayer("9999999999")])
    assert (read.state, read.rows_read, read.unmatched) == ("staged", 4, 1)
    assert "課税情報の一覧 a.csv が確認を待っています" in text_of(desk.get("roll/"))
    page = text_of(desk.get(f"roll/lists/{read.pk}/"))
    assert "何が取り込まれるか" in page and "すべて取り込む" in page and "名簿にない宛名番号です" in page
    desk.post(f"roll/lists/{read.pk}/take/", {"take": "all"})
    assert do_long_work().state == "done" and TaxFact.objects.count() == 3
    assert "名簿と一覧から、案件を作成できます" in text_of(desk.get("roll/"))
    desk.post("roll/open/")
    assert do_long_work().done_count == Case.objects.count() == 3
    case = Case.objects.first()
    assert case.entitlement.amount_yen == 40_000
    page = desk.get(f"case/{case.number}/")
    assert page.status_code == 200 and "40,000円" in text_of(page)
    assert desk.get("roll/").status_code == 200


def test_a_faulty_list_is_taken_only_when_it_is_understood_what_stays_out(desk):
    numbers = [one.head.number for one in households_of(desk.programme, 20)][:2]
    read = bring(desk, "tax", [taxpayer(numbers[0]), taxpayer(numbers[1], income_tax="たくさん")])
    page = text_of(desk.get(f"roll/lists/{read.pk}/"))
    assert (
        "「すべて取り込む」は選べません" in page and "金額として読めません" in page and "たくさん" not in page
    )
    desk.post(f"roll/lists/{read.pk}/take/", {"take": "good"})
    assert "取り込まれない行があることを確認" in str(toasts_of(desk.get(f"roll/lists/{read.pk}/")))
    assert not TaxFact.objects.exists()
    desk.post(f"roll/lists/{read.pk}/take/", {"take": "good", "understood": "1"})
    do_long_work()
    assert TaxFact.objects.count() == 1
    rows = desk.get(f"roll/lists/{read.pk}/problems.csv").content.decode("utf-8-sig")
    assert "金額として読めません" in rows and numbers[1] not in rows


def test_a_list_can_be_left_and_a_file_that_is_none_says_why(desk):
    read = bring(desk, "earlier", [{"number": households_of(desk.programme, 20)[0].head.number}])
    desk.post(f"roll/lists/{read.pk}/decline/")
    read.refresh_from_db()
    assert read.state == "replaced"
    desk.post(
        "roll/lists/receive/",
        {"kind": "tax", "file": SimpleUploadedFile("b.csv", "氏名\r\n甲\r\n".encode("cp932"))},
    )
    assert do_long_work().state == "refused"
    refused = FactImport.objects.get(state="refused")
    assert "この一覧は取り込めません" in text_of(desk.get(f"roll/lists/{refused.pk}/"))


def head_died(households):
    one = next(one for one in households if len(one.members) > 1 and not one.head.marks)
    gone = one.head._replace(marks=("死亡",), removed_on="2026/12/20", removed_for="死亡")
    return one, [
        one._replace(members=(gone, *one.members[1:])),
        *(o for o in households if o.number != one.number),
    ]


def test_a_change_that_waits_is_decided_with_the_orders_number_and_can_be_taken_back(households_desk):
    desk = households_desk
    one, later = head_died(households_of(desk.programme, 20))
    take(desk.programme, later, at=AT + timedelta(days=40))
    desk.post("roll/changes/apply/")
    assert do_long_work().state == "done"
    change = LaterChange.objects.get(person__number=one.head.number, event="died")
    assert change.waits_for == "successor"
    assert "判断を待っています" in text_of(desk.get("roll/"))
    assert "新しい世帯主（養育する方）が名簿から分かりません" in text_of(desk.get("roll/changes/"))
    page = text_of(desk.get(f"roll/changes/{change.pk}/"))
    assert all(member.name.replace("　", " ") in page for member in one.members[:2])
    assert looks("change.decide")
    heir = Person.objects.get(number=one.members[1].number)
    said = {"then": "new_head", "payee": heir.pk, "order": "", "why": ""}
    refused = desk.post(f"roll/changes/{change.pk}/decide/", said)
    assert refused.status_code == 422 and "決裁番号を入力してください" in text_of(refused)
    assert desk.post(f"roll/changes/{change.pk}/decide/", {**said, "order": "福祉第31号"}).status_code == 302
    recipient = Recipient.objects.get(household_number=one.number)
    assert recipient.head.number == one.head.number, "nobody else receives on one person's word"
    other = Desk("manager", name="責任 ふたり")
    assert "受け取る方の確認" in text_of(other.get(""))
    confirmed = {"proposal": change.payees.get().pk, "do": "confirm"}
    assert other.post(f"roll/changes/{change.pk}/payee/", confirmed).status_code == 302
    recipient.refresh_from_db()
    assert recipient.head == heir
    case = Case.objects.get(recipient=recipient)
    story = text_of(desk.get(f"case/{case.number}/"))
    assert "死亡の扱い: 新しい世帯主が申請" in story and "福祉第31号" in story
    back = desk.post(f"roll/changes/{change.pk}/undo/", {"order": "福祉第32号", "why": "誤った届出"})
    assert back.status_code == 302
    recipient.refresh_from_db()
    assert recipient.head.number == one.head.number


def test_who_came_in_late_has_a_case_by_the_orders_number_and_stands_on_the_list(households_desk):
    desk = households_desk
    day = desk.programme.terms.programme.base_date.isoformat()
    said = {
        "late": "dv", "happened_on": day, "order": "福祉第40号", "why": "保護命令決定書", "name_0": "避難　花子",
        "kana_0": "ヒナン　ハナコ", "birth_0": "1990-04-05", "address": "", "postal_code": "220-0012",
    }  # fmt: skip
    assert "後から作成した案件はありません" in text_of(desk.get("roll/late/"))
    refused = desk.post("roll/late/", said)
    assert refused.status_code == 422 and "避難先の住所を入力してください" in text_of(refused)
    unknown = desk.post("roll/late/", {**said, "number": "404"})
    assert "この事業の名簿にありません" in text_of(unknown)
    before = Case.objects.count()
    asked = desk.post("roll/late/", {**said, "address": "みなとみらい9-9"})
    one = LateProposal.objects.get()
    assert asked.status_code == 302 and asked["Location"].endswith(f"roll/late/{one.pk}/")
    # One person alone opens nothing; what was entered stands on its own page, whose look is recorded.
    assert Case.objects.count() == before and "みなとみらい" not in text_of(desk.get("roll/late/"))
    mine = text_of(desk.get(f"roll/late/{one.pk}/"))
    assert "入力した本人は確認できません" in mine and "書類を見て、案件を作成" not in mine
    refused = desk.post(f"roll/late/{one.pk}/", {"do": "open"})
    assert refused.status_code == 422 and Case.objects.count() == before
    other = Desk("manager", name="責任 ふたり")
    assert f"伺い {one.pk}" in text_of(other.get("roll/late/")) and "名簿" in text_of(other.get(""))
    shown = text_of(other.get(f"roll/late/{one.pk}/"))
    assert "避難 花子" in shown and "みなとみらい9-9" in shown and "保護命令決定書" in shown
    # Two pages of his own, the refused one among them, and the other person's.
    seen = [desk.staff.pk, desk.staff.pk, other.staff.pk]
    assert [look.actor_id for look in looks("case.view_protected")] == seen
    assert Desk("clerk").get(f"roll/late/{one.pk}/").status_code == 403
    made = other.post(f"roll/late/{one.pk}/", {"do": "open"})
    case = Case.objects.get(late_opening__order="福祉第40号")
    assert made.status_code == 302 and case.number in made["Location"] and Case.objects.count() == before + 1
    listed = text_of(desk.get("roll/late/"))
    assert case.printed_number in listed and "福祉第40号" in listed and "避難" in listed
    assert "みなとみらい" not in listed
    story = text_of(desk.get(f"case/{case.number}/"))
    assert "後から対象になりました" in story and f"入力 {desk.staff.name}" in story


def test_an_officer_opens_at_the_municipalitys_door_what_the_office_entered_or_refuses_it(
    households_desk, at_door
):
    desk = households_desk
    said = {
        "late": "dv", "happened_on": desk.programme.terms.programme.base_date.isoformat(), "order": "福祉第41号",
        "why": "保護命令決定書", "name_0": "避難　花子", "kana_0": "ヒナン　ハナコ", "birth_0": "1990-04-05",
        "address": "みなとみらい9-9", "postal_code": "220-0012",
    }  # fmt: skip
    for _ in range(2):
        assert desk.post("roll/late/", said).status_code == 302
    first, second = LateProposal.objects.order_by("pk")
    with at_door("municipality"):
        officer = Desk("clerk")
        officer.client.force_login(
            Staff.objects.get(pk=enrolled(desk.programme.municipality, ["officer"])["officer"].id)
        )
        assert "後からの案件作成の確認" in text_of(officer.get(""))
        assert f"伺い {first.pk}" in text_of(officer.get("changes/late/"))
        assert officer.post(f"changes/late/{first.pk}/", {"do": "open"}).status_code == 302
        # The same person by the other request is counted already, and says so.
        twice = officer.post(f"changes/late/{second.pk}/", {"do": "open"})
        assert twice.status_code == 422 and "すでに対象者" in text_of(twice)
        wordless = officer.post(f"changes/late/{second.pk}/", {"do": "refuse"})
        assert wordless.status_code == 422 and "作成しない理由" in text_of(wordless)
        assert officer.post(f"changes/late/{second.pk}/", {"do": "refuse", "why": "二重"}).status_code == 302
        assert "作成しない" in text_of(officer.get(f"changes/late/{second.pk}/"))
        assert "後からの案件作成の確認" not in text_of(officer.get(""))
    assert Case.objects.filter(late_opening__order="福祉第41号").count() == 1
