"""Guards and functions that Django's models cannot say; the text stands in sql/ beside this file."""

from pathlib import Path

from django.db import migrations

from todoku.case.stages import ARROWS
from todoku.ledger.accounts import KINDS

SQL = Path(__file__).parent / "sql"


def arrows(apps, schema_editor):
    pairs = ", ".join(f"'{source}>{target}'" for source, target in sorted({(a.source, a.target) for a in ARROWS}))
    schema_editor.execute(
        "alter table todoku_casestage add constraint a_move_follows_an_arrow check "
        f"((previous = '' and stage = 'listed') or previous || '>' || stage in ({pairs}))"
    )


def ledger_kinds(apps, schema_editor):
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
    def run(apps, schema_editor):
        # Through a bare cursor: Django would read the per cent signs of plpgsql as parameters.
        with schema_editor.connection.cursor() as cursor:
            cursor.cursor.execute((SQL / name).read_text())

    return run


class Migration(migrations.Migration):
    dependencies = [("todoku", "0001_initial")]
    operations = [
        migrations.RunPython(arrows, elidable=False),
        migrations.RunPython(plain("guards.sql"), elidable=False),
        migrations.RunPython(plain("paper.sql"), elidable=False),
        migrations.RunPython(plain("money.sql"), elidable=False),
        migrations.RunPython(plain("criteria.sql"), elidable=False),
        migrations.RunPython(plain("mailroom.sql"), elidable=False),
        migrations.RunPython(plain("orders.sql"), elidable=False),
        migrations.RunPython(plain("questions.sql"), elidable=False),
        migrations.RunPython(plain("quality.sql"), elidable=False),
        migrations.RunPython(ledger_kinds, elidable=False),
        migrations.RunPython(plain("resident.sql"), elidable=False),
        migrations.RunPython(plain("objections.sql"), elidable=False),
        migrations.RunPython(plain("rescreen.sql"), elidable=False),
        migrations.RunPython(plain("payouts.sql"), elidable=False),
        migrations.RunPython(plain("statistics.sql"), elidable=False),
    ]
