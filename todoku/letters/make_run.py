"""Makes print runs (印刷ロットの作成): takes cases that wait for a letter; leaves a run with its PDF and manifest.

First the letters are reserved, then they are printed, then the run is closed. A run that was killed in between is
printed again from its own letters, so nobody is written to twice or left out. Nothing leaves the house here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from todoku.formats.wareki import format_wareki
from todoku.ground.places import var
from todoku.ground.step import Refusal
from todoku.letters.abandon_run import abandon_run, cannot_go_on
from todoku.letters.pieces import Contents, PieceRow, account_shown, forms_of, letters_of
from todoku.letters.print_files import Lock, Print, print_files, run_label
from todoku.letters.reserve import Begun, reserve_first, reserve_items, resume_first
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor
from todoku.programme.contents import Cohort
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.sheets.forms import write_forms
from todoku.sheets.gift_sheets import PrintedCode, write_gift_letters
from todoku.sheets.letter_sheets import write_letters
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.wording import defaults
from todoku.sheets.wording_digest import wording_digest

Progress = Callable[[int, int | None], None]


class NoAccountToName(Refusal):
    """A notice says where the money goes, and the account on record is gone or in another name by now."""


class LetterItem(NamedTuple):
    """One letter that another room wants written: to which case, on which occasion (the id of a submission, decision
    or transfer), the values of its table in the order of the wording's rows, the sentences of its list, the values of its
    payment slips where it has several, the sheets that come back and what is printed on them (letter_sheets.LetterPiece)."""

    case_id: int
    occasion: int
    values: tuple[str, ...]
    items: tuple[str, ...] = ()
    slips: tuple[tuple[str, ...], ...] = ()
    back: tuple[str, ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()


def make_form_run(
    *,
    programme: Programme,
    cohort: str | None = None,
    limit: int | None = None,
    protected: bool = False,
    again: bool = False,
    actor: Actor,
    at: datetime,
    progress: Progress | None = None,
) -> PrintRun:
    """Prints application forms for the cases of one cohort that are not yet invited, in postal order.

    In: the cohort (default: the first that is invited by form and has cases waiting), at most `limit` pieces. With
    `protected`, the run holds the people under 支援措置 alone; with `again`, what was ordered anew (再発行) alone. Out: the
    run, made. Raises NothingToPrint.
    """
    return _first_letters(
        "form", ("apply", "confirm"), programme, cohort, limit, protected, again, actor, at, progress
    )


def make_notice_run(
    *,
    programme: Programme,
    cohort: str | None = None,
    limit: int | None = None,
    protected: bool = False,
    again: bool = False,
    actor: Actor,
    at: datetime,
    progress: Progress | None = None,
) -> PrintRun:
    """Prints the notices (支給のお知らせ) of a cohort that is paid without an application; as make_form_run."""
    return _first_letters(
        "push_notice", ("push",), programme, cohort, limit, protected, again, actor, at, progress
    )


def make_letter_run(
    kind: str, items: Iterable[LetterItem], *, programme: Programme, protected: bool = False, actor: Actor, at: datetime,
    words: Mapping[str, Any] | None = None,
) -> PrintRun:  # fmt: skip
    """Prints letters that another room has worded (one of letter_sheets.LETTER_KINDS).

    Each case is written to once per kind and occasion: items written before, and cases set aside (waiting.withheld),
    are left out. Reserved and printed in one transaction, since the words are not kept. `words` stand over the kind's own.
    Raises NothingToPrint.
    """
    asked = {(item.case_id, item.occasion): item for item in items}
    with transaction.atomic():
        run, written = reserve_items(programme, kind, sorted(asked), protected=protected, actor=actor, at=at)
        worded = {case: asked[case, occasion] for case, occasion in written}
        assert len(worded) == len(written), "one letter per case in a run"

        def contents(row: PieceRow) -> Contents:
            item = worded[row.case_id]
            return Contents(item.values, item.items, item.slips, item.back, item.fields)

        printing = _letters(run, contents, protected, at, lambda count: None, words)
        return print_files(run, printing, actor=actor, at=at)


def make_gift_run(
    items: Iterable[LetterItem], codes_of: Callable[[Sequence[int]], Mapping[int, Sequence[PrintedCode]]], *,
    lock: Lock, programme: Programme, protected: bool = False, actor: Actor, at: datetime,
) -> PrintRun:  # fmt: skip
    """Prints letters that bear gift codes; `codes_of` opens the codes of the cases that got a piece, and `lock` closes
    the PDF before it is kept. Reserved and printed in one transaction, as make_letter_run. Raises NothingToPrint.
    """
    asked = {(item.case_id, item.occasion): item for item in items}
    with transaction.atomic():
        run, written = reserve_items(
            programme, "gift", sorted(asked), protected=protected, actor=actor, at=at
        )
        worded = {case: asked[case, occasion] for case, occasion in written}
        assert len(worded) == len(written), "one letter per case in a run"
        codes = codes_of(list(worded))
        town, case_of = programme.municipality, {}

        def contents(row: PieceRow) -> Contents:
            case_of[row.piece_no] = row.case_id
            return Contents(worded[row.case_id].values)

        words = wording_of(
            "gift", programme.terms, municipality=town.name, mayor=town.mayor_title, issued_on=localdate(at)
        )
        gift = programme.terms.payment.gift
        if gift and gift.delivery != ("letter",):
            words["never_links"] = defaults()["gift"]["never_links_asked"]
        pieces = letters_of(run, contents, protected=protected, done=lambda count: None)
        return print_files(
            run,
            lambda file, manifest: write_gift_letters(
                file, ((piece, codes[case_of[piece.piece_no]]) for piece in pieces), words,
                fonts_dir=var("assets", "fonts"), run_label=run_label(run), protected_run=protected, manifest=manifest,
            ),
            actor=actor, at=at, lock=lock,
        )  # fmt: skip


def _first_letters(
    kind: str, modes: tuple[str, ...], programme: Programme, cohort: str | None, limit: int | None,
    protected: bool, again: bool, actor: Actor, at: datetime, progress: Progress | None,
) -> PrintRun:  # fmt: skip
    """The run of that kind that was left half printed, if it can still be printed, or else a new one; printed and closed."""
    terms = programme.terms
    names = [one.name for one in terms.cohorts if one.mode in modes and cohort in (None, one.name)]
    begun = resume_first(programme, kind)
    if begun and cannot_go_on(begun.run):
        abandon_run(begun.run, actor=actor, at=at)
        begun = None
    begun = begun or reserve_first(
        programme, kind, names, limit=limit, protected=protected, again=again, actor=actor, at=at
    )
    total = begun.run.letters.count()

    def done(count: int) -> None:
        if progress:
            progress(count, total)

    done(0)
    if kind == "form":
        printing = _forms(begun, terms.cohort(begun.cohort), done)
    else:
        one = terms.cohort(begun.cohort)
        printing = _letters(begun.run, _notice(terms, one), begun.protected, at, done, cohort=one)
    return print_files(begun.run, printing, actor=actor, at=at)


def _forms(begun: Begun, cohort: Cohort, done: Callable[[int], None]) -> Print:
    run, terms = begun.run, begun.run.programme.terms
    town = run.programme.municipality
    words = wording_of("form", terms, municipality=town.name, mayor=town.mayor_title, cohort=cohort)
    run.wording_sha256 = wording_digest("form", words)
    return lambda file, manifest: write_forms(
        file, forms_of(run, terms, protected=begun.protected, done=done), words, fonts_dir=var("assets", "fonts"),
        run_label=run_label(run), protected_run=begun.protected, manifest=manifest,
    )  # fmt: skip


def _letters(
    run: PrintRun, contents: Callable[[PieceRow], Contents], protected: bool, at: datetime, done: Callable[[int], None],
    own: Mapping[str, Any] | None = None, *, cohort: Cohort | None = None,
) -> Print:  # fmt: skip
    town, terms = run.programme.municipality, run.programme.terms
    day = localdate(at)
    words = wording_of(
        run.kind, terms, municipality=town.name, mayor=town.mayor_title, cohort=cohort, issued_on=day
    )
    words |= own or {}
    run.wording_sha256 = wording_digest(run.kind, words)
    return lambda file, manifest: write_letters(
        file, run.kind, letters_of(run, contents, protected=protected, done=done), words,
        fonts_dir=var("assets", "fonts"), run_label=run_label(run), protected_run=protected, manifest=manifest,
    )  # fmt: skip


def _notice(terms: Terms, cohort: Cohort) -> Callable[[PieceRow], Contents]:
    """The table of a notice: amount, account, day of payment, last day to object."""
    assert cohort.opt_out_date, "a push cohort has an opt-out date"
    slot = terms.payment_date_for(cohort.opt_out_date)
    assert slot, "the calendar pays what nobody objected to"
    pays_on, until = format_wareki(slot.pays_on), format_wareki(cohort.opt_out_date)

    def contents(row: PieceRow) -> Contents:
        account = account_shown(row)
        if not account:
            raise NoAccountToName(
                f"整理番号{row.number}の登録済みの口座が、ないか、世帯主と違う名義になっています。"
                "既知口座の一覧を自治体に確かめ、取り込み直してから、もう一度印刷してください。"
            )
        return Contents((f"{row.amount_yen:,}円", account, pays_on, until))

    return contents
