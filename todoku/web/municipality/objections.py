"""不服・訂正の申出 at the municipality: the pages of both staff doors in this door's frame."""

from todoku.web.municipality.frame import frame
from todoku.web.office import objections
from todoku.web.office.watch_door import Door

urlpatterns = objections.patterns(Door(frame, "objections", "shared/base_city.html"))
