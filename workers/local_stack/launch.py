"""Start a program that dies with its parent: `python -I -S launch.py OPTIONS -- PROGRAM ARGUMENT…`.

Runs as a script of its own, with the standard library only, and then *becomes* the program, so that the supervisor
forks nothing complicated and the process id is the program's. On Linux the kernel sends the death signal
(`PR_SET_PDEATHSIG`); elsewhere a small watcher holds the read end of a pipe whose write end only the parent has.

PostgreSQL refuses to run as root. `--identity namespace` maps root to an ordinary user inside a user namespace, so that
the files stay root's and no system user is made; `--identity nobody` gives the rights up for good.
"""

import argparse
import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
KILL_AFTER_SECONDS = 10.0
EXIT_IDENTITY_REFUSED = 125
EXIT_NOT_STARTED = 127


def main() -> None:
    """Take on the identity, tie this process to its parent, become the program."""
    options = _options()
    try:
        _take_identity(options.identity)
    except OSError as refusal:
        sys.stderr.write(f"identity {options.identity} refused: {refusal}\n")
        sys.exit(EXIT_IDENTITY_REFUSED)
    if options.watch_fd is not None:
        _watch(options.watch_fd, options.death_signal)
    elif sys.platform == "linux":
        _die_with_parent(options.parent, options.death_signal)
    program: list[str] = options.program
    try:
        os.execv(program[0], program)  # noqa: S606  the program and its arguments are the supervisor's own
    except OSError as refusal:
        sys.stderr.write(f"{program[0]}: {refusal.strerror}\n")
        sys.exit(EXIT_NOT_STARTED)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, default=int(signal.SIGTERM))
    parser.add_argument("--identity", choices=["same", "namespace", "nobody"], default="same")
    parser.add_argument("--watch-fd", type=int)
    parser.add_argument("program", nargs="+")
    return parser.parse_args()


def _take_identity(identity: str) -> None:
    if identity == "namespace":
        user, group = os.geteuid(), os.getegid()
        _libc_call("unshare", CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    elif identity == "nobody":
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _die_with_parent(parent: int, death_signal: int) -> None:
    _libc_call("prctl", PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it went before the kernel was asked
        sys.exit(EXIT_NOT_STARTED)


def _libc_call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _watch(read_end: int, death_signal: int) -> None:
    """Leave a watcher behind that ends this process once nobody holds the other end of the pipe any more."""
    program = os.getpid()
    if os.fork() != 0:
        os.close(read_end)
        return
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    while os.getppid() == program:
        if select.select([read_end], [], [], 1.0)[0]:
            _end(program, death_signal)
            break
    os._exit(0)


def _end(program: int, death_signal: int) -> None:
    """Signal the program, and kill it when it has not gone in time; `getppid` changes as soon as it has."""
    os.kill(program, death_signal)
    deadline = time.monotonic() + KILL_AFTER_SECONDS
    while os.getppid() == program:
        if time.monotonic() > deadline:
            os.kill(program, signal.SIGKILL)
            return
        time.sleep(0.05)


if __name__ == "__main__":
    main()
