"""The office door: its pages, each from the file of its desk. A route not listed here does not exist at this door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("todoku.web.shared.staff_entry")),
    path("", include("todoku.web.shared.live")),
    path("p/<slug:slug>/", include("todoku.web.office.home")),
    path("p/<slug:slug>/", include("todoku.web.office.cases")),
    path("p/<slug:slug>/work/", include("todoku.web.office.works")),
    path("p/<slug:slug>/roll/", include("todoku.web.office.roll")),
    path("p/<slug:slug>/print/", include("todoku.web.office.printing")),
    path("p/<slug:slug>/intake/", include("todoku.web.office.intake")),
    path("p/<slug:slug>/paper/", include("todoku.web.office.paper")),
    path("p/<slug:slug>/review/", include("todoku.web.office.review")),
    path("p/<slug:slug>/decisions/", include("todoku.web.office.decisions")),
    path("p/<slug:slug>/payment/", include("todoku.web.office.payment")),
    path("p/<slug:slug>/payment/gift/", include("todoku.web.office.gifts")),
    path("p/<slug:slug>/payment/gift/", include("todoku.web.office.gift_codes")),
    path("p/<slug:slug>/payment/gift/", include("todoku.web.office.gift_messages")),
    path("p/<slug:slug>/payment/batch/", include("todoku.web.office.batches")),
    path("p/<slug:slug>/payment/holds/", include("todoku.web.office.holds")),
    path("p/<slug:slug>/payment/sweeps/", include("todoku.web.office.sweeps")),
    path("p/<slug:slug>/payment/payees/", include("todoku.web.office.payees")),
    path("p/<slug:slug>/payment/batch/", include("todoku.web.office.returned")),
    path("p/<slug:slug>/payment/", include("todoku.web.office.report_columns")),
    path("p/<slug:slug>/after/", include("todoku.web.office.after_payment")),
    path("p/<slug:slug>/after/accounts/", include("todoku.web.office.account_inquiry")),
    path("p/<slug:slug>/claims/", include("todoku.web.office.claims")),
    path("p/<slug:slug>/ledger/", include("todoku.web.office.ledger")),
    path("p/<slug:slug>/notes/", include("todoku.web.office.notes")),
    path("p/<slug:slug>/handback/", include("todoku.web.office.hand_back")),
    path("p/<slug:slug>/progress/", include("todoku.web.office.progress")),
]
