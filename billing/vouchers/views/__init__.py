"""Vouchers as pages: an organisation's own, and what the platform's operator gives, decides and claims."""
