"""Which programme a page of the public door belongs to, and the frame that every such page stands in.

Takes the programme's short name from the address; gives its terms and its municipality by one query, columns that
the public role may read and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from todoku.programme.tables import Programme, Version
from todoku.programme.terms import Terms, parse
from todoku.web.shared.doors import View, asks

# A Version's text never changes once opened, so a text that was read is read for good.
_terms = lru_cache(maxsize=32)(parse)


@dataclass(frozen=True)
class Entrance:
    """A programme as its residents see it."""

    programme: Programme
    terms: Terms
    municipality: str
    band: str

    @property
    def slug(self) -> str:
        return self.programme.slug

    def url(self, name: str, *arguments: str) -> str:
        """The address of a page of this programme, by the name of its route."""
        return reverse(name, args=[self.slug, *arguments])

    def wording(self, key: str) -> str:
        """A sentence of the terms in the reader's language, with its quotations; "" where there is none."""
        sentence = self.terms.wording.get(key)
        return gettext(sentence).format_map(self.quoted()) if sentence else ""

    def quoted(self) -> dict[str, str]:
        """What the terms' sentences quote, with days and names as the reader's language writes them."""
        terms = self.terms
        quoted = terms.quoted(self.municipality)
        if (get_language() or "ja") == "ja":
            return quoted
        opt_out = terms.opt_out_date
        return quoted | {
            "contact": gettext(terms.contact.name).format(municipality=self.municipality),
            "programme": gettext(terms.programme.name),
            "short_name": gettext(terms.programme.short_name),
            "base_date": long_day(terms.programme.base_date),
            "opens": long_day(terms.intake.opens),
            "deadline": long_day(terms.deadline),
            "opt_out": long_day(opt_out) if opt_out else "",
            "repay_deadline": long_day(terms.payment.repay_deadline),
        }


def long_day(day: date) -> str:
    """A day as the reader's language writes it in full."""
    return date_format(day, "DATE_FORMAT")


def open_programmes() -> list[Version]:
    """The open Version of every programme that has one, with programme and municipality."""
    return list(_open_versions().order_by("programme__slug", "-number").distinct("programme__slug"))


def _open_versions() -> Any:
    return (
        Version.objects.filter(opened_at__isnull=False)
        .select_related("programme__municipality")
        .only(
            "text", "number", "opened_at", "programme__slug", "programme__name", "programme__is_sample",
            "programme__municipality__name", "programme__municipality__band",
        )
    )  # fmt: skip


def entrance(slug: str) -> Entrance:
    """The programme of this short name. Raises Http404 where none is open under it."""
    version = _open_versions().filter(programme__slug=slug).order_by("-number").first()
    if version is None:
        raise Http404
    return entered(version)


def entered(version: Version) -> Entrance:
    programme = version.programme
    return Entrance(
        programme, _terms(version.text), programme.municipality.name,
        programme.municipality.band,
    )  # fmt: skip


def public(view: View) -> View:
    """A page of one programme: anybody may open it; the view takes the Entrance where the address has the name."""

    @asks("public")
    @wraps(view)
    def opened(request: HttpRequest, slug: str, **values: Any) -> HttpResponseBase:
        return view(request, entrance(slug), **values)

    return opened


def frame(entrance: Entrance, title: str) -> dict[str, Any]:
    """What the base page of the door needs: who, what, and whom to call."""
    contact = entrance.terms.contact
    return {
        "page_title": title,
        "municipality": {"name": entrance.municipality, "band": entrance.band},
        "programme": {"name": gettext(entrance.terms.programme.short_name)},
        "contact": {"telephone": contact.phone, "hours": gettext(contact.hours)},
        "home_url": entrance.url("start"),
        "entrance": entrance,
    }


def page(
    request: HttpRequest, entrance: Entrance, template: str, title: str, *, status: int = 200,
    values: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """A page of this programme, drawn at once, inside the request's transaction."""
    return render(
        request, f"resident/{template}.html", frame(entrance, title) | dict(values or {}), status=status
    )
