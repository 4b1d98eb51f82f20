"""審査の品質: how well the review judges, for the municipality: what the sample says, how its rates rose, who is trained.

Counts alone: no reviewer of the office is named here, and no resident. The office's own page shows more.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from todoku.review.intervals import wilson
from todoku.review.quality_figures import detections
from todoku.review.queues import QUEUES
from todoku.review.reviewers import reviewers
from todoku.review.sample_errors import acts_of, key_of, measured
from todoku.review.trained import queues_open_to_each
from todoku.web.municipality.frame import frame
from todoku.web.office import quality_page as drawn
from todoku.web.shared.doors import asks
from todoku.web.shared.interval_chart import percent_words
from todoku.web.shared.pieces import Cell, Column, Row, Table


@require_GET
@asks("quality.view")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The summary, made for printing too."""
    programme, context = frame(request, slug, "quality", "審査の品質")
    review, acts = programme.terms.review, acts_of(programme)
    found = measured(programme, acts)
    staff = reviewers(programme, on=localdate())
    opened = queues_open_to_each([one.pk for one in staff], programme)
    seeded = detections(programme)
    judged, seen = sum(one.judged for one in seeded), sum(one.found for one in seeded)
    share, low, high = (percent_words(bound * 100) for bound in wilson(seen, judged))
    context |= {
        "chart": drawn.error_chart(found, review),
        "rates": drawn.rates_table(found, review, {key_of(act): act.percent for act in acts}),
        "acts": drawn.acts_table(acts, named=False),
        "rule": review.quality.sample,
        "training_required": review.quality.training.required,
        "trained": Table(
            id="trained", caption="列ごとの担当者", total=len(QUEUES), unit="列",
            columns=[Column("queue", "列"), Column("people", "担当できる人", numeric=True)],
            rows=[
                Row(queue, [Cell(name), Cell(f"{sum(queue in queues for queues in opened.values())}人")])
                for queue, name in QUEUES.items()
            ],
        ),
        "seeded": f"{judged}件のうち{seen}件を見つけました（{share}、95%の区間 {low} 〜 {high}）。" if judged else "",
    }  # fmt: skip
    return render(request, "municipality/quality.html", context)


urlpatterns = [path("", show, name="quality")]
