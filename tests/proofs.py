"""What a run needs before its release: the municipality's word on its proof (校了), by an officer of its own."""

from django.utils import timezone

from todoku.letters.approve_proof import approve_proof, look_at_proof
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation, Staff


def city_officer() -> Actor:
    """The municipality's officer who looks at proofs; the same one each time."""
    city, _ = Organisation.objects.get_or_create(name="校正 担当課", defaults={"kind": "municipality"})
    one = Staff.objects.filter(username="proof-officer").first() or enrol(
        "proof-officer", name="校了 する子", organisation=city, roles=("city_officer",), password="todoku-tests-2026"
    )  # fmt: skip
    return Actor(one.pk, one.name, one.roles, "municipality", "municipality")


def proofed(run: PrintRun) -> PrintRun:
    """The run, approved by the municipality: another person of the office may release it."""
    run = PrintRun.objects.select_related("pdf", "programme__municipality").get(pk=run.pk)
    if run.pdf:
        look_at_proof(run, pieces=1, actor=city_officer(), at=timezone.now())
        approve_proof(run, sha256=run.pdf.sha256, approved=True, actor=city_officer(), at=timezone.now())
    return run
