from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0011_who_uses_a_series"),
    ]

    operations = [
        migrations.AddField(
            model_name="rental", name="priced_from", field=models.JSONField(blank=True, null=True),
        ),
    ]
