"""What must be true between entries of the waitlist, their offers and the rentals behind these (BK-19)."""

from kernel.invariants import Invariant

OFFERS = """
SELECT f.id AS key, format('offer of entry %%s is open, the entry is %%s, %%s is %%s', f.entry_id, e.state, r.number,
    r.status) AS told
FROM bookings_waitlistoffer f
JOIN bookings_waitlistentry e ON e.id = f.entry_id
JOIN bookings_rental r ON r.id = f.rental_id
WHERE f.outcome = 'open' AND f.expires_at > %(now)s
    AND (e.state <> 'offered' OR r.status <> 'held' OR r.organisation_id <> e.organisation_id)
ORDER BY f.id
"""

ENTRIES = """
SELECT e.id AS key, format('entry %%s is offered nothing', e.id) AS told
FROM bookings_waitlistentry e
WHERE e.state = 'offered' AND NOT EXISTS (SELECT FROM bookings_waitlistoffer f
    WHERE f.entry_id = e.id AND f.outcome IN ('open', 'taken'))
ORDER BY e.id
"""

WAITLIST = (
    Invariant("open_offer_is_held", "An open offer is held for the organisation that waits for it (BK-19).", OFFERS),
    Invariant("offered_entry_has_an_offer", "Who was offered time has that offer (BK-19).", ENTRIES),
)
