"""Double entry, written once: the floor on which all that is owed and paid stands."""
