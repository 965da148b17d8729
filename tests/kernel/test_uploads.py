"""What people hand in is judged by its bytes, and a picture is written anew."""

import io

import pytest
from PIL import Image

from kernel import uploads


def drawn(kind="JPEG", size=(40, 20), **saved):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, format=kind, **saved)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0....", "jpg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<html>", None),
        (b"<svg xmlns=", None),
        (b"GIF89a", None),
        (b"MZ\x90", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(content, kind):
    assert uploads.sniffed(content) == kind


@pytest.mark.parametrize(("format_", "kind"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture_is_kept_as_a_picture_of_its_kind(format_, kind):
    kept = uploads.picture(drawn(format_))

    assert (kept.kind, Image.open(io.BytesIO(kept.content)).format) == (kind, format_)


def test_a_photo_loses_the_place_where_it_was_taken():
    exif = Image.Exif()
    exif[0x010E] = "a note of the camera"
    exif.get_ifd(0x8825)[1] = "N"
    given = drawn(exif=exif.tobytes())

    kept = uploads.picture(given)

    assert b"a note of the camera" in given
    assert dict(Image.open(io.BytesIO(kept.content)).getexif()) == {}


def test_a_photo_stands_upright_and_no_larger_than_a_page_shows():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side

    kept = Image.open(io.BytesIO(uploads.picture(drawn(size=(3000, 1500), exif=exif.tobytes())).content))

    assert kept.size == (1200, 2400)


def test_what_hides_behind_a_picture_is_not_kept():
    kept = uploads.picture(drawn() + b"<script>alert(1)</script>")

    assert b"script" not in kept.content


def test_a_document_is_kept_as_it_was_handed_in():
    assert uploads.document(b"%PDF-1.7 sealed") == uploads.Upload("pdf", b"%PDF-1.7 sealed")


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (b"%PDF-1.7", uploads.FileKindUnknown, "JPEG, PNG, WebP"),
        (b"<html>", uploads.FileKindUnknown, "JPEG, PNG, WebP"),
        (b"\x89PNG\r\n\x1a\n....", uploads.PictureUnreadable, "50"),
        (drawn()[:200], uploads.PictureUnreadable, "50"),
        (b"\xff\xd8\xff" + bytes(uploads.LARGEST_PICTURE), uploads.FileTooLarge, "8 MB"),
    ],
)
def test_what_is_no_picture_is_refused_by_saying_what_will_do(content, refusal, said):
    with pytest.raises(refusal) as refused:
        uploads.picture(content)

    assert said in str(refused.value)


def test_a_picture_beyond_measure_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PIXELS", 100)

    with pytest.raises(uploads.PictureUnreadable):
        uploads.picture(drawn(size=(11, 10)))


def test_a_kept_file_has_a_name_of_ours():
    name, content = uploads.document(b"%PDF-1.7 sealed").named()

    assert len(name) == 36
    assert name.endswith(".pdf")
    assert content.read() == b"%PDF-1.7 sealed"
