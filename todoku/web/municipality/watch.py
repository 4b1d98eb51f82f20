"""保留・点検 at the municipality: the office's pages of holds, sweeps and shared accounts in this door's frame."""

from django.urls import URLPattern, URLResolver, include, path

from todoku.web.municipality.frame import frame
from todoku.web.office import holds, payees, sweeps
from todoku.web.office.watch_door import Door

CITY = Door(frame, "watch", "shared/base_city.html")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(holds.patterns(CITY))),
    path("sweeps/", include(sweeps.patterns(CITY))),
    path("payees/", include(payees.patterns(CITY))),
]
