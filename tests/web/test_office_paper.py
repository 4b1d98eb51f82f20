"""Key entry: number first, then the paper on one screen; slips are named at their field, deficiencies are kept as written."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timezone import localdate

from tests.web.office import FORM, Desk, a_case, keyed, looks, plain, posted, text_of, toasts_of
from todoku.case.stages import RECEIVED
from todoku.intake.keyed_values import PAPERS
from todoku.intake.tables import AccountVersion, Entry, ProofVersion, Submission
from todoku.people.actor import SYSTEM
from todoku.review.documents import kinds_of
from todoku.review.screen import screen
from todoku.review.tables import Finding, Task
from todoku.web.office.paper_form import PaperEntry, entered_day
from todoku.web.office.proof_form import EMPTY_DAY
from todoku.web.office.scan import scanned_number

TODAY = date(2026, 11, 22)


@pytest.fixture
def clerk(town, at_door):
    """A clerk before the town, whose forms have been posted."""
    with at_door("office"):
        posted(town.programme, limit=6)
        seat = Desk("clerk")
        seat.case = a_case(town.programme, letters__isnull=False)
        seat.programme = town.programme
        yield seat


def a_form(**values) -> dict[str, str]:
    opened = int(timezone.now().timestamp()) - 40
    return {**FORM, "arrived_on": f"{localdate():%m%d}", "started": f"{opened}", **values}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1121", date(2026, 11, 21)),
        ("1122", date(2026, 11, 22)),
        ("1123", date(2025, 11, 23)),
        ("0229", None),
        ("１１２１", date(2026, 11, 21)),
        ("11/3", date(2026, 11, 3)),
        ("20261105", date(2026, 11, 5)),
        ("R8.11.5", date(2026, 11, 5)),
        ("", None),
    ],
)
def test_a_day_is_keyed_as_four_digits_and_is_the_last_one_gone_by(typed, day):
    if typed == "0229":
        with pytest.raises(ValidationError, match="2月29日という日はありません"):
            entered_day(typed, TODAY)
    else:
        assert entered_day(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["1332", "あした", "112", "0000"])
def test_a_day_that_is_none_is_refused_with_the_remedy(typed):
    with pytest.raises(ValidationError, match="入力し"):
        entered_day(typed, TODAY)


@pytest.mark.parametrize("typed", ["12345678901230113", "1234-5678-90123", "１２３４５６７８９０１２３"])
def test_a_scanned_sheet_and_a_typed_number_mean_the_same(typed):
    assert scanned_number(typed) == "1234567890123"


def test_the_number_opens_the_form_of_its_case_and_the_look_is_recorded(clerk):
    answer = clerk.post("paper/open/", {"number": f"{clerk.case.number}0111"})
    assert answer.headers["Location"] == f"/p/sample/paper/{clerk.case.number}/"
    page = text_of(clerk.get(f"paper/{clerk.case.number}/"))
    head = clerk.case.recipient.head
    assert plain(head.name) in page and f"{clerk.case.entitlement.amount_yen:,}円" in page
    assert plain(head.address) not in page
    (look,) = looks("paper.key")
    assert look.subject_id == clerk.case.pk and look.actor_name == "受付 花子"


def test_a_number_that_is_wrong_stays_in_its_field_with_the_remedy(clerk):
    answer = clerk.post("paper/open/", {"number": "1234567890123"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="1234567890123"' in page
    assert "番号に誤りがあります" in page and looks("paper.key") == []


def test_a_form_is_kept_and_the_hand_is_at_the_next_number(clerk):
    answer = clerk.client.post(f"/p/sample/paper/{clerk.case.number}/", a_form(), follow=True)
    submission = Submission.objects.get()
    assert answer.redirect_chain == [("/p/sample/paper/", 302)]
    assert f"受付番号 {submission.receipt_number}" in toasts_of(answer)
    assert (submission.channel, submission.arrived_on, submission.state) == ("paper", localdate(), "received")
    account = AccountVersion.objects.get()
    assert (account.bank, account.branch, account.number) == ("0005", "001", "1234567")
    assert account.holder_kana == "ヤマダ タロウ"
    clerk.case.standing.refresh_from_db()
    assert clerk.case.standing.stage == RECEIVED
    page = text_of(answer)
    assert clerk.case.printed_number in page and "あなたの今日" in page
    assert 40 <= (Entry.objects.get().finished_at - Entry.objects.get().started_at).total_seconds() < 60


def test_pressing_twice_keeps_one(clerk):
    for _ in range(2):
        clerk.post(f"paper/{clerk.case.number}/", a_form())
    assert Submission.objects.count() == 1


def test_what_is_wrong_on_the_paper_is_kept_as_it_stands(clerk):
    values = a_form(
        bank="9999",
        branch="",
        account_number="12",
        holder_kana="山田太郎",
        signed="0",
        identity_evidence="none",
    )
    assert clerk.post(f"paper/{clerk.case.number}/", values).status_code == 302
    submission, account = Submission.objects.get(), AccountVersion.objects.get()
    assert (submission.signed, submission.identity_evidence) == (False, "")
    assert (account.bank, account.number, account.holder_kana) == ("9999", "12", "山田太郎")


SLIPS = [
    ("arrived_on", "1399", "入力し直してください"),
    ("arrived_on", "", "封筒の受付印の日付を"),
    ("bank", "みずほ", "金融機関コードは数字で入力してください"),
    ("signed", "", "署名を選んでください"),
    ("account_evidence", "", "口座確認書類を選んでください"),
    ("yucho_symbol", "10180", "銀行とゆうちょの両方が入力されています"),
    ("identity_kind", "", "本人確認書類の種類を選んでください"),
    ("second_kind", "pension_book", "2点目は、1点目と種類の違う書類を"),
]


def test_a_slip_of_the_keys_is_named_at_its_field_and_loses_nothing(clerk):
    for field, value, sentence in SLIPS:
        answer = clerk.post(f"paper/{clerk.case.number}/", a_form(**{field: value}))
        page = answer.content.decode()
        assert answer.status_code == 422 and sentence in page, field
        assert 'value="ヤマダ タロウ"' in page and 'value="1234567"' in page
    assert Submission.objects.count() == 0


def test_a_postmark_after_the_arrival_is_refused_in_words(clerk):
    yesterday = localdate() - timedelta(days=1)
    values = a_form(arrived_on=f"{yesterday:%m%d}", postmark_on=f"{localdate():%m%d}")
    answer = clerk.post(f"paper/{clerk.case.number}/", values)
    assert "消印の日付が到着日より後になっています" in text_of(answer) and Submission.objects.count() == 0


def test_a_second_application_is_kept_and_said_not_to_count(clerk):
    keyed(clerk.case, arrived_on=localdate() - timedelta(days=1))
    answer = clerk.client.post(f"/p/sample/paper/{clerk.case.number}/", a_form(), follow=True)
    assert "先に届いた申請があるため、この申請は数えません。" in toasts_of(answer)
    assert "先に届いた申請" in text_of(clerk.get(f"paper/{clerk.case.number}/"))


READ_BACK = [
    ("bank/", {"bank": "0005"}, "三菱"),
    ("bank/", {"bank": "9998"}, "一覧にない番号です"),
    ("branch/", {"bank": "0005", "branch": "001"}, "本店"),
    ("yucho/", {"yucho_symbol": "10180", "yucho_number": "12345671"}, "普通 1234567"),
    ("yucho/", {"yucho_symbol": "99999", "yucho_number": "1"}, "記号は、1または0で始まり"),
    ("holder/", {"holder_kana": "やまだ たろう"}, "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("holder/", {"holder_kana": "山田"}, "銀行の振込データに書けない文字です"),
    ("day/?field=arrived_on", {"arrived_on": "20261105"}, "2026/11/05（木）"),
    (
        "proof/?field=identity_on",
        {"identity_kind": "passport", "identity_on": "5130503"},
        "令和13年5月3日（2031/05/03）まで",
    ),
    (
        "proof/?field=identity_on",
        {"identity_kind": "passport", "identity_on": "R3.5.3", "postmark_on": "20211201"},
        "12/01には期限が切れています",
    ),
    (
        "proof/?field=second_on",
        {"second_kind": "utility_bill", "second_on": "20210101", "arrived_on": "20211201"},
        "令和3年1月1日（2021/01/01）発行 12/01には発行から6か月を過ぎています",
    ),
]


def test_a_field_is_read_back_while_it_is_keyed(clerk):
    for what, typed, told in READ_BACK:
        answer = clerk.post(f"paper/{clerk.case.number}/live/{what}", typed)
        assert answer.status_code == 200 and told in answer.content.decode(), what


def test_an_empty_field_is_answered_by_silence(clerk):
    assert clerk.post(f"paper/{clerk.case.number}/live/bank/", {"bank": ""}).content.strip() == b""
    assert clerk.post(f"paper/{clerk.case.number}/live/else/", {"bank": "1"}).content.strip() == b""


def test_the_account_of_the_last_form_is_put_right_beside_the_first(clerk):
    clerk.post(f"paper/{clerk.case.number}/", a_form())
    submission = Submission.objects.get()
    page = clerk.get(f"paper/correct/{submission.pk}/").content.decode()
    assert 'value="1234567"' in page
    values = {
        "bank": "0005",
        "branch": "001",
        "kind": "1",
        "account_number": "7654321",
        "holder_kana": "ヤマダ タロウ",
        "identity_kind": "pension_book",
    }
    same = clerk.post(f"paper/correct/{submission.pk}/", {**values, "account_number": "1234567"})
    assert same.status_code == 422 and "口座が変わっていません" in text_of(same)
    assert clerk.post(f"paper/correct/{submission.pk}/", values).status_code == 302
    assert [one.number for one in submission.accounts.order_by("version")] == ["1234567", "7654321"]


def test_ones_own_pace_is_shown_to_oneself_alone(clerk):
    clerk.post(f"paper/{clerk.case.number}/", a_form())
    mine, other = text_of(clerk.get("paper/")), text_of(Desk("clerk", name="もう一人").get("paper/"))
    assert "1 通" in mine and "0 通" in other and "今日はまだ入力していません" in other


def test_only_who_keys_forms_may_open_one(town, at_door):
    with at_door("office"):
        number = a_case(town.programme).number
        printer = Desk("print_operator")
        answers = [
            printer.get("paper/"), printer.get(f"paper/{number}/"), printer.post(f"paper/{number}/", a_form()),
            printer.post(f"paper/{number}/live/holder/", {}),
        ]  # fmt: skip
        assert Desk("clerk").get("paper/0000000000000/").status_code == 404
    assert [answer.status_code for answer in answers] == [403] * 4
    assert len(looks("paper.key", refused=True)) == 4 and Submission.objects.count() == 0


def test_the_form_asks_for_few_statements(clerk):
    clerk.get("paper/")
    assert clerk.statements("paper/") <= 10
    assert clerk.statements(f"paper/{clerk.case.number}/") <= 17


def test_a_paper_is_named_by_one_key_with_its_day_and_judged_as_on_every_other_way(clerk):
    page = clerk.get(f"paper/{clerk.case.number}/").content.decode()
    keys = dict(re.findall(r'name="identity_kind" value="(\w+)"[^>]* data-digit="(\w)"', page))
    assert (keys["driving_licence"], keys["unclear"]) == ("1", "0")
    assert len(set(keys.values())) == len(keys) == len(kinds_of(())) + 1
    assert 'value="driving_licence" id="id_identity_kind_0" data-digit="1" data-opens="identity_on"' in page
    assert re.search(r'value="pension_book"[^>]* data-opens="second_kind"', page)
    clerk.post(f"paper/{clerk.case.number}/", a_form(identity_kind="driving_licence", identity_on="H31.3.31"))
    papers = ProofVersion.objects.get()
    assert (papers.first, papers.first_on, papers.second) == ("driving_licence", date(2019, 3, 31), "")
    assert papers.staff_id == clerk.staff.pk
    screen(programme=clerk.programme, actor=SYSTEM, at=timezone.now())
    assert "D21" in Finding.objects.values_list("code", flat=True)


def test_what_was_not_asked_of_a_paper_is_not_kept(clerk):
    values = a_form(
        identity_kind="driving_record",
        identity_on="20310503",
        second_kind="utility_bill",
        second_on="20260101",
    )
    clerk.post(f"paper/{clerk.case.number}/", values)
    papers = ProofVersion.objects.get()
    assert (papers.first, papers.first_on, papers.second, papers.second_on) == (
        "driving_record",
        None,
        "",
        None,
    )


@pytest.mark.parametrize("values", [{"identity_kind": "unclear"}, {"identity_evidence": "none"}])
def test_without_a_paper_or_where_nobody_can_tell_it_none_is_named(clerk, values):
    assert clerk.post(f"paper/{clerk.case.number}/", a_form(**values)).status_code == 302
    assert not ProofVersion.objects.exists()


def test_a_box_that_the_choice_does_not_open_holds_nothing_up(clerk):
    hidden = {"identity_on": "5月3日", "second_kind": "utility_bill", "second_on": "いつか"}
    for values in ({"identity_kind": "driving_record"}, {"identity_evidence": "none"}):
        answer = clerk.post(f"paper/{clerk.case.number}/", a_form(**hidden | values))
        assert answer.status_code == 302, values
    asked = clerk.post(f"paper/{clerk.case.number}/", a_form(**hidden | {"identity_kind": "passport"}))
    assert asked.status_code == 422 and "書類のとおりに、20310503" in text_of(asked)


def test_a_day_left_empty_is_said_to_be_left_to_the_eyes(clerk):
    page = text_of(clerk.get(f"paper/{clerk.case.number}/"))
    assert page.count(EMPTY_DAY) == 2
    live = f"paper/{clerk.case.number}/live/proof/?field=identity_on"
    emptied = clerk.post(live, {"identity_kind": "passport", "identity_on": ""})
    assert EMPTY_DAY in emptied.content.decode()
    assert clerk.post(live, {"identity_kind": "driving_record", "identity_on": ""}).content.strip() == b""


def test_a_paper_that_was_overlooked_is_named_afterwards_and_not_asked_for(clerk):
    clerk.post(f"paper/{clerk.case.number}/", a_form(identity_evidence="none"))
    submission = Submission.objects.get()
    screen(programme=clerk.programme, actor=SYSTEM, at=timezone.now())
    assert Finding.objects.filter(submission=submission, code="D20").exists()
    values = {name: FORM[name] for name in ("bank", "branch", "kind", "account_number", "holder_kana")}
    values |= {"identity_kind": "passport", "identity_on": "20990503"}
    assert clerk.post(f"paper/correct/{submission.pk}/", values).status_code == 302
    assert not Finding.objects.filter(submission=submission, field="identity").exists()


def test_where_the_terms_ask_for_no_paper_its_kind_is_not_asked():
    assert not set(PAPERS) & set(PaperEntry(today=TODAY).fields)


def test_a_paper_named_wrongly_is_put_right_before_a_reviewer_looks(clerk):
    clerk.post(f"paper/{clerk.case.number}/", a_form(identity_kind="passport", identity_on="20310503"))
    submission = Submission.objects.get()
    here = f"paper/correct/{submission.pk}/"
    page = clerk.get(here).content.decode()
    assert re.search(r'value="passport" id="\w+" checked', page) and 'value="20310503"' in page
    values = {name: FORM[name] for name in ("bank", "branch", "kind", "account_number", "holder_kana")}
    values |= {"identity_kind": "passport", "identity_on": "20210503"}
    assert clerk.post(here, values).status_code == 302
    assert [one.first_on.year for one in submission.proofs.order_by("version")] == [2031, 2021]
    assert submission.accounts.count() == 1
    screen(programme=clerk.programme, actor=SYSTEM, at=timezone.now())
    assert clerk.post(here, values | {"identity_on": "20320503"}).status_code == 302
    assert not Finding.objects.filter(submission=submission, code="D21").exists()
    Task.objects.filter(submission=submission).update(
        state="held", claimed_by_id=clerk.staff.pk, claimed_at=timezone.now()
    )
    held = clerk.post(here, values | {"identity_on": "20330503"})
    assert held.status_code == 422 and "審査が始まっています" in text_of(held)
