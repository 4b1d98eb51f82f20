"""封書: one envelope with what lay in it and where that lies now; a wrong postmark or number put right by two.

Each post is one verb. Letters for somebody else that lay in a bag (誤配達) are listed until each has its incident.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.intake.correct_envelope import correct_envelope
from todoku.mailroom.tables import Envelope
from todoku.people.access import may
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.mail_forms import Correction, colleagues, typed_postmark
from todoku.web.office.mail_page import mis_sent_table
from todoku.web.shared.doors import actor_of, asks


@require_http_methods(["GET", "POST"])
@asks("mail.view")
def envelope(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One envelope; who works in the mailroom puts it right, with a second person and the reason."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    one: Any = get_object_or_404(Envelope.objects.select_related("bag"), pk=pk, programme=programme)
    may_work = may(actor.roles, "mail.work") and one.voided_at is None
    form = Correction(
        request.POST or None, people=colleagues(programme, actor.id or 0), actor=actor, at=now,
        households=one.households, today=one.arrived_on,
        initial={"postmark": typed_postmark(one.postmark, one.postmark_on)},
    )  # fmt: skip
    if request.method == "POST" and may_work and form.is_valid():
        try:
            report = correct_envelope(one, **form.cleaned_data, actor=actor, at=now)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, report.note)
            return redirect("mail-envelope", slug=slug, pk=pk)
    name = f"袋 {one.bag.pickup_id}-{one.bag.no}　{one.no}通目" if one.bag else f"封書 {one.pk}"
    _, context = frame(request, slug, "mail", name)
    context |= {
        "envelope": one, "form": form, "may_work": may_work,
        "sheets": one.contents.filter(voided_at__isnull=True).select_related("case", "container").order_by("no"),
        "corrections": one.corrections.select_related("case_before", "case").order_by("-pk"),
        "errors": [{"target": "", "sentence": sentence} for sentence in form.non_field_errors()],
    }  # fmt: skip
    return render(request, "office/mail_envelope.html", context, status=422 if form.is_bound else 200)


@require_GET
@asks("mail.view")
def mis_sent(request: HttpRequest, slug: str) -> HttpResponse:
    """Letters for somebody else, those without an incident first."""
    programme, context = frame(request, slug, "mail", "誤配達")
    context["table"] = mis_sent_table(programme, slug, page=page_number(request))
    return render(request, "office/mail_list.html", context)


urlpatterns = [
    path("envelope/<int:pk>/", envelope, name="mail-envelope"),
    path("mis-sent/", mis_sent, name="mail-mis-sent"),
]
