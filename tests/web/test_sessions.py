"""A session under two requests at once: what one of them wrote stays, whatever the other read before."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from todoku.people.tables import OfficeSession
from todoku.web.shared.sessions import SessionStore


@pytest.fixture
def opened(town) -> SessionStore:
    """A session with one answer in it."""
    store = SessionStore()
    store["draft"] = {"branch": "001"}
    store.save()
    return store


def test_a_request_that_changed_nothing_leaves_the_answer_of_another(opened):
    """A box asks whether its number is right while the page with that number is sent: the answer came back last, and
    the number was gone."""
    asking, sending = SessionStore(opened.session_key), SessionStore(opened.session_key)
    assert asking["draft"] == sending["draft"] == {"branch": "001"}
    sending["draft"] = {"branch": "001", "number": "1234567"}
    sending.save()
    asking.save()
    assert SessionStore(opened.session_key)["draft"] == {"branch": "001", "number": "1234567"}


def test_it_still_prolongs_the_session(opened):
    kept = OfficeSession.objects.filter(session_key=opened.session_key)
    kept.update(expire_date=timezone.now() + timedelta(seconds=60))
    reading = SessionStore(opened.session_key)
    assert reading["draft"] == {"branch": "001"}
    reading.save()
    assert kept.get().expire_date > timezone.now() + timedelta(minutes=5)


def test_a_session_that_ended_meanwhile_does_not_come_back(opened):
    reading = SessionStore(opened.session_key)
    assert reading["draft"] == {"branch": "001"}
    opened.flush()
    with pytest.raises(UpdateError):
        reading.save()
    assert not OfficeSession.objects.exists()
