"""Attach to a gym of GPU kernels: reset a task, submit source, read in place what happened.

    import hone

    with hone.Session("default") as gym:
        seen = gym.reset("dl/softmax")
        print(seen.prompt)
        seen = gym.step(source, language="c")
        print(seen.verdict_name, seen.speedup, seen.reward)

Standard library only. A wrong, slow or crashing kernel is an observation, never an exception.
"""

from .errors import Dropped, EnvironmentFailed, HoneError, Refused, ServerGone
from .observation import Observation
from .session import Session

__all__ = [
    "Dropped",
    "EnvironmentFailed",
    "HoneError",
    "Observation",
    "Refused",
    "ServerGone",
    "Session",
]
