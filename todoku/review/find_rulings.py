"""Reads rulings by code, words and day (裁定の検索), for the pages of both doors. Changes nothing."""

from datetime import date

from django.db.models import Q

from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.review.ruling_tables import Ruling
from todoku.review.word_search import ranked

# Texts held in memory for one search; a programme has some hundred.
RULINGS_MAX = 5_000


def find_rulings(
    programme: Programme, *, words: str = "", code: str = "", since: date | None = None, until: date | None = None,
    open_only: bool = False,
) -> list[Ruling]:  # fmt: skip
    """Rulings that hold the words, have the code and were given in the period: the likest first, else the newest."""
    wanted = Q(programme=programme)
    if code:
        wanted &= Q(codes__contains=[code])
    if since:
        wanted &= Q(ruled_on__gte=since)
    if until:
        wanted &= Q(ruled_on__lte=until)
    if open_only:
        wanted &= Q(ended_on__isnull=True, scope="like")
    found = Ruling.objects.filter(wanted).select_related("question", "ruled_by").order_by("-number")
    rulings = {one.pk: one for one in found[:RULINGS_MAX]}
    if not words.strip():
        return list(rulings.values())
    return [rulings[key] for key in ranked(words, ((pk, searched(one)) for pk, one in rulings.items()))]


def searched(ruling: Ruling) -> str:
    """What the words are looked for in: title, outcome, reason, the question as it was sent, the codes' names."""
    names = " ".join(f"{code} {CODES[code].name}" for code in ruling.codes if code in CODES)
    return " ".join(
        (
            ruling.title,
            ruling.get_outcome_display(),
            ruling.reason,
            ruling.words,
            ruling.question.wording,
            names,
        )
    )
