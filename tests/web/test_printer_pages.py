"""Pages from a released run to the printer: keys by two people, 入稿 as long work, receipt, erasing; plan and postage."""

import io

import pyrage
import pytest
from django.utils import timezone

from tests.proofs import proofed
from tests.web.office import Desk, actor, do_long_work, looks, text_of, toasts_of
from todoku.custody import files
from todoku.ground.tables import LongWork
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.tables import Printer, PrinterParcel, PrintRun
from todoku.sheets.printer_parcel import checked, opened

SECRET = pyrage.x25519.Identity.generate()
KEY = str(SECRET.to_public())
HAND = {"outer": "kaku2", "post_office": "", "address": "", "encoding": "cp932"}


@pytest.fixture
def programme(town, at_door):
    with at_door("office"):
        yield town.programme


@pytest.fixture
def run(programme) -> PrintRun:
    return make_form_run(programme=programme, limit=12, actor=actor("print_operator"), at=timezone.now())


def _released(run: PrintRun) -> None:
    release(proofed(run), actor=actor("manager"), at=timezone.now())


def _a_printer() -> Printer:
    Desk("print_operator").post("print/printers/register/", {"name": "見本印刷株式会社", "key": KEY})
    made = Printer.objects.get()
    Desk("manager").post(f"print/printers/{made.pk}/confirm/", {"heard": KEY[-8:]})
    made.refresh_from_db()
    return made


def test_a_key_is_registered_by_one_person_and_confirmed_by_another_who_heard_it(programme):
    operator, manager = Desk("print_operator"), Desk("manager")
    empty = text_of(operator.get("print/printers/"))
    assert "印刷会社はまだ登録されていません" in empty and "age-keygen" in empty
    secret = operator.post("print/printers/register/", {"name": "見本印刷", "key": str(SECRET)})
    assert secret.status_code == 422 and "これは秘密鍵です" in text_of(secret)
    assert str(SECRET) not in text_of(secret) and not Printer.objects.exists()
    # A manager who registered it does not confirm it.
    manager.post("print/printers/register/", {"name": "見本印刷", "key": KEY})
    made = Printer.objects.get()
    page = f"print/printers/{made.pk}/confirm/"
    assert "別の業務責任者が行います" in text_of(manager.get("print/printers/"))
    own = manager.post(page, {"heard": KEY[-8:]}, follow=True)
    assert "登録した人とは別の人" in toasts_of(own)
    assert operator.post(page, {"heard": KEY[-8:]}).status_code == 403
    other = Desk("manager", name="責任 二子")
    wrong = other.post(page, {"heard": "zzzzzzzz"})
    assert wrong.status_code == 422 and "登録した鍵と違います" in text_of(wrong)
    made.refresh_from_db()
    assert made.confirmed_at is None
    other.post(page, {"heard": f" {KEY[-8:-4].upper()} {KEY[-4:]} "})
    made.refresh_from_db()
    assert made.confirmed_by == "責任 二子" and looks("printer.confirm")
    operator.post(f"print/printers/{made.pk}/retire/")
    made.refresh_from_db()
    assert made.retired_at is not None and "使用停止" in text_of(operator.get("print/printers/"))
    assert Desk("clerk").post(f"print/printers/{made.pk}/retire/").status_code == 403


def test_a_run_that_is_not_ready_says_what_is_missing(programme, run):
    desk = Desk("print_operator")
    page = f"print/run/{run.pk}/printer/"
    assert "先に確認を受けてください" in text_of(desk.get(page))
    printer = _a_printer()
    refused = desk.post(page + "hand/", HAND | {"printer": printer.pk})
    assert refused.status_code == 422 and not PrinterParcel.objects.exists()
    assert Desk("call_agent").post(page + "hand/", HAND | {"printer": printer.pk}).status_code == 403
    _released(run)
    Printer.objects.update(retired_at=timezone.now())
    assert "使える印刷会社がありません" in text_of(desk.get(page))
    retired = desk.post(page + "hand/", HAND | {"printer": printer.pk})
    assert retired.status_code == 422 and not LongWork.objects.exists()


def test_a_run_goes_to_the_printer_its_receipt_is_typed_in_and_our_copy_goes(programme, run):
    printer, desk = _a_printer(), Desk("print_operator")
    _released(run)
    PrintRun.objects.filter(pk=run.pk).update(deadline_at=timezone.now())
    page = f"print/run/{run.pk}/printer/"
    assert "入稿締切を過ぎています" in text_of(desk.get(page))
    unpaid = desk.post(page + "hand/", HAND | {"printer": printer.pk, "reply": "on"})
    assert unpaid.status_code == 422 and "承認が、記録されていません" in text_of(unpaid)
    assert desk.post(page + "hand/", HAND | {"printer": printer.pk}).status_code == 302
    assert do_long_work().state == "done"
    one = PrinterParcel.objects.get()
    assert one.late and "入稿締切のあと" in text_of(desk.get(page))

    got = b"".join(desk.get(f"{page}{one.pk}/file/").streaming_content)
    assert checked(opened(io.BytesIO(got), str(SECRET))).manifest["insert"]["encoding"] == "cp932"
    assert looks("print.hand") and Desk("clerk").get(f"{page}{one.pk}/file/").status_code == 403

    early = desk.post(f"{page}{one.pk}/drop/", follow=True)
    assert "受領がまだ記録されていません" in toasts_of(early)
    other = desk.post(f"{page}{one.pk}/receipt/", {"sha256": "0" * 64}, follow=True)
    assert "印刷を止めてもらい" in toasts_of(other)
    desk.post(f"{page}{one.pk}/receipt/", {"sha256": one.parcel.sha256.upper()})
    assert "受領済" in text_of(desk.get(page))
    desk.post(f"{page}{one.pk}/drop/")
    assert not files.inside(one.parcel.path).exists()
    gone = text_of(desk.get(page))
    assert "消去済" in gone and one.parcel.sha256[:8] in gone
    assert desk.get(f"{page}{one.pk}/file/").status_code == 404


def test_plan_and_trays_of_a_run_are_seen_and_taken(programme, run):
    desk = Desk("print_operator")
    seen = text_of(desk.get(f"print/run/{run.pk}/plan/"))
    assert "トレー 全 1 個" in seen and "返信用封筒（長形3号・折らない）" in seen
    assert (
        "返信用封筒" not in text_of(desk.get(f"print/run/{run.pk}/plan/", reply="0")).split("封入計画 全")[1]
    )
    unknown = desk.get(f"print/run/{run.pk}/plan/", outer="kaku9")
    assert unknown.status_code == 422 and "使えるのは" in text_of(unknown)
    labels = desk.get(f"print/run/{run.pk}/plan/labels/")
    assert labels.content.startswith(b"%PDF") and "tray-labels" in labels["Content-Disposition"]
    lines = desk.get(f"print/run/{run.pk}/plan/csv/").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 13 and len(looks("print.hand")) == 2
    assert Desk("clerk").get(f"print/run/{run.pk}/plan/csv/").status_code == 403
    assert desk.get(f"print/run/{run.pk}/plan/else/").status_code == 404


def test_the_postage_is_an_estimate_by_scheme_with_its_conditions(programme, run):
    desk = Desk("manager")
    page = f"print/run/{run.pk}/postage/"
    plain = text_of(desk.get(page))
    assert "見積りです。差し出す前に" in plain and "満たさない： バーコード付が1,000通以上（12通）" in plain
    assert "割引なし いちばん安い 使える" in plain
    asked = text_of(desk.get(page, on="2026-12-01", returned="10"))
    assert "1通の手数料を確かめ" in asked
    told = text_of(desk.get(page, on="2026-12-01", returned="10", surcharge="21"))
    assert "返信 10 通の料金： 1,310 円" in told
    wrong = desk.get(page, on="2026-12-01", districts="22400a")
    assert wrong.status_code == 422 and "3桁か5桁" in text_of(wrong)
    old = desk.get(page, on="2001-01-01")
    assert old.status_code == 422 and "以後の差出日" in text_of(old)


def test_the_pages_ask_the_database_no_more_for_more_pieces(programme, run):
    many = make_form_run(programme=programme, limit=60, actor=actor("print_operator"), at=timezone.now())
    desk = Desk("manager")
    for page in ("plan/", "postage/", "printer/"):
        few = desk.statements(f"print/run/{run.pk}/{page}")
        assert desk.statements(f"print/run/{many.pk}/{page}") <= few < 30, page
    assert desk.statements("print/printers/") < 20
