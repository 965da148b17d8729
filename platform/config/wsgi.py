"""The platform as a WSGI application."""

import os
import sys
from threading import Thread

from django.core.wsgi import get_wsgi_application

from labs.capabilities import units

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.setswitchinterval(0.001)
"""Threads wait for the database most of the time: who has its answer gets the interpreter in 1 ms, not 5."""

application = get_wsgi_application()

Thread(target=units.registry, daemon=True).start()
"""A second and a half that whoever compares units first would wait for; nobody else waits for it."""
