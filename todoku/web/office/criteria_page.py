"""What both staff doors show of a criteria sheet: its sections, who signed it, what changed since, its PDF.

Takes a Standing; leaves context for shared/criteria_*.html. Asks the database nothing by itself.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from todoku.criteria.sections import sections
from todoku.criteria.sheet_pdf import sheet_pdf
from todoku.criteria.standing import Standing, newest
from todoku.criteria.tables import CriteriaSignature
from todoku.ground.places import var
from todoku.programme.tables import Programme, Version
from todoku.web.shared.pieces import Badge, Digest

OPEN, READY = Badge("開始済み", "ok"), Badge("開始できます", "ok")
SIGNED, OUTDATED, UNSIGNED = (
    Badge("署名済み", "ok"),
    Badge("署名のあとに変更あり", "warn"),
    Badge("署名待ち", "wait"),
)
FAILING = Badge("例のとおりにならない", "stop")


def version_asked(request: HttpRequest, programme: Programme) -> Version:
    """The Version that the address names (`?version=1`), else the newest: the one that is being agreed on."""
    number = request.GET.get("version", "")
    if not number:
        return newest(programme)
    found = programme.versions.filter(number=int(number)).first() if number.isdecimal() else None
    if found is None:
        raise Http404("version")
    return found


def badges(now: Standing) -> list[Badge]:
    """How the Version stands, in a few words: examples, signature, opening."""
    found = [FAILING] if now.sheet.failing else []
    signed_before = now.outdated is not None and now.outdated.version_id == now.version.pk
    found.append(SIGNED if now.covering else OUTDATED if signed_before else UNSIGNED)
    if now.version.opened_at:
        # The first Version of a sample opens by set-up: nobody is waited for.
        return [OPEN] if UNSIGNED in found else [OPEN, *found]
    return [*found, READY] if now.may_open else found


def sheet_context(now: Standing) -> dict[str, Any]:
    """Everything that the sheet's page draws."""
    sheet, results = now.sheet, (*now.sheet.recipients, *now.sheet.applications)
    versions = now.version.programme.versions.order_by("-number").values_list("number", "opened_at")
    return {
        "versions": [(number, opened, number == now.version.number) for number, opened in versions],
        "now": now, "sheet": sheet, "sections": sections(sheet), "badges": badges(now),
        "signed": [signed_words(one) for one in now.covering],
        "changed": now.changed, "outdated": now.outdated,
        "examples": len(results), "failing": sheet.failing, "uncovered": len(sheet.uncovered),
        "digest": Digest(
            now.sha256,
            [
                ("版", f"第{sheet.version}版"), ("点検の版", sheet.rules),
                ("例", f"{len(results)}件（書かれたとおり {len(results) - len(sheet.failing)}件）"),
                ("例のない基準", f"{len(sheet.uncovered)}件"),
                ("署名", "、".join(signed_words(one) for one in now.covering) or "まだありません"),
            ],
        ),
    }  # fmt: skip


def signed_words(one: CriteriaSignature) -> str:
    """Who signed and when."""
    return f"{one.signer_name}（{localtime(one.signed_at):%Y年%-m月%-d日 %H:%M}）"


def pdf_answer(now: Standing) -> HttpResponse:
    """The sheet as a PDF of today."""
    pdf = sheet_pdf(
        now.sheet, sha256=now.sha256, signed=[f"署名：{signed_words(one)}" for one in now.covering],
        on=localdate(timezone.now()), fonts_dir=var("assets", "fonts"),
    )  # fmt: skip
    answer = HttpResponse(pdf, content_type="application/pdf")
    name = f"{now.version.programme.slug}-criteria-v{now.version.number}.pdf"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
