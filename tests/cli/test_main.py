"""The command line collects its parts and turns faults into sentences."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable

import pytest
import typer

from router.cli import main as command_line
from router.cli.output import JsonOption, print_json
from router.errors import InvalidInput, Violation


def run(arguments: list[str]) -> int:
    """Run ``main`` and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    code = ended.value.code
    return code if isinstance(code, int) else 0


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Install one command ``thing`` whose body is given."""

    def install(body: Callable[[], None]) -> None:
        monkeypatch.setattr(command_line, "parts", lambda: {"thing": lambda: body})

    return install


def test_version_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` prints one line that starts with the program's name."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("alatau ")


def test_no_argument_shows_the_parts(
    part: Callable[[Callable[[], None]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a command the help is shown, every part named, exit code 2."""
    part(lambda: None)
    assert run([]) == 2
    shown = capsys.readouterr()
    assert "thing" in shown.out + shown.err


def test_every_violation_is_a_line_on_stderr(
    part: Callable[[Callable[[], None]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two violations give two lines, exit code 2, and nothing on stdout.

    The line break and the escape inside the second sentence do not start a
    third line, nor reach the terminal.
    """

    def refuse() -> None:
        raise InvalidInput(
            [
                Violation("SEED", "options.seed", "is -1; give 0 to 2**63 - 1."),
                Violation("NAME", "file:3", "is 'a\nb\x1b[2J'; give a name."),
            ]
        )

    part(refuse)
    assert run(["thing"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "options.seed: is -1; give 0 to 2**63 - 1. [SEED]",
        "file:3: is 'a b [2J'; give a name. [NAME]",
    ]


@pytest.mark.parametrize(
    ("fault", "code", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "p.json"), 2, "p.json: No space left"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), 1, "Connection refused"),
    ],
)
def test_an_os_error_is_one_sentence(
    part: Callable[[Callable[[], None]], None],
    capsys: pytest.CaptureFixture[str],
    fault: OSError,
    code: int,
    sentence: str,
) -> None:
    """A fault of the machine is one line without a traceback."""

    def fail() -> None:
        raise fault

    part(fail)
    assert run(["thing"]) == code
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.startswith(sentence)


def test_interrupt_exits_with_130(part: Callable[[Callable[[], None]], None]) -> None:
    """Ctrl-C ends with 128 + SIGINT, as shells expect."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    part(interrupted)
    assert run(["thing"]) == 130


def test_unknown_command_is_a_usage_error(
    part: Callable[[Callable[[], None]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that is not there is refused with exit code 2, by name."""
    part(lambda: None)
    assert run(["nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_a_typer_application_becomes_a_group(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part that is a ``Typer`` keeps its commands; ``--json`` is one object."""
    group = typer.Typer()

    @group.callback()
    def about() -> None:
        """Say what it is for."""

    @group.command()
    def solve(as_json: JsonOption = False) -> None:
        print_json({"as_json": as_json, "name": "Жетіген"})

    monkeypatch.setattr(command_line, "parts", lambda: {"group": lambda: group})
    assert run(["group", "solve", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"as_json": True, "name": "Жетіген"}


def test_only_the_called_part_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calling one part does not import the other, which may be slow."""

    def never() -> command_line.Part:
        raise AssertionError("imported")

    monkeypatch.setattr(
        command_line, "parts", lambda: {"fast": lambda: lambda: None, "slow": never}
    )
    assert run(["fast"]) == 0
