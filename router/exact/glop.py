"""GLOP on a model that changes, from the basis of the last time."""

from datetime import timedelta

from ortools.math_opt.python import errors, mathopt

ALL = mathopt.SparseVectorFilter(skip_zero_values=True)
"""All but zeros. Reading 10,000 variables takes as long as GLOP takes to find them."""

NONE = mathopt.SparseVectorFilter(filtered_items=[])


def solved(
    solver: mathopt.IncrementalSolver,
    seconds: float,
    *,
    values: bool = False,
    duals: bool = False,
    costs: bool = False,
) -> mathopt.SolveResult | None:
    """Return an optimal result; ``None`` if there is none, or not in time.

    It holds no zeros, and of ``values`` of variables, ``duals`` and reduced
    ``costs`` only what is asked for.
    """
    # With its preprocessing GLOP forgets the basis: 2.2 s instead of 0.6 s for a dive's next
    # programme of 28,000 arcs. The first one takes as long without it.
    limits = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(seconds, 0.01)), presolve=mathopt.Emphasis.OFF
    )
    wanted = mathopt.ModelSolveParameters(
        variable_values_filter=ALL if values else NONE,
        dual_values_filter=ALL if duals else NONE,
        reduced_costs_filter=ALL if costs else NONE,
    )
    try:
        result = solver.solve(params=limits, model_params=wanted)
    except (errors.InternalMathOptError, AttributeError):
        # GLOP lost its way in the numbers ("ABNORMAL"), which OR-Tools 9.15 tells by an
        # AttributeError as it looks for a code that the status does not have.
        return None
    optimal = result.termination.reason == mathopt.TerminationReason.OPTIMAL
    return result if optimal else None
