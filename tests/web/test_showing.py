"""Pages, fragments, errors, forms and what templates say often."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation
from django_htmx.middleware import HtmxDetails

from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal
from tests.factories.accounts import MembershipFactory, UserFactory
from web import moments
from web.errors import RefusalMiddleware, fault, forbidden
from web.pages import show

GUANGZHOU = ZoneInfo("Asia/Shanghai")


def asked(**headers: str) -> Any:
    """A request as the middleware leaves it, with messages kept in a list."""
    request: Any = RequestFactory().get("/", headers=headers)
    request.user, request.member, request.memberships = AnonymousUser(), None, []
    request.htmx = HtmxDetails(request)
    request._messages = CookieStorage(request)
    request.session = {}
    return request


@pytest.fixture
def one_page(settings: Any, tmp_path: Any) -> str:
    """A template with a part of its own."""
    (tmp_path / "one.html").write_text("<h1>all</h1>{% partialdef part inline %}<p>part</p>{% endpartialdef %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    return "one.html"


def test_everyone_gets_the_page_and_htmx_the_part(one_page: str) -> None:
    whole = show(asked(), one_page, fragment="part")
    part = show(asked(**{"HX-Request": "true"}), one_page, fragment="part", status=422)

    assert (whole.status_code, whole.content) == (200, b"<h1>all</h1><p>part</p>")
    assert (part.status_code, part.content) == (422, b"<p>part</p>")
    assert part.headers["Vary"] == "HX-Request"


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_link_followed_by_htmx_gets_the_page(one_page: str, header: str) -> None:
    request = asked(**{"HX-Request": "true", header: "true"})

    assert show(request, one_page, fragment="part").content == b"<h1>all</h1><p>part</p>"


def test_a_part_brings_the_messages_with_it(one_page: str) -> None:
    request = asked(**{"HX-Request": "true"})
    messages.success(request, "Held.")

    content = show(request, one_page, fragment="part").content.decode()

    assert content.startswith("<p>part</p>")
    assert 'hx-swap-oob="true"' in content
    assert "Held." in content


@pytest.mark.django_db
def test_a_page_that_is_not_there_shows_the_way_back(client: Client) -> None:
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert 'href="/catalogue/"' in answer.content.decode()


@pytest.mark.django_db
def test_an_error_page_knows_for_whom_one_acts(client_as: Any) -> None:
    member = MembershipFactory(organisation__name_zh="甲公司")

    assert "甲公司" in client_as(member).get("/nowhere/").content.decode()


@pytest.mark.django_db
def test_who_belongs_to_no_organisation_is_shown_how_to_register_one(client: Client) -> None:
    client.force_login(UserFactory(), "django.contrib.auth.backends.ModelBackend")

    answer = client.get("/my/")

    assert answer.status_code == 403
    assert answer.content.decode().count('href="/organisation/new/"') == 2


def test_a_fault_is_told_without_the_database() -> None:
    """No database mark: a query would fail this test."""
    answer = fault(HttpRequest())

    assert answer.status_code == 500
    assert "500" in answer.content.decode()


def test_htmx_is_told_the_reason_alone() -> None:
    answer = forbidden(asked(**{"HX-Request": "true"}), PermissionDenied("Only the owner."))

    assert answer.status_code == 403
    assert "Only the owner." in answer.content.decode()
    assert "<html" not in answer.content.decode()


class Declined(Refusal):
    code = "declined"
    message = "{what} is declined."


@pytest.mark.parametrize(("headers", "is_page"), [({}, True), ({"HX-Request": "true"}, False)])
def test_a_refusal_no_page_expected_is_a_sentence_and_no_fault(headers: dict[str, str], is_page: bool) -> None:
    middleware = RefusalMiddleware(lambda request: HttpResponse())

    answer = middleware.process_exception(asked(**headers), Declined(what="That"))

    assert answer is not None
    assert answer.status_code == 409
    assert "That is declined." in answer.content.decode()
    assert ("<html" in answer.content.decode()) == is_page
    assert middleware.process_exception(asked(), RuntimeError()) is None


@pytest.mark.django_db
def test_what_a_person_sees_signed_in_is_kept_by_no_cache_between(client_as: Any) -> None:
    answer = client_as(MembershipFactory()).get("/my/")

    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
def test_htmx_leaves_the_page_for_the_log_in_and_comes_back() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/instruments/T-1/?day=2026-11-25"}

    answer = Client().post("/acting/", headers=headers)

    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=%2Finstruments%2FT-1%2F%3Fday%3D2026-11-25"


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})

    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode() or "刷新" in answer.content.decode()


@pytest.mark.django_db
def test_a_page_keeps_others_from_framing_it_and_from_running_scripts_in_it(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the licence.")
    size = forms.ChoiceField(label="Size", choices=[("s", "Small"), ("m", "Medium")])
    how = forms.ChoiceField(label="How", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed")
    note = forms.CharField(required=False, widget=forms.Textarea)


def test_a_form_is_drawn_by_tabler_with_labels_and_hints() -> None:
    html = str(Sample())

    assert html.count("form-control") == 2
    assert html.count("form-select") == 1
    assert html.count("form-check-input") == 3
    assert '<legend class="form-label required">How</legend>' in html
    assert 'aria-describedby="id_name_helptext"' in html


def test_what_was_refused_is_marked_and_told() -> None:
    html = str(Sample({"size": "s", "how": "a", "agreed": "on"}))

    assert html.count("is-invalid") == 1
    assert 'id="id_name_error"' in html


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-11-25T01:00", "2026-11-25T03:00", "2026-11-25 Wed 09:00–11:00 (UTC+8)"),
        ("2026-11-25T01:00", "2026-11-25T16:00", "2026-11-25 Wed 09:00–24:00 (UTC+8)"),
        ("2026-11-25T14:00", "2026-11-25T18:00", "2026-11-25 Wed 22:00 – 2026-11-26 Thu 02:00 (UTC+8)"),
    ],
)
def test_a_period_is_said_on_the_labs_clock(start: str, end: str, shown: str) -> None:
    stretch = Period(*(datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)))

    with translation.override("en"):
        assert moments.period(stretch, GUANGZHOU) == shown


def test_a_zone_is_said_as_its_distance_from_utc() -> None:
    at = datetime(2026, 11, 25, 1, tzinfo=UTC)

    assert [moments.zone(at.astimezone(ZoneInfo(name))) for name in ("America/St_Johns", "Asia/Kolkata", "UTC")] == [
        "UTC-3:30",
        "UTC+5:30",
        "UTC+0",
    ]


@pytest.mark.parametrize(("minutes", "shown"), [(0, "0 minutes"), (90, "1 hour 30 minutes"), (120, "2 hours")])
def test_a_length_is_said_in_hours_and_minutes(minutes: int, shown: str) -> None:
    with translation.override("en"):
        assert moments.length(minutes) == shown


def drawn(text: str, **context: Any) -> str:
    return Template("{% load gongheng %}" + text).render(Context(context))


def test_templates_say_money_whoever_counts_it() -> None:
    assert (
        drawn("{{ a|money }} {{ b|money }} {{ c|money }}", a=Money(123450), b=123450, c=None) == "¥1,234.50 ¥1,234.50 "
    )


def test_an_icon_is_decoration_unless_it_is_labelled() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "calendar" %}')
    assert 'role="img" aria-label="&lt;Free&gt;"' in drawn('{% icon "calendar" label=said %}', said="<Free>")


def test_a_link_changes_one_thing_of_the_query() -> None:
    request = RequestFactory().get("/catalogue/?q=卡尺&page=3&kind=rental")

    assert drawn('{% query page=None kind="testing" %}', request=request) == "?q=%E5%8D%A1%E5%B0%BA&amp;kind=testing"
