"""Calm pages for what went wrong: not there, not allowed, not understood, broken. They ask the database nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        gettext("ページが見つかりません"),
        gettext("アドレスが違うか、ページがなくなりました。はじめのページからお進みください。"),
    )


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        gettext("このページは開けません"),
        gettext("はじめのページからお進みください。"),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        400,
        gettext("送られた内容を受け取れませんでした"),
        gettext("写真が大きすぎたのかもしれません。前のページに戻り、もう一度お試しください。"),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        gettext("時間が過ぎたため、続けられませんでした"),
        gettext("お使いのブラウザーのCookieを有効にして、前のページを開き直してからお試しください。"),
    )


def broken(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        500,
        gettext("ただいま手続きできません"),
        gettext(
            "しばらくしてから、もう一度お試しください。お急ぎの方は、申請書に印刷された番号へお電話ください。"
        ),
    )


def _page(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    values = {
        "page_title": title,
        "sentence": sentence,
        "home_url": "/",
        "door_name": gettext("給付金のご案内"),
    }
    return render(request, "resident/error.html", values, status=status)
