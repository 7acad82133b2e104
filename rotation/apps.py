"""App configuration."""

from django.apps import AppConfig


class RotationConfig(AppConfig):
    """The rotation."""

    name = "rotation"
    verbose_name = "Rundgang"
