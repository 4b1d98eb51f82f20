"""郵便室: what was typed wrong is put right, what was sent twice counts once, the second count is a count."""

import re
from datetime import timedelta

from django.utils.timezone import localdate

from tests.web.office import PASSWORD, a_case, text_of, toasts_of
from tests.web.test_office_mail import POOL, bag_with_tray, desk, opens, picked_up  # noqa: F401
from todoku.incident.tables import Incident
from todoku.mailroom.tables import (
    Carry,
    Container,
    Envelope,
    EnvelopeCorrection,
    Pickup,
    UnplacedPaper,
    Valuable,
)


def key_of(page) -> str:
    """The key of the form on a page, as the browser sends it."""
    return re.search(r'name="form_key" value="([0-9a-f-]{36})"', page.content.decode()).group(1)


def test_a_form_sent_twice_counts_once(desk):  # noqa: F811
    bag = bag_with_tray(desk)
    key = key_of(desk.get("mail/pickup/"))
    assert key != key_of(desk.get("mail/pickup/"))
    picked_up(desk, form_key=key)
    picked_up(desk, form_key=key)
    assert Pickup.objects.count() == 2
    key = key_of(desk.get(f"mail/bag/{bag.pk}/open/"))
    assert opens(desk, bag, form_key=key)["Location"] == opens(desk, bag, form_key=key)["Location"]
    envelope = Envelope.objects.get()
    page = f"mail/valuables/new/{envelope.pk}/"
    found = {"kind": "cash", "what": "千円札", "amount_yen": "1000", "form_key": key_of(desk.get(page))}
    for _ in range(2):
        two = {"second": desk.other.staff.pk, "second_password": PASSWORD}
        assert desk.post(page, found | two).status_code == 302
    assert Valuable.objects.count() == 1


def test_a_wrong_postmark_is_put_right_by_two_from_the_envelopes_page(desk):  # noqa: F811
    bag = bag_with_tray(desk)
    opens(desk, bag)
    envelope, day = Envelope.objects.get(), localdate() - timedelta(days=4)
    assert f"mail/envelope/{envelope.pk}/" in desk.get(f"mail/bag/{bag.pk}/open/").content.decode()
    page = f"mail/envelope/{envelope.pk}/"
    two = {"second": desk.other.staff.pk, "second_password": PASSWORD}
    alone = desk.post(page, {"postmark": f"{day:%m%d}", "why": "読み違い"})
    assert alone.status_code == 422 and "もう一人の職員" in text_of(alone)
    half = desk.post(page, {"postmark": f"{day:%m%d}", "why": "読み違い", "household": "1", **two})
    assert half.status_code == 422 and "正しい番号を読み取って" in text_of(half)
    right = a_case(desk.programme, 1).number
    values = {"postmark": f"{day:%m%d}", "why": "読み違い", "household": "1", "number": right}
    assert desk.post(page, values | two).status_code == 302
    envelope.refresh_from_db()
    assert envelope.postmark_on == day and envelope.contents.filter(case__number=right).count() == 3
    shown = text_of(desk.get(page))
    assert "訂正の記録" in shown and "読み違い" in shown and desk.other.staff.name in shown
    assert EnvelopeCorrection.objects.count() == 1


def test_the_last_postmark_is_offered_for_the_next_envelope(desk):  # noqa: F811
    bag = bag_with_tray(desk)
    opens(desk, bag)
    offered = f'name="postmark" value="{localdate() - timedelta(days=1):%m%d}"'
    assert offered in desk.get(f"mail/bag/{bag.pk}/open/").content.decode()


def test_a_letter_for_somebody_else_leads_to_its_incident(desk):  # noqa: F811
    bag = bag_with_tray(desk)
    to = opens(desk, bag, **POOL, mis_sent="on")["Location"]
    envelope = Envelope.objects.get()
    assert to.endswith(f"incidents/new/?kind=other&envelope={envelope.pk}")
    assert "別の宛先の封書が1通" in desk.client.get(to).content.decode()
    assert "事故を記録" in text_of(desk.get("mail/mis-sent/"))
    told = {"kind": "other", "number": "", "found_at": "2020-01-01T10:00", "what": "別の宛先の封書が1通"}
    assert desk.client.post(to, told).status_code == 302
    incident = Incident.objects.get()
    assert (incident.subject_kind, incident.subject_id) == ("envelope", envelope.pk)
    assert f"事故{incident.pk}" in text_of(desk.get("mail/mis-sent/"))


def test_neither_count_of_a_hand_over_is_told_beforehand_and_the_giver_can_take_it_back(desk):  # noqa: F811
    bag = bag_with_tray(desk)
    opens(desk, bag)
    tray = Container.objects.get()
    page = f"mail/container/{tray.code}/"
    assert 'name="counted" value' not in desk.get(page).content.decode()
    desk.post(page + "give/", {"to": "scanning", "counted": 3})
    carry = Carry.objects.get()
    for place in (page, "mail/containers/", f"mail/slip/{carry.pk}/"):
        assert not re.search(r"\b3枚|>3<", desk.other.get(place).content.decode()), place
    back = f"{page}back/{carry.pk}/"
    desk.other.post(back)
    assert Carry.objects.get().taken_id is None, "only who gave it takes it back"
    assert f'action="/p/sample/{back}"' in desk.get(page).content.decode()
    desk.post(back)
    assert "取り消しました" in toasts_of(desk.get(page))
    carry.refresh_from_db()
    tray.refresh_from_db()
    assert carry.taken_back and tray.station == "opening" and "取消" in text_of(desk.get(page))


def test_a_refused_match_keeps_what_was_typed_and_a_result_can_be_chosen(desk):  # noqa: F811
    opens(desk, bag_with_tray(desk), **POOL)
    paper, case = UnplacedPaper.objects.get(), a_case(desk.programme)
    page = f"mail/papers/{paper.pk}/"
    found = desk.get(page, q=case.recipient.head.kana).content.decode()
    assert f"number={case.number}#number" in found and "この案件" in found
    assert f'value="{case.number}"' in desk.get(page, q="", number=case.number).content.decode()
    typed = {
        "action": "propose",
        "number": "1234567890123",
        "why": "氏名が一致",
        "q": case.recipient.head.kana,
    }
    refused = desk.post(page + "settle/", typed)
    shown = refused.content.decode()
    assert refused.status_code == 422 and 'value="1234567890123"' in shown and 'value="氏名が一致"' in shown
    assert case.printed_number in text_of(refused), "the results stay"
