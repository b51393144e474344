"""manage.py backup FILE: the whole database as one file, also while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raci.web import databases


class Command(BaseCommand):
    help = "Writes the whole database to one file that only you can read. Safe while Remit runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="overwrite the file if it exists")

    def handle(self, *args: Any, file: Path, force: bool, **options: Any) -> None:
        if file.exists() and not force:
            raise CommandError(f"{file} exists. Choose another name, or add --force to overwrite it.")
        if not file.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {file.absolute().parent}.")
        if databases.is_empty():
            raise CommandError("There is no database yet. Run manage.py migrate first.")
        try:
            databases.write_to(file)
        except databases.NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {file} ({file.stat().st_size:,} bytes).")
