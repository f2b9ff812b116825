"""A session as an agent sees it: reset, step; send, recv."""

import errno
import math
import struct
import time

from . import layout
from .errors import EnvironmentFailed, HoneError
from .lane import Lane
from .observation import Observation


def _put(block, name, value):
    offset, code, _ = layout.ACTION_BLOCK[name]
    if code.endswith("s"):
        value = value.encode()
        if len(value) >= int(code[:-1]):
            raise HoneError(errno.ENAMETOOLONG, f"the {name} has {len(value)} bytes, at most {int(code[:-1]) - 1} fit")
    struct.pack_into("<" + code, block, offset, value)


class Session:
    """Attach to the server `name` (a path to its socket if it has a slash). One thread at a time.

    map: "memfd" (sealed memory) or "named"; wake: "futex", "semaphore" or "socket"; token: of an earlier attachment
    whose episodes go on.
    """

    def __init__(self, name="default", slots=1, map="memfd", wake="futex", token=None, directory=None, timeout=10.0):
        self._lane = Lane(name, slots, map, wake, token, directory, timeout)
        self._tags = {}  # slot -> tag of the request whose answer is out
        self._unread = []  # slots whose answers wait for recv()
        self._calls = {}  # tag -> status of requests that no slot answers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._lane:
            self._lane.close()
            self._lane = None

    @property
    def token(self):
        return self._lane.token

    @property
    def returning(self):
        """Did the server know the token?"""
        return self._lane.returning

    @property
    def slots(self):
        return self._lane.slots

    @property
    def tasks(self):
        return self._lane.catalogue()

    def action_buffer(self, slot=0):
        """Where the slot's source may be written in place; then step(size=...)."""
        self._check(slot)
        return self._lane.action(slot)[layout.ACTION_BLOCK_SIZE :]

    def send_reset(self, task=None, slot=0, seed=0, group="", turns=0, goal_speedup=None):
        self._check(slot)
        block = self._lane.action(slot)
        _put(block, "task", task or "")
        _put(block, "group", group)
        _put(block, "seed", seed)
        _put(block, "turns", turns)
        _put(block, "goal_speedup", goal_speedup or math.nan)
        self._send(layout.OP_RESET, slot, slot)

    def send(
        self, source=None, slot=0, language="", options="", stages=0, flags=0, turn=0, predicted_speedup=None, size=None
    ):
        """Submit `source` (text or bytes), or the first `size` bytes of action_buffer(slot)."""
        self._check(slot, idle=True)
        block = self._lane.action(slot)
        capacity = len(block) - layout.ACTION_BLOCK_SIZE
        if source is not None:
            source = source.encode() if isinstance(source, str) else source
            size = len(source)
        if size is None or size > capacity:
            raise HoneError(errno.EMSGSIZE, f"a source of {size} bytes, at most {capacity} fit")
        if source is not None:
            block[layout.ACTION_BLOCK_SIZE : layout.ACTION_BLOCK_SIZE + size] = source
        _put(block, "language", language)
        _put(block, "options", options)
        _put(block, "stages", stages)
        _put(block, "flags", flags)
        _put(block, "turn", turn)
        _put(block, "predicted_speedup", predicted_speedup or math.nan)
        self._send(layout.OP_STEP, slot, slot, size)

    def recv(self, timeout=None, count=None):
        """Answers that have come, at least one and at most `count`; [] when nothing is in flight or time is up."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._lane.there():
            self._take()
        while not self._unread and self._tags:
            if not self._lane.wait(deadline):
                return []
            self._take()
        ready, self._unread = self._unread[:count], self._unread[count:] if count else []
        return [Observation(self._lane.observation(slot)) for slot in ready]

    def reset(self, task=None, slot=0, **options):
        """Begin an episode. Raises EnvironmentFailed if there is no such task."""
        self.send_reset(task, slot, **options)
        return self._await(slot)

    def step(self, source=None, slot=0, **options):
        self.send(source, slot, **options)
        return self._await(slot)

    def stop(self, slot=0):
        """End the episode without another step."""
        self._check(slot, idle=True)
        self._send(layout.OP_STOP, slot, slot)
        return self._await(slot)

    def goto(self, node, slot=0):
        self._check(slot, idle=True)
        self._send(layout.OP_GOTO, slot, slot, node=node)
        return self._await(slot)

    def fork(self, node, to_slot, slot=0):
        """Begin an episode in `to_slot` whose history ends at `node`."""
        self._check(slot)
        self._check(to_slot, idle=True)
        self._send(layout.OP_FORK, slot, to_slot, node=node)
        return self._await(to_slot)

    def cancel(self, slot=0):
        """Give up what runs in a slot: its answer still comes, sooner."""
        self._check(slot)
        self._call(layout.OP_CANCEL, slot)

    def ping(self):
        self._call(layout.OP_PING, 0)

    def stats(self):
        self._call(layout.OP_STATS, 0)
        return self._lane.counters()

    def progress(self, slot=0):
        """The stage (from 0) a slot's step is in while that stage is a long one, else None."""
        self._check(slot)
        stage = self._lane.progress(slot)
        return stage - 1 if stage else None

    def _check(self, slot, idle=False):
        if not 0 <= slot < self._lane.slots:
            raise HoneError(errno.EINVAL, f"slot {slot} of {self._lane.slots}")
        if idle and slot in self._tags:
            raise HoneError(errno.EBUSY, f"slot {slot} is busy: receive its answer or cancel it")

    def _send(self, op, slot, answers, size=0, node=0):
        tag = self._lane.publish(op, slot, size, node, answers if op == layout.OP_FORK else 0)
        self._unread = [other for other in self._unread if other != answers]
        self._tags[answers] = tag

    def _take(self):
        _, slot, status, _, tag = self._lane.take()
        if tag in self._calls:
            self._calls[tag] = status
        elif self._tags.get(slot) == tag:
            del self._tags[slot]
            self._unread.append(slot)
        # else: of a request that a reset overtook

    def _await(self, slot):
        while slot in self._tags:
            self._lane.wait()
            self._take()
        self._unread.remove(slot)
        seen = Observation(self._lane.observation(slot))
        if seen.status:
            raise EnvironmentFailed(-seen.status, seen.message, seen)
        return seen

    def _call(self, op, slot):
        tag = self._lane.publish(op, slot)
        self._calls[tag] = None
        while self._calls[tag] is None:
            self._lane.wait()
            self._take()
        status = self._calls.pop(tag)
        if status:
            raise EnvironmentFailed(-status, "")
