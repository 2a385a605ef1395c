"""Python client of Alatau Router.

>>> from alatau_client import Client
>>> with Client("localhost:50051") as client:  # doctest: +SKIP
...     for report in client.routing.stream(problem, time_limit=10):
...         print(report.progress.objective)
"""

from alatau_client.blocking import Client as Client
from alatau_client.blocking import SolveStream as SolveStream
from alatau_client.concurrent import AsyncClient as AsyncClient
from alatau_client.concurrent import AsyncSolveStream as AsyncSolveStream
from alatau_client.connection import Connection as Connection
from alatau_client.errors import AccessDenied as AccessDenied
from alatau_client.errors import ApiError as ApiError
from alatau_client.errors import Cancelled as Cancelled
from alatau_client.errors import Conflict as Conflict
from alatau_client.errors import DeadlineExceeded as DeadlineExceeded
from alatau_client.errors import InvalidProblem as InvalidProblem
from alatau_client.errors import NotFound as NotFound
from alatau_client.errors import QuotaExceeded as QuotaExceeded
from alatau_client.errors import ServerFault as ServerFault
from alatau_client.errors import Unavailable as Unavailable
from alatau_client.errors import Violation as Violation
from alatau_client.jobs import AsyncJob as AsyncJob
from alatau_client.jobs import AsyncJobs as AsyncJobs
from alatau_client.jobs import Job as Job
from alatau_client.jobs import Jobs as Jobs
from alatau_client.options import SearchOptions as SearchOptions
