"""Refusals: a code, a sentence in the person's language, the facts; and constraints that become one."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bookings.availability.rules import DurationTooShort, NotOnSlotGrid
from kernel.refusals import Busy, Refusal, Refusals, bounded_wait, refusing
from labs.models import HolidayDate


class Taken(Refusal):
    code = "taken"
    cure = _("Free again from {free_from}.")


def test_a_refusal_says_its_facts_in_the_language_of_the_page():
    refusal = DurationTooShort(min_minutes=60)

    with translation.override("en"):
        assert str(refusal) == "Book at least 60 minutes."
    with translation.override("zh-hans"):
        assert "60" in str(refusal)


class Full(Taken):
    otherwise = _("Choose another day.")


def test_a_fact_nobody_gave_does_not_break_the_sentence():
    with translation.override("en"):
        assert str(DurationTooShort()) == "Book at least {min_minutes} minutes."


def test_a_remedy_is_said_only_where_all_that_it_names_is_known():
    with translation.override("en"):
        assert Taken(free_from="14:00").remedy == "Free again from 14:00."
    assert [Taken().remedy, Taken(free_from=None).remedy, DurationTooShort(min_minutes=60).remedy] == ["", "", ""]


def test_where_a_fact_of_the_remedy_is_not_known_it_is_said_what_else_to_do():
    with translation.override("en"):
        assert [Full(free_from="14:00").remedy, Full().remedy] == ["Free again from 14:00.", "Choose another day."]


def test_the_remedies_of_several_refusals_are_told_in_the_order_of_the_rules():
    with translation.override("en"):
        several = Refusals([Taken(free_from="14:00"), Taken(), Taken(free_from="15:00")])
        assert several.remedy == "Free again from 14:00. Free again from 15:00."


def test_several_refusals_are_told_in_the_order_of_the_rules_and_named_by_the_first():
    several = Refusals([NotOnSlotGrid(grid=30), DurationTooShort(min_minutes=60)])

    assert (several.code, several.status) == ("NOT_ON_SLOT_GRID", 422)
    with translation.override("en"):
        assert str(several).endswith("Book at least 60 minutes.")


@pytest.mark.django_db
def test_a_violated_constraint_becomes_the_refusal_of_its_name_and_the_transaction_goes_on():
    HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")

    with pytest.raises(Taken), refusing(holiday_date_is_unique=Taken):
        HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")

    assert HolidayDate.objects.count() == 1


@pytest.mark.django_db
def test_another_constraint_rises_as_the_fault_it_is():
    HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")

    with pytest.raises(IntegrityError), refusing(some_other_constraint=Taken):
        HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")


@pytest.mark.django_db(transaction=True)
def test_bk_17_rows_held_by_others_for_too_long_are_a_refusal_and_not_a_fault():
    held = HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")
    other = connection.copy()
    other.ensure_connection()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT FROM labs_holidaydate WHERE id = %s FOR UPDATE", [held.pk])
    try:
        with pytest.raises(Busy), transaction.atomic(), bounded_wait():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
            HolidayDate.objects.select_for_update().get(pk=held.pk)
    finally:
        other.close()
