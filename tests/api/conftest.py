"""One real server for all API tests, and channels to it."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from tests.serving import ServerProcess, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with two workers."""
    with running_server(tmp_path_factory.mktemp("server"), workers=2) as running:
        yield running


@pytest.fixture(scope="session")
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """Open a channel to the server."""
    with grpc.insecure_channel(server.address) as opened:
        yield opened
