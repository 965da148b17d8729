"""
What a lab says of its people; bookings look again wherever it decides who may operate.

Note [Who may operate]: each change moves the version of the open time of the instruments it touches, under the lock of
those rows. A booking that has judged before judges anew; one that was faster is seen by whoever reacts.
"""

from labs.staff.operations.grouping import GroupCodeTaken, GroupIsEmpty, GroupWaitedFor, remove_group, save_group
from labs.staff.operations.people import OperatorCodeTaken, add_operator, edit_operator
from labs.staff.operations.qualifying import (
    OfAnotherLab,
    QualificationOver,
    qualify_operator,
    qualify_user,
    unqualify_operator,
    withdraw_from_user,
)
from labs.staff.operations.working import HoursInvalid, LeaveEndsBeforeItBegins, announce_leave, set_hours, take_back

__all__ = [
    "GroupCodeTaken",
    "GroupIsEmpty",
    "GroupWaitedFor",
    "HoursInvalid",
    "LeaveEndsBeforeItBegins",
    "OfAnotherLab",
    "OperatorCodeTaken",
    "QualificationOver",
    "add_operator",
    "announce_leave",
    "edit_operator",
    "qualify_operator",
    "qualify_user",
    "remove_group",
    "save_group",
    "set_hours",
    "take_back",
    "unqualify_operator",
    "withdraw_from_user",
]
