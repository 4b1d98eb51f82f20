"""Notes a death that became known before the next roll says so (死亡の届出・住基照会の回答). Takes a person; moves no case.

Only the municipality's register knows: the caller asks that it was an officer. The next roll may say otherwise, and then counts.
"""

from datetime import date

from todoku.registry.tables import Person


def report_death(person: Person, *, died_on: date | None) -> bool:
    """From now on this person counts as dead on `died_on` (None: the day is not known). False where that was known."""
    changed = Person.objects.filter(pk=person.pk).exclude(left_reason="death")
    return bool(changed.update(left_reason="death", left_on=died_on))
