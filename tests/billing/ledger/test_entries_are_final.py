"""What is in the books stays as it is and balances: each way round, tried in plain SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from billing.ledger import operations, rules
from billing.models import Entry, Line
from kernel.refusals import violated
from tests.factories.accounts import OrganisationFactory
from tests.factories.ledger import MONDAY_9, posted

pytestmark = pytest.mark.django_db

ENTRY = """
INSERT INTO billing_entry (event_id, event, at, order_number, reason)
VALUES (%s, 'E2', '2026-11-23T01:00Z', '', '') RETURNING id
"""
LINE = "INSERT INTO billing_line (entry_id, account, fen, order_number, provider) VALUES (%s, %s, %s, '', '')"
LINES = """
INSERT INTO billing_line (entry_id, account, fen, order_number, provider)
SELECT %s, account, fen, '', '' FROM unnest(%s::text[], %s::bigint[]) AS leg (account, fen)
"""


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0] if cursor.description else None


def commit():
    """What a commit asks, asked inside the test's transaction."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def refused_by(*acts):
    """Return the constraint that refuses, at the latest when the acts are committed."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        for act in acts:
            act()
        commit()
    return violated(refusal.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_entry SET reason = 'another'",
        "UPDATE billing_entry SET event_id = event_id",
        "UPDATE billing_line SET fen = fen * 2",
        "UPDATE billing_line SET fen = fen",
        "DELETE FROM billing_line",
        "DELETE FROM billing_entry",
        "INSERT INTO billing_line (entry_id, account, fen, order_number, provider)"
        " SELECT entry_id, account, fen, '', '' FROM billing_line",
        "MERGE INTO billing_line USING billing_entry e ON entry_id = e.id WHEN MATCHED THEN UPDATE SET fen = 1",
        "INSERT INTO billing_entry (id, event_id, event, at, order_number, reason)"
        " SELECT id, 'x', event, at, '', '' FROM billing_entry ON CONFLICT (id) DO UPDATE SET event_id = 'x'",
    ],
)
def test_what_is_posted_is_neither_changed_nor_taken_away(statement):
    posted()
    commit()

    if statement.startswith("INSERT INTO billing_line"):
        # In the test's one transaction the entry is still its own; lines that balance may join it, and nothing breaks.
        sql(statement)
        commit()
        assert sum(line.fen for line in Line.objects.all()) == 0
    else:
        assert refused_by(lambda: sql(statement)) == "ledger_is_final"


@pytest.mark.parametrize("table", ["billing_entry", "billing_line"])
def test_the_books_are_not_emptied(table):
    """The guard is off in a test's database, so that what a test commits can go; here it is on."""
    guard = f"{table.removeprefix('billing_')}_is_not_emptied"

    def empty():
        sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER ledger_{guard}")
        sql(f"TRUNCATE {table} CASCADE")

    assert refused_by(empty) == "ledger_is_final"


def test_the_guards_are_on_unless_a_test_put_them_off():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgname LIKE 'ledger%' AND NOT tgisinternal ORDER BY tgname"
        )
        found = dict(cursor.fetchall())

    assert found == {
        "ledger_entry_is_balanced": "A",
        "ledger_entry_is_final": "A",
        "ledger_entry_is_not_emptied": "D",
        "ledger_line_is_final": "A",
        "ledger_line_is_not_emptied": "D",
        "ledger_line_joins_its_own_entry": "A",
    }


def test_an_entry_may_be_written_line_by_line_and_is_judged_at_commit():
    entry = sql(ENTRY, "by hand")
    sql(LINE, entry, "1002", 100)
    sql(LINE, entry, "2299", -60)
    sql(LINE, entry, "2299", -40)
    commit()

    assert [line.fen for line in Entry.objects.get(pk=entry).lines.order_by("pk")] == [100, -60, -40]


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [("1002", 100)],
        [("1002", 100), ("2299", -99)],
        [("1002", 100), ("2299", 100)],
        [("1002", 9223372036854775807), ("1001", 9223372036854775807), ("2299", 2)],
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_what_does_not_balance_is_not_committed(legs, at_once):
    def write():
        entry = sql(ENTRY, "off")
        if at_once:
            sql(LINES, entry, [account for account, _ in legs], [fen for _, fen in legs])
            return
        for account, fen in legs:
            sql(LINE, entry, account, fen)

    assert refused_by(write) == "ledger_entry_is_balanced"


def test_an_early_check_lets_no_later_line_by():
    """SET CONSTRAINTS makes the check at once; lines that come after it are checked again."""

    def write():
        entry = sql(ENTRY, "early")
        sql(LINES, entry, ["1002", "2299"], [100, -100])
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")
        sql(LINE, entry, "1002", 1)

    assert refused_by(write) == "ledger_entry_is_balanced"


@pytest.mark.parametrize(
    "session",
    [
        "SET LOCAL session_replication_role = replica",
        "SET LOCAL pgtrigger.ignore = '{ledger_entry_is_final}'",
        "SET LOCAL search_path = pg_temp, public",
        "SET CONSTRAINTS ALL DEFERRED",
    ],
)
def test_no_setting_of_a_session_opens_the_books(session):
    posted()
    commit()

    def change():
        sql(session)
        sql("UPDATE billing_line SET fen = fen * 2")

    def unbalance():
        sql(session)
        sql(LINE, sql(ENTRY, "off"), "1002", 1)

    assert refused_by(change) == "ledger_is_final"
    assert refused_by(unbalance) == "ledger_entry_is_balanced"


def test_a_table_of_the_same_name_does_not_deceive_the_check():
    """Temporary tables come first on the search path of a session, and not on the triggers'."""

    def deceive():
        entry = sql(ENTRY, "deceit")
        sql(LINE, entry, "1002", 100)
        sql("CREATE TEMPORARY TABLE billing_line (entry_id bigint, fen bigint) ON COMMIT DROP")
        sql("INSERT INTO pg_temp.billing_line VALUES (%s, 1), (%s, -1)", entry, entry)

    assert refused_by(deceive) == "ledger_entry_is_balanced"


@pytest.mark.parametrize("table", ["entry", "line"])
def test_nothing_bears_the_number_of_another_transaction(table):
    def forge():
        if table == "entry":
            sql(
                "INSERT INTO billing_entry (event_id, event, at, order_number, reason, posted_in)"
                " VALUES ('forged', 'E2', now(), '', '', '5')"
            )
            key = sql("SELECT id FROM billing_entry WHERE event_id = 'forged'")
            sql(LINES, key, ["1002", "2299"], [100, -100])
        else:
            sql(
                "INSERT INTO billing_line (entry_id, account, fen, order_number, provider, posted_in)"
                " SELECT %s, account, fen, '', '', '5' FROM (VALUES ('1002', 1), ('2299', -1)) AS leg (account, fen)",
                sql(ENTRY, "forged"),
            )

    assert refused_by(forge) == "ledger_line_joins_its_own_entry"


def test_one_entry_among_many_that_does_not_balance_is_found():
    def write():
        keys = [sql(ENTRY, f"many {number}") for number in range(3)]
        off = [100, -100, 100, -99, 100, -100]
        sql(
            "INSERT INTO billing_line (entry_id, account, fen, order_number, provider)"
            " SELECT entry, '1002', fen, '', '' FROM unnest(%s::bigint[], %s::bigint[]) AS leg (entry, fen)",
            [key for key in keys for _ in range(2)],
            off,
        )

    assert refused_by(write) == "ledger_entry_is_balanced"


@pytest.mark.django_db(transaction=True)
def test_one_entry_among_many_that_was_posted_before_is_found():
    before = posted()

    def write():
        sql(
            "INSERT INTO billing_line (entry_id, account, fen, order_number, provider)"
            " SELECT entry, '1002', fen, '', '' FROM unnest(%s::bigint[], %s::bigint[]) AS leg (entry, fen)",
            [*[sql(ENTRY, "of today")] * 2, *[before.pk] * 2],
            [100, -100, 1, -1],
        )

    assert refused_by(write) == "ledger_line_joins_its_own_entry"


def test_an_entry_without_lines_bears_the_number_of_its_transaction():
    forge = (
        "INSERT INTO billing_entry (event_id, event, at, order_number, reason, posted_in)"
        " VALUES ('forged', 'E2', now(), '', '', '5')"
    )

    assert refused_by(lambda: sql(forge)) == "ledger_entry_bears_its_transaction"


@pytest.mark.django_db(transaction=True)
def test_a_line_joins_no_entry_of_another_transaction():
    entry = posted()

    assert refused_by(lambda: sql(LINES, entry.pk, ["1002", "2299"], [1, -1])) == "ledger_line_joins_its_own_entry"


@pytest.mark.django_db(transaction=True)
def test_a_commit_is_refused_as_a_whole():
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        sql(LINE, sql(ENTRY, "off"), "1002", 1)

    assert violated(refusal.value) == "ledger_entry_is_balanced"
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("account", "constraint"),
    [
        *[(account.value, "ledger_line_names_its_sub_ledger") for account, kept in rules.CHART.items() if kept.per],
        ("9999", "ledger_account_is_known"),
    ],
)
def test_a_line_names_what_its_account_is_kept_by(account, constraint):
    assert refused_by(lambda: sql(LINE, sql(ENTRY, "nameless"), account, 1)) == constraint


def test_a_line_moves_something():
    assert refused_by(lambda: sql(LINE, sql(ENTRY, "nothing"), "1002", 0)) == "ledger_line_moves_something"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("'', 'E2', NULL, ''", "ledger_event_has_an_id"),
        ("'x', 'E99', NULL, ''", "ledger_event_is_known"),
        ("'x', 'reversal', NULL, 'why'", "ledger_reversal_is_an_event"),
        ("'x', 'E2', (SELECT min(id) FROM billing_entry), ''", "ledger_reversal_is_an_event"),
        ("'x', 'reversal', (SELECT min(id) FROM billing_entry), ''", "ledger_hand_gives_a_reason"),
        ("'x', 'hand', NULL, ''", "ledger_hand_gives_a_reason"),
        ("'there', 'E2', NULL, ''", "ledger_event_is_posted_once"),
        ("'x', 'reversal', (SELECT reverses_id FROM billing_entry WHERE event_id = 'back'), 'why'",
         "ledger_entry_is_reversed_once"),
    ],
)  # fmt: skip
def test_an_entry_says_what_it_is_of(values, constraint):
    operations.reverse(entry=posted(event_id="there"), by=None, reason="why", now=MONDAY_9, event_id="back")
    columns = "event_id, event, reverses_id, reason, at, order_number"
    statement = f"INSERT INTO billing_entry ({columns}) VALUES ({values}, now(), '')"  # noqa: S608 -- as written above

    assert refused_by(lambda: sql(statement)) == constraint


def test_an_organisation_of_a_line_exists():
    legs = rules.bank_transfer(100, OrganisationFactory().pk + 1_000)

    assert "organisation_id" in refused_by(lambda: posted(legs=legs))
