"""Large workbooks are checked and brought in by a job."""

from django.db import migrations, models

STAGES = [
    ("looked_at", "looked at when it is opened"),
    ("trying", "being checked"),
    ("tried", "checked"),
    ("bringing", "being brought in"),
    ("brought", "brought in"),
]


class Migration(migrations.Migration):
    dependencies = [("labs", "0010_uncertainty_by_squares")]

    operations = [
        migrations.AddField(
            model_name="waitingworkbook",
            name="language",
            field=models.CharField(db_default="zh-hans", default="zh-hans", max_length=10),
        ),
        migrations.AddField(
            model_name="waitingworkbook",
            name="rows",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="waitingworkbook",
            name="rows_done",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="waitingworkbook",
            name="stage",
            field=models.CharField(choices=STAGES, db_default="looked_at", default="looked_at", max_length=10),
        ),
        migrations.AddField(
            model_name="waitingworkbook",
            name="told",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
