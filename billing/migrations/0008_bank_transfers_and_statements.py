"""How bank transfers are found and matched, and what is owed for a month on account."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_ledger_scope'),
        ('billing', '0007_bills_into_the_books'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('rows', models.JSONField(default=list)),
                ('faults', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('previewed', 'to be checked'), ('imported', 'imported')], default='previewed', max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('imported_at', models.DateTimeField(null=True)),
                ('taken', models.PositiveIntegerField(default=0)),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-uploaded_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='MonthlyStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('month', models.DateField(help_text='Its first day.')),
                ('opening_fen', models.BigIntegerField()),
                ('debit_fen', models.BigIntegerField()),
                ('credit_fen', models.BigIntegerField()),
                ('closing_fen', models.BigIntegerField()),
                ('due_fen', models.BigIntegerField()),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'to be paid'), ('paid', 'paid')], default='open', max_length=10)),
                ('made_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('reminded_on', models.DateField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='monthly_statements', to='accounts.organisation')),
            ],
            options={
                'ordering': ('-month', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='ReferenceCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=9, unique=True)),
                ('purpose', models.CharField(choices=[('order', 'order'), ('statement', 'monthly statement'), ('top_up', 'prepaid balance')], max_length=10)),
                ('number', models.CharField(blank=True, default='', max_length=24)),
                ('expected_fen', models.BigIntegerField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reference_codes', to='accounts.organisation')),
            ],
            options={
                'ordering': ('-made_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='BankLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(max_length=64)),
                ('on', models.DateField()),
                ('fen', models.BigIntegerField()),
                ('payer', models.CharField(blank=True, default='', max_length=200)),
                ('account', models.CharField(blank=True, default='', max_length=64)),
                ('remark', models.CharField(blank=True, default='', max_length=500)),
                ('state', models.CharField(choices=[('waiting', 'being matched'), ('matched', 'matched'), ('by_hand', 'to be decided'), ('suspense', 'unknown'), ('resolved', 'resolved'), ('outgoing', 'paid out')], default='waiting', max_length=10)),
                ('why', models.CharField(blank=True, choices=[('', ''), ('unknown', 'no reference code is known by which it could be found'), ('several', 'several reference codes stand in the remark'), ('payer', 'the payer is not the organisation'), ('too_little', 'less arrived than is owed'), ('paid_already', 'it was paid already'), ('not_payable', 'the order takes no payment of this amount, or none any more')], default='', max_length=20)),
                ('paid', models.CharField(blank=True, default='', max_length=24)),
                ('dealt_at', models.DateTimeField(null=True)),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.bankstatement')),
                ('reference', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.referencecode')),
            ],
            options={
                'ordering': ('-on', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('order', 'it pays an order'), ('statement', 'it pays a monthly statement'), ('top_up', 'it goes onto a prepaid balance'), ('sent_back', 'it was sent back to its payer'), ('booked', 'it is in the books already by another act')], max_length=10)),
                ('number', models.CharField(blank=True, default='', max_length=24)),
                ('reason', models.CharField(max_length=500)),
                ('state', models.CharField(choices=[('proposed', 'waits for a second person'), ('approved', 'approved'), ('declined', 'declined')], default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='billing.bankline')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-proposed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='AdvanceRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_number', models.CharField(max_length=24)),
                ('fen', models.BigIntegerField()),
                ('state', models.CharField(choices=[('pending', 'on its way'), ('succeeded', 'paid back'), ('failed', 'failed')], default='pending', max_length=10)),
                ('to_balance', models.BooleanField(default=False)),
                ('because', models.CharField(choices=[('late', 'the hold had run out, and the time is taken'), ('lost', 'it cannot take place as booked any more')], max_length=10)),
                ('reference', models.CharField(blank=True, default='', max_length=64)),
                ('failure', models.CharField(blank=True, default='', max_length=300)),
                ('owed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advance_refunds', to='accounts.organisation')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='billing.bankline')),
            ],
            options={
                'ordering': ('-owed_at', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('fen__gt', 0)), name='advance_refund_is_positive'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), _negated=True), ('paid_at__isnull', False), _connector='OR'), name='advance_refund_paid_says_when')],
            },
        ),
        migrations.AddConstraint(
            model_name='bankstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('imported_at', None), ('imported_by', None), ('state', 'previewed'), ('taken', 0)), models.Q(('faults', []), ('imported_at__isnull', False), ('imported_by__isnull', False), ('state', 'imported')), _connector='OR'), name='bank_statement_is_as_it_was_imported'),
        ),
        migrations.AddIndex(
            model_name='monthlystatement',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['organisation', 'due_on'], name='statement_to_be_paid'),
        ),
        migrations.AddConstraint(
            model_name='monthlystatement',
            constraint=models.UniqueConstraint(fields=('organisation', 'month'), name='statement_is_one_a_month'),
        ),
        migrations.AddConstraint(
            model_name='monthlystatement',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='statement_begins_a_month'),
        ),
        migrations.AddConstraint(
            model_name='monthlystatement',
            constraint=models.CheckConstraint(condition=models.Q(('closing_fen', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening_fen'), '+', models.F('debit_fen')), '-', models.F('credit_fen'))), ('credit_fen__gte', 0), ('debit_fen__gte', 0), ('due_fen__gte', 0)), name='statement_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='monthlystatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', True), ('state', 'open')), models.Q(('paid_at__isnull', False), ('state', 'paid')), _connector='OR'), name='statement_paid_says_when'),
        ),
        migrations.AddConstraint(
            model_name='referencecode',
            constraint=models.UniqueConstraint(fields=('purpose', 'number', 'organisation'), name='reference_is_one_a_purpose'),
        ),
        migrations.AddConstraint(
            model_name='referencecode',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[23456789ABCDEFGHJKLMNPQRSTUVWXYZ]{9}$')), name='reference_is_well_formed'),
        ),
        migrations.AddConstraint(
            model_name='referencecode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expected_fen__isnull', True), ('number', ''), ('paid_at__isnull', True), ('purpose', 'top_up')), models.Q(models.Q(('purpose', 'top_up'), _negated=True), models.Q(('number', ''), _negated=True), ('expected_fen__gt', 0)), _connector='OR'), name='reference_says_what_is_expected'),
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'by_hand', 'suspense'])), fields=['on'], name='bank_line_to_be_done'),
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(condition=models.Q(('paid', ''), _negated=True), fields=['paid'], name='bank_line_by_paid'),
        ),
        migrations.AddConstraint(
            model_name='bankline',
            constraint=models.UniqueConstraint(fields=('serial',), name='bank_line_serial_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='bankline',
            constraint=models.CheckConstraint(condition=models.Q(('fen', 0), _negated=True), name='bank_line_moves_something'),
        ),
        migrations.AddConstraint(
            model_name='bankline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fen__lt', 0), ('state', 'outgoing')), models.Q(('fen__gt', 0), models.Q(('state', 'outgoing'), _negated=True)), _connector='OR'), name='bank_line_out_is_outgoing'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('line',), name='resolution_one_waits'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'approved')), fields=('line',), name='resolution_is_approved_once'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='resolution_gives_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['order', 'statement']), ('organisation__isnull', False), models.Q(('number', ''), _negated=True)), models.Q(('kind', 'top_up'), ('number', ''), ('organisation__isnull', False)), models.Q(('kind__in', ['sent_back', 'booked']), ('number', ''), ('organisation', None)), _connector='OR'), name='resolution_says_whose'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'proposed')), models.Q(models.Q(('state', 'proposed'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='resolution_needs_a_second_person'),
        ),
    ]
