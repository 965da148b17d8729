"""How reliably labs keep what was booked with them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0014_rental_is_offer"), ("labs", "0009_read_in_short")]

    operations = [
        migrations.CreateModel(
            name="Punctuality",
            fields=[
                (
                    "lab",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="punctuality",
                        serialize=False,
                        to="labs.lab",
                        verbose_name="lab",
                    ),
                ),
                ("due", models.PositiveIntegerField(verbose_name="rentals due")),
                ("on_time", models.PositiveIntegerField(verbose_name="on time")),
                ("counted_at", models.DateTimeField(verbose_name="counted at")),
            ],
            options={
                "verbose_name": "punctuality",
                "verbose_name_plural": "punctuality",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("on_time__lte", models.F("due"))), name="punctuality_within_what_was_due"
                    )
                ],
            },
        ),
    ]
