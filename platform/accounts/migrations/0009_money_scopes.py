"""Tokens may read bills, balances and statements, and ask for invoices."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_ledger_scope'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='apitoken',
            name='api_token_scopes_are_known',
        ),
        migrations.AlterField(
            model_name='apitoken',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('catalogue:read', 'Read the catalogue and free times'), ('catalogue:write', "Change the lab's instruments and services"), ('rentals:read', "Read the organisation's rentals"), ('rentals:write', 'Book and cancel rentals'), ('waitlist:read', 'Read what the organisation waits for'), ('waitlist:write', 'Wait for time, and answer offers'), ('vouchers:read', "Read the organisation's vouchers"), ('vouchers:write', 'Apply for vouchers'), ('money:read', "Read the organisation's bills, balance and statements"), ('money:write', "Ask for the organisation's invoices and reference codes"), ('ledger:read', "Read the platform's ledger"), ('organisation:read', "Read the organisation's profile"), ('notices:read', 'Read my notices'), ('notices:write', 'Mark notices as read, and choose when they are mailed')], max_length=30), verbose_name='scopes'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['catalogue:read', 'catalogue:write', 'rentals:read', 'rentals:write', 'waitlist:read', 'waitlist:write', 'vouchers:read', 'vouchers:write', 'money:read', 'money:write', 'ledger:read', 'organisation:read', 'notices:read', 'notices:write']), ('scopes__len__gt', 0)), name='api_token_scopes_are_known'),
        ),
    ]
