"""The office door: its pages, each from the file of its desk. A route not listed here does not exist at this door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("todoku.web.shared.staff_entry")),
    path("p/<slug:slug>/review/", include("todoku.web.office.review")),
]
