"""What a role in an organisation lets a person do; see requirements 2.8."""

from collections.abc import Collection

OWNER = "owner"
BUYER = "buyer"
FINANCE = "finance"
TECHNICIAN = "technician"
VIEWER = "viewer"
LAB_MANAGER = "lab_manager"
LAB_OPERATOR = "lab_operator"

EVERYONE = frozenset({OWNER, BUYER, FINANCE, TECHNICIAN, VIEWER})
IN_LABS = frozenset({LAB_MANAGER, LAB_OPERATOR})


def may_book(role: str) -> bool:
    """Whether they may spend the organisation's money on bookings."""
    return role in {OWNER, BUYER}


def may_see_money(role: str) -> bool:
    """Whether they see payments and invoices."""
    return role in {OWNER, FINANCE}


def may_manage_organisation(role: str) -> bool:
    """Whether they may change the organisation, its members and their roles."""
    return role == OWNER


def may_operate_lab(role: str, organisation_roles: Collection[str]) -> bool:
    """Whether they see who books the organisation's instruments, and work with them."""
    return "lab_owner" in organisation_roles and role in {OWNER, LAB_MANAGER, LAB_OPERATOR}


def may_manage_lab(role: str, organisation_roles: Collection[str]) -> bool:
    """Whether they set the lab's prices, policies and capacity."""
    return "lab_owner" in organisation_roles and role in {OWNER, LAB_MANAGER}


def may_see_lab_money(role: str, organisation_roles: Collection[str]) -> bool:
    """Whether they see what the organisation's labs have earned and are paid."""
    return "lab_owner" in organisation_roles and role in {OWNER, LAB_MANAGER, FINANCE}


def is_platform_operator(organisation_roles: Collection[str]) -> bool:
    """Whether they act for the one who operates the platform."""
    return "platform_operator" in organisation_roles


def roles_of(organisation_roles: Collection[str]) -> list[str]:
    """Return the roles a member of such an organisation can have, the strongest first."""
    roles = [OWNER, BUYER, FINANCE, TECHNICIAN, VIEWER]
    return [*roles, LAB_MANAGER, LAB_OPERATOR] if "lab_owner" in organisation_roles else roles


def leaves_no_owner(*, before: str, after: str | None, other_owners: int) -> bool:
    """Whether an organisation would be left with nobody to manage it when a role changes, or ends (None)."""
    return before == OWNER and after != OWNER and other_owners == 0
