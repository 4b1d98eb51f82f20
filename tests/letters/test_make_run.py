"""A run of the whole sample town: reserved, printed, read back; then released, counted, posted, and some come back."""

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.letters.finished import Finished, squeezed
from tests.proofs import proofed
from tests.town_fixture import ASSETS, AT, MANAGER, PRINTER, Made, standing
from todoku.case.stages import INVITED, LISTED
from todoku.case.tables import Case, CaseEvent, CaseStage
from todoku.custody import files
from todoku.formats.codes import printed_number
from todoku.letters.dispatch import CannotDispatch, CountsDiffer, dispatch
from todoku.letters.make_run import LetterItem, make_form_run, make_letter_run, make_notice_run
from todoku.letters.release import CannotRelease, release
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import Letter, PrintRun, Undelivered
from todoku.letters.undelivered import CannotRecord, record_undelivered
from todoku.letters.waiting import set_aside, withheld
from todoku.programme.tables import Programme
from todoku.registry.tables import Person
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.sheet_codes import read_payload
from todoku.sheets.wording import complete

POSTED = date(2026, 11, 24)


@pytest.fixture
def programme(fonts_dir: Path, town):
    return town.programme


@pytest.fixture(scope="session")
def printed_database(fonts_dir: Path, town_database, populated, tmp_path_factory):
    """The sample town with the forms of all its cases printed."""
    folder = tmp_path_factory.mktemp("printed")
    shutil.copytree(town_database.folder, folder, dirs_exist_ok=True)
    (folder / "assets").symlink_to(ASSETS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        name = populated(
            lambda: make_form_run(programme=Programme.objects.get(), actor=PRINTER, at=AT),
            of=town_database.database,
        )
    return Made(name, folder)


@pytest.fixture
def run(printed_database, cloned, var_folder):
    with standing(printed_database, cloned, var_folder):
        yield PrintRun.objects.select_related("programme__municipality", "pdf", "manifest").get()


def manifest_of(run):
    text = files.read(run.manifest.path).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def release_and_post(run):
    release(proofed(run), actor=MANAGER, at=AT)
    return dispatch(run, posted_on=POSTED, counted=run.pieces, actor=PRINTER, at=AT)


def test_letters_pages_manifest_and_file_agree(run):
    programme = run.programme
    lines = manifest_of(run)
    assert run.state == "made"
    assert run.pieces == len(lines) == Letter.objects.filter(run=run).count() == run.pdf.record_count
    assert run.pages == sum(int(line["pages"]) for line in lines) == len(Finished(files.inside(run.pdf.path)))
    waiting = Case.objects.filter(programme=programme).count()
    assert run.pieces + len(set_aside(programme, kind="form", cohort="apply")) == waiting
    codes = [line["postal_code"] for line in lines]
    assert codes == sorted(codes)
    assert (run.pdf.sha256, run.pdf.size_bytes) == (
        files.sha256_of(files.inside(run.pdf.path)), files.inside(run.pdf.path).stat().st_size,
    )  # fmt: skip


def test_on_every_page_code_number_and_address_belong_together(run, fonts_dir):
    programme = run.programme
    town = programme.municipality
    words = wording_of("form", programme.terms, municipality=town.name, mayor=town.mayor_title)
    layout = compile_layout("form", complete("form", words), fonts_dir)
    first, guide = layout.on_page(1), layout.on_page(2)
    pdf = Finished(files.inside(run.pdf.path))
    heads = {
        case.number: case.recipient.head
        for case in Case.objects.filter(letters__run=run).select_related("recipient__head")
    }
    lines = manifest_of(run)
    assert len(lines) == len(heads) and {line["number"] for line in lines} == set(heads)
    for line in lines[
        ::6
    ]:  # by another reader than the product's own, which reads every page before a run is made
        number, start = line["number"], int(line["first_page"]) - 1
        for page in range(start, start + int(line["pages"])):
            boxes = first if page == start else guide
            code = read_payload(pdf.qr(page, boxes["qr"]))
            assert (code.number, code.page) == (number, page - start + 1)
            assert pdf.text_in(page, boxes["number"]).strip() == printed_number(number)
        head = heads[number]
        assert squeezed(pdf.text_in(start, first["address"])) == squeezed(head.address + head.building)


def test_protected_and_dead_are_set_aside_and_protected_have_a_run_of_their_own(run):
    programme = run.programme
    aside = {one.case_id: one.reason for one in set_aside(programme, kind="form", cohort="apply")}
    assert sorted(aside.values()) == ["head_died", "protected", "protected"]
    assert not Letter.objects.filter(case__in=aside).exists()
    assert {one.reason for one in withheld(list(aside))} == {"head_died", "protected"}
    apart = make_form_run(programme=programme, protected=True, actor=MANAGER, at=AT)
    assert apart.pieces == 2
    assert all(line["postal_code"] == "" for line in manifest_of(apart))
    protected = Person.objects.filter(headed__cases__letters__run=apart)
    assert set(protected.values_list("protected", flat=True)) == {True}


def test_nobody_is_written_to_twice(run):
    programme = run.programme
    with pytest.raises(NothingToPrint):
        make_form_run(programme=programme, actor=PRINTER, at=AT)
    assert PrintRun.objects.count() == 1


def test_a_limit_takes_the_next_in_postal_order(programme):
    first = make_form_run(programme=programme, limit=10, actor=PRINTER, at=AT)
    second = make_form_run(programme=programme, limit=10, actor=PRINTER, at=AT)
    assert first.pieces == second.pieces == 10
    codes = [line["postal_code"] for run in (first, second) for line in manifest_of(run)]
    assert codes == sorted(codes)


class Killed(Exception):
    """What a test throws from the progress call, at which a worker may really die."""


def test_a_run_that_was_killed_while_printing_is_printed_again(programme):
    def dies(done, total):
        if done:
            raise Killed

    with pytest.raises(Killed):
        make_form_run(programme=programme, actor=PRINTER, at=AT, progress=dies)
    broken = PrintRun.objects.get()
    reserved = Letter.objects.count()
    assert broken.state == "making" and broken.pdf is None and reserved
    assert not files.inside(f"print/{programme.slug}/F{broken.pk:05d}.pdf").exists()
    again = make_form_run(programme=programme, actor=PRINTER, at=AT)
    assert (again.pk, again.state, again.pieces) == (broken.pk, "made", reserved)


def test_an_amount_that_the_roll_has_changed_since_is_looked_at_first(programme):
    case = Case.objects.filter(recipient__members__person__is_head=False).order_by("pk").first()
    member = case.recipient.members.filter(person__is_head=False).first().person
    later = programme.rollimport_set.get()
    type(later).objects.filter(pk=later.pk).update(taken_at=AT + timedelta(days=3))
    Person.objects.filter(pk=member.pk).update(
        moved_in_on=programme.terms.programme.base_date + timedelta(days=1)
    )
    run = make_form_run(programme=programme, actor=PRINTER, at=AT)
    aside = {one.case_id: one.reason for one in set_aside(programme, kind="form", cohort="apply")}
    assert aside[case.pk] == "amount_changed"
    assert not Letter.objects.filter(run=run, case=case).exists()


def test_pieces_that_no_font_can_draw_are_marked_for_a_hand(run):
    marked = Letter.objects.filter(run=run).exclude(undrawable="")
    assert marked.count() == run.undrawable == 2
    assert {line["hand_work"] for line in manifest_of(run)} >= {"", "undrawable"}


# ---- release, posting, what comes back ----


def test_the_maker_does_not_release_their_own_run(run):
    with pytest.raises(CannotRelease, match="別の人"):
        release(run, actor=PRINTER, at=AT)
    with pytest.raises(CannotDispatch, match="確認"):
        dispatch(run, posted_on=POSTED, counted=run.pieces, actor=PRINTER, at=AT)
    assert release(proofed(run), actor=MANAGER, at=AT).done == run.pieces
    assert release(run, actor=MANAGER, at=AT).done == 0


def test_a_wrong_count_is_refused_and_the_right_one_invites_the_cases(run):
    release(proofed(run), actor=MANAGER, at=AT)
    with pytest.raises(CountsDiffer) as refused:
        dispatch(run, posted_on=POSTED, counted=run.pieces - 1, actor=PRINTER, at=AT)
    assert f"{run.pieces - 1}通" in refused.value.sentence and f"{run.pieces}通" in refused.value.sentence
    assert not CaseStage.objects.filter(stage=INVITED).exists()

    report = dispatch(run, posted_on=POSTED, counted=run.pieces, actor=PRINTER, at=AT)
    invited = CaseStage.objects.filter(stage=INVITED)
    assert report.done == run.pieces == invited.count()
    assert CaseEvent.objects.filter(to_stage=INVITED).count() == invited.count()
    assert CaseStage.objects.filter(stage=LISTED).count() == Case.objects.count() - run.pieces

    again = dispatch(run, posted_on=POSTED, counted=run.pieces, actor=PRINTER, at=AT)
    assert again.done == 0 and CaseEvent.objects.filter(to_stage=INVITED).count() == invited.count()
    with pytest.raises(CannotDispatch, match="発送済み"):
        dispatch(run, posted_on=POSTED + timedelta(days=1), counted=run.pieces, actor=PRINTER, at=AT)


def come_back(programme, number, returned_on=POSTED + timedelta(days=8)):
    return record_undelivered(
        number, programme=programme, reason="unknown", returned_on=returned_on, actor=PRINTER, at=AT
    )


def test_a_letter_that_came_back_is_recorded_by_its_number(run):
    programme = run.programme
    release_and_post(run)
    case = Case.objects.filter(letters__run=run).first()
    assert come_back(programme, case.printed_number).done == 1
    assert Undelivered.objects.get().letter.case_id == case.pk
    assert CaseStage.objects.get(case=case).stage == INVITED  # it stays where it stands
    assert [one.reason for one in withheld([case.pk])] == ["undelivered"]
    with pytest.raises(CannotRecord, match="すでに記録"):
        come_back(programme, case.number)


def test_a_mistyped_number_an_unposted_letter_and_an_early_day_are_refused(run):
    programme = run.programme
    case = Case.objects.filter(letters__run=run).first()
    wrong = case.number[:12] + str((int(case.number[12]) + 1) % 10)
    with pytest.raises(CannotRecord, match="検査数字"):
        come_back(programme, wrong)
    with pytest.raises(CannotRecord, match="発送した郵便がありません"):
        come_back(programme, case.number)
    release_and_post(run)
    with pytest.raises(CannotRecord, match="より前"):
        come_back(programme, case.number, POSTED - timedelta(days=1))
    assert not Undelivered.objects.exists()


# ---- the other letters ----


def test_notices_go_to_the_push_cohort_with_account_day_and_last_day(fonts_dir, push_town):
    run = make_notice_run(programme=push_town.programme, actor=PRINTER, at=AT)
    assert set(Case.objects.filter(letters__run=run).values_list("cohort", flat=True)) == {"push"}
    pdf = Finished(files.inside(run.pdf.path))
    letter = Letter.objects.filter(run=run).select_related("case__recipient__head").earliest("piece_no")
    text = squeezed(pdf.text(0))
    account = letter.case.recipient.head.knownaccount_set.get()
    assert f"{letter.case.entitlement.amount_yen:,}円" in text
    assert f"****{account.number[-3:]}" in text and account.number not in text
    report = release_and_post(run)
    assert report.done == CaseStage.objects.filter(stage=INVITED).count() == run.pieces


def test_each_cohort_that_is_invited_by_form_has_a_run_of_its_own(fonts_dir, push_town):
    runs = [make_form_run(programme=push_town.programme, actor=PRINTER, at=AT) for _ in range(2)]
    cohorts = [set(Case.objects.filter(letters__run=run).values_list("cohort", flat=True)) for run in runs]
    assert cohorts == [{"confirm"}, {"apply"}]
    texts = [squeezed(Finished(files.inside(run.pdf.path)).text(0)) for run in runs]
    assert "確認書" in texts[0] and "申請書" in texts[1]
    # An adult beside the head adds nothing to the household's sum, and the form says so without a zero.
    every = squeezed(
        "".join(Finished(files.inside(runs[0].pdf.path)).text(at) for at in range(runs[0].pages))
    )
    assert "世帯分に含む" in every and "円0円" not in every


def test_a_letter_is_written_once_per_occasion(programme):
    aside = [
        one.case_id for one in set_aside(programme, kind="form", cohort="apply") if one.reason == "protected"
    ]
    cases = list(Case.objects.exclude(pk__in=aside).order_by("pk").values_list("pk", flat=True)[:3])
    values = ("令和8年12月20日", "100,000円", "見本銀行 ****123", "12月末")
    items = [LetterItem(case, 70 + case, values) for case in [*cases, aside[0]]]
    run = make_letter_run("granted", items, programme=programme, actor=PRINTER, at=AT)
    assert run.pieces == 3  # the protected person's is not among them
    assert "見本銀行****123" in squeezed(Finished(files.inside(run.pdf.path)).text(0))
    with pytest.raises(NothingToPrint):
        make_letter_run("granted", items, programme=programme, actor=PRINTER, at=AT)
    later = [item._replace(occasion=900) for item in items[:1]]
    assert make_letter_run("granted", later, programme=programme, actor=PRINTER, at=AT).pieces == 1
    assert PrintRun.objects.count() == 2
    assert release_and_post(run).done == 3
    assert not CaseStage.objects.filter(stage=INVITED).exists()  # a decision letter invites nobody
