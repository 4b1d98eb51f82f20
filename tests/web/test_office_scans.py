"""The desks of scans and keying as requests: who may, what an upload starts, what is recorded, whose figures are shown."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.timezone import localdate

from tests.open_today import open_today
from tests.scanned import filled, jpeg, note, printed
from tests.web.office import Desk, do_long_work, looks, text_of, toasts_of
from todoku.intake.claim_key_task import claim_tasks
from todoku.intake.key_form import key_first, key_second
from todoku.intake.tables import Keying, KeyTask, Submission
from todoku.mailroom.tables import Difference
from todoku.people.actor import Actor
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation, Staff
from todoku.registry.tables import Member, Person
from todoku.review.documents import kinds_of
from todoku.review.screen import screen
from todoku.review.tables import Task
from todoku.scan.tables import ScanLot, ScanPage
from todoku.web.office.keying_form import Choice
from todoku.web.office.keying_page import team_figures
from todoku.web.office.proof_form import CHOOSE, SAME_TWICE

TYPED = {
    "members_corrected": "0", "bank": "0005", "branch": "001", "kind": "1", "account_number": "1234567",
    "yucho_symbol": "", "yucho_number": "", "holder_kana": "ヤマダ タロウ", "signed": "1", "applicant_is_recipient": "1",
    "phone": "0450000000", "identity_evidence": "clear", "identity_kind": "driving_licence", "identity_on": "",
    "account_evidence": "clear",
}  # fmt: skip


@pytest.fixture
def room(town, at_door):
    """The office's door, and three files of a scanner: two forms and a note between them."""
    programme = open_today(town.programme)
    run = printed(programme, 2)
    first, second = (jpeg(filled(one, run.boxes[1])) for one in run.forms())
    with at_door("office"):
        seat = Desk("clerk")
        seat.programme = programme
        seat.files = [("1.jpg", first), ("2.jpg", jpeg(note("免許証"))), ("3.jpg", second)]
        yield seat


def _upload(seat, **values):
    files = [SimpleUploadedFile(name, data, content_type="image/jpeg") for name, data in seat.files]
    lot = {"name": "束1", "arrived_on": f"{localdate():%m%d}", "stated_sheets": "4", "scans": files}
    return seat.post("scan/receive/", lot | values)


def test_an_upload_is_read_as_long_work_and_its_counts_are_seen(room):
    assert "まだありません" in text_of(room.get("scan/"))
    assert _upload(room).status_code == 302
    assert do_long_work().state == "done"
    lot = ScanLot.objects.get()
    assert (lot.pages, KeyTask.objects.count()) == (3, 2)
    assert Difference.objects.get().subject_id == lot.pk, "four sheets were counted, three pages read"
    page = text_of(room.get(f"scan/lot/{lot.pk}/"))
    assert "添付" in page and "束1" in text_of(room.get("scan/"))
    again = _upload(room, name="束2")
    assert again.status_code == 422 and "取り込み済み" in text_of(again)
    empty = room.post("scan/receive/", {"name": "", "arrived_on": ""})
    assert empty.status_code == 422 and "束の名前を入力" in text_of(empty)
    assert room.get("scan/look/").status_code == 200 and room.get("keying/").status_code == 200


def test_only_who_takes_scans_and_keys_sees_the_pictures_and_one_look_is_recorded(room):
    _upload(room)
    do_long_work()
    page = ScanPage.objects.get(no=1)
    for _ in range(2):
        answer = room.get(f"keying/picture/{page.pk}/")
        assert answer.status_code == 200 and b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert [one.subject_id for one in looks("scan.page")] == [page.case_id]
    reviewer = Desk("reviewer")
    for where in ("scan/", "keying/", "keying/first/", f"keying/picture/{page.pk}/", "scan/look/"):
        assert reviewer.get(where).status_code == 403, where


def test_papers_under_protection_are_shown_and_dealt_to_named_staff_alone(room):
    _upload(room)
    do_long_work()
    page = ScanPage.objects.get(no=1)
    member = Member.objects.filter(recipient=page.case.recipient).last()
    Person.objects.filter(pk=member.person_id).update(protected=True)
    ScanPage.objects.filter(pk=page.pk).update(state="look")
    task = KeyTask.objects.get(case=page.case)
    shown = room.get("keying/first/").content.decode()
    assert f"keying/first/{task.pk}/" not in shown and f"picture/{page.pk}/" not in shown
    for where in (f"keying/picture/{page.pk}/", f"scan/look/?page={page.pk}"):
        assert room.get(where).status_code == 403, where
    assert f"picture/{page.pk}/" not in room.get("scan/look/").content.decode()
    assert not looks("scan.page"), "nothing was seen"
    assert Desk("reviewer").get(f"review/scan/{page.pk}/").status_code == 403
    manager = Desk("manager")
    for where in (f"keying/picture/{page.pk}/", f"review/scan/{page.pk}/", f"scan/look/?page={page.pk}"):
        answer = manager.get(where)
        assert answer.status_code == 200 and b"".join(answer), where
    assert f"keying/first/{task.pk}/" in manager.get("keying/first/").content.decode()


def test_a_page_without_script_keys_one_form_after_the_other(room):
    _upload(room)
    do_long_work()
    shown = room.get("keying/first/")
    task = KeyTask.objects.order_by("pk").first()
    assert f"keying/first/{task.pk}/" in shown.content.decode() and b"data-offer" in shown.content
    typed = TYPED | {"arrived_on": f"{localdate():%m%d}", "applied_on": "", "postmark_on": ""}
    faulty = room.post(f"keying/first/{task.pk}/", typed | {"account_number": "12345x7"})
    assert faulty.status_code == 422 and "数字で入力してください" in text_of(faulty)
    late = room.post(
        f"keying/first/{task.pk}/",
        typed | {"arrived_on": f"{localdate() + timedelta(days=1):%Y%m%d}"},
    )
    assert late.status_code == 422 and "今日より後" in text_of(late)
    kept = room.post(f"keying/first/{task.pk}/", typed)
    assert kept.status_code == 302
    shown = room.get("keying/first/")
    assert "保存しました" in toasts_of(shown) and f"keying/first/{task.pk}/" not in shown.content.decode()
    assert room.post(f"keying/undo/{task.pk}/").status_code == 302
    task.refresh_from_db()
    assert task.state == "first"
    aside = room.post(f"keying/first/{task.pk}/aside/", {"why": "読めない"})
    assert aside.status_code == 302 and "読めない" in text_of(room.get("keying/"))


def test_a_team_sees_its_own_figures_and_the_manager_sees_all(room):
    _upload(room)
    do_long_work()
    other = Organisation.objects.create(name="もう一つの会社", kind="office")
    enrol("elsewhere", name="別の 担当", organisation=other, roles=("clerk",), password="todoku-tests-2026")
    elsewhere = Actor(Staff.objects.get(username="elsewhere").pk, "別の 担当", frozenset({"clerk"}))
    here = Actor(room.staff.pk, room.staff.name, frozenset({"clerk"}))
    at = timezone.now()
    (task,) = claim_tasks("first", programme=room.programme, actor=here, at=at, most=1)
    typed = TYPED | {"arrived_on": f"{localdate()}"}
    key_first(task.pk, typed, actor=here, at=at, started_at=at - timedelta(seconds=40))
    at += timedelta(minutes=2)
    (same,) = claim_tasks("second", programme=room.programme, actor=elsewhere, at=at, most=1)
    assert same.pk == task.pk
    key_second(task.pk, TYPED, actor=elsewhere, at=at, started_at=at - timedelta(seconds=10))
    assert Submission.objects.count() == 1
    (own,) = team_figures(room.programme, here, localdate())
    assert (own["count"], own["seconds"], own["per_hour"]) == (1, None, None), (
        "nobody's seconds are shown alone"
    )
    for name in ("san", "yon"):
        who = enrol(
            name,
            name=name,
            organisation=room.staff.organisation,
            roles=("clerk",),
            password="todoku-tests-2026",
        )
        other_task = KeyTask.objects.exclude(pk=task.pk).first()
        Keying.objects.create(
            task=other_task, round={"san": 1, "yon": 2}[name], staff_id=who.pk, actor_name=name, values={},
            started_at=at - timedelta(seconds=40), finished_at=at,
        )  # fmt: skip
    (own,) = team_figures(room.programme, here, localdate())
    assert (own["people"], own["seconds"], own["per_hour"]) == (3, 40, 90)
    (theirs,) = team_figures(room.programme, elsewhere, localdate())
    assert theirs["name"] == "もう一つの会社" and theirs["per_hour"] is None
    manager = Desk("manager")
    both = team_figures(room.programme, Actor(manager.staff.pk, "責任", frozenset({"manager"})), localdate())
    assert len(both) == 2


def test_a_scanned_form_is_seen_at_the_review_desk(room):
    _upload(room)
    do_long_work()
    here = Actor(room.staff.pk, room.staff.name, frozenset({"clerk"}))
    at = timezone.now()
    (task,) = claim_tasks("first", programme=room.programme, actor=here, at=at, most=1)
    key_first(
        task.pk, TYPED | {"arrived_on": f"{localdate()}", "identity_evidence": "unclear"}, actor=here, at=at
    )
    manager = Desk("manager")
    KeyTask.objects.filter(pk=task.pk).update(claimed_id=manager.staff.pk, claimed_at=at)
    key_second(task.pk, TYPED, actor=Actor(manager.staff.pk, "責任", frozenset({"manager"})), at=at)
    screen(programme=room.programme, actor=here, at=at)
    reviewer = Desk("reviewer")
    review = Task.objects.get()
    Task.objects.filter(pk=review.pk).update(
        state="held", claimed_by_id=reviewer.staff.pk, claimed_at=timezone.now()
    )
    shown = reviewer.get(f"review/task/{review.pk}/").content.decode()
    pages = ScanPage.objects.filter(case=task.case).order_by("no")
    assert len(pages) == 2 and all(f"review/scan/{page.pk}/" in shown for page in pages)
    picture = reviewer.get(f"review/scan/{pages[0].pk}/")
    assert picture.status_code == 200 and b"".join(picture.streaming_content)[:2] == b"\xff\xd8"
    picture.close()
    assert Desk("print_operator").get(f"review/scan/{pages[0].pk}/").status_code == 403


@pytest.mark.parametrize(
    ("picked", "refused"),
    [
        ({"pick_identity_kind": "1", "pick_second_kind": "2"}, {"pick_second_kind": [SAME_TWICE]}),
        ({"pick_identity_kind": "3", "pick_second_kind": "1"}, {"other_identity_kind": [CHOOSE]}),
        ({"pick_identity_kind": "1", "pick_second_kind": "1"}, {}),
        ({"pick_identity_kind": "3", "other_identity_kind": "unclear", "pick_second_kind": "2"}, {}),
    ],
)
def test_the_third_look_names_no_paper_twice_and_leaves_none_unsaid(picked, refused):
    first = {"identity_kind": "pension_book", "second_kind": "membership_card"}
    second = {"identity_kind": "membership_card", "second_kind": "pension_book"}
    differing = ("identity_kind", "second_kind")
    chosen = Choice(picked, first=first, second=second, differing=differing, kinds=kinds_of(()))
    assert chosen.errors == refused
