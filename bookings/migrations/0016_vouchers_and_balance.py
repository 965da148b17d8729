"""A voucher pays a part of a rental, and the prepaid balance may pay it (BL-14, BL-16, BL-28)."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_voucher_scopes'),
        ('billing', '0007_bills_into_the_books'),
        ("bookings", "0015_punctuality"),
        ('labs', '0009_read_in_short'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='rental',
            name='before_voucher',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rental',
            name='voucher_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='rental',
            name='pays_by',
            field=models.CharField(blank=True, choices=[('account', 'monthly account'), ('balance', 'prepaid balance'), ('online', 'online'), ('transfer', 'bank transfer')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='rental',
            index=models.Index(condition=models.Q(('voucher_fen__gt', 0)), fields=['status'], name='rental_with_voucher'),
        ),
        migrations.AddConstraint(
            model_name='rental',
            constraint=models.CheckConstraint(condition=models.Q(('voucher_fen__gte', 0), ('voucher_fen__lte', models.F('total_fen'))), name='rental_voucher_within_total'),
        ),
    ]
