"""Rows read by hand are the rows the ORM reads."""

import pytest

from accounts.models import Organisation
from audit.models import AuditEvent
from kernel.rows import Joined
from labs.catalogue import queries as catalogue
from labs.models import Instrument
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db


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


def test_a_model_whose_values_need_converting_is_refused():
    joined = Joined(event=AuditEvent)

    with pytest.raises(TypeError, match=r"AuditEvent\.facts"):
        joined.read([])
    assert Joined(organisation=Organisation).columns.startswith('organisation."id"')
