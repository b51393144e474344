"""The WSGI application. A server that loads it needs the production settings."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci.settings")

application = get_wsgi_application()
