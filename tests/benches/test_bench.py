"""`./run bench` from end to end on a small town: every step ends with its rows and its ratios. Times prove nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from todoku.ground.places import ROOT, var

STEPS = {
    "roll import", "opening cases", "forms", "paper received", "screening", "payment to file", "verify",
    "bank result",
}  # fmt: skip
MONEY = {"payment to file", "verify", "bank result"}


@pytest.fixture
def empty_database(database: str) -> Iterator[str]:
    """The address of an empty database: the bench marks it as sample before it touches it."""
    here = os.environ["DATABASE_URL"]
    name = f"{urlsplit(here).path.lstrip('/')}_bench"
    with psycopg.connect(here.replace(urlsplit(here).path, f"/{database}"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name}")
        yield urlunsplit(urlsplit(here)._replace(path=f"/{name}"))
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def state_folder(tmp_path: Path) -> Path:
    """A state folder of its own with the fonts of the real one."""
    (tmp_path / "assets").symlink_to(var("assets"))
    return tmp_path


def bench(address: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "bench", *words],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": address, "TODOKU_VAR": str(folder)},
    )  # fmt: skip


def test_every_step_ends_with_its_rows_and_ratios(empty_database, state_folder):
    done = bench(
        empty_database,
        state_folder,
        "--households",
        "150",
        "--payments",
        "20",
        "40",
        "--repeats",
        "1",
        "--sample",
        "4",
        "--sheets",
        "2",
        "--mutations",
        "10",
        "--mutated-lines",
        "2000",
        "--forms",
        "5",
        "10",
        "--scans",
        "3",
        "6",
        "--reviews",
        "120",
        "--reviewers",
        "4",
        "--reviewers-seconds",
        "1",
    )
    assert done.returncode == 0, done.stderr
    assert all(f"\n{step}" in done.stdout for step in STEPS)
    (figures,) = (state_folder / "bench").glob("*.json")
    lines = {(line["step"], line["households"]): line for line in json.loads(figures.read_text())["lines"]}
    assert set(lines) == {(step, households) for step in STEPS for households in (150,)}
    assert all(line["times_by_object"] > 0 and line["of_limit"] > 0 for line in lines.values())
    assert all(line["statements"] > 0 and line["peak_bytes"] > 0 for line in lines.values())
    payments = json.loads(figures.read_text())["payments"]
    assert {(line["step"], line["rows"]) for line in payments} == {
        (step, n) for step in MONEY for n in (20, 40)
    }
    money = {line["step"]: line for line in payments if line["households"] == 40}
    assert money["payment to file"]["reference_rows"] == money["bank result"]["reference_rows"] == 40
    assert money["bank result"]["of_reference"] > 0 == money["verify"]["of_reference"]
    rows = {step: lines[step, 150]["rows"] for step in STEPS}
    assert rows["roll import"] > rows["opening cases"] > 140
    assert rows["opening cases"] >= rows["forms"] >= rows["paper received"] == rows["screening"]
    assert rows["screening"] > rows["payment to file"] == rows["bank result"] > 0
    assert rows["verify"] == rows["payment to file"]
    forms = {(way["name"], way["forms"]): way for way in json.loads(figures.read_text())["forms"]}
    for count in (5, 10):
        whole = forms["todoku: printed and read back", count]
        assert whole["pages"] == 2 * count and whole["per_cpu_second"] > 0
    others = {name: way for (name, _), way in forms.items() if not name.startswith("todoku")}
    assert set(others) == {"typst", "typst overlay", "ReportLab", "WeasyPrint"}
    assert all(way["left_out"] or way["per_cpu_second"] > 0 for way in others.values())
    assert all(f"{name} left out: " in done.stdout for name, way in others.items() if way["left_out"])
    read = {(way["name"], way["pages"]): way for way in json.loads(figures.read_text())["scans"]}
    assert {pages for name, pages in read if name == "a lot in its child"} == {3, 6}
    assert all(way["wrong"] == 0 for way in read.values())
    assert read["the pages alone", 4]["right"] == read["zxing-cpp, whole page", 4]["right"] > 0
    reviews = {line["step"]: line for line in json.loads(figures.read_text())["reviews"]}
    assert set(reviews) == {"screening", "trial of a Version", "re-screening"}
    assert all(line["rows"] == 120 and line["by_object"]["rows"] == 4 for line in reviews.values())
    assert all(line["times_by_object"] > 0 and line["of_bare"] > 0 for line in reviews.values())
    assert reviews["screening"]["same_rows"]["rows"] == 120 and reviews["screening"]["of_same_rows"] > 0
    at_once = json.loads(figures.read_text())["reviewers"]
    acts = {"claim", "task page", "verdict and next claim"}
    assert {line["what"] for line in at_once["latencies"]} == acts and at_once["verdicts"] > 0
    assert {line["beside"] for line in at_once["latencies"]} == {"alone", "beside a re-screening"}
    assert at_once["dealt"] > 0 and at_once["bulk"]["rescreened"] > 0 and at_once["bulk"]["looks"] > 0
    assert set(at_once["queries"]) == acts | {"queue"}
    assert "10 of 10 found, each a file of 2,000 lines" in done.stdout
    table = figures.with_suffix(".md").read_text()
    assert "| roll import | " in table and "20 to 40" in table
    left = {path.name for path in state_folder.iterdir()} & {"print", "bank", "parcels"}
    assert not any(list((state_folder / name).iterdir()) for name in left), "the bench removes what it wrote"


def test_a_database_that_is_not_a_sample_is_refused_by_name_and_left_alone(empty_database, state_folder):
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("create table kept (id int)")
        done = bench(empty_database, state_folder, "--households", "40")
        assert done.returncode == 1
        assert urlsplit(empty_database).path.lstrip("/") in done.stderr
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
