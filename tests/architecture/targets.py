"""What an address is about, and whose that is."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Membership

OTHERS, PUBLIC, NOBODY = "others", "public", "nobody"


@dataclass(frozen=True, slots=True)
class Target:
    """The values of a path, whose they are, and somebody who may see them."""

    kwargs: dict[str, Any]
    whose: str
    insider: Membership | None = None
