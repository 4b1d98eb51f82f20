"""The resident door: its pages, each from its file. A route not listed here does not exist at this door.

Order matters where an address could be read twice: the pages with names of their own stand before the questions.
"""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from todoku.web.resident import apply, decline, look_up, photos, send, start, status, without_letter
from todoku.web.shared.doors import asks

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/setlang/", asks("public")(set_language), name="set_language"),
    *look_up.urlpatterns,
    *status.urlpatterns,
    *photos.urlpatterns,
    *send.urlpatterns,
    *decline.urlpatterns,
    *without_letter.urlpatterns,
    *apply.urlpatterns,
    *start.urlpatterns,
]

handler400 = "todoku.web.resident.errors.bad_request"
handler403 = "todoku.web.resident.errors.refused"
handler404 = "todoku.web.resident.errors.not_found"
handler500 = "todoku.web.resident.errors.broken"
