"""todoku_verify: proves a bank file by what was decided, with code of its own and Python's standard library alone.

In come the manifest (振込データ明細書), the line file (明細), the decision lists (支給決定一覧) and the bank files
(総合振込); out goes a verdict: yes, or which line and field of which file differ. It changes nothing, writes no file
and imports nothing of todoku, so that a fault there cannot hide here. Read it whole, in this order: `verify`,
`manifest`, `decisions`, `lines`, `bank`; the rest (`kana`, `rows`, `findings`) serves them.
"""

from todoku_verify.findings import Difference, Unreadable, Verdict
from todoku_verify.verify import verify

__all__ = ["Difference", "Unreadable", "Verdict", "verify"]
