"""法定代理人 of a case: one person enters the certificate, another confirms it, and the letters and the review follow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.web.office import Desk, looks, text_of
from todoku.case.tables import Case
from todoku.registry.reached import reached_of
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import Person

NAME = "法見　仁"


@pytest.fixture
def case(town, at_door):
    with at_door("office"):
        yield Case.objects.filter(standing__stage="listed", recipient__head__protected=False).last()


def said(**changes):
    return {
        "kind": "adult_guardian", "name": NAME, "kana": "ノリミ　ジン", "postal_code": "220-0012", "address": "みなと町9-9",
        "building": "", "phone": "", "issued_on": f"{timezone.localdate() - timedelta(days=10):%Y-%m-%d}",
        "evidence": "第2026-1号",
    } | changes  # fmt: skip


def test_what_one_enters_another_confirms_and_a_third_may_end(case):
    page = f"case/{case.number}/representative/"
    clerk, manager = Desk("clerk"), Desk("manager")
    assert "法定代理人はいません" in text_of(clerk.get(page)) and "法定代理人" in text_of(
        clerk.get(f"case/{case.number}/")
    )
    old = clerk.post(f"{page}name/", said(issued_on="2020-01-01"))
    assert old.status_code == 422 and "3か月以内" in text_of(old)
    assert clerk.post(f"{page}name/", said()).status_code == 302
    one = Representative.objects.get()
    shown = text_of(clerk.get(page))
    assert "確認待ち" in shown and NAME.split("\u3000")[0] in shown and "証明書を見て、確認した" not in shown
    assert clerk.post(f"{page}{one.pk}/", {"word": "confirm"}).status_code == 403
    assert f"法定代理人の確認 {case.printed_number}" in text_of(manager.get(""))
    silent = manager.post(f"{page}{one.pk}/", {"word": "refuse"})
    assert silent.status_code == 422 and "認めない理由" in text_of(silent)
    assert manager.post(f"{page}{one.pk}/", {"word": "confirm"}).status_code == 302
    assert reached_of(case.recipient).address == "みなと町9-9"
    assert "手紙の宛名" in text_of(clerk.get(f"case/{case.number}/"))
    assert looks("representative.name") and looks("representative.confirm")
    assert manager.post(f"{page}{one.pk}/", {"word": "end", "why": "辞任"}).status_code == 302
    assert reached_of(case.recipient).address == case.recipient.head.address
    assert Desk("print_operator").post(f"{page}name/", said()).status_code == 403


def test_who_entered_it_cannot_confirm_it_and_an_unknown_word_is_none(case):
    page, manager = f"case/{case.number}/representative/", Desk("manager")
    assert manager.post(f"{page}name/", said()).status_code == 302
    one = Representative.objects.get()
    assert "入力した本人は確認できません" in text_of(manager.get(page))
    refused = manager.post(f"{page}{one.pk}/", {"word": "confirm"})
    assert refused.status_code == 422 and "別の業務責任者" in text_of(refused)
    assert manager.post(f"{page}{one.pk}/", {"word": "pay"}).status_code == 404
    one.refresh_from_db()
    assert one.state == "waiting"


def test_of_a_ward_under_protection_no_page_tells_where_he_is_and_a_clerk_enters_nothing(case):
    Person.objects.filter(pk=case.recipient.head_id).update(protected=True)
    page, clerk, manager = f"case/{case.number}/representative/", Desk("clerk"), Desk("manager")
    refused = clerk.post(f"{page}name/", said())
    assert refused.status_code == 422 and "証明書ごと引き継いで" in text_of(refused)
    assert "入力して、確認を求める" not in text_of(clerk.get(page)) and not Representative.objects.exists()
    assert manager.post(f"{page}name/", said()).status_code == 302
    assert "みなと町9-9" not in text_of(clerk.get(page)) and not looks("case.view_protected")
    assert "みなと町9-9" in text_of(manager.get(page)), "whoever confirms compares it with the certificate"
    assert looks("case.view_protected")


def test_a_kana_that_was_wrong_is_refused_and_entered_rightly_anew(case):
    page, clerk, manager = f"case/{case.number}/representative/", Desk("clerk"), Desk("manager")
    assert clerk.post(f"{page}name/", said(kana="ノリミ　シン")).status_code == 302
    wrong = Representative.objects.get()
    told = manager.post(f"{page}{wrong.pk}/", {"word": "refuse", "why": "カナの誤り"}, follow=True)
    assert "認めないことにしました" in told.content.decode()
    assert clerk.post(f"{page}name/", said()).status_code == 302
    right = Representative.objects.get(state="waiting")
    assert (right.guardian.kana, wrong.guardian.kana) == ("ノリミ　ジン", "ノリミ　シン")
    told = manager.post(f"{page}{right.pk}/", {"word": "confirm"}, follow=True)
    assert "これからの手紙は、この方に送ります" in told.content.decode()


def test_what_is_wrong_stands_at_its_own_box_and_what_was_typed_stays(case):
    page, clerk, manager = f"case/{case.number}/representative/", Desk("clerk"), Desk("manager")
    refused = clerk.post(f"{page}name/", said(kana="法見　仁", postal_code="220"))
    assert refused.status_code == 422 and not Representative.objects.exists()
    assert set(refused.context["form"].errors) == {"kana", "postal_code"}
    assert clerk.post(f"{page}name/", said(kana="のりみ　じん")).status_code == 302, "the bank reads hiragana"
    one = Representative.objects.get()
    silent = manager.post(f"{page}{one.pk}/", {"word": "refuse", "why": " "})
    assert f'href="#why-{one.pk}"' in silent.content.decode() and silent.status_code == 422
