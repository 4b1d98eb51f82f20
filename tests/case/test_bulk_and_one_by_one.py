"""What the bulk path makes of a town's files, and a plain reading of the same files one by one, agree recipient by recipient:
who is one, what is due, in which cohort, or for which reason not.

The oracle below knows neither the database nor the bulk code: it reads the rows of the files with loops, one recipient at a
time, and asks the Version's own conditions about one set of facts.
"""

from datetime import date
from random import Random
from typing import NamedTuple

import pytest

from tests.town_fixture import AT, MANAGER, OPENS_ON, roll_bytes
from tests.units import bring, open_programme
from todoku.case.open_cases import open_cases
from todoku.case.tables import Case, NotDue
from todoku.programme.amounts import Household, Member
from todoku.programme.eligibility import REASONS, judge
from todoku.programme.recipient_facts import RecipientFacts
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.registry.import_roll import stage_roll
from todoku.registry.take_roll import take_roll
from todoku.sampletown import town as sampletown
from todoku.sampletown.household import LEVY_ONLY, TAXED, UNFILED, UNKNOWN, UNTAXED

CLASSES = {UNTAXED: "untaxed", LEVY_ONLY: "levy_only", TAXED: "taxed", UNFILED: "undeclared", UNKNOWN: ""}
WORDS = {"untaxed": "非課税", "levy_only": "均等割のみ", "taxed": "課税", "undeclared": "未申告", "": "不明"}
NOTHING, LAPSED = "nothing_due", "lapsed"
FACILITIES = ("F100", "F200")


class Verdict(NamedTuple):
    """What is said of one recipient: whose money it is, the amount, how many count, the cohort, or why not."""

    payee: str
    yen: int
    cohort: str
    reason: str


class Files(NamedTuple):
    """A town as files: households of the roll, and the rows of each list by their kind."""

    households: list
    lists: dict

    @property
    def people(self):
        return {one.number: (one, household) for household in self.households for one in household.members}


def made(seed, terms, size):
    """A small town drawn from the seed, with lists that contradict, leave out and add to the roll."""
    draw = Random(seed)
    households = list(sampletown.build(seed, size, base_date=terms.programme.base_date))
    people = [member for one in households for member in one.members]
    tax = [_tax(one, people, draw) for one in people if draw.random() < 0.8]
    children = [one for one in people if one.relation != "世帯主" and draw.random() < 0.5]
    allowance = [_allowance(one, people, draw) for one in children]
    earlier = [
        {
            "number": one.head.number,
            "outcome": draw.choice(["対象", "支給", "辞退"]),
            "elsewhere": draw.choice(["0", "1"]),
        }
        if draw.random() < 0.5
        else {
            "household_number": one.number,
            "outcome": draw.choice(["対象", "支給"]),
            "benefit": "前の給付金",
        }
        for one in households
        if draw.random() < 0.15
    ]
    care = [
        {"number": one.number, "care": "生活保護", "since": draw.choice(["", "2020/01/01", "2099/01/01"])}
        for one in people
        if draw.random() < 0.1
    ]
    care += [
        {
            "number": one.number, "care": "施設入所", "payee_number": FACILITIES[draw.random() < 0.5], "payee_name": "見本園",
            "payee_kana": "ミホンエン", "address": "本町1-1", "since": draw.choice(["", "2020/01/01", "2099/01/01"]),
        }
        for one in people
        if draw.random() < 0.12
    ]  # fmt: skip
    lists = {"tax": tax, "allowance": allowance, "earlier": earlier, "care": care}
    return Files(households, {kind: rows for kind, rows in lists.items() if rows})


def _tax(one, people, draw):
    said = draw.choice(["untaxed", "untaxed", "levy_only", "taxed", "undeclared", ""])
    levy = draw.choice([10_000, 38_000, 200_000]) if said == "taxed" else 0
    supporter = draw.choice(people).number if draw.random() < 0.2 else ""
    return {
        "number": one.number, "tax_class": WORDS[said], "total_income": draw.choice([0, 400_000, 3_000_000, 19_000_000]),
        "income_tax": draw.choice([0, 15_000, 90_000]) if said == "taxed" else 0, "income_levy": levy or "",
        "equal_levy": 5_000 if said in ("taxed", "levy_only") else "", "persons": draw.choice([1, 1, 2, 4]),
        "dependant_of": "" if supporter == one.number else supporter, "family_employee": draw.choice(["0", "1"]),
        "granted_yen": draw.choice(["", 10_000, 40_000]), "abroad": draw.choice(["0", "0", "1"]),
    }  # fmt: skip


def _allowance(one, people, draw):
    receiver = draw.choice([other for other in people if other.number != one.number]).number
    return {
        "number": one.number, "receiver": receiver if draw.random() < 0.9 else "",
        "allowance": draw.choice(["児童手当", "児童手当", "特例給付", "公務員", "児童扶養手当", "公的年金等"]),
        "disabled": draw.choice(["0", "0", "1"]),
    }  # fmt: skip


# The oracle.


def born(one):
    year, month, day = map(int, one.birth.split("/"))
    return date(year, month, day) if month and day else None


def day_of(text):
    return date(*map(int, text.split("/"))) if text else None


def registered(one, household, day):
    birth, came, left = born(one), day_of(household.moved_in), day_of(one.removed_on)
    if birth is not None and birth > day or came is not None and came > day:
        return False
    if not one.removed_for:
        return True
    return left is None or (left >= day if "死亡" in (one.removed_for, *one.marks) else left > day)


def row_of(files, kind, number):
    return next((row for row in files.lists.get(kind, ()) if row["number"] == number), None)


def tax_of(files, one):
    row = row_of(files, "tax", one.number)
    said = "" if row is None else {word: code for code, word in WORDS.items()}[row["tax_class"]]
    return said or CLASSES[one.tax]


def supporter_taxed(files, one):
    row = row_of(files, "tax", one.number)
    number = (row["dependant_of"] if row else "") or one.supporter
    if number not in files.people:
        return False
    return tax_of(files, files.people[number][0]) in ("taxed", "levy_only")


def earlier_rows(files, household, number):
    return [
        row
        for row in files.lists.get("earlier", ())
        if row.get("number") == number or row.get("household_number") == household.number
    ]


def care_of(files, one, terms, kind):
    """The line of the care list that holds on a base date."""
    for row in files.lists.get("care", ()):
        if (row["number"], row["care"]) == (one.number, kind):
            since = day_of(row["since"])
            return row if any(since is None or since <= day for day in terms.base_dates) else None
    return None


def assisted(files, one, terms):
    return care_of(files, one, terms, "生活保護") is not None


def facility(files, one, terms):
    """The number of the facility in which somebody is placed, "" for nobody else."""
    return (care_of(files, one, terms, "施設入所") or {}).get("payee_number", "")


def payee_of(files, one, household, terms, ground):
    """Whose money it is, read off the Version line by line: an exception before the ground, the ground before the programme."""
    placed = facility(files, one, terms)
    word = terms.programme.payee
    for rule in terms.eligibility.grounds:
        if rule.name == ground and rule.payee:
            word = rule.payee
    if placed and terms.payees.in_facility:
        word = terms.payees.in_facility
    if word in ("self", "taxpayer"):
        return one.number
    if word == "facility" and placed:
        return placed
    receiver = "" if word == "head" else (row_of(files, "allowance", one.number) or {}).get("receiver")
    return receiver or household.head.number


def dead(one):
    return "死亡" in (one.removed_for, *one.marks)


def facts_of(files, members, head, household, terms):
    """The facts of one household, read member by member."""
    here = [one for one in members if any(registered(one, household, day) for day in terms.base_dates)]
    classes = [tax_of(files, one) for one in here]
    rows = earlier_rows(files, household, head.number)
    return RecipientFacts(
        resident_members=len(here),
        members_taxed=sum(one in ("taxed", "levy_only") for one in classes),
        members_tax_unknown=sum(one in ("undeclared", "") for one in classes),
        members_dependent_of_taxed=sum(supporter_taxed(files, one) for one in here),
        members_levy_only=classes.count("levy_only"),
        head_left=head in here and bool(head.removed_for) and any(not one.removed_for for one in here),
        resident_on=tuple(
            day for day in terms.base_dates if any(registered(one, household, day) for one in members)
        )
        if terms.eligibility.grounds
        else (),
        earlier_programme=bool(rows),
        earlier_programme_paid=any(row["outcome"] == "支給" for row in rows),
        paid_elsewhere=any(row["outcome"] == "支給" and row.get("elsewhere") == "1" for row in rows),
        public_assistance=any(assisted(files, one, terms) for one in here),
    )


def own_facts(files, one, household, terms):
    """The facts of one person, child or taxpayer."""
    unit = terms.programme.unit
    tax, allowance = row_of(files, "tax", one.number) or {}, row_of(files, "allowance", one.number) or {}
    kind, birth = allowance.get("allowance", ""), born(one)
    newborn = birth is not None and birth > terms.programme.base_date
    late = newborn and any(entry.kind == "newborn" and birth <= entry.until for entry in terms.late)
    plain = facts_of(files, [one], one, household, terms)
    rows = earlier_rows(files, household, one.number)
    return plain._replace(
        head_left=False,
        resident_members=1 if late else plain.resident_members,
        total_income=int(tax.get("total_income") or 0) if unit != "child" else 0,
        income_tax=int(tax.get("income_tax") or 0) if unit != "child" else 0,
        income_levy=int(tax.get("income_levy") or 0) if unit != "child" else 0,
        earlier_programme=bool(rows),
        public_assistance=assisted(files, one, terms),
        child_allowance={"児童手当": "regular", "特例給付": "reduced", "公務員": "employer"}.get(kind, ""),
        single_parent_allowance=kind == "児童扶養手当",
        public_pension=kind == "公的年金等",
        disabled_child=allowance.get("disabled") == "1",
        birth_date=birth,
        family_employee=tax.get("family_employee") == "1",
        in_facility=bool(facility(files, one, terms)),
        guardian_known=unit != "child"
        or bool(allowance.get("receiver"))
        or any(
            (row["number"], row["care"]) == (one.number, "施設入所") for row in files.lists.get("care", ())
        ),
        late_entry="newborn" if late else "",
    )


def outcome_of(facts, terms):
    rules = terms.eligibility
    return judge(rules.predicates, rules.exclusions, facts, limits=rules.limits, grounds=rules.grounds)


def one_verdict(facts, household, terms, payee, died):
    outcome = outcome_of(facts, terms)
    cohort = terms.cohort_of(facts, outcome.ground)
    (yen,) = terms.amounts([household._replace(ground=outcome.ground)])
    if outcome.reason and not (REASONS[outcome.reason].is_open and cohort.mode == "apply"):
        return Verdict(payee, 0, "", outcome.reason)
    if died:
        return Verdict(payee, 0, "", LAPSED)
    return Verdict(payee, yen, cohort.name, "") if yen else Verdict(payee, 0, "", NOTHING)


def lapses(terms, who):
    return any(
        (rule.event, rule.who, rule.phase, rule.then) == ("died", who, "before_application", "lapse")
        for rule in terms.eligibility.changes
    )


def oracle(files, terms):
    """Recipient by recipient: {its key: what is said of it}."""
    say = {"household": households_one_by_one, "child": children_one_by_one}.get(
        terms.programme.unit, people_one_by_one
    )
    return say(files, terms)


def households_one_by_one(files, terms):
    said = {}
    for household in files.households:
        # Who is placed in a facility and is not the head receives apart, where the Version says so.
        apart = [
            one
            for one in household.members
            if terms.payees.in_facility and one is not household.head and facility(files, one, terms)
        ]
        stays = [one for one in household.members if one not in apart]
        said[household.number] = of_household(files, stays, household.head, household, terms)
        for one in apart:
            said[one.number] = of_household(files, [one], one, household, terms)
    return said


def of_household(files, members, head, household, terms):
    facts = facts_of(files, members, head, household, terms)
    counted = tuple(
        Member(born(one), any(registered(one, household, day) for day in terms.base_dates)) for one in members
    )
    died = facts.resident_members == 1 and dead(head) and lapses(terms, "sole_member")
    return one_verdict(facts, Household(counted), terms, head.number, died)


def people_one_by_one(files, terms):
    said = {}
    for number, (one, household) in files.people.items():
        tax = row_of(files, "tax", number) or {}
        if terms.programme.unit == "taxpayer" and not tax:
            continue
        facts = own_facts(files, one, household, terms)
        alone = Household(
            (Member(born(one), bool(facts.resident_members)),), max(int(tax.get("persons") or 0), 1), facts.income_tax,
            facts.income_levy, "", int(tax.get("granted_yen") or 0), tax.get("abroad") == "1",
        )  # fmt: skip
        died = facts.resident_members == 1 and dead(one) and lapses(terms, "sole_member")
        payee = payee_of(files, one, household, terms, outcome_of(facts, terms).ground)
        said[number] = one_verdict(facts, alone, terms, payee, died)
    return said


def children_one_by_one(files, terms):
    rules = terms.eligibility
    days = [
        rules.born_on_or_after,
        rules.disabled_born_on_or_after,
        *(g.born_on_or_after for g in rules.grounds),
    ]
    first = min(day for day in days if day is not None)
    families = {}
    for number, (one, household) in files.people.items():
        row, birth = row_of(files, "allowance", number), born(one)
        if row is None and (birth is None or birth < first):
            continue
        ground = outcome_of(own_facts(files, one, household, terms), terms).ground
        payee = payee_of(files, one, household, terms, ground)
        newborn = birth is not None and birth > terms.programme.base_date
        families.setdefault((number if newborn else payee, payee), []).append((one, household))
    said = {}
    for (key, payee), children in families.items():
        each = []
        for one, household in children:
            facts = own_facts(files, one, household, terms)
            died = facts.resident_members == 1 and dead(one) and lapses(terms, "child")
            alone = Household((Member(born(one), bool(facts.resident_members)),))
            each.append(one_verdict(facts, alone, terms, payee, died))
        due = [one for one in each if not one.reason]
        order = [cohort.name for cohort in terms.cohorts]
        if due:
            cohort = max((one.cohort for one in due), key=order.index)
            said[key] = Verdict(payee, sum(one.yen for one in due), cohort, "")
        else:
            said[key] = each
    return said


# The bulk path.


def bulk(files, terms, text):
    """The same by the real verbs: files in, cases and reasons out."""
    programme = open_programme(text)
    staged = stage_roll(
        roll_bytes(files.households),
        programme=programme,
        name="r.csv",
        layout="benefit42",
        actor=MANAGER,
        at=AT,
    )
    take_roll(staged, only_good=False, actor=MANAGER, at=AT)
    for kind, rows in files.lists.items():
        bring(programme, kind, rows)
    open_cases(programme=programme, actor=MANAGER, at=AT, random_source=Random(1))
    said = {}
    for case in Case.objects.select_related("recipient__head").prefetch_related("entitlements"):
        key = case.recipient.unit_number or case.recipient.household_number
        said[key] = Verdict(case.recipient.head.number, case.entitlement.amount_yen, case.cohort, "")
    for one in NotDue.objects.select_related("recipient__head"):
        key = one.recipient.unit_number or one.recipient.household_number
        said[key] = Verdict(one.recipient.head.number, 0, "", one.reason)
    return said


def agree(found, expected):
    """Row by row; of children of whom none is due any child's own reason may stand for them all."""
    if isinstance(expected, list):
        return found in expected
    return found == expected


VERSIONS = [
    "tokubetsu-teigaku-2020", "bukkadaka-2024", "hikazei-rinji-2021", "aratana-hikazei-2024", "kakaku-juten-2023",
    "chosei-kyufu-2024", "fusokugaku-2025", "rinji-fukushi-2015", "premium-shohinken-2019", "kosodate-oen-2025",
    "kosodate-rinji-2020", "kosodate-seikatsu-2021",
]  # fmt: skip


@pytest.mark.parametrize("shipped", VERSIONS)
def test_a_generated_town_is_judged_the_same_in_bulk_and_one_by_one(database, var_folder, shipped):
    text = reschedule(version_text(shipped), OPENS_ON)
    terms = parse(text)
    files = made(VERSIONS.index(shipped) + 40, terms, 45)
    expected = oracle(files, terms)
    found = bulk(files, terms, text)
    assert set(found) == set(expected)
    differing = {key: (found[key], expected[key]) for key in found if not agree(found[key], expected[key])}
    assert not differing
    if terms.payees.in_facility:  # somebody receives through a facility, or apart from the household
        assert {one.payee for one in found.values()} & set(FACILITIES) or set(found) & set(files.people)
    # A town in which all fare alike would prove nothing.
    reasons = {one.reason for one in found.values()}
    assert "" in reasons and (len(reasons) > 1 or shipped == "tokubetsu-teigaku-2020")
