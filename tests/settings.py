"""The settings of the tests: local mode, a database file of their own, nothing that has to be built or hashed first.

pytest-django loads settings before any conftest, so local mode is switched on here. `DATABASE_URL` decides the engine.
"""

import os
from pathlib import Path

os.environ["REMIT_LOCAL"] = "1"

from raci.settings import *  # noqa: F403
from raci.settings import DATABASES, STORAGES, VAR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and only here
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # no collectstatic
TIME_ZONE = "UTC"  # whatever the one who runs them has set
WHITENOISE_AUTOREFRESH = True  # serves static/ as it is
WHITENOISE_USE_FINDERS = True


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _own_file(folder: Path) -> str:
    """A file of this process, so that two runs in one tree do not delete each other's. Sweeps what killed runs left."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.glob("test-*.sqlite3*"):
        if not _is_running(left.name.split(".")[0].removeprefix("test-")):
            left.unlink(missing_ok=True)
    return str(folder / f"test-{os.getpid()}.sqlite3")


if DATABASES["default"]["ENGINE"].endswith("sqlite3") and "REMIT_TEST_DATABASE" not in os.environ:
    DATABASES["default"]["TEST"]["NAME"] = _own_file(VAR)
