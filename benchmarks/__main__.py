"""``python -m benchmarks``: quality, load and micro benchmarks by name.

A benchmark is a module with a function ``command``: ``benchmarks/quality/X.py`` is
called ``quality X``, ``benchmarks/load/X.py`` ``load X``, ``benchmarks/X.py`` or
``benchmarks/X/__init__.py`` ``X``. Only the one that is called is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import typer

from router.cli.output import faults_spoken

HERE = Path(__file__).parent
GROUPS = {
    "quality": "Gaps to the best known values.",
    "load": "A server under load: latency, goodput, memory.",
}
"""Folders whose benchmarks are called by two words."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark that the arguments name."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with faults_spoken():
        application(given)(args=given, prog_name="python -m benchmarks")


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the benchmark that ``arguments`` call, else all."""
    app = typer.Typer(help="Benchmarks that anyone can run.", no_args_is_help=True)
    app.callback()(lambda: None)
    groups = {name: typer.Typer(help=text, no_args_is_help=True) for name, text in GROUPS.items()}
    for name, group in groups.items():
        group.callback()(lambda: None)
        app.add_typer(group, name=name)
    wanted = tuple(arguments[:2])
    for path in found():
        if wanted[: len(path)] == path or not any(wanted[: len(p)] == p for p in found()):
            command = getattr(import_module(f"benchmarks.{'.'.join(path)}"), "command", None)
            if command is not None:
                (groups[path[0]] if len(path) > 1 else app).command(path[-1])(command)
    return app


def found() -> Iterator[tuple[str, ...]]:
    """Yield the path of words of each benchmark."""
    folders = ((HERE, ()), *((HERE / name, (name,)) for name in GROUPS))
    for folder, words in folders:
        for path in sorted(folder.iterdir()):
            name = path.stem
            package = (path / "__init__.py").exists() and name not in GROUPS
            if not name.startswith("_") and (path.suffix == ".py" or package):
                yield (*words, name)


if __name__ == "__main__":
    main()
