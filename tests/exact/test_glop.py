"""GLOP where it ends without an answer."""

from typing import Any

import pytest
from ortools.math_opt.python import errors, mathopt

from router.exact.glop import solved


class Lost:
    """A solver that loses its way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def solve(self, **_: Any) -> mathopt.SolveResult:
        """Raise what MathOpt raises then."""
        raise self.error


@pytest.mark.parametrize("error", [errors.InternalMathOptError("ABNORMAL"), AttributeError("code")])
def test_a_programme_that_glop_gives_up_on_has_no_result(error: Exception) -> None:
    """Instead of a traceback in the middle of a search."""
    solver: Any = Lost(error)
    assert solved(solver, 1.0, values=True) is None


def test_what_is_not_asked_for_is_not_read() -> None:
    """Of two variables one is zero; prices and reduced costs are read only on demand."""
    model = mathopt.Model()
    x, y = model.add_variable(lb=0.0), model.add_variable(lb=0.0)
    row = model.add_linear_constraint(x + y <= 2.0)
    model.maximize(3.0 * x + y)
    solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
    plain = solved(solver, 10.0, values=True)
    assert plain is not None
    assert plain.variable_values() == {x: 2.0}
    assert plain.dual_values() == {}
    full = solved(solver, 10.0, duals=True, costs=True)
    assert full is not None
    assert full.dual_values() == {row: 3.0}
    assert full.reduced_costs() == {y: -2.0}
    assert full.variable_values() == {}
