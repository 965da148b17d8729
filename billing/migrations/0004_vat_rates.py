from datetime import date

import django.contrib.postgres.constraints
import django.db.models.expressions
from django.db import migrations, models

import billing.pricing.models

CATEGORIES = {"testing_service": 600, "rental_assisted": 600, "rental_self": 1300, "platform_fee": 600}
SINCE = date(2019, 4, 1)
"""The rates of general taxpayers stand as they do since this day."""
REDUCED = (date(2023, 1, 1), date(2027, 12, 31))
"""While small-scale taxpayers levy 1 % instead of 3 %."""


def bring_rates(apps, schema_editor):
    VatRate = apps.get_model("billing", "VatRate")
    for category, rate in CATEGORIES.items():
        VatRate.objects.create(category=category, taxpayer_type="general", rate_bp=rate, valid_from=SINCE)
        small = {"category": category, "taxpayer_type": "small_scale"}
        VatRate.objects.create(**small, rate_bp=100, valid_from=REDUCED[0], valid_to=REDUCED[1])
        VatRate.objects.create(**small, rate_bp=300, valid_from=date(2028, 1, 1))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sequence_and_cache"),
        ("billing", "0003_vouchers"),
    ]

    operations = [
        migrations.CreateModel(
            name="VatRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(choices=[("testing_service", "testing and other technical services"), ("rental_assisted", "use with the lab's staff (technical service)"), ("rental_self", "bare use of an instrument (lease)"), ("platform_fee", "the platform's fee")], max_length=32, verbose_name="tax category")),
                ("taxpayer_type", models.CharField(choices=[("general", "General taxpayer"), ("small_scale", "Small-scale taxpayer"), ("non_taxpayer", "Non-taxpayer"), ("foreign", "Foreign")], max_length=12, verbose_name="taxpayer type")),
                ("rate_bp", models.PositiveSmallIntegerField(verbose_name="rate (bp)")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
            ],
            options={
                "verbose_name": "VAT rate",
                "verbose_name_plural": "VAT rates",
                "ordering": ("category", "taxpayer_type", "valid_from"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("rate_bp__lte", 10000)), name="vat_rate_is_a_share"),
                    models.CheckConstraint(condition=models.Q(("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"), name="vat_rate_ends_after_it_begins"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="vat_rate_one_a_day",
                        violation_error_message="A rate holds for that time already: let it end first.",
                        expressions=[("category", "="), ("taxpayer_type", "="), (billing.pricing.models.Days("valid_from", "valid_to", django.db.models.expressions.Value("[]")), "&&")],
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="bill", name="priced_from", field=models.JSONField(blank=True, null=True),
        ),
        migrations.RunPython(bring_rates, migrations.RunPython.noop, elidable=False),
    ]
