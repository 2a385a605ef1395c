"""The methods of the services by name, taken from what adds them to a gRPC server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.rpc.guarded import Handler
from server.servicers import AddToServer


class _Collector:
    """Stands in for a server while services add themselves to it."""

    def __init__(self) -> None:
        self.found: dict[str, Handler] = {}

    def add_generic_rpc_handlers(self, handlers: object) -> None:
        """Do nothing: the same methods come by name as well."""

    def add_registered_method_handlers(self, service: str, methods: Mapping[str, Handler]) -> None:
        """Note the methods of a service."""
        self.found.update({f"/{service}/{name}": handler for name, handler in methods.items()})


def handlers(services: Iterable[AddToServer]) -> Mapping[str, Handler]:
    """Return every method of some services by its path, ``/package.Service/Method``."""
    collector: Any = _Collector()
    for add in services:
        add(collector)
    found: Mapping[str, Handler] = collector.found
    return found
