"""Screening: what waits is judged once, by the same rules one by one and in bulk, and every application is accounted for."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.office_day import Applicant
from todoku.case.tables import Case, CaseStage
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM
from todoku.review import checks
from todoku.review.documents import kinds_of, paper
from todoku.review.facts import gather
from todoku.review.sampling import is_sampled, sampled
from todoku.review.screen import judge_facts, sample_seed, screen
from todoku.review.tables import Finding, Proposal, Screening, Task


def test_sound_paper_goes_to_two_persons_and_sound_web_straight_through_except_the_sample(office):
    for one in office.applicants[:10]:
        office.key(office.form(one))
    for one in office.applicants[10:]:
        office.send_web(one)
    report = office.screen()
    seed, percent = sample_seed(office.programme), office.programme.terms.review.sample_percent
    sampled = {
        one.case for one in office.applicants[10:] if is_sampled(one.number, seed=seed, percent=percent)
    }
    assert (report.done, report.waiting) == (20 - len(sampled), 10 + len(sampled))
    assert Counter(Screening.objects.values_list("persons", flat=True)) == {
        2: 10,
        0: 20 - len(sampled),
        **({1: len(sampled)} if sampled else {}),
    }
    assert set(Screening.objects.filter(sampled=True).values_list("case_id", flat=True)) == sampled
    assert {office.stage(one) for one in office.applicants[:10]} == {"in_review"}
    assert Finding.objects.count() == 0


def test_a_sampled_clean_web_application_waits_for_one_person(office):
    percent, seed = office.programme.terms.review.sample_percent, sample_seed(office.programme)
    for one in office.applicants:
        office.send_web(one)
    chunk = gather(office.programme, "s.state = 'received'", held="s")
    results = [judge_facts(one, office.programme.terms, seed) for one in chunk]
    for one, result in zip(chunk, results, strict=True):
        assert (result.sampled, result.persons) == (
            (True, 1) if is_sampled(one.number, seed=seed, percent=percent) else (False, 0)
        )
    assert (
        judge_facts(chunk[0], office.programme.terms, _seed_that_samples(chunk[0].number, percent)).persons
        == 1
    )


def _seed_that_samples(number: str, percent: float) -> str:
    return next(seed for seed in map(str, range(100_000)) if is_sampled(number, seed=seed, percent=percent))


FLAWS = [
    ({"identity_evidence": ""}, {"D20": "return"}),
    ({"identity_evidence": "expired"}, {"D21": "return"}),
    ({"identity_evidence": "unclear"}, {"D23": "return"}),
    ({"identity_evidence": "cut"}, {"D23": "return"}),
    ({"account_evidence": ""}, {"D30": "return"}),
    ({"account_evidence": "unclear"}, {"D23": "return"}),
    ({"account_evidence": "cut"}, {"D31": "return"}),
    ({"account_evidence": "expired"}, {}),
    ({"signed": False}, {"D02": "return"}),
    ({"applicant_is_recipient": False}, {"D05": "return"}),
    ({"phone": ""}, {"D04": "look"}),
    ({"applied_on": None}, {"D04": "look"}),
    ({"members_corrected": True}, {"D51": "look"}),
    ({"holder_kana": ""}, {"D10": "return"}),
    ({"holder_kana": "ﾍﾞﾂ ﾉﾋﾄ"}, {"D12": "look"}),
    ({"bank": "", "branch": "", "account_number": "", "yucho_symbol": "", "yucho_number": ""}, {"D10": "return"}),
    ({"bank": "0001", "branch": "", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""}, {"D10": "return"}),
    ({"bank": "0001", "branch": "999", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""}, {"D11": "look"}),
    ({"yucho_symbol": "99999", "yucho_number": "1"}, {"D14": "look"}),
    ({"declines": True}, {"D50": "look"}),
]  # fmt: skip


def test_what_a_clerk_saw_and_keyed_becomes_the_finding_of_its_code(office):
    for one, (changes, _) in zip(office.applicants, FLAWS, strict=False):
        office.key(office.form(one, **changes))
    report = office.screen()
    found: dict[int, dict[str, str]] = {one.case: {} for one in office.applicants}
    for case, code, severity in Finding.objects.values_list("case_id", "code", "severity"):
        found[case][code] = severity
    for one, (changes, expected) in zip(office.applicants, FLAWS, strict=False):
        assert found[one.case] == expected, changes
    assert (report.done, report.waiting) == (0, len(FLAWS))


def test_a_declined_benefit_is_asked_neither_for_an_account_nor_for_documents(office):
    paper, web = office.applicants[:2]
    blank = {
        "bank": "",
        "branch": "",
        "account_number": "",
        "holder_kana": "",
        "yucho_symbol": "",
        "yucho_number": "",
    }
    office.key(office.form(paper, declines=True, identity_evidence="", account_evidence="", **blank))
    office.send_web(web, declines=True, **blank)
    office.screen()
    assert sorted(Finding.objects.values_list("case_id", "code", "severity")) == sorted(
        (one.case, "D50", "look") for one in (paper, web)
    )
    assert {office.stage(one) for one in (paper, web)} == {"in_review"}


def test_what_is_taken_at_the_counter_is_looked_at_like_paper(office):
    one = office.applicants[0]
    office.arrive(office.form(one, channel="counter", account_evidence=""))
    assert list(Finding.objects.values_list("code", flat=True)) == ["D30"]
    assert Screening.objects.get().persons == 2


def test_every_screened_application_has_passed_or_waits_and_a_second_run_changes_nothing(office):
    for one in office.applicants[:12]:
        office.key(office.form(one))
    for one in office.applicants[12:]:
        office.send_web(one)
    first = office.screen()
    again = office.screen()
    assert first.done + first.waiting == 30 == Screening.objects.count()
    assert (again.done, again.waiting) == (0, 0)
    assert Proposal.objects.count() == first.done
    assert Task.objects.filter(state="open").count() == first.waiting
    assert Counter(CaseStage.objects.exclude(stage="listed").values_list("stage", flat=True)) == {
        "passed": first.done, "in_review": first.waiting,
    }  # fmt: skip
    assert set(Submission.objects.values_list("state", flat=True)) == {"screened"}


def test_one_by_one_and_in_bulk_give_the_same_result(office):
    for (changes, _), one in zip(FLAWS, office.applicants, strict=False):
        office.key(office.form(one, **changes))
    for one in office.applicants[len(FLAWS) :]:
        office.send_web(one)
    terms, seed = office.programme.terms, sample_seed(office.programme)
    alone = {}
    for pk in Submission.objects.values_list("id", flat=True):
        (one,) = gather(office.programme, f"s.id = {pk}", held="s")
        result = judge_facts(one, terms, seed)
        alone[pk] = (result.outcome, result.persons, sorted((f.code, f.severity) for f in result.findings))
    screen(programme=office.programme, actor=SYSTEM, at=office.later(), chunk_rows=7)
    bulk = {
        one.pk: (
            one.outcome,
            one.persons,
            sorted(Finding.objects.filter(submission_id=one.pk).values_list("code", "severity")),
        )
        for one in Screening.objects.all()
    }
    assert bulk == alone
    assert len(bulk) == 30


def _some_sampled(office, applicants):
    """Raises the sample until it catches five of these; gives the caught and those whom it passes over."""
    numbers, seed = [one.number for one in applicants], sample_seed(office.programme)
    percent = next(
        percent for percent in range(101) if len([*sampled(numbers, seed=seed, percent=percent)]) >= 5
    )
    terms = office.programme.terms
    office.programme.version._terms = replace(terms, review=replace(terms.review, sample_percent=percent))
    passed_over = [one for one in applicants if one in office.unsampled]
    return [one for one in applicants if one not in passed_over], passed_over


def test_the_number_of_statements_does_not_depend_on_the_number_of_applications(office):
    paper = office.applicants[:15]
    caught, passed_over = _some_sampled(office, office.applicants[15:])

    def statements(paper, web):
        for one in paper:
            office.key(office.form(one, account_evidence=""))
        for one in web:
            office.send_web(one)
        with CaptureQueriesContext(connection) as seen:
            office.screen()
        return len(seen)

    # Both times some are flawed, some are caught by the sample and some pass: each kind has statements of its own.
    few = statements(paper[:2], [caught[0], passed_over[0]])
    many = statements(paper[2:], caught[1:] + passed_over[1:])
    assert Screening.objects.filter(sampled=True).count() == len(caught) > 2
    assert Proposal.objects.count() == len(passed_over) > 2
    assert few == many
    assert many <= 32


def test_two_runs_at_once_share_the_work_and_screen_everything_once(office):
    for one in office.applicants:
        office.key(office.form(one))
    at = office.later()

    def run(_):
        try:
            return screen(programme=office.programme, actor=SYSTEM, at=at, chunk_rows=3)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(run, range(4)))
    assert sum(report.waiting for report in reports) == 30
    assert Screening.objects.count() == Task.objects.count() == 30


def test_the_screening_says_by_which_terms_and_rules_it_judged(office):
    office.arrive(office.form(office.applicants[0]))
    screening = Screening.objects.get()
    assert screening.version == office.programme.version
    assert screening.rules == checks.RULES_VERSION


def test_late_is_late_but_a_correction_and_another_account_have_days_of_their_own(office):
    late, corrected = office.applicants[:2]
    office.arrive(office.form(corrected, identity_evidence=""))
    office.verdict("reviewer1", "return", codes=["D20"])
    office.at += timedelta(days=(office.programme.terms.deadline - office.today).days + 3)
    office.arrive(office.form(late), office.form(corrected))
    assert set(Finding.objects.filter(case_id=late.case).values_list("code", flat=True)) == {"D42"}
    assert office.stage(corrected) == "in_review"
    second = office.submission(corrected)
    assert not Finding.objects.filter(submission=second).exists()


def test_a_check_switched_off_by_the_terms_never_lets_a_blank_account_pass_by_itself(office):
    one = office.applicants[0]
    office.send_web(one)
    (gathered,) = gather(office.programme, "s.state = 'received'", held="s")
    seed = next(s for s in map(str, range(100)) if not is_sampled(one.number, seed=s, percent=5))
    assert judge_facts(gathered, office.programme.terms, seed).persons == 0
    assert judge_facts(gathered._replace(account=None), office.programme.terms, seed).persons == 1


def test_a_paper_whose_day_nobody_could_read_never_passes_by_itself(office):
    one = office.applicants[0]
    office.send_web(one)
    (gathered,) = gather(office.programme, "s.state = 'received'", held="s")
    seed = next(s for s in map(str, range(100)) if not is_sampled(one.number, seed=s, percent=5))
    persons = {}
    for day in (date(2099, 5, 3), None):
        facts = gathered.facts._replace(papers=(paper("driving_licence", day, kinds_of(())),))
        persons[day] = judge_facts(gathered._replace(facts=facts), office.programme.terms, seed).persons
    assert list(persons.values()) == [0, 1]


@pytest.mark.parametrize("place", range(3))
def test_a_recipient_who_left_is_looked_at(office, town, place):
    gone = [h for h in town.households if h.head.removed_on and not h.guardian]
    cases = dict(Case.objects.values_list("recipient__head__number", "id"))
    household = [h for h in gone if h.head.number in cases][place % len(gone)]
    case = Case.objects.get(pk=cases[household.head.number])
    one = Applicant(case.pk, case.number, household)
    office.invite([one])
    office.arrive(office.form(one))
    assert "D43" in Finding.objects.filter(case_id=one.case).values_list("code", flat=True)
    assert office.stage(one) == "in_review"
