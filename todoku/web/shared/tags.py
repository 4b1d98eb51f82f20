"""Template filters of the shared pages: numbers, money, look-up in a dict. Takes values, leaves text.

Settings name this file among the templates' builtins, so no page loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

register = template.Library()


@register.simple_tag
def own_names_of_languages() -> list[tuple[str, str]]:
    """The languages as the settings write them, each in itself: Django's own tag would translate the names."""
    return list(settings.LANGUAGES)


@register.filter
def number(value: int | float | str | None) -> str:
    """A count with its thousands set apart as the reader's language does; a dash where there is none."""
    if value is None or value == "":
        return "–"
    return number_format(value, decimal_pos=None, use_l10n=True, force_grouping=True)


@register.filter
def yen(value: int | None) -> str:
    """An amount of integer yen as a phrase: 30,000円, 30,000 yen."""
    if value is None:
        return "–"
    return gettext("%(amount)s円") % {"amount": number(value)}


@register.filter
def of(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value of a dict at a key that is itself a variable; empty where there is none."""
    return "" if not mapping else mapping.get(key, "")


@register.filter
def case_number(value: str | None) -> str:
    """A 13-digit public number in groups of four, four and five, as it is printed and read aloud."""
    digits = str(value or "")
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}" if len(digits) == 13 else digits


@register.filter
def days(value: int | None) -> str:
    """An age in whole days: 本日, 1日, 12日."""
    if value is None:
        return ""
    return (
        gettext("本日")
        if value == 0
        else ngettext("%(count)s日", "%(count)s日", value) % {"count": number(value)}
    )
