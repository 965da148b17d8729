"""A task of a new kind: nobody is there to operate a booking (BK-10)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0008_weeks_beside_each_other'),
    ]

    operations = [
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('calibration', 'calibration no longer covers a booking'), ('outage', 'a booking cannot take place: out of service'), ('capacity', 'a booking cannot take place: fewer units'), ('runs_over', 'the use before this booking runs over'), ('operator', 'nobody is there to operate a booking'), ('unusable', 'a customer says a run was of no use'), ('damage', 'damage was found')], max_length=24, verbose_name='kind'),
        ),
    ]
