"""The sequence of organisation codes, and the table in which the rate limits count."""

from django.core.management import call_command
from django.db import migrations


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE accounts_organisation_code_seq START 1001",
            "DROP SEQUENCE accounts_organisation_code_seq",
        ),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunSQL(migrations.RunSQL.noop, "DROP TABLE IF EXISTS django_cache"),
    ]
