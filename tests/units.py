"""Programmes that pay others than households, their lists, and a roll of the sample town: for tests of recipients and cases."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tests.town_fixture import AT, MANAGER, OPENS_ON
from todoku.formats.fact_list_kinds import LISTS
from todoku.ground.step import Report
from todoku.programme.reschedule import reschedule
from todoku.programme.set_up import make_programme, open_version
from todoku.programme.shipped import version_text
from todoku.programme.tables import Municipality, Programme
from todoku.registry.import_list import stage_list
from todoku.registry.list_tables import FactImport
from todoku.registry.take_list import take_list
from todoku.sampletown import municipality


def open_programme(text: str, slug: str = "sample") -> Programme:
    """A Version's text, opened in the sample municipality as it stands: rolls of that time are needed."""
    programme = make_programme(
        Municipality(**municipality.ROW), text, slug, actor=MANAGER, at=AT, is_sample=True
    )
    open_version(programme.versions.get(number=1), actor=MANAGER, at=AT)
    return programme


def list_bytes(kind: str, rows: Iterable[Mapping[str, object]], encoding: str = "cp932") -> bytes:
    """A list as the municipality hands it over: our fields under their usual headings, those that any row has."""
    rows = list(rows)
    used = [field for field in LISTS[kind].fields if any(field.name in row for row in rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([field.headings[0] for field in used])
    for row in rows:
        writer.writerow([row.get(field.name, "") for field in used])
    return text.getvalue().encode(encoding)


def stage(
    programme: Programme, kind: str, rows: Iterable[Mapping[str, object]], *, at: datetime = AT
) -> FactImport:
    data = list_bytes(kind, rows)
    return stage_list(data, programme=programme, name=f"{kind}.csv", kind=kind, actor=MANAGER, at=at)


def bring(
    programme: Programme, kind: str, rows: Sequence[Mapping[str, object]], *, only_good: bool = False
) -> Report:
    """A list received and taken."""
    return take_list(stage(programme, kind, rows), only_good=only_good, actor=MANAGER, at=AT)


def version_for(
    unit: str, *, payee: str = "", predicates: Sequence[str] = (), amount: str = "", extra: str = ""
) -> str:
    """A Version of the sample town's time that pays this unit: the shipped one for taxpayers with other rules in it."""
    text = reschedule(version_text("chosei-kyufu-2024"), OPENS_ON)
    if unit == "taxpayer":
        return text
    text = text.replace('unit = "taxpayer"', f'unit = "{unit}"').replace(
        'payee = "taxpayer"', f'payee = "{payee}"'
    )
    text = text.replace(
        'rule = "adjustment_benefit"\n', f'rule = "constant"\n[amount.parameters]\nyen = {amount}\n'
    )
    if unit == "child":
        text = text.replace('condition = "tax_confirmed"', 'condition = "guardian_known"')
    names = ", ".join(f'"{name}"' for name in predicates)
    text = re.sub(r"predicates = \[[^]]*\]", f"predicates = [{names}]", text)
    return re.sub(r"income_limit_yen = \d+.*", extra, text)
