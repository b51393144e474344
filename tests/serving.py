"""The product served by uvicorn in a thread, as `manage.py serve` does it, over the test database: with streams."""

import socket
import threading
import time

import uvicorn
from django.core.asgi import get_asgi_application
from django.test.utils import override_settings

from raci.screens.live.hub import hub
from raci.web.asgi import with_body_limit
from raci.web.streams import with_streams


class Server:
    """Answers at `url`, also on the same port again after a stop."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._live_server_modified_settings = override_settings()  # pytest-django looks for it
        self._server: uvicorn.Server | None = None

    def start(self) -> None:
        config = uvicorn.Config(
            with_streams(with_body_limit(get_asgi_application())),
            port=self.port,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends every stream first, so that nothing keeps the server waiting."""
        hub.close()
        self._server.should_exit = True
        self._thread.join()
        self._server = None
