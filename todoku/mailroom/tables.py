"""Paper that arrives, as things that lie somewhere: picked up, counted, opened, put into containers, carried by two.

At any moment every sheet is in exactly one place: its row names one container and one position in it.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.incident.tables import Incident
from todoku.programme.tables import Programme

__all__ = [
    "Pickup", "Bag", "Envelope", "EnvelopeCorrection", "Container", "Sheet", "Carry", "SheetMove", "BoxMove",
    "Difference", "UnplacedPaper", "Valuable",
]  # fmt: skip

STATIONS = [
    ("post_office", "郵便局"), ("mailroom", "郵便室"), ("opening", "開封"), ("scanning", "スキャン"), ("keying", "入力"),
    ("review", "審査"), ("store", "保管庫"), ("safe", "金庫"), ("municipality", "自治体"), ("returned", "返送"),
]  # fmt: skip


class Pickup(models.Model):
    """A pick-up at the post office box (私書箱の受取): by two persons, envelopes stated by the post office and counted."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    on = models.DateField()
    place = models.CharField(max_length=60)
    bags = models.PositiveSmallIntegerField()
    stated = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    first_id = models.BigIntegerField()
    first_name = models.CharField(max_length=60)
    second_id = models.BigIntegerField()
    second_name = models.CharField(max_length=60)
    # Of the form that was sent: the same form sent twice is one pick-up.
    form_key = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(first_id=models.F("second_id")), name="a_pick_up_is_by_two_persons"
            ),
            models.UniqueConstraint(fields=["form_key"], name="a_form_makes_one_pick_up"),
        ]


class Bag(models.Model):
    """A bag or tub of a pick-up (郵袋): envelopes counted when it came in, and found when it was opened."""

    pickup = models.ForeignKey(Pickup, on_delete=models.PROTECT, related_name="opened_bags", db_index=False)
    no = models.PositiveSmallIntegerField()
    counted = models.PositiveIntegerField(null=True)
    counted_by = models.CharField(max_length=60, blank=True)
    counted_at = models.DateTimeField(null=True)
    # Closed when everything in it has been opened: the envelopes opened must then be those counted.
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pickup", "no"], name="a_bag_is_numbered_once")]


class Envelope(models.Model):
    """An envelope (封書) with its four dates: postmark, arrival, opening, keying (the last stands on the submission)."""

    POSTMARKS = [("read", "判読"), ("illegible", "判読不能"), ("none", "なし")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    bag = models.ForeignKey(Bag, on_delete=models.PROTECT, null=True, related_name="envelopes")
    no = models.PositiveIntegerField()
    arrived_on = models.DateField()
    postmark = models.CharField(max_length=10, choices=POSTMARKS)
    postmark_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)
    opened_id = models.BigIntegerField(null=True)
    households = models.PositiveSmallIntegerField(default=1)
    sheets = models.PositiveSmallIntegerField()
    mis_sent = models.BooleanField(default=False)
    # Taken back within the minute (取消): it is opened again under the same number, and counts nowhere.
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=60, blank=True)
    # Of the form that was sent: the same form sent twice is one envelope, also after it was taken back.
    form_key = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form_key"], name="a_form_makes_one_envelope"),
            models.UniqueConstraint(
                fields=["bag", "no"],
                condition=models.Q(voided_at__isnull=True),
                name="an_envelope_of_a_bag_is_opened_once",
            ),
            models.CheckConstraint(
                condition=models.Q(postmark="read", postmark_on__isnull=False)
                | (~models.Q(postmark="read") & models.Q(postmark_on__isnull=True)),
                name="a_postmark_is_read_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(postmark_on__isnull=True)
                | models.Q(postmark_on__lte=models.F("arrived_on")),
                name="a_postmark_is_not_later_than_the_arrival",
            ),
        ]
        indexes = [models.Index(fields=["programme", "arrived_on"], name="envelope_by_day")]


class EnvelopeCorrection(models.Model):
    """A postmark or a number put right after the minute (開封の訂正): before, after, why, by two persons. Append-only."""

    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="corrections")
    postmark_before = models.CharField(max_length=10, choices=Envelope.POSTMARKS)
    postmark_on_before = models.DateField(null=True)
    postmark = models.CharField(max_length=10, choices=Envelope.POSTMARKS)
    postmark_on = models.DateField(null=True)
    # The household of the envelope whose number was wrong; none where the postmark alone was.
    household = models.PositiveSmallIntegerField(null=True)
    case_before = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=100)
    at = models.DateTimeField()
    first_id = models.BigIntegerField()
    first_name = models.CharField(max_length=60)
    second_id = models.BigIntegerField()
    second_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(first_id=models.F("second_id")) & ~models.Q(why=""),
                name="an_envelope_is_corrected_by_two_persons",
            ),
        ]


class Container(models.Model):
    """A thing that holds sheets (入れ物): tray, bundle, box or safe; it stands at one station (場所) at a time."""

    KINDS = [("tray", "トレー"), ("bundle", "束"), ("box", "箱"), ("safe", "金庫")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=KINDS)
    station = models.CharField(max_length=14, choices=STATIONS, default="opening")
    # A bundle may lie in a box; a box lies in nothing.
    inside = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="holds")
    # Sealed: nothing goes in or out any more until it is opened again by a carry.
    sealed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="a_container_has_a_code_of_its_own"),
            models.CheckConstraint(
                condition=models.Q(inside__isnull=True) | models.Q(kind="bundle"),
                name="only_a_bundle_lies_in_a_box",
            ),
        ]


class Sheet(models.Model):
    """One sheet of paper (用紙): from which envelope, whose, and the one place where it lies (箱・束・連番)."""

    KINDS = [
        ("form", "申請書"), ("list", "世帯員の続き"), ("answer", "届・台紙"), ("attachment", "添付書類の写し"),
        ("original", "原本"), ("letter", "手紙・メモ"), ("other", "その他"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="contents", db_index=False)
    no = models.PositiveSmallIntegerField()
    # Opening splits an envelope by household: 1 for the first one in it, 2 for the next.
    household = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=KINDS)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="sheets")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    position = models.PositiveIntegerField()
    # With its envelope taken back: it lies nowhere, and its place is free for the same sheet entered again.
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["envelope", "no"], name="a_sheet_of_an_envelope_is_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["container", "position"],
                condition=models.Q(voided_at__isnull=True),
                name="a_place_holds_one_sheet",
            ),
        ]


class Carry(models.Model):
    """A hand-over of a container from station to station (引渡し): given by one, taken by another, stated and found.

    Between the two it waits for the second name; once taken it is never rewritten.
    """

    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="carries")
    from_station = models.CharField(max_length=14, choices=STATIONS)
    to_station = models.CharField(max_length=14, choices=STATIONS)
    stated = models.PositiveIntegerField()
    given_id = models.BigIntegerField()
    given_name = models.CharField(max_length=60)
    at = models.DateTimeField()
    found = models.PositiveIntegerField(null=True)
    taken_id = models.BigIntegerField(null=True)
    taken_name = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(null=True)
    # Taken back by who gave it, within the minute (引渡しの取消): it ends there, and the container has not moved.
    taken_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    taken_id__isnull=True, found__isnull=True, taken_at__isnull=True, taken_back=False
                )
                | models.Q(
                    models.Q(taken_back=False) & ~models.Q(given_id=models.F("taken_id"))
                    | models.Q(taken_back=True, given_id=models.F("taken_id"), found=models.F("stated")),
                    taken_id__isnull=False,
                    found__isnull=False,
                    taken_at__isnull=False,
                ),
                name="a_container_is_carried_by_two_persons",
            ),
            models.UniqueConstraint(
                fields=["container"],
                condition=models.Q(taken_id__isnull=True),
                name="a_container_is_carried_once_at_a_time",
            ),
        ]


class SheetMove(models.Model):
    """A single sheet taken from one container to another (用紙の移動), and why. Append-only."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="moves")
    from_container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    from_position = models.PositiveIntegerField()
    to_container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    to_position = models.PositiveIntegerField()
    why = models.CharField(max_length=100)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class BoxMove(models.Model):
    """A bundle put into a box or taken out of it (箱への出し入れ), by whom. Append-only."""

    bundle = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="box_moves")
    from_box = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    to_box = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60)


class Difference(models.Model):
    """Two counts of a hand-over that do not agree (差異): an item with an owner until it is explained."""

    STATES = [("open", "調査中"), ("explained", "説明済"), ("incident", "事故として報告")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    # Between which two counts, e.g. ("bag", 12): its envelopes counted against those opened.
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    between = models.CharField(max_length=60)
    stated = models.IntegerField()
    found = models.IntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="open")
    owner_id = models.BigIntegerField()
    owner_name = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)
    explanation = models.TextField(blank=True)
    # What the explanation accounts for: stated less found as counted again when it was closed.
    remaining = models.IntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="differences")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(stated=models.F("found")), name="a_difference_is_between_unequal_counts"
            ),
            models.UniqueConstraint(
                fields=["programme", "subject_kind", "subject_id", "between"],
                condition=models.Q(state="open"),
                name="a_difference_is_open_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="explained")
                | (~models.Q(explanation="") & models.Q(closed_at__isnull=False)),
                name="a_difference_is_closed_with_an_explanation",
            ),
        ]


class UnplacedPaper(models.Model):
    """Paper without a usable number (所属不明書類): waits until one person matches it and another confirms."""

    REASONS = [
        ("no_number", "番号なし・判読不能"), ("download", "様式ダウンロード"), ("handwritten", "手書き"),
        ("attachment", "添付のみ"), ("foreign", "別の制度・自治体"),
    ]  # fmt: skip
    STATES = [
        ("waiting", "照合待ち"), ("proposed", "確認待ち"), ("matched", "照合済"), ("sent_back", "差出人へ返送"),
        ("handed_on", "他の窓口へ回付"), ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="unplaced")
    household = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=12, choices=REASONS)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    why_matched = models.CharField(max_length=200, blank=True)
    proposed_id = models.BigIntegerField(null=True)
    proposed_by = models.CharField(max_length=60, blank=True)
    proposed_at = models.DateTimeField(null=True)
    closed_id = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    why_closed = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["sent_back", "handed_on"])
                | (models.Q(closed_at__isnull=False) & ~models.Q(why_closed="")),
                name="paper_leaves_the_pool_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["envelope", "household"], name="a_household_in_an_envelope_is_unplaced_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["proposed", "matched"])
                | (models.Q(case__isnull=False, proposed_id__isnull=False) & ~models.Q(why_matched="")),
                name="a_match_names_the_case_and_why",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="matched")
                | (models.Q(closed_id__isnull=False) & ~models.Q(closed_id=models.F("proposed_id"))),
                name="a_match_is_confirmed_by_another_person",
            ),
        ]


class Valuable(models.Model):
    """An original or cash found in an envelope (原本・現金): logged by two, returned by recorded mail (書留)."""

    KINDS = [
        ("cash", "現金"), ("passbook", "通帳・カード"), ("identity", "本人確認書類の原本"), ("other", "その他の原本"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="valuables")
    kind = models.CharField(max_length=10, choices=KINDS)
    what = models.CharField(max_length=100)
    amount_yen = models.BigIntegerField(null=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    first_id = models.BigIntegerField()
    first_name = models.CharField(max_length=60)
    second_id = models.BigIntegerField()
    second_name = models.CharField(max_length=60)
    returned_on = models.DateField(null=True)
    mail_number = models.CharField(max_length=11, blank=True)
    returned_id = models.BigIntegerField(null=True)
    returned_by = models.CharField(max_length=60, blank=True)
    return_witness_id = models.BigIntegerField(null=True)
    return_witness = models.CharField(max_length=60, blank=True)
    # Of the form that was sent: the same form sent twice is one sum of cash.
    form_key = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form_key"], name="a_form_logs_one_valuable"),
            models.CheckConstraint(
                condition=~models.Q(first_id=models.F("second_id")),
                name="a_valuable_is_logged_by_two_persons",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="cash") | models.Q(amount_yen__gt=0), name="cash_is_logged_in_yen"
            ),
            models.CheckConstraint(
                condition=models.Q(returned_on__isnull=True)
                | (
                    models.Q(mail_number__regex=r"^\d{11}$", returned_id__isnull=False)
                    & models.Q(return_witness_id__isnull=False)
                    & ~models.Q(returned_id=models.F("return_witness_id"))
                ),
                name="a_valuable_is_returned_by_recorded_mail_and_two_persons",
            ),
        ]
