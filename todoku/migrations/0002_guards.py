"""Guards and functions that Django's models cannot say; the text stands in sql/ beside this file."""

from pathlib import Path

from django.db import migrations

from todoku.case.stages import ARROWS
from todoku.ledger.accounts import KINDS
from todoku.migrations._said import Said

SQL = Path(__file__).parent / "sql"


def arrows(_models, schema_editor):
    pairs = ", ".join(f"'{source}>{target}'" for source, target in sorted({(a.source, a.target) for a in ARROWS}))
    schema_editor.execute(
        "alter table todoku_casestage add constraint a_move_follows_an_arrow check "
        f"((previous = '' and stage = 'listed') or previous || '>' || stage in ({pairs}))"
    )


def ledger_kinds(_models, schema_editor):
    pairs = " or ".join(
        f"(kind = '{kind.code}' and debit = '{kind.debit}' and credit = '{kind.credit}')"
        for kind in KINDS.values()
        if kind.debit
    )
    schema_editor.execute(
        "alter table todoku_ledgerentry add constraint a_kind_of_entry_goes_between_its_accounts check "
        f"(kind = 'reversal' or {pairs})"
    )


def plain(name):
    def run(_models, schema_editor):
        # Through a bare cursor: Django would read the per cent signs of plpgsql as parameters.
        with schema_editor.connection.cursor() as cursor:
            cursor.cursor.execute((SQL / name).read_text())

    return run


class Migration(migrations.Migration):
    dependencies = [("todoku", "0001_initial")]
    operations = [
        Said(arrows, elidable=False),
        Said(plain("guards.sql"), elidable=False),
        Said(plain("paper.sql"), elidable=False),
        Said(plain("money.sql"), elidable=False),
        Said(plain("criteria.sql"), elidable=False),
        Said(plain("mailroom.sql"), elidable=False),
        Said(plain("orders.sql"), elidable=False),
        Said(plain("questions.sql"), elidable=False),
        Said(plain("quality.sql"), elidable=False),
        Said(plain("deciders.sql"), elidable=False),
        Said(ledger_kinds, elidable=False),
        Said(plain("resident.sql"), elidable=False),
        Said(plain("objections.sql"), elidable=False),
        Said(plain("rescreen.sql"), elidable=False),
        Said(plain("payouts.sql"), elidable=False),
        Said(plain("statistics.sql"), elidable=False),
    ]
