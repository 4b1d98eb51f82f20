"""The municipality's door: its pages. A route not listed here does not exist at this door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("todoku.web.shared.staff_entry")),
]
