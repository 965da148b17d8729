"""Setting documents as PDF/A with typst: a template, and what it says as data; nothing is ever pasted into markup."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

STANDARD = "a-2a"
"""PDF/A-2a: kept for decades, every character has its meaning, readable aloud."""
FONTS = "node_modules/@expo-google-fonts/noto-sans-sc"
WEIGHTS = ("400Regular", "700Bold")


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts of documents: ours alone, so that they look the same on every machine."""
    folders: list[Path] = [settings.BASE_DIR / FONTS / weight for weight in WEIGHTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def pdf(template: str, content: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return a document as PDF/A: the same bytes for the same template, content and instant."""
    made: bytes = _compiled(template, content, format="pdf", pdf_standards=[STANDARD], timestamp=at.astimezone(UTC))
    return made


def png(template: str, content: Mapping[str, Any]) -> bytes:
    """Return the first page of a document as a picture."""
    drawn = _compiled(template, content, format="png", ppi=110.0)
    first: bytes = drawn[0] if isinstance(drawn, list) else drawn
    return first


def _compiled(template: str, content: Mapping[str, Any], **how: Any) -> Any:
    folder = settings.BASE_DIR / "templates" / "billing" / "documents"
    compiler = typst.Compiler(
        input=folder / f"{template}.typ",
        root=folder,
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
    )
    return compiler.compile(**how)
