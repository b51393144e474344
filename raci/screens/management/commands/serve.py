"""Serves Remit. In local mode it first prepares the database and prints a link that signs the first person in."""

import os
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from raci.accounts.models import User
from raci.notices.due import running
from raci.screens.due_tasks import due_tasks
from raci.web.asgi import with_body_limit
from raci.web.streams import with_streams
from raci.workspaces.links import make_sign_in_link
from raci.workspaces.models import Access, Member
from raci.workspaces.signup import FIRST_NAME, open_workspace

LOOPBACK = ("127.0.0.1", "::1", "localhost")
LOCAL_EMAIL = "owner@remit.localhost"


class Command(BaseCommand):
    help = "Serve Remit; without settings on this machine alone, with a link that signs you in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="Other than loopback needs the production settings.")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        if settings.LOCAL:
            if host not in LOOPBACK:
                raise CommandError(
                    f"--host {host} is not loopback. Set SECRET_KEY, ALLOWED_HOSTS and DATABASE_URL to serve others."
                )
            self.prepare(host, port)
        else:
            self.check_is_ready()
        connection.close()  # every request opens its own
        application: Any = get_asgi_application()
        if settings.DEBUG:
            application = ASGIStaticFilesHandler(application)
        config = uvicorn.Config(
            with_streams(with_body_limit(application)),
            host=host,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=3,
            timeout_keep_alive=75,  # longer than a proxy keeps its idle connections, so none is cut under a request
            proxy_headers=False,
            server_header=False,
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl+C does, after the mail being sent
        with suppress(KeyboardInterrupt), running(due_tasks):
            uvicorn.Server(config).run()

    def check_is_ready(self) -> None:
        """Production prepares nothing by itself: it says which step of README's "Deploy" is missing."""
        try:
            executor = MigrationExecutor(connection)
            is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
            has_cache = settings.CACHES["default"]["LOCATION"] in connection.introspection.table_names()
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer: {error}") from error
        if not is_migrated:
            raise CommandError("The tables of the database are missing or old. Run: manage.py migrate")
        if not has_cache:
            raise CommandError("The table of the cache is missing. Run: manage.py createcachetable")
        if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
            self.stderr.write("EMAIL_URL is missing: mail is printed here, so nobody can sign up or reset a password.")

    def prepare(self, host: str, port: int) -> None:
        call_command("migrate", verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)
        path = reverse("sign_in_link", args=[make_sign_in_link(local_owner())])
        here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if not os.environ.get("SITE_URL"):
            settings.SITE_URL = here  # for the addresses in mail
        self.stdout.write(
            "Remit is ready. This link signs you in once, in one browser:\n\n"
            f"    {here}{path}\n\n"
            "Stop with Ctrl+C. Everything is kept in the folder var/."
        )
        self.stdout.flush()


def local_owner() -> User:
    """Whoever owns the workspace of this machine; made at the first start."""
    user = User.objects.filter(email=LOCAL_EMAIL).first()
    if user is not None:
        return user
    with transaction.atomic():
        user = User.objects.create_user(LOCAL_EMAIL, name="Owner")
        if not Member.objects.filter(access=Access.OWNER, user=user).exists():
            open_workspace(user, FIRST_NAME)
    return user
