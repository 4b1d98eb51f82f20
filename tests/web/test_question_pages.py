"""The pages of questions, rulings and people at both doors: what the municipality sees of a question, who may do what."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from tests.money_fixture import day, day_database, signed_in  # noqa: F401
from todoku.case.late_tables import LaterChange
from todoku.case.tables import Case
from todoku.intake.tables import AccountVersion, Document
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent, Deputy, Staff, Succession
from todoku.review.ask_about_changes import ask_about_changes
from todoku.review.claim import claim_next
from todoku.review.judge import judge
from todoku.review.ruling_tables import Ruling, VersionCandidate
from todoku.review.tables import Finding, Question, Task

TOWN = "/p/sample/"
ASKED = "審査担当のことば: 名義が旧姓です。"
WORDING = "口座の名義が旧姓の申請です。支給してよいでしょうか。"


def page(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def asked(day) -> Question:  # noqa: F811
    """A second question, with a finding, that lies with the manager."""
    task = claim_next(programme=day.programme, actor=day.staff["reviewer2"], at=day.at)
    Finding.objects.create(
        submission_id=task.submission_id, case_id=task.case_id, code="D12", field="holder_kana", severity="look",
        evidence={"tier": "T6"}, at=day.at,
    )  # fmt: skip
    for kind in ("identity", "account"):
        Document.objects.create(
            submission_id=task.submission_id, kind=kind, sha256="0" * 64, path=f"none-{kind}", width=9, height=9,
            size_bytes=9,
        )  # fmt: skip
    judge(task, outcome="refer", comment=ASKED, actor=day.staff["reviewer2"], at=day.at)
    return Question.objects.get(state="with_manager")


def sends(browser, question, **values):
    return browser.post(
        f"{TOWN}questions/{question.pk}/", {"do": "send", "wording": WORDING, "account": "none", **values}
    )


def test_the_manager_alone_sends_and_the_municipality_sees_only_what_was_chosen(day, signed_in, asked):  # noqa: F811
    place = f"{TOWN}questions/{asked.pk}/"
    with signed_in("municipality", "officer") as officer:
        assert officer.get(place).status_code == 404
        assert ASKED not in page(officer.get(f"{TOWN}questions/?state="))
        assert ASKED not in page(officer.get(f"{TOWN}case/{asked.case.number}/"))
    with signed_in("office", "reviewer1") as reviewer:
        seen = page(reviewer.get(place))
        assert (
            ASKED in seen
            and "この照会を扱えるのは業務責任者です" in seen
            and "自治体へ送る</button>" not in seen
        )
        assert sends(reviewer, asked).status_code == 403
    with signed_in("office", "manager") as manager:
        assert "確認を待っています" in page(manager.get(TOWN)) and ASKED[:20] in page(
            manager.get(f"{TOWN}questions/")
        )
        blank = sends(manager, asked, wording=" ")
        assert blank.status_code == 422 and "文章を書いてください" in page(blank)
        sends(manager, asked, finding=["D12"], picture=["identity"], due_on=localdate().isoformat())
    documents = dict(Document.objects.filter(submission=asked.submission).values_list("kind", "pk"))
    account = AccountVersion.objects.filter(submission_id=asked.submission_id).latest("version")
    with signed_in("municipality", "officer") as officer:
        seen = page(officer.get(place))
        assert WORDING in seen and "D12" in seen and "名簿" in seen
        assert ASKED not in seen and "審査 ふたば" not in seen[: seen.index("閲覧")]
        assert account.number[-3:] not in seen.split("振込先口座")[-1] and "振込先口座" not in seen
        assert "申請者" not in seen, "the application was not chosen"
        assert (
            f"document/{documents['identity']}/" in seen and f"document/{documents['account']}/" not in seen
        )
        assert officer.get(f"{place}document/{documents['account']}/").status_code == 404
    assert AuditEvent.objects.filter(
        action="question.view", subject_id=asked.case_id, door="municipality"
    ).exists()


def test_an_answer_becomes_a_ruling_that_both_doors_find(day, signed_in, asked):  # noqa: F811
    with signed_in("office", "manager") as manager:
        sends(manager, asked, finding=["D12"])
    with signed_in("municipality", "officer") as officer:
        place = f"{TOWN}questions/{asked.pk}/answer/"
        without = officer.post(place, {"ruling": "grant", "text": "よい", "scope": "like"})
        assert without.status_code == 422 and "1つ以上選んで" in page(without)
        given = {
            "ruling": "grant",
            "text": "戸籍で確かめられれば支給してよい。",
            "scope": "like",
            "code": ["D12", "D43"],
        }
        done = page(officer.post(place, given | {"tier": ["T6"], "words": "旧姓の通帳"}, follow=True))
        assert "裁定第1号" in done and "業務責任者に返り" in done
    made = Ruling.objects.get()
    assert (made.codes, made.tiers, made.words) == (["D12"], ["T6"], "旧姓の通帳"), (
        "nothing that was not shown"
    )
    for door, who in (("office", "reviewer1"), ("office", "manager"), ("municipality", "viewer")):
        with signed_in(door, who) as browser:
            assert "裁定第1号" in page(browser.get(f"{TOWN}rulings/?words=旧姓 通帳"))
            assert "当てはまる裁定はありません" in page(browser.get(f"{TOWN}rulings/?words=成年後見"))
            seen = page(browser.get(f"{TOWN}rulings/{made.pk}/"))
            assert made.reason in seen and "D12" in seen
            assert ("この裁定を終える" in seen, "選んだ案件に添える" in seen) == (False, False)


def test_a_ruling_is_laid_noted_and_ended_from_its_page(day, signed_in, asked):  # noqa: F811
    with signed_in("office", "manager") as manager:
        sends(manager, asked, finding=["D12"])
    with signed_in("municipality", "officer") as officer:
        given = {"ruling": "grant", "text": "支給してよい。", "scope": "like", "code": ["D12"]}
        officer.post(f"{TOWN}questions/{asked.pk}/answer/", given)
    made = Ruling.objects.get()
    other = Task.objects.filter(state="open").exclude(case_id=asked.case_id).earliest("pk")
    Finding.objects.create(
        submission_id=other.submission_id, case_id=other.case_id, code="D12", field="holder_kana", severity="look",
        evidence={"tier": "T6"}, at=day.at,
    )  # fmt: skip
    place = f"{TOWN}rulings/{made.pk}/"
    with signed_in("office", "reviewer1") as reviewer:
        assert "選んだ案件に添える" in page(reviewer.get(place))
        done = page(reviewer.post(place, {"do": "apply", "chosen": [other.case_id]}, follow=True))
        assert "1件に裁定第1号を添え" in done and "添えました" in done
        assert reviewer.post(place, {"do": "end", "why": "x"}).status_code == 403
        reviewer.post(f"{TOWN}review/next/")
        held = Task.objects.get(state="held", claimed_by__username="reviewer1")
        Task.objects.filter(pk=held.pk).update(submission_id=other.submission_id, case_id=other.case_id)
        desk = page(reviewer.get(f"{TOWN}review/task/{held.pk}/"))
        assert (
            "裁定第1号" in desk and "この案件に添えた裁定" in desk and day.staff["officer"].name not in desk
        )
    with signed_in("municipality", "officer") as officer:
        noted = {"do": "note", "place": "severity", "code": "D12", "severity": "note"}
        assert "候補に加えました" in page(officer.post(place, noted, follow=True))
        assert "裁定第1号" in page(officer.get(f"{TOWN}rulings/candidates/"))
        assert "終えました" in page(officer.post(place, {"do": "end", "why": "要綱の改正"}, follow=True))
        officer.post(f"{TOWN}rulings/candidates/", {"drop": VersionCandidate.objects.get().pk})
    assert VersionCandidate.objects.get().dropped_at is not None
    assert Ruling.objects.get().ended_why == "要綱の改正"


def test_the_manager_answers_by_a_ruling_gives_back_and_reminds(day, signed_in, asked):  # noqa: F811
    with signed_in("office", "manager") as manager:
        back = page(
            manager.post(
                f"{TOWN}questions/{asked.pk}/",
                {"do": "back", "words": "名簿の旧氏の欄を見てください。"},
                follow=True,
            )
        )
        assert "審査に戻しました" in back
        first = Question.objects.get(state="sent")
        assert "督促しました" in page(
            manager.post(f"{TOWN}questions/{first.pk}/", {"do": "remind"}, follow=True)
        )
        again = manager.post(f"{TOWN}questions/{first.pk}/", {"do": "remind"})
        assert again.status_code == 422 and "今日はもう" in page(again)
    with signed_in("municipality", "officer") as officer:
        assert "督促 1回" in page(officer.get(f"{TOWN}questions/"))
    asked.refresh_from_db()
    assert asked.state == "given_back"


def test_people_are_seen_by_their_own_side_and_deputies_and_successors_are_named(day, signed_in):  # noqa: F811
    pk = {one.username: one.pk for one in Staff.objects.all()}
    today = localdate().isoformat()
    with signed_in("office", "reviewer1") as reviewer:
        assert reviewer.get(f"{TOWN}people/").status_code == 403
    with signed_in("municipality", "viewer") as viewer:
        seen = page(viewer.get(f"{TOWN}people/"))
        assert "市役所 きめる" in seen and "代理を決める" not in seen
        assert viewer.post(f"{TOWN}people/", {"do": "deputy"}).status_code == 403
    with signed_in("office", "manager") as manager:
        seen = page(manager.get(f"{TOWN}people/"))
        assert "審査 ひとみ" in seen and "市役所 きめる" not in seen
        values = {"do": "deputy", "from_on": today, "until_on": today, "reason": "休暇"}
        nobody = manager.post(f"{TOWN}people/", values | {"absent": pk["maker"]})
        assert nobody.context["errors"] == [
            {"target": "deputy", "sentence": "「代理の人」を選んでください。"}
        ]
        timeless = values | {"absent": pk["maker"], "deputy": pk["clerk"], "until_on": ""}
        (said,) = manager.post(f"{TOWN}people/", timeless).context["errors"]
        assert said == {"target": "until_on", "sentence": "「終わりの日」を入れてください。"}
        wrong = manager.post(f"{TOWN}people/", values | {"absent": pk["maker"], "deputy": pk["approver"]})
        assert wrong.status_code == 422 and "一人が兼ねる" in page(wrong)
        done = manager.post(
            f"{TOWN}people/", values | {"absent": pk["manager"], "deputy": pk["approver"]}, follow=True
        )
        assert "代理です" in page(done)
        city = manager.post(f"{TOWN}people/", values | {"absent": pk["officer"], "deputy": pk["officer2"]})
        assert city.status_code == 422, "people of the other side cannot be named"
        note = {
            "do": "succeed",
            "leaver": pk["reviewer1"],
            "successor": pk["reviewer2"],
            "note": "旧姓の通帳は裁定を見る。",
        }
        assert "引き継ぎました" in page(manager.post(f"{TOWN}people/", note, follow=True))
        assert manager.get(f"{TOWN}people/{pk['officer']}/").status_code == 404
        sheet = page(manager.get(f"{TOWN}people/{pk['reviewer1']}/"))
    assert "旧姓の通帳は裁定を見る。" in sheet and "審査を待つ申請" in sheet and "申請期限" in sheet
    assert re.search(r"決定一覧 \d+: 支給", sheet) and "最近14日間に決まったこと" in sheet
    assert Deputy.objects.count() == Succession.objects.count() == 1
    with signed_in("office", "approver") as approver:
        assert "自治体の回答待ち" in page(approver.get(f"{TOWN}questions/?state=sent")), (
            "acts for the manager today"
        )


def test_what_is_with_nobody_stands_on_the_first_page(day, signed_in):  # noqa: F811
    day.list_made()
    Staff.objects.filter(username="officer").update(is_active=False)
    with signed_in("municipality", "officer2") as officer:
        assert "担当者のいない仕事" not in page(officer.get(TOWN))
    claim_next(programme=day.programme, actor=day.staff["reviewer1"], at=timezone.now())
    Staff.objects.filter(username="reviewer1").update(is_active=False)
    with signed_in("office", "manager") as manager:
        seen = page(manager.get(TOWN))
    assert "担当者のいない仕事" in seen and "審査 ひとみさん（退任）" in seen


@pytest.mark.parametrize(
    ("door", "who", "place", "most"),
    [
        ("office", "manager", "questions/?state=", 12),
        ("office", "manager", "rulings/", 12),
        ("municipality", "officer", "questions/?state=", 12),
        ("municipality", "officer", "rulings/", 12),
    ],
)
def test_the_pages_ask_few_questions_of_the_database(day, signed_in, door, who, place, most):  # noqa: F811
    with signed_in(door, who) as browser, CaptureQueriesContext(connection) as asked_of:
        assert browser.get(TOWN + place).status_code == 200
    assert len(asked_of) <= most, [one["sql"][:90] for one in asked_of]


def test_a_change_that_the_table_leaves_open_is_answered_at_the_municipalitys_own_page(day, signed_in):  # noqa: F811
    """From the office's list to the officer's ruling; before it was sent the municipality sees no question, a viewer no form."""
    case = Case.objects.filter(programme=day.programme, standing__stage="in_review").order_by("pk")[0]
    change = LaterChange.objects.create(
        programme=day.programme, case=case, person_id=case.recipient.head_id, event="moved_out", who="head",
        phase="after_application", rule="ask", found_at=day.at, state="waiting", waits_for="municipality",
    )  # fmt: skip
    ask_about_changes(programme=day.programme, actor=SYSTEM, at=timezone.now())
    question = Question.objects.get(change=change)
    words = "転出した世帯主に支給してよいでしょうか。"
    with signed_in("municipality", "officer") as officer:
        assert "事務局からの照会はありません" in page(officer.get(f"{TOWN}changes/{change.pk}/"))
    with signed_in("office", "manager") as manager:
        assert "自治体の裁定が、この異動の扱いを決めます" in page(
            manager.get(f"{TOWN}roll/changes/{change.pk}/")
        )
        shown = page(manager.get(f"{TOWN}questions/{question.pk}/"))
        assert "ほかに世帯員がいる世帯主" in shown and "自治体に見せるもの" not in shown
        assert sends(manager, question, wording=words).status_code == 302
    with signed_in("municipality", "viewer") as viewer:
        seen = page(viewer.get(f"{TOWN}changes/{change.pk}/"))
        assert words in seen and case.recipient.head.name in seen and "判断できるのは担当課職員です" in seen
        assert (
            viewer.post(f"{TOWN}changes/{change.pk}/decide/", {"then": "pay", "why": "x"}).status_code == 403
        )
    with signed_in("municipality", "officer") as officer:
        assert f"/changes/{change.pk}/" in page(officer.get(f"{TOWN}questions/"))
        moved = officer.get(f"{TOWN}questions/{question.pk}/")
        assert (moved.status_code, moved.url.endswith(f"/changes/{change.pk}/")) == (302, True)
        place = f"{TOWN}changes/{change.pk}/decide/"
        refused = officer.post(place, {"then": "pay", "why": "", "scope": "like"})
        assert refused.status_code == 422 and "理由を書いてください" in page(refused)
        assert (
            officer.post(place, {"then": "pay", "why": "要綱第5条による。", "scope": "like"}).status_code
            == 302
        )
        ruling = Ruling.objects.get(question=question)
        assert "転出（申請の後、決定より前）の案件すべて" in page(officer.get(f"{TOWN}rulings/{ruling.pk}/"))
        done = page(officer.get(f"{TOWN}changes/{change.pk}/"))
        assert "要綱第5条による" in done and "回答する（裁定）" not in done
    change.refresh_from_db()
    assert (change.outcome, change.order) == ("pay", ruling.title)


def test_without_a_question_the_officer_decides_by_a_number(day, signed_in):  # noqa: F811
    cases = list(Case.objects.filter(programme=day.programme, standing__stage__in=["listed", "invited"])[:6])
    changes = [
        LaterChange.objects.create(
            programme=day.programme, case=case, person_id=case.recipient.head_id, event="died", who="head",
            phase="before_application", rule="new_head", found_at=day.at, state="waiting", waits_for="successor",
        )
        for case in cases
    ]  # fmt: skip
    with signed_in("municipality", "officer") as officer:
        assert "基準日の後の異動" in page(officer.get(TOWN))
        counts = []
        for state in ("waiting", "done"):
            with CaptureQueriesContext(connection) as queries:
                assert officer.get(f"{TOWN}changes/?state={state}").status_code == 200
            counts.append(len(queries))
        assert counts[0] <= counts[1] + 1
        place = f"{TOWN}changes/{changes[0].pk}/decide/"
        missing = officer.post(place, {"then": "pay"}).content.decode()
        summary = missing[
            missing.index('id="error-summary"') : missing.index("</ul>", missing.index('id="error-summary"'))
        ]
        assert summary.count("決裁番号を入力してください") == 1, (
            "each thing once, whichever way the page tells it"
        )
        assert officer.post(place, {"then": "pay", "order": "福祉第7号"}).status_code == 302
    changes[0].refresh_from_db()
    assert (changes[0].outcome, changes[0].order) == ("pay", "福祉第7号")
