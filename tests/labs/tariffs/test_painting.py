"""Hours of a price list are painted by a form, with or without a script."""

from typing import Any

import pytest
from django.test import Client

from labs.models import Instrument, Tariff
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory
from tests.labs.tariffs.test_tariff_pages import NIGHT, TERMS, of_lab, path, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory()


def paint(client: Client, instrument: Instrument, *bands: dict[str, Any], **said: Any) -> Any:
    told = {"brush": "band-0", "day_types": ["workday"], "start": "12:00", "end": "14:00", **said}
    sent = {f"paint-{name}": value for name, value in told.items()}
    return client.post(path(instrument), {**TERMS, "paint": "1", **sent, **rows("bands", *bands)})


def written(answer: Any) -> list[tuple[Any, ...]]:
    names = ("name", "start", "end", "day_types", "rate_bp")
    return [tuple(row.initial[name] for name in names) for row in answer.context["rows"].initial_forms]


def test_hours_are_painted_with_a_band_and_nothing_is_published(client_as: Any, instrument: Instrument) -> None:
    answer = paint(client_as(of_lab(instrument)), instrument, NIGHT)

    assert (answer.status_code, Tariff.objects.count()) == (200, 1)
    assert written(answer) == [
        ("night", "22:00", "08:00", ["workday", "restday"], 6_000), ("night", "12:00", "14:00", ["workday"], 6_000),
    ]  # fmt: skip
    html = answer.content.decode()
    assert 'value="320.50"' in html
    assert "12:00–14:00: 60 %, ¥192.30" in html
    assert answer.context["paint"].initial == {"brush": "band-0"}


def test_a_new_band_is_painted_and_is_then_the_one_to_paint_with(client_as: Any, instrument: Instrument) -> None:
    answer = paint(
        client_as(of_lab(instrument)), instrument, NIGHT, brush="new", name_zh="午间", rate_bp="62.5",
        day_types=["workday", "holiday"],
    )  # fmt: skip

    assert written(answer)[1] == ("午间", "12:00", "14:00", ["workday", "holiday"], 6_250)
    assert answer.context["paint"].initial == {"brush": "band-1"}


def test_the_base_rate_takes_hours_away(client_as: Any, instrument: Instrument) -> None:
    answer = paint(
        client_as(of_lab(instrument)), instrument, NIGHT, brush="standard", start="22:00", end="08:00",
        day_types=["workday", "restday"],
    )  # fmt: skip

    assert written(answer) == []
    assert answer.context["paint"].initial == {"brush": "standard"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"brush": "band-7"}, "brush"),
        ({"brush": ""}, "brush"),
        ({"day_types": []}, "day_types"),
        ({"start": ""}, "start"),
        ({"end": "25:00"}, "end"),
        ({"brush": "new", "rate_bp": "50"}, "name_zh"),
        ({"brush": "new", "name": "noon"}, "rate_bp"),
        ({"brush": "new", "name": "noon", "rate_bp": "-1"}, "rate_bp"),
    ],
)
def test_what_cannot_be_painted_is_said_beside_the_field(
    client_as: Any, instrument: Instrument, said: Any, field: str
) -> None:
    answer = paint(client_as(of_lab(instrument)), instrument, NIGHT, **said)

    assert (answer.status_code, list(answer.context["paint"].errors)) == (422, [field])


def test_painting_waits_until_the_rows_are_right_and_makes_no_more_bands_than_there_may_be(
    client_as: Any, instrument: Instrument
) -> None:
    client = client_as(of_lab(instrument))

    assert paint(client, instrument, NIGHT, {**NIGHT, "start": ""}).status_code == 422
    many = [{**NIGHT, "start": f"{2 * hour:02d}:00", "end": f"{2 * hour + 1:02d}:00"} for hour in range(12)]
    full = paint(client, instrument, *many, brush="new", name="x", rate_bp="1", start="02:15", end="02:30")
    assert full.status_code == 422
    assert full.context["paint"].non_field_errors() == ["That would make more than 12 bands."]


def test_who_may_not_write_paints_nothing(client_as: Any, instrument: Instrument) -> None:
    assert paint(client_as(of_lab(instrument, "lab_operator")), instrument, NIGHT).status_code == 403
    assert paint(client_as(LabMembershipFactory(role="lab_manager")), instrument, NIGHT).status_code == 404
