"""The sample municipality's word on the proofs of a run (校了).

Takes a run that was made; leaves it ready for its release by another person. One approved proof stands for all runs of a
kind and wording, as in a real office.
"""

from datetime import datetime

from todoku.letters.approve_proof import approve_proof, is_covered, look_at_proof
from todoku.letters.proof_sheets import chosen_pieces
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor


def approved_proof(run: PrintRun, *, officer: Actor, at: datetime) -> None:
    """Has the officer approve the proof of a run, where no earlier one stands for it."""
    if run.kind != "gift" and run.pdf is not None and not is_covered(run):
        if not run.protected:
            look_at_proof(run, pieces=len(chosen_pieces(run)), actor=officer, at=at)
        approve_proof(run, sha256=run.pdf.sha256, approved=True, actor=officer, at=at)
