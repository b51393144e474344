"""manage.py restore FILE: the database becomes what a backup says; what was there is kept aside."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from raci.web import databases


class Command(BaseCommand):
    help = "Replaces the database by a file that manage.py backup wrote. Checks the file first, keeps the old data."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace the data that is there")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        try:
            databases.check_file(file)
            if not databases.is_empty():
                if not yes:
                    raise CommandError("There is data here, which this would replace. Add --yes if you mean it.")
                self.stdout.write(f"Kept what was here as {databases.keep_aside(file)}.")
            databases.read_from(file)
        except databases.NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {file}.")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("It comes from an older Remit: run manage.py migrate next.")
