"""The icons of the pages, read once from the drawings beside this file: `icons.svg`, one symbol each."""

import re
from pathlib import Path

SYMBOL = re.compile(r'<symbol id="([a-z-]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)

ICONS: dict[str, str] = dict(SYMBOL.findall((Path(__file__).parent / "icons.svg").read_text(encoding="utf-8")))
"""The inside of each drawing, by its name."""
