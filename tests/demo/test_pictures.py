"""The drawings of the demo's instruments."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from demo.pictures import KINDS, drawn, load_pictures
from labs.models import InstrumentPhoto
from tests.factories.labs import CategoryFactory, InstrumentFactory


def test_every_kind_is_drawn_small_and_of_one_size():
    for draw, _codes in KINDS.values():
        content = drawn(draw)

        assert Image.open(io.BytesIO(content)).size == (960, 640)
        assert len(content) < 30_000


@pytest.mark.django_db
def test_each_instrument_gets_the_drawing_of_its_kind_once():
    frames = [InstrumentFactory(category=CategoryFactory(code="0201")) for _ in range(2)]
    other = InstrumentFactory(category=CategoryFactory(code="0402"))
    instruments = {each.code: each for each in [*frames, other]}

    for _ in range(2):
        assert load_pictures(instruments) == 3

    files = {photo.instrument_id: photo.file.name for photo in InstrumentPhoto.objects.all()}
    assert len(files) == InstrumentPhoto.objects.count() == 3
    read = {key: default_storage.open(name).read() for key, name in files.items()}
    assert read[frames[0].pk] == read[frames[1].pk] != read[other.pk]
    assert len(set(files.values())) == 3
