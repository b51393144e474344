"""The ASGI application. A server that loads it needs the production settings; `manage.py serve` may run it locally."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci.settings")

application = get_asgi_application()
