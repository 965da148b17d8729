"""The public pages of labs, services and standards: what may be relied on, and until when."""
