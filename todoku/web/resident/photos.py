"""Photos of the identity document and the passbook: drawn anew at once, kept as a draft until the application is sent."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from todoku.intake.drafts import drop_draft, write_draft
from todoku.intake.picture import BYTES_MAX, Picture, PictureRefused, picture
from todoku.web.resident import steps
from todoku.web.resident.apply import after, place_of, steps_of, to_first_open, to_step
from todoku.web.resident.entrance import page
from todoku.web.resident.forms import PhotoForm, posted
from todoku.web.resident.opened import Opened, opened


@opened("apply")
def identity(request: HttpRequest, here: Opened) -> HttpResponse:
    """The identity document."""
    return _photo(request, here, steps.IDENTITY)


@opened("apply")
def identity_second(request: HttpRequest, here: Opened) -> HttpResponse:
    """The other identity document, where two are needed."""
    return _photo(request, here, steps.IDENTITY_SECOND)


@opened("apply")
def passbook(request: HttpRequest, here: Opened) -> HttpResponse:
    """The page of the passbook, or the card, that shows the account."""
    return _photo(request, here, steps.PASSBOOK)


def _photo(request: HttpRequest, here: Opened, step: steps.Step) -> HttpResponse:
    draft, (kind,) = here.visit.draft, step.gives
    if not steps.may_open(step, steps_of(here), draft):
        return to_first_open(here)
    form = PhotoForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        taken = form.cleaned_data["photo"] or form.cleaned_data["chosen"]
        if taken is None and kind in draft:
            return to_step(here, after(step, steps_of(here), draft))
        try:
            answers = {kind: _keep(_read(taken), draft.get(kind))}
        except PictureRefused as refused:
            form.add_error("photo", gettext(refused.sentence))
        else:
            here.visit.save(draft | answers)
            return to_step(here, after(step, steps_of(here), draft | answers))
    values = place_of(here, step) | _words(step) | {"form": form, "kept": draft.get(kind)}
    return page(request, here.entrance, "photo_page", _title(step), values=values)


def _read(taken: Any) -> Picture:
    """The uploaded file as a picture. Raises PictureRefused."""
    if taken is None:
        return picture(b"")
    return picture(taken.read(BYTES_MAX + 1))


def _keep(taken: Picture, earlier: dict[str, Any] | None) -> dict[str, Any]:
    """Writes the draft under a random name; an earlier photo goes."""
    name = secrets.token_hex(16)
    write_draft(name, taken)
    if earlier:
        drop_draft(earlier["name"])
    return {"name": name, "width": taken.width, "height": taken.height}


def _title(step: steps.Step) -> str:
    if step is steps.IDENTITY:
        return gettext("本人確認書類の写真を撮ってください")
    if step is steps.IDENTITY_SECOND:
        return gettext("2点目の本人確認書類の写真を撮ってください")
    return gettext("通帳かキャッシュカードの写真を撮ってください")


def _words(step: steps.Step) -> dict[str, Any]:
    if step in (steps.IDENTITY, steps.IDENTITY_SECOND):
        return {
            "shape": "card",
            "must_show": [
                gettext("氏名・住所・生年月日と有効期限が読めるように、全体を写してください。"),
                gettext("マイナンバー（12桁の番号）の面は写さないでください。"),
            ],
        }
    assert step is steps.PASSBOOK, "no other page asks for a photo"
    return {
        "shape": "book",
        "must_show": [
            gettext("金融機関・支店・口座番号・口座名義（カナ）が読めるように写してください。"),
            gettext("通帳は、表紙をめくった最初のページです。"),
        ],
    }


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/apply/identity/", identity, name="apply_identity"),
    path("<slug:slug>/apply/identity-second/", identity_second, name="apply_identity_second"),
    path("<slug:slug>/apply/passbook/", passbook, name="apply_passbook"),
]
