"""Every file, bag or box that changes hands: counts and digests agree, or it is refused."""

from django.db import models

__all__ = ["Parcel", "HandOver"]


class Parcel(models.Model):
    """Something handed over (授受物): a roll, a print file, a bank file, a bank's report. The original is kept."""

    KINDS = [
        ("roll", "対象者名簿"),
        ("accounts", "既知口座一覧"),
        ("tax", "課税情報の一覧"),
        ("allowance", "児童手当等の一覧"),
        ("earlier", "前の給付金の対象の一覧"),
        ("care", "生活保護・施設・後見等の一覧"),
        ("print", "印刷データ"),
        ("manifest", "印刷明細"),
        ("bank_file", "総合振込データ"),
        ("bank_report", "振込結果"),
        ("batch_sheet", "振込データ明細書"),
        ("batch_lines", "振込データ明細"),
        ("decisions", "支給決定一覧"),
        ("inquiry", "口座照会データ"),
        ("inquiry_answer", "口座照会の回答"),
        ("gift_list", "ギフトコード一覧"),
        ("gift_outbox", "ギフトの配信データ"),
        ("gift_answer", "ギフトの配信結果"),
        ("document", "添付書類"),
        ("handback", "納品物"),
        ("export", "出力データ"),
    ]
    kind = models.CharField(max_length=16, choices=KINDS)
    scope = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    path = models.CharField(max_length=300)
    record_count = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size_bytes__gte=0), name="a_parcel_has_a_size"),
            models.UniqueConstraint(fields=["scope", "kind", "sha256"], name="the_same_file_is_kept_once"),
        ]


class HandOver(models.Model):
    """One change of hands (授受): from whom, to whom, the count and digest stated and found. Append-only."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="hand_overs")
    from_party = models.CharField(max_length=100)
    to_party = models.CharField(max_length=100)
    at = models.DateTimeField()
    count_stated = models.BigIntegerField(null=True)
    count_found = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    receipt = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=60)
