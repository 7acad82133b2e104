"""Project configuration: settings, URLs, Celery, WSGI; everything comes from the environment."""

from config.celery import app

__all__ = ["app"]
