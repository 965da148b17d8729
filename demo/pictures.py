"""Pictures for the demo's instruments: drawn, one for each kind, and marked as drawings."""

import io
from collections.abc import Callable, Mapping

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from labs.models import Instrument, InstrumentPhoto

WIDE, HIGH, FINER = 960, 640, 2
WALL, FLOOR, BODY, SHADE, DARK, GLASS, LIGHT, ACCENT = (
    "#eef2f7", "#d5dde8", "#f8fafc", "#b6c2d2", "#3b4a5f", "#7fa6c9", "#dbe9f5", "#2f7d6b",
)  # fmt: skip

type Pen = ImageDraw.ImageDraw


def box(pen: Pen, left: int, top: int, right: int, bottom: int, fill: str = BODY, *, round_: int = 12) -> None:
    """Draw a body with rounded edges; coordinates as on the picture of 960 × 640."""
    at = [FINER * each for each in (left, top, right, bottom)]
    pen.rounded_rectangle(at, FINER * round_, fill=fill, outline=DARK, width=2 * FINER)


def disc(pen: Pen, x: int, y: int, radius: int, fill: str) -> None:
    """Draw a disc."""
    at = [FINER * each for each in (x - radius, y - radius, x + radius, y + radius)]
    pen.ellipse(at, fill=fill, outline=DARK, width=2 * FINER)


def screen(pen: Pen, left: int, top: int, right: int, bottom: int) -> None:
    """Draw a screen with a curve of peaks."""
    box(pen, left, top, right, bottom, DARK, round_=8)
    steps, height = (0, 0, 1, 6, 1, 0, 2, 9, 2, 0, 0, 3, 0, 0), bottom - top - 24
    wide = (right - left - 24) / (len(steps) - 1)
    points = [
        (FINER * (left + 12 + wide * place), FINER * (bottom - 14 - height * step / 10))
        for place, step in enumerate(steps)
    ]
    pen.line(points, fill=LIGHT, width=3 * FINER, joint="curve")


def frame(pen: Pen) -> None:
    """A machine that pulls: two columns, a crosshead, grips and a specimen."""
    box(pen, 260, 500, 620, 580, SHADE)
    for left in (290, 550):
        box(pen, left, 110, left + 40, 500, BODY, round_=4)
    box(pen, 260, 80, 620, 130, SHADE)
    box(pen, 280, 250, 600, 300, BODY)
    box(pen, 420, 300, 460, 350, DARK, round_=4)
    box(pen, 434, 350, 446, 420, ACCENT, round_=4)
    box(pen, 420, 420, 460, 500, DARK, round_=4)
    screen(pen, 680, 280, 850, 400)
    box(pen, 750, 400, 780, 580, SHADE, round_=4)


def tower(pen: Pen) -> None:
    """Modules one upon the other, and an analyser beside them."""
    for row, top in enumerate((130, 240, 350, 460)):
        box(pen, 180, top, 420, top + 110, BODY if row % 2 else LIGHT)
        box(pen, 200, top + 30, 280, top + 80, GLASS, round_=6)
        disc(pen, 390, top + 55, 9, ACCENT)
    box(pen, 440, 300, 800, 570)
    screen(pen, 470, 330, 650, 450)
    box(pen, 680, 330, 770, 540, SHADE)


def bench(pen: Pen) -> None:
    """A box on the bench with a screen and knobs."""
    box(pen, 220, 290, 740, 560)
    screen(pen, 250, 330, 500, 490)
    for row in range(2):
        for place in range(3):
            disc(pen, 560 + 60 * place, 370 + 90 * row, 18, SHADE if (row + place) % 2 else ACCENT)
    box(pen, 250, 515, 710, 535, SHADE, round_=4)


def column(pen: Pen) -> None:
    """An electron column over its chamber, and the operator's screens."""
    box(pen, 260, 390, 520, 580, SHADE)
    for top, half in ((300, 60), (220, 46), (140, 34), (90, 22)):
        box(pen, 390 - half, top, 390 + half, top + 96, BODY)
    box(pen, 300, 430, 400, 520, GLASS)
    screen(pen, 590, 250, 730, 360)
    screen(pen, 740, 250, 880, 360)
    box(pen, 580, 420, 890, 440, SHADE, round_=4)


def chamber(pen: Pen) -> None:
    """A climate chamber with a window in its door."""
    box(pen, 270, 90, 690, 580)
    box(pen, 310, 190, 560, 520, SHADE)
    box(pen, 350, 240, 520, 420, GLASS)
    for top in (300, 360):
        box(pen, 350, top, 520, top + 8, BODY, round_=2)
    box(pen, 580, 330, 596, 430, DARK, round_=4)
    screen(pen, 590, 130, 670, 190)
    for place in range(4):
        disc(pen, 330 + 45 * place, 140, 10, ACCENT if place else SHADE)


def bridge(pen: Pen) -> None:
    """A coordinate measuring machine: granite table, bridge, quill and probe."""
    box(pen, 170, 440, 790, 560, DARK)
    for left in (220, 660):
        box(pen, left, 190, left + 70, 440, BODY)
    box(pen, 200, 130, 750, 210, SHADE)
    box(pen, 440, 90, 520, 330, BODY)
    box(pen, 474, 330, 486, 390, DARK, round_=2)
    disc(pen, 480, 400, 10, ACCENT)
    box(pen, 540, 380, 640, 440, GLASS)


KINDS: Mapping[str, tuple[Callable[[Pen], None], tuple[str, ...]]] = {
    "frame": (frame, ("0201", "0203", "0204", "0303")),
    "tower": (tower, ("0102", "0105", "0106", "0109")),
    "column": (column, ("0101", "0103", "0405")),
    "chamber": (chamber, ("0110", "0111", "1201", "1203", "1205", "0207")),
    "bridge": (bridge, ("0301",)),
    "bench": (bench, ()),
}
"""By name: how it is drawn, and the categories it stands for; the last one stands for all others."""


def drawn(draw: Callable[[Pen], None]) -> bytes:
    """Return a picture of 960 × 640 as PNG, drawn twice as fine and made smaller."""
    picture = Image.new("RGB", (WIDE * FINER, HIGH * FINER), WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, FINER * 540, FINER * WIDE, FINER * HIGH), fill=FLOOR)
    draw(pen)
    content = io.BytesIO()
    picture.resize((WIDE, HIGH), Image.Resampling.LANCZOS).quantize(96).save(content, "PNG", optimize=True)
    return content.getvalue()


def load_pictures(instruments: Mapping[str, Instrument]) -> int:
    """Give each instrument that has none the drawing of its kind; return how many have one now. Safe to run again."""
    without = InstrumentPhoto.objects.values("instrument_id")
    lacking = list(Instrument.objects.filter(code__in=instruments).exclude(pk__in=without).select_related("category"))
    drawings: dict[str, bytes] = {}
    rows = []
    for instrument in lacking:
        kind = next((name for name, (_, codes) in KINDS.items() if instrument.category.code in codes), "bench")
        photo = InstrumentPhoto(
            instrument=instrument, caption_zh="示意图,非实物照片", caption_en="A drawing, not a photograph"
        )
        if kind not in drawings:
            drawings[kind] = drawn(KINDS[kind][0])
        photo.file.save(f"{kind}.png", ContentFile(drawings[kind]), save=False)  # a file each: it goes with its photo
        rows.append(photo)
    InstrumentPhoto.objects.bulk_create(rows)
    return len(instruments)
