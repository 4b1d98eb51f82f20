"""Kills a process at every step of a deed: SIGKILL to a child of this one, so that no handler and no rollback of ours runs.

A step is one statement that writes to the database, one commit, or one step of writing a file (custody.files.AFTER_STEP).
Between two of them nothing is left that a death could change: a statement that only reads is no step. The deed runs in a
forked child with connections of its own; the parent then looks at what is left.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from todoku.custody import files

ENDED, KILLED = "ended", "killed"


class Steps:
    """Counts the steps of a deed and ends the process at the one that was chosen (0: never)."""

    def __init__(self, die_at: int, file_steps_only: bool = False, reads_too: bool = False) -> None:
        self.die_at, self.file_steps_only, self.reads_too, self.seen = die_at, file_steps_only, reads_too, 0

    def step(self, _name: str = "") -> None:
        self.seen += 1
        if self.seen == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        reads = str(sql).lstrip().upper().startswith("SELECT")
        if not self.file_steps_only and (self.reads_too or not reads):
            self.step()
        return done

    def commit(self, commit: Callable[[], None]) -> Callable[[], None]:
        """Before a commit the deed is undone, after it the acknowledgement is lost."""

        def run() -> None:
            if self.file_steps_only:
                return commit()
            self.step()
            commit()
            self.step()

        return run


def run_killed(
    deed: Callable[[], object], die_at: int, *, file_steps_only: bool = False, reads_too: bool = False
) -> str:
    """Runs the deed in a child that dies at a step; ENDED where the deed has fewer steps than that.

    `reads_too`: statements that read are steps as well, for a deed that does something outside the database between them.
    An error in the child is an error here: a crash may undo work, it may not leave what the next run stumbles over.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        _be_killed(deed, Steps(die_at, file_steps_only, reads_too))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, f"ended by signal {os.WTERMSIG(status)}"
        return KILLED
    assert os.WEXITSTATUS(status) == 0, "the deed failed in the child: its traceback is above"
    return ENDED


def _be_killed(deed: Callable[[], object], steps: Steps) -> None:
    """In the child, which never returns: whatever happens it leaves by os._exit, past pytest's own ends."""
    import traceback

    try:
        connection.ensure_connection()
        connection.commit = steps.commit(connection.commit)  # type: ignore[method-assign]
        files.AFTER_STEP.append(steps.step)
        with connection.execute_wrapper(steps.statement):
            deed()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
