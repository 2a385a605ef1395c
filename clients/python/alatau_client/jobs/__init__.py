"""Solves that outlive the call: create, watch, wait, cancel, fetch."""

from alatau_client.jobs.blocking import Job as Job
from alatau_client.jobs.blocking import Jobs as Jobs
from alatau_client.jobs.concurrent import AsyncJob as AsyncJob
from alatau_client.jobs.concurrent import AsyncJobs as AsyncJobs
