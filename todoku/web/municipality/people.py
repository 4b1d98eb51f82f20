"""担当者 at the municipality: the office's pages of deputies and hand-overs in this door's frame, for its own people."""

from todoku.web.municipality.frame import frame
from todoku.web.office.people import patterns
from todoku.web.office.watch_door import Door

CITY = Door(frame, "people", "shared/base_city.html")

urlpatterns = patterns(CITY)
