"""The event loop's way to the database: threads, and one commit for many writes.

Reads run in a few threads. Writes go through one thread, which puts all that wait
into one transaction, each behind a savepoint of its own: a burst of creations costs
one flush of the disk, and what one of them does wrong harms no other. A write is
done when it is committed, not before.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
import structlog

from server.store import faults
from server.store.engine import READERS, WRITING, open_engine, reserve, shared
from server.store.migrate import NewerStore, upgrade

T = TypeVar("T")
Work: TypeAlias = Callable[[sa.Connection], T]

MOST_IN_ONE = 64
"""Most writes in one transaction."""
PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between attempts to write what must not be lost; the last one repeats."""

_log = structlog.get_logger("alatau.store")


class Store:
    """A database, from one event loop.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://user:password@host/name``.

    Raises
    ------
    ValueError
        If the URL names no database that is known.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._lock: int | None = None
        self._readers = ThreadPoolExecutor(READERS, "store-read")
        self._writer = _Writer(self._engine)

    @property
    def shared(self) -> bool:
        """Whether several servers may work on it at once."""
        return shared(self._engine)

    async def open(self) -> None:
        """Reserve the file, bring the tables to the newest version, start writing.

        Raises
        ------
        OSError
            If it cannot be used; the message says why.
        """
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        self._lock = reserve(self._engine)
        try:
            upgrade(self._engine)
            self._connect()
        except (sa.exc.SQLAlchemyError, NewerStore) as fault:
            shown = self._engine.url.render_as_string(hide_password=True)
            raise OSError(f"the store {shown} cannot be used: {faults.cause(fault)}.") from fault
        self._writer.start()

    def _connect(self) -> None:
        """Open all connections now, so that none is missing when descriptors are short."""
        with ExitStack() as stack:
            for _ in range(READERS + 1):
                stack.enter_context(self._engine.connect())

    async def read(self, work: Work[T]) -> T:
        """Return what ``work`` reads.

        Raises
        ------
        ServiceError
            STORE_UNAVAILABLE.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._readers, self._read, work)
        except sa.exc.DBAPIError as fault:
            raise _refused(fault) from fault

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect() as connection, connection.begin():
            return work(connection)

    async def write(self, work: Work[T]) -> T:
        """Return what ``work`` returned, once it is committed.

        A caller that is cancelled meanwhile leaves the write to be done.

        Raises
        ------
        ServiceError
            STORE_UNAVAILABLE: it is not committed, or nobody knows.
        """
        try:
            return await asyncio.shield(asyncio.wrap_future(self._writer.put(work)))
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DBAPIError as fault:
            raise _refused(fault) from fault

    async def persist(self, work: Work[T]) -> T:
        """Write, and try again as long as the database fails: for what must not be lost."""
        attempt = 0
        while True:
            try:
                return await asyncio.shield(asyncio.wrap_future(self._writer.put(work)))
            except sa.exc.DBAPIError as fault:
                if attempt == 0:
                    _log.error("store fails", cause=faults.cause(fault))
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1

    async def close(self) -> None:
        """Write what waits, then end threads and connections."""
        await asyncio.to_thread(self._writer.stop)
        self._readers.shutdown()
        self._engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _refused(fault: sa.exc.DBAPIError) -> Exception:
    _log.error("store fails", cause=faults.cause(fault))
    return faults.unavailable(fault)


class _Writer:
    """The one thread that writes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[tuple[Work[Any], Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-write", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def put(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            last = self._more(batch)
            self._commit(batch)
            if last:
                return

    def _more(self, batch: list[tuple[Work[Any], Future[Any]]]) -> bool:
        """Add what waits to the batch; return whether the thread is to end."""
        while len(batch) < MOST_IN_ONE:
            try:
                entry = self._waiting.get_nowait()
            except Empty:
                return False
            if entry is None:
                return True
            batch.append(entry)
        return False

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        try:
            with (
                self._engine.connect().execution_options(**{WRITING: True}) as connection,
                connection.begin(),
            ):
                outcomes = [_attempt(connection, work) for work, _ in batch]
        except Exception as fault:  # noqa: BLE001 - whoever waits has to hear of it
            if len(batch) == 1:
                batch[0][1].set_exception(fault)
                return
            for entry in batch:
                self._commit([entry])
            return
        for (_, future), (result, refused) in zip(batch, outcomes, strict=True):
            if refused is None:
                future.set_result(result)
            else:
                future.set_exception(refused)


def _attempt(connection: sa.Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
    """Do one write behind a savepoint; what the database itself fails at is raised."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except sa.exc.IntegrityError as clash:
        savepoint.rollback()
        return None, clash
    except sa.exc.DBAPIError:
        # The savepoint may be gone with its transaction, as on a full disk.
        raise
    except Exception as refused:  # noqa: BLE001 - it goes to whoever waits
        savepoint.rollback()
        return None, refused
    savepoint.commit()
    return result, None
