"""The municipality's signature on a criteria sheet, with the sheet as it was signed. Added, never changed, never deleted."""

from django.db import models

from todoku.people.tables import Staff
from todoku.programme.tables import Version

__all__ = ["CriteriaSignature"]


class CriteriaSignature(models.Model):
    """An officer's signature (審査基準書への署名) on exactly this sheet: its canonical text, the digest of that text, and the
    digest of the Version's text of which it was built."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures")
    sheet = models.TextField()
    sheet_sha256 = models.CharField(max_length=64)
    text_sha256 = models.CharField(max_length=64)
    signer = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    signer_name = models.CharField(max_length=60)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "sheet_sha256", "signer"], name="a_person_signs_a_sheet_once"
            )
        ]
