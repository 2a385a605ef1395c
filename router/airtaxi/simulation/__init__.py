"""A plan flown on days that turn out otherwise: random demand, delays, weather.

Each day is simulated event by event under stated recovery rules (``docs/what_if.md``). Without
uncertainty the plan is reproduced to the second and the watt-hour.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

from router.airtaxi.check import check
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.simulation.day import Day
from router.airtaxi.simulation.outcome import Cancelled as Cancelled
from router.airtaxi.simulation.outcome import DayOutcome as DayOutcome
from router.airtaxi.simulation.outcome import Simulation as Simulation
from router.airtaxi.simulation.recovery import Recovery as Recovery
from router.airtaxi.simulation.uncertainty import LEVELS as LEVELS
from router.airtaxi.simulation.uncertainty import Draws, refuse_days
from router.airtaxi.simulation.uncertainty import Uncertainty as Uncertainty
from router.airtaxi.simulation.uncertainty import uncertainty as uncertainty
from router.errors import InvalidInput
from router.solving import Monitor, Progress, Silent


def simulate(
    problem: AirTaxiProblem,
    plan: FlightPlan,
    asked: Uncertainty | None = None,
    *,
    days: int = 100,
    seed: int = 1,
    recovery: Recovery | None = None,
    processes: int = 1,
    monitor: Monitor | None = None,
) -> Simulation:
    """Fly a plan on random days.

    Parameters
    ----------
    problem, plan
        The day and a plan that breaks none of its rules; trips left out may be missing from
        its list.
    asked
        How far days may turn out otherwise; ``None``: the level ``ordinary``.
    days
        How many, 1 to 100,000.
    seed
        Of all draws; day ``i`` is the same whatever the number of days and processes.
    recovery
        For how long operations wait for what.
    processes
        How many days are simulated at once, 1 to 256.
    monitor
        Hears how many days are done and may end the simulation after any.

    Returns
    -------
    The days that were simulated, at least one.

    Raises
    ------
    InvalidInput
        If the plan breaks a rule, with every violation; or an argument is out of range.
    """
    clock = time.perf_counter()
    refuse_days(days)
    report = check(problem, plan)
    broken = [v for v in report.violations if v.code != "UNSERVED_LIST"]
    if broken:
        raise InvalidInput(replace(v, path=f"plan.{v.path}") for v in broken)
    recovery, monitor = recovery or Recovery(), monitor or Silent()
    one = partial(
        _one, problem, plan, LEVELS["ordinary"] if asked is None else asked, seed, recovery
    )
    found: list[DayOutcome] = []

    def heard(outcome: DayOutcome) -> bool:
        found.append(outcome)
        gone = time.perf_counter() - clock
        monitor.report(Progress(seconds=gone, iterations=len(found), served=len(found), total=days))
        return monitor.stopped()

    if processes == 1:
        for day in range(days):
            if heard(one(day)):
                break
    else:
        with ProcessPoolExecutor(processes) as pool:
            for outcome in pool.map(one, range(days), chunksize=max(1, days // processes // 8)):
                if heard(outcome):
                    pool.shutdown(cancel_futures=True)
                    break
    return Simulation(tuple(found), recovery.on_time_s, report.value, time.perf_counter() - clock)


def _one(
    problem: AirTaxiProblem,
    plan: FlightPlan,
    asked: Uncertainty,
    seed: int,
    recovery: Recovery,
    day: int,
) -> DayOutcome:
    return Day(problem, plan, Draws(asked, seed, day), recovery).run()
