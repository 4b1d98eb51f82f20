"""What is handed back at the end: readable without our software, complete, and accepted only as it was made."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from todoku.case.tables import Case
from todoku.custody import files
from todoku.handback.accept import CannotAccept, accept
from todoku.handback.hand_over import CannotHandOver, SheetsOutside, hand_over
from todoku.handback.make_hand_back import HandBackUnderWay, make_hand_back
from todoku.handback.tables import HandBack, HandBackBox
from todoku.incident.open_incident import open_incident
from todoku.incident.tables import Incident
from todoku.intake.tables import KeyTask
from todoku.mailroom.carry import carry
from todoku.mailroom.close_difference import close_difference
from todoku.mailroom.give_container import give_container
from todoku.mailroom.tables import Container, Difference, Sheet, SheetMove, UnplacedPaper, Valuable
from todoku.mailroom.take_container import CannotTake, take_container
from todoku.payment.tables import Transfer
from todoku.people.actor import Actor
from todoku.review.tables import Verdict
from todoku.scan.tables import ScanPage

MANAGER = Actor(1, "業務責任者", frozenset({"manager"}))
CLERK = Actor(3, "受付担当", frozenset({"clerk"}))
OFFICER = Actor(2, "担当課職員", frozenset({"city_officer"}), organisation="municipality")


@pytest.fixture(autouse=True)
def ended(busy_town):
    """The town leaves work to whoever opens it; before paper is handed back it is ended."""
    at, here = timezone.now(), {"programme": busy_town}
    UnplacedPaper.objects.filter(**here, state__in=["waiting", "proposed"]).update(
        state="sent_back", closed_at=at, closed_by="係", why_closed="差出人へ"
    )
    Valuable.objects.filter(**here, returned_on=None).update(
        returned_on=at.date(), mail_number="13112383852", returned_id=1, return_witness_id=3
    )
    KeyTask.objects.filter(**here).exclude(state__in=["done", "void"]).update(state="void", done_at=at)
    Incident.objects.filter(**here).exclude(state="closed").update(
        state="closed", first_report="第一報", reported_at=at, closed_at=at, cause="原因", measure="再発防止"
    )
    for one in Difference.objects.filter(programme=busy_town).exclude(state="explained"):
        close_difference(one, explanation="二度読み取った用紙でした。", actor=MANAGER, at=timezone.now())


@pytest.fixture
def made(busy_town):
    return make_hand_back(programme=busy_town, actor=MANAGER, at=timezone.now())


@pytest.fixture
def opened(made):
    with zipfile.ZipFile(files.inside(made.parcel.path)) as archive:
        yield archive


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src")]


def _to_the_municipality(box, sheets, at):
    """Given by the office, taken by an officer there, and by nobody of the office."""
    given = give_container(box, to="municipality", stated=sheets, actor=MANAGER, at=at)
    with pytest.raises(CannotTake, match="自治体の画面"):
        take_container(given, found=sheets, actor=CLERK, at=at)
    take_container(given, found=sheets, actor=OFFICER, at=at)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_index_names_every_case_once_with_what_it_was_paid(busy_town, made, opened):
    index = rows(opened.read("index.csv"))
    numbers = [row["番号"].replace("-", "") for row in index]
    assert numbers == sorted(Case.objects.filter(programme=busy_town).values_list("number", flat=True))
    settled = Transfer.objects.filter(programme=busy_town, state="settled")
    assert sum(int(row["支給済額（円）"]) for row in index) == sum(one.amount_yen for one in settled) > 0
    assert made.cases == len(index)
    beside = set(Case.objects.filter(programme__rehearsal_of=busy_town).values_list("number", flat=True))
    assert beside.isdisjoint(numbers) and not any(
        number in name for number in beside for name in opened.namelist()
    )
    said = opened.read("index.html").decode()
    assert (f"架空の案件 {len(beside)}" in said) == bool(beside)


def test_every_file_has_the_digest_that_is_listed(opened):
    listed = dict(line.split("  ")[::-1] for line in opened.read("SHA256SUMS").decode().splitlines())
    names = set(opened.namelist()) - {"SHA256SUMS"}
    assert set(listed) == names
    for name in sorted(names)[::17]:
        assert hashlib.sha256(opened.read(name)).hexdigest() == listed[name], name


def test_scanned_pages_are_in_the_bundle_as_they_are_kept(busy_town, opened):
    pages = list(
        ScanPage.objects.filter(programme=busy_town, case__isnull=False, state__in=["read", "attached"])
    )
    assert pages
    for page in pages:
        number = page.case.number
        name = f"cases/{number[:4]}/{number}/scan-{page.lot_id}-{page.no}.jpg"
        assert hashlib.sha256(opened.read(name)).hexdigest() == page.sha256 != page.pixels_sha256


def test_every_link_stays_in_the_folder_and_leads_to_a_file(opened):
    names = set(opened.namelist())
    assert Links(opened.read("index.html")).found[0] == "index/00001.html"
    for page in [name for name in names if name.endswith(".html")][:60]:
        for link in Links(opened.read(page)).found:
            parts = (page.rsplit("/", 1)[0] + "/" + link if "/" in page else link).split("/")
            while ".." in parts:
                at = parts.index("..")
                del parts[at - 1 : at + 1]
            assert "/".join(parts) in names, f"{page} leads to {link}"


def test_a_bundle_tells_the_whole_way_of_a_paid_case(busy_town, opened):
    paid = Transfer.objects.filter(
        programme=busy_town, state="settled", case__submissions__channel="paper"
    ).first()
    judged = Verdict.objects.filter(case=paid.case, undone_at__isnull=True).first()
    folder = f"cases/{paid.case.number[:4]}/{paid.case.number}"
    events = rows(opened.read(f"{folder}/events.csv"))
    kinds = [event["種類"] for event in events]
    assert {"段階", "手紙", "申請", "口座", "審査", "決定", "支払", "帳簿"} <= set(kinds)
    assert [event["日時"] for event in events] == sorted(event["日時"] for event in events)
    assert judged.staff.name in {event["担当"] for event in events if event["種類"] == "審査"}
    assert any(paid.number in event["内容"] and "SHA-256" in event["詳細"] for event in events)


def test_it_is_accepted_with_its_own_counts_and_digest_alone(made):
    at = timezone.now()
    right = {
        "cases_found": made.cases,
        "boxes_found": 0,
        "sampled": 3,
        "sha256": made.parcel.sha256,
        "comment": "",
    }
    with pytest.raises(CannotAccept, match="検収できません"):
        accept(made, accepted=True, **right, actor=OFFICER, at=at)
    for left_to, why in (("", ""), ("next", " "), ("", "審査中")):
        with pytest.raises(SheetsOutside, match="箱に入れ、納品物を作り直して") as refused:
            hand_over(made, left_to=left_to, why=why, actor=MANAGER, at=at)
    lying = Sheet.objects.filter(programme=made.programme, voided_at=None).exclude(
        container__station="returned"
    )
    assert f"用紙が{lying.count():,}枚" in refused.value.sentence and HandBack.objects.get().state == "made"
    told = hand_over(made, left_to="next", why="審査中のトレーです", actor=MANAGER, at=at).note
    made.refresh_from_db()
    assert "次の納品に入れる" in told, "trays still stand in the office"
    assert (made.left_sheets, made.left_why) == (lying.count(), "審査中のトレーです")
    with pytest.raises(HandBackUnderWay):
        make_hand_back(programme=made.programme, actor=MANAGER, at=at)
    for wrong in ({"cases_found": made.cases - 1}, {"boxes_found": 1}, {"sampled": 0}, {"sha256": "0" * 64}):
        with pytest.raises(CannotAccept) as refused:
            accept(made, accepted=True, **{**right, **wrong}, actor=OFFICER, at=at)
        assert f"{made.cases:,}件" not in refused.value.sentence
    accept(made, accepted=True, **right, actor=OFFICER, at=at)
    made.refresh_from_db()
    assert (made.state, made.acceptance.actor_name, made.acceptance.sampled) == ("accepted", "担当課職員", 3)
    # Paper that comes later goes with a further delivery.
    assert make_hand_back(programme=made.programme, actor=MANAGER, at=at).no == made.no + 1
    for change in ({"cases": 1}, {"parcel": None}, {"state": "handed"}, {"left_why": "別の理由"}):
        with (
            pytest.raises(IntegrityError, match="a_hand_back_is_only_advanced"),
            transaction.atomic(),
        ):
            HandBack.objects.filter(pk=made.pk).update(**change)


def test_a_refused_one_says_why_and_is_made_anew_with_its_boxes(busy_town):
    at = timezone.now()
    box = Container.objects.create(
        programme=busy_town, code="B9001", kind="box", station="store", sealed_at=at, made_at=at, made_by="係"
    )

    first = make_hand_back(programme=busy_town, actor=MANAGER, at=at)
    with pytest.raises(CannotHandOver, match="B9001"):
        hand_over(first, actor=MANAGER, at=at)
    _to_the_municipality(box, 0, at)
    hand_over(first, left_to="next", why="審査中", actor=MANAGER, at=at)
    found = {"cases_found": 0, "boxes_found": 0, "sampled": 0, "sha256": ""}
    with pytest.raises(CannotAccept, match="理由"):
        accept(first, accepted=False, **found, comment=" ", actor=OFFICER, at=at)
    accept(first, accepted=False, **found, comment="箱のラベルが違います。", actor=OFFICER, at=at)
    # The box stays where it is: it goes with the next one.
    second = make_hand_back(programme=busy_town, actor=MANAGER, at=at + timedelta(hours=1))
    assert (second.no, HandBack.objects.get(pk=first.pk).state) == (2, "refused")
    assert list(HandBackBox.objects.filter(hand_back=second).values_list("container__code", flat=True)) == [
        "B9001"
    ]


def test_nothing_goes_while_a_difference_is_open(busy_town, made):
    Difference.objects.create(
        programme=busy_town, subject_kind="bag", subject_id=1, between="封書", stated=3, found=2, owner_id=1,
        owner_name="係", opened_at=timezone.now(), opened_by="係",
    )  # fmt: skip
    with pytest.raises(CannotHandOver, match="差異"):
        hand_over(made, actor=MANAGER, at=timezone.now())
    assert HandBack.objects.get(pk=made.pk).state == "made"


def test_nothing_goes_while_paper_work_or_an_incident_is_open(busy_town, made):
    at = timezone.now()
    task = KeyTask.objects.filter(programme=busy_town, state="done").first()
    KeyTask.objects.filter(pk=task.pk).update(state="aside")
    open_incident(
        programme=busy_town, kind="lost", what="トレー1個を探しています。", found_at=at, actor=MANAGER, at=at
    )
    with pytest.raises(CannotHandOver) as refused:
        hand_over(made, actor=MANAGER, at=at)
    assert "入力が終わっていない申請書が1件" in refused.value.sentence
    assert "終わっていない事故が1件" in refused.value.sentence


def test_a_box_that_was_changed_after_the_making_is_found_at_the_hand_over(busy_town):
    at = timezone.now()
    box = Container.objects.create(
        programme=busy_town, code="B9002", kind="box", station="store", sealed_at=at, made_at=at, made_by="係"
    )
    made = make_hand_back(programme=busy_town, actor=MANAGER, at=at)
    carry(box, to="review", stated=0, found=0, second=CLERK, actor=MANAGER, at=at)
    sheet = Sheet.objects.filter(
        programme=busy_town, voided_at=None, container__sealed_at=None, container__inside=None
    ).first()
    SheetMove.objects.create(
        sheet=sheet, from_container=sheet.container, from_position=sheet.position, to_container=box, to_position=1,
        why="あとから入れた", at=at, actor_name="係",
    )  # fmt: skip
    Sheet.objects.filter(pk=sheet.pk).update(container=box, position=1)
    _to_the_municipality(box, 1, at)
    with pytest.raises(CannotHandOver, match="B9002 の用紙の枚数"):
        hand_over(made, actor=MANAGER, at=at)
    assert HandBack.objects.get(pk=made.pk).state == "made"


def test_two_that_are_made_at_once_leave_one_and_its_file_is_whole(busy_town):
    inner = []

    def meanwhile(done: int, total: int | None) -> None:
        if not inner:
            inner.append(make_hand_back(programme=busy_town, actor=MANAGER, at=timezone.now()))

    with pytest.raises(HandBackUnderWay, match="この間に"):
        make_hand_back(programme=busy_town, actor=MANAGER, at=timezone.now(), progress=meanwhile)
    made = HandBack.objects.get()
    data = files.inside(made.parcel.path).read_bytes()
    assert made == inner[0] and hashlib.sha256(data).hexdigest() == made.parcel.sha256
