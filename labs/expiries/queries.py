"""What runs out, of all kinds, in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from kernel.bilingual import chosen
from labs.expiries import rules
from labs.expiries.models import ExpiryNotice

ENDING = """
WITH lab AS MATERIALIZED (
    SELECT id, organisation_id, name_zh, name_en, timezone(timezone, %(now)s::timestamptz)::date AS today FROM labs_lab
    WHERE is_active AND (%(organisation)s::bigint IS NULL OR organisation_id = %(organisation)s)
), thing AS (
    SELECT 'calibration' AS kind, c.id, i.lab_id, i.name_zh, i.name_en, c.certificate_no AS detail, i.code,
        c.valid_to AS ends_on
    FROM labs_calibrationrecord c JOIN labs_instrument i ON i.id = c.instrument_id JOIN lab ON lab.id = i.lab_id
    WHERE c.result IN ('pass', 'limited') AND i.status <> 'retired'
        AND c.valid_to BETWEEN lab.today - %(behind)s::integer AND lab.today + %(ahead)s::integer
        AND NOT EXISTS (  -- no later certificate continues it, or has taken its place since
            SELECT FROM labs_calibrationrecord later
            WHERE later.instrument_id = c.instrument_id AND later.result IN ('pass', 'limited')
                AND later.valid_to > c.valid_to AND (later.valid_from <= c.valid_to + 1 OR c.valid_to < lab.today))
    UNION ALL
    SELECT 'accreditation', a.id, a.lab_id, a.kind, a.kind, a.number, '', a.valid_to FROM labs_accreditation a
    UNION ALL
    SELECT 'scope', s.id, a.lab_id, concat_ws(' ', s.object_zh, s.parameter_zh),
        coalesce(nullif(s.parameter_en, ''), concat_ws(' ', s.object_zh, s.parameter_zh)),
        concat_ws(' ', a.kind, a.number), '', s.valid_to
    FROM labs_scopeentry s JOIN labs_accreditation a ON a.id = s.accreditation_id AND s.valid_to < a.valid_to
    UNION ALL
    SELECT 'measurement_standard', m.id, m.lab_id, m.name_zh, m.name_en, m.certificate_no, '', m.valid_to
    FROM labs_measurementstandard m
    UNION ALL
    SELECT 'qualification', q.id, o.lab_id, concat_ws('：', o.name_zh, i.name_zh),
        concat_ws(': ', coalesce(nullif(o.name_en, ''), o.name_zh), coalesce(nullif(i.name_en, ''), i.name_zh)),
        o.code, i.code, q.valid_to
    FROM labs_operatorqualification q
    JOIN labs_operator o ON o.id = q.operator_id AND o.is_active
    JOIN labs_instrument i ON i.id = q.instrument_id AND i.status <> 'retired'
)
SELECT thing.kind, thing.id, thing.lab_id, lab.organisation_id, lab.name_zh, lab.name_en, thing.name_zh, thing.name_en,
    thing.detail, thing.code, thing.ends_on, thing.ends_on - lab.today
FROM thing JOIN lab ON lab.id = thing.lab_id
WHERE thing.ends_on BETWEEN lab.today - %(behind)s::integer AND lab.today + %(ahead)s::integer
ORDER BY thing.ends_on, thing.kind, thing.id
"""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Something that runs out, with its last day; `days_left` counts from the lab's today and is negative when over."""

    kind: str
    thing_id: int
    lab_id: int
    organisation_id: int
    lab_zh: str
    lab_en: str
    name_zh: str
    name_en: str
    detail: str
    code: str
    ends_on: date
    days_left: int

    @property
    def key(self) -> tuple[str, int, date]:
        """What it is, and when it ends."""
        return self.kind, self.thing_id, self.ends_on

    @property
    def name(self) -> str:
        """Its name, in the language of the page where known."""
        return chosen(self.name_zh, self.name_en)

    @property
    def lab(self) -> str:
        """The lab's name, likewise."""
        return chosen(self.lab_zh, self.lab_en)

    @property
    def kind_told(self) -> str:
        """What kind of thing it is, in words."""
        return str(ExpiryNotice.Kind(self.kind).label)

    @property
    def is_over(self) -> bool:
        """Whether its last day is past."""
        return self.days_left < 0

    @property
    def days_over(self) -> int:
        """For how many days it has been over."""
        return -self.days_left


def ending(
    *, now: datetime, organisation_id: int | None = None, ahead: int = rules.AHEAD, behind: int = 0
) -> list[Expiring]:
    """
    Return what ends within so many days, or has ended within so many, the first to end first; one statement.

    The days are those of each lab's own calendar. Of an organisation, or of all labs.
    """
    asked = {"now": now, "organisation": organisation_id, "ahead": ahead, "behind": behind}
    with connection.cursor() as cursor:
        cursor.execute(ENDING, asked)
        return [Expiring(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Counted:
    """How much runs out within thirty days, and how much is over."""

    soon: int
    over: int

    def __bool__(self) -> bool:
        return bool(self.soon or self.over)


def counted(found: Iterable[Expiring]) -> Counted:
    """Count what needs care first."""
    days = [each.days_left for each in found]
    return Counted(soon=sum(0 <= left <= rules.THRESHOLDS[1] for left in days), over=sum(left < 0 for left in days))
