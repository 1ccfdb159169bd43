"""The counters on a port of their own: a few readers at a time, and none for long."""

import logging
import os
import socket
import threading
import time
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

from cds.web.operating.logs import event
from cds.web.operating.mapped import SHARED_FOLDER

READERS = 4
_SECONDS = 5.0
_AGAIN_S = 1.0


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request, and does not wait for one that never comes."""

    timeout = _SECONDS

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def address_string(self) -> str:
        """The address as it is: no name is looked up."""
        return str(self.client_address[0])


class _Few(ThreadingMixIn, WSGIServer):
    """A thread each for so many readers; whoever comes beyond them is hung up on."""

    daemon_threads = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._free = threading.BoundedSemaphore(READERS)
        self._ended = False
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take the reader, if there is a place."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread to be had: the place is free again
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it, then free its place; one that sends a byte now and then is ended as well."""
        ending = threading.Timer(_SECONDS, _end, (request,))
        ending.daemon = True
        try:
            ending.start()
            super().process_request_thread(request, client_address)
        except RuntimeError:  # no thread to be had that would end it
            self.shutdown_request(request)
        finally:
            ending.cancel()
            self._free.release()

    def handle_error(self, *_: Any) -> None:
        """A reader that has gone is nobody's fault."""

    def serve_on(self) -> None:
        """Serve until it is shut down, whatever fails on the way."""
        while not self._ended:
            try:
                self.serve_forever()
            except Exception as error:  # noqa: BLE001 - nobody waits for it, and it must not end unseen
                event("metrics", {"why": "failed"}, level=logging.ERROR, error=error)
                time.sleep(_AGAIN_S)

    def shutdown(self) -> None:
        """End it."""
        self._ended = True
        super().shutdown()


class _Few6(_Few):
    address_family = socket.AF_INET6


def serve(registry: CollectorRegistry, host: str, port: int) -> WSGIServer:
    """Serve the counters at `/metrics` of this port, in a thread of its own.

    With several workers they are added up (`PROMETHEUS_MULTIPROC_DIR`).
    """
    if os.environ.get(SHARED_FOLDER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no annotations
    kind = _Few6 if ":" in host else _Few
    server = make_server(host, port, make_wsgi_app(registry), kind, handler_class=_Quiet)
    threading.Thread(target=server.serve_on, name="metrics", daemon=True).start()
    return server


def _end(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
