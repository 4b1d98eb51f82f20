"""A reviewer opens a queue by judging its made-up cases rightly, or a lead opens it; the database holds to it."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from todoku.programme.quality import Quality, Training
from todoku.programme.terms import Terms
from todoku.review.let_in import NeedsWhy, NotTheLead, let_in
from todoku.review.quality_tables import QueuePass, TrainingTry
from todoku.review.queues import QUEUES
from todoku.review.train import NeedsCode, NotYourTraining, answer, begin, next_case
from todoku.review.trained import queues_open_to
from todoku.review.training_cases import cases_of, chosen, training_cases


@pytest.fixture
def strict(office):
    """The sample office under terms that ask for training."""
    terms: Terms = office.programme.terms
    quality = Quality(training=Training(required=True, cases=3))
    office.programme.version._terms = replace(terms, review=replace(terms.review, quality=quality))
    return office


def run(office, queue, *, wrong=0, who="reviewer1"):
    """Judges a whole run, the first so many wrongly."""
    training = begin(queue, programme=office.programme, actor=office.staff[who], at=office.later())
    while case := next_case(training):
        right = wrong <= 0
        outcome, codes = (case.outcome, case.codes) if right else ("refer", ())
        if not right and case.is_right("refer", ()):
            outcome = "approve"
        wrong -= 1
        answer(
            training, case=case.name, outcome=outcome, codes=codes, actor=office.staff[who], at=office.later()
        )
    training.refresh_from_db()
    return training


def test_every_queue_has_enough_cases_and_each_kind_of_answer_is_asked_for() -> None:
    for queue in QUEUES:
        outcomes = {case.outcome for case in cases_of(queue)}
        assert len(cases_of(queue)) >= 5 and len(outcomes) >= 2, queue
    assert all(case.why.endswith("。") for case in training_cases().values())


def test_another_run_has_other_cases_or_another_order() -> None:
    runs = [tuple(chosen("account", wanted=4, seed=f"town:1:account:{number}")) for number in range(1, 6)]
    assert len(set(runs)) > 1 and all(len(set(one)) == 4 for one in runs)
    assert runs[0] == tuple(chosen("account", wanted=4, seed="town:1:account:1"))


def test_a_verdict_that_is_as_good_is_right_too_and_the_order_of_codes_does_not_matter() -> None:
    late = training_cases()["register-late"]
    # The municipality decides about what came late: a refusal by the office is no right answer.
    assert late.is_right("refer", []) and not late.is_right("refuse", ["D42"])
    assert not late.is_right("approve", []) and not late.is_right("return", ["D42"])
    either = replace(late, also=(("return", "D20", "D30"),))
    assert either.is_right("return", ["D20", "D30"]) and either.is_right("refer", [])


def test_all_queues_are_open_where_the_terms_ask_for_no_training(office) -> None:
    assert queues_open_to(office.staff["reviewer1"].id, office.programme) == frozenset(QUEUES)


def test_a_queue_opens_by_passing_and_only_that_one_for_that_person(strict) -> None:
    who, other = strict.staff["reviewer1"].id, strict.staff["reviewer2"].id
    assert queues_open_to(who, strict.programme) == frozenset()
    failed = run(strict, "identity", wrong=1)
    assert (failed.passed, failed.number) == (False, 1)
    assert queues_open_to(who, strict.programme) == frozenset()
    passed = run(strict, "identity")
    assert (passed.passed, passed.number) == (True, 2)
    assert queues_open_to(who, strict.programme) == {"identity"}
    assert queues_open_to(other, strict.programme) == frozenset()


def test_a_run_goes_on_where_it_was_left_and_each_case_is_judged_once(strict) -> None:
    actor = strict.staff["reviewer1"]
    training = begin("form", programme=strict.programme, actor=actor, at=strict.later())
    case = next_case(training)
    with pytest.raises(NeedsCode):
        answer(training, case=case.name, outcome="return", codes=[], actor=actor, at=strict.later())
    answer(training, case=case.name, outcome="refer", codes=[], actor=actor, at=strict.later())
    again = begin("form", programme=strict.programme, actor=actor, at=strict.later())
    assert again.pk == training.pk and next_case(again).name != case.name
    with pytest.raises(NotYourTraining):
        answer(training, case=case.name, outcome="approve", codes=[], actor=actor, at=strict.later())
    with pytest.raises(NotYourTraining):
        other = strict.staff["reviewer2"]
        answer(
            training, case=next_case(again).name, outcome="approve", codes=[], actor=other, at=strict.later()
        )


def test_a_lead_lets_in_and_takes_out_with_a_reason_but_never_himself(strict) -> None:
    lead, reviewer = strict.staff["manager"], strict.staff["reviewer1"]
    who = strict.staff_row("reviewer1")
    act = {"programme": strict.programme, "actor": lead}
    with pytest.raises(NeedsWhy):
        let_in(who, "clean", opened=True, reason=" ", at=strict.later(), **act)
    let_in(who, "clean", opened=True, reason="前の事業で1年担当", at=strict.later(), **act)
    assert queues_open_to(reviewer.id, strict.programme) == {"clean"}
    let_in(who, "clean", opened=False, reason="本人の希望", at=strict.later(), **act)
    assert run(strict, "clean").passed and queues_open_to(reviewer.id, strict.programme) == frozenset()
    with pytest.raises(NotTheLead):
        let_in(strict.staff_row("manager"), "clean", opened=True, reason="急ぎ", at=strict.later(), **act)
    with pytest.raises(NotTheLead):
        let_in(
            who,
            "clean",
            opened=True,
            reason="急ぎ",
            programme=strict.programme,
            actor=reviewer,
            at=strict.later(),
        )


def test_what_a_lead_took_away_is_closed_also_where_no_training_is_asked_for(office) -> None:
    let_in(
        office.staff_row("reviewer1"), "proxy", opened=False, reason="しばらく口座だけを担当", programme=office.programme,
        actor=office.staff["manager"], at=office.later(),
    )  # fmt: skip
    assert queues_open_to(office.staff["reviewer1"].id, office.programme) == frozenset(QUEUES) - {"proxy"}


def test_the_database_opens_no_queue_otherwise(strict) -> None:
    failed = run(strict, "identity", wrong=1)
    base = {"programme": strict.programme, "queue": "identity", "staff_id": failed.staff_id, "at": strict.at}
    refused = [
        ("a_queue_is_opened_by_a_training_that_was_passed", {"how": "passed", "training": failed}),
        ("a_queue_is_opened_by_a_lead", {"how": "granted", "giver": strict.staff_row("reviewer2"), "reason": "x"}),
        ("a_queue_is_opened_by_training_or_by_a_lead", {"how": "granted", "giver": strict.staff_row("manager")}),
    ]  # fmt: skip
    for name, values in refused:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            QueuePass.objects.create(**base, **values)
    assert not QueuePass.objects.exists() and TrainingTry.objects.count() == 1
