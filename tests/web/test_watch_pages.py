"""保留・不変条件の点検・代理受領口座 at both doors: what each person sees and may do, and what a page says to do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.payment.planted import plant
from todoku.payment.hold import hold
from todoku.payment.side_tables import Halt, Hold, SharedPayee, SweepRun
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, Transfer
from todoku.people.tables import AuditEvent

OFFICE = "/p/sample/payment/"
CITY = "/p/sample/watch/"


def text(answer) -> str:
    page = answer.content.decode()
    return page[page.index('id="main"') :]


def first() -> Transfer:
    return Transfer.objects.select_related("case__programme").order_by("pk").first()


@pytest.fixture
def held(day):
    """One objection in an open batch, opened by the officer."""
    day.built()
    return hold(
        first().case, kind="objection", reason="本人から申立て", actor=day.staff["officer"], at=day.at
    )


def test_an_empty_list_says_when_something_comes(day, signed_in):
    with signed_in("office", "manager") as browser:
        page = text(browser.get(f"{OFFICE}holds/"))
    assert "保留はありません。" in page and "決定の後に死亡・転出" in page


def test_the_office_sees_what_is_held_whose_it_is_and_until_when(day, signed_in, held):
    with signed_in("office", "maker") as browser:
        page = text(browser.get(f"{OFFICE}holds/"))
        assert "異議・申立て" in page and "担当課職員" in page and f"{held.due_on:%m/%d}" in page
        one = text(browser.get(f"{OFFICE}holds/{held.pk}/"))
        assert "本人から申立て" in one and "保留を解消できるのは、業務責任者と自治体の担当課です" in one
    looks = AuditEvent.objects.filter(action="hold.view")
    assert looks.values_list("subject_id", flat=True).get() == held.case_id


def test_only_the_municipality_pays_on_what_is_its_own(day, signed_in, held):
    given = {"outcome": "pay", "words": "申立ては取り下げられた"}
    with signed_in("office", "manager") as browser:
        answer = browser.post(f"{OFFICE}holds/{held.pk}/", given)
        assert answer.status_code == 422 and "担当課が解消してください" in text(answer)
    with signed_in("municipality", "officer") as browser:
        assert "保留を解消する" in text(browser.get(f"{CITY}{held.pk}/"))
        assert browser.post(f"{CITY}{held.pk}/", given).status_code == 302
    assert Hold.objects.get().outcome == "支払を続ける：申立ては取り下げられた"


def test_a_hold_is_opened_from_the_case_at_both_doors(day, signed_in):
    day.ready()
    case = first().case
    for door, who, base, kind in (
        ("office", "manager", f"{OFFICE}holds/", "account"),
        ("municipality", "officer", CITY, "objection"),
    ):
        with signed_in(door, who) as browser:
            assert f"{base}case/{case.number}/" in text(browser.get(f"/p/sample/case/{case.number}/"))
            empty = browser.post(f"{base}case/{case.number}/", {"kind": kind, "reason": ""})
            assert empty.status_code == 422 and "何が分かったか" in text(empty)
            made = browser.post(f"{base}case/{case.number}/", {"kind": kind, "reason": "電話での申出"})
            assert made.status_code == 302
            assert "支払を保留にしました" in text(browser.get(f"/p/sample/case/{case.number}/"))
    assert sorted(Hold.objects.values_list("kind", flat=True)) == ["account", "objection"]


def test_two_people_quarantine_a_row_from_the_batchs_doubts(day, signed_in):
    batch, number = day.built(), first().number
    with signed_in("office", "maker") as browser:
        assert browser.post(f"{OFFICE}holds/row/{number}/", {"reason": ""}).status_code == 422
        answer = browser.post(f"{OFFICE}holds/row/{number}/", {"reason": "名義が違って見える"})
        assert answer.status_code == 302
        assert "確認は別の人が行います" in text(browser.get(answer["Location"]))
        assert "保留中です" in text(browser.get(f"{OFFICE}batch/{batch.pk}/"))
    with signed_in("office", "approver") as browser:
        one = Hold.objects.get()
        assert "隔離を確認する" in text(browser.get(f"{OFFICE}holds/{one.pk}/"))
        assert browser.post(f"{OFFICE}holds/{one.pk}/", {"do": "confirm"}).status_code == 302
    before = batch.count
    batch.refresh_from_db()
    assert (batch.count, Transfer.objects.get(number=number).batch_id) == (before - 1, None)


def test_the_look_for_late_facts_says_what_it_found(day, signed_in):
    with signed_in("office", "manager") as browser:
        answer = browser.post(f"{OFFICE}holds/look/", follow=True)
    assert "決定の後に分かった事実はありません" in answer.content.decode()


@pytest.mark.parametrize(
    ("door", "who", "base"), [("office", "manager", OFFICE), ("municipality", "treasurer", CITY)]
)
def test_a_sweep_by_hand_lists_every_check(day, signed_in, door, who, base):
    with signed_in(door, who) as browser:
        assert "点検はまだ行われていません" in text(browser.get(f"{base}sweeps/"))
        answer = browser.post(f"{base}sweeps/run/", follow=True)
        page = text(answer)
        assert "すべて合っています" in page and "生きている支払は全手段を通じて一つだけ" in page
        assert text(browser.get(f"{base}sweeps/{SweepRun.objects.get().pk}/")).count("合っている") >= 40
    assert SweepRun.objects.get().violations == 0


@pytest.fixture
def halted(day):
    day.ready()
    plant("alter table todoku_transfer disable trigger transfers_move_lawfully")
    sweep(programme=day.programme, occasion="night", actor=day.staff["manager"], at=day.at)
    return Halt.objects.get()


def test_a_halt_stands_red_at_both_doors_and_is_released_by_two(day, signed_in, halted):
    with signed_in("office", "manager") as browser:
        page = text(browser.get(f"{OFFICE}sweeps/"))
        assert "この事業の支払は停止しています（I-07）" in page
        address = f"{OFFICE}sweeps/halt/{halted.pk}/"
        answer = browser.post(address, {"reason": "確かめた"})
        assert answer.status_code == 422 and "データベースの守りが1件" in text(answer)
        plant("alter table todoku_transfer enable trigger transfers_move_lawfully")
        assert browser.post(address, {"reason": "トリガーを入れ直した"}).status_code == 302
        assert "もう一人を待っています" in text(browser.get(address))
    with signed_in("municipality", "viewer") as browser:
        assert "停止を解除できるのは" in text(browser.get(f"{CITY}sweeps/halt/{halted.pk}/"))
    with signed_in("municipality", "officer") as browser:
        assert "保留・停止" in text(browser.get("/p/sample/"))
        address = f"{CITY}sweeps/halt/{halted.pk}/"
        assert "トリガーを入れ直した" in text(browser.get(address))
        assert browser.post(address, {"reason": "確認した"}).status_code == 302
        assert "解除された停止" in text(browser.get(f"{CITY}sweeps/"))
    halted.refresh_from_db()
    assert halted.released_by_id == day.staff["officer"].id


PAYEE = {
    "kind": "facility", "name": "見本の里", "bank": "0138", "branch": "305", "account_kind": "1",
    "account_number": "7654321", "limit_yen": "5000000", "why": "入所者42人の代理受領、同意書あり",
}  # fmt: skip


def test_the_office_proposes_an_account_for_many_and_the_municipality_approves_it(day, signed_in):
    with signed_in("office", "manager") as browser:
        assert "登録された口座はありません" in text(browser.get(f"{OFFICE}payees/"))
        wrong = browser.post(f"{OFFICE}payees/propose/", PAYEE | {"bank": "9999"})
        assert wrong.status_code == 422 and "一覧にありません" in text(wrong)
        missing = browser.post(f"{OFFICE}payees/propose/", PAYEE | {"why": ""})
        assert "まとめて受け取る理由を入力してください" in text(missing)
        assert browser.post(f"{OFFICE}payees/propose/", PAYEE).status_code == 302
        twice = browser.post(f"{OFFICE}payees/propose/", PAYEE)
        assert "すでに登録されています" in text(twice)
        one = SharedPayee.objects.get()
        page = text(browser.get(f"{OFFICE}payees/"))
        assert "****321" in page and "7654321" not in page
        assert browser.post(f"{OFFICE}payees/{one.pk}/approve/").status_code == 403
    with signed_in("municipality", "officer") as browser:
        page = text(browser.get(f"{CITY}payees/"))
        assert "承認待ち" in page and "7654321" in page, "whoever approves holds the number against the paper"
        assert "どの世帯の申請でも" in page, "whoever approves reads for whom"
        assert browser.post(f"{CITY}payees/{one.pk}/approve/").status_code == 302
        assert "7654321" not in text(browser.get(f"{CITY}payees/")), (
            "approved: nobody needs it whole any more"
        )
        assert browser.post(f"{CITY}payees/{one.pk}/end/").status_code == 302
        again = browser.post(f"{CITY}payees/{one.pk}/approve/")
        assert again.status_code == 422 and "終了しています" in text(again)
    one.refresh_from_db()
    assert (one.approved_by_id, one.ended_by_id) == (day.staff["officer"].id, day.staff["officer"].id)


def test_whoever_may_not_look_is_refused(day, signed_in):
    with signed_in("office", "printer") as browser:
        answers = [browser.get(f"{OFFICE}{page}/").status_code for page in ("holds", "sweeps", "payees")]
        row = browser.get(f"{OFFICE}holds/case/{first_number(day)}/").status_code
    assert (answers, row) == ([403, 403, 403], 403)


def first_number(day) -> str:
    day.ready()
    return first().case.number


@pytest.mark.parametrize(("page", "most"), [("holds/", 14), ("sweeps/", 15), ("payees/", 13)])
def test_a_page_asks_few_questions_however_much_is_held(day, signed_in, page, most):
    day.ready()
    for transfer in Transfer.objects.select_related("case__programme")[:6]:
        hold(transfer.case, kind="objection", reason="x", actor=day.staff["officer"], at=day.at)
    with signed_in("office", "manager") as browser:
        browser.get(f"{OFFICE}{page}")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"{OFFICE}{page}").status_code == 200
    assert len(queries) <= most, [one["sql"][:90] for one in queries]


def test_a_halted_programme_is_told_so_when_it_seals(day, signed_in):
    batch = day.built()
    plant("alter table todoku_transfer disable trigger transfers_move_lawfully")
    with signed_in("office", "maker") as browser:
        answer = browser.post(f"{OFFICE}batch/{batch.pk}/seal/", follow=True)
    assert "支払は停止しています" in answer.content.decode()
    assert (Batch.objects.get(pk=batch.pk).state, Halt.objects.get().invariant) == ("open", "I-07")
