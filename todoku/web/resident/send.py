"""The last pages of the web form: everything once more with a way to change it, sending, and the receipt."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from todoku.intake.drafts import drop_draft, read_draft
from todoku.intake.forms import RailNotOffered, TooLong
from todoku.intake.picture import Picture
from todoku.intake.receipt import printed_receipt
from todoku.intake.receive_keyless import MyNumberWritten, WhoApplies, known_keyless, receive_keyless
from todoku.intake.receive_web import (
    AlreadyReceived,
    IntakeClosed,
    NotOpened,
    OtherContent,
    Receipt,
    known_receipt,
    receive_web,
)
from todoku.review.asked import web_parts
from todoku.review.documents import kinds_of
from todoku.web.resident import steps
from todoku.web.resident.account_words import account_words
from todoku.web.resident.apply import place_of, step_url, steps_of, to_first_open
from todoku.web.resident.entrance import Entrance, long_day, page, public
from todoku.web.resident.forms import WayForm
from todoku.web.resident.judged import problems, web_form
from todoku.web.resident.opened import Opened, nothing_to_send, opened
from todoku.web.resident.papers import DAY_OF, word_of
from todoku.web.resident.seen import say
from todoku.web.resident.visit import Visit
from todoku.web.resident.ways import arrives
from todoku.web.resident.without_letter import count, sent_often, too_many

PHOTOS = ("identity", "identity2", "account")


@opened("apply")
def review(request: HttpRequest, here: Opened) -> HttpResponse:
    """Everything that will be sent; what the checks stop is said on top, with the page to put it right."""
    pages, draft = steps_of(here), here.visit.draft
    if not steps.may_open(steps.REVIEW, pages, draft):
        return to_first_open(here)
    here.visit.save(draft | {"reviewed": True})
    found = problems(draft, here.case, here.entrance.terms, here.today)
    lines = [(step_url(here, steps.STEPS[one.step]), say(one.sentence), one.stops) for one in found]
    values = place_of(here, steps.REVIEW) | {
        "items": _items(here, pages),
        "stopping": [(url, sentence) for url, sentence, stops in lines if stops],
        "doubtful": [(url, sentence) for url, sentence, stops in lines if not stops],
        "privacy": here.entrance.wording("privacy"),
        "again": web_parts(here.case.return_codes),
    }
    title = gettext("この内容で答えます") if values["again"] else gettext("この内容で申請します")
    return page(request, here.entrance, "review", title, values=values)


def _items(here: Opened, pages: list[steps.Step]) -> list[dict[str, str]]:
    """Each page of the form with its answer and the way back to it."""
    draft, words = here.visit.draft, account_words(here.visit.draft)
    papers = _paper_words(here)
    rows: dict[str, tuple[str, str, str]] = {
        "name": (gettext("お名前"), draft.get("name", ""), draft.get("kana", "")),
        "birth": (
            gettext("生年月日"),
            long_day(date.fromisoformat(draft["born"])) if "born" in draft else "",
            "",
        ),
        "home": (
            gettext("住所"),
            f"〒{draft.get('postal_code', '')} {draft.get('address', '')} {draft.get('building', '')}".strip(),
            "",
        ),
        "who": (gettext("申請する方"), gettext("申請書の宛名のご本人"), ""),
        "phone": (gettext("電話番号"), draft.get("phone", ""), ""),
        "way": (gettext("受取方法"), str(WayForm.WAYS[steps.way_of(draft)]), ""),
        "rail": (gettext("振込先"), gettext("ゆうちょ銀行") if draft.get("rail") == "yucho" else "", ""),
        "yucho": (
            gettext("記号・番号"),
            f"{words['symbol']} - {words['yucho_number']}",
            words["transfers_to"],
        ),
        "bank": (gettext("金融機関"), words["bank"], ""),
        "branch": (gettext("支店"), words["branch"], ""),
        "number": (gettext("口座番号"), f"{words['kind']} {words['number']}", ""),
        "holder": (gettext("口座名義（カナ）"), words["holder"], ""),
        "paper": (gettext("本人確認書類"), papers["paper"], ""),
        "paper_day": (gettext("書類の日付"), papers["paper_day"], ""),
        "identity": (gettext("本人確認書類の写真"), gettext("写真 1枚"), ""),
        "second": (gettext("本人確認書類（2点目）"), papers["second"], ""),
        "second_day": (gettext("書類の日付（2点目）"), papers["second_day"], ""),
        "identity_second": (gettext("2点目の写真"), gettext("写真 1枚"), ""),
        "passbook": (gettext("通帳かカード"), gettext("写真 1枚"), ""),
    }
    return [
        {"label": label, "value": value, "note": note, "change_url": step_url(here, step)}
        for step in pages
        if step.name in rows
        for label, value, note in (rows[step.name],)
        if value  # another bank's name says already that it is not ゆうちょ
    ]


def _paper_words(here: Opened) -> dict[str, str]:
    """The identity papers of the draft in words; "" for what is not there."""
    draft, kinds = here.visit.draft, kinds_of(here.entrance.terms.criteria.evidence)
    words = {name: word_of(kinds[draft[name]]) if draft.get(name) in kinds else "" for name in DAY_OF}
    days = {
        day: long_day(date.fromisoformat(draft[day])) if draft.get(day) else "" for day in DAY_OF.values()
    }
    return words | days


@public
def send(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Sends the draft, once: pressed again it shows the same receipt."""
    visit, at = Visit(request.session, entrance.slug), timezone.now()
    draft, key = visit.draft, visit.idempotency_key
    if request.method == "POST" and not draft and visit.receipt:
        return redirect(entrance.url("receipt"))
    if request.method == "POST" and visit.keyless:
        return send_keyless(request, entrance, visit)
    if request.method != "POST" or not visit.key_token:
        return redirect(entrance.url("apply"))
    pictures = _pictures(draft)
    try:
        receipt = known_receipt(key) if pictures is None else _receive(visit, draft, pictures, at)
    except (AlreadyReceived, IntakeClosed, OtherContent):
        return nothing_to_send(request, entrance, visit)
    except NotOpened:
        return redirect(entrance.url("apply"))
    except RailNotOffered:  # the terms have changed since it was chosen
        visit.save({name: value for name, value in draft.items() if name != "way"})
        return redirect(entrance.url("apply_question", "way"))
    if receipt is None:  # a draft of yesterday, whose photos are gone: asked for once more
        visit.save({name: value for name, value in draft.items() if name not in PHOTOS})
        return redirect(entrance.url("apply"))
    _sent(visit, draft, receipt)
    return redirect(entrance.url("receipt"))


def send_keyless(request: HttpRequest, entrance: Entrance, visit: Visit) -> HttpResponse:
    """Sends the draft of somebody without a letter, once; what stands on the roll is not asked."""
    draft, key = visit.draft, visit.idempotency_key
    if too_many(request, "sent"):
        return sent_often(request, entrance)
    pictures = _pictures(draft)
    if (
        steps.first_open(_keyless_steps(entrance, draft), draft) is not steps.REVIEW
        or "identity" not in draft
    ):
        return redirect(entrance.url("apply"))
    try:
        receipt = (
            known_keyless(key) if pictures is None else _receive_keyless(visit, draft, pictures, entrance)
        )
    except (IntakeClosed, OtherContent):
        return redirect(entrance.url("start"))
    except (RailNotOffered, TooLong, MyNumberWritten):
        return redirect(entrance.url("apply_question", "name"))
    if receipt is None:
        visit.save({name: value for name, value in draft.items() if name not in PHOTOS})
        return redirect(entrance.url("apply"))
    count(request, "sent")
    _sent(visit, draft, receipt)
    return redirect(entrance.url("receipt"))


def _keyless_steps(entrance: Entrance, draft: dict[str, Any]) -> list[steps.Step]:
    terms = entrance.terms
    evidence = tuple(terms.intake.evidence.get("web", ()))
    return steps.steps_for(draft, evidence, terms.payment.rails, kinds=kinds_of(terms.criteria.evidence))


def _receive_keyless(
    visit: Visit, draft: dict[str, Any], pictures: dict[str, Picture], entrance: Entrance
) -> Receipt:  # fmt: skip
    who = WhoApplies(
        name=draft["name"], kana=draft["kana"], birth_date=date.fromisoformat(draft["born"]),
        postal_code=draft["postal_code"], address=draft["address"], building=draft.get("building", ""),
    )  # fmt: skip
    return receive_keyless(
        who, web_form(draft), pictures, programme=entrance.programme, at=timezone.now(),
        idempotency_key=visit.idempotency_key,
    )  # fmt: skip


def _receive(visit: Visit, draft: dict[str, Any], pictures: dict[str, Picture], at: datetime) -> Receipt:
    return receive_web(
        web_form(draft), pictures, lookup_token=visit.lookup_token, key_token=visit.key_token, at=at,
        idempotency_key=visit.idempotency_key,
    )  # fmt: skip


def _pictures(draft: dict[str, Any]) -> dict[str, Picture] | None:
    """The photos of the draft; None if one of them is gone."""
    pictures = {}
    for kind in PHOTOS:
        if kind in draft:
            data = read_draft(draft[kind]["name"])
            if data is None:
                return None
            pictures[kind] = Picture(data, draft[kind]["width"], draft[kind]["height"])
    return pictures


def _sent(visit: Visit, draft: dict[str, Any], receipt: Receipt) -> None:
    visit.sent(receipt.number, receipt.registered_at, way=steps.way_of(draft))
    for kind in PHOTOS:
        if kind in draft:
            drop_draft(draft[kind]["name"])


@public
def receipt(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Number, date and what comes next; can be printed, photographed or read aloud."""
    visit = Visit(request.session, entrance.slug)
    if not visit.receipt:
        return redirect(entrance.url("status"))
    kept = visit.receipt
    at = timezone.localtime(datetime.fromisoformat(kept["at"]))
    values = {
        "receipt": {
            "number": printed_receipt(kept["number"]),
            "received": date_format(at, "DATETIME_FORMAT"),
            "next": _next_keyless()
            if kept.get("keyless")
            else _next(entrance, bool(kept["declines"]), kept.get("way", steps.BY_BANK), at),
        },
        "declines": kept["declines"],
        "keyless": kept.get("keyless"),
    }
    title = gettext("辞退のお申し出を受け付けました") if kept["declines"] else gettext("申請を受け付けました")
    return page(request, entrance, "receipt_page", title, values=values)


def _next(entrance: Entrance, declines: bool, way: str, at: datetime) -> list[str]:
    if declines:
        return [
            gettext("お間違いがないか、お電話か手紙で確認します。"),
            gettext("確認が終わると、申請の状況のページに表示します。"),
        ]
    slot = entrance.terms.payment_date_for(at.date())
    sentences = [gettext("内容を審査します。確認が必要なときは、お電話か手紙でご連絡します。")]
    if way != steps.BY_BANK:
        sentences.append(arrives(way))
    elif slot is not None:
        day = date_format(slot.pays_on, "DATE_FORMAT")
        sentences.append(gettext("不備がなければ、%(day)sに振り込む予定です。") % {"day": day})
    sentences.append(gettext("進み具合は、申請の状況のページでいつでも確かめられます。"))
    return sentences


def _next_keyless() -> list[str]:
    """No day is promised and no status shown: nobody knows yet whose application it is."""
    return [
        gettext("係の者が、名簿と本人確認書類でご本人を確かめてから、内容を審査します。"),
        gettext("確認が必要なときは、お電話か手紙でご連絡します。"),
        gettext("申請の状況をお尋ねのときは、お電話で受付番号をお伝えください。"),
    ]


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/apply/review/", review, name="apply_review"),
    path("<slug:slug>/apply/send/", send, name="apply_send"),
    path("<slug:slug>/receipt/", receipt, name="receipt"),
]
