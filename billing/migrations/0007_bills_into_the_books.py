"""
Bills from before the books: by what they are paid, the payment, and their entries as if they had been posted then.

An open bill has its customer's money in escrow (E3, E3b), a cancelled one its fee with the lab (E9). One whose rental is
settled is closed without entries: nobody kept what the lab earned by it.
"""

from django.db import migrations, models
from django.db.models import F

SETTLED = """
UPDATE billing_bill SET state = 'settled', settled_at = changed_at
WHERE state = 'open' AND order_number IN (SELECT number FROM bookings_rental WHERE status = 'settled')
"""
EVENTS = {"account": ("E3b", "1122"), "transfer": ("E3", "2203"), "online": ("E3", "2203")}


def bring(apps, schema_editor):
    """Give each bill its way, its payment and its entries."""
    bills = apps.get_model("billing", "Bill").objects
    for way in ("online", "transfer"):
        bills.filter(tender=way).update(way=way)
    bills.update(served_on=F("created_at__date"))
    bills.filter(state="cancelled").update(cancelled_at=F("changed_at"))
    tables = schema_editor.connection.introspection.table_names()
    if "bookings_rental" in tables:
        schema_editor.execute(SETTLED)
    for bill in bills.exclude(state="settled"):
        owed = bill.fee_fen if bill.state == "cancelled" else bill.total_fen
        if owed:
            keep(apps, bill, owed)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def keep(apps, bill, owed):
    """Post what is owed of a bill."""
    apps.get_model("billing", "Tender").objects.create(
        bill=bill, way=bill.way, paid_fen=owed, paid_at=bill.created_at
    )
    event, source = EVENTS[bill.way]
    customer = {"organisation_id": bill.organisation_id}
    post(apps, bill, 1, event, [(source, owed, customer), ("2205", -owed, {})])
    bill.postings = 1
    if bill.state == "cancelled":
        post(apps, bill, 2, "E9", [("2205", owed, {}), ("2207", -owed, {"lab_id": bill.lab_id})])
        bill.postings = 2
    bill.save(update_fields=["postings"])


def post(apps, bill, number, event, legs):
    """Write one entry with its lines."""
    entry = apps.get_model("billing", "Entry").objects.create(
        event_id=f"bill:{bill.order_number}:{number}",
        event=event,
        at=bill.changed_at,
        order_number=bill.order_number,
        organisation_id=bill.organisation_id,
        lab_id=bill.lab_id,
    )
    for account, fen, whose in legs:
        apps.get_model("billing", "Line").objects.create(
            entry=entry, account=account, fen=fen, order_number=bill.order_number, **whose
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_bills_and_books")]

    operations = [
        migrations.RunPython(bring, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='bill',
            name='tender',
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'settled'), _negated=True), ('settled_at__isnull', False), _connector='OR'), name='bill_settled_says_when'),
        ),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), ('cancelled_at__isnull', False), _connector='OR'), name='bill_cancelled_says_when'),
        ),
    ]
