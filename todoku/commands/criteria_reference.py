"""The reference page of the agreed criteria: the [criteria] tables, the application examples, usual practice for every code.

Comes in: the words of programme/criteria_tables.py and application_examples.py, the standard text. Goes out: Markdown for
docs/reference/criteria.md.
"""

from typing import get_type_hints

from todoku.commands.markdown import table
from todoku.criteria import deciders
from todoku.programme import application_examples
from todoku.programme import criteria_tables as words
from todoku.programme.fact_words import APPLICATION_FACTS
from todoku.programme.standard import standard
from todoku.programme.vocabulary import SEVERITIES
from todoku.review.codes import CODES
from todoku.review.findings import Facts

INTRODUCTION = """\
# The agreed criteria (審査基準)

What the municipality signs before the first envelope. Usual practice ships in `todoku/programme/standard.toml`; a Version
writes only what it agrees otherwise, in tables of the same shape beside its [terms](terms.md). What is left out, or
empty, is as in the standard. [How it is agreed](../how-to/agree-on-criteria.md).

"""
EVIDENCE_KINDS = {
    "str": "text", "bool": "true or false", "date": "date", "date | None": "date, or `\"\"` for none",
    "int": "whole number",
}  # fmt: skip


def criteria_page() -> str:
    """The whole page."""
    return "\n".join((INTRODUCTION, _tables(), _applications(), _usual()))


def _named(known: dict[str, str]) -> str:
    return "、".join(f"`{word}` {name}" for word, name in known.items())


def _tables() -> str:
    head, decides = ("key", "value", "words"), _named(words.DECIDERS)
    codes = [
        ("`criterion`", "text", "基準"),
        ("`evidence`", "list of texts", "認めるもの"),
        ("`validity`", "text", "有効なもの"),
        ("`fails`", "text", "満たさないとき"),
        ("`decides`", "one word", decides),
    ]
    evidence = [
        ("`group`", "one word", _named(words.EVIDENCE_GROUPS)),
        ("`name`", "text", "with `group` it names the row that it replaces"),
        ("`shows`", "text", "写っていること"),
        ("`validity`", "text", "有効なもの"),
        ("`until`", "date", "the last day on which it counts, whatever is printed on it"),
        ("`accepted`", "true or false", "false takes it off the list"),
        (
            "`kind`",
            "a word",
            "by which an identity paper is kept, keyed and chosen; one without it is only read by people",
        ),
        ("`dated`", "one word", _named(words.DATED)),
        ("`months`", "1 to 24", 'with `dated = "issued"`: for how long after its issue it counts'),
    ]
    alteration = [
        ("`field`", "one word", _named(words.FIELDS)),
        ("`kind`", "one word", _named(words.KINDS)),
        ("`meaning`", "one word", _named(words.MEANINGS)),
        ("`note`", "text", ""),
    ]
    holder = [
        ("`tier`", "one word", "、".join(words.TIERS)),
        ("`meaning`", "text", ""),
        ("`evidence`", "list of texts", "empty: none is asked for"),
        ("`decides`", "one word", "left out: no person is needed"),
    ]
    other = [
        ("`name`", "text", "どんなとき"),
        ("`tiers`", "list of words", "、".join(words.TIERS)),
        ("`evidence`", "list of texts", "all of them together"),
        ("`decides`", "one word", decides),
        ("`note`", "text", ""),
    ]
    named = (
        ("[criteria.codes.CODE]", "One criterion, by the code of its deficiency.", codes),
        ("[[criteria.evidence]]", "A paper that counts.", evidence),
        ("[[criteria.alteration]]", "What an alteration of one kind means in one field.", alteration),
        ("[[criteria.holder]]", "What one tier of agreement between holder and recipient means.", holder),
        ("[[criteria.other_holder]]", "What explains an account in another name.", other),
    )
    return "\n".join(f"## `{heading}`\n\n{said}\n\n{table(head, rows)}" for heading, said, rows in named)


def _applications() -> str:
    rows = [
        ("`name`", "text", "one of the standard's takes its place"),
        ("`tells`", "text", "what a reader sees"),
        ("`facts`", "table", "below; what is not named is as in a complete application"),
        ("`expected`", "table", f"code → {_named({k: v for k, v in SEVERITIES.items() if k != 'off'})}"),
        ("`decides`", "one word", _named({"passes": application_examples.DECIDERS["passes"], **deciders.NAMES})),
        ("`where`", "list of words", f"only in programmes that ask for it: {_named(application_examples.WHERE)}"),
    ]  # fmt: skip
    hints = get_type_hints(Facts)
    facts = [(f"`{key}`", _kind(str(hints[key])), name) for key, name in APPLICATION_FACTS.items()]
    said = (
        "An application example, judged by the checks that judge every application. A Version opens only when every one "
        'comes out as written. Dates may be told from the days of intake: `"opens"`, `"closes"`, `"closes+3"`.'
    )
    return (
        f"## `[[application]]`\n\n{said}\n\n{table(('key', 'value', 'words'), rows)}\n"
        f"{table(('fact', 'value', '日本語'), facts)}"
    )


def _kind(hint: str) -> str:
    plain = hint.replace("<class '", "").replace("'>", "").replace("datetime.", "")
    if "tuple[str, str, int, str]" in plain:
        return "`[bank, branch, kind, number]`"
    return EVIDENCE_KINDS.get(plain, "list of texts")


def _usual() -> str:
    rows = [
        (f"{code} {CODES[code].name}", text.criterion, deciders.NAMES[text.decides])
        for code, text in standard().tables.codes.items()
    ]
    return "## Usual practice\n\n" + table(("code", "criterion", "who decides"), rows)
