"""Rows read by hand are the rows the ORM reads."""

import pytest
from django.db import connection

from bookings.models import Rental
from kernel.rows import Joined
from labs.catalogue import queries as catalogue
from labs.models import Instrument
from tests.factories.bookings import confirmed
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db

ONE_RENTAL = "SELECT {columns} FROM bookings_rental one WHERE id = %s"


def test_an_instrument_read_by_hand_equals_the_one_the_orm_reads(django_assert_num_queries):
    made = InstrumentFactory()
    expected = Instrument.objects.published().select_related("lab", "category").get(code=made.code)

    with django_assert_num_queries(1):
        found = catalogue.published_instrument(made.code)
        assert (found.lab.name_zh, found.category.code) == (expected.lab.name_zh, expected.category.code)

    for one, other in ((found, expected), (found.lab, expected.lab), (found.category, expected.category)):
        names = [field.attname for field in type(other)._meta.concrete_fields]
        assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}


@pytest.mark.parametrize("hidden", [{"published": False}, {"status": "retired"}, {"lab__is_active": False}])
def test_what_the_catalogue_does_not_show_is_not_found_by_hand_either(hidden):
    made = InstrumentFactory(**hidden)

    assert not Instrument.objects.published().filter(code=made.code).exists()
    assert catalogue.published_instrument(made.code) is None


def test_values_that_the_database_gives_otherwise_are_converted():
    rental = confirmed(instrument=InstrumentFactory())
    expected = Rental.objects.get(pk=rental.pk)
    joined = Joined(one=Rental)

    with connection.cursor() as cursor:
        cursor.execute(ONE_RENTAL.format(columns=joined.columns), [rental.pk])
        (found,) = joined.read(cursor.fetchone())

    names = [field.attname for field in Rental._meta.concrete_fields]
    assert {name: getattr(found, name) for name in names} == {name: getattr(expected, name) for name in names}
    assert found.price_lines[0]["kind"] == "usage"
