"""Opens a case for its resident: number and birth date for the status, the letter's key for applying.

Wrong and unknown are the same page by the same queries; who fails too often is asked to telephone.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case.door_keys import key_token, lookup_token
from todoku.intake.failed_lookups import address_and_number, count_failure, is_blocked
from todoku.intake.receive_web import NotOpened, opened_case
from todoku.web.resident.entrance import Entrance, page, public
from todoku.web.resident.forms import KeyForm, LookUpForm, posted
from todoku.web.resident.seen import Status, status_of
from todoku.web.resident.visit import Visit
from todoku.web.shared.doors import address_of

AIMS = ("status", "apply", "decline", "withdraw", "take_back")


def _aim(request: HttpRequest) -> str:
    """What the resident came for; it travels in the address."""
    wanted = request.GET.get("for", "status")
    return wanted if wanted in AIMS else "status"


@public
def look_up(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Asks for number and birth date."""
    aim, at = _aim(request), timezone.now()
    form = LookUpForm(posted(request))
    if request.method == "POST" and form.is_valid():
        number, born = form.cleaned_data["number"], form.cleaned_data["birth_date"]
        token = lookup_token(number, born, lookup_secret=settings.LOOKUP_SECRET)
        counted = address_and_number(address_of(request), number)
        blocked = is_blocked(counted, secret=settings.LOOKUP_SECRET, at=at)
        status = _of_this_programme(status_of(token), entrance)
        if blocked:
            return too_often(request, entrance)
        if status is not None:
            Visit(request.session, entrance.slug).open(token)
            return redirect(entrance.url(aim))
        count_failure(counted, secret=settings.LOOKUP_SECRET, at=at)
        form.add_error(
            None,
            gettext(
                "お問い合わせ番号と生年月日の組み合わせを確認できませんでした。印刷された番号と、宛名の方の生年月日をもう一度確かめてください。"
            ),
        )
    titles = {
        "status": gettext("申請の状況を確認する"),
        "apply": gettext("申請を始める"),
        "take_back": gettext("辞退を取りやめる"),
    }
    values = {"form": form, "back_url": entrance.url("start")}
    return page(
        request, entrance, "look_up", titles.get(aim, gettext("受給を希望しない方の手続き")), values=values
    )


def _of_this_programme(status: Status | None, entrance: Entrance) -> Status | None:
    return status if status is not None and status.programme_id == entrance.programme.pk else None


@public
def key(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Asks for the key printed inside the letter; relatives and room-mates know number and birth date too."""
    visit, aim, at = Visit(request.session, entrance.slug), _aim(request), timezone.now()
    status = status_of(visit.lookup_token) if visit.lookup_token else None
    if status is None:
        return redirect(f"{entrance.url('look_up')}?for={aim}")
    form = KeyForm(posted(request))
    if request.method == "POST" and form.is_valid():
        counted = address_and_number(address_of(request), f"key {status.number}")
        if is_blocked(counted, secret=settings.LOOKUP_SECRET, at=at):
            return too_often(request, entrance)
        token = key_token(status.number, form.cleaned_data["key"], lookup_secret=settings.LOOKUP_SECRET)
        if _opens(visit.lookup_token, token):
            visit.show_key(token)
            return redirect(entrance.url(aim))
        count_failure(counted, secret=settings.LOOKUP_SECRET, at=at)
        form.add_error(
            "key",
            gettext("確認キーが違います。いちばん新しい申請書・お知らせの確認キーを入力してください。"),
        )
    values = {"form": form, "back_url": entrance.url("status")}
    return page(request, entrance, "key", gettext("確認キー"), values=values)


def _opens(lookup: str, key: str) -> bool:
    try:
        opened_case(lookup, key)
    except NotOpened:
        return False
    return True


def too_often(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """The staffed way, for whoever failed too often; the same whether the number exists or not."""
    return page(
        request, entrance, "too_often", gettext("しばらくしてから、もう一度お試しください"), status=429
    )


@public
def finish(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Leaves nothing of the visit on a borrowed phone."""
    if request.method == "POST":
        Visit(request.session, entrance.slug).close()
    return redirect(entrance.url("start"))


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/look-up/", look_up, name="look_up"),
    path("<slug:slug>/key/", key, name="key"),
    path("<slug:slug>/finish/", finish, name="finish"),
]
