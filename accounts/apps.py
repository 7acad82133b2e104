"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Sign-in."""

    name = "accounts"
