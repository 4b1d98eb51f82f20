"""A case found from anywhere and shown whole: its story, its facts, the notes, and who looked.

Every look is recorded. Addresses pass the guard; account numbers are for those who may see them.
"""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.case.members import members_of
from todoku.case.stages import DECIDED, DECLINED, RETURNED, STAGES
from todoku.case.tables import Case
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.intake.add_note import add_note
from todoku.intake.tell_decline import CAN_DECLINE
from todoku.letters.request_letter import kinds_for
from todoku.letters.tables import KINDS
from todoku.people.access import may
from todoku.people.address_guard import shown_address
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Programme
from todoku.recovery.take_objection import UNDECIDED
from todoku.registry.protected import is_under_protection
from todoku.registry.reached import reached_by_name
from todoku.review.seeded import at_desk, stands_since
from todoku.web.office.case_story import story
from todoku.web.office.deeds import deed_words
from todoku.web.office.find import results_table, search_at_desk
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.note_form import NoteEntry
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge

LOOKS_SHOWN = 30
LETTER_NAMES = dict(KINDS)


@require_GET
@asks("case.find")
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """People for what was typed; a whole number opens its case at once."""
    programme, context = frame(request, slug, "", "探す")
    typed, actor = request.GET.get("q", "").strip()[:100], actor_of(request)
    found = search_at_desk(programme, typed, actor.roles)
    number = scanned_number(typed)
    if found.by == "number" and number in [one.number for one in found.people]:
        return redirect("case", slug=slug, number=number)
    if found.people:
        record_look(
            actor=actor, action="case.find", subject_kind="search", subject_id=None, at=timezone.now(),
            programme_slug=slug, reason=f"{'番号' if found.by == 'number' else '氏名・カナ'}で検索、{len(found.people)}人を表示",
        )  # fmt: skip
    context |= {
        "search_query": typed, "asked": typed != "", "more": found.more, "table": results_table(found, slug, actor.roles),
    }  # fmt: skip
    return render(request, "office/find.html", context)


def case_of(programme: Programme, number: str, *, made_up: bool = True) -> Case:
    """A case by its number with what its page needs; 404 where there is none. `made_up`: also of the rehearsal."""
    wanted = Case.objects.select_related(
        "recipient__head", "recipient__reached_at", "standing"
    ).prefetch_related("entitlements")
    return get_object_or_404(wanted, at_desk(programme) if made_up else Q(programme=programme), number=number)


@require_GET
@asks("case.view")
def show(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The case with its whole story."""
    return _show(request, slug, number, NoteEntry(auto_id="note_%s"))


def _show(
    request: HttpRequest, slug: str, number: str, form: NoteEntry, *, opened: bool = False, status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "", "案件")
    case, actor = case_of(programme, number), actor_of(request)
    record_look(
        actor=actor, action="case.view_protected" if opened else "case.view", subject_kind="case", subject_id=case.pk,
        at=timezone.now(), programme_slug=slug, reason=request.POST.get("reason", "") if opened else "案件の照会",
    )  # fmt: skip
    protected = is_protected(case)
    stage = STAGES[case.standing.stage]
    context |= {
        "page_title": f"案件 {case.printed_number}",
        "case": case,
        "badge": Badge(stage.name, "ok" if stage.code == "paid" else "none" if stage.is_end else "info"),
        "head": case.recipient.head,
        "items": case_facts(case, protected, actor.roles, opened),
        "members": case_members(case),
        "protected": protected,
        "may_open_address": protected and not opened and may(actor.roles, "case.view_protected"),
        "moments": story(case, whole_account=may(actor.roles, "case.view_account"), reader=actor),
        "form": form,
        "may_note": may(actor.roles, "note.add"),
        "sheets": sheets_to_send(case) if may(actor.roles, "letter.request") else [],
        "may_decline": stage.code in CAN_DECLINE | {DECLINED}
        and (may(actor.roles, "decline.tell") or may(actor.roles, "decline.confirm")),
        "may_answer": stage.code == RETURNED and may(actor.roles, "note.add"),
        "may_object": stage.code not in UNDECIDED and may(actor.roles, "objection.take"),
        "may_hold": stage.code == DECIDED and may(actor.roles, "hold.open"),
        "looks": looks_of(case) if may(actor.roles, "audit.view") else None,
    }
    return render(request, "office/case.html", context, status=status)


def sheets_to_send(case: Case) -> list[tuple[str, str]]:
    """Sheets that a caller may ask for, each with its name; none where the terms or the stage have none."""
    return [(kind, LETTER_NAMES[kind]) for kind in kinds_for(case)]


def is_protected(case: Case) -> bool:
    """Whether anybody of the household is under 支援措置: one address gives away all who live there."""
    return is_under_protection(case.recipient_id)


def case_facts(case: Case, protected: bool, roles: frozenset[str], opened: bool) -> list[dict[str, Any]]:
    head = case.recipient.head
    born = format_wareki(head.birth_date) if head.birth_date else head.birth_text or "不詳"
    reached, called = reached_by_name(case.recipient)
    called = "" if protected and not opened else called
    address = shown_address(
        reached.postal_code,
        reached.address,
        reached.building,
        protected=protected,
        roles=roles,
        opened=opened,
    )
    phone = "非表示（支援措置）" if protected and not opened else reached.phone or "なし"
    return [
        {
            "label": "受給権者",
            "value": head.name,
            "note": " ".join(part for part in (head.kana, head.alias, head.latin_name) if part),
        },
        {"label": "生年月日", "value": born},
        {"label": "住所", "value": address, "note": f"手紙の宛名：{called}" if called else ""},
        {"label": "名簿の電話", "value": phone},
        {"label": "数える世帯員", "value": f"{case.entitlement.member_count}人"},
        {"label": "支給予定額", "value": f"{case.entitlement.amount_yen:,}円", "note": _supplements(case)},
        {"label": "段階", "value": f"{STAGES[case.standing.stage].name}（{localtime(stands_since(case)):%Y/%m/%d}から）"},
        {"label": "区分", "value": case.programme.terms.cohort(case.cohort).title},
    ]  # fmt: skip


def _supplements(case: Case) -> str:
    """What an order added beside the first amount."""
    parts = [one for one in case.entitlements.all() if one.part > 1 and not one.superseded_by_order]
    return "".join(
        f"ほかに追給 {one.amount_yen:,}円（正しい支給額 {one.corrected_yen:,}円）" for one in parts
    )


def case_members(case: Case) -> list[tuple[str, str, str]]:
    lines = members_of([case.recipient_id]).get(case.recipient_id, [])
    return [
        (line.name, format_wareki(line.birth_date) if line.birth_date else line.birth_text, line.relation)
        for line in lines
    ]


def looks_of(case: Case) -> list[dict[str, Any]]:
    found = AuditEvent.objects.filter(subject_kind="case", subject_id=case.pk).order_by("-at")[:LOOKS_SHOWN]
    return [
        {
            "at": one.at, "who": one.actor_name, "door": one.door, "what": deed_words(one.action),
            "reason": one.reason, "refused": one.refused,
        }
        for one in found
    ]  # fmt: skip


@require_POST
@asks("note.add")
def add(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Keeps a contact note to this case."""
    programme = programme_of(request, slug)
    form = NoteEntry(request.POST, auto_id="note_%s")
    if form.is_valid():
        case = case_of(programme, number)
        try:
            add_note(
                form.note(case.number), programme=case.programme, actor=actor_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("asked", refusal.sentence)
        else:
            messages.success(request, "応対記録を保存しました。")
            return redirect("case", slug=slug, number=number)
    return _show(request, slug, number, form, status=422)


@require_POST
@asks("case.view_protected")
def open_address(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Shows an address under 支援措置 once, for a reason that is recorded."""
    if not request.POST.get("reason", "").strip():
        messages.error(request, "住所を表示する理由を入力してください。理由は閲覧の記録に残ります。")
        return redirect("case", slug=slug, number=number)
    return _show(request, slug, number, NoteEntry(auto_id="note_%s"), opened=True)


urlpatterns = [
    path("find/", find, name="find"),
    path("case/<str:number>/", show, name="case"),
    path("case/<str:number>/note/", add, name="case-note"),
    path("case/<str:number>/address/", open_address, name="case-address"),
]
