"""What an operator may set: by environment, by a TOML file, or by flags."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.store.engine import open_engine
from server.store.leases import LONGEST_LEASE

PREFIX = "ALATAU_"
"""What the environment variables of settings begin with."""
CONFIG_VARIABLE = f"{PREFIX}CONFIG"
"""Environment variable that names the TOML file."""
CONFIG_FILE = "alatau.toml"
"""The TOML file that is read if the variable is unset."""
GUARDS = frozenset(
    {
        *("host", "behind_proxy", "keys_file", "tls_client_authority"),
        *("tls_certificate", "tls_private_key", "jwt_keys", "jwt_issuer", "jwt_audience"),
    }
)
"""Settings that rules between settings speak of."""


def _workers() -> int:
    return max(1, os.cpu_count() or 1)


class WorkspaceSettings(BaseModel):
    """Limits of one workspace; what is not set is as for all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_per_second: float | None = Field(None, gt=0, description="Calls a second.")
    rate_burst: int | None = Field(None, ge=1, description="Calls at once after a pause.")
    workspace_solves: int | None = Field(None, ge=1, description="Solves in progress.")
    workspace_jobs: int | None = Field(None, ge=1, description="Jobs that have not ended.")


class Settings(BaseSettings):
    """Every setting of the server; flags beat environment, environment beats TOML.

    A field ``queue_limit`` is set by ``ALATAU_QUEUE_LIMIT`` or by
    ``queue_limit = …`` in the TOML file.

    Raises
    ------
    pydantic.ValidationError
        If a value is out of its range or a name in the TOML file is unknown.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(50051, ge=0, le=65535, description="Port; 0 takes a free one.")
    http_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of Connect, gRPC-Web, /metrics and probes; unset: no such listener.",
    )
    http_hosts: tuple[str, ...] = Field(
        (),
        description="Host names that HTTP callers may use; unset: any, or those of this machine "
        "where no credentials are asked for.",
    )
    cors_origins: tuple[str, ...] = Field(
        (), description="Origins of web pages that may call, e.g. https://plan.example; * for all."
    )
    workers: int = Field(
        default_factory=_workers, ge=1, le=256, description="Solves that run at once."
    )
    check_workers: int = Field(1, ge=1, le=64, description="Evaluations that run at once.")
    queue_limit: int = Field(
        32, ge=0, le=100_000, description="Calls that may wait for a worker; more are refused."
    )
    default_seconds: float = Field(
        10.0, gt=0, description="Time of a solve without deadline and time limit."
    )
    max_seconds: float = Field(3600.0, gt=0, description="Longest time of a solve.")
    message_mib: int = Field(64, ge=1, le=2047, description="Largest message in MiB.")
    max_rpcs: int = Field(2000, ge=1, description="Calls in progress at once; more are refused.")
    grace_seconds: float = Field(
        25.0, ge=0, description="Time that running calls get when the server is told to stop."
    )
    jobs_per_worker: int = Field(
        200, ge=1, description="Jobs after which a worker process is replaced."
    )
    worker_memory_mib: int | None = Field(
        None, ge=512, description="Address space of a worker process; unset: no limit."
    )
    store: str = Field(
        "sqlite:///alatau.db",
        description="Where jobs are kept: sqlite:///FILE, or postgresql://USER@HOST/NAME, "
        "which several servers may share.",
    )
    job_workers: int = Field(
        default_factory=_workers, ge=1, le=256, description="Jobs that run at once."
    )
    job_queue_limit: int = Field(
        1000, ge=0, le=1_000_000, description="Jobs that may wait; more are refused."
    )
    job_attempts: int = Field(
        3, ge=1, le=100, description="How often a job is tried while worker processes die."
    )
    job_keep_seconds: float = Field(
        86_400.0, gt=0, description="How long a job is kept once it has ended, at most."
    )
    lease_seconds: float = Field(
        5.0,
        ge=1,
        le=LONGEST_LEASE,
        description="Silence after which another server takes over a server's jobs.",
    )
    upload_mib: int = Field(512, ge=1, le=1000, description="Largest upload in MiB.")
    keys_file: Path | None = Field(
        None, description="File of API keys; where set, every call needs one."
    )
    jwt_keys: str | None = Field(
        None,
        description="JWKS file or URL with the public keys of an issuer of JSON web tokens; "
        "where set, its tokens count beside API keys.",
    )
    jwt_issuer: str | None = Field(None, description="What the claim `iss` of tokens must say.")
    jwt_audience: str | None = Field(None, description="What the claim `aud` must say.")
    jwt_workspace_claim: str = Field(
        "workspace", min_length=1, description="Claim that names the caller's workspace."
    )
    jwt_leeway_seconds: float = Field(
        30.0, ge=0, le=600, description="Seconds by which the issuer's clock may differ."
    )
    rate_per_second: float | None = Field(
        None, gt=0, description="Calls a second of a workspace; unset: any number."
    )
    rate_burst: int = Field(20, ge=1, description="Calls of a workspace at once after a pause.")
    workspace_solves: int | None = Field(
        None, ge=1, description="Solves of a workspace in progress; unset: any number."
    )
    workspace_jobs: int | None = Field(
        None, ge=1, description="Jobs of a workspace that have not ended; unset: any number."
    )
    workspaces: dict[str, WorkspaceSettings] = Field(
        default_factory=dict,
        description="Workspaces with limits of their own, e.g. [workspaces.city] in the file.",
    )
    tls_certificate: Path | None = Field(None, description="PEM certificate with its chain.")
    tls_private_key: Path | None = Field(None, description="PEM key of the certificate.")
    tls_client_authority: Path | None = Field(
        None, description="PEM certificates that sign those of clients, for mutual TLS."
    )
    behind_proxy: bool = Field(False, description="Whether a proxy before the server ends TLS.")
    reflection: bool | None = Field(
        None,
        description="Whether clients may list services and messages; unset: only where nobody "
        "but this machine can reach the server.",
    )
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def reflects(self) -> bool:
        """Whether clients may list services and messages."""
        return is_loopback(self.host) if self.reflection is None else self.reflection

    @field_validator("store")
    @classmethod
    def _known_store(cls, url: str) -> str:
        """Refuse the URL of a database that is not known."""
        open_engine(url).dispose()
        return url

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        """Refuse what would let strangers in or send keys in the open."""
        broken = [*self._half_set(), *self._forgeable(), *self._open()]
        if broken:
            raise ValueError("\n".join(broken))
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, values: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell of broken rules between settings beside values that are wrong by themselves.

        It stands below :meth:`_guarded`, and so around it.
        """
        try:
            return check(values)
        except ValidationError as refused:
            wrong = {str(fault["loc"][0]) for fault in refused.errors() if fault["loc"]}
            if not wrong or wrong & GUARDS:
                raise
            rest = {name: value for name, value in values.items() if name not in wrong}
            try:
                check(rest)
            except ValidationError as more:
                faults = [*refused.errors(), *more.errors()]
                raise ValidationError.from_exception_data(
                    cls.__name__, [_again(fault) for fault in faults]
                ) from None
            raise

    def _half_set(self) -> Iterator[str]:
        """Yield which settings lack another one."""
        if (self.tls_certificate is None) != (self.tls_private_key is None):
            yield "tls_certificate and tls_private_key belong together; set both"
        if self.tls_client_authority is not None and self.tls_certificate is None:
            yield "tls_client_authority needs tls_certificate and tls_private_key"
        if self.jwt_keys is not None and not (self.jwt_issuer and self.jwt_audience):
            yield "jwt_keys needs jwt_issuer and jwt_audience, which tokens must name"

    def _forgeable(self) -> Iterator[str]:
        """Yield whether anybody could make tokens that count."""
        if self.jwt_keys is None or "://" not in self.jwt_keys:
            return
        url = urlsplit(self.jwt_keys)
        local = url.scheme == "http" and is_loopback(url.hostname or "")
        if url.scheme != "https" and not local:
            yield "jwt_keys must be a file or an https URL; others can be forged"

    def _open(self) -> Iterator[str]:
        """Yield how other machines could come in, or overhear who does."""
        if is_loopback(self.host):
            return
        if not (self.keys_file or self.jwt_keys or self.tls_client_authority):
            yield (
                f"{self.host} can be reached from other machines: set keys_file (see `alatau "
                "keys`), jwt_keys or tls_client_authority, or listen on 127.0.0.1"
            )
        if self.tls_certificate is None and not self.behind_proxy:
            yield (
                f"keys would travel in the open to {self.host}: set tls_certificate and "
                "tls_private_key, or behind_proxy where a proxy ends TLS"
            )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags first, then the environment, then the TOML file."""
        file = Path(os.environ.get(CONFIG_VARIABLE, CONFIG_FILE))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


def _again(fault: ErrorDetails) -> InitErrorDetails:
    """Return a fault in the form of which new ones are made."""
    text = fault["msg"].replace("{", "(").replace("}", ")")
    kind = PydanticCustomError(fault["type"], text)  # type: ignore[arg-type, unused-ignore]
    return InitErrorDetails(type=kind, loc=fault["loc"], input=fault["input"])


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
