"""One lane: the socket, the mapped segments, and the two rings of lines."""

import errno
import json
import mmap
import os
import socket
import struct
import time

from . import layout, wake
from .errors import Dropped, HoneError, Refused, ServerGone
from .observation import read_field

_LINE = struct.Struct("<HHIiIQQI")  # everything of a line but its reserved bytes and the sequence


def _directories(wanted):
    if wanted:
        return [wanted]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    private = [os.path.join(runtime, "hone")] if runtime else []
    return private + [f"/tmp/hone-{os.geteuid()}"]


def _is_private(path):
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return False
    if (facts.st_mode & 0o170022) != 0o040000 or facts.st_uid != os.geteuid():
        raise Refused(errno.EPERM, f"{path} is not a directory that only you can write: no server is looked for in it")
    return True


def _connect(name, directory, timeout):
    paths = [name]
    if "/" not in name:
        folders = [path for path in _directories(directory) if directory or _is_private(path)]
        paths = [os.path.join(path, name + ".sock") for path in folders]
    reason = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    for path in paths:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(path)
            return connection
        except OSError as failure:
            connection.close()
            reason = failure
    raise Refused(
        reason.errno, f"no server named '{name}' answers ({reason.strerror}): start one with hone serve {name}"
    )


def _greet(connection, hello):
    """Say hello; returns the welcome and the descriptors that came with it."""
    try:
        connection.sendall(json.dumps(hello).encode() + b"\n")
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused at the door: the reason waits to be read
    text, descriptors = b"", []
    try:
        while not text.endswith(b"\n"):
            part, passed, _, _ = socket.recv_fds(connection, 4096, 8)
            descriptors += passed
            if not part:
                raise Refused(errno.ECONNRESET, "the server closed before it welcomed us")
            text += part
        return json.loads(text), descriptors
    except TimeoutError:
        raise Refused(errno.ETIMEDOUT, "the server did not answer the hello") from None
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise


def _check_welcome(welcome):
    if welcome.get("hone") == "refused":
        error = welcome["error"]
        raise Refused(-error["data"]["errno"], error["message"])
    theirs = (welcome.get("major"), welcome.get("minor"), welcome.get("layout"))
    ours = (layout.MAJOR, layout.MINOR, layout.HASH)
    if theirs[0] != ours[0] or (theirs[1] == ours[1] and theirs[2] != ours[2]):
        raise Refused(
            errno.EPROTO,
            "this package has session layout %s.%s (%s), the server %s.%s (%s): use a client and a server of the "
            "same version" % (ours + theirs),
        )


def _map_all(welcome, descriptors):
    """CTL, UP and DOWN; only UP can be written."""
    names = ("ctl", "up", "down")
    if welcome["map"] == "named":
        paths = ["/dev/shm" + welcome[name + "_name"] for name in names]
        descriptors = [os.open(path, os.O_RDWR if "up" == name else os.O_RDONLY) for path, name in zip(paths, names)]
    try:
        return [
            mmap.mmap(descriptor, welcome[name + "_bytes"], access=mmap.ACCESS_WRITE if name == "up" else mmap.ACCESS_READ)
            for descriptor, name in zip(descriptors, names, strict=True)
        ]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class Lane:
    """What Session is made on: publish a line, take the next one, wait for it."""

    def __init__(self, name, slots, map, wake_by, token, directory, timeout):
        self.connection = _connect(name, directory, timeout)
        hello = {
            "hone": "hello",
            "major": layout.MAJOR,
            "minor": layout.MINOR,
            "layout": layout.HASH,
            "slots": slots,
            "map": map,
            "wake": wake_by,
            "token": token or "0",
        }
        try:
            welcome, descriptors = _greet(self.connection, hello)
            _check_welcome(welcome)
            self.ctl, self.up, self.down = _map_all(welcome, descriptors)
        except BaseException:
            self.connection.close()
            raise
        self.connection.setblocking(False)
        self.token, self.slots, self.wake_by = welcome["token"], welcome["slots"], wake_by
        self.returning = welcome["returning"]
        self._views = [memoryview(self.up).cast("Q"), memoryview(self.down).cast("Q")]
        self._words = [memoryview(self.up).cast("I"), memoryview(self.down).cast("I")]
        self._up_ring = self._header(self.up, "ring_offset")
        self._down_ring = self._header(self.down, "ring_offset")
        self._lines = self._header(self.up, "line_count")
        self._sent = self._taken = 0
        self._bell = wake.Address(self.down)
        self._semaphore = wake.Address(self.up)
        self.block_bytes = self._header(self.up, "block_bytes")
        self._action_offset = self._header(self.up, "block_offset")
        self._observation_offset = self._header(self.down, "block_offset")
        self._observation_bytes = self._header(self.down, "block_bytes")

    def _header(self, segment, name):
        kind = layout.HEADER
        if read_field(segment, 0, kind, "magic") != layout.LAYOUT_MAGIC:
            raise HoneError(errno.EPROTO, "the shared memory has no header of ours")
        return read_field(segment, 0, kind, name)

    def action(self, slot):
        """The slot's action block, writable, in place."""
        start = self._action_offset + slot * self.block_bytes
        return memoryview(self.up)[start : start + self.block_bytes]

    def observation(self, slot):
        start = self._observation_offset + slot * self._observation_bytes
        return memoryview(self.down)[start : start + self._observation_bytes]

    def counters(self):
        offset = layout.CTL["counters"][0]
        return {name: read_field(self.ctl, offset, layout.COUNTERS, name) for name in layout.COUNTERS}

    def catalogue(self):
        start, size = self._header(self.ctl, "text_offset"), self._header(self.ctl, "text_bytes")
        return json.loads(self.ctl[start : start + size])

    def progress(self, slot):
        return self._words[1][layout.DOWN["progress"][0] // 4 + slot]

    def ring_server(self):
        wake.fence()
        if self._words[1][layout.DOWN["parked"][0] // 4]:
            try:
                self.connection.send(b"\n")
            except OSError:
                pass  # full rings already; gone shows when we wait

    def publish(self, op, slot, size=0, node=0, to_slot=0):
        """Returns the line's tag. The sequence is stored last, in one aligned store."""
        if self._sent - self._views[1][layout.DOWN["consumed"][0] // 8] >= self._lines:
            raise HoneError(errno.EAGAIN, "the server has not taken earlier requests yet")
        at = self._up_ring + (self._sent % self._lines) * layout.LINE_SIZE
        _LINE.pack_into(self.up, at, op, 0, slot, 0, size, 0, node, to_slot)
        self._sent += 1
        self._views[0][(at + layout.LINE["sequence"][0]) // 8] = self._sent
        self.ring_server()
        return self._sent

    def there(self):
        at = self._down_ring + (self._taken % self._lines) * layout.LINE_SIZE
        return self._views[1][(at + layout.LINE["sequence"][0]) // 8] == self._taken + 1

    def take(self):
        """The next line, which is there: (op, slot, status, bytes, tag)."""
        at = self._down_ring + (self._taken % self._lines) * layout.LINE_SIZE
        op, _, slot, status, size, tag, _, _ = _LINE.unpack_from(self.down, at)
        self._taken += 1
        self._views[0][layout.UP["consumed"][0] // 8] = self._taken
        if self._words[1][layout.DOWN["held"][0] // 4]:
            self.ring_server()
        return op, slot, status, size, tag

    def _park(self, seconds):
        bell = self._words[1][layout.DOWN["bell"][0] // 4]
        parked = layout.UP["parked"][0] // 4
        self._words[0][parked] = 1
        wake.fence()
        if not self.there():
            if self.wake_by == "futex":
                wake.sleep_on_futex(self._bell.value + layout.DOWN["bell"][0], bell, seconds)
            elif self.wake_by == "semaphore":
                wake.sleep_on_semaphore(self._semaphore.value + layout.UP["semaphore"][0], seconds)
            else:
                wake.sleep_on_socket(self.connection, seconds)
        self._words[0][parked] = 0

    def _server_lives(self):
        try:
            while self.connection.recv(256):
                pass
            return False
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _mourn(self):
        if read_field(self.down, 0, layout.DOWN, "dropped"):
            raise Dropped(errno.ECONNABORTED, "the server dropped this agent: " + read_field(self.down, 0, layout.DOWN, "reason"))
        raise ServerGone(errno.ECONNRESET, "the server is gone: attach again with the token")

    def wait(self, deadline=None):
        """Until a line is there: True, or False at the deadline (time.monotonic())."""
        for _ in range(layout.SPIN_YIELDS):
            if self.there():
                return True
            wake.yield_cpu()
        while True:
            seconds = layout.PARK_MS / 1000
            if deadline is not None:
                seconds = min(seconds, deadline - time.monotonic())
                if seconds <= 0:
                    return False
            self._park(seconds)
            if self.there():
                return True
            if not self._server_lives() and not self.there():
                self._mourn()

    def close(self):
        for address in (self._bell, self._semaphore):
            address.release()
        for view in self._views + self._words:
            view.release()
        for segment in (self.ctl, self.up, self.down):
            try:
                segment.close()
            except BufferError:
                pass  # an observation still reads it: it goes with the last one
        self.connection.close()
