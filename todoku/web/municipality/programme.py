"""制度: the frozen terms that everything quotes, in plain Japanese, with the digest of the text."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from todoku.formats.wareki import format_wareki
from todoku.programme import vocabulary as words
from todoku.programme.terms import Terms
from todoku.web.municipality.frame import frame
from todoku.web.shared.doors import asks
from todoku.web.shared.pieces import Cell, Column, Digest, Row, Table


@require_GET
@asks("programme.view")
def programme_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The open Version."""
    programme, context = frame(request, slug, "programme", "制度")
    version = programme.version
    terms = version.terms
    sentences = terms.wording_for(programme.municipality.name)
    context |= {
        "about": _about(terms),
        "money": _money(terms),
        "review": _review(terms),
        "sentences": [(words.WORDING.get(key, key), text) for key, text in sentences.items()],
        "calendar": Table(
            id="calendar", caption="支給カレンダー", total=len(terms.payment.calendar), per_page=100, unit="回",
            columns=[Column("by", "受付の締切"), Column("on", "振込予定日")],
            rows=[
                Row(str(slot.pays_on), [Cell(format_wareki(slot.received_by)), Cell(format_wareki(slot.pays_on))])
                for slot in terms.payment.calendar
            ],
        ),
        "digest": Digest(version.sha256, [("版", f"第{version.number}版"), ("開始した人", version.opened_by)]),
        "opened_at": version.opened_at,
    }  # fmt: skip
    return render(request, "municipality/programme.html", context)


def _about(terms: Terms) -> list[dict[str, Any]]:
    about = terms.programme
    return [
        {"label": "名称", "value": about.name},
        {"label": "基準日", "value": format_wareki(about.base_date)},
        {"label": "単位", "value": words.UNITS[about.unit]},
        {"label": "受給権者", "value": words.PAYEES[about.payee]},
        {"label": "法的な性質", "value": words.LEGAL_BASES[about.legal_basis]},
        {"label": "受付", "value": f"{format_wareki(terms.intake.opens)}から{terms.deadline_words}まで"},
        {
            "label": "対象者の区分",
            "value": "、".join(f"{c.title}（{words.MODES[c.mode]}）" for c in terms.cohorts),
        },
    ]


def _money(terms: Terms) -> list[dict[str, Any]]:
    payment = terms.payment
    return [
        {"label": "振込名義", "value": payment.passbook_name, "note": terms.passbook_kana},
        {"label": "1件の上限", "value": f"{payment.cap_per_transfer_yen:,}円"},
        {"label": "1口座の上限（1回の振込）", "value": f"{payment.cap_per_account_yen:,}円"},
        {"label": "再振込の期限", "value": format_wareki(payment.repay_deadline)},
        {
            "label": "申請のないときの取扱い",
            "value": f"{format_wareki(terms.deemed_declined_on)}に辞退とみなす",
        },
    ]


def _review(terms: Terms) -> list[dict[str, Any]]:
    return [
        *(
            {
                "label": f"不備のない{words.CHANNELS.get(channel, channel)}申請",
                "value": words.PASS_NAMES[rule],
            }
            for channel, rule in terms.review.passes.items()
        ),
        {"label": "抜取りの割合", "value": f"{terms.review.sample_percent:g}%"},
        {"label": "二重の申請", "value": words.COUNTS[terms.intake.counts]},
    ]


urlpatterns = [path("", programme_page, name="programme")]
