"""The next case, loaded before it is asked for (先読み): reserved for the reviewer, its pictures sent to wait in the page.

Takes a reviewer's request; gives the addresses of the reserved task's pictures. Sending ahead is recorded as just that;
the look is recorded when the case is shown.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from todoku.people.look import record_look
from todoku.review.claim import reserve_next
from todoku.review.tables import Task
from todoku.web.office.frame import programme_of
from todoku.web.office.review_pictures import pictures_of
from todoku.web.shared.doors import actor_of, asks


@require_POST
@asks("review.judge")
def ahead(request: HttpRequest, slug: str) -> HttpResponse:
    """Reserves the person's next task and names its pictures; {"pictures": []} where nothing waits or nothing was sent."""
    programme = programme_of(request, slug)
    task = reserve_next(programme=programme, actor=actor_of(request), at=timezone.now())
    return JsonResponse({"pictures": [picture.url for picture in pictures_of(task, slug)] if task else []})


def record_picture(request: HttpRequest, slug: str, case: int, words: str) -> None:
    """Records that a picture was opened; or, of the person's reserved next task, that it was sent ahead unseen."""
    at, action = timezone.now(), "document.view"
    if "ahead" in request.GET:
        sent = Task.objects.filter(case_id=case, state="open", reserved_by_id=request.user.pk).update(
            ahead_at=at
        )
        action = "document.ahead" if sent else action
    record_look(
        actor=actor_of(request), action=action, subject_kind="case", subject_id=case, at=at, programme_slug=slug,
        reason=words,
    )  # fmt: skip


def record_seen_ahead(request: HttpRequest, task: Task) -> None:
    """The pictures that were sent ahead are seen now: the browser does not ask for them again, so the page says it."""
    if task.ahead_at is None:
        return
    for picture in pictures_of(task, task.programme.slug):
        record_look(
            actor=actor_of(request), action="document.view", subject_kind="case", subject_id=task.case_id,
            at=timezone.now(), programme_slug=task.programme.slug, reason=picture.words,
        )  # fmt: skip
    Task.objects.filter(pk=task.pk).update(ahead_at=None)


urlpatterns = [path("ahead/", ahead, name="review-ahead")]
