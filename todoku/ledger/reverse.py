"""Corrections (訂正): an entry of the books alone is taken back by its mirror, proposed by one person, confirmed by another.

What stands for work (a decision, a transfer, a payment on a claim) is not corrected here: the work is undone where it
was done, and its own entry follows. Nothing is ever rewritten.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.ledger.appropriate import has_appropriation
from todoku.ledger.balances import balances, standing
from todoku.ledger.post import post_reversal
from todoku.ledger.tables import Correction, LedgerEntry
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

# Kinds that stand for nothing but themselves; every other kind follows a row of another room.
OF_THE_BOOKS = frozenset({"appropriation", "restored", "prior_revenue"})


class NotACorrector(Refusal):
    """Only the municipality corrects its books."""


class CannotCorrect(Refusal):
    """The entry is not one that is corrected here, or was corrected already."""


class NeedsSecondPerson(Refusal):
    """Who proposed a correction does not confirm it."""


def propose(entry: LedgerEntry, *, reason: str, actor: Actor, at: datetime) -> Correction:
    """Proposes to take an entry back; nothing is booked until another person confirms."""
    _ask_corrector(actor)
    reason = reason.strip()[:200]
    if not reason:
        raise CannotCorrect("訂正の理由を書いてください。確認する人と、帳簿を見る人に表示されます。")
    with transaction.atomic():
        entry = LedgerEntry.objects.select_related("programme").get(pk=entry.pk)
        Programme.objects.select_for_update(no_key=True).get(pk=entry.programme_id)
        _ask_correctable(entry)
        if Correction.objects.filter(entry=entry, given_up_at=None).exists():
            raise CannotCorrect(
                "この仕訳の訂正は、すでに起案されています。帳簿の「訂正の確認待ち」を見てください。"
            )
        assert actor.id is not None, "a person proposes"
        made = Correction.objects.create(entry=entry, reason=reason, proposed_by_id=actor.id, proposed_at=at)
        _record(made, "ledger.correct", f"仕訳{entry.pk}の訂正を起案: {reason}", actor, at)
    return made


def confirm(correction: Correction, *, actor: Actor, at: datetime) -> LedgerEntry:
    """The second person's yes: books the reversal under both names."""
    _ask_corrector(actor)
    with transaction.atomic():
        correction = _open(correction)
        if correction.proposed_by_id == actor.id:
            raise NeedsSecondPerson(
                "訂正の確認は、起案した人とは別の人が行います。別の職員に依頼してください。"
            )
        Programme.objects.select_for_update(no_key=True).get(pk=correction.entry.programme_id)
        _ask_correctable(correction.entry)
        first = _actor_of(correction.proposed_by)
        made = post_reversal(correction.entry, reason=correction.reason, first=first, second=actor, at=at)
        Correction.objects.filter(pk=correction.pk).update(confirmed_by_id=actor.id, confirmed_at=at)
        _record(correction, "ledger.correct", f"仕訳{correction.entry_id}の訂正を確認", actor, at)
    return made


def give_up(correction: Correction, *, actor: Actor, at: datetime) -> None:
    """Either person lets a proposal go; it stays on record, and the entry stands."""
    _ask_corrector(actor)
    with transaction.atomic():
        correction = _open(correction)
        Correction.objects.filter(pk=correction.pk).update(given_up_by_id=actor.id, given_up_at=at)
        _record(correction, "ledger.correct", f"仕訳{correction.entry_id}の訂正を取りやめ", actor, at)


def _open(correction: Correction) -> Correction:
    found = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("entry__programme", "proposed_by")
        .get(pk=correction.pk)
    )
    if found.confirmed_at or found.given_up_at:
        raise CannotCorrect("この訂正の手続きは終わっています。画面を更新してください。")
    return found


def _ask_corrector(actor: Actor) -> None:
    if not actor.roles & ACTIONS["ledger.correct"] or actor.id is None:
        raise NotACorrector("帳簿を訂正できるのは、自治体の担当課職員と出納だけです。")


def _ask_correctable(entry: LedgerEntry) -> None:
    if entry.kind not in OF_THE_BOOKS:
        raise CannotCorrect(
            "この仕訳は、支給決定・振込・返還などの業務から自動で記帳されたものです。"
            "業務の画面で取消しや返還の手続きを行うと、帳簿もそれに従います。"
        )
    if LedgerEntry.objects.filter(reverses=entry).exists():
        raise CannotCorrect("この仕訳は訂正済みです。")
    if entry.debit == "available" and has_appropriation(entry.programme):
        left = standing(balances(entry.programme), "available", entry.fiscal_year)
        if left < entry.amount_yen:
            raise CannotCorrect(
                f"この額はすでに支給決定に使われています（予算残額{left:,}円）。先に別の配当を記帳してください。"
            )


def _actor_of(staff: Staff) -> Actor:
    return Actor(id=staff.pk, name=staff.name, roles=staff.roles)


def _record(correction: Correction, action: str, words: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="ledger", subject_id=correction.entry_id, at=at,
        programme_slug=correction.entry.programme.slug, reason=words,
    )  # fmt: skip
