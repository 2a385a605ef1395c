"""Who gets in: keys on every RPC, TLS, mutual TLS, renewal, and no open door by mistake."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest
from alatau_client import AccessDenied, Client, Unavailable
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from router.errors import InvalidInput
from server.access.keys import KeyFile
from server.configuration import read_settings
from tests.api.calls import failure
from tests.api.test_reasons import rpcs
from tests.api.test_routing import line_plan, line_problem
from tests.serving import ServerProcess, running_server

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")


class Guarded(NamedTuple):
    """A server that wants keys, its file of keys, and one that counts."""

    server: ServerProcess
    keys: KeyFile
    secret: str


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Run a server that wants keys."""
    folder = tmp_path_factory.mktemp("guarded")
    keys = KeyFile(folder / "keys.json")
    secret = keys.create("city")
    with running_server(folder, workers=1, keys_file=folder / "keys.json") as server:
        yield Guarded(server, keys, secret)


def test_a_key_opens_until_it_is_revoked(guarded: Guarded) -> None:
    """A wrong key is refused; a good one counts; after revoking it does not."""
    other = guarded.keys.create("guest")
    with Client(guarded.server.address, api_key=other[:-1] + "!") as client:
        with pytest.raises(AccessDenied) as refused:
            client.routing.evaluate(line_problem(), line_plan())
        assert other[:-1] not in str(refused.value)
    with Client(guarded.server.address, api_key=other) as client:
        assert client.routing.evaluate(line_problem(), line_plan()).feasible
        guarded.keys.revoke(other.split("_")[1])
        with pytest.raises(AccessDenied):
            client.routing.evaluate(line_problem(), line_plan())


@pytest.mark.parametrize("header", ["", "Bearer", "Basic x", "Bearer  ", "Bearer \x7f"])
def test_odd_headers_are_refused(guarded: Guarded, header: str) -> None:
    """Nothing but a bearer token counts."""
    path = rpcs()[0].path
    with grpc.insecure_channel(guarded.server.address) as channel:
        method = channel.unary_unary(path)
        with pytest.raises(grpc.RpcError) as refused:
            method(b"", timeout=5, metadata=[("authorization", header)])
    expected = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INTERNAL}
    assert refused.value.code() in expected


def test_probes_need_no_key_and_reflection_does(guarded: Guarded) -> None:
    """Anybody may ask whether the server is well, nobody what it offers."""
    with grpc.insecure_channel(guarded.server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        code, _ = failure(lambda: list(stub.ServerReflectionInfo(iter([asked]), timeout=5)))
        assert code is grpc.StatusCode.UNAUTHENTICATED


def test_the_log_has_the_workspace_and_no_secret(guarded: Guarded) -> None:
    """What a call sent as a key stands nowhere in the log."""
    with Client(guarded.server.address, api_key=guarded.secret) as client:
        client.routing.evaluate(line_problem(), line_plan())
    time.sleep(0.1)
    log = guarded.server.log.read_text()
    assert '"workspace": "city"' in log
    assert guarded.secret.split("_", 2)[2] not in log


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({"host": "0.0.0.0"}, "keys_file"),
        ({"host": "::", "keys_file": "k.json"}, "tls_certificate"),
        ({"tls_certificate": "c.pem"}, "tls_private_key"),
        ({"tls_client_authority": "a.pem"}, "tls_certificate"),
    ],
)
def test_no_door_is_open_by_mistake(flags: dict[str, str], wanted: str) -> None:
    """What would let strangers in, or send keys in the open, is refused with a sentence."""
    with pytest.raises(InvalidInput, match=wanted):
        read_settings(**flags)


def test_a_proxy_may_end_tls() -> None:
    """Said explicitly, keys without TLS are taken."""
    settings = read_settings(host="0.0.0.0", keys_file="k.json", behind_proxy=True)
    assert settings.behind_proxy


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificate(folder: Path, name: str, signer: str | None = None) -> None:
    """Write ``name.pem`` and ``name.key`` for localhost; signed by itself or by ``signer``."""
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    by = ["-CA", f"{signer}.pem", "-CAkey", f"{signer}.key"] if signer else []
    out = ["-keyout", f"{name}.key", "-out", f"{name}.new"]
    openssl(folder, "req", "-x509", *curve, "-days", "2", *subject, *by, *out)
    (folder / f"{name}.new").rename(folder / f"{name}.pem")


def trusting(folder: Path, authority: str, client: str | None = None) -> grpc.ChannelCredentials:
    """Return credentials of a client that trusts one authority."""
    pem = (folder / f"{authority}.pem").read_bytes()
    if client is None:
        return grpc.ssl_channel_credentials(pem)
    key, chain = (folder / f"{client}.key", folder / f"{client}.pem")
    return grpc.ssl_channel_credentials(pem, key.read_bytes(), chain.read_bytes())


@needs_openssl
def test_mutual_tls_and_renewal(tmp_path: Path) -> None:
    """Only clients of the authority get in, and a new certificate counts at once."""
    for name, signer in (("old", None), ("new", None), ("city", None), ("van", "city")):
        make_certificate(tmp_path, name, signer)
    for kind in ("pem", "key"):
        shutil.copy(tmp_path / f"old.{kind}", tmp_path / f"server.{kind}")
    settings = {
        "tls_certificate": tmp_path / "server.pem",
        "tls_private_key": tmp_path / "server.key",
        "tls_client_authority": tmp_path / "city.pem",
    }
    with running_server(tmp_path, workers=1, **settings) as server:
        target = f"localhost:{server.address.rpartition(':')[2]}"

        def feasible(credentials: grpc.ChannelCredentials | bool) -> bool:
            with Client(target, tls=credentials, retry=False) as client:
                return client.routing.evaluate(line_problem(), line_plan(), timeout=5).feasible

        assert feasible(trusting(tmp_path, "old", "van"))
        for stranger in (trusting(tmp_path, "old"), trusting(tmp_path, "old", "new"), False):
            with pytest.raises(Unavailable):
                feasible(stranger)
        shutil.copy(tmp_path / "new.key", tmp_path / "server.key")
        assert feasible(trusting(tmp_path, "old", "van"))  # half renewed, the old pair counts
        (tmp_path / "server.pem").write_text("no certificate")
        assert feasible(trusting(tmp_path, "old", "van"))
        shutil.copy(tmp_path / "new.pem", tmp_path / "server.pem")
        assert feasible(trusting(tmp_path, "new", "van"))
        with pytest.raises(Unavailable):
            feasible(trusting(tmp_path, "old", "van"))
