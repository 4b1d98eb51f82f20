"""Terms agreed with the municipality, frozen when opened."""

from functools import lru_cache

from django.db import models

from todoku.programme.terms import Terms, parse

__all__ = ["Municipality", "Programme", "Version"]


class Municipality(models.Model):
    """A municipality (自治体) that decides and pays; its colour marks every page, its account is the payer."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=40)
    mayor_title = models.CharField(max_length=60)
    # A name of the palette of bands (web/shared/pieces.BANDS): this municipality's alone, so that nobody works in the
    # wrong one.
    band = models.CharField(max_length=10, default="blue")
    requester_code = models.CharField(max_length=10)
    requester_kana = models.CharField(max_length=40)
    bank_code = models.CharField(max_length=4)
    branch_code = models.CharField(max_length=3)
    account_kind = models.PositiveSmallIntegerField(default=1)
    account_number = models.CharField(max_length=7)
    # A shipped profile by name, or the text of one that this bank alone has (formats/bank_profile.py).
    bank_profile = models.TextField(default="standard")
    # How this bank's report on returned transfers is read (formats/bank_report_mapping.py); "": by the usual headings.
    report_mapping = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """A benefit programme (給付金事業) of one municipality.

    A rehearsal (質の確認用) of a programme holds made-up cases alone, under that programme's terms: it has no Version of its
    own and so stands in no list of programmes; nothing of it is decided or sent.
    """

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    rehearsal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="rehearsal"
    )

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> "Version":
        """The open Version; every page and step quotes this one. Asserts that one is open."""
        if self.rehearsal_of is not None:
            return self.rehearsal_of.version
        if not hasattr(self, "_version"):
            self._version = self.versions.filter(opened_at__isnull=False).order_by("-number").first()
        assert self._version is not None, f"programme {self.slug} has no open version"
        return self._version

    @property
    def terms(self) -> Terms:
        return self.version.terms


class Version(models.Model):
    """The terms (実施要綱) as one TOML text; once opened, neither text nor digest changes (guarded by a trigger)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=60, blank=True)
    # Of a draft (案): who wrote it last and why the terms are to change; the first Version has neither.
    drafted_at = models.DateTimeField(null=True)
    drafted_by = models.CharField(max_length=60, blank=True, default="", db_default="")
    why = models.TextField(blank=True, default="", db_default="")
    # Copied from the text when it is opened, so that the database itself can hold a batch to them.
    cap_per_transfer_yen = models.BigIntegerField(null=True)
    cap_per_account_yen = models.BigIntegerField(null=True)
    # Likewise who decides what (programme/deciders.py): verdicts are held to it by the database. {} before it is opened.
    deciders = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="version_numbers_count_up"),
            models.CheckConstraint(
                condition=models.Q(opened_at__isnull=True)
                | models.Q(cap_per_transfer_yen__gt=0, cap_per_account_yen__gt=0),
                name="an_open_version_has_its_caps",
            ),
            models.CheckConstraint(
                condition=models.Q(opened_at__isnull=True) | ~models.Q(deciders={}),
                name="an_open_version_says_who_decides",
            ),
        ]

    @property
    def terms(self) -> Terms:
        if not hasattr(self, "_terms"):
            self._terms = _read(self.text)
        return self._terms


# Every request and every step begins with a row of its own, and reading a text takes longer than most of them: terms hold
# nothing that can be changed, so one reading serves all rows of the same text.
_read = lru_cache(maxsize=64)(parse)
