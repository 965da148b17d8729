"""Pages of invoices and documents: a customer's, and the desk's of a lab."""
