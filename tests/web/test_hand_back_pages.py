"""納品・検収 at both doors: who may do what, what the municipality sees before it has counted, a refusal that says what to do."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from tests.scan.rows_fixture import Shelf
from tests.web.office import Desk, actor, looks, staff, text_of, toasts_of
from todoku.handback.hand_over import hand_over
from todoku.handback.make_hand_back import make_hand_back
from todoku.handback.tables import HandBack
from todoku.incident.open_incident import open_incident
from todoku.incident.tables import Incident
from todoku.mailroom.give_container import give_container
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation


class CityDesk(Desk):
    """An officer, or a viewer, of the municipality."""

    def __init__(self, role: str, code: str) -> None:
        city, _ = Organisation.objects.get_or_create(
            name="見本市 担当課", defaults={"kind": "municipality", "municipality_code": code}
        )
        self.staff, self.slug, self.client = (
            enrol(role, name="市役所 係長", organisation=city, roles=(role,), password="todoku-tests-2026"),
            "sample",
            Client(),
        )
        self.client.force_login(self.staff)


@pytest.fixture
def made(town) -> Iterator[HandBack]:
    staff("manager")
    yield make_hand_back(programme=town.programme, actor=actor("manager"), at=timezone.now())


@pytest.fixture
def handed(made) -> HandBack:
    hand_over(made, actor=actor("manager"), at=timezone.now())
    made.refresh_from_db()
    return made


def inspection(made: HandBack, **values: object) -> dict[str, object]:
    right = {"cases_found": made.cases, "boxes_found": 0, "sampled": 3, "sha256": made.parcel.sha256}
    return {**right, "comment": "", "result": "accept", **values}


def test_the_office_makes_and_hands_over_and_only_the_manager(made, at_door):
    with at_door("office"):
        manager, clerk, page = Desk("manager"), Desk("clerk"), f"handback/{made.pk}/"
        assert "納品物を作成する" in text_of(manager.get("handback/"))
        assert made.parcel.sha256 in text_of(manager.get(page))
        for place in ("handback/", page, page + "archive/"):
            assert clerk.get(place).status_code == 403, place
        for place in ("handback/make/", page + "hand/"):
            assert clerk.post(place).status_code == 403, place
        # What is open is said before the button, and again by it.
        incident = open_incident(
            programme=made.programme, kind="lost", what="トレー1個を探しています。", found_at=timezone.now(),
            actor=actor("manager"), at=timezone.now(),
        )  # fmt: skip
        assert "終わっていない事故が1件" in text_of(manager.get(page))
        manager.post(page + "hand/")
        assert "終えてから" in toasts_of(manager.get(page)) and HandBack.objects.get().state == "made"
        at = timezone.now()
        ended = {
            "state": "closed",
            "reported_at": at,
            "closed_at": at,
            "cause": "置き場所",
            "measure": "札を付けた",
        }
        Incident.objects.filter(pk=incident.pk).update(**ended)
        manager.post(page + "hand/")
        assert HandBack.objects.get().state == "handed"
        archive = manager.get(page + "archive/")
        assert len(b"".join(archive.streaming_content)) == made.parcel.size_bytes
        assert looks("handback.archive")[0].subject_id == made.pk


def test_sheets_in_no_box_stay_behind_by_choice_and_the_municipality_reads_why(made, at_door):
    tray, page = Shelf(made.programme).tray(None, None), f"handback/{made.pk}/"
    with at_door("office"):
        manager = Desk("manager")
        assert f"{tray.code}（スキャン）2枚" in text_of(manager.get(page))
        for said, missing in (({}, "選び、理由"), ({"left_to": "next", "why": " "}, "理由を入力")):
            answer = manager.post(page + "hand/", said)
            assert answer.status_code == 422 and missing in text_of(answer)
        assert "checked" in answer.content.decode() and HandBack.objects.get().state == "made"
        manager.post(page + "hand/", {"left_to": "next", "why": "審査の途中です"})
        assert "2枚 次の納品に入れる 審査の途中です" in text_of(manager.get(page))
    with at_door("municipality"):
        officer = CityDesk("city_officer", made.programme.municipality_id)
        assert "2枚 次の納品に入れる 審査の途中です" in text_of(officer.get(page))


def test_what_the_office_gave_is_counted_and_taken_by_an_officer(town, at_door):
    tray, code = Shelf(town.programme).tray(None, None, None), town.programme.municipality_id
    staff("manager")
    carry = give_container(tray, to="municipality", stated=3, actor=actor("clerk"), at=timezone.now())
    take = f"paper/{carry.pk}/take/"
    with at_door("office"):
        refused = Desk("manager").post(f"mail/container/{tray.code}/take/", {"counted": 3})
        assert refused.status_code == 422 and "自治体の画面" in text_of(refused)
    with at_door("municipality"):
        officer, viewer = CityDesk("city_officer", code), CityDesk("city_viewer", code)
        assert "1 件 紙の受取り" in text_of(officer.get())
        for who in (officer, viewer):
            shown = text_of(who.get("paper/"))
            assert tray.code in shown and "3枚" not in shown, "the count is their own"
        assert viewer.post(take, {f"c{carry.pk}-counted": 3}).status_code == 403
        assert (
            "受け取る"
            not in text_of(viewer.get("paper/")).split("受取りを待つもの")[1].split("受け取ったもの")[0]
        )
        missing = officer.post(take, {})
        assert missing.status_code == 422 and "数えた枚数" in text_of(missing)
        assert officer.post(take, {f"c{carry.pk}-counted": 2}).status_code == 302
        page = officer.get("paper/")
        assert "合いません" in toasts_of(page) and "業務 責任が調べます" in text_of(page)
        tray.refresh_from_db()
        assert tray.station == "municipality" and "受取りを待つもの 0件" in text_of(page)


def test_the_municipality_counts_before_it_is_told_and_only_an_officer_inspects(handed, at_door):
    with at_door("municipality"):
        code = handed.programme.municipality_id
        officer, viewer = CityDesk("city_officer", code), CityDesk("city_viewer", code)
        page = f"handback/{handed.pk}/"
        for place in ("handback/", page):
            for who in (officer, viewer):
                shown = text_of(who.get(place))
                assert handed.parcel.sha256 not in shown and f"{handed.cases:,}" not in shown, place
        assert viewer.post(page + "inspect/", inspection(handed)).status_code == 403
        assert viewer.get(page + "archive/").status_code == 403
        assert "検収する" in text_of(officer.get(page)) and "検収する" not in text_of(viewer.get(page))
        assert officer.post(page + "inspect/", inspection(handed)).status_code == 302
        assert HandBack.objects.get().state == "accepted"
        shown = text_of(officer.get(page))
        assert handed.parcel.sha256 in shown and f"{handed.cases:,}件" in shown and "市役所 係長" in shown


def test_a_refused_inspection_says_what_to_do_and_keeps_what_was_typed(handed, at_door):
    with at_door("municipality"):
        officer = CityDesk("city_officer", handed.programme.municipality_id)
        page = f"handback/{handed.pk}/inspect/"
        for values, remedy in (
            ({"cases_found": 7_777}, "数え直し"),
            ({"boxes_found": 5}, "数え直し"),
            ({"sha256": "0" * 64}, "計算し直して"),
            ({"sampled": 0}, "1件以上"),
            ({"result": "refuse"}, "理由を入力"),
        ):
            answer = officer.post(page, inspection(handed, **values))
            shown = text_of(answer)
            assert answer.status_code == 422 and remedy in shown, values
            assert f"{handed.cases:,}件のはず" not in shown
        assert 'value="3"' in answer.content.decode() and HandBack.objects.get().state == "handed"
        said = {"result": "refuse", "comment": "箱のラベルが違います。"}
        assert officer.post(page, inspection(handed, **said)).status_code == 302
    with at_door("office"):
        manager = Desk("manager")
        shown = text_of(manager.get("handback/"))
        assert "箱のラベルが違います。" in shown and "納品物を作成する" in shown
        assert str(localdate().year) in text_of(manager.get(f"handback/{handed.pk}/"))


def test_the_pages_ask_no_more_as_deliveries_add_up(handed, at_door):
    def asked(desk: Desk) -> list[int]:
        counts = []
        for place in ("handback/", f"handback/{handed.pk}/"):
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(place).status_code == 200
            counts.append(len(captured))
        return counts

    with at_door("municipality"):
        officer = CityDesk("city_officer", handed.programme.municipality_id)
        officer.post(f"handback/{handed.pk}/inspect/", inspection(handed))
        asked(officer)  # the first page says that it was inspected, once
        few = asked(officer)
        for no in range(2, 6):
            HandBack.objects.create(
                programme=handed.programme, no=no, parcel=handed.parcel, cases=1, sheets=1, pictures=1,
                made_at=timezone.now(), made_by="係", state="void",
            )  # fmt: skip
        many = asked(officer)
    assert many == few and max(many) <= 20
