"""
Calendars over HTTP: what calendar programs fetch.

The token in the address is the key: no cookie, no log-in, no redirect; without a living feed the answer is an empty
404. The validator is the hash of the body, which is made anew each time (Note [Same state, same bytes]).
"""

import gzip
import hashlib
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from bookings.calendars import operations, queries
from bookings.calendars.calendar_text import write
from bookings.calendars.models import FeedToken
from bookings.rentals.models import Rental
from web.access import feed_token, member
from web.requests import MemberRequest

CALENDAR = "text/calendar; charset=utf-8"
KEPT_FOR = "private, max-age=300"


@csrf_exempt  # nothing can be posted here: the answer to a POST is that it is not allowed
@require_safe
@feed_token
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the feed that the token opens."""
    now = timezone.now()
    found = queries.feed_of(token) or _opened(token, now)
    if found is None:
        return discreet(HttpResponse(status=404, content_type="text/plain", headers={"Cache-Control": "no-store"}))
    body = write(queries.calendar_of(found, source=queries.feed_url(token), now=now))
    changed_at = operations.note_answer(found, body, now=now)
    return discreet(answer(request, body, changed_at=changed_at))


@require_safe
@member
def rental(request: MemberRequest, number: str) -> HttpResponse:
    """Answer with the calendar file of one rental of the member's organisation."""
    rentals = Rental.objects.visible_to(request.member).select_related("instrument__lab")
    found = get_object_or_404(rentals, number=number)
    calendar = queries.calendar_of_rental(found, now=timezone.now())
    if calendar is None:
        raise Http404
    response = HttpResponse(write(calendar), content_type=CALENDAR)
    response["Content-Disposition"] = f'attachment; filename="{found.number}.ics"'
    response["Cache-Control"] = "private, no-cache"
    return response


def _opened(token: str, now: datetime) -> FeedToken | None:
    instrument = queries.instrument_first_asked_for(token)
    return operations.open_busy_feed(instrument=instrument, token=token, now=now) if instrument else None


def answer(request: HttpRequest, body: bytes, *, changed_at: datetime) -> HttpResponse:
    """
    Answer with a calendar, packed where the client takes that, or with 304 when the client has it already.

    Note [One calendar, two bodies]: the packed body is another body and has a strong ETag of its own. Whichever of
    the two a client holds, it is still good when the calendar is the same, as long as the client takes that coding.
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    etags = [f'"{digest}-gzip"', f'"{digest}"'] if packed else [f'"{digest}"']
    held = _still_good(request, etags, changed_at)
    response: HttpResponse
    if held:
        response = HttpResponseNotModified(headers={"ETag": held})
    else:
        sent = gzip.compress(body, compresslevel=6, mtime=0) if packed else body
        response = HttpResponse(b"" if request.method == "HEAD" else sent, content_type=CALENDAR)
        response["ETag"] = etags[0]
        response["Content-Length"] = str(len(sent))
        if packed:
            response["Content-Encoding"] = "gzip"
    response["Last-Modified"] = http_date(changed_at.timestamp())
    response["Cache-Control"] = KEPT_FOR
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _still_good(request: HttpRequest, etags: list[str], changed_at: datetime) -> str | None:
    """Return the validator of what the client holds when that is what it would get; ETags speak before dates."""
    if named := request.headers.get("If-None-Match"):
        held = [etag.removeprefix("W/") for etag in parse_etags(named)]
        return next((etag for etag in etags if etag in held or "*" in held), None)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return etags[0] if since is not None and changed_at.timestamp() <= since else None


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip: by its name or by `*`, and not with a quality of zero."""
    qualities = {}
    for part in accepted.lower().split(","):
        coding, _, parameter = part.partition(";")
        qualities[coding.strip()] = parameter.strip().removeprefix("q=").strip()
    quality = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", "0")))
    return not quality or quality.strip("0.") != ""


def discreet(response: HttpResponse) -> HttpResponse:
    """Keep the address of a feed out of other sites' logs and out of search engines."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
