import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Reals = NDArray[np.float64]

def rewards(
    queue_from: Ints,
    queue: Ints,
    first: Ints,
    last: Ints,
    party: Ints,
    solo: Ints,
    worth: Reals,
    wait: Reals,
    seats: int,
    reward: Reals,
    packed: Reals,
) -> None: ...
def boarded(
    queue_from: Ints,
    queue: Ints,
    first: Ints,
    last: Ints,
    party: Ints,
    solo: Ints,
    worth: Reals,
    wait: Reals,
    seats: int,
    flown: Ints,
    reward: Reals,
    count: Reals,
) -> None: ...
def pooled(
    units_from: Ints,
    first: Ints,
    last: Ints,
    worth: Reals,
    wait: Reals,
    seats: int,
    price: Reals,
    used: Ints,
) -> float: ...

class Network:
    ready: Reals
    def __init__(
        self,
        legs_from: Ints,
        leg_ids: Ints,
        leg_to: Ints,
        leg_cells: Ints,
        leg_map: Ints,
        burn: NDArray[np.int16],
        rise: Reals,
        fill_price: Reals,
        wait_cost: Reals,
        terminal: Reals,
        plug_cells: int,
        last: int,
        seed: int,
    ) -> None: ...
    def sweep(self, reward: Reals) -> None: ...
    def start_value(self, cell: int, port: int, level: int) -> float: ...
    def trace(
        self, cell: int, port: int, level: int, reward: Reals, heat: float, flown: Ints
    ) -> int: ...
