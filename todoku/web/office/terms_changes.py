"""What a Version that was opened made of each case (版による案件の変更), as both staff doors list it. No names."""

from django.db.models import QuerySet
from django.http import HttpRequest

from todoku.case.due import NOT_DUE
from todoku.case.stages import stage_name
from todoku.programme.tables import Version
from todoku.programme.terms import Terms
from todoku.review.rescreen_tables import TermsChange
from todoku.web.office.cells import case_cell, page_number
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

LOOKS = {"done": "ok", "proposed": "wait", "undone": "none"}
STATES = dict(TermsChange.STATES)
# What a person does with what is only proposed, and where: at the office, at the municipality.
NEXT = {
    "supplement": ("追給を提案する", "decisions/supplements/{number}/", "case/{number}/amount/"),
    "recovery": ("額を改める（返還）", "case/{number}/", "case/{number}/amount/"),
    "kept": ("額を確かめる", "case/{number}/", "case/{number}/amount/"),
    "not_due": ("審査で確かめる", "case/{number}/", "case/{number}/"),
}


def terms_changes_table(request: HttpRequest, version: Version, slug: str, *, at_city: bool) -> Table | None:
    """The cases that the Version changed or for which it proposes something; None where there is none."""
    found = TermsChange.objects.filter(version=version)
    if not found.exists():
        return None
    kind, page = request.GET.get("kind", ""), page_number(request)
    kinds = [(code, words) for code, words in TermsChange.KINDS if found.filter(kind=code).exists()]
    if kind in dict(kinds):
        found = found.filter(kind=kind)
    return Table(
        id="terms-changes", caption="案件の変更と提案", total=found.count(), page=page,
        columns=[
            Column("case", "案件", fixed=True), Column("kind", "変更"), Column("stage", "そのときの段階"),
            Column("before", "前（円）", numeric=True), Column("after", "後（円）", numeric=True), Column("cohort", "区分・理由"),
            Column("state", "状態"), Column("next", "次の手続き"),
        ],
        rows=_rows(found, page, slug, version.terms, at_city=at_city),
        filters=[Filter("kind", "変更", kind, [*kinds, ("", "すべて")])],
        empty=Empty("この変更はありません。", "別の変更を選んでください。"),
    )  # fmt: skip


def _rows(found: "QuerySet[TermsChange]", page: int, slug: str, terms: Terms, *, at_city: bool) -> list[Row]:
    titles = {one.name: one.title for one in terms.cohorts}
    return [
        Row(
            key=str(one.pk), name=one.case.printed_number,
            cells=[
                case_cell(one.case.number, slug), Cell(one.get_kind_display()), Cell(stage_name(one.stage)),
                Cell("－" if one.yen_before is None else one.yen_before),
                Cell("－" if one.yen_after is None else one.yen_after), Cell(about(one, titles)),
                Cell("", badge=Badge(STATES[one.state], LOOKS[one.state])), _next(one, slug, at_city=at_city),
            ],
        )
        for one in found.select_related("case").order_by("state", "pk")[(page - 1) * 50 : page * 50]
    ]  # fmt: skip


def about(one: TermsChange, titles: dict[str, str]) -> str:
    """The cohort that it came into, or why nothing is due any more."""
    if one.reason:
        return NOT_DUE.get(one.reason, "")
    if one.kind == "cohort":
        return f"{titles.get(one.cohort_before, one.cohort_before)} → {titles.get(one.cohort_after, one.cohort_after)}"
    return ""


def _next(one: TermsChange, slug: str, *, at_city: bool) -> Cell:
    if one.state == "done" and at_city and one.kind in ("amount", "cohort", "lapsed"):
        return Cell("取り消す", href=f"/p/{slug}/versions/changes/{one.pk}/")
    if one.state != "proposed":
        return Cell("")
    words, at_office, at_the_city = NEXT[one.kind]
    place = (at_the_city if at_city else at_office).format(number=one.case.number)
    return Cell(words, href=f"/p/{slug}/{place}")
