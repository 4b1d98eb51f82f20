"""Whoever never answered is taken to decline from the day of the terms on: by the rule, and back by the municipality's order."""

from datetime import timedelta

from django.utils.timezone import localdate

from tests.rounds.test_paper_in_hand import posted_forms
from todoku.case.tables import Case, CaseEvent
from todoku.letters.tables import Undelivered
from todoku.people.actor import SYSTEM
from todoku.recovery.answer_objection import answer_objection
from todoku.recovery.take_objection import Said, take_objection
from todoku.rounds.close_silent import POST_DAYS, WHY, begins_on, close_silent


def closed(office) -> tuple[int, int]:
    report = close_silent(programme=office.programme, actor=SYSTEM, at=office.at)
    return report.done, report.waiting


def test_the_silent_end_on_the_day_of_the_terms_and_are_heard_again_by_order(office):
    silent, answers, undelivered, unasked = office.applicants[:4]
    letters = posted_forms(office, [silent, answers, undelivered])
    back = next(one for one in letters if one.case_id == undelivered.case)
    Undelivered.objects.create(
        letter=back, returned_on=office.today, reason="unknown", at=office.at, actor_name="x"
    )
    office.arrive(office.form(answers))
    terms = office.programme.terms
    assert begins_on(terms) == terms.deemed_declined_on + timedelta(days=POST_DAYS)
    office.later(days=(begins_on(terms) - office.today).days - 1)
    assert closed(office) == (0, 0)
    office.later(days=1)
    assert closed(office) == (1, 1)
    assert [office.stage(one) for one in (silent, undelivered, unasked)] == ["lapsed", "invited", "listed"]
    assert CaseEvent.objects.filter(case_id=silent.case).latest("pk").move.why == WHY
    assert closed(office) == (0, 1)
    case = Case.objects.select_related("programme").get(pk=silent.case)
    said = Said("again", "lapsed", "phone", "本人", "入院していました。", localdate(office.at))
    one = take_objection(case, said, actor=office.staff["manager"], at=office.at)
    answered = answer_objection(
        one, outcome="changed", order="決裁8-7", reason="事情を確かめました。", actor=office.staff["officer"], at=office.at
    )  # fmt: skip
    assert (answered.effect, office.stage(silent)) == ("invited", "invited")
    assert closed(office) == (0, 1), "who was asked once more by an order is not ended by the rule again"
