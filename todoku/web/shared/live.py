"""Whether this door lives: its process answers and its database role can read. For a supervisor or a load balancer.

Says nothing but that; no version, no count, no name.
"""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from todoku.web.shared.doors import asks


@require_GET
@asks("public")
def live(request: HttpRequest) -> HttpResponse:
    """200 where the database answers; otherwise the failure itself (500)."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


urlpatterns = [path("live/", live, name="live")]
