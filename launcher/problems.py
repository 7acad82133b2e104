"""Failures that one sentence explains to whoever started the product."""

import errno


class LaunchError(Exception):
    """A reason, written for a person, why something could not be started."""


def sentence(problem: OSError, doing: str) -> str:
    """One sentence that says what could not be done, why, and what helps."""
    where = f" ({problem.filename})" if problem.filename else ""
    remedy = {
        errno.ENOSPC: "the disk is full; free some space and start again",
        errno.EDQUOT: "the disk quota is used up; free some space and start again",
        errno.EACCES: "access was refused; start as the owner of the folder or choose another one",
        errno.EPERM: "that is not permitted to this user",
        errno.EROFS: "the file system is read-only; set ROTATION_DATA to a writable folder",
        errno.ENOEXEC: "the program was built for another kind of machine",
    }.get(problem.errno or 0, problem.strerror or str(problem))
    return f"Could not {doing}{where}: {remedy}."
