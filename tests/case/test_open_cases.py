"""Cases are opened once, whole, with numbers that nobody can confuse; who is not due is listed with the reason."""

from collections import Counter
from random import Random

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.town_fixture import AT, MANAGER, households_of, make_sample_programme, take
from todoku.case import door_keys
from todoku.case.open_cases import fresh_numbers, open_cases
from todoku.case.tables import Case, CaseEvent, CaseStage, DoorKey, Entitlement, Move, NotDue
from todoku.formats.codes import case_number_valid, contains_my_number
from todoku.formats.kana import bank_kana
from todoku.registry.tables import KnownAccount, Member, Person, Recipient


def test_every_recipient_has_a_case_or_a_reason(town):
    recipients = Recipient.objects.count()
    assert recipients == len(town.households) == Case.objects.count() + NotDue.objects.count()
    assert set(NotDue.objects.values_list("reason", flat=True)) == {"lapsed"}
    assert Case.objects.count() == CaseStage.objects.filter(stage="listed", previous="").count()
    assert Case.objects.count() == DoorKey.objects.count() == Entitlement.objects.count()


def test_opening_is_a_move_with_its_events(town):
    events = CaseEvent.objects.filter(from_stage="", to_stage="listed")
    assert events.count() == Case.objects.count()
    assert sum(Move.objects.filter(to_stage="listed").values_list("count", flat=True)) == events.count()
    assert set(Move.objects.values_list("actor_name", flat=True)) == {MANAGER.name}


def test_the_amounts_add_up_to_the_counted_people(town):
    total = sum(Entitlement.objects.values_list("amount_yen", flat=True))
    people = sum(Entitlement.objects.values_list("member_count", flat=True))
    assert total == 100_000 * people
    lapsed = Member.objects.filter(recipient__in=NotDue.objects.values("recipient")).count()
    assert people == Person.objects.count() - lapsed


def test_numbers_are_valid_unique_and_hide_no_my_number(town):
    numbers = list(Case.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)
    assert all(case_number_valid(number) and not contains_my_number(number) for number in numbers)


def test_a_number_that_clashes_is_drawn_again(town):
    class Repeating(Random):
        """Draws one taken number first, then as usual."""

        first = int(Case.objects.first().number[:12])

        def randrange(self, *arguments):
            number, self.first = self.first, super().randrange(*arguments)
            return number

    (fresh,) = fresh_numbers(1, Repeating(3))
    assert case_number_valid(fresh) and not Case.objects.filter(number=fresh).exists()


def test_number_and_birth_date_find_the_case_and_the_letters_key_agrees(town):
    case = Case.objects.exclude(recipient__head__birth_date=None).select_related("recipient__head").first()
    token = door_keys.lookup_token(
        case.number, case.recipient.head.birth_date, lookup_secret=settings.LOOKUP_SECRET
    )
    door = DoorKey.objects.get(lookup_token=token)
    assert door.case_id == case.pk
    key = door_keys.letter_key(case.number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
    assert door.key_token == door_keys.key_token(case.number, key, lookup_secret=settings.LOOKUP_SECRET)
    family, _, given = case.recipient.head.kana.partition("　")
    assert door.initials == f"{family[0]}・{given[0]}"


def test_who_has_no_recorded_birth_date_has_no_way_in_by_number_and_date(town):
    unknown = DoorKey.objects.filter(case__recipient__head__birth_date=None)
    assert unknown.count() == 2
    assert set(unknown.values_list("lookup_token", flat=True)) == {None}
    assert DoorKey.objects.filter(lookup_token=None).count() == 2


def test_a_second_run_opens_nothing(town):
    before = (Case.objects.count(), CaseEvent.objects.count(), NotDue.objects.count())
    report = open_cases(programme=town.programme, actor=MANAGER, at=AT)
    assert report.done == 0
    assert (Case.objects.count(), CaseEvent.objects.count(), NotDue.objects.count()) == before


def test_three_cohorts_by_account_and_tax(push_town):
    cohorts = Counter(Case.objects.values_list("cohort", flat=True))
    assert set(cohorts) == {"push", "confirm", "apply"}
    pushed = Case.objects.filter(cohort="push")
    assert pushed.filter(recipient__head__knownaccount__isnull=False).count() == pushed.count()
    taxed = NotDue.objects.filter(reason="taxed").values("recipient")
    assert Member.objects.filter(recipient__in=taxed, person__tax_class="taxed").exists()
    assert not Case.objects.filter(recipient__in=taxed).exists()
    assert sum(cohorts.values()) + NotDue.objects.count() == len(push_town.households)


def test_who_became_due_leaves_the_list(push_town):
    listed = NotDue.objects.filter(reason="only_dependants").get()
    Person.objects.filter(headed=listed.recipient_id).update(dependant_of="")
    report = open_cases(programme=push_town.programme, actor=MANAGER, at=AT)
    assert report.done == 1
    assert not NotDue.objects.filter(recipient=listed.recipient_id).exists()
    assert Case.objects.filter(recipient=listed.recipient_id).exists()


@pytest.mark.parametrize(("holder", "cohort"), [("", "push"), ("ﾍﾞﾂﾉ ﾋﾄ", "confirm")])
def test_who_has_an_account_in_another_name_is_asked_for_one(push_town, holder, cohort):
    recipient = NotDue.objects.filter(reason="only_dependants").get().recipient
    Person.objects.filter(pk=recipient.head_id).update(dependant_of="")
    KnownAccount.objects.update_or_create(
        programme=push_town.programme, person=recipient.head,
        defaults={"bank": "0005", "branch": "001", "kind": 1, "number": "1234567", "source": "x",
                  "holder_kana": holder or bank_kana(recipient.head.kana)},
    )  # fmt: skip
    assert open_cases(programme=push_town.programme, actor=MANAGER, at=AT).done == 1
    assert Case.objects.get(recipient=recipient).cohort == cohort


def test_statements_do_not_grow_with_the_cases(database, var_folder):
    counts = []
    for slug, size in (("few", 20), ("many", 200)):
        programme = make_sample_programme(slug=slug)
        take(programme, households_of(programme, size))
        with CaptureQueriesContext(connection) as queries:
            open_cases(programme=programme, actor=MANAGER, at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]
