"""What happens to memberships."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """Someone became a member: as the founder, or by an invitation."""

    membership_id: int
    user_id: int
    role: str
    invitation_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(Event):
    membership_id: int
    user_id: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded(Event):
    """A member was removed, or left (`actor_id` is `user_id`)."""

    membership_id: int
    user_id: int
    role: str
