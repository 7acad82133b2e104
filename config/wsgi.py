"""The web server's entry."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Where gunicorn preloads, all its workers share the views, and no first visitor waits for them.
import_module("config.urls")
# What lives as long as the process is never looked through again: looking writes into its pages,
# and what is written the workers no longer share (a quarter of their memory).
gc.freeze()
