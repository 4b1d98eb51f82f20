"""The print desk: made, looked at by another person, counted at the post; what comes back is one scan each."""

import pytest
from django.utils.timezone import localdate

from tests.proofs import proofed
from tests.web.office import Desk, a_case, do_long_work, looks, posted, text_of, toasts_of
from todoku.case.tables import Case
from todoku.ground.tables import LongWork
from todoku.letters.tables import Dispatch, PrintRun, Undelivered
from todoku.registry.tables import KnownAccount


@pytest.fixture
def printer(town, at_door):
    """The print operator before the town's cases, none of them printed."""
    with at_door("office"):
        seat = Desk("print_operator")
        seat.programme = town.programme
        yield seat


def make(printer, **values) -> PrintRun:
    answer = printer.post("print/make/", {"cohort": "apply", **values})
    assert answer.status_code == 302, text_of(answer)
    assert do_long_work().state == "done"
    return PrintRun.objects.get()


def test_a_run_goes_from_making_to_the_post_by_two_persons(printer):
    run = make(printer, limit="20")
    page = text_of(printer.get(f"print/run/{run.pk}/"))
    assert "印刷ロット F0000" in page and "20 通" in page
    assert "確認は、別の人が行います" in page

    printer.post(f"print/run/{run.pk}/release/")
    run.refresh_from_db()
    assert run.state == "made"

    other = Desk("manager")
    other.post(f"print/run/{run.pk}/release/")
    run.refresh_from_db()
    assert run.state == "made" and "校了待ち" in text_of(other.get(f"print/run/{run.pk}/"))
    proofed(run)
    assert "確認しました" in text_of(other.get(f"print/run/{run.pk}/"))
    other.post(f"print/run/{run.pk}/release/")
    today = localdate()
    answer = printer.post(f"print/run/{run.pk}/dispatch/", {"posted_on": f"{today}", "counted": "20"})
    run.refresh_from_db()
    assert answer.status_code == 302 and run.state == "dispatched"
    assert Dispatch.objects.get(run=run).counted == 20


def test_a_count_that_differs_is_explained_beside_the_field_and_nothing_is_recorded(printer):
    run = proofed(make(printer, limit="12"))
    Desk("manager").post(f"print/run/{run.pk}/release/")
    answer = printer.post(f"print/run/{run.pk}/dispatch/", {"posted_on": f"{localdate()}", "counted": "11"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "数えた通数は11通ですが、この印刷ロットは12通です。" in page and 'value="11"' in page
    assert Dispatch.objects.count() == 0


def test_pdf_and_manifest_are_taken_by_permission_and_the_look_is_recorded(printer):
    run = make(printer, limit="5")
    pdf = printer.get(f"print/run/{run.pk}/file/pdf/")
    manifest = printer.get(f"print/run/{run.pk}/file/manifest/")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF-")
    assert len(b"".join(manifest.streaming_content).decode("utf-8-sig").splitlines()) == 6
    assert [len(looks("print.pdf")), len(looks("print.manifest"))] == [1, 1]
    assert looks("print.pdf")[0].subject_id == run.pk
    assert Desk("clerk").get(f"print/run/{run.pk}/file/pdf/").status_code == 403
    assert printer.get(f"print/run/{run.pk}/file/else/").status_code == 404


def test_people_under_protection_are_listed_by_number_and_printed_in_a_run_of_their_own(printer):
    page = text_of(printer.get("print/"))
    assert "支援措置" in page and "支援措置の方だけの印刷ロットを作る" in page
    aside = text_of(printer.get("print/aside/apply/"))
    assert "支援措置（通常の印刷に含めない）" in aside
    assert looks("print.view")[0].subject_kind == "set_aside"
    run = make(printer, protected="1")
    assert 0 < run.pieces < 10


def test_an_account_in_another_name_is_counted_at_the_desk_and_listed_by_number(printer):
    assert "口座を印刷しない案件" not in text_of(printer.get("print/"))
    assert "すべて世帯主のカナと合っています" in text_of(printer.get("print/aside/apply/"))
    case = Case.objects.filter(cohort="apply").select_related("recipient").first()
    KnownAccount.objects.create(
        programme=printer.programme, person=case.recipient.head, bank="0005", branch="001", kind=1, number="1234567",
        holder_kana="ﾍﾞﾂﾉ ﾋﾄ", source="x",
    )  # fmt: skip
    assert "名義が違うため口座を印刷しない案件 1件" in text_of(printer.get("print/"))
    listed = text_of(printer.get("print/aside/apply/"))
    assert case.printed_number in listed and "一致しない" in listed


def test_what_came_back_is_recorded_scan_by_scan_with_the_reason_kept(printer):
    run = posted(printer.programme, limit=15)
    number = run.letters.order_by("piece_no")[0].case.number
    answer = printer.post(
        "print/undelivered/record/",
        {"reason": "moved", "returned_on": f"{localdate()}", "number": f"{number}0111"},
        follow=True,
    )
    page = answer.content.decode()
    assert answer.status_code == 200, text_of(answer)
    assert Undelivered.objects.get().reason == "moved"
    assert "を不着として記録しました。" in toasts_of(answer)
    assert 'value="moved" id="id_reason_1" checked' in page and "data-scan" in page


def test_a_number_that_is_none_keeps_what_was_chosen(printer):
    for number, sentence in (
        ("1234567890123", "番号の桁数か検査数字が合いません"),
        ("", "番号を読み取るか、13桁を入力してください。"),
        ("none", "番号の桁数か検査数字が合いません"),
    ):
        answer = printer.post(
            "print/undelivered/record/",
            {"reason": "refused", "returned_on": f"{localdate()}", "number": number},
        )
        page = answer.content.decode()
        assert answer.status_code == 422 and sentence in page, number
        assert 'value="refused" id="id_reason_2" checked' in page
    assert Undelivered.objects.count() == 0


def test_a_case_that_was_never_posted_cannot_come_back(printer):
    number = a_case(printer.programme).number
    answer = printer.post(
        "print/undelivered/record/",
        {"reason": "unknown", "returned_on": f"{localdate()}", "number": number},
    )
    assert "この番号で発送した郵便がありません" in text_of(answer)


def test_who_may_not_print_sees_the_runs_and_no_button(printer):
    reader = Desk("call_agent")
    page = text_of(reader.get("print/"))
    assert "印刷ロット" in page and "申請書を作る" not in page
    answers = [
        reader.post("print/make/", {"cohort": "apply"}),
        reader.get("print/undelivered/"),
        reader.post("print/run/1/release/"),
        reader.post("print/run/1/dispatch/"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert len(looks("print.make", refused=True)) == 1 and LongWork.objects.count() == 0


def test_a_limit_that_is_no_number_and_a_cohort_that_is_none_start_nothing(printer):
    answer = printer.client.post("/p/sample/print/make/", {"cohort": "apply", "limit": "many"}, follow=True)
    assert "通数の上限は1以上の数字で入力してください" in toasts_of(answer)
    assert printer.post("print/make/", {"cohort": "nobody"}).status_code == 404
    assert LongWork.objects.count() == 0


def test_the_print_desk_asks_for_few_statements(printer):
    run = posted(printer.programme)
    printer.get("print/")
    assert printer.statements("print/") <= 22
    assert printer.statements(f"print/run/{run.pk}/") <= 23
    assert printer.statements("print/undelivered/") <= 12
