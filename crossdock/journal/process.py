"""Who is alive: a process is named by host, pid and start time, for pids are used again."""

from __future__ import annotations

import os
import socket

import psutil


def start_time(pid: int) -> float | None:
    """When a process of this machine started, in seconds since 1970; None if there is none."""
    try:
        return round(psutil.Process(pid).create_time(), 2)
    except psutil.Error:
        return None


def me() -> str:
    """The name of this process as a lease holder."""
    return f"{socket.gethostname()}/{os.getpid()}/{start_time(os.getpid())}"


def is_alive(holder: str) -> bool:
    """Whether a lease holder still runs; one of another host is given the benefit of the doubt."""
    host, pid, started = holder.rsplit("/", 2)
    return host != socket.gethostname() or str(start_time(int(pid))) == started


def ancestors() -> list[tuple[int, float]]:
    """(pid, start time) of this process's parents, nearest first."""
    return [(p.pid, round(p.create_time(), 2)) for p in psutil.Process().parents()]
