"""Runs a CP-SAT model so that it can be watched and stopped.

The solver works in a thread of its own without the interpreter lock; the
caller's thread looks at it ten times a second. A solution is copied once, in
the solver's callback.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model
from ortools.sat.python.cp_model_helper import CpSolverStatus

from router.exact.outcome import TICK_S, Limits, Outcome, Snapshot, Status

PORTFOLIO_THREADS = 8
"""Threads from which CP-SAT runs all kinds of its strategies side by side."""
WORK_PER_ITERATION = 1e-3
"""CP-SAT's deterministic time for one of :attr:`Limits.iterations`: about a
millisecond. Conflicts will not do: restarts count them anew."""

Values = Sequence[int]
Listener = Callable[[Snapshot[Values]], bool]


def run(
    model: cp_model.CpModel,
    watched: Sequence[cp_model.IntVar],
    limits: Limits,
    listen: Listener,
) -> Outcome[Values]:
    """Minimise ``model`` and return the values of the ``watched`` variables.

    ``listen`` is called on the caller's thread; ``False`` ends the solve
    within a tick or two.

    Raises
    ------
    ValueError
        If the model is invalid.
    """
    if fault := model.validate():
        raise ValueError(fault)
    solver = _solver(limits)
    watcher = _Watcher(watched)
    solver.best_bound_callback = watcher.take_bound
    thread = threading.Thread(target=lambda: watcher.end(solver.solve(model, watcher)))
    thread.start()
    stopped = False
    try:
        while thread.is_alive():
            thread.join(TICK_S)
            if thread.is_alive() and not stopped:
                stopped = not listen(watcher.news())
            if stopped:
                solver.stop_search()
    finally:
        while thread.is_alive():
            solver.stop_search()
            thread.join(TICK_S)
    return watcher.outcome(solver, stopped)


def _solver(limits: Limits) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = max(limits.seconds_left, 1e-3)
    parameters.num_workers = limits.threads
    if limits.threads < PORTFOLIO_THREADS:
        # Few threads each run one strategy for good, and the rest never; so let
        # all take turns. On the embedded dock day 10 s end, with one and two
        # threads, at a gap of 11 and 10 % rather than 83 and 88 %.
        parameters.interleave_search = True
        parameters.interleave_batch_size = limits.threads
    parameters.random_seed = limits.seed % 2**31
    parameters.relative_gap_limit = limits.relative_gap
    parameters.catch_sigint_signal = False
    if limits.iterations is not None:
        parameters.max_deterministic_time = limits.iterations * WORK_PER_ITERATION
    return solver


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Keeps the last solution, its cost and the last bound."""

    def __init__(self, watched: Sequence[cp_model.IntVar]) -> None:
        super().__init__()
        self._watched = watched
        self._lock = threading.Lock()
        self._fresh = False
        self._values: Values | None = None
        self._cost: float | None = None
        self._bound: float | None = None
        self._conflicts = 0
        self._status = cp_model.UNKNOWN

    def on_solution_callback(self) -> None:
        """Copy the solution."""
        values = [self.value(variable) for variable in self._watched]
        with self._lock:
            self._values, self._cost, self._fresh = values, self.objective_value, True
            self._conflicts = self.num_conflicts
        self.take_bound(self.best_objective_bound)

    def take_bound(self, bound: float) -> None:
        """Keep a bound that the solver has proven."""
        with self._lock:
            self._bound = bound if self._bound is None else max(self._bound, bound)

    def end(self, status: CpSolverStatus) -> None:
        """Keep how the solve ended."""
        self._status = status

    def news(self) -> Snapshot[Values]:
        """Return where the solve stands, a solution only where it is new."""
        with self._lock:
            values = self._values if self._fresh else None
            self._fresh = False
            return Snapshot(values, self._cost, self._bound, self._conflicts)

    def outcome(self, solver: cp_model.CpSolver, stopped: bool) -> Outcome[Values]:
        """Return the result of the solve that has ended."""
        if self._status == cp_model.INFEASIBLE:
            return Outcome(Status.INFEASIBLE)
        if self._status == cp_model.OPTIMAL:
            status = Status.OPTIMAL
            self.take_bound(solver.best_objective_bound)
        else:
            status = Status.STOPPED if stopped else Status.LIMIT
        return Outcome(status, self._values, self._cost, self._bound, self._conflicts)
