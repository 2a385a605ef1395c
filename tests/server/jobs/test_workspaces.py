"""Nobody sees or touches the jobs and uploads of another workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import grpc
import pytest
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from server.access.keys import KeyFile
from tests.api.calls import failure
from tests.server.jobs.asking import CANCELLED, Asking, routes_request
from tests.serving import running_server

METHODS = pb.DESCRIPTOR.services_by_name["SolveJobService"].methods
NAMED = [
    (method, field)
    for method in METHODS
    for field in ("name", "upload")
    if field in method.input_type.fields_by_name
]
"""Every method that takes the name of a job or an upload, with the field that does."""
each_named = pytest.mark.parametrize(
    ("method", "field"), NAMED, ids=[f"{m.name}.{field}" for m, field in NAMED]
)


class World(NamedTuple):
    """Two callers of one server, and what the first one has there."""

    city: Asking
    village: Asking
    job: jobs_pb2.SolveJob
    upload: jobs_pb2.Upload


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a server with two workspaces."""
    folder = tmp_path_factory.mktemp("workspaces")
    keys = KeyFile(folder / "keys.json")
    secrets = [keys.create(name) for name in ("city", "village")]
    with (
        running_server(folder, workers=1, keys_file=folder / "keys.json") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        city, village = (Asking(channel, authorization=f"Bearer {s}") for s in secrets)
        digest = hashlib.sha256(b"x").digest()
        announce = pb.CreateUploadRequest(size=1, sha256=digest)
        upload = city.call("CreateUpload", announce).upload
        yield World(city, village, city.create(60), upload)


def asked(ask: Asking, method: Any, field: str, name: str) -> None:
    """Call a method with a name."""
    if field == "upload":
        request: Any = getattr(pb, method.input_type.name)(upload=name)
        request.solve.SetInParent()
    else:
        request = getattr(pb, method.input_type.name)(name=name)
    answer = ask.call(method.name, request)
    if method.server_streaming:
        list(answer)


def test_every_method_that_names_something_is_tried() -> None:
    """All but creating without an upload, announcing, and listing."""
    others = {method.name for method in METHODS} - {method.name for method, _ in NAMED}
    assert others == {"ListJobs", "CreateUpload"}


@each_named
def test_other_names_are_not_found(world: World, method: Any, field: str) -> None:
    """Another workspace's name is NOT_FOUND, as one that never was."""
    upload = field == "upload" or "Upload" in method.name
    real = world.upload.name if upload else world.job.name
    made_up = real[:-4] + "0000"
    for name in (real, made_up):
        code, details = failure(lambda name=name: asked(world.village, method, field, name))
        assert code is grpc.StatusCode.NOT_FOUND
        assert details["ErrorInfo"].reason == "NOT_FOUND"
    # Putting one's own workspace before another's id finds nothing either.
    forged = real.replace("workspaces/city/", "workspaces/village/")
    code, _ = failure(lambda: asked(world.village, method, field, forged))
    assert code is grpc.StatusCode.NOT_FOUND
    assert not world.city.get(world.job).done


@each_named
def test_what_is_no_name_is_refused(world: World, method: Any, field: str) -> None:
    """Empty, a path, SQL, the name of something else: INVALID_ARGUMENT with NAME."""
    upload = field == "upload" or "Upload" in method.name
    wrong = world.job.name if upload else world.upload.name
    bad = ["/etc/passwd", "workspaces/city/solveJobs/../../x", "' OR 1=1 --", wrong]
    for name in bad if field == "upload" else ["", *bad]:
        code, details = failure(lambda name=name: asked(world.city, method, field, name))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert [v.reason for v in details["BadRequest"].field_violations] == ["NAME"]


def test_lists_and_tokens_stay_at_home(world: World) -> None:
    """A list holds one's own jobs; another one's page token opens nothing."""
    world.city.create(60)
    page = world.city.call("ListJobs", pb.ListJobsRequest(page_size=1))
    assert len(page.jobs) == 1 and page.next_page_token
    assert not world.village.call("ListJobs", pb.ListJobsRequest()).jobs
    stolen = pb.ListJobsRequest(page_size=1, page_token=page.next_page_token)
    assert not world.village.call("ListJobs", stolen).jobs


def test_a_request_id_is_ones_own(world: World) -> None:
    """The same id in two workspaces makes two jobs."""
    jobs = [ask.create(60, request_id="order-1") for ask in (world.city, world.village)]
    assert jobs[0].name != jobs[1].name
    assert world.village.cancel(jobs[1]).name == jobs[1].name


def test_a_watch_needs_a_key(world: World) -> None:
    """Without credentials nothing is said about the job."""
    stranger = Asking.__new__(Asking)
    stranger.stub, stranger.metadata = world.city.stub, []
    code, _ = failure(lambda: list(stranger.watch(world.job)))
    assert code is grpc.StatusCode.UNAUTHENTICATED
    request = routes_request(1)
    code, _ = failure(lambda: stranger.call("CreateRoutePlanJob", request))
    assert code is grpc.StatusCode.UNAUTHENTICATED


def test_the_owner_may_cancel(world: World) -> None:
    """After all the attempts of others, the job is still its owner's to end."""
    world.city.cancel(world.job)
    assert world.city.end(world.job).state == CANCELLED
