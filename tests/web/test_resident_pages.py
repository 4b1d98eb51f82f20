"""First pages, languages and calm errors."""

import pytest
from django.test import Client

from tests.open_today import open_today
from tests.web.resident import text_of


@pytest.fixture
def door(town, at_door):
    open_today(town.programme)
    with at_door("resident"):
        yield Client(raise_request_exception=False)


def test_the_first_page_says_how_much_until_when_and_whom_to_call(door):
    assert door.get("/").headers["Location"] == "/sample/"
    page = door.get("/sample/")
    body = page.content.decode()
    assert "1人につき10万円" in text_of(page) and "申請の期限" in text_of(page)
    assert 'href="tel:0120000000"' in body and "set_language" not in body
    assert 'action="/i18n/setlang/"' in body


def test_a_programme_nobody_knows_is_not_found_calmly(door):
    page = door.get("/nothing/")
    assert (page.status_code, "見つかりません" in text_of(page)) == (404, True)


def test_a_form_without_its_token_is_told_what_to_do(town, at_door):
    with at_door("resident"):
        from django.test import override_settings

        with override_settings(CSRF_FAILURE_VIEW="todoku.web.resident.errors.csrf_failed"):
            page = Client(enforce_csrf_checks=True).post("/sample/look-up/", {})
    assert (page.status_code, "Cookie" in text_of(page)) == (403, True)


def test_a_fault_shows_a_calm_page(door, monkeypatch):
    from todoku.web.resident import errors

    response = errors.broken(door.get("/sample/").wsgi_request)
    assert (response.status_code, "ただいま手続きできません" in response.content.decode()) == (500, True)


def test_every_page_is_kept_out_of_caches_and_frames(door):
    headers = door.get("/sample/look-up/").headers
    assert headers["Cache-Control"] == "no-store" and headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
