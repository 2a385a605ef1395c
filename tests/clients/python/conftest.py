"""One real server for the client's tests."""

from tests.api.conftest import server  # noqa: F401 - a fixture
