"""What a person may say about themselves."""

from zoneinfo import available_timezones

TIME_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Johannesburg",
    "Australia/Sydney",
    "UTC",
)
"""The zones offered first; any other of the tz database may be typed."""


def is_time_zone(name: str) -> bool:
    """Whether a name is a time zone of the tz database."""
    return name in available_timezones()
