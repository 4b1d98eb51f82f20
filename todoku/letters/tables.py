"""Everything that leaves towards a resident: print runs, their letters, what was posted, what came back."""

from django.db import models

from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.incident.tables import Incident
from todoku.programme.tables import Programme

__all__ = [
    "PrintRun", "Letter", "Dispatch", "Undelivered", "ReadBack", "ProofApproval", "Printer", "PrinterParcel",
    "ReplyPermit", "Stock", "StockMove", "PulledPiece", "Reissue", "AddressChange", "LetterRequest", "RegisterInquiry",
]  # fmt: skip

KINDS = [
    ("form", "申請書"),
    ("push_notice", "支給のお知らせ"),
    ("return", "不備のお知らせ"),
    ("granted", "支給決定通知書"),
    ("refused", "不支給決定通知書"),
    ("transfer_failed", "振込不能のお知らせ"),
    ("gift", "デジタルギフトのお届け"),
    ("claim_notice", "返還請求書"),
    ("claim_reminder", "督促状"),
    ("claim_call", "催告書"),
    ("claim_plan", "分割納付承認のお知らせ"),
    ("acknowledgement", "受付のお知らせ"),
    ("reminder", "再勧奨はがき"),
    ("return_reminder", "不備の再度のお願い"),
    ("decline_form", "辞退届の用紙"),
    ("proxy_form", "代理手続申立書の用紙"),
    ("account_form", "口座登録等の届出書"),
    ("objection_answer", "不服・訂正の申出への回答"),
    ("return_dropped", "不備のお知らせの取りやめ"),
    ("terms_changed", "支給内容の変更のお知らせ"),
]


class PrintRun(models.Model):
    """A print run (印刷ロット): made, released by a second person, posted. Its PDF and manifest are parcels.

    making is seen by others only while it is printed, or after that was killed: it is then printed again.
    """

    STATES = [
        ("making", "作成中"),
        ("made", "作成済"),
        ("released", "発送待ち"),
        ("dispatched", "発送済"),
        ("void", "取消"),
    ]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16, choices=KINDS)
    state = models.CharField(max_length=10, choices=STATES, default="made")
    pieces = models.BigIntegerField(default=0)
    pages = models.BigIntegerField(default=0)
    undrawable = models.BigIntegerField(default=0)
    pdf = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", null=True)
    manifest = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=60, blank=True)
    # The printer's deadline (入稿締切): a later hand-over is allowed and stands as late.
    deadline_at = models.DateTimeField(null=True)
    # Where every field stands on its base pages, in mm: what was printed is what a scan is read with.
    boxes = models.JSONField(default=list, db_default=[])
    # What its pages say apart from whose they are (wording_digest): one approved proof stands for its kind and wording.
    wording_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    # It holds people under 支援措置 alone.
    protected = models.BooleanField(default=False, db_default=False)
    # How many pieces lie in one of its trays (トレー): tray and position of a piece follow from its number.
    tray_size = models.PositiveSmallIntegerField(default=250, db_default=250)
    # The run whose spoiled pieces it holds once more (刷り直し), from that run's own file.
    reprint_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reprints")
    # An incident that stops this run until it is closed or the run is freed from it.
    stopped_by = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="stopped_runs")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(released_by="") | ~models.Q(released_by=models.F("made_by")),
                name="a_run_is_released_by_another_person",
            )
        ]

    @property
    def dispatch(self) -> "Dispatch | None":
        """The last posting of the run, or None; prefetch `postings` for many."""
        return max(self.postings.all(), key=lambda one: one.lot_no, default=None)


class Letter(models.Model):
    """One piece of a run (発送物): whose, which issue, where in the run."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="letters", db_index=False)
    piece_no = models.PositiveIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters", db_index=False)
    kind = models.CharField(max_length=16, choices=KINDS)
    # The form is issued once per issue number; other letters once per occasion (a submission, a decision, a transfer).
    occasion = models.BigIntegerField(default=1)
    undrawable = models.CharField(max_length=100, blank=True)
    # 1, or one more for each copy before that was scanned void (破損・抜き取り): never two of them leave.
    copy = models.PositiveSmallIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "piece_no"], name="a_piece_has_its_place_in_the_run"),
            models.UniqueConstraint(
                fields=["case", "kind", "occasion", "copy"], name="a_letter_is_written_once_per_occasion"
            ),
        ]

    @property
    def posting(self) -> "Dispatch | None":
        """The posting lot that this piece went with, or None; as the view todoku_postedletter says for many."""
        pulled = getattr(self, "pulled", None)
        if pulled and pulled.voided_at:
            return None
        lots = self.run.postings.all()
        return next((one for one in lots if one.from_piece <= self.piece_no <= one.to_piece), None)


class Dispatch(models.Model):
    """One posting lot of a run (差出ロット): pieces from … to, the day and the counted pieces.

    The count must be the pieces of that range that were not pulled; the run is dispatched when its last lot is.
    """

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="postings", db_index=False)
    lot_no = models.PositiveSmallIntegerField(default=1)
    from_piece = models.PositiveIntegerField()
    to_piece = models.PositiveIntegerField()
    posted_on = models.DateField()
    counted = models.BigIntegerField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "lot_no"], name="a_posting_lot_is_numbered_once"),
            models.UniqueConstraint(fields=["run", "from_piece"], name="a_piece_begins_one_posting_lot"),
            models.CheckConstraint(
                condition=models.Q(to_piece__gte=models.F("from_piece")), name="a_posting_lot_has_pieces"
            ),
        ]


class Undelivered(models.Model):
    """A letter that came back (不着・郵便返戻) with its reason; later letters stop until somebody looks."""

    REASONS = [
        ("unknown", "あて所に尋ねあたらず"), ("moved", "転居先不明"), ("refused", "受取拒否"), ("kept", "保管期間経過"),
        ("other", "その他"),
    ]  # fmt: skip
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT)
    reason = models.CharField(max_length=10, choices=REASONS)
    returned_on = models.DateField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class ReadBack(models.Model):
    """Every page of a finished file read again (全ページ照合), clean, and on which digest. Append-only."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="read_backs")
    sha256 = models.CharField(max_length=64)
    pieces = models.BigIntegerField()
    pages = models.BigIntegerField()
    rasterised = models.BigIntegerField()
    at = models.DateTimeField()


class ProofApproval(models.Model):
    """The municipality's word on a run's proof sheets (校了・校正戻し), on the digest of its file. Append-only."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="proofs")
    sha256 = models.CharField(max_length=64)
    approved = models.BooleanField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)


class Printer(models.Model):
    """A printing company (印刷会社) and the public key to which its parcels are encrypted; confirmed by a second person."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    public_key = models.CharField(max_length=100)
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=60)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by="") | ~models.Q(confirmed_by=models.F("registered_by")),
                name="a_printers_key_is_confirmed_by_another_person",
            )
        ]


class PrinterParcel(models.Model):
    """A run as it went to the printer (入稿): the encrypted parcel, late or not, and the digest the printer named."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="parcels")
    printer = models.ForeignKey(Printer, on_delete=models.PROTECT)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    pieces = models.BigIntegerField()
    late = models.BooleanField()
    handed_at = models.DateTimeField()
    handed_by = models.CharField(max_length=60)
    received_at = models.DateTimeField(null=True)
    received_sha256 = models.CharField(max_length=64, blank=True)
    received_by = models.CharField(max_length=60, blank=True)
    # When our copy of the encrypted file was erased (消去): its parcel and digest stay.
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dropped_at=None) | models.Q(received_at__isnull=False),
                name="a_parcel_is_erased_after_its_receipt",
            )
        ]


class ReplyPermit(models.Model):
    """The post office's approval for reply envelopes (料金受取人払の承認) and how long it holds (差出有効期間)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    post_office = models.CharField(max_length=60)
    approval_no = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_until = models.DateField()
    postal_code = models.CharField(max_length=7)
    box_number = models.CharField(max_length=4, blank=True)
    # 後納: the frame is double, and the month's bill carries the postage.
    deferred = models.BooleanField(default=True)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                name="a_reply_permit_holds_for_a_while",
            )
        ]


class Stock(models.Model):
    """Paper on the shelf (在庫): envelopes, reply envelopes, leaflets, blank sheets for re-issues; counted."""

    ITEMS = [
        ("outer", "送付用封筒"), ("reply", "返信用封筒"), ("leaflet", "案内"), ("paper", "用紙"), ("form", "予備の申請書"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    item = models.CharField(max_length=10, choices=ITEMS)
    on_hand = models.IntegerField(default=0)
    warn_below = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "item"], name="a_stock_is_kept_once"),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="a_stock_is_not_negative"),
        ]


class StockMove(models.Model):
    """What came onto or left the shelf (入出庫), and why. Append-only."""

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="moves")
    change = models.IntegerField()
    why = models.CharField(max_length=100)
    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class PulledPiece(models.Model):
    """A piece that must not leave (抜き取り): why, where it lies, and when its code was scanned void.

    Listed before posting for what has become known since printing, or at once for a spoiled one (破損).
    """

    REASONS = [
        ("died", "死亡"), ("answered", "申請済"), ("declined", "辞退"), ("paid", "支給済"), ("protected", "支援措置"),
        ("moved", "送付先の変更"), ("ended", "対象外・終了"), ("amount", "金額の変更"), ("undelivered", "前の郵便が不着"),
        ("account", "口座の変更・名義違い"), ("unprinted", "印刷の取りやめ"), ("spoiled", "破損・汚損"),
        ("mis_enclosed", "封入誤り"), ("terms", "審査基準の変更"),
    ]  # fmt: skip
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="pulled")
    reason = models.CharField(max_length=14, choices=REASONS)
    tray = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    listed_at = models.DateTimeField()
    listed_by = models.CharField(max_length=60)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=60, blank=True)


class LetterRequest(models.Model):
    """A sheet that somebody asked for (用紙の送付依頼): printed with the next run, once. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letter_requests")
    kind = models.CharField(max_length=16, choices=KINDS)
    asked_by = models.CharField(max_length=100)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class Reissue(models.Model):
    """A form sent once more (再発行), under the next issue number; the first valid return counts, whichever it is."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reissues")
    issue = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=100)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "issue"], name="an_issue_of_a_form_is_ordered_once")
        ]


class AddressChange(models.Model):
    """Another address for letters (送付先変更届): asked with evidence at the office, approved by the municipality alone."""

    STATES = [("asked", "承認待ち"), ("approved", "承認"), ("refused", "不承認")]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="address_changes")
    postal_code = models.CharField(max_length=7)
    address = models.CharField(max_length=300)
    building = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=200)
    evidence = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=STATES, default="asked")
    asked_at = models.DateTimeField()
    asked_id = models.BigIntegerField()
    asked_by = models.CharField(max_length=60)
    answered_at = models.DateTimeField(null=True)
    answered_id = models.BigIntegerField(null=True)
    answered_by = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=200, blank=True)
    # When somebody of the office told the resident what was answered.
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=60, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="asked")
                | (models.Q(answered_id__isnull=False) & ~models.Q(answered_id=models.F("asked_id"))),
                name="an_address_is_approved_by_another_person",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="asked"),
                name="an_address_is_asked_for_once_at_a_time",
            ),
        ]


class RegisterInquiry(models.Model):
    """A question to the resident register about mail that came back (住基照会), in lists; its answer lets letters go again."""

    ANSWERS = [
        ("same", "住所は登録のとおり"), ("moved", "転居・転送先あり"), ("moved_out", "転出"), ("died", "死亡"),
        ("erased", "職権消除"), ("unknown", "不明"),
    ]  # fmt: skip
    undelivered = models.OneToOneField(Undelivered, on_delete=models.PROTECT, related_name="inquiry")
    list_no = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    answer = models.CharField(max_length=10, choices=ANSWERS, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=60, blank=True)
    # Letters go to this case again: the address was confirmed or changed.
    mail_again = models.BooleanField(default=False)
