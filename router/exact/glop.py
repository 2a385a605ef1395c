"""GLOP on a model that changes, from the basis of the last time."""

from datetime import timedelta

from ortools.math_opt.python import errors, mathopt


def solved(solver: mathopt.IncrementalSolver, seconds: float) -> mathopt.SolveResult | None:
    """Return an optimal result; ``None`` if there is none, or not in time."""
    # With its preprocessing GLOP forgets the basis: 2.2 s instead of 0.6 s for a dive's next
    # programme of 28,000 arcs. The first one takes as long without it.
    limits = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(seconds, 0.01)), presolve=mathopt.Emphasis.OFF
    )
    try:
        result = solver.solve(params=limits)
    except (errors.InternalMathOptError, AttributeError):
        # GLOP lost its way in the numbers ("ABNORMAL"), which OR-Tools 9.15 tells by an
        # AttributeError as it looks for a code that the status does not have.
        return None
    optimal = result.termination.reason == mathopt.TerminationReason.OPTIMAL
    return result if optimal else None
