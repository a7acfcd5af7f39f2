"""Which machine the figures are from."""

import os
import platform
import sqlite3
from pathlib import Path

import cryptography


def machine() -> dict[str, str]:
    """What decides how fast it is: processor, cores, kernel, Python, SQLite, OpenSSL's wrapper, and who else works."""
    return {
        "processor": f"{_first('/proc/cpuinfo', 'model name') or platform.processor() or platform.machine()}",
        "cores": str(os.cpu_count()),
        "memory": f"{int((_first('/proc/meminfo', 'MemTotal') or '0 kB').split()[0]) / 1024**2:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "cryptography": cryptography.__version__,
        "load before the run": f"{os.getloadavg()[0]:.1f}",
    }


def resident_megabytes() -> float:
    """Memory that this process holds now."""
    return int((_first("/proc/self/status", "VmRSS") or "0 kB").split()[0]) / 1024


def _first(place: str, name: str) -> str | None:
    path = Path(place)
    if not path.is_file():
        return None
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None
