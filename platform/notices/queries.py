"""What people are told, and how they want to be."""

from accounts.models import User
from notices import rules
from notices.kinds import Kind
from notices.models import Choice, Preferences


def wishes_of(user: User, kind: Kind) -> rules.Wishes:
    """Return how a person wants a kind of notice mailed: what they chose for its group, or else the kind's own way."""
    chosen = Choice.objects.filter(user=user, group=kind.group).values_list("mail", flat=True).first()
    preferences = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    quiet = None
    if preferences.quiet_from is not None and preferences.quiet_until is not None:
        quiet = (preferences.quiet_from, preferences.quiet_until)
    mail = rules.AT_ONCE if kind.must_mail else chosen or str(kind.mail)
    return rules.Wishes(tz=user.tz, mail=mail, digest_hour=preferences.digest_hour, quiet=quiet)
