"""Incidents at the municipality's door: only what was reported, read by all, acknowledged by an officer alone."""

import pytest
from django.test import Client
from django.utils import timezone

from todoku.incident.open_incident import open_incident
from todoku.incident.report_first import report_first
from todoku.incident.tables import Incident
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.sampletown.staff import make_staff

MANAGER = Actor(None, "業務 責任", frozenset({"manager"}))


@pytest.fixture
def city(town, at_door):
    make_staff(town.programme.municipality)
    at = timezone.now()
    for what in ("申請書1通の所在が分からない", "まだ報告していない"):
        open_incident(programme=town.programme, kind="lost", what=what, found_at=at, actor=MANAGER, at=at)
    first = Incident.objects.order_by("pk")[0]
    report_first(first, first.first_report, actor=MANAGER, at=at)
    with at_door("municipality"):
        yield first


def as_(username: str) -> Client:
    client = Client()
    client.force_login(Staff.objects.get(username=username))
    return client


def test_the_municipality_sees_what_was_reported_and_an_officer_receives_it(city):
    page, officer = f"/p/sample/incidents/{city.pk}/", as_("officer")
    listed = officer.get("/p/sample/incidents/").content.decode()
    assert "申請書1通の所在が分からない" in listed and "まだ報告していない" not in listed
    assert officer.get(f"/p/sample/incidents/{Incident.objects.latest('pk').pk}/").status_code == 404
    assert "事故の第一報" in officer.get("/p/sample/").content.decode()
    assert officer.post(page + "acknowledge/").status_code == 302
    city.refresh_from_db()
    assert city.acknowledged_by == "市役所 きめる"
    assert "事故の第一報" not in officer.get("/p/sample/").content.decode()


def test_who_only_looks_reads_it_and_cannot_receive_it(city):
    page, viewer = f"/p/sample/incidents/{city.pk}/", as_("viewer")
    read = viewer.get(page).content.decode()
    assert "第一報" in read and "受領できるのは担当課職員です" in read
    assert viewer.post(page + "acknowledge/").status_code == 403
    city.refresh_from_db()
    assert city.acknowledged_at is None
