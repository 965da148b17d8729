"""Certificates, and whether an instrument is calibrated at an instant."""
