import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Reals = NDArray[np.float64]

def rewards(
    queue_from: _Ints,
    queue: _Ints,
    first: _Ints,
    last: _Ints,
    party: _Ints,
    solo: _Ints,
    worth: _Reals,
    wait: _Reals,
    seats: int,
    reward: _Reals,
    packed: _Reals,
) -> None: ...
def boarded(
    queue_from: _Ints,
    queue: _Ints,
    first: _Ints,
    last: _Ints,
    party: _Ints,
    solo: _Ints,
    worth: _Reals,
    wait: _Reals,
    seats: int,
    flown: _Ints,
    reward: _Reals,
    count: _Reals,
) -> None: ...

class Network:
    def __init__(
        self,
        legs_from: _Ints,
        leg_ids: _Ints,
        leg_to: _Ints,
        leg_cells: _Ints,
        leg_map: _Ints,
        burn: NDArray[np.int16],
        back: _Reals,
        rise: _Reals,
        charges: NDArray[np.uint8],
        terminal: _Reals,
        plug_cells: int,
        hop_cells: int,
        last: int,
        seed: int,
        catch_up: bool,
    ) -> None: ...
    def set_prices(self, fill_price: _Reals, back_price: _Reals, wait_cost: _Reals) -> None: ...
    def sweep(self, reward: _Reals) -> None: ...
    def start_value(self, cell: int, port: int, level: int) -> float: ...
    def trace(
        self,
        cell: int,
        port: int,
        level: int,
        reward: _Reals,
        heat: float,
        flown: _Ints,
        stood: _Ints,
        filled: _Reals,
    ) -> int: ...
