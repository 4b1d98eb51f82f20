"""Whatever is opened, taken back, carried and moved, in whatever order and cut off anywhere: each sheet has one place."""

from datetime import timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.payment.killed import ENDED, run_killed
from todoku.ground.step import Refusal
from todoku.mailroom.carry import carry
from todoku.mailroom.held_in import held_in
from todoku.mailroom.make_container import make_container
from todoku.mailroom.move_sheet import move_sheet
from todoku.mailroom.open_many import open_many
from todoku.mailroom.seal_container import seal_container
from todoku.mailroom.tables import Container, Envelope, Sheet, SheetMove
from todoku.mailroom.take_back_envelope import take_back_envelope
from todoku.progress.paper_hand_overs import paper_hand_overs

PLACES = ("opening", "scanning", "store")
CHAINED = """
select count(*) from todoku_sheet s
 where (select coalesce((m.to_container_id, m.to_position), (s.container_id, s.position)) from todoku_sheetmove m
         where m.sheet_id = s.id order by m.id desc limit 1) is distinct from (s.container_id, s.position)
   and exists (select 1 from todoku_sheetmove m where m.sheet_id = s.id)
"""


class Cut(Exception):
    """The process dies here: its transaction is gone."""


def machine(mailroom):
    class Paper(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()
            self.numbers = mailroom.numbers(12)
            self.sheets = 0

        def teardown(self):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

        def doing(self, act, cut=False):
            """One act, all or nothing; whoever may not do it is told so."""
            try:
                with transaction.atomic():
                    done = act()
                    if cut:
                        raise Cut
            except (Refusal, Cut):
                return None
            return done

        def container(self, place):
            found = list(Container.objects.filter(programme=mailroom.programme).order_by("pk"))
            return found[place % len(found)]

        @rule(kinds=st.lists(st.sampled_from([("form",), ("form", "attachment"), ("other",)]), min_size=1, max_size=4),
              into=st.integers(0, 5), cut=st.booleans())  # fmt: skip
        def opens(self, kinds, into, cut):
            rows = [mailroom.letter(self.numbers[i], *kind) for i, kind in enumerate(kinds)]
            tray, bag, clerk = self.container(into), mailroom.bag, mailroom.staff["clerk"]
            act = lambda: open_many(rows, bag=bag, tray=tray, actor=clerk, at=mailroom.now)  # noqa: E731
            if self.doing(act, cut):
                self.sheets += sum(map(len, kinds))

        @rule(cut=st.booleans())
        def takes_back(self, cut):
            last = Envelope.objects.filter(voided_at=None).order_by("-no").first()
            if last:
                act = lambda: take_back_envelope(last, actor=mailroom.staff["clerk"], at=mailroom.now)  # noqa: E731
                if self.doing(act, cut):
                    self.sheets -= last.sheets

        @rule(kind=st.sampled_from(["tray", "bundle", "box"]), station=st.sampled_from(PLACES))
        def makes(self, kind, station):
            make_container(
                programme=mailroom.programme,
                kind=kind,
                station=station,
                actor=mailroom.staff["clerk"],
                at=mailroom.now,
            )

        @rule(which=st.integers(0, 5), to=st.sampled_from(PLACES), cut=st.booleans())
        def carries(self, which, to, cut):
            one, staff = self.container(which), mailroom.staff
            count = held_in(one)
            self.doing(
                lambda: carry(one, to=to, stated=count, found=count, second=staff["other"], actor=staff["clerk"],
                              at=mailroom.now), cut,
            )  # fmt: skip

        @rule(which=st.integers(0, 40), to=st.integers(0, 5), cut=st.booleans())
        def moves(self, which, to, cut):
            sheets = list(Sheet.objects.filter(voided_at=None).order_by("pk"))
            if sheets:
                sheet, target = sheets[which % len(sheets)], self.container(to)
                self.doing(
                    lambda: move_sheet(
                        sheet, target, why="束ね直す", actor=mailroom.staff["clerk"], at=mailroom.now
                    ),
                    cut,
                )

        @rule(which=st.integers(0, 5))
        def seals(self, which):
            one = self.container(which)
            self.doing(lambda: seal_container(one, actor=mailroom.staff["clerk"], at=mailroom.now))

        @rule()
        def waits(self):
            mailroom.at += timedelta(minutes=2)

        @invariant()
        def every_sheet_lies_in_exactly_one_place(self):
            lying = Sheet.objects.filter(voided_at=None).values_list("container_id", "position")
            assert len(lying) == len(set(lying)) == self.sheets
            held = [held_in(one) for one in Container.objects.all()]
            assert sum(held) == self.sheets

        @invariant()
        def the_counts_balance_and_no_link_of_the_chain_is_missing(self):
            lines = {line.key: line for line in paper_hand_overs(mailroom.programme)}
            assert lines["laid"].balances and lines["carried"].balances
            assert lines["laid"].came_in == self.sheets
            with connection.cursor() as cursor:
                cursor.execute(CHAINED)
                assert cursor.fetchone() == (0,)

    return Paper


def test_each_sheet_is_in_exactly_one_place_after_whatever_is_done_and_cut_off(mailroom):
    run_state_machine_as_test(
        machine(mailroom),
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert (Sheet.objects.count(), SheetMove.objects.count()) == (0, 0), "each example is taken back whole"


def test_a_process_killed_anywhere_in_a_tray_leaves_all_of_it_or_nothing(mailroom):
    """Killed at each statement and commit in turn: no envelope without its sheets, and the counts balance after each."""
    rows = [mailroom.letter(number) for number in mailroom.numbers(10)]
    clerk, tray, at = mailroom.staff["clerk"], mailroom.tray, mailroom.now
    seen, die_at, ended = set(), 0, ""
    while ended != ENDED:
        die_at += 1
        ended = run_killed(
            lambda: open_many(rows, bag=mailroom.bag, tray=tray, actor=clerk, at=at), die_at, reads_too=True
        )
        opened, lying = Envelope.objects.count(), Sheet.objects.count()
        assert lying == 3 * opened and opened % 10 == 0
        assert all(line.balances for line in paper_hand_overs(mailroom.programme) if line.key == "laid")
        seen.add(opened)
    # Killed before the commit nothing is kept; after it, all is, though nobody was told.
    assert seen == {0, 10, 20} and die_at > 5
