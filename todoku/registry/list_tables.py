"""Lists of facts beside the roll: what arrived, line by line, and the facts taken from it, one row per person and fact."""

from django.db import models

from todoku.formats.fact_list_kinds import ALLOWANCE_NAMES, CARE_NAMES, EARLIER_NAMES, LISTS
from todoku.programme.tables import Programme
from todoku.registry.tables import Delivery, DeliveryProblem, Person

__all__ = [
    "FactImport", "StagedFact", "FactProblem", "TaxFact", "AllowanceFact", "EarlierFact", "CareFact",
]  # fmt: skip


class FactImport(Delivery):
    """One delivery of a list of facts (一覧の受領): staged first, taken only whole or by explicit choice.

    `unmatched` lines speak of nobody on the roll and are not taken; `unlisted` are people on the roll of whom a list that
    should name everybody says nothing.
    """

    STATES = [
        ("reading", "読込中"), ("staged", "確認待ち"), ("taken", "取込済"), ("taken_good", "正しい行のみ取込済"),
        ("refused", "取込不可"), ("replaced", "取り込まず"),
    ]  # fmt: skip
    KINDS = [(kind.code, kind.title) for kind in LISTS.values()]
    kind = models.CharField(max_length=12, choices=KINDS)
    state = models.CharField(max_length=12, choices=STATES)
    unmatched = models.BigIntegerField(default=0)
    unlisted = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "parcel", "kind"],
                condition=models.Q(state__in=["reading", "staged", "taken", "taken_good"]),
                name="the_same_list_is_staged_once",
            )
        ]


class StagedFact(models.Model):
    """One line of a list as read (取込待ちの一覧の行), its values by our fields."""

    fact_import = models.ForeignKey(
        FactImport, on_delete=models.CASCADE, db_index=False, related_name="lines"
    )
    line = models.BigIntegerField()
    number = models.CharField(max_length=15, blank=True)
    good = models.BooleanField()
    values = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["fact_import", "number"], name="staged_fact_by_number")]


class FactProblem(DeliveryProblem):
    """A problem found in a list (一覧の指摘)."""

    fact_import = models.ForeignKey(FactImport, on_delete=models.CASCADE, related_name="problems")

    class Meta:
        indexes = [models.Index(fields=["fact_import", "severity", "line"], name="fact_problem_by_import")]


class FactColumns(models.Model):
    """Whom a fact is of, and from which delivery it came."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    fact_import = models.ForeignKey(FactImport, on_delete=models.PROTECT, db_index=False)

    class Meta:
        abstract = True


class TaxFact(FactColumns):
    """What the tax office says of a person (課税情報), in yen before any cut; null where the list says nothing."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tax_facts")
    tax_class = models.CharField(max_length=12, blank=True)
    total_income = models.BigIntegerField(null=True)
    income_tax = models.BigIntegerField(null=True)
    actual_income_tax = models.BigIntegerField(null=True)
    income_levy = models.BigIntegerField(null=True)
    equal_levy = models.BigIntegerField(null=True)
    persons = models.PositiveSmallIntegerField(null=True)
    dependant_of = models.CharField(max_length=15, blank=True)
    family_employee = models.BooleanField(default=False)
    granted_yen = models.BigIntegerField(null=True)
    abroad = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "person"], name="a_person_is_taxed_once"),
            models.CheckConstraint(
                condition=~models.Q(income_levy__gt=0, equal_levy=0),
                name="an_income_levy_comes_with_the_equal_one",
            ),
        ]


class AllowanceFact(FactColumns):
    """For whom a child allowance was paid, and to whom (児童手当等の対象児童); no receiver where he is not on the roll."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="allowance_facts")
    receiver = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="received_allowances"
    )
    allowance = models.CharField(max_length=16, choices=list(ALLOWANCE_NAMES.items()))
    month = models.DateField(null=True)
    public_servant = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person", "allowance"], name="a_child_has_each_allowance_once"
            )
        ]


class EarlierFact(FactColumns):
    """Who was a target of an earlier benefit (前の給付金の対象), by person or by household, here or elsewhere."""

    number = models.CharField(max_length=15, blank=True)
    household_number = models.CharField(max_length=15, blank=True)
    outcome = models.CharField(max_length=12, choices=list(EARLIER_NAMES.items()))
    elsewhere = models.BooleanField(default=False)
    benefit = models.CharField(max_length=100, blank=True)
    amount_yen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number", "household_number", "benefit"],
                name="an_earlier_target_is_listed_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(number="", household_number=""), name="an_earlier_target_has_a_number"
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "household_number"],
                condition=~models.Q(household_number=""),
                name="earlier_by_household",
            )
        ]


class CareFact(FactColumns):
    """Who is on public assistance, lives in a facility or has a guardian (生活保護・施設・後見等), and since when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="care_facts")
    care = models.CharField(max_length=18, choices=list(CARE_NAMES.items()))
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="cared_for")
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person", "care"], name="a_person_has_each_care_once"
            )
        ]
