"""The extensions the constraints need, and the numbers that people read."""

from django.contrib.postgres.operations import (
    BtreeGinExtension,
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

NUMBERS = """
CREATE SEQUENCE gongheng_number_seq;
CREATE TABLE gongheng_number_day (
    prefix text NOT NULL,
    day date NOT NULL,
    begins_after bigint NOT NULL,
    CONSTRAINT number_day_is_unique PRIMARY KEY (prefix, day)
);
CREATE FUNCTION gongheng_next_number(kind text, on_day date) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE base bigint; number bigint;
BEGIN
    SELECT begins_after INTO base FROM gongheng_number_day WHERE prefix = kind AND day = on_day;
    IF base IS NULL THEN
        INSERT INTO gongheng_number_day VALUES (kind, on_day, nextval('gongheng_number_seq'))
            ON CONFLICT DO NOTHING;
        SELECT begins_after INTO base FROM gongheng_number_day WHERE prefix = kind AND day = on_day;
    END IF;
    number := nextval('gongheng_number_seq') - base;
    RETURN kind || to_char(on_day, 'YYYYMMDD') || lpad(number::text, greatest(6, length(number::text)), '0');
END $$;
"""

FORGET = """
DROP FUNCTION gongheng_next_number(text, date);
DROP TABLE gongheng_number_day;
DROP SEQUENCE gongheng_number_seq;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        BtreeGinExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(NUMBERS, FORGET),
    ]
