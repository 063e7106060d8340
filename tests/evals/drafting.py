"""Cases loaded and drafted by the offline writer, with settings that owe nothing to the environment."""

from __future__ import annotations

import asyncio

from evals.cases import Loaded, chosen_cases, load_case
from evals.drafter import Drafted, PipelineDrafter
from evals.run import request_of, sample_of
from evals.scorers.sample import Sample
from service.settings import Settings
from service.writer.offline import OfflineWriter


def loaded(case: str) -> Loaded:
    (found,) = chosen_cases([case])
    return load_case(found)


def settings() -> Settings:
    return Settings(_env_file=None)


def offline() -> PipelineDrafter:
    return PipelineDrafter(settings(), OfflineWriter)


def drafted(case: Loaded) -> Drafted:
    return asyncio.run(offline().draft(request_of(case)))


def sample(case: str, seed: int = 0) -> Sample:
    found = loaded(case)
    return sample_of(found, drafted(found).plan, seed=seed)
