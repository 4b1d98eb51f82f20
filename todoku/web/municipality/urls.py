"""The municipality's door: its pages. A route not listed here does not exist at this door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("todoku.web.shared.staff_entry")),
    path("", include("todoku.web.shared.live")),
    path("p/<slug:slug>/", include("todoku.web.municipality.today")),
    path("p/<slug:slug>/proofs/", include("todoku.web.municipality.proofs")),
    path("p/<slug:slug>/addresses/", include("todoku.web.municipality.addresses")),
    path("p/<slug:slug>/register/", include("todoku.web.municipality.register")),
    path("p/<slug:slug>/questions/", include("todoku.web.municipality.questions")),
    path("p/<slug:slug>/decisions/", include("todoku.web.municipality.decisions")),
    path("p/<slug:slug>/approvals/", include("todoku.web.municipality.approvals")),
    path("p/<slug:slug>/approvals/", include("todoku.web.municipality.bank_files")),
    path("p/<slug:slug>/approvals/", include("todoku.web.municipality.unknown")),
    path("p/<slug:slug>/approvals/", include("todoku.web.municipality.verify")),
    path("p/<slug:slug>/approvals/", include("todoku.web.municipality.returned")),
    path("p/<slug:slug>/after/", include("todoku.web.municipality.after_payment")),
    path("p/<slug:slug>/cash/", include("todoku.web.municipality.cash")),
    path("p/<slug:slug>/gifts/", include("todoku.web.municipality.gifts")),
    path("p/<slug:slug>/watch/", include("todoku.web.municipality.watch")),
    path("p/<slug:slug>/incidents/", include("todoku.web.municipality.incidents")),
    path("p/<slug:slug>/claims/", include("todoku.web.municipality.claims")),
    path("p/<slug:slug>/ledger/", include("todoku.web.municipality.ledger")),
    path("p/<slug:slug>/handback/", include("todoku.web.municipality.hand_back")),
    path("p/<slug:slug>/reports/", include("todoku.web.municipality.reports")),
    path("p/<slug:slug>/", include("todoku.web.municipality.cases")),
    path("p/<slug:slug>/", include("todoku.web.municipality.orders")),
    path("p/<slug:slug>/unanswered/", include("todoku.web.municipality.unanswered")),
    path("p/<slug:slug>/looks/", include("todoku.web.municipality.looks")),
    path("p/<slug:slug>/programme/", include("todoku.web.municipality.programme")),
    path("p/<slug:slug>/feed/", include("todoku.web.municipality.feed")),
]
