"""
Static files under names that carry their hash, compressed once, in seconds rather than minutes.

Only what pages ask for is compressed (the hashed names), at a quality that is nearly as small as the best and many
times as fast; source maps and the parts of packages that no page uses are left out.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

MAPS = "sourceMappingURL"
HASHED = re.compile(r"\.[0-9a-f]{12}\.")
QUALITY = 6
NEVER_SHOWN = ["*.map", "rest_framework", "redoc", "swagger-ui-es-*"]
"""What `collectstatic` leaves out: source maps, DRF's browsable pages, the second API viewer."""


def without_maps(patterns: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return the patterns by which a file speaks of others, without source maps: those are not served."""

    def speaks_of_a_map(pattern: Any) -> bool:
        return MAPS in (pattern if isinstance(pattern, str) else pattern[0])

    return tuple((ending, tuple(each for each in those if not speaks_of_a_map(each))) for ending, those in patterns)


class QuickCompressor(Compressor):
    """WhiteNoise's, at a quality one can wait for."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """Return the data, smaller."""
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed and compressed; a map that a file speaks of need not be there."""

    patterns = without_maps(CompressedManifestStaticFilesStorage.patterns)

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return what compresses."""
        return QuickCompressor(**kwargs)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for: the hashed names."""
        return super().compress_files([path for path in paths if HASHED.search(path)])  # type: ignore[no-any-return]
