"""
What may be free in one column that the database keeps, and the same week of all instruments in one place.

A search reads two or three weeks of many instruments. So weeks come before instruments: in the primary key, on the disk
(written anew here; a new week is written for all instruments at about the same time), and in the order in which whoever
locks several of them takes them. While the table is written anew nothing is searched and no booking is confirmed.
"""

import kernel.bitstrings
from django.db import migrations, models
from django.db.models.expressions import CombinedExpression

IN_ORDER = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('bookings_open_weeks'::regproc),
        'ORDER BY {once_n}', 'ORDER BY {then_n}');
    EXECUTE replace(pg_get_functiondef('bookings_repair_weeks'::regproc),
        'ORDER BY {once} FOR NO KEY UPDATE', 'ORDER BY {then} FOR NO KEY UPDATE');
END $$;
ALTER TABLE bookings_instrumentweek DROP CONSTRAINT bookings_instrumentweek_pkey, ADD PRIMARY KEY ({then});
CLUSTER bookings_instrumentweek USING bookings_instrumentweek_pkey;
"""
INSTRUMENTS = {"once": "instrument_id, week", "once_n": "n.instrument_id, k.week"}
WEEKS = {"once": "week, instrument_id", "once_n": "k.week, n.instrument_id"}


def ordered(before: dict[str, str], after: dict[str, str]) -> str:
    """Return the SQL that puts rows, keys and locks in another order."""
    return IN_ORDER.format(**before, then=after["once"], then_n=after["once_n"])


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0007_customers_on_instruments"),
    ]

    operations = [
        migrations.RunSQL(
            ordered(INSTRUMENTS, WEEKS),
            ordered(WEEKS, INSTRUMENTS),
            state_operations=[
                migrations.AlterField(
                    model_name="instrumentweek",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "week", "instrument_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="instrumentweek",
            name="free",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        alone=True,
                        then=CombinedExpression(
                            models.F("open"), "&", models.F("untaken"), kernel.bitstrings.BitStringField(length=672)
                        ),
                    ),
                    default=models.F("open"),
                ),
                output_field=kernel.bitstrings.BitStringField(length=672),
            ),
        ),
    ]
