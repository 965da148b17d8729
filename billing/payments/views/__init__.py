"""Pages of transfers: those of the platform's finance, and an organisation's own."""
