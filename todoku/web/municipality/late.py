"""後からの案件作成 at the municipality's door: the same pages as the office's; an officer confirms what the office entered."""

from todoku.web.municipality.frame import frame
from todoku.web.office import late
from todoku.web.office.watch_door import Door

urlpatterns = late.patterns(Door(frame, "changes", "shared/base_city.html"))
