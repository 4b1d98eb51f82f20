"""A ruling is remembered: it stands beside cases like it, is laid there by choice, is found by words, and asks for a Version."""

import pytest

from tests.next_version import next_version
from todoku.review.answer import NeedsScope, Scope, answer
from todoku.review.answer_by_ruling import RulingDoesNotFit, YourOwnApplication, answer_by_ruling
from todoku.review.apply_ruling import MayNotApply, apply_ruling
from todoku.review.end_ruling import CannotEnd, end_ruling
from todoku.review.find_rulings import find_rulings
from todoku.review.ruling_tables import RulingUse
from todoku.review.similar_cases import rulings_beside, similar_cases
from todoku.review.tables import Question, Task
from todoku.review.version_candidates import CannotNote, candidates, drop_candidate, note_candidate
from todoku.review.word_search import likeness, ranked
from todoku.rounds.open_work import waiting_for_roles

TEXT = "世帯員の続柄の訂正は、住民票のとおりであれば支給してよい。"


@pytest.fixture
def ruled(office):
    """Five like applications: the first was asked about and ruled, one passed, one is asked about, two wait; one is sound."""
    for one in office.applicants[:5]:
        office.arrive(office.form(one, members_corrected=True))
    office.arrive(office.form(office.applicants[5]))
    office.verdict("reviewer1", "refer", comment="世帯員の訂正があります。")
    question = office.send_question(Question.objects.get())
    made = answer(
        question, ruling="grant", text=TEXT, scope=Scope(like=True, codes=["D51"], words="続柄の訂正"),
        actor=office.staff["officer"], at=office.later(),
    )  # fmt: skip
    office.programme.refresh_from_db()
    return office, made


def test_open_cases_like_it_are_listed_and_the_sound_one_is_not(ruled):
    office, made = ruled
    found = similar_cases(made)
    assert {one.case for one in found} == {one.case for one in office.applicants[1:5]}
    assert {(one.stage, one.laid, one.question_state) for one in found} == {("in_review", False, "")}
    beside = rulings_beside(office.submission(office.applicants[2]).pk)
    assert [(one.title, one.outcome_words, one.laid) for one in beside] == [("裁定第1号", "支給相当", False)]
    assert rulings_beside(office.submission(office.applicants[5]).pk) == []


def test_a_batch_lays_it_beside_the_chosen_and_decides_nothing(ruled):
    office, made = ruled
    chosen = [office.applicants[1].case, office.applicants[2].case]
    with pytest.raises(MayNotApply):
        apply_ruling(made, cases=chosen, actor=office.staff["officer"], at=office.later())
    before = {pk: office.stage(one) for pk, one in enumerate(office.applicants[:6])}
    report = apply_ruling(made, cases=chosen, actor=office.staff["reviewer1"], at=office.later())
    assert (report.done, report.waiting, report.refused) == (2, 2, ())
    assert {pk: office.stage(one) for pk, one in enumerate(office.applicants[:6])} == before
    assert set(RulingUse.objects.filter(way="batch").values_list("case_id", flat=True)) == set(chosen)
    again = apply_ruling(made, cases=chosen, actor=office.staff["reviewer1"], at=office.later())
    assert (again.done, RulingUse.objects.count()) == (0, 3), "safe to run twice"


def test_a_passed_case_comes_back_and_a_question_is_answered_by_the_manager_alone(ruled):
    office, made = ruled
    # The answered case, a case in its first round: both pass; another is asked about.
    Task.objects.filter(case_id=office.applicants[0].case).exclude(state="done").update(state="void")
    office.both()
    passed = next(one for one in office.applicants[1:5] if office.stage(one) == "passed")
    office.verdict("reviewer1", "refer", comment="これも訂正です。")
    asked = Question.objects.get(state="with_manager")
    kept = apply_ruling(made, cases=[asked.case_id], actor=office.staff["reviewer2"], at=office.later())
    assert (kept.done, len(kept.refused)) == (0, 1)
    report = apply_ruling(made, cases=None, actor=office.staff["manager"], at=office.later())
    assert (report.done, report.refused) == (4, ())
    asked.refresh_from_db()
    assert (asked.state, asked.ruling, asked.by_ruling_id) == ("answered", "grant", made.pk)
    assert asked.answer == f"裁定第1号による。{TEXT}"
    assert office.stage(passed) == "in_review"
    assert Task.objects.get(case_id=passed.case, state="open").reason == "ruling"


def test_what_lies_with_the_municipality_stays_there(ruled):
    office, made = ruled
    Task.objects.filter(case_id=office.applicants[0].case).exclude(state="done").update(state="void")
    office.verdict("reviewer1", "refer", comment="これも訂正です。")
    sent = office.send_question(Question.objects.get(state="with_manager"))
    report = apply_ruling(made, cases=None, actor=office.staff["manager"], at=office.later())
    assert report.done == 3 and "自治体の回答" in report.refused[0][1]
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_a_ruling_for_one_case_or_one_that_ended_answers_no_other(ruled):
    office, made = ruled
    Task.objects.filter(case_id=office.applicants[0].case).exclude(state="done").update(state="void")
    office.verdict("reviewer1", "refer", comment="これも訂正です。")
    asked = Question.objects.get(state="with_manager")
    with pytest.raises(CannotEnd):
        end_ruling(made, why=" ", actor=office.staff["officer"], at=office.later())
    ended = end_ruling(made, why="要綱の改正", actor=office.staff["officer"], at=office.later())
    assert similar_cases(ended) == []
    with pytest.raises(RulingDoesNotFit):
        answer_by_ruling(asked, ruling=ended, actor=office.staff["manager"], at=office.later())
    office.send_question(asked)
    with pytest.raises(NeedsScope):
        answer(
            asked, ruling="grant", text="よい", scope=Scope(like=True), actor=office.staff["officer"], at=office.later()
        )  # fmt: skip
    alone = answer(asked, ruling="grant", text="よい", actor=office.staff["officer"], at=office.later())
    assert (alone.number, alone.scope, similar_cases(alone)) == (2, "case", [])


def test_a_manager_who_judged_the_application_answers_nothing_about_it(ruled):
    office, made = ruled
    Task.objects.filter(case_id=office.applicants[0].case).exclude(state="done").update(state="void")
    office.verdict("manager", "refer", comment="これも訂正です。")
    asked = Question.objects.get(state="with_manager")
    with pytest.raises(YourOwnApplication, match="審査していない"):
        answer_by_ruling(asked, ruling=made, actor=office.staff["manager"], at=office.later())
    assert office.send_question(asked).state == "sent"


def test_rulings_are_found_by_words_code_and_day(ruled):
    office, made = ruled
    programme = office.programme

    def found(**wanted):
        return [one.number for one in find_rulings(programme, **wanted)]

    assert found() == found(words="続柄") == found(words="支給 訂正") == found(code="D51") == [1]
    assert found(words="世帯員の続柄訂正") == [1], "like, not letter by letter"
    assert found(words="成年後見人") == found(code="D12") == []
    assert found(since=office.today) == [1] and found(until=office.today.replace(year=2020)) == []


@pytest.mark.parametrize(
    ("words", "text", "holds"),
    [
        ("名義", "口座の名義が旧姓", True),
        ("めいぎ", "メイギの相違", True),  # kana of both kinds
        ("ﾒｲｷﾞ", "メイギの相違", True),  # half width
        ("旧姓 通帳", "旧姓のままの通帳", True),
        ("旧姓 印鑑", "旧姓のままの通帳", False),  # every word
        ("成年後見人の口座", "後見人の口座である", True),  # like enough
        ("転出", "死亡", False),
    ],
)
def test_words_are_found_as_japanese_is_written(words, text, holds):
    assert (likeness(words, text) > 0) is holds


def test_the_text_that_holds_the_words_as_typed_stands_first():
    texts = [(1, "後見人の口座"), (2, "成年後見人の口座"), (3, "死亡")]
    assert ranked("成年後見人の口座", texts) == [2, 1]


def test_a_candidate_is_done_when_an_opened_version_cites_the_ruling(ruled):
    office, made = ruled
    manager, at = office.staff["manager"], office.later()
    with pytest.raises(CannotNote):
        note_candidate(made, place="severity", code="D51", text="maybe", actor=manager, at=at)
    with pytest.raises(CannotNote):
        note_candidate(
            made, place="severity", code="D51", text="note", actor=office.staff["reviewer1"], at=at
        )
    kept = note_candidate(made, place="severity", code="D51", text="note", actor=manager, at=at)
    dropped = note_candidate(
        made, place="criteria", code="D51", text="続柄は住民票による。", actor=manager, at=at
    )
    drop_candidate(dropped, actor=manager, at=at)
    (one,) = candidates(office.programme)
    assert (one.pk, one.toml, one.done_in) == (kept.pk, 'D51 = "note"  # 裁定第1号', None)
    assert handed_over(office) == [("candidates_office", 1), ("candidates_city", 1)]
    text = office.programme.versions.get(number=1).text
    next_version(office.programme, text + "\n# 裁定第11号\n", at=office.later())
    assert [one.done_in for one in candidates(office.programme)] == [None], "another number"
    version = next_version(office.programme, text + "\n# 裁定第1号\n", at=office.later())
    assert [one.done_in for one in candidates(office.programme)] == [version.number]
    assert handed_over(office) == []


def handed_over(office) -> list[tuple[str, int]]:
    """What a successor of either side is told of candidates that wait."""
    piles = waiting_for_roles(office.programme, ["manager", "city_officer"])
    return [(one.kind, one.pieces) for one in piles if one.kind.startswith("candidates")]
