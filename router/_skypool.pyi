import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Reals = NDArray[np.float64]

class Pools:
    def __init__(
        self,
        class_from: _Ints,
        wait: _Reals,
        queue_from: _Ints,
        first: _Ints,
        last: _Ints,
        worth: _Reals,
        way_from: _Ints,
        part_from: _Ints,
        part_class: _Ints,
        part_count: _Ints,
        taken: _Ints,
        seats: _Ints,
        most: _Reals,
        cells: int,
    ) -> None: ...
    def sweep(self, price: _Reals) -> _Reals: ...
    def trace(self, price: _Reals, bought: _Ints) -> None: ...
