"""The page of a change at both doors, where somebody is named to receive instead: one enters, another confirms or refuses."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.money_fixture import day, day_database, signed_in  # noqa: F401
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import Heir
from todoku.case.tables import Case
from todoku.people.tables import AuditEvent
from todoku.registry.tables import Recipient
from todoku.review.settle_change import settle_change

TOWN = "/p/sample/"
TITLE = "受け取る方の確認"
HEIR = {
    "then": "estate", "order": "福祉第51号", "why": "戸籍と届出書", "name": "相続　花子", "kana": "ソウゾク　ハナコ",
    "birth_date": "1970-01-02", "postal_code": "220-0012", "address": "別の市1-2-3", "phone": "045-000-0000",
}  # fmt: skip


def page(answer) -> str:
    return answer.content.decode()


def changes_in(day, count):  # noqa: F811
    found = Case.objects.filter(programme=day.programme, standing__stage__in=["listed", "invited"])
    cases = found.filter(later_changes__isnull=True).order_by("pk")[:count]
    return [
        LaterChange.objects.create(
            programme=day.programme, case=case, person_id=case.recipient.head_id, event="died", who="sole_member",
            phase="after_application", rule="estate", found_at=day.at, state="waiting", waits_for="heir",
        )
        for case in cases
    ]  # fmt: skip


@pytest.fixture
def change(day):  # noqa: F811
    return changes_in(day, 1)[0]


def head_of(change) -> str:
    return Recipient.objects.get(cases=change.case_id).head.name


def test_what_the_office_enters_an_officer_confirms_at_the_municipalitys_door(day, signed_in, change):  # noqa: F811
    before = head_of(change)
    with signed_in("office", "manager") as manager:
        entered = manager.post(f"{TOWN}roll/changes/{change.pk}/decide/", HEIR)
        assert entered.status_code == 302
        waits = PayeeProposal.objects.get()
        mine = page(manager.get(f"{TOWN}roll/changes/{change.pk}/"))
        assert "入力した本人は確認できません" in mine and "取り下げる</button>" in mine
        assert "書類を見て、確認する</button>" not in mine and "自治体の判断を記録する" not in mine
        place = f"{TOWN}roll/changes/{change.pk}/payee/"
        alone = manager.post(place, {"proposal": waits.pk, "do": "confirm"})
        assert alone.status_code == 422 and "入力した本人は確認できません" in page(alone)
        # It waits for somebody else: on the entering manager's own first page nothing asks for it.
        assert TITLE not in page(manager.get(TOWN))
        listed = page(manager.get(f"{TOWN}roll/changes/?state=payee"))
        assert change.case.printed_number in listed and "受け取る方の確認を待っています" in listed
        assert "受け取る方の伺い: 相続人に支給" in page(manager.get(f"{TOWN}case/{change.case.number}/"))
    assert head_of(change) == before
    with signed_in("municipality", "viewer") as viewer:
        seen = page(viewer.get(f"{TOWN}changes/{change.pk}/"))
        assert "相続　花子" in seen and "別の市1-2-3" not in seen and "確認する</button>" not in seen
        first = page(viewer.get(TOWN))
        assert TITLE in first and 'state=payee">内容を見る' in first, (
            "who only looks is told, and asked for nothing"
        )
        said = {"proposal": waits.pk, "do": "confirm"}
        assert viewer.post(f"{TOWN}changes/{change.pk}/payee/", said).status_code == 403
    with signed_in("municipality", "officer") as officer:
        first = page(officer.get(TOWN))
        assert TITLE in first and "/changes/?state=payee" in first
        looks = AuditEvent.objects.filter(subject_id=change.case_id, action="roll.view").count()
        seen = page(officer.get(f"{TOWN}changes/{change.pk}/"))
        assert AuditEvent.objects.filter(subject_id=change.case_id, action="roll.view").count() == looks + 1
        for words in (
            "相続　花子",
            "ソウゾク　ハナコ",
            "1970/01/02",
            "〒220-0012 別の市1-2-3",
            "福祉第51号",
            "戸籍と届出書",
            before,
        ):
            assert words in seen
        assert "判断を記録する" not in seen
        place = f"{TOWN}changes/{change.pk}/payee/"
        assert officer.post(place, {"proposal": waits.pk + 1, "do": "confirm"}).status_code == 404
        assert officer.post(place, said).status_code == 302
        assert TITLE not in page(officer.get(TOWN))
        again = officer.post(place, said)
        assert again.status_code == 422 and "「確認済」です" in page(again)
        assert "（相続人に支給、決裁 福祉第51号）" in page(officer.get(f"{TOWN}changes/{change.pk}/"))
    assert head_of(change) == "相続　花子"
    change.refresh_from_db()
    assert (change.state, change.outcome, change.order) == ("done", "estate", "福祉第51号")


def test_what_an_officer_enters_the_offices_manager_refuses_with_a_reason(day, signed_in, change):  # noqa: F811
    before = head_of(change)
    with signed_in("municipality", "officer") as officer:
        assert officer.post(f"{TOWN}changes/{change.pk}/decide/", HEIR).status_code == 302
        assert TITLE not in page(officer.get(TOWN))
    waits = PayeeProposal.objects.get()
    place, said = f"{TOWN}roll/changes/{change.pk}/payee/", {"proposal": waits.pk, "do": "refuse"}
    with signed_in("office", "manager") as manager:
        first = page(manager.get(TOWN))
        assert TITLE in first and "/roll/changes/?state=payee" in first
        wordless = manager.post(place, said)
        assert wordless.status_code == 422 and "理由" in page(wordless)
        assert manager.post(place, {**said, "why": "戸籍の方と違う"}).status_code == 302
        assert TITLE not in page(manager.get(TOWN))
        seen = page(manager.get(f"{TOWN}roll/changes/{change.pk}/"))
        assert "戸籍の方と違う" in seen and "自治体の判断を記録する" in seen
    with signed_in("office", "reviewer1") as reviewer:
        assert reviewer.post(place, said).status_code == 403 and TITLE not in page(reviewer.get(TOWN))
    change.refresh_from_db()
    assert (change.waits_for, head_of(change)) == ("heir", before)


def test_who_entered_takes_it_back_and_enters_it_again(day, signed_in, change):  # noqa: F811
    with signed_in("office", "manager") as manager:
        place = f"{TOWN}roll/changes/{change.pk}/"
        manager.post(f"{place}decide/", HEIR)
        first = PayeeProposal.objects.get()
        said = {"proposal": first.pk, "do": "refuse", "why": "カナの誤り"}
        assert manager.post(f"{place}payee/", said).status_code == 302
        manager.post(f"{place}decide/", {**HEIR, "kana": "ソウゾク　ハナヨ"})
    with signed_in("municipality", "officer") as officer:
        # What an older page shows is not what stands: nothing is confirmed by it.
        old = officer.post(f"{TOWN}changes/{change.pk}/payee/", {"proposal": first.pk, "do": "confirm"})
        assert old.status_code == 422 and "「取下げ」です" in page(old) and "ハナヨ" in page(old)
    assert PayeeProposal.objects.get(state="waiting").kana == "ソウゾク　ハナヨ"


def test_the_page_asks_no_more_however_much_waits(day, signed_in, change):  # noqa: F811
    counts = []
    for more in (0, 3):
        for one in changes_in(day, more) if more else [change]:
            heir = Heir("相続　花子", "ソウゾク　ハナコ", date(1970, 1, 2), "", "別の市1-2-3")
            settle_change(
                one, then="estate", order="福祉第52号", heir=heir, actor=day.staff["manager"], at=day.at
            )
        with signed_in("municipality", "officer") as officer:
            asked = []
            for place in ("", "changes/?state=payee", f"changes/{change.pk}/"):
                with CaptureQueriesContext(connection) as queries:
                    assert officer.get(TOWN + place).status_code == 200
                asked.append(len(queries))
            counts.append(asked)
    assert counts[0] == counts[1] and counts[0][2] <= 20, counts
