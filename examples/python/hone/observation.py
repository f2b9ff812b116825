"""An observation, read in place from memory that the server writes."""

import json
import struct

from . import layout


def read_field(memory, base, fields, name):
    """One field of a struct at `base`: a number, a text, or a tuple of numbers."""
    offset, code, count = fields[name]
    values = struct.unpack_from(f"<{count or ''}{code}", memory, base + offset)
    if code.endswith("s"):
        return values[0].split(b"\0", 1)[0].decode("utf-8", "replace")
    return values if count else values[0]


class Observation:
    """Attributes are the fields of `hone_observation` (see layout.py) and the texts message, feedback, prompt.

    It stays valid until the next reset, step, goto, stop or fork that answers into its slot; `as_dict()` keeps it.
    Measurements that were not taken are NaN.
    """

    __slots__ = ("_block",)

    def __init__(self, block):
        self._block = block

    def __getattr__(self, name):
        if name not in layout.OBSERVATION:
            raise AttributeError(name)
        return read_field(self._block, 0, layout.OBSERVATION, name)

    def __repr__(self):
        return f"<Observation slot {self.slot} turn {self.turn}: {self.verdict_name} reward {self.reward:.4g}>"

    def _text(self, name):
        offset, size = getattr(self, name + "_offset"), getattr(self, name + "_bytes")
        return bytes(self._block[offset : offset + size]).decode("utf-8", "replace")

    @property
    def message(self):
        return self._text("message")

    @property
    def feedback(self):
        return self._text("feedback")

    @property
    def prompt(self):
        return self._text("prompt")

    @property
    def json(self):
        """The JSON form, parsed; None if the server sent none."""
        text = self._text("json")
        return json.loads(text) if text else None

    @property
    def components(self):
        """Parts of the reward by name."""
        offset, _, most = layout.OBSERVATION["components"]
        return {
            read_field(self._block, offset + i * layout.COMPONENT_SIZE, layout.COMPONENT, "name"): read_field(
                self._block, offset + i * layout.COMPONENT_SIZE, layout.COMPONENT, "value"
            )
            for i in range(min(self.component_count, most))
        }

    @property
    def terminated(self):
        return bool(self.flags & layout.OBSERVATION_TERMINATED)

    @property
    def truncated(self):
        return bool(self.flags & layout.OBSERVATION_TRUNCATED)

    @property
    def cached(self):
        return bool(self.flags & layout.OBSERVATION_CACHED)

    @property
    def emulated(self):
        return bool(self.flags & layout.OBSERVATION_EMULATED)

    @property
    def passed(self):
        return self.verdict == layout.OUTCOME_PASSED

    def as_dict(self):
        """A copy that outlives the slot's next request."""
        names = [name for name in layout.OBSERVATION if not name.endswith(("_offset", "_bytes"))]
        names += ["message", "feedback", "prompt", "json", "terminated", "truncated", "cached", "emulated"]
        return {name: getattr(self, name) for name in names}
