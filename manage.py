#!/usr/bin/env python3
"""Django's command line; reads the running server's `runtime.env` for what is not set."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{str(error).rstrip('.')}: start `make run` first, or see docs/operator.md.")


if __name__ == "__main__":
    main()
