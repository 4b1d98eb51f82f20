"""帳簿 at the office: the same books that the municipality sees, to look at and to save; nothing is booked here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from todoku.people.look import record_look
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.ledger_page import CSV_ROWS_MAX, chosen_entries, entries_csv, ledger_context
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("ledger.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Balances and entries."""
    programme, context = frame(request, slug, "ledger", "帳簿")
    context |= ledger_context(request, programme, slug)
    return render(request, "office/ledger.html", context)


@require_GET
@asks("ledger.view")
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """The chosen entries as CSV, on record."""
    return csv_answer(request, slug)


def csv_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """The file of both doors; too many rows are refused with what to do."""
    programme = programme_of(request, slug)
    found = chosen_entries(request, programme)
    count = found.count()
    if count > CSV_ROWS_MAX:
        messages.error(
            request,
            f"{count:,}件は一度に保存できません。年度・勘定・日付で{CSV_ROWS_MAX:,}件までに絞り込んでください。",
        )
        return redirect("ledger", slug=slug)
    record_look(
        actor=actor_of(request), action="ledger.export", subject_kind="ledger", subject_id=None, at=timezone.now(),
        programme_slug=slug, reason=f"仕訳{count:,}件をCSVで保存",
    )  # fmt: skip
    answer = HttpResponse(entries_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ledger-{slug}.csv"'
    return answer


urlpatterns = [path("", index, name="ledger"), path("ledger.csv", save, name="ledger-csv")]
