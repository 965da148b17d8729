"""A customer's rentals of one instrument are found at once: their share of a week (BK-12)."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_waitlist_scopes'),
        ('bookings', '0006_waitlist_consents_and_words'),
        ('labs', '0008_working_time'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='reminder',
            name='kind',
            field=models.CharField(choices=[('starts_soon', 'it begins soon'), ('approval_due', 'the lab must answer soon'), ('hold_lapses', 'its hold runs out soon'), ('choice_due', 'a choice must be made soon'), ('has_to_wait', 'the use before it runs over')], max_length=16),
        ),
        migrations.AlterField(
            model_name='usagerecord',
            name='condition',
            field=models.CharField(blank=True, choices=[('good', 'in good condition'), ('worn', 'worn'), ('damaged', 'damaged'), ('broken', 'broken down')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='rental',
            index=models.Index(fields=['organisation', 'instrument'], name='rental_of_customer_here'),
        ),
    ]
