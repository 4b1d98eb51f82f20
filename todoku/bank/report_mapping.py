"""How the bank's report of a municipality is read (振込結果の列の対応): kept once by a person, used by every later report.

Takes a mapping's text; leaves it on the municipality. It reads no report and matches nothing.
"""

from datetime import datetime

from django.db import transaction

from todoku.formats.bank_report import STANDARD, ReportMapping
from todoku.formats.bank_report_mapping import MappingRefused, parse
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Municipality


class CannotKeepMapping(Refusal):
    """The text is no mapping, or this person may not set it."""


def mapping_of(municipality: Municipality) -> ReportMapping:
    """The mapping that was kept, or the headings that banks usually use."""
    return parse(municipality.report_mapping) if municipality.report_mapping else STANDARD


def keep_mapping(municipality: Municipality, text: str, *, actor: Actor, at: datetime) -> ReportMapping:
    """Keeps a mapping (TOML, see formats/bank_report_mapping.py); "" goes back to the usual headings."""
    if not may(actor.roles, "batch.result"):
        raise CannotKeepMapping("列の対応を設定する権限がありません。振込データ作成担当に連絡してください。")
    try:
        mapping = parse(text) if text else STANDARD
    except MappingRefused as why:
        raise CannotKeepMapping(why.sentence) from why
    with transaction.atomic():
        Municipality.objects.filter(pk=municipality.pk).update(report_mapping=text)
        record_look(
            actor=actor, action="batch.mapping", subject_kind="municipality", subject_id=None, at=at,
            reason=f"{municipality.pk} {mapping.name}",
        )  # fmt: skip
    municipality.report_mapping = text
    return mapping
