"""The ASGI application. A server that loads it needs the production settings; `manage.py serve` may run it locally."""

import os

from django.core.asgi import get_asgi_application

from raci.web.asgi import with_body_limit
from raci.web.streams import with_streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci.settings")

application = with_streams(with_body_limit(get_asgi_application()))
