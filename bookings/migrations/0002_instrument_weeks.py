"""
The weeks of instruments in quarter-hours, and what keeps them in step with open time and the schedule.

See Note [A filter that loses nothing] and docs/adr/0010.
"""

import django.db.models.deletion
import kernel.bitstrings
from django.db import migrations, models

COUNTED = """
ALTER TABLE bookings_instrumentweek SET (fillfactor = 80),
    ADD CONSTRAINT week_is_of_an_instrument FOREIGN KEY (instrument_id) REFERENCES labs_instrument ON DELETE CASCADE;

CREATE FUNCTION bookings_quarter_of(instant timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_part('epoch', instant - timestamptz '2001-01-01 00:00:00+00') / 900;

CREATE FUNCTION bookings_quarters(first integer, past integer) RETURNS bit
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (~(0::bit(672)) << (672 - (past - first))) >> first;

-- The quarters that stretches of time touch, or fill from end to end, by week.
CREATE FUNCTION bookings_quarters_of(stretches tstzmultirange, filled boolean) RETURNS TABLE (week integer, bits bit)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT w, bit_or(bookings_quarters(greatest(q.first - 672 * w, 0), least(q.past - 672 * w, 672)))
    FROM (
        SELECT
            (CASE WHEN filled THEN ceil(begins) ELSE floor(begins) END)::integer AS first,
            (CASE WHEN filled THEN floor(ends) ELSE ceil(ends) END)::integer AS past
        FROM (
            SELECT bookings_quarter_of(lower(stretch)) AS begins, bookings_quarter_of(upper(stretch)) AS ends
            FROM unnest(stretches) AS stretch
        ) AS counted
    ) AS q
    CROSS JOIN LATERAL generate_series(q.first / 672, (q.past - 1) / 672) AS w
    WHERE q.first < q.past GROUP BY w
$$;
"""

OPEN = """
-- Write the weeks of instruments anew where their open time, or whether they are alone, says something else. The caller
-- holds the rows of labs_opentime. Hours that many instruments share are counted once.
CREATE FUNCTION bookings_open_weeks(instruments bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    written integer;
BEGIN
    WITH told AS MATERIALIZED (
        SELECT o.instrument_id, i.capacity = 1 AS alone, i.span_closed, o.open, o.blocked, o.calibrated,
            floor(bookings_quarter_of((o.horizon_from - 1)::timestamp AT TIME ZONE 'UTC') / 672)::integer AS first_week,
            floor(bookings_quarter_of((o.horizon_to + 1)::timestamp AT TIME ZONE 'UTC') / 672)::integer AS last_week
        FROM labs_opentime o JOIN labs_instrument i ON i.id = o.instrument_id
        WHERE o.instrument_id = ANY (instruments)
    ), stretches AS MATERIALIZED (
        SELECT given, row_number() OVER () AS number
        FROM (SELECT open AS given FROM told UNION SELECT blocked FROM told UNION SELECT calibrated FROM told) AS each
    ), numbered AS MATERIALIZED (
        SELECT told.instrument_id, told.alone, told.span_closed, told.first_week, told.last_week,
            opened.number AS open, blocked.number AS blocked, sound.number AS calibrated
        FROM told
        JOIN stretches opened ON opened.given = told.open
        JOIN stretches blocked ON blocked.given = told.blocked
        JOIN stretches sound ON sound.given = told.calibrated
    ), touched AS MATERIALIZED (
        SELECT number, q.week, q.bits FROM stretches, bookings_quarters_of(given, false) AS q
        WHERE number IN (SELECT open FROM numbered UNION SELECT calibrated FROM numbered)
    ), filled AS MATERIALIZED (
        SELECT number, q.week, q.bits FROM stretches, bookings_quarters_of(given, true) AS q
        WHERE number IN (SELECT blocked FROM numbered)
    ), kinds AS MATERIALIZED (
        SELECT n.span_closed, n.open, n.blocked, n.calibrated, w.week,
            CASE WHEN n.span_closed THEN ~(0::bit(672)) ELSE coalesce(hours.bits, 0::bit(672)) END
                & coalesce(sound.bits, 0::bit(672)) & ~coalesce(out.bits, 0::bit(672)) AS bits
        FROM (SELECT span_closed, open, blocked, calibrated, min(first_week) AS first_week, max(last_week) AS last_week
              FROM numbered GROUP BY span_closed, open, blocked, calibrated) AS n
        CROSS JOIN LATERAL generate_series(n.first_week, n.last_week) AS w (week)
        LEFT JOIN touched hours ON hours.number = n.open AND hours.week = w.week
        LEFT JOIN touched sound ON sound.number = n.calibrated AND sound.week = w.week
        LEFT JOIN filled out ON out.number = n.blocked AND out.week = w.week
    )
    INSERT INTO bookings_instrumentweek AS kept (instrument_id, week, alone, open, untaken)
    SELECT n.instrument_id, k.week, n.alone, k.bits, ~(0::bit(672))
    FROM numbered n
    JOIN kinds k USING (span_closed, open, blocked, calibrated)
    LEFT JOIN bookings_instrumentweek old ON old.instrument_id = n.instrument_id AND old.week = k.week
    WHERE old.week IS NULL OR old.alone <> n.alone OR old.open <> k.bits
    ORDER BY n.instrument_id, k.week
    ON CONFLICT (instrument_id, week) DO UPDATE SET open = excluded.open, alone = excluded.alone;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;

CREATE FUNCTION bookings_open_time_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bookings_open_weeks(array_agg(instrument_id)) FROM now_so WHERE NOT isempty(open) HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION bookings_open_time_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bookings_open_weeks(array_agg(now_so.instrument_id)) FROM now_so JOIN once USING (id)
    WHERE (now_so.open, now_so.blocked, now_so.calibrated, now_so.horizon_from, now_so.horizon_to)
        IS DISTINCT FROM (once.open, once.blocked, once.calibrated, once.horizon_from, once.horizon_to)
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_open_time_made AFTER INSERT ON labs_opentime
    REFERENCING NEW TABLE AS now_so FOR EACH STATEMENT EXECUTE FUNCTION bookings_open_time_made();
CREATE TRIGGER bookings_open_time_changed AFTER UPDATE ON labs_opentime
    REFERENCING OLD TABLE AS once NEW TABLE AS now_so FOR EACH STATEMENT EXECUTE FUNCTION bookings_open_time_changed();

CREATE FUNCTION bookings_instrument_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM labs_opentime WHERE instrument_id = NEW.id FOR UPDATE;
    PERFORM bookings_open_weeks(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_instrument_changed AFTER UPDATE OF capacity, span_closed ON labs_instrument FOR EACH ROW
    WHEN (OLD.capacity <> NEW.capacity OR OLD.span_closed <> NEW.span_closed)
    EXECUTE FUNCTION bookings_instrument_changed();
"""

TAKEN = """
-- Mark quarters that an occupancy fills from end to end: where others hold the week, let it be (a filter may show too
-- much, and nobody who confirms waits). Free quarters: wait, since a filter may hide nothing.
CREATE FUNCTION bookings_mark_quarters(place bigint, during tstzrange, taken boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    first integer := ceil(bookings_quarter_of(lower(during)));
    past integer := floor(bookings_quarter_of(upper(during)));
    owner bigint;
    marked bit(672);
BEGIN
    SELECT instrument_id INTO owner FROM bookings_resource WHERE id = place;
    IF owner IS NULL OR first >= past THEN
        RETURN;
    END IF;
    FOR number IN first / 672 .. (past - 1) / 672 LOOP
        marked := bookings_quarters(greatest(first - 672 * number, 0), least(past - 672 * number, 672));
        IF NOT taken THEN
            UPDATE bookings_instrumentweek SET untaken = untaken | marked
            WHERE instrument_id = owner AND week = number;
        ELSE
            PERFORM FROM bookings_instrumentweek WHERE instrument_id = owner AND week = number
                FOR NO KEY UPDATE SKIP LOCKED;
            IF FOUND THEN
                UPDATE bookings_instrumentweek SET untaken = untaken & ~marked
                WHERE instrument_id = owner AND week = number;
            END IF;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION bookings_occupancy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.unit = 1 AND OLD.lapses_at IS NULL THEN
        PERFORM bookings_mark_quarters(OLD.resource_id, OLD.period, false);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.unit = 1 AND NEW.lapses_at IS NULL THEN
        PERFORM bookings_mark_quarters(NEW.resource_id, NEW.period, true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_occupancy_made AFTER INSERT ON bookings_occupancy FOR EACH ROW
    WHEN (NEW.unit = 1 AND NEW.lapses_at IS NULL) EXECUTE FUNCTION bookings_occupancy_changed();
CREATE TRIGGER bookings_occupancy_ended AFTER DELETE ON bookings_occupancy FOR EACH ROW
    WHEN (OLD.unit = 1 AND OLD.lapses_at IS NULL) EXECUTE FUNCTION bookings_occupancy_changed();
CREATE TRIGGER bookings_occupancy_changed AFTER UPDATE OF resource_id, unit, period, lapses_at ON bookings_occupancy
    FOR EACH ROW WHEN (
        ((OLD.unit = 1 AND OLD.lapses_at IS NULL) OR (NEW.unit = 1 AND NEW.lapses_at IS NULL))
        AND (OLD.resource_id, OLD.unit, OLD.period, OLD.lapses_at)
            IS DISTINCT FROM (NEW.resource_id, NEW.unit, NEW.period, NEW.lapses_at)
    ) EXECUTE FUNCTION bookings_occupancy_changed();

CREATE FUNCTION bookings_all_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE bookings_instrumentweek SET untaken = ~(0::bit(672)) WHERE untaken <> ~(0::bit(672));
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_all_free AFTER TRUNCATE ON bookings_occupancy
    FOR EACH STATEMENT EXECUTE FUNCTION bookings_all_free();
"""

REPAIRED = """
-- Bring the weeks of instruments to what open time and the schedule say, and tell how many hid a free quarter, and how
-- many showed one that is taken. Locks as everybody: open time first, then the weeks in their order, then it reads.
CREATE FUNCTION bookings_repair_weeks(instruments bigint[], since integer, OUT hid integer, OUT showed integer)
LANGUAGE plpgsql AS $$
DECLARE
    begins timestamptz := timestamptz '2001-01-01 00:00:00+00' + since * interval '7 days';
BEGIN
    PERFORM FROM labs_opentime WHERE instrument_id = ANY (instruments) ORDER BY instrument_id FOR SHARE;
    SELECT bookings_open_weeks(instruments) INTO showed;
    hid := 0;
    PERFORM FROM bookings_instrumentweek WHERE instrument_id = ANY (instruments) AND week >= since
        ORDER BY instrument_id, week FOR NO KEY UPDATE;
    WITH taken AS MATERIALIZED (
        SELECT r.instrument_id, q.week, bit_or(q.bits) AS bits
        FROM bookings_resource r
        JOIN bookings_occupancy o ON o.resource_id = r.id AND o.unit = 1 AND o.lapses_at IS NULL
            AND o.period && tstzrange(begins, NULL)
        CROSS JOIN LATERAL bookings_quarters_of(tstzmultirange(o.period), true) AS q
        WHERE r.instrument_id = ANY (instruments) GROUP BY r.instrument_id, q.week
    ), wrong AS MATERIALIZED (
        SELECT kept.instrument_id, kept.week, kept.untaken AS was, ~coalesce(taken.bits, 0::bit(672)) AS untaken
        FROM bookings_instrumentweek kept LEFT JOIN taken USING (instrument_id, week)
        WHERE kept.instrument_id = ANY (instruments) AND kept.week >= since
            AND kept.untaken <> ~coalesce(taken.bits, 0::bit(672))
    ), mended AS (
        UPDATE bookings_instrumentweek kept SET untaken = wrong.untaken FROM wrong
        WHERE kept.instrument_id = wrong.instrument_id AND kept.week = wrong.week
    )
    SELECT count(*) FILTER (WHERE untaken & ~was <> 0::bit(672)),
        count(*) FILTER (WHERE untaken & ~was = 0::bit(672)) + showed
    INTO hid, showed FROM wrong;
END $$;
"""

FILLED = """
SELECT bookings_repair_weeks(
    (SELECT array_agg(instrument_id) FROM labs_opentime), floor(bookings_quarter_of(now()) / 672)::integer - 1
);
"""

GONE = """
DROP FUNCTION bookings_repair_weeks, bookings_open_weeks;
DROP FUNCTION bookings_open_time_made, bookings_open_time_changed, bookings_instrument_changed,
    bookings_occupancy_changed, bookings_all_free CASCADE;
DROP FUNCTION bookings_mark_quarters, bookings_quarters_of, bookings_quarters, bookings_quarter_of;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("labs", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstrumentWeek",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "instrument_id", "week", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("week", models.IntegerField()),
                ("alone", models.BooleanField()),
                ("open", kernel.bitstrings.BitStringField(length=672)),
                ("untaken", kernel.bitstrings.BitStringField(length=672)),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="weeks",
                        to="labs.instrument",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(COUNTED + OPEN + TAKEN + REPAIRED + FILLED, GONE),
    ]
