"""裁定 at the municipality: the office's pages of rulings in this door's frame."""

from todoku.web.municipality.frame import frame
from todoku.web.office.rulings import patterns
from todoku.web.office.watch_door import Door

CITY = Door(frame, "rulings", "shared/base_city.html")

urlpatterns = patterns(CITY)
