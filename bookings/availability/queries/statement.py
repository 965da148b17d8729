"""
All facts of the booking rules, in one statement: what the instrument is, when it is open, who has it, who may run it.

Parameters: instruments, start and end of the reach, now, organisation and user (None for a visitor), and but_for: a
rental whose own time is left out. The columns are read, in this order, by `terms`.
"""

from bookings.availability.queries import quotas

FACTS = f"""
SELECT i.id, i.name_zh, i.name_en, i.capacity, i.rental_mode, i.training_required, i.span_closed,
    i.unattended_buffers, i.shared_condition_profile, i.materials_allowed, l.timezone,
    l.is_active AND (i.status IN ('available', 'in_use')
        OR (i.status IN ('maintenance', 'calibration', 'fault') AND i.expected_back_at IS NOT NULL))
        AND EXISTS (SELECT FROM labs_offering f
            WHERE f.instrument_id = i.id AND f.kind = 'rental' AND f.state = 'published'),
    p.id, p.slot_grid_min, p.min_minutes, p.max_minutes, p.pre_buffer_min, p.post_buffer_min, p.lead_time_min,
    p.advance_days, p.requires_approval, p.hold_minutes, p.sme_reserve_bp, p.week_max_minutes,
    t.id, t.base_rate_fen_per_hour, t.billing_increment_min, t.min_billable_minutes, t.min_charge_fen,
    t.setup_fee_fen, t.operator_fee_fen_per_hour, t.bands, t.sme_discount_bp,
    o.open * w.during, (SELECT range_agg(each) FROM unnest(o.blocked) AS each WHERE each && w.during),
    o.calibrated * w.during, upper(o.calibrated), lower(o.open * w.later), lower(o.calibrated * w.later), o.version,
    CASE WHEN NOT i.requires_calibration THEN w.during * (
        SELECT coalesce(range_agg(tstzrange(timezone(l.timezone, c.valid_from::timestamp),
            timezone(l.timezone, (c.valid_to + 1)::timestamp))), '{{}}')
        FROM labs_calibrationrecord c WHERE c.instrument_id = i.id AND c.result IN ('pass', 'limited')) END,
    (SELECT jsonb_object_agg(h.date, h.kind) FROM labs_holidaydate h
        WHERE h.date BETWEEN (lower(w.during))::date - 1 AND (upper(w.during))::date + 1),
    ARRAY(SELECT year FROM generate_series(
            extract(year FROM %(start)s::timestamptz)::int, extract(year FROM %(end)s::timestamptz)::int) AS year
        WHERE NOT EXISTS (SELECT FROM labs_holidaydate h
            WHERE h.date BETWEEN make_date(year, 1, 1) AND make_date(year, 12, 31))),
    ri.id, rr.id, room.capacity,
    staff.keys, staff.codes, staff.resources, staff.until, staff.works,
    busy.resources, busy.units, busy.starts, busy.ends, busy.holders,
    out.starts, out.ends, out.units, out.kinds,
    behind.usages, behind.periods, behind.units, behind.profiles, behind.of_smes,
    org.name_zh, org.name_en, org.suspended_until,
    org.size IN ('micro', 'small', 'medium') AND org.verification = 'verified',
    (SELECT max(q.valid_to) FROM labs_userqualification q
        WHERE q.instrument_id = i.id AND q.user_id = %(user)s AND q.level = 'independent'),
    org.id, org.most_bookings_ahead, org.most_holds, booked.ahead, booked.holds, spent.periods
FROM labs_instrument i
CROSS JOIN (SELECT tstzmultirange(tstzrange(%(start)s, %(end)s)) AS during,
    tstzmultirange(tstzrange(%(end)s, NULL)) AS later) w
JOIN labs_lab l ON l.id = i.lab_id
JOIN LATERAL (SELECT * FROM labs_bookingpolicy v WHERE v.instrument_id = i.id AND v.valid_from <= %(now)s
    ORDER BY v.valid_from DESC, v.version DESC LIMIT 1) p ON true
JOIN LATERAL (SELECT * FROM labs_tariff v WHERE v.instrument_id = i.id AND v.valid_from <= %(now)s
    ORDER BY v.valid_from DESC, v.version DESC LIMIT 1) t ON true
LEFT JOIN labs_opentime o ON o.instrument_id = i.id
LEFT JOIN labs_room room ON room.id = i.room_id
LEFT JOIN bookings_resource ri ON ri.instrument_id = i.id
LEFT JOIN bookings_resource rr ON rr.room_id = i.room_id
LEFT JOIN accounts_organisation org ON org.id = %(organisation)s
CROSS JOIN ({quotas.BOOKED}) booked
CROSS JOIN LATERAL ({quotas.SPENT}) spent
CROSS JOIN LATERAL (
    SELECT array_agg(s.id ORDER BY s.id) AS keys, array_agg(s.code ORDER BY s.id) AS codes,
        array_agg(coalesce(rs.id, 0) ORDER BY s.id) AS resources, array_agg(q.valid_to ORDER BY s.id) AS until,
        array_agg(CASE WHEN EXISTS (SELECT FROM labs_operatorhours WHERE operator_id = s.id)
                OR EXISTS (SELECT FROM labs_operatorleave
                    WHERE operator_id = s.id AND period && tstzrange(%(start)s, %(end)s))
            THEN labs_working_time(s.id, tstzrange(%(start)s, %(end)s)) END ORDER BY s.id) AS works
    FROM labs_operatorqualification q
    JOIN labs_operator s ON s.id = q.operator_id AND s.is_active
    LEFT JOIN bookings_resource rs ON rs.operator_id = s.id
    WHERE q.instrument_id = i.id AND (i.rental_mode <> 'self' OR i.training_required)
) staff
CROSS JOIN LATERAL (
    SELECT array_agg(c.resource_id) AS resources, array_agg(c.unit) AS units, array_agg(lower(c.period)) AS starts,
        array_agg(upper(c.period)) AS ends,
        array_agg(CASE WHEN c.lapses_at <= %(now)s THEN c.holder_id END) AS holders
    FROM unnest(ARRAY[ri.id, rr.id] || staff.resources) AS wanted (id)
    JOIN bookings_occupancy c ON c.resource_id = wanted.id
        AND c.period && tstzrange(%(start)s, %(end)s)
        AND (c.holder_kind, c.holder_id) IS DISTINCT FROM ('rental', %(but_for)s::bigint)
) busy
CROSS JOIN LATERAL (
    SELECT array_agg(lower(x.period)) AS starts, array_agg(upper(x.period)) AS ends, array_agg(x.units) AS units,
        array_agg(x.kind) AS kinds
    FROM (
        SELECT period, units, kind FROM labs_outage
        WHERE instrument_id = i.id AND period && tstzrange(%(start)s, %(end)s)
        UNION ALL
        SELECT period, units, kind FROM labs_outage
        WHERE lab_id = i.lab_id AND period && tstzrange(%(start)s, %(end)s)
    ) AS x
) out
CROSS JOIN LATERAL (
    SELECT array_agg(held.usage) AS usages, array_agg(r.period) AS periods, array_agg(r.units) AS units,
        array_agg(r.profile) AS profiles,
        array_agg(z.size IN ('micro', 'small', 'medium') AND z.verification = 'verified') AS of_smes
    FROM (
        SELECT DISTINCT ON (c.holder_id) c.holder_id, c.usage FROM bookings_occupancy c
        WHERE c.resource_id = ri.id AND c.period && tstzrange(%(start)s, %(end)s) AND c.holder_kind = 'rental'
            AND (c.lapses_at IS NULL OR c.lapses_at > %(now)s) AND c.holder_id IS DISTINCT FROM %(but_for)s::bigint
        ORDER BY c.holder_id
    ) AS held
    JOIN bookings_rental r ON r.id = held.holder_id
    JOIN accounts_organisation z ON z.id = r.organisation_id
    WHERE i.shared_condition_profile OR p.sme_reserve_bp > 0
) behind
WHERE i.id = ANY(%(instruments)s)
"""  # noqa: S608 -- put together from our own fragments
