"""Whether the papers of a case are kept from who reads: pictures of them bear the address, and 支援措置 hides it.

Takes a request and a case; gives yes or no. The looks themselves are recorded by who shows the picture.
"""

from django.http import HttpRequest

from todoku.case.tables import Case
from todoku.letters.address_change import under_protection
from todoku.people.access import may
from todoku.web.shared.doors import actor_of


def kept_from(request: HttpRequest, case: Case) -> bool:
    """True for a household under 支援措置, unless this person may see such an address."""
    return not may(actor_of(request).roles, "case.view_protected") and under_protection(case)
