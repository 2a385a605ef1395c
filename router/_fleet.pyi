from numpy import float64, int32
from numpy.typing import NDArray

def sweep(
    leg_first: NDArray[int32],
    leg_to: NDArray[int32],
    leg_steps: NDArray[int32],
    leg_burn: NDArray[int32],
    charge_first: NDArray[int32],
    charge_steps: NDArray[int32],
    charge_to: NDArray[int32],
    charge_from_step: NDArray[int32],
    ground: NDArray[float64],
    charging: NDArray[float64],
    reward: NDArray[float64],
    terminal: NDArray[float64],
    value: NDArray[float64],
) -> None: ...
def trace(
    leg_first: NDArray[int32],
    leg_to: NDArray[int32],
    leg_steps: NDArray[int32],
    leg_burn: NDArray[int32],
    charge_first: NDArray[int32],
    charge_steps: NDArray[int32],
    charge_to: NDArray[int32],
    charge_from_step: NDArray[int32],
    ground: NDArray[float64],
    charging: NDArray[float64],
    reward: NDArray[float64],
    value: NDArray[float64],
    step: int,
    site: int,
    level: int,
    moves: NDArray[int32],
) -> tuple[int, int, int]: ...
