"""Under which names things stand among a plan's job states, beside the results of its jobs."""

from __future__ import annotations

from schemas.job import Job


def decision_key(name: str) -> str:
    """Under which a decision stands among the job states."""
    return f"decision-{name}"


def over_key(run: int) -> str:
    """Under which it stands among the job states that a run of the whole plan has ended."""
    return f"over-{run}"


def job_key(job: Job) -> str:
    """Under which a redraft that was asked for stands among the job states."""
    return f"job-{job.key}"
