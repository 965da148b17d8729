"""The exclusion constraint's index answers for a resource; a btree beside it misleads the planner (BK-6)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0009_bookings_without_an_operator"),
    ]

    operations = [
        migrations.AlterField(
            model_name="occupancy",
            name="resource",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="occupancies",
                to="bookings.resource",
            ),
        ),
    ]
