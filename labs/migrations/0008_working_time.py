"""When an operator may be asked to work: their own hours by the kind of day, or any, less their leaves (BK-10)."""

from django.db import migrations

WORKING_TIME = """
CREATE FUNCTION labs_working_time(worker bigint, during tstzrange) RETURNS tstzmultirange
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT tstzmultirange(during)
        * CASE WHEN EXISTS (SELECT FROM labs_operatorhours h WHERE h.operator_id = worker)
            THEN coalesce((
                SELECT range_agg(tstzrange(begins, ends)) FROM (
                    SELECT timezone(l.timezone, d.day + make_interval(mins => h.begins_minute)) AS begins,
                        timezone(l.timezone, d.day + make_interval(mins => h.ends_minute)) AS ends
                    FROM labs_operator p
                    JOIN labs_lab l ON l.id = p.lab_id
                    CROSS JOIN LATERAL generate_series(
                        date_trunc('day', timezone(l.timezone, lower(during))), timezone(l.timezone, upper(during)),
                        interval '1 day') AS d (day)
                    LEFT JOIN labs_holidaydate y ON y.date = d.day::date
                    JOIN labs_operatorhours h ON h.operator_id = p.id AND h.day = CASE
                        WHEN y.kind = 'holiday' THEN 7
                        WHEN y.kind = 'makeup_workday' AND l.makeup_policy = 'workday' THEN 0
                        WHEN y.kind = 'makeup_workday' AND l.makeup_policy = 'closed' THEN -1
                        ELSE extract(isodow FROM d.day) - 1 END
                    WHERE p.id = worker
                ) AS hours WHERE begins < ends
            ), '{}')
            ELSE tstzmultirange(during) END
        - coalesce((SELECT range_agg(a.period) FROM labs_operatorleave a
            WHERE a.operator_id = worker AND a.period && during), '{}')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("labs", "0007_people_groups_and_materials")]

    operations = [
        migrations.RunSQL(WORKING_TIME, reverse_sql="DROP FUNCTION labs_working_time(bigint, tstzrange)"),
    ]
