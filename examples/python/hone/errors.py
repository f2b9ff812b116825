"""Why a call failed. Outcomes of a kernel are observations and never come this way."""

import os


class HoneError(Exception):
    """`errno` is positive; the text says what happened and what to do."""

    def __init__(self, errno, text):
        super().__init__(text or os.strerror(errno))
        self.errno = errno


class Refused(HoneError):
    """The server did not let us in, or there is none."""


class ServerGone(HoneError):
    """The server died: attach to the same name again, with the token, and go on."""


class Dropped(HoneError):
    """The server dropped this agent and said why."""


class EnvironmentFailed(HoneError):
    """The environment could not do what was asked; `observation` may say more."""

    def __init__(self, errno, text, observation=None):
        super().__init__(errno, text)
        self.observation = observation
