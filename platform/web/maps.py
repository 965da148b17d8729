"""Where the tiles of maps come from, for the Content-Security-Policy."""

import re
from urllib.parse import urlsplit


def map_origins(tiles: str) -> list[str]:
    """
    Return the origins that the tiles of an address with `{z}`, `{x}`, `{y}` come from, none without an address.

    A host with `{s}` stands for several: all hosts below its domain.
    """
    if not tiles:
        return []
    parts = urlsplit(re.sub(r"\{s\}\.", "*.", tiles))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []
