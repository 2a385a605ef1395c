"""Files, read whole or refused with a sentence, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from router.errors import InvalidInput, Violation

MAX_BYTES = 2**30
"""Largest text file that is read, 1 GiB."""


def read_text(path: str | Path, most_bytes: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file of at most ``most_bytes``.

    Raises
    ------
    InvalidInput
        With code FILE_NOT_FOUND, FILE_IS_DIRECTORY, FILE_UNREADABLE,
        FILE_TOO_LARGE, FILE_NOT_TEXT or FILE_EMPTY; the path is the file's.
    """
    raw = _read_bytes(path, most_bytes)
    if len(raw) > most_bytes:
        message = f"is larger than {most_bytes >> 20} MiB; give a smaller file."
        raise _refusal("FILE_TOO_LARGE", path, message)
    return _decode(raw, path)


def _read_bytes(path: str | Path, most_bytes: int) -> bytes:
    """Read at most one byte more than allowed: a device may have no end."""
    try:
        with open(path, "rb") as stream:
            return stream.read(most_bytes + 1)
    except IsADirectoryError:
        raise _refusal("FILE_IS_DIRECTORY", path, "is a directory; name a file.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise _refusal("FILE_NOT_FOUND", path, "does not exist; check the name.") from None
    except (OSError, ValueError) as reason:
        raise _refusal("FILE_UNREADABLE", path, f"cannot be read: {_why(reason)}.") from None


def _decode(raw: bytes, path: str | Path) -> str:
    if not raw.strip():
        raise _refusal("FILE_EMPTY", path, "is empty; give a file with content.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        message = f"is not UTF-8 text (byte {reason.start}); give a text file."
        raise _refusal("FILE_NOT_TEXT", path, message) from None
    if "\0" in text:
        raise _refusal("FILE_NOT_TEXT", path, "holds a NUL character; give a text file.")
    return text


def _refusal(code: str, path: str | Path, message: str) -> InvalidInput:
    return InvalidInput([Violation(code, str(path) or "(no name)", message)])


def _why(reason: OSError | ValueError) -> str:
    text = getattr(reason, "strerror", None) or str(reason)
    return str(text).rstrip(".").lower()


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; it takes its place on success.

    Missing parent folders are made. After an error the old file, if there was
    one, is as before and the temporary one is gone.

    Raises
    ------
    InvalidInput
        With code OUTPUT_UNWRITABLE if the place cannot be written to.
    """
    target = Path(path)
    temporary = _temporary_beside(target)
    try:
        yield temporary
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _temporary_beside(target: Path) -> Path:
    """Make an empty file that keeps the suffix, with the rights of a new file."""
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
        os.chmod(name, 0o666 & ~_umask())
    except (OSError, ValueError) as reason:
        message = f"cannot be written: {_why(reason)}; choose another place."
        raise _refusal("OUTPUT_UNWRITABLE", target, message) from None
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, value: Mapping[str, object]) -> None:
    """Write one JSON object, whole or not at all; NaN and infinities are refused."""
    write_text(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
