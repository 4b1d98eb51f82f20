"""Pages around a run after printing: stock and permits, 住基照会, re-issue and 送付先変更 at the office and the municipality."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localdate

from tests.web.office import PASSWORD, Desk, actor, do_long_work, looks, posted, text_of, toasts_of
from todoku.case.tables import Case, DoorKey
from todoku.letters.make_run import make_form_run
from todoku.letters.print_files import run_label
from todoku.letters.tables import AddressChange, PrintRun, RegisterInquiry, ReplyPermit, Stock, Undelivered
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation
from todoku.registry.tables import ReachedAt

TOWN = "/p/sample/"


@pytest.fixture
def programme(town, at_door):
    with at_door("office"):
        yield town.programme


class City:
    """An officer before the municipality's pages; `see` goes through that door for one request."""

    def __init__(self, at_door, *roles):
        city, _ = Organisation.objects.get_or_create(name="担当課", defaults={"kind": "municipality"})
        one = enrol(roles[0], name="市 職員", organisation=city, roles=roles, password=PASSWORD)
        self.client, self._door = Client(), at_door
        with at_door("municipality"):
            self.client.force_login(one)

    def get(self, page):
        with self._door("municipality"):
            return self.client.get(TOWN + page)

    def post(self, page, values=None):
        with self._door("municipality"):
            return self.client.post(TOWN + page, values or {}, follow=True)


def test_stock_and_permits_are_kept_and_told_when_they_run_short(programme):
    desk = Desk("print_operator")
    assert "数えている品目はありません" in text_of(desk.get("print/stock/"))
    count = {"item": "reply", "what": "count", "amount": "40", "warn_below": "100", "why": ""}
    assert desk.post("print/stock/move/", count).status_code == 302
    page = text_of(desk.get("print/stock/"))
    assert "返信用封筒の在庫が40で、目安の100を下回っています" in page
    assert "返信用封筒の在庫が40" in text_of(desk.get("print/"))
    over = desk.post("print/stock/move/", {"item": "reply", "what": "out", "amount": "41", "why": "汚れ"})
    assert over.status_code == 422 and "足りません" in text_of(over)
    silent = desk.post("print/stock/move/", {"item": "reply", "what": "out", "amount": "1", "why": ""})
    assert "出庫の理由を書いてください" in text_of(silent) and Stock.objects.get().on_hand == 40
    permit = {
        "post_office": "見本", "approval_no": "77", "valid_from": "2026-01-01", "valid_until": "2031-01-01",
        "postal_code": "224-8790", "deferred": "on",
    }  # fmt: skip
    assert "2年以内" in text_of(desk.post("print/stock/permit/", permit))
    desk.post("print/stock/permit/", permit | {"valid_until": "2026-12-01"})
    assert ReplyPermit.objects.get().postal_code == "2248790"
    assert "返送の締切より前に切れる" in text_of(desk.get("print/stock/"))
    assert Desk("call_agent").post("print/stock/move/", count).status_code == 403


def test_a_run_shows_what_stands_between_it_and_the_post(programme, at_door):
    run = make_form_run(programme=programme, limit=5, actor=actor("print_operator"), at=timezone.now())
    desk, officer = Desk("manager"), City(at_door, "city_officer")
    assert "校了待ち" in text_of(desk.get(f"print/run/{run.pk}/")) and "まちがい0" in text_of(
        desk.get(f"print/run/{run.pk}/")
    )
    waiting = text_of(desk.get(f"print/run/{run.pk}/"))
    assert "自治体の校了を待っています" in waiting and "確認しました" not in waiting
    desk.post(f"print/run/{run.pk}/deadline/", {"deadline": "2026-12-01T17:00"})
    run.refresh_from_db()
    assert run.deadline_at is not None
    said = officer.post(
        f"proofs/{run.pk}/answer/", {"sha256": run.pdf.sha256, "word": "back", "comment": "電話番号"}
    )
    assert "校正を戻しました" in said.content.decode()
    assert "電話番号" in text_of(desk.get(f"print/run/{run.pk}/"))
    sheets = officer.get(f"proofs/{run.pk}/sheets.pdf")
    assert sheets.content.startswith(b"%PDF") and looks("proof.approve")
    viewer = City(at_door, "city_viewer")
    assert viewer.get(f"proofs/{run.pk}/").status_code == 200
    assert viewer.get(f"proofs/{run.pk}/sheets.pdf").status_code == 403
    assert viewer.post(f"proofs/{run.pk}/answer/", {"word": "approve"}).status_code == 403
    assert Desk("clerk").get(f"print/run/{run.pk}/pulls/").status_code == 403


def test_the_desk_pages_ask_the_database_no_more_for_more_letters(programme):
    runs = [
        make_form_run(programme=programme, limit=limit, actor=actor("print_operator"), at=timezone.now())
        for limit in (4, 30)
    ]
    desk = Desk("manager")
    few, many = (desk.statements(f"print/run/{one.pk}/pulls/") for one in runs)
    assert many == few < 25
    assert desk.statements("print/register/") < 30 and desk.statements("print/stock/") < 30


def test_a_spoiled_piece_stands_at_the_desk_until_it_is_printed_again_or_left_out(programme):
    run = make_form_run(programme=programme, limit=3, actor=actor("print_operator"), at=timezone.now())
    same, moved = run.letters.order_by("piece_no")[:2]
    desk = Desk("print_operator")
    for one in (same, moved):
        desk.post(f"print/run/{run.pk}/pulls/void/", {"code": one.case.number, "reason": "spoiled"})
    assert f"{run_label(run)} 2 通" in text_of(desk.get("print/"))
    ReachedAt.objects.create(
        recipient=moved.case.recipient, payee=moved.case.recipient.head, postal_code="2240001", address="横浜市都筑区中川1-1",
        protected=False, order="届1",
        at=timezone.now(),
    )  # fmt: skip
    page = text_of(desk.get(f"print/run/{run.pk}/pulls/"))
    assert "刷り直さない通があります" in page and "まだ必要な通が 1 通" in page
    desk.post(f"print/run/{run.pk}/pulls/compare/")
    page = text_of(desk.get(f"print/run/{run.pk}/pulls/"))
    assert "送付先の変更 破損・封入誤りのあと" in page and "刷り直さない通があります" not in page
    assert f"{run_label(run)} 1 通" in text_of(desk.get("print/"))


def test_mail_that_came_back_is_listed_for_the_register_and_answered_by_the_municipality(programme, at_door):
    run = posted(programme, limit=3)
    desk, officer = Desk("print_operator"), City(at_door, "city_officer")
    for one in run.letters.order_by("piece_no")[:2]:
        desk.post(
            "print/undelivered/record/",
            {"reason": "unknown", "returned_on": f"{localdate()}", "number": one.case.number},
        )
    assert Undelivered.objects.count() == 2 and "2 通が照会を待っています" in text_of(
        desk.get("print/register/")
    )
    assert desk.post("print/register/ask/").status_code == 302
    assert desk.post("print/register/ask/", {"protected": "1"}).status_code == 404
    assert "未回答" in text_of(desk.get("print/register/1/"))
    data = desk.get("print/register/1/file/").content
    assert data.startswith(b"\xef\xbb\xbf") and looks("register.ask")

    assert "一覧1" in officer.get("register/").content.decode()
    first, second = RegisterInquiry.objects.order_by("pk")
    wrong = officer.post(
        f"register/1/{first.pk}/", {"answer": "moved", "postal_code": "22", "address": "横浜市"}
    )
    assert wrong.status_code == 422 and "7桁の郵便番号" in wrong.content.decode()
    done = officer.post(f"register/1/{first.pk}/", {"answer": "same"})
    assert "郵便を再び送れます" in done.content.decode()
    text = data.decode("utf-8-sig").splitlines()
    filled = [
        text[0],
        *(line[:-4] + "不明,,,," for line in text[1:] if second.undelivered.letter.case.number in line),
    ]
    taken = officer.post(
        "register/1/", {"file": SimpleUploadedFile("a.csv", "\r\n".join(filled).encode("utf-8-sig"))}
    )
    assert "1件の回答を記録しました" in taken.content.decode()
    assert "回答を書いた一覧" in officer.post("register/1/").content.decode()
    assert set(RegisterInquiry.objects.values_list("answer", "mail_again")) == {
        ("same", True),
        ("unknown", False),
    }


def test_a_form_is_issued_again_and_another_address_needs_the_municipality(programme, at_door):
    run = posted(programme, limit=3)
    case = Case.objects.get(letters__run=run, letters__piece_no=1)
    clerk, officer = Desk("clerk"), City(at_door, "city_officer")
    page = f"case/{case.number}/letters/"
    assert "申請書を再発行する" in text_of(clerk.get(page)) and "発送済" in text_of(clerk.get(page))
    assert "再発行の理由を選んでください" in text_of(clerk.post(f"{page}issue/"))
    done = clerk.post(f"{page}issue/", {"why": "紛失した"}, follow=True)
    assert "2回目の発行を受け付けました" in toasts_of(done) and DoorKey.objects.get(case=case).issue == 2
    twice = clerk.post(f"{page}issue/", {"why": "紛失した"})
    assert twice.status_code == 422 and "まだ印刷されていません" in text_of(twice)
    printer = Desk("print_operator")
    assert "再発行を待っています" in text_of(printer.get("print/"))
    printer.post("print/make/", {"what": "again"})
    assert do_long_work().state == "done" and PrintRun.objects.latest("pk").pieces == 1

    asked = {
        "postal_code": "224-0001",
        "address": "横浜市都筑区中川１",
        "reason": "入院",
        "evidence": "入院証明",
    }
    assert "住所を入力してください" in text_of(clerk.post(f"{page}address/", asked | {"address": ""}))
    clerk.post(f"{page}address/", asked)
    change = AddressChange.objects.get()
    assert (
        "承認待ち" in text_of(clerk.get(page))
        and case.printed_number in officer.get("addresses/").content.decode()
    )
    shown = officer.get(f"addresses/{change.pk}/").content.decode()
    assert "横浜市都筑区中川１" in shown
    silent = officer.post(f"addresses/{change.pk}/answer/", {"word": "refuse"})
    assert silent.status_code == 422 and "理由を書いてください" in silent.content.decode()
    officer.post(f"addresses/{change.pk}/answer/", {"word": "approve"})
    assert ReachedAt.objects.get(recipient=case.recipient).address == "横浜市都筑区中川１"
    assert Desk("reviewer").post(f"{page}address/", asked).status_code == 403


def test_an_address_under_protection_is_hidden_until_it_is_opened_for_a_reason(programme, at_door):
    run = posted(programme, limit=3)
    case = Case.objects.select_related("recipient__head").get(letters__run=run, letters__piece_no=2)
    case.recipient.head.protected = True
    case.recipient.head.save()
    officer, manager = City(at_door, "city_officer"), Desk("manager")
    asked = {"postal_code": "224-0001", "address": "横浜市隠れ町１", "reason": "避難", "evidence": "申出"}
    refused = Desk("clerk").post(f"case/{case.number}/letters/address/", asked)
    assert refused.status_code == 422 and "業務責任者" in text_of(refused)
    manager.post(f"case/{case.number}/letters/address/", asked)
    change = AddressChange.objects.get()
    page = f"addresses/{change.pk}/"
    assert "隠れ町" not in officer.get(page).content.decode()
    assert "理由を入力してください" in officer.post(f"{page}open/").content.decode()
    assert "隠れ町" in officer.post(f"{page}open/", {"reason": "決裁のため"}).content.decode()
    assert looks("case.view_protected")[0].reason == "決裁のため"
    assert "隠れ町" not in manager.get(f"case/{case.number}/letters/").content.decode()
    unseen = officer.post(f"{page}answer/", {"word": "approve"})
    change.refresh_from_db()
    assert (unseen.status_code, change.state) == (422, "asked")
    assert "承認する" not in officer.get(page).content.decode()
    officer.post(f"{page}answer/", {"word": "approve", "reason": "決裁のため"})
    assert "送付先変更の回答" in text_of(manager.get(""))
    manager.post(f"case/{case.number}/letters/address/{change.pk}/told/")
    change.refresh_from_db()
    assert (
        change.state == "approved" and change.told_at and "送付先変更の回答" not in text_of(manager.get(""))
    )
