"""The web form page by page: the office's own checks before sending, nothing lost, one application however often sent."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from tests.intake.test_picture import with_place_and_time
from tests.open_today import letters, open_today
from tests.web.resident import ANSWERS, LICENCE, VALID, Resident, a_photo, errors_of, statements, text_of
from todoku.custody import files
from todoku.ground.places import var
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import AccountVersion, Document, ProofVersion, Submission
from todoku.people.actor import Actor

CLERK = Actor(id=7, name="受付 花子", roles=frozenset({"clerk"}), door="office")


@pytest.fixture
def letter(town):
    open_today(town.programme)
    return letters(town.programme)[0]


@pytest.fixture
def resident(letter, at_door):
    with at_door("resident"):
        opened = Resident(letter)
        opened.open()
        yield opened


def test_an_application_is_sent_once_however_often_the_button_is_pressed(letter, at_door):
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
        assert resident.get("apply/").headers["Location"] == "/sample/apply/review/"
        first = resident.post("apply/send/")
        again = resident.post("apply/send/")
        receipt = resident.get("receipt/")
    assert first.headers["Location"] == again.headers["Location"] == "/sample/receipt/"
    submission = Submission.objects.get()
    printed = (
        f"{submission.receipt_number[:4]}-{submission.receipt_number[4:8]}-{submission.receipt_number[8:]}"
    )
    assert printed in text_of(receipt) and "振り込む予定です" in text_of(receipt)
    account = AccountVersion.objects.get()
    assert (account.bank, account.branch, account.number) == ("0005", "001", "1234567")
    assert list(var("drafts").iterdir()) == []


def test_photos_lose_where_and_when_they_were_taken(letter, at_door):
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
        given = with_place_and_time()
        resident.post("apply/identity/", {"photo": SimpleUploadedFile("a.jpg", given)})
        resident.post("apply/send/")
    kept = files.read(Document.objects.get(kind="identity").path)
    assert b"MAKER" in given and b"MAKER" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
        ("a.pdf", b"%PDF-1.7", "PDFは送れません"),
        ("a.jpg", b"nothing", "開けません"),
    ],
)
def test_what_is_no_photo_is_refused_with_what_to_do(resident, name, data, words):
    resident.answer(*ANSWERS)
    resident.post("apply/holder/", {"holder_kana": resident.letter.kana})
    resident.answer("paper", "paper_day", paper=LICENCE, paper_day=VALID)
    answered = resident.post("apply/identity/", {"photo": SimpleUploadedFile(name, data)})
    assert (answered.status_code, words in errors_of(answered)) == (200, True)
    assert "空です" in errors_of(resident.post("apply/identity/"))


def test_a_page_before_its_turn_leads_to_the_open_question(resident):
    resident.answer("who")
    assert resident.get("apply/review/").headers["Location"] == "/sample/apply/phone/"
    assert resident.get("apply/identity/").headers["Location"] == "/sample/apply/phone/"


def test_back_loses_nothing(resident):
    resident.answer("who", "phone", "rail", "bank", "branch", "number")
    assert 'value="1234567"' in resident.get("apply/number/").content.decode()
    assert 'value="0450000000"' in resident.get("apply/phone/").content.decode()
    assert "三菱ＵＦＪ 本店" in text_of(resident.get("apply/number/"))


def test_where_one_stands_is_said_in_parts(resident):
    resident.answer("who", "phone", "rail")
    assert "3 / 6" in text_of(resident.get("apply/bank/"))
    assert "1 / 6" in text_of(resident.get("apply/who/"))


@pytest.mark.parametrize(
    ("name", "before", "answers", "words"),
    [
        (
            "number",
            ("who", "phone", "rail", "bank", "branch"),
            {"kind": "1", "account_number": "12345"},
            "7桁です",
        ),
        ("holder", tuple(ANSWERS), {"holder_kana": "山田 太郎"}, "1文字目「山」は、銀行が扱えない文字です"),
        ("phone", ("who",), {"phone": "なし"}, "市外局番から"),
    ],
)
def test_what_the_checks_would_send_back_is_stopped_at_its_page(resident, name, before, answers, words):
    resident.answer(*before)
    answered = resident.post(f"apply/{name}/", answers)
    assert (answered.status_code, words in errors_of(answered)) == (200, True), text_of(answered)


def test_an_account_at_a_closed_branch_is_stopped_and_says_where_to_look(resident, letter):
    resident.answer("who", "phone", "rail", "bank")
    assert resident.post("apply/branch/", {"code": "999"}).headers["Location"] == "/sample/apply/branch/"
    assert "見つかりませんでした" in text_of(resident.get("apply/branch/", q="廃止された支店"))
    # A draft from before the branch was closed meets the same check on the review page.
    resident.fill()
    session = resident.client.session
    session["visit"] = session["visit"] | {"draft": session["visit"]["draft"] | {"branch": "999"}}
    session.save()
    review = resident.get("apply/review/")
    assert "この支店は見つかりません" in errors_of(review)
    assert 'href="/sample/apply/branch/"' in review.content.decode()
    assert "この内容で申請する" not in text_of(review)


def test_another_holder_is_doubted_but_not_stopped(resident):
    resident.fill(holder={"holder_kana": "マツタク ベツジン"})
    review = resident.get("apply/review/")
    assert "もう一度お確かめください" in text_of(review) and "この内容で申請する" in text_of(review)


def test_a_yucho_passbook_becomes_an_account_before_the_eyes(resident):
    resident.answer("who", "phone", "rail", rail={"rail": "yucho"})
    assert resident.get("apply/").headers["Location"] == "/sample/apply/yucho/"
    live = resident.post("apply/yucho/check/", {"yucho_symbol": "14080", "yucho_number": "12712721"})
    assert "四〇八店（408） 普通 1271272" in live.content.decode()
    doubt = resident.post("apply/yucho/check/", {"yucho_symbol": "14080", "yucho_number": "12712731"})
    assert "live-warn" in doubt.content.decode()
    wrong = resident.post("apply/yucho/", {"yucho_symbol": "11940", "yucho_number": "12345671"})
    assert "ゆうちょ銀行の記号" in errors_of(wrong)


def test_the_post_offices_bank_leads_to_symbol_and_number(resident):
    resident.answer("who", "phone", "rail")
    chosen = resident.post("apply/bank/", {"code": "9900"})
    assert chosen.headers["Location"] == "/sample/apply/yucho/"


def test_a_new_bank_takes_the_branch_back(resident):
    resident.fill()
    resident.get("apply/review/")
    assert resident.post("apply/bank/", {"code": "0001"}).headers["Location"] == "/sample/apply/branch/"
    assert resident.post("apply/branch/", {"code": "001"}).headers["Location"] == "/sample/apply/review/"


def test_banks_are_found_while_typing(resident):
    resident.answer("who", "phone", "rail")
    found = resident.get("apply/bank/", q="よこはま")
    assert "横浜" in text_of(found)
    part = resident.client.get("/sample/apply/bank/", {"q": "よこはま"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode() and 'value="0138"' in part.content.decode()


def test_somebody_who_applies_for_another_is_told_the_paper_way(resident):
    answered = resident.post("apply/who/", {"who": "proxy"})
    assert "郵送で受け付けています" in text_of(answered)
    assert resident.get("apply/").headers["Location"] == "/sample/apply/who/"


def test_a_second_application_by_another_channel_meets_a_plain_page(town, letter, at_door):
    form = PaperForm(number=letter.number, arrived_on=timezone.localdate() - timedelta(days=1))
    receive_paper(form, programme=town.programme, actor=CLERK, at=timezone.now())
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up(aim="apply")
        met = resident.get("apply/")
        shown = text_of(resident.get("status/"))
    assert (met.status_code, "郵送で申請を受け付けました" in text_of(met)) == (409, True)
    assert "申請する" not in shown and "審査待ちです" in shown


def test_what_crosses_with_a_paper_form_is_not_sent(town, letter, at_door):
    """The form was filled in while the letter box was emptied."""
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        resident.fill()
    form = PaperForm(number=letter.number, arrived_on=timezone.localdate())
    receive_paper(form, programme=town.programme, actor=CLERK, at=timezone.now())
    with at_door("resident"):
        met = resident.post("apply/send/")
    assert (met.status_code, Submission.objects.count()) == (409, 1)


def test_nothing_of_the_roll_is_shown_while_applying(resident, letter):
    resident.answer(*ANSWERS)
    pages = "".join(
        resident.get(f"apply/{name}/").content.decode() for name in ("who", "phone", "number", "holder")
    )
    assert letter.kana not in pages and letter.kana.split("　")[0] not in pages


def test_the_door_itself_cannot_read_persons(resident):
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("select kana from todoku_person")
    assert connection.settings_dict["USER"].endswith("_public")


def test_pages_of_the_form_ask_the_database_little(resident):
    resident.fill()
    asked = {}
    for page in ("apply/phone/", "apply/bank/?q=みずほ", "apply/holder/", "apply/identity/", "apply/review/"):
        with CaptureQueriesContext(connection) as captured:
            resident.client.get(f"/sample/{page}")
        asked[page] = statements(captured)
    with CaptureQueriesContext(connection) as captured:
        resident.post("apply/send/")
    asked["send"] = statements(captured)
    assert max(asked[page] for page in asked if page != "send") <= 5 and asked["send"] <= 14, asked


def test_a_photo_chosen_from_those_taken_before_serves_as_well(resident):
    resident.answer(*ANSWERS)
    resident.post("apply/holder/", {"holder_kana": resident.letter.kana})
    resident.answer("paper", "paper_day", paper=LICENCE, paper_day=VALID)
    assert resident.post("apply/identity/", {"chosen": a_photo()}).status_code == 302
    kept = resident.get("apply/identity/")
    assert "お預かりしています" in text_of(kept)
    assert resident.post("apply/identity/").headers["Location"] == "/sample/apply/passbook/"


def at_papers(resident) -> None:
    resident.answer(*ANSWERS)
    assert resident.post("apply/holder/", {"holder_kana": resident.letter.kana}).status_code == 302


def day_of(day) -> dict[str, str]:
    return {"era": "西暦", "year": f"{day.year}", "month": f"{day.month}", "day": f"{day.day}"}


def test_an_expired_paper_is_told_before_its_photo_is_taken(resident):
    """On the last day it still counts; it is the day of sending that counts, not of any look at it."""
    at_papers(resident)
    resident.answer("paper", paper=LICENCE)
    today = timezone.localdate()
    answered = resident.post("apply/paper_day/", day_of(today - timedelta(days=1)))
    assert answered.status_code == 200 and "有効期限" in errors_of(answered)
    assert resident.get("apply/identity/").headers["Location"] == "/sample/apply/paper_day/"
    answered = resident.post("apply/paper_day/", day_of(today))
    assert answered.headers["Location"] == "/sample/apply/identity/"


def test_only_papers_that_count_are_offered(resident):
    at_papers(resident)
    page = text_of(resident.get("apply/paper/"))
    assert "運転免許証" in page and "住民票の写し・印鑑登録証明書（2点）" in page
    # Cards of health insurance ended; nobody sends the side with the My Number as a paper.
    assert "健康保険証" not in page and "通知カード" not in page
    assert "選んでください" in errors_of(resident.post("apply/paper/", {"paper": "insurance_card"}))


def test_who_has_neither_licence_nor_passport_sends_two_and_both_are_kept(letter, at_door):
    today = timezone.localdate()
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        at_papers(resident)
        resident.answer("paper", paper={"paper": "resident_record"})
        old = resident.post("apply/paper_day/", day_of(today - timedelta(days=300)))
        assert "日がたっています" in errors_of(old)
        resident.answer("paper_day", paper_day=day_of(today - timedelta(days=30)))
        answered = resident.post("apply/identity/", {"photo": a_photo()})
        assert answered.headers["Location"] == "/sample/apply/second/"
        second = text_of(resident.get("apply/second/"))
        assert "年金手帳" in second and "運転免許証" not in second and "住民票" not in second
        resident.answer("second", second={"second": "pension_book"})
        assert resident.post("apply/identity-second/", {"photo": a_photo()}).status_code == 302
        resident.post("apply/passbook/", {"photo": a_photo()})
        review = text_of(resident.get("apply/review/"))
        assert "住民票の写し・印鑑登録証明書" in review and "年金手帳・基礎年金番号通知書" in review
        assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
    proof = ProofVersion.objects.get()
    assert (proof.first, proof.first_on, proof.second) == (
        "resident_record",
        today - timedelta(days=30),
        "pension_book",
    )
    kinds = Document.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["account", "identity", "identity2"]
