"""An uncertainty may add its parts by their squares, as scopes of calibration state it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labs", "0009_read_in_short")]

    operations = [
        migrations.AddField(
            model_name="capability",
            name="uncertainty_is_root",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
