"""The reference page of the Version format: every table, key, word, rule and quotation, from the code that reads them.

Comes in: the frozen values of contents.py, the words of vocabulary.py, the rules by name. Goes out: Markdown for
docs/reference/terms.md.
"""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from todoku.commands.markdown import table
from todoku.programme import contents, quality, vocabulary
from todoku.programme.amounts import AMOUNT_RULES
from todoku.programme.cohorts import CONDITION_LABELS
from todoku.programme.predicates import EXCLUSIONS, PREDICATES
from todoku.programme.recipient_examples import EXPECTED, KNOWN
from todoku.programme.shipped import SLUGS

INTRODUCTION = """\
# The terms of a programme (制度の定義, Version)

One TOML text in UTF-8. `todoku.programme.terms.parse` reads it; `./run todoku programme check FILE` names every mistake
with its remedy. A key that is missing, mistyped or unknown is a mistake. These may be left out:

* tables: `[payee]`, `[snapshot]`, `[[eligibility.ground]]`, `[[amount.ground]]`, `[[payout]]`, `[voucher]`, `[[late]]`,
  `[[example]]`, `[review.checks]` and the other tables below `[review]`, `[payment.gift]` and its `delivery` (then the letter
  alone), `[payment.cash]`, and `[returns]` with every key of it (then 21 days, no second request, no end but by the municipality)
* who: `further_base_dates`, `exclusions`, `income_limit_yen`, the keys of births, `newborn_until`, a ground's `exclusions`,
  `base_dates` and `payee`, a cohort's `opt_out_date` (needed for `push`), `grounds` and `account_sources`, its `payout` (then
  the first) and `closes` (then the intake's), a late cohort's `days_after`
* intake: `closes` where `closes_after_months` stands, `attachments` (then the front), `remind_days_before` (then 21),
  `no_postmark` (then a person looks), `without_letter` (then false)
* review and payment: `blind_second` (then true), `due_days` (then 3), `contact_tries` (then 3), `rails` (then the bank alone),
  `account_inquiry` (then false), `cancel_window_minutes` (then 60)
* the parameters whose kind ends in `?`, and the sentences and letters not marked as needed.

Fourteen real ones ship in `todoku/programme/versions/`: {shipped}.

The text opens with `format = 1`. Dates are TOML dates (`2025-02-12`), money is whole yen.

"""
# Heading in the TOML text → the class that holds it. Lists of tables stand in double brackets.
TABLES: tuple[tuple[str, type], ...] = (
    ("[programme]", contents.About),
    ("[payee]", contents.PayeeExceptions),
    ("[snapshot]", contents.Snapshot),
    ("[amount]", contents.Amount),
    ("[[payout]]", contents.Payout),
    ("[voucher]", contents.Voucher),
    ("[eligibility]", contents.Eligibility),
    ("[[eligibility.ground]]", contents.Ground),
    ("[[eligibility.change]]", contents.Change),
    ("[[cohort]]", contents.Cohort),
    ("[[late]]", contents.Late),
    ("[intake]", contents.Intake),
    ("[review]", contents.Review),
    ("[review.sample]", quality.Sample),
    ("[review.training]", quality.Training),
    ("[review.seeded]", quality.Seeded),
    ("[review.fast]", quality.Fast),
    ("[payment]", contents.Payment),
    ("payment.calendar, one line", contents.PaymentSlot),
    ("[payment.gift]", contents.Gift),
    ("[payment.cash]", contents.Cash),
    ("[contact]", contents.Contact),
    ("[letters.NAME]", contents.LetterText),
    ("[decline]", contents.Decline),
    ("[returns]", contents.Returns),
)
# Keys whose value is one of known words: class and key → the words with their names.
CHOICES: dict[tuple[type, str], dict[str, str]] = {
    (contents.About, "legal_basis"): vocabulary.LEGAL_BASES,
    (contents.About, "unit"): vocabulary.UNITS,
    (contents.About, "payee"): vocabulary.PAYEES,
    (contents.Amount, "rule"): {name: rule.label for name, rule in AMOUNT_RULES.items()},
    (contents.Eligibility, "predicates"): {name: one.label for name, one in PREDICATES.items()},
    (contents.Eligibility, "exclusions"): {name: one.label for name, one in EXCLUSIONS.items()},
    (contents.Change, "event"): vocabulary.CHANGE_EVENTS,
    (contents.Change, "who"): vocabulary.CHANGE_WHO,
    (contents.Change, "phase"): vocabulary.CHANGE_PHASES,
    (contents.Change, "then"): vocabulary.CHANGE_OUTCOMES,
    (contents.PayeeExceptions, "in_facility"): vocabulary.PAYEES,
    (contents.PayeeExceptions, "evacuated"): vocabulary.PAYEES,
    (contents.Ground, "payee"): vocabulary.PAYEES,
    (contents.Ground, "predicates"): {name: one.label for name, one in PREDICATES.items()},
    (contents.Ground, "exclusions"): {name: one.label for name, one in EXCLUSIONS.items()},
    (contents.Cohort, "account_sources"): vocabulary.ACCOUNT_SOURCES,
    (contents.Late, "kind"): vocabulary.LATE_KINDS,
    (contents.Late, "evidence"): vocabulary.LATE_EVIDENCE,
    (contents.Cohort, "mode"): vocabulary.MODES,
    (contents.Cohort, "condition"): CONDITION_LABELS,
    (contents.Intake, "channels"): vocabulary.CHANNELS,
    (contents.Intake, "deadline_by"): vocabulary.DEADLINES,
    (contents.Intake, "no_postmark"): vocabulary.NO_POSTMARK,
    (contents.Intake, "counts"): vocabulary.COUNTS,
    (contents.Intake, "evidence"): vocabulary.EVIDENCE,
    (contents.Review, "passes"): vocabulary.PASS_NAMES,
    (contents.Review, "checks"): vocabulary.SEVERITIES,
    (contents.Payment, "rails"): vocabulary.RAILS,
    (contents.Gift, "delivery"): vocabulary.GIFT_DELIVERIES,
    (contents.Decline, "unit"): vocabulary.DECLINE_UNITS,
    (contents.Decline, "reversible_until"): vocabulary.DECLINE_UNTIL,
    (contents.Intake, "attachments"): vocabulary.ATTACHMENTS,
    (contents.Returns, "closing"): vocabulary.CLOSINGS,
}
# Fields that stand in a table of their own.
ELSEWHERE = {
    (contents.Review, "quality"),
    (contents.Change, "line"), (contents.Eligibility, "changes"), (contents.Eligibility, "grounds"), (contents.Payout, "amount"),
    (contents.Amount, "by_ground"), (contents.Payment, "gift"), (contents.Payment, "cash"),
}  # fmt: skip
KINDS = {
    "str": "text", "date": "date", "int": "whole number", "float": "number", "date | None": "date, where it applies",
    "tuple[str, ...]": "list of words", "tuple[PaymentSlot, ...]": "list of lines",
    "tuple[int, ...]": "list of whole numbers", "tuple[date, ...]": "list of dates", "bool": "true or false",
}  # fmt: skip


def terms_page() -> str:
    """The whole page."""
    shipped = ", ".join(f"`{slug}`" for slug in SLUGS)
    parts = [INTRODUCTION.format(shipped=shipped), *(_table(heading, kind) for heading, kind in TABLES)]
    parts += [_unclaimed(), _examples(), _rules(), _wording(), _letters(), _quotable()]
    return "\n".join(parts)


def _table(heading: str, kind: type) -> str:
    """One table: what it says of itself, its keys with their kinds and words."""
    doc = (kind.__doc__ or "").replace("\n    ", " ").strip()
    said = doc.partition(": ")[2] if doc.startswith(("[", "One line")) else doc
    rows = [_key(kind, name, hint) for name, hint in _fields(kind) if (kind, name) not in ELSEWHERE]
    return f"## `{heading}`\n\n{said[0].upper()}{said[1:]}\n\n" + table(("key", "value", "words"), rows)


def _fields(kind: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)  # type: ignore[attr-defined]
    return [(name, hints[name]) for name in names]


def _key(kind: type, name: str, hint: Any) -> tuple[str, ...]:
    choices = CHOICES.get((kind, name))
    words = "、".join(f"`{word}` {label}" for word, label in choices.items()) if choices else ""
    return f"`{name}`", _kind(hint, bool(choices)), words


def _kind(hint: Any, chosen: bool) -> str:
    """A field's kind in a reader's words; a mapping is a table of its own."""
    written = str(hint).replace("datetime.", "").replace("todoku.programme.contents.", "")
    written = written.replace("<class '", "").replace("'>", "")
    if "Mapping" in written:
        inner = get_args(hint)[1]
        if inner is float:
            return "table; numbers"
        return "table; " + ("words" if inner is not Any else "by rule, see below")
    assert written in KINDS, f"no words for {written}"
    return "one word" if chosen and written == "str" else KINDS[written]


def _unclaimed() -> str:
    return (
        "## `[unclaimed]`\n\nWhat becomes of a benefit nobody asks for.\n\n"
        + table(("key", "value", "words"), [("`deemed_declined_on`", "date", "みなし辞退の日")])
    )  # fmt: skip


def _examples() -> str:
    """[[example]]: its keys, the facts that can be written, what can be expected."""
    keys = [
        ("`name`", "text", "unique among the examples"),
        ("`facts`", "table", "the facts below; what is left out keeps its default"),
        (
            "`members`",
            "list of lines",
            "`born` (left out: 不詳), `on_base_date` (true), `declines` (false), for the amount",
        ),
        ("`expect`", "one word", "、".join(f"`{word}` {label}" for word, label in EXPECTED.items())),
        (
            "`ground`, `cohort`, `payee`",
            "text",
            "what must come out beside it; with `due` the cohort is needed",
        ),
        ("`amount_yen`", "whole number", "needed with `due`"),
        ("`payout`", "whole number", "1 where it is left out"),
        ("`change`", "table", "in place of all these: `event`, `who`, `phase` and what `then` follows"),
        (
            "`late`",
            "table",
            "or: the `name` of a late cohort, what `happened_on` a day, `until` when it may be applied for",
        ),
    ]
    facts = "、".join(f"`{name}` ({_plain(value)})" for name, value in KNOWN.items())
    return (
        "## `[[example]]`\n\nA recipient and what must come of it; a Version opens only when all of them come out as written.\n\n"
        + table(("key", "value", "words"), keys)
        + f"\nFacts, with what holds when they are left out: {facts}.\n"
    )


def _plain(value: Any) -> str:
    """A default as TOML would write it."""
    if value is None:
        return "none"
    return (
        str(value).lower()
        if isinstance(value, bool)
        else str(list(value) if isinstance(value, tuple) else repr(value))
    )


def _rules() -> str:
    rows = [
        (
            f"`{name}`",
            rule.label,
            "、".join(f"`{key}` {kind}" for key, kind in rule.parameters.items()) or "none",
            "、".join(f"`{unit}`" for unit in rule.units),
        )
        for name, rule in AMOUNT_RULES.items()
    ]
    said = "The parameters stand in `[amount.parameters]`. `[[amount.ground]]` has its `ground`, a `rule` and `parameters`."
    return f"## Amount rules\n\n{said}\n\n" + table(("rule", "what it gives", "parameters", "units"), rows)


def _wording() -> str:
    rows = [
        (f"`{key}`", name, "yes" if key in vocabulary.WORDING_NEEDED else "")
        for key, name in vocabulary.WORDING.items()
    ]
    return (
        "## `[wording]`\n\nSentences that pages and letters quote. No date may be written in them: they quote one.\n\n"
        + table(("key", "what it says", "needed"), rows)
    )


def _letters() -> str:
    of_mode = {letter: mode for mode, letter in vocabulary.LETTER_OF_MODE.items()}
    rows = [
        (
            f"`letters.{name}`",
            label,
            "yes"
            if name in vocabulary.LETTERS_NEEDED
            else f"with a cohort of mode `{of_mode[name]}`"
            if name in of_mode
            else "",
        )
        for name, label in vocabulary.LETTERS.items()
    ]
    return "## Letters\n\n" + table(("table", "letter", "needed"), rows)


def _quotable() -> str:
    rows = [(f"`{{{name}}}`", meaning) for name, meaning in vocabulary.QUOTABLE.items()]
    return "## What a sentence may quote\n\n" + table(("quotation", "becomes"), rows)
