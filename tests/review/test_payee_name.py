"""D12 of a child's benefit: the account's name is held against whoever receives, a guardian or a facility, not the child."""

from datetime import datetime, time, timedelta

import pytest

from tests.town_fixture import AT, MANAGER, OPENS_ON, households_of, make_sample_programme, take
from tests.units import bring
from todoku.case.move import move
from todoku.case.open_cases import open_cases
from todoku.case.tables import Case
from todoku.formats.kana import bank_kana
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.people.actor import SYSTEM
from todoku.registry.tables import Person
from todoku.review.screen import screen
from todoku.review.tables import Finding
from todoku.sampletown.accounts import account_of
from todoku.sampletown.municipality import ROW
from todoku.sampletown.staff import make_staff

FACILITY, FACILITY_KANA = "みなと児童園", "ミナトジドウエン"


@pytest.mark.parametrize(
    ("placed", "whose", "tier"),
    [
        (False, "guardian", None), (False, "child", "T6"), (True, "facility", None), (True, "child", "T6"),
        (True, "guardian", "T7"),
    ],
)  # fmt: skip
def test_the_name_of_the_account_is_held_against_whoever_receives(database, var_folder, placed, whose, tier):
    programme = make_sample_programme("kosodate-oen-2025")
    households = households_of(programme, 20)
    take(programme, households)
    family = next(one for one in households if len(one.members) > 2 and one.kinds == () and one.head.kana)
    child = family.members[-1]
    Person.objects.filter(number=child.number).update(birth_date="2016-05-05", kana="コドモダケノ　ナマエ")
    bring(
        programme,
        "allowance",
        [{"number": child.number, "receiver": family.head.number, "allowance": "児童手当"}],
    )
    if placed:
        bring(programme, "care", [{
            "number": child.number, "care": "施設入所", "payee_name": FACILITY, "payee_kana": FACILITY_KANA,
            "address": "みなと町9-9", "postal_code": "2200012",
        }])  # fmt: skip
    open_cases(programme=programme, actor=MANAGER, at=AT)
    case = Case.objects.get(recipient__members__person__number=child.number)
    assert case.recipient.head.name == (FACILITY if placed else family.head.name)
    move([case.pk], programme=programme, to="invited", why="発送", actor=SYSTEM, at=AT)
    day = OPENS_ON + timedelta(days=3)
    account = account_of(family, 7, ROW["code"][:2], 0)
    written = {"guardian": family.head.kana, "child": "コドモダケノ　ナマエ", "facility": FACILITY_KANA}[
        whose
    ]
    form = PaperForm(
        number=case.number, arrived_on=day, postmark_on=day, applied_on=day, phone="0452223333",
        identity_evidence="clear", account_evidence="clear", bank=account.bank, branch=account.branch,
        kind=account.account_kind, account_number=account.number, holder_kana=bank_kana(written),
    )  # fmt: skip
    at = datetime.combine(day, time(3), AT.tzinfo)
    clerk = make_staff(programme.municipality, ["clerk"])["clerk"]
    assert receive_many([form], programme=programme, actor=clerk, at=at).done == 1
    screen(programme=programme, actor=SYSTEM, at=at)
    found = [one.evidence["tier"] for one in Finding.objects.filter(code="D12")]
    assert found == ([tier] if tier else [])
