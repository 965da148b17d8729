"""The function behind the generated search columns; it must be there before the tables."""

from django.db import migrations

BIGRAMS = """
CREATE FUNCTION gongheng_bigrams(found_by text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT pair), '{}')
    FROM (
        SELECT substr(found_by, place, 2) AS pair FROM generate_series(1, length(found_by) - 1) AS place
    ) AS pairs
    WHERE strpos(pair, ' ') = 0
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(BIGRAMS, "DROP FUNCTION gongheng_bigrams(text)")]
