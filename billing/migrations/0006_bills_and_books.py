"""A bill knows its voucher, its payments and its refunds; what is in the books so far follows in 0007."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_voucher_scopes'),
        ('billing', '0005_ledger'),
        ('labs', '0009_read_in_short'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('account', 'monthly account'), ('balance', 'prepaid balance'), ('transfer', 'bank transfer'), ('online', 'online')], max_length=20)),
                ('fen', models.BigIntegerField()),
                ('because', models.CharField(choices=[('cancelled', 'the order was cancelled'), ('cheaper', 'the order costs less'), ('decided', 'a refund was agreed')], max_length=12)),
                ('state', models.CharField(choices=[('pending', 'on its way'), ('succeeded', 'paid back'), ('failed', 'failed')], default='pending', max_length=10)),
                ('reference', models.CharField(blank=True, max_length=64)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('owed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-owed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='RefundRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fen', models.BigIntegerField()),
                ('reason', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('waiting', 'waits for the second person'), ('approved', 'approved'), ('declined', 'declined')], default='waiting', max_length=10)),
                ('own_fen', models.BigIntegerField(default=0)),
                ('voucher_fen', models.BigIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('-asked_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Tender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('account', 'monthly account'), ('balance', 'prepaid balance'), ('transfer', 'bank transfer'), ('online', 'online')], max_length=20)),
                ('paid_fen', models.BigIntegerField()),
                ('returned_fen', models.BigIntegerField(default=0)),
                ('paid_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('bill', 'pk'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='entry',
            name='ledger_event_is_known',
        ),
        migrations.RemoveIndex(
            model_name='bill',
            name='bill_by_organisation',
        ),
        migrations.AddField(
            model_name='bill',
            name='cancelled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='bill',
            name='kind',
            field=models.CharField(choices=[('rental', 'rental')], default='rental', max_length=12),
        ),
        migrations.AddField(
            model_name='bill',
            name='platform_fee_back_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='platform_fee_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='postings',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='refunded_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='refunded_voucher_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='served_on',
            field=models.DateField(default=datetime.date(2026, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='bill',
            name='settled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='bill',
            name='tax_category',
            field=models.CharField(default='rental_assisted', max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='bill',
            name='vat_bp',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='bill',
            name='voucher_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='bill',
            name='way',
            field=models.CharField(choices=[('account', 'monthly account'), ('balance', 'prepaid balance'), ('transfer', 'bank transfer'), ('online', 'online')], default='account', max_length=20),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='bill',
            name='state',
            field=models.CharField(choices=[('open', 'open'), ('settled', 'settled'), ('cancelled', 'cancelled')], default='open', max_length=20),
        ),
        migrations.AddIndex(
            model_name='bill',
            index=models.Index(fields=['organisation', '-created_at'], name='bill_by_organisation'),
        ),
        migrations.AddIndex(
            model_name='bill',
            index=models.Index(fields=['lab', '-created_at'], name='bill_by_lab'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(('voucher_fen__gte', 0), ('voucher_fen__lte', models.F('total_fen'))), name='bill_voucher_within_total'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_fen__gte', 0), ('refunded_voucher_fen__gte', 0), ('refunded_voucher_fen__lte', models.F('voucher_fen')), ('refunded_fen__lte', django.db.models.expressions.CombinedExpression(models.F('total_fen'), '-', models.F('voucher_fen')))), name='bill_refunds_within_total'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(('platform_fee_back_fen__gte', 0), ('platform_fee_back_fen__lte', models.F('platform_fee_fen'))), name='bill_platform_fee_back_within_fee'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('event__in', ['E1', 'E2', 'E2b', 'E3', 'E3b', 'E3c', 'E3d', 'E4', 'E5', 'E6', 'E6b', 'E7', 'E8a', 'E8b', 'E9', 'E10', 'E11', 'E12', 'E12b', 'E13', 'E14', 'hand', 'reversal'])), name='ledger_event_is_known'),
        ),
        migrations.AddField(
            model_name='refundrequest',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='refundrequest',
            name='bill',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_requests', to='billing.bill'),
        ),
        migrations.AddField(
            model_name='refundrequest',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='tender',
            name='bill',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tenders', to='billing.bill'),
        ),
        migrations.AddField(
            model_name='refund',
            name='tender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='billing.tender'),
        ),
        migrations.AddConstraint(
            model_name='refundrequest',
            constraint=models.CheckConstraint(condition=models.Q(('fen__gt', 0)), name='refund_request_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='refundrequest',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='refund_request_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='refundrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='refund_request_is_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='refundrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('bill',), name='refund_request_one_waits'),
        ),
        migrations.AddConstraint(
            model_name='tender',
            constraint=models.CheckConstraint(condition=models.Q(('paid_fen__gt', 0)), name='tender_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='tender',
            constraint=models.CheckConstraint(condition=models.Q(('returned_fen__gte', 0), ('returned_fen__lte', models.F('paid_fen'))), name='tender_returns_no_more_than_was_paid'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state', 'succeeded'), _negated=True), fields=['owed_at'], name='refund_waiting'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('fen__gt', 0)), name='refund_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), _negated=True), ('paid_at__isnull', False), _connector='OR'), name='refund_paid_says_when'),
        ),
    ]
