"""住基照会 at the office: mail that came back is put on a list for the municipality's register; its answers are seen here."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.register_inquiry import ask_register, inquiry_csv, lines_of, open_questions
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.register_page import lists_table, questions_table
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("register.ask")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits to be asked, and the lists."""
    programme, context = frame(request, slug, "print", "住基照会")
    ordinary, protected = open_questions(programme)
    may_protected = may(actor_of(request).roles, "case.view_protected")
    context |= {
        "table": lists_table(programme, slug, "print/register/"), "ordinary": ordinary, "protected": protected,
        "may_protected": may_protected,
    }  # fmt: skip
    return render(request, "office/register.html", context)


@require_POST
@asks("register.ask")
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """A new list of what waits; people under 支援措置 on one of their own, by who may see their addresses."""
    programme, actor = programme_of(request, slug), actor_of(request)
    protected = request.POST.get("protected") == "1"
    if protected and not may(actor.roles, "case.view_protected"):
        raise Http404("list")
    try:
        number = ask_register(programme, protected=protected, actor=actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("register", slug=slug)
    messages.success(request, f"一覧{number}を作りました。自治体の画面に届いています。")
    return redirect("register-list", slug=slug, list_no=number)


@require_GET
@asks("register.ask")
def show(request: HttpRequest, slug: str, list_no: int) -> HttpResponse:
    """One list with the answers so far."""
    programme, context = frame(request, slug, "print", f"住基照会 一覧{list_no}")
    lines = lines_of(programme, list_no)
    if not lines or _kept(request, [line.protected for line in lines]):
        raise Http404("list")
    context |= {"table": questions_table(lines, slug, list_no, answers=False), "list_no": list_no}
    return render(request, "office/register_list.html", context)


@require_GET
@asks("register.ask")
def file(request: HttpRequest, slug: str, list_no: int) -> HttpResponse:
    """The list as CSV; the look is recorded."""
    programme = programme_of(request, slug)
    lines = lines_of(programme, list_no)
    if not lines or _kept(request, [line.protected for line in lines]):
        raise Http404("list")
    record_look(
        actor=actor_of(request), action="register.ask", subject_kind="register_list", subject_id=list_no,
        at=timezone.now(), programme_slug=slug, reason=f"住基照会の一覧 {len(lines)}件",
    )  # fmt: skip
    answer = HttpResponse(inquiry_csv(programme, list_no), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="juki-{slug}-{list_no:03d}.csv"'
    return answer


def _kept(request: HttpRequest, protected: list[bool]) -> bool:
    """Whether the list is not for this person."""
    return any(protected) and not may(actor_of(request).roles, "case.view_protected")


urlpatterns = [
    path("register/", index, name="register"),
    path("register/ask/", ask, name="register-ask"),
    path("register/<int:list_no>/", show, name="register-list"),
    path("register/<int:list_no>/file/", file, name="register-file"),
]
