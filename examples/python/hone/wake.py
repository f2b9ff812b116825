"""Sleeping until the server rings: by futex, semaphore or socket; and a memory fence."""

import ctypes
import os
import platform
import select
import threading
import time

_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98}.get(platform.machine())
_FUTEX_WAIT = 0
_libc = ctypes.CDLL(None, use_errno=True)


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]

    @classmethod
    def of(cls, seconds):
        whole = int(seconds)
        return cls(whole, int((seconds - whole) * 1e9))


class _Buffer(ctypes.Structure):
    """Py_buffer: the way to the address of memory that is mapped read-only."""

    _fields_ = [
        ("address", ctypes.c_void_p),
        ("owner", ctypes.py_object),
        ("size", ctypes.c_ssize_t),
        ("item_size", ctypes.c_ssize_t),
        ("read_only", ctypes.c_int),
        ("dimensions", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


class Address:
    """Holds a buffer in place while its address is in use."""

    def __init__(self, memory):
        self._buffer = _Buffer()
        ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(memory), ctypes.byref(self._buffer), 0)
        self.value = self._buffer.address

    def release(self):
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(self._buffer))


_lock = threading.Lock()


def fence():
    """Taking a lock is a locked instruction: a full fence on x86. Elsewhere it may be weaker, and a bell may be
    missed; then the sleeper's own timeout finds what was published."""
    with _lock:
        pass


def yield_cpu():
    os.sched_yield()


def sleep_on_futex(address, value, seconds):
    span = _Timespec.of(seconds)
    _libc.syscall(
        ctypes.c_long(_FUTEX),
        ctypes.c_void_p(address),
        ctypes.c_int(_FUTEX_WAIT),
        ctypes.c_uint32(value),
        ctypes.byref(span),
        None,
        ctypes.c_int(0),
    )


def sleep_on_semaphore(address, seconds):
    until = _Timespec.of(time.clock_gettime(time.CLOCK_MONOTONIC) + seconds)
    _libc.sem_clockwait(ctypes.c_void_p(address), ctypes.c_int(time.CLOCK_MONOTONIC), ctypes.byref(until))


def sleep_on_socket(connection, seconds):
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLRDHUP)
    poll.poll(max(1, int(seconds * 1000)))
