"""研修: a reviewer works through the made-up cases of a queue with the keys of the desk, and sees at once what was right.

Takes a reviewer's request; gives the queues with their state, one case, its result with the explanation. Nothing here shows
or touches a resident. Judging is review/train.py; this file translates.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.review.code_sentences import REFUSALS
from todoku.review.codes import CODES, Code, code_words
from todoku.review.quality_tables import QueuePass, TrainingAnswer, TrainingTry
from todoku.review.queues import QUEUE_OF_CODE, QUEUES
from todoku.review.tables import Verdict
from todoku.review.train import answer, begin, next_case
from todoku.review.trained import queues_open_to
from todoku.review.training_cases import TrainingCase, cases_of, training_cases
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.training_picture import picture
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Row, Table

QUICK_CODES = 9
# What the checks cannot see in an application in which they found nothing: the copies beside what was entered.
SEEN_BY_EYE = ["D13", "D31", "D30", "D12", "D20", "D21", "D22", "D23"]
OUTCOMES = dict(Verdict.OUTCOMES)
CHANNELS = {"paper": "郵送", "web": "オンライン"}


@require_GET
@asks("training.take")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The queues, which of them are open to this person, and the way into their cases."""
    programme, context = frame(request, slug, "review", "研修")
    actor = actor_of(request)
    assert actor.id is not None, "a reviewer is a person"
    training = programme.terms.review.quality.training
    context |= {
        "table": _standing(programme, actor.id),
        "required": training.required,
        "wanted": training.cases,
        "next_queue": _first_closed(programme, actor.id),
        "may_manage": may(actor.roles, "quality.manage"),
    }
    return render(request, "office/training.html", context)


def _first_closed(programme: Programme, staff: int) -> str:
    """The queue that is trained for next: the first that is closed, else the last."""
    opened = queues_open_to(staff, programme)
    return next((queue for queue in QUEUES if queue not in opened), "clean")


def _standing(programme: Programme, staff: int) -> Table:
    opened = queues_open_to(staff, programme)
    tries: dict[str, TrainingTry] = {}
    for one in TrainingTry.objects.filter(programme=programme, staff_id=staff).order_by("id"):
        tries[one.queue] = one
    acts = {
        act.queue: act for act in QueuePass.objects.filter(programme=programme, staff_id=staff).order_by("id")
    }
    return Table(
        caption="担当できる列", total=len(QUEUES), unit="列", id="training",
        columns=[
            Column("queue", "列"), Column("open", "担当"), Column("why", "理由"), Column("last", "前回"),
            Column("cases", "案件", numeric=True),
        ],
        rows=[_row(queue, queue in opened, tries.get(queue), acts.get(queue), programme) for queue in QUEUES],
    )  # fmt: skip


def _row(
    queue: str, opened: bool, last: TrainingTry | None, act: QueuePass | None, programme: Programme
) -> Row:
    if last is None:
        before = Cell("まだ受けていません")
    elif last.finished_at is None:
        before = Cell(f"{last.number}回目の途中", href=f"/p/{programme.slug}/training/{last.pk}/")
    else:
        before = Cell(f"{last.number}回目 {'合格' if last.passed else '不合格'}")
    why = act.get_how_display() + (f"（{act.reason}）" if act.reason else "") if act else ""
    wanted = min(programme.terms.review.quality.training.cases, len(cases_of(queue)))
    state = Badge("担当できます", "ok") if opened else Badge("研修が要ります", "wait")
    return Row(
        queue, [Cell(QUEUES[queue]), Cell(badge=state), Cell(why), before, Cell(wanted)], name=QUEUES[queue]
    )


@require_POST
@asks("training.take")
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins a run through one queue's cases, or goes on with the one begun."""
    queue = request.POST.get("queue", "")
    if queue not in QUEUES:
        raise Http404("queue")
    run = begin(queue, programme=programme_of(request, slug), actor=actor_of(request), at=timezone.now())
    return redirect("training-run", slug=slug, pk=run.pk)


def _mine(request: HttpRequest, slug: str, pk: int) -> TrainingTry:
    found: TrainingTry = get_object_or_404(
        TrainingTry, pk=pk, programme=programme_of(request, slug), staff_id=request.user.pk
    )
    return found


@require_http_methods(["GET", "POST"])
@asks("training.take")
def work(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The next case of the run; its verdict leads to the result. A run that is over shows what came of it."""
    run = _mine(request, slug, pk)
    case = next_case(run)
    if case is None:
        return _over(request, slug, run)
    if request.method == "GET":
        return _page(request, slug, run, case)
    outcome = request.POST.get("outcome", "")
    if outcome not in OUTCOMES:
        raise Http404("outcome")
    codes = request.POST.getlist("refuse_code" if outcome == "refuse" else "code")
    try:
        given = answer(
            run,
            case=request.POST.get("case", ""),
            outcome=outcome,
            codes=codes,
            actor=actor_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, slug, run, case, refusal.sentence)
    return redirect("training-result", slug=slug, pk=run.pk, given=given.pk)


def _page(
    request: HttpRequest, slug: str, run: TrainingTry, case: TrainingCase, wrong: str = ""
) -> HttpResponse:
    _, context = frame(request, slug, "review", f"研修 {QUEUES[run.queue]}")
    done = run.answers.count()
    quick = _quick(case, run.queue)
    context |= {
        "run": run, "case": case, "wide": True, "number": done + 1, "count": len(run.cases), "step": None,
        "channel": CHANNELS[case.channel], "pictures": _pictures(case),
        "findings": [CODES[code] for code in case.found],
        "quick_codes": quick,
        "more_codes": [code for code in CODES.values() if code not in quick],
        "refuse_codes": [CODES[code] for code in REFUSALS],
        "typed_codes": request.POST.getlist("code"), "typed_refusal": request.POST.get("refuse_code", ""),
        "outcomes": OUTCOMES, "errors": [{"target": "verdict", "sentence": wrong}] if wrong else [],
    }  # fmt: skip
    return render(request, "office/training_case.html", context, status=422 if wrong else 200)


def _quick(case: TrainingCase, queue: str) -> list[Code]:
    """The codes that lie under the digits: those of the kind that was found, else of the queue's own kind."""
    kind = QUEUE_OF_CODE[case.found[0]] if case.found else queue
    own = [code for code, of in QUEUE_OF_CODE.items() if of == kind] or SEEN_BY_EYE
    return [CODES[code] for code in own[:QUICK_CODES]]


def _pictures(case: TrainingCase) -> list[Any]:
    return [picture(drawn, f"document-{place}") for place, drawn in enumerate(case.pictures)]


@require_GET
@asks("training.take")
def result(request: HttpRequest, slug: str, pk: int, given: int) -> HttpResponse:
    """Whether the verdict was right, what was expected and why; the case stands beside it."""
    run = _mine(request, slug, pk)
    said = get_object_or_404(TrainingAnswer, pk=given, training=run)
    case = training_cases()[said.case_name]
    _, context = frame(request, slug, "review", f"研修 {QUEUES[run.queue]} 結果")
    context |= {
        "run": run, "case": case, "wide": True, "said": said, "pictures": _pictures(case), "channel": CHANNELS[case.channel],
        "number": list(run.cases).index(case.name) + 1, "count": len(run.cases), "step": None,
        "given_words": verdict_words(said.outcome, said.codes),
        "expected_words": verdict_words(case.outcome, case.codes),
        "findings": [CODES[code] for code in case.found],
    }  # fmt: skip
    return render(request, "office/training_result.html", context)


def verdict_words(outcome: str, codes: Any) -> str:
    """A verdict in words: 返戻（D13 …）."""
    named = code_words(codes)
    return OUTCOMES[outcome] + (f"（{named}）" if named else "")


def _over(request: HttpRequest, slug: str, run: TrainingTry) -> HttpResponse:
    """A run that is over: the way back with a word about it."""
    name = QUEUES[run.queue]
    if run.passed:
        messages.success(request, f"「{name}」の研修に合格しました。この列の審査を担当できます。")
    else:
        wrong = run.answers.filter(right=False).count()
        messages.warning(
            request,
            f"「{name}」は{len(run.cases)}件のうち{wrong}件が違いました。別の案件でもう一度受けられます。",
        )
    return redirect("training", slug=slug)


urlpatterns = [
    path("", index, name="training"),
    path("start/", start, name="training-start"),
    path("<int:pk>/", work, name="training-run"),
    path("<int:pk>/result/<int:given>/", result, name="training-result"),
]
