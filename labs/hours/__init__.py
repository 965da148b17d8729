"""Opening hours, holidays, exceptions and outages, and the open time that follows from them."""
