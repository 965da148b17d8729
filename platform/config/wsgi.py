"""The platform as a WSGI application."""

import gc
import os
import sys
from threading import Thread

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils import translation

from labs.capabilities import units

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.setswitchinterval(0.001)
"""Threads wait for the database most of the time: who has its answer gets the interpreter in 1 ms, not 5."""

application = get_wsgi_application()


def get_ready() -> None:
    """
    Do what the first who asks would wait for, and keep all that was loaded out of the garbage collector's rounds.

    Units take a second and a half, the pages' modules another. A full round over four hundred thousand objects that
    never become garbage holds up everybody for 200 ms, once in some twenty pages; frozen, it takes 2 ms.
    """
    units.registry()
    _ = get_resolver().url_patterns
    for language in ("zh-hans", "en"):
        with translation.override(language):
            translation.gettext("Catalogue")
    gc.collect()
    gc.freeze()


Thread(target=get_ready, daemon=True).start()
