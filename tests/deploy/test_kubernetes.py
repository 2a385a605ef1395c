"""The manifests: valid against Kubernetes' schemas, and in step with settings and image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from server.settings import Settings

FOLDER = Path(__file__).parents[2] / "deploy/kubernetes"
SETTINGS_OF_SECRETS = {"ALATAU_STORE": "postgresql://alatau:secret@database/alatau"}


def read(name: str) -> Any:
    """Return a manifest."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def pod() -> Any:
    """Return what a pod is made of."""
    return read("deployment")["spec"]["template"]["spec"]


@pytest.fixture
def server(pod: Any) -> Any:
    """Return the only container of a pod."""
    (container,) = pod["containers"]
    return container


def resources() -> list[str]:
    """Return the names of the manifests that are applied."""
    return [Path(name).stem for name in read("kustomization")["resources"]]


@pytest.mark.parametrize("name", resources())
def test_manifests_keep_the_schema(name: str) -> None:
    """No unknown field, no wrong type, in the newest version that is known."""
    kubernetes_validate.validate(read(name), kubernetes_validate.latest_version(), strict=True)


def test_every_manifest_is_applied() -> None:
    """None is forgotten in the kustomization."""
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*resources(), "kustomization"}


def test_no_secret_is_in_the_repository() -> None:
    """Secrets are referred to, never written down."""
    assert all(read(name)["kind"] != "Secret" for name in resources())


def test_the_settings_are_real_and_start_a_server(server: Any) -> None:
    """Configuration and secrets together are settings that keep the server's own rules."""
    given = dict(read("configuration")["data"]) | SETTINGS_OF_SECRETS
    assert {entry["name"] for entry in server["env"]} == set(SETTINGS_OF_SECRETS)
    fields = {name.removeprefix("ALATAU_").lower(): value for name, value in given.items()}
    settings = Settings(**fields)
    ports = {entry["name"]: entry["containerPort"] for entry in server["ports"]}
    assert ports == {"grpc": settings.port, "http": settings.http_port}
    folders = {mount["mountPath"] for mount in server["volumeMounts"]}
    for file in (settings.keys_file, settings.tls_certificate, settings.tls_private_key):
        assert file is not None
        assert str(file.parent) in folders


def test_a_pod_outlives_the_grace_of_its_solves(pod: Any, server: Any) -> None:
    """preStop, the grace and a margin fit into the time until SIGKILL."""
    grace = float(read("configuration")["data"]["ALATAU_GRACE_SECONDS"])
    pause = server["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + grace + 10


def test_probes_ask_the_http_listener(server: Any) -> None:
    """Life and readiness are different questions; both go over TLS, as the server speaks it."""
    paths = {
        kind: server[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")
    }
    assert {kind: get["path"] for kind, get in paths.items()} == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert all(get["port"] == "http" and get["scheme"] == "HTTPS" for get in paths.values())


def test_nothing_runs_as_root_or_writes_where_it_should_not(pod: Any, server: Any) -> None:
    """The restricted standard, and the image's user."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert server["securityContext"]["readOnlyRootFilesystem"] is True
    assert server["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["automountServiceAccountToken"] is False
    assert server["resources"]["limits"]["memory"]


def test_selectors_find_the_pods_and_one_always_stays() -> None:
    """Service, budget and network policy mean the deployment's pods; two run, one may go."""
    deployment = read("deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    budget = read("disruption")["spec"]
    assert read("service")["spec"]["selector"] == labels
    assert read("pods")["spec"]["selector"] == labels
    assert read("pods")["spec"]["clusterIP"] == "None"
    assert budget["selector"]["matchLabels"] == labels
    assert read("network")["spec"]["podSelector"]["matchLabels"] == labels
    assert budget["minAvailable"] < deployment["spec"]["replicas"]
