"""When two requests are the same one."""

import hashlib

LONGEST_KEY = 255


def fingerprint(*, method: str, path: str, body: bytes) -> str:
    """Return what a request is recognised by: the hash of its method, path and body."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()
