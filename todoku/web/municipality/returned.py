"""戻った振込 at the municipality: the office's pages of results and late returns, from a file or keyed, in this door's frame."""

from django.urls import URLPattern, URLResolver

from todoku.web.municipality.frame import frame
from todoku.web.office.returned import patterns
from todoku.web.office.watch_door import Door

CITY = Door(frame, "approvals", "shared/base_city.html", batch="approval")

urlpatterns: list[URLPattern | URLResolver] = [*patterns(CITY)]
