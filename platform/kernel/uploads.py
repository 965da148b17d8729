"""
Files that people hand in: how large, and what they are by their content, whatever their name says.

Note [Uploads]
    A file is judged by its bytes. A picture is read whole and written anew, so that nothing but the picture is kept: no
    place where it was taken, no second file behind it, no side longer than a page can show. A PDF is kept as it is: it
    is a document with a seal or a signature; so is the scan of a licence. All are kept under names of our own, and only
    views that have asked who is asking send them (`web.files.sent`).
"""

import io
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal

MEGABYTE = 1024 * 1024
SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "pdf": b"%PDF-"}
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "pdf": "application/pdf"}
NAMES = {"png": "PNG", "jpg": "JPEG", "webp": "WebP", "pdf": "PDF"}
PICTURES = ("jpg", "png", "webp")
DOCUMENTS = ("pdf", "jpg", "png")
LARGEST_PICTURE = 8 * MEGABYTE
LARGEST_DOCUMENT = 10 * MEGABYTE
LONGEST_SIDE = 2400
MOST_PIXELS = 50_000_000
"""A picture of more would take more memory to read than any photo of an instrument is worth."""


class FileTooLarge(Refusal):
    code = "file_too_large"
    message = _("The file is larger than {limit} MB.")
    status = 422


class FileKindUnknown(Refusal):
    code = "file_kind_unknown"
    message = _("The file must be one of {kinds}; this one is none of them, whatever its name.")
    status = 422


class PictureUnreadable(Refusal):
    code = "picture_unreadable"
    message = _("The picture cannot be read: it is damaged, or has more than {megapixels} million pixels.")
    status = 422


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: its content, and its kind as the ending of its name."""

    kind: str
    content: bytes

    def named(self) -> tuple[str, ContentFile]:  # type: ignore[type-arg]  # takes none when run
        """Return a name of our own and the content, as `FieldFile.save` takes them."""
        return f"{uuid.uuid4().hex}.{self.kind}", ContentFile(self.content)


def sniffed(content: bytes) -> str | None:
    """Return what a file is by its first bytes: png, jpg, webp, pdf, or None."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for kind, signature in SIGNATURES.items() if content.startswith(signature)), None)


def judged(content: bytes, *, kinds: Collection[str], limit: int) -> str:
    """
    Return what kind of file it is, for one that is kept as it was handed in. `limit` is in bytes.

    Raises:
        FileTooLarge: it has more bytes than the limit.
        FileKindUnknown: by its content it is none of the kinds.
    """
    if len(content) > limit:
        raise FileTooLarge(limit=limit // MEGABYTE)
    kind = sniffed(content)
    if kind is None or kind not in kinds:
        raise FileKindUnknown(kinds=", ".join(NAMES[each] for each in kinds))
    return kind


def checked(content: bytes, *, kinds: Collection[str], limit: int) -> Upload:
    """
    Return a file as it may be kept; see Note [Uploads]. `limit` is in bytes; read one more than that to find out.

    Raises:
        FileTooLarge: it has more bytes than the limit.
        FileKindUnknown: by its content it is none of the kinds.
        PictureUnreadable: it begins like a picture and is none, or is one beyond measure.
    """
    kind = judged(content, kinds=kinds, limit=limit)
    return Upload(kind, content if kind == "pdf" else _read_anew(content, kind))


def picture(content: bytes) -> Upload:
    """
    Return a photo as it may be kept.

    Raises:
        FileTooLarge, FileKindUnknown, PictureUnreadable: see `checked`.
    """
    return checked(content, kinds=PICTURES, limit=LARGEST_PICTURE)


def document(content: bytes) -> Upload:
    """
    Return a certificate as it may be kept: a PDF, or a scan as a picture.

    Raises:
        FileTooLarge, FileKindUnknown, PictureUnreadable: see `checked`.
    """
    return checked(content, kinds=DOCUMENTS, limit=LARGEST_DOCUMENT)


def _read_anew(content: bytes, kind: str) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError  # only whoever hands in a picture waits for it

    format_ = NAMES[kind]
    try:
        with Image.open(io.BytesIO(content), formats=[format_]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureUnreadable(megapixels=MOST_PIXELS // 1_000_000)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = upright if upright.mode in {"RGB", "RGBA", "L", "LA", "P"} else upright.convert("RGB")
            kept = io.BytesIO()
            plain.info = {}
            plain.save(kept, format=format_)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(megapixels=MOST_PIXELS // 1_000_000) from error
    return kept.getvalue()
