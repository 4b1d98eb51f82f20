"""One implementation for one web form and for a million rows: the bulk way against a plain oracle, row by row, reason by reason.

Towns of applications are drawn at random: every field sound, missing or wrong, accounts shared, days before and after the
deadline. Then the terms change, and the re-screening is held to the same oracle under the new ones.
"""

from datetime import timedelta
from random import Random

import pytest

from tests.next_version import next_version
from tests.review.oracle import ORACLE_KINDS, accounts_named, oracle
from todoku.case.late_tables import LateOpening
from todoku.intake.tables import ProofVersion, Submission
from todoku.people.actor import SYSTEM
from todoku.review.facts import gather
from todoku.review.rescreen import rescreen
from todoku.review.sampling import is_sampled
from todoku.review.screen import judge_facts, sample_seed, screen
from todoku.review.tables import Finding, Screening

FORMS = 80
OTHER = "ﾍﾞﾂ ﾉﾋﾄ"
# Field → what may stand there besides what a sound form has; drawn one time in eight for each.
WRONG = {
    "identity_evidence": ("", "unclear", "expired", "cut"),
    "account_evidence": ("", "unclear", "expired", "cut"),
    "signed": (False,),
    "applicant_is_recipient": (False,),
    "phone": ("",),
    "applied_on": (None,),
    "members_corrected": (True,),
    "declines": (True,),
    "holder_kana": ("", OTHER, "見本", "ﾔﾏﾀﾞ"),
    "postmark_on": (None,),
    "channel": ("counter",),
}
ACCOUNTS = (
    {"bank": "", "branch": "", "account_number": "", "yucho_symbol": "", "yucho_number": ""},
    {
        "bank": "",
        "branch": "",
        "account_number": "",
        "yucho_symbol": "",
        "yucho_number": "",
        "holder_kana": "",
    },
    {"bank": "0001", "branch": "", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0001", "branch": "999", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0118", "branch": "101", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0537", "branch": "002", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0000", "branch": "001", "account_number": "1234567", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0005", "branch": "001", "account_number": "7654321", "yucho_symbol": "", "yucho_number": ""},
    {"bank": "0005", "branch": "001", "account_number": "123", "yucho_symbol": "", "yucho_number": ""},
    {"yucho_symbol": "99999", "yucho_number": "1"},
    {"yucho_symbol": "10000", "yucho_number": "12345671"},
)
CHANGES = (
    [('web = "straight"', 'web = "one_person"'),
     ("[review.checks]", '[review.checks]\nD04 = "return"\nD12 = "note"\nD15 = "off"')],
    [('paper = "two_persons"', 'paper = "straight"'), ("sample_percent = 5 ", "sample_percent = 60 "),
     ('paper = ["identity", "account_proof", "signature"]', 'paper = ["account_proof"]'),
     ("[review.checks]", '[review.checks]\nD42 = "return"\nD51 = "note"\nD50 = "off"')],
    [('deadline_by = "postmark"', 'deadline_by = "arrival"'), ('web = ["identity", "account_proof"]', 'web = ["identity"]'),
     ("[review.checks]", '[review.checks]\nD10 = "off"\nD23 = "look"\nD30 = "note"')],
)  # fmt: skip


# Under the new terms a corrected tax has a later day than everybody.
_LATE = """
[[late]]
name = "corrected_tax"
title = "税の修正があった方"
kind = "corrected_tax"
cohort = "apply"
evidence = ["tax_certificate"]
until = {day}
closes = {day}

[review]
"""


def _some_came_late(office, random: Random) -> None:
    for one in office.applicants:
        if random.random() < 0.4:
            LateOpening.objects.create(
                case_id=one.case,
                programme=office.programme,
                kind="corrected_tax",
                happened_on=office.today,
                actor_name="",
                at=office.at,
            )


def _name_papers(submission, closes, random: Random) -> None:
    """One or two kinds, each with a day around the one that counts, or without."""
    first, second = (
        random.choice([*ORACLE_KINDS, "my_number_side", "unheard_of"]),
        random.choice([*ORACLE_KINDS, "", ""]),
    )

    def day():
        return random.choice((None, closes + timedelta(days=random.choice((-400, -190, -12, -1, 0, 1, 300)))))

    carried = closes - timedelta(days=200) if random.random() < 0.2 else None
    ProofVersion.objects.create(
        submission=submission, first=first, first_on=day(), second=second, second_on=day(), counted_on=carried,
        entered_at=submission.registered_at,
    )  # fmt: skip


def _applications(office, random: Random) -> None:
    """A drawn town: paper of the days around the deadline, and a third as if it had come by web."""
    closes, whose = office.programme.terms.deadline, list(office.applicants)
    office.at += closes + timedelta(days=6) - office.today
    random.shuffle(whose)
    forms = []
    for one in whose[:FORMS]:
        changes = {name: random.choice(values) for name, values in WRONG.items() if random.random() < 0.1}
        if random.random() < 0.35:
            changes = {**random.choice(ACCOUNTS), **changes}
        arrived = closes - timedelta(days=10)
        if random.random() < 0.3:
            arrived = closes + timedelta(days=random.randint(-1, 4))
        days = {
            "arrived_on": arrived,
            "postmark_on": random.choice((arrived, min(arrived, closes), None)),
            "applied_on": min(arrived, closes),
        }
        forms.append(office.form(one, **{**days, **changes}))
    report = office.key(*forms)
    assert report.done == FORMS and not report.refused
    for submission in Submission.objects.order_by("pk"):
        if random.random() < 0.6:
            _name_papers(submission, closes, random)
        if submission.pk % 3 == 0:
            Submission.objects.filter(pk=submission.pk).update(
                channel="web", postmark_on=None, counts_on=None
            )
            if random.random() < 0.2:
                Submission.objects.filter(pk=submission.pk).update(keyless=True)
        elif random.random() < 0.15:
            # What the entry settles by itself today stood open at other times.
            Submission.objects.filter(pk=submission.pk).update(counts_on=None)
        if random.random() < 0.08:
            Submission.objects.filter(pk=submission.pk).update(declined_on=closes - timedelta(days=30))


def _bulk(office) -> dict[int, tuple]:
    """What gather and judge_facts make of everything that waits."""
    terms, seed = office.programme.terms, sample_seed(office.programme)
    found = {}
    for one in gather(office.programme, "s.state = 'received'", held="s"):
        result = judge_facts(one, terms, seed)
        found[one.submission] = (
            result.outcome, result.persons,
            tuple(sorted((f.code, f.field, f.severity, _why(f.code, f.evidence)) for f in result.findings)),
        )  # fmt: skip
    return found


def _why(code: str, evidence: dict) -> str:
    if code == "D15":
        return str(evidence["households"])
    return "" if code == "D22" else str(evidence.get("tier") or evidence.get("why") or "")


def _one_by_one(office, **which) -> dict[int, tuple]:
    terms, seed = office.programme.terms, sample_seed(office.programme)
    percent, named = terms.review.sample_percent, accounts_named(office.programme)
    return {
        one.pk: tuple(
            oracle(one, terms, named, sampled=is_sampled(one.case.number, seed=seed, percent=percent))
        )
        for one in Submission.objects.filter(**which).select_related("case__recipient__head", "programme")
    }


def _kept() -> dict[int, tuple]:
    """What stands in the tables."""
    findings: dict[int, list] = {}
    for one in Finding.objects.filter(found_by="screening"):
        row = (one.code, one.field, one.severity, _why(one.code, one.evidence))
        findings.setdefault(one.submission_id, []).append(row)
    return {
        one.pk: (one.outcome, one.persons, tuple(sorted(findings.get(one.pk, ()))))
        for one in Screening.objects.filter(submission__state="screened")
    }


@pytest.mark.parametrize("seed", range(len(CHANGES)))
def test_the_bulk_way_says_what_the_oracle_says_at_first_and_under_new_terms(office, town, seed):
    office.applicants = type(office)(town.programme, town.households, office.at).applicants
    office.invite(office.applicants)
    _some_came_late(office, Random(seed))
    _applications(office, Random(seed))
    expected = _one_by_one(office, state="received")
    assert len(expected) == FORMS
    assert _bulk(office) == expected

    screen(programme=office.programme, actor=SYSTEM, at=office.later(), chunk_rows=17)
    assert _kept() == expected
    codes = {finding[0] for _, _, findings in expected.values() for finding in findings}
    assert len(codes) >= 12, codes

    text = office.programme.version.text
    for old, new in CHANGES[seed]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace(
        "\n[review]\n", _LATE.format(day=office.programme.terms.deadline + timedelta(days=2)), 1
    )
    next_version(office.programme, text, at=office.later())
    under_new_terms = _one_by_one(office, state="screened")
    assert sum(under_new_terms[one] != expected[one] for one in expected) >= 20
    rescreen(programme=office.programme, actor=SYSTEM, at=office.later(), chunk_rows=17)
    assert _kept() == under_new_terms
    assert set(Screening.objects.values_list("version__number", flat=True)) == {2}
