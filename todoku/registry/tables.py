"""The roll: what arrived, line by line, and the recipients and members taken from it."""

from django.db import models
from django.db.models import F, Func, Value

from todoku.custody.tables import Parcel
from todoku.programme.tables import Programme

__all__ = [
    "RollImport", "StagedPerson", "RollProblem", "RollDifference", "Person", "Recipient", "Member", "FixedMembers",
    "ReachedAt", "KnownAccount",
]  # fmt: skip


class RollColumns(models.Model):
    """The columns that a roll row and a person share, in the order of formats.roll.RollRow."""

    number = models.CharField(max_length=15)
    head_number = models.CharField(max_length=15, blank=True)
    household_number = models.CharField(max_length=15)
    is_head = models.BooleanField()
    relation = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200)
    kana = models.CharField(max_length=200, blank=True)
    latin_name = models.CharField(max_length=200, blank=True)
    alias = models.CharField(max_length=200, blank=True)
    alias_kana = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    birth_text = models.CharField(max_length=40, blank=True)
    sex = models.CharField(max_length=4, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    postal_code = models.CharField(max_length=7, blank=True)
    address = models.CharField(max_length=300, blank=True)
    building = models.CharField(max_length=300, blank=True)
    tax_class = models.CharField(max_length=12, blank=True)
    dependant_of = models.CharField(max_length=15, blank=True)
    moved_in_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    left_reason = models.CharField(max_length=10, blank=True)
    protected = models.BooleanField(default=False)
    facility = models.CharField(max_length=60, blank=True)
    has_gaiji = models.BooleanField(default=False)
    mail_to_head = models.BooleanField(default=True)

    class Meta:
        abstract = True


class Delivery(models.Model):
    """What is kept of every file that is staged first and taken only whole or by explicit choice; staging.py moves it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT)
    rows_read = models.BigIntegerField(default=0)
    rows_good = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    warnings = models.BigIntegerField(default=0)
    refusal = models.TextField(blank=True)
    staged_at = models.DateTimeField()
    staged_by = models.CharField(max_length=60)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class DeliveryProblem(models.Model):
    """A problem found in a delivery: line, column, kind and remedy; never the value itself."""

    line = models.BigIntegerField()
    column = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    remedy = models.CharField(max_length=300)
    severity = models.CharField(max_length=8)

    class Meta:
        abstract = True


class RollImport(Delivery):
    """One delivery of the roll (名簿の受領): staged first, taken only whole or by explicit choice.

    reading and taking are seen by others only while the work runs, or after it was killed: it is then run again.
    """

    STATES = [
        ("reading", "読込中"), ("staged", "確認待ち"), ("taking", "取込中"), ("taken", "取込済"),
        ("taken_good", "正しい行のみ取込済"), ("refused", "取込不可"), ("replaced", "差し替え済"),
    ]  # fmt: skip
    layout = models.CharField(max_length=30)
    encoding = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=STATES)
    households = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "parcel", "layout"],
                condition=models.Q(state__in=["reading", "staged", "taking", "taken", "taken_good"]),
                name="the_same_roll_is_staged_once",
            )
        ]


class StagedPerson(RollColumns):
    """One line of a roll as read (取込待ちの行). Lines with an error, or of a household with one, are not good."""

    roll_import = models.ForeignKey(
        RollImport, on_delete=models.CASCADE, db_index=False, related_name="lines"
    )
    line = models.BigIntegerField()
    good = models.BooleanField()
    search_key = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["roll_import", "number"], name="staged_by_number")]


class RollProblem(DeliveryProblem):
    """A problem found in a roll (名簿の指摘)."""

    roll_import = models.ForeignKey(RollImport, on_delete=models.CASCADE, related_name="problems")
    value_kind = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["roll_import", "severity", "line"], name="problem_by_import")]


class RollDifference(models.Model):
    """What a later roll changes (差分): added, changed or gone; for changes the names of the fields only.

    Kind "members" is a change to a household whose members are fixed: it is not taken over, a person looks at it.
    """

    KINDS = [("added", "追加"), ("changed", "変更"), ("gone", "記載なし"), ("members", "世帯構成（要確認）")]
    roll_import = models.ForeignKey(RollImport, on_delete=models.CASCADE, related_name="differences")
    number = models.CharField(max_length=15)
    kind = models.CharField(max_length=8, choices=KINDS)
    fields = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["roll_import", "kind"], name="difference_by_kind"),
            models.Index(fields=["roll_import", "number"], name="difference_by_number"),
        ]


class Person(RollColumns):
    """A resident on the roll (住民): names as received, a separate search key; number = 宛名番号."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    municipality_code = models.CharField(max_length=6)
    search_key = models.CharField(max_length=500)
    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT)
    in_latest_roll = models.BooleanField(default=True)
    # Known from a list or an order alone, never from a roll (名簿外): a facility, a guardian, an heir, a child living
    # elsewhere. No roll says that such a one is gone.
    outside = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"], name="a_person_is_on_a_programmes_roll_once"
            )
        ]
        indexes = [
            models.Index(fields=["programme", "household_number"], name="person_by_household"),
            # Who somebody is who has no letter: found by birth date, or by where he lives.
            # and by the digest of the name's own key, to see one person under two cases.
            models.Index(
                "programme",
                "birth_date",
                Func(Func(F("search_key"), Value(" "), Value(1), function="split_part"), function="hashtext"),
                name="person_by_birth_date",
            ),
            models.Index(fields=["programme", "postal_code"], name="person_by_postal_code"),
        ]


class Recipient(models.Model):
    """The unit that is due (給付対象者), and its payee (受給権者) in `head`.

    A household has its head; `unit_number` is "" then. For the other units it is the number of the person or taxpayer, or
    of the payee who receives for his children, and `household_number` says only where that one lives.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    municipality_code = models.CharField(max_length=6)
    household_number = models.CharField(max_length=15)
    unit_number = models.CharField(max_length=15, blank=True, default="", db_default="")
    head = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="headed")
    # Where the payee lives in a facility that only passes letters on (気付); null where letters go to the payee alone.
    care_of = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="in_care", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["care_of"], condition=models.Q(care_of__isnull=False), name="recipient_by_care"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "payout", "household_number", "unit_number"],
                name="a_household_is_a_recipient_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "payout", "unit_number"],
                condition=~models.Q(unit_number=""),
                name="a_person_is_a_recipient_once",
            ),
        ]


class Member(models.Model):
    """A person counted in a recipient (世帯員); in at most one recipient per programme and payout."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    relation = models.CharField(max_length=40, blank=True)
    superseded_by_order = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "payout", "person"],
                condition=models.Q(superseded_by_order=""),
                name="a_person_counts_in_one_recipient",
            )
        ]


class FixedMembers(models.Model):
    """From here on the members of a recipient stay as they are (世帯構成の確定): a case was opened on them.

    A later roll still updates the persons, but neither the head nor the members; the difference goes to a person.
    """

    recipient = models.OneToOneField(
        Recipient, on_delete=models.PROTECT, primary_key=True, related_name="fixed_members"
    )
    at = models.DateTimeField()


class ReachedAt(models.Model):
    """Where the municipality ordered that a recipient is reached (送付先の指定), in place of what the roll says.

    No roll changes it: the register may still hold the home that somebody fled from. `protected` hides it like 支援措置.
    It holds for the `payee` of that day: whoever receives in his place and lived elsewhere is not reached there.
    """

    recipient = models.OneToOneField(
        Recipient, on_delete=models.PROTECT, primary_key=True, related_name="reached_at"
    )
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    postal_code = models.CharField(max_length=7, blank=True)
    address = models.CharField(max_length=300)
    building = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    protected = models.BooleanField()
    order = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(address="") & ~models.Q(order=""),
                name="a_recipient_is_reached_by_an_order",
            )
        ]


class KnownAccount(models.Model):
    """An account that the municipality already knows (既知口座) for a person; used by push cohorts only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    kind = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=7)
    holder_kana = models.CharField(max_length=60)
    source = models.CharField(max_length=40)
    # When it was taken, or last changed: a notice printed before names another account.
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "person"], name="a_person_has_one_known_account")
        ]
