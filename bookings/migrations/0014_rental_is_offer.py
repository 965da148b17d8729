from django.db import migrations, models

OFFERED = """
UPDATE bookings_rental rental SET is_offer = true FROM bookings_waitlistoffer offer WHERE offer.rental_id = rental.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0013_what_closes_time_marks_bookings"),
    ]

    operations = [
        migrations.AddField(
            model_name="rental",
            name="is_offer",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(OFFERED, reverse_sql=migrations.RunSQL.noop),
    ]
