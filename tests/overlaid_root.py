"""A root folder of its own over this machine's: what is written there is gone with the process.

A test joins a script, which runs in NAMESPACES, of OVERLAY, steps `inside`, `read_only` and `become`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from conftest import require_allowed

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How pip reaches an index on this machine.
KEPT = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
OVERLAY = """
set -e
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
mount --rbind /dev /mnt/root/dev
mount -t proc none /mnt/root/proc
"""


def require_overlay() -> None:
    """Skip where this user may not mount an overlay."""
    require_allowed([*NAMESPACES, "sh", "-c", OVERLAY], "no root folder of one's own here")


def inside(command: str, *, folder: str = "/") -> str:
    """A line that runs a shell command in that root, as root, with a bare environment."""
    kept = [f"{k}={v}" for k, v in os.environ.items() if k.upper().startswith(KEPT)]
    environment = shlex.join([f"PATH={PATH}", "HOME=/root", *kept])
    shell = shlex.quote(f"cd {folder}; {command}")
    return f"chroot /mnt/root env -i {environment} sh -ec {shell}\n"


def read_only(writable: Sequence[tuple[str, int]], size: str = "64m") -> str:
    """Lines that leave these (folder, user) as the only places to write to, and a /tmp of its own."""
    lines = [f"mount -o remount,ro /mnt/root\nmount -t tmpfs -o size={size} none /mnt/root/tmp\n"]
    lines += [
        f"mount -t tmpfs -o uid={user},gid={user},mode=700 none /mnt/root{folder}\n"
        for folder, user in writable
    ]
    return "".join(lines)


def become(user: int, environment: Sequence[str], command: Sequence[str]) -> str:
    """The last line: the script becomes that program, of a user without any capability."""
    bare = ("env", "-i", f"PATH={PATH}", *environment)
    ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs")
    none = ("--inh-caps=-all", "--bounding-set=-all")
    program = ["chroot", "/mnt/root", "setpriv", *ids, *none, *bare, *command]
    return f"exec {shlex.join(program)}\n"
