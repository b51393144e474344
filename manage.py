#!/usr/bin/env python
"""Remit's command line. Without a production setting in the environment it works in local mode (raci/settings.py)."""

import os
import sys

PRODUCTION_SETTINGS = ("SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci.settings")
    if not any(name in os.environ for name in PRODUCTION_SETTINGS):
        os.environ.setdefault("REMIT_LOCAL", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
