"""Sending files that people handed in, once a view has asked who is asking."""

from pathlib import PurePath

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse

from kernel.uploads import CONTENT_TYPES


def kind_of(file: FieldFile) -> str:
    """Return what kind of file it is; its name was given by us: see Note [Uploads]."""
    return PurePath(file.name or "").suffix.removeprefix(".")


def sent(file: FieldFile, *, name: str) -> HttpResponse:
    """
    Return a file in which nothing can act: a picture is shown, a PDF is taken away, under a name without its ending.

    Raises:
        Http404: there is none, or it is of no kind we keep.
    """
    kind = kind_of(file)
    if kind not in CONTENT_TYPES:
        raise Http404
    try:
        with file.open("rb") as opened:
            response = HttpResponse(opened.read(), content_type=CONTENT_TYPES[kind])
    except FileNotFoundError as error:
        raise Http404 from error
    how = "attachment" if kind == "pdf" else "inline"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}.{kind}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
