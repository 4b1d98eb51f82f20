"""A case is found by number, name or kana and shown whole; every look is recorded, and addresses pass one guard."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.web.office import Desk, a_case, actor, keyed, looks, plain, posted, text_of, toasts_of
from todoku.intake.tables import ContactNote
from todoku.letters.undelivered import record_undelivered
from todoku.people.address_guard import HIDDEN, shown_address
from todoku.registry.tables import Member, Person
from todoku.review.screen import screen

ROLES = frozenset({"manager"})


@pytest.fixture
def agent(town, at_door):
    """Somebody at the telephone, before the town."""
    with at_door("office"):
        seat = Desk("call_agent")
        seat.programme = town.programme
        seat.case = a_case(town.programme)
        yield seat


def test_the_guard_shows_a_protected_address_only_to_whom_it_may_and_who_asked():
    where = ("2310001", "横浜市中区新港1丁目", "101")
    assert shown_address(*where, protected=False, roles=frozenset()) == "〒231-0001 横浜市中区新港1丁目 101"
    assert shown_address(*where, protected=True, roles=ROLES) == HIDDEN
    assert shown_address(*where, protected=True, roles=ROLES, opened=True).startswith("〒231")
    assert shown_address(*where, protected=True, roles=frozenset({"clerk"}), opened=True) == HIDDEN


def test_a_whole_number_opens_its_case_and_a_part_lists_what_begins_with_it(agent):
    number = agent.case.number
    for typed in (number, f"{number[:4]}-{number[4:8]}-{number[8:]}", f"{number}0221"):
        assert agent.get("find/", q=typed).headers["Location"] == f"/p/sample/case/{number}/"
    assert agent.case.printed_number in text_of(agent.get("find/", q=number[:6]))
    assert "先頭から4桁以上" in text_of(agent.get("find/", q=number[:3]))


def test_a_name_is_found_in_kanji_kana_and_as_a_member_of_a_household(agent):
    head = agent.case.recipient.head
    for typed in (head.name, head.kana, head.kana.replace("　", "")):
        assert agent.case.printed_number in text_of(agent.get("find/", q=typed))
    member = Member.objects.exclude(person__is_head=True).select_related("person", "recipient").first()
    case = a_case(agent.programme, recipient=member.recipient)
    page = text_of(agent.get("find/", q=member.person.kana))
    assert case.printed_number in page and f"世帯員 {plain(member.person.name)}" in page


def test_a_search_is_recorded_without_what_was_typed(agent):
    head = agent.case.recipient.head
    agent.get("find/", q=head.kana)
    (look,) = looks("case.find")
    assert look.reason.startswith("氏名・カナで検索、") and head.kana not in look.reason


def test_signs_of_the_database_are_ordinary_letters_of_a_search(agent):
    assert "見つかりませんでした" in text_of(agent.get("find/", q="%"))
    assert "見つかりませんでした" in text_of(agent.get("find/", q="\\"))
    assert "番号・氏名・カナの一部を" in text_of(agent.get("find/", q="  "))


def test_a_case_tells_its_whole_story_newest_first(agent):
    run = posted(agent.programme, limit=4)
    case = run.letters.order_by("piece_no")[0].case
    keyed(case, identity_evidence="")
    screen(programme=agent.programme, actor=actor("manager"), at=timezone.now())
    page = text_of(agent.get(f"case/{case.number}/"))
    told = [
        "「審査中」になりました", "不備・確認が見つかりました", "郵送の申請が届きました", "申請書を印刷しました",
        "「発送前」になりました",
    ]  # fmt: skip
    places = [page.index(words) for words in told]
    assert places == sorted(places) and f"{case.entitlement.amount_yen:,}円" in page
    record_undelivered(
        case.number, programme=agent.programme, reason="moved", returned_on=localdate() + timedelta(days=1),
        actor=actor("clerk"), at=timezone.now(),
    )  # fmt: skip
    assert "転居先不明" in text_of(agent.get(f"case/{case.number}/"))


def test_an_account_shows_its_last_three_digits_to_who_may_not_see_it_whole(agent):
    posted(agent.programme, limit=4)
    case = a_case(agent.programme, letters__isnull=False)
    keyed(case, account_number="7654321")
    page = text_of(agent.get(f"case/{case.number}/"))
    assert "****321" in page and "7654321" not in page
    assert "7654321" in text_of(Desk("clerk").get(f"case/{case.number}/"))


def test_looking_is_recorded_and_shown_to_who_may_audit(agent):
    agent.get(f"case/{agent.case.number}/")
    (look,) = looks("case.view")
    assert (look.subject_kind, look.subject_id, look.actor_name) == ("case", agent.case.pk, "電話 窓子")
    assert "誰が見たか" not in text_of(agent.get(f"case/{agent.case.number}/"))
    assert "電話 窓子" in text_of(Desk("manager").get(f"case/{agent.case.number}/"))


def test_the_address_of_a_protected_household_takes_a_reason_that_is_recorded(agent):
    # The member is protected, not the head: one address gives away all who live there.
    member = Member.objects.exclude(person__is_head=True).select_related("person", "recipient__head").first()
    Person.objects.filter(pk=member.person_id).update(protected=True)
    case = a_case(agent.programme, recipient=member.recipient)
    street = plain(member.recipient.head.address)
    assert HIDDEN in text_of(agent.get(f"case/{case.number}/"))
    assert street not in text_of(agent.get("find/", q=member.recipient.head.kana))
    assert agent.post(f"case/{case.number}/address/", {"reason": "郵便の確認"}).status_code == 403

    manager = Desk("manager")
    assert street not in text_of(manager.get(f"case/{case.number}/"))
    assert manager.post(f"case/{case.number}/address/", {"reason": " "}).status_code == 302
    assert looks("case.view_protected") == []
    opened = manager.post(f"case/{case.number}/address/", {"reason": "郵便の確認"})
    assert street in text_of(opened)
    assert [look.reason for look in looks("case.view_protected")] == ["郵便の確認"]


def test_a_note_stands_in_the_story_with_its_call_back(agent):
    tomorrow = localdate() + timedelta(days=1)
    answer = agent.client.post(
        f"/p/sample/case/{agent.case.number}/note/",
        {
            "channel": "call", "asked": "いつ届くか", "promised": "調べて電話する", "call_back_on": f"{tomorrow}",
            "identity_checked": "番号と生年月日",
        },
        follow=True,
    )  # fmt: skip
    note = ContactNote.objects.get()
    assert note.case_id == agent.case.pk and note.call_back_on == tomorrow
    assert "応対記録を保存しました。" in toasts_of(answer)
    assert "いつ届くか 約束: 調べて電話する" in text_of(answer)


def test_a_note_with_a_my_number_is_refused_and_stays_in_its_field(agent):
    asked = "番号は123456789018です"
    answer = agent.post(f"case/{agent.case.number}/note/", {"channel": "call", "asked": asked})
    page = answer.content.decode()
    assert answer.status_code == 422 and "マイナンバーは記録できません" in page and asked in page
    assert ContactNote.objects.count() == 0


def test_a_case_of_another_programme_does_not_exist_here(agent):
    assert agent.get("case/0000000000000/").status_code == 404
    assert Desk("call_agent", slug="other").get(f"case/{agent.case.number}/").status_code == 404


def test_a_case_asks_for_few_statements_whatever_happened_to_it(agent):
    run = posted(agent.programme, limit=4)
    case = run.letters.order_by("piece_no")[0].case
    before = agent.statements(f"case/{case.number}/")
    keyed(case)
    screen(programme=agent.programme, actor=actor("manager"), at=timezone.now())
    assert before == agent.statements(f"case/{case.number}/") <= 39
    assert agent.statements("find/", q="ア") <= 11
