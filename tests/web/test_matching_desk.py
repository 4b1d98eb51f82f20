"""The desk where an application without a letter meets the roll: differences marked, looks recorded, nothing for who may not."""

import pytest
from django.utils import timezone

from tests.open_today import letters, open_today
from tests.web.office import Desk, looks, plain, text_of
from todoku.case.tables import Case
from todoku.intake.forms import WebForm
from todoku.intake.keyless_tables import RollMatch, UnmatchedApplication
from todoku.intake.receive_keyless import WhoApplies, receive_keyless
from todoku.intake.settle_match import shown_of
from todoku.registry.tables import Person

FORM = WebForm(phone="0450000000", bank="0005", branch="001", account_number="1234567", holder_kana="ヤマダ")


@pytest.fixture
def head(town) -> Person:
    programme = open_today(town.programme)
    case = letters(programme)[0].case
    one = Case.objects.select_related("recipient__head").get(pk=case).recipient.head
    born = one.birth_date
    who = WhoApplies(
        one.name, one.kana, born.replace(year=born.year - 10), one.postal_code, one.address, one.building
    )
    receive_keyless(who, FORM, {}, programme=programme, at=timezone.now(), idempotency_key="one")
    return one


@pytest.fixture
def clerk(town, head, at_door):
    with at_door("office"):
        yield Desk("clerk")


def test_the_slip_is_marked_beside_what_agrees_and_the_look_is_recorded(clerk, head):
    shown = text_of(clerk.get("matching/next/"))
    assert plain(head.name) in shown and "生年月日が1文字違い" in shown and "住所が一致" in shown
    assert "すべて一致" not in shown
    assert [look.subject_id for look in looks("match.look")] == [Case.objects.get(recipient__head=head).pk]


def test_one_press_confirms_and_the_undo_brings_it_back(clerk):
    clerk.get("matching/next/")
    one = UnmatchedApplication.objects.get()
    said = clerk.post(f"matching/{one.pk}/settle/", {"said": "1", "seen": shown_of(one)})
    assert said.status_code == 302 and RollMatch.objects.get().outcome == "confirmed"
    after = clerk.get("matching/next/")
    assert "今照合できる申請はありません" in text_of(after)
    match = RollMatch.objects.get()
    assert f"/matching/undo/{match.pk}/" in after.content.decode()
    clerk.post(f"matching/undo/{match.pk}/")
    one.refresh_from_db()
    assert one.state == "waiting"


def test_a_digit_pressed_on_candidates_of_an_earlier_search_confirms_nobody(clerk):
    page = clerk.get("matching/next/").content.decode()
    one = UnmatchedApplication.objects.get()
    seen = shown_of(one)
    assert f'name="seen" value="{seen}"' in page
    # A roll was taken meanwhile, and a colleague's look has searched anew.
    UnmatchedApplication.objects.update(looked_up_at=timezone.now())
    clerk.post(f"matching/{one.pk}/settle/", {"said": "1", "seen": seen})
    assert not RollMatch.objects.exists()
    assert "候補を探し直しました" in clerk.get("matching/next/").content.decode()


def test_nobody_stands_in_the_list_of_those_to_be_answered(clerk):
    clerk.get("matching/next/")
    one = UnmatchedApplication.objects.get()
    clerk.post(f"matching/{one.pk}/settle/", {"said": "nobody"})
    assert "該当なし" in text_of(clerk.get("matching/")) and plain(one.name) in text_of(
        clerk.get("matching/")
    )


def test_under_protection_it_does_not_exist_for_a_clerk(clerk, head, at_door):
    Person.objects.filter(pk=head.pk).update(protected=True)
    one = UnmatchedApplication.objects.get()
    assert plain(head.name) not in text_of(clerk.get("matching/next/"))
    assert clerk.get(f"matching/{one.pk}/").status_code == 404
    clerk.post(f"matching/{one.pk}/settle/", {"said": "1"})
    assert not RollMatch.objects.exists()
    assert plain(head.name) in text_of(Desk("manager").get("matching/next/"))


def test_the_desk_asks_the_database_little(clerk):
    clerk.get("matching/")
    assert clerk.statements("matching/next/") < 30


def test_the_intake_says_how_many_wait(clerk):
    clerk.get("matching/")
    assert "名簿との照合（1）" in text_of(clerk.get("intake/")).replace(" ", "")
