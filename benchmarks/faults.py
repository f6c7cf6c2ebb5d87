"""Faults while people work over HTTP: what was confirmed to them is not lost, nothing is done twice, the acts hold, and
work resumes by itself.
"""

import itertools
import os
import random
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from odoo.tools import config

from .mail_server import MailServer
from .scene import Scene
from .web import free_port, server


@dataclass
class Running:
    """What can be struck: the server of Odoo, the mail server, the folder of the files, the PDF engine, which hangs
    while a file exists, and single steps, see `serve`.
    """

    pid: int
    mail: MailServer
    files: Path
    hang: Path
    kill: Path


@contextmanager
def again_and_again(act, seconds):
    """Do something every so many seconds, in the background.

    :raises RuntimeError: when it was never done: what was to be shown is not shown.
    """
    stop, done = threading.Event(), []

    def work():
        while not stop.wait(seconds):
            act()
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if not done:
        raise RuntimeError("the fault never struck")


#: last parts of the addresses of what people do: file, approve, send, launch a wave, close a review
STEPS = ("new", "action_approve", "action_send_response", "action_launch", "action_close")


def kill_workers(running):
    """Workers, of requests or of jobs, are gone from one moment to the next: one every second, and who takes one of the
    `STEPS`, just before it is committed, and just after, before anybody is told.
    """
    for step in STEPS:
        for moment in ("before", "after"):
            (running.kill / f"{step}.{moment}").touch()

    def kill():
        with suppress(psutil.NoSuchProcess):
            random.choice(psutil.Process(running.pid).children()).kill()

    return again_and_again(kill, 1)


def restart_database(_running):
    """PostgreSQL stops without waiting for anybody, and starts again."""
    command = os.environ["SIG_RESTART_DATABASE"]
    return again_and_again(lambda: subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL), 6)


@contextmanager
def upset_mail(running):
    """The mail server is slow, refuses half of the recipients, and is away."""
    moods = itertools.cycle(("half", "slow", "down", "up"))

    def change():
        if running.mail.mood == "down":
            running.mail.start()
        running.mail.mood = next(moods)
        if running.mail.mood == "down":
            running.mail.stop()

    with again_and_again(change, 3):
        yield
    while running.mail.mood != "up":
        change()


@contextmanager
def hang_pdf(running):
    """The PDF engine does not come back."""
    running.hang.touch()
    try:
        yield
    finally:
        running.hang.unlink()
        for process in psutil.process_iter(["cmdline"]):
            if str(running.hang) in (process.info["cmdline"] or ()):
                process.kill()


@contextmanager
def fill_disk(running):
    """The disk of the files is full."""
    ballast = running.files / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as full:
        while full.write(b"0" * 65536):
            pass
    try:
        yield
    finally:
        ballast.unlink()


FAULTS = {
    "nothing": lambda _running: nullcontext(),
    "workers killed": kill_workers,
    "database restarted": restart_database,
    "mail server upset": upset_mail,
    "PDF engine hanging": hang_pdf,
    "disk full": fill_disk,
}
#: mail that a server took and nobody wrote down is sent again: the protocol knows no other way
MAY_REPEAT = ("workers killed", "database restarted")


def run(database, fault, log):
    """One scene, and what is found after it.

    :return: whether all is as it was promised.
    """
    files = Path(config.filestore(database.name))
    mail = MailServer(free_port())
    mail.start()
    with tempfile.TemporaryDirectory() as folder, small_disk(files) if fault == "disk full" else nullcontext():
        scene = Scene(database, mail.port)
        hang, kill = Path(folder) / "hang", Path(folder) / "kill"
        kill.mkdir()
        environ = {
            "PATH": f"{wrap_pdf_engine(Path(folder), hang)}:{os.environ['PATH']}",
            "SIG_KILL": str(kill),
        }
        with server(database.name, log, "--max-cron-threads=1", environ=environ) as running:
            scene.work(running.address, FAULTS[fault](Running(running.pid, mail, files, hang, kill)))
            seconds = scene.settle()
        found = list(scene.find_faults())
        found += [f"nobody was killed at {left.name}" for left in kill.iterdir()]
    mail.stop()
    repeated = sum(times - 1 for times in mail.taken.values())
    if repeated and fault not in MAY_REPEAT:
        found.append(f"{repeated} mails left twice")
    told = f"{len(scene.filed)} petitions, {len(mail.taken)} mails, {repeated} twice, settled after {seconds:.0f} s"
    print(f"{fault}: {'all is well' if not found else 'NOT AS PROMISED'} ({told})")
    for line in found:
        print(f"  {line}")
    return not found


def wrap_pdf_engine(folder, hang):
    """A PDF engine that hangs while a file exists. :return: the folder that it is in."""
    script = folder / "wkhtmltopdf"
    engine = shutil.which("wkhtmltopdf")
    script.write_text(f'#!/bin/sh\n[ -e "{hang}" ] && exec tail -f "{hang}"\nexec "{engine}" "$@"\n')
    script.chmod(0o755)
    return folder


@contextmanager
def small_disk(files):
    """A disk of its own for the files of a database, with little room."""
    used = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    aside = files.with_suffix(".aside")
    files.rename(aside)
    files.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used + 20_000_000}", "none", files], check=True)
        try:
            shutil.copytree(aside, files, dirs_exist_ok=True)
            yield
        finally:
            subprocess.run(["umount", "--lazy", files], check=True)
    finally:
        files.rmdir()
        aside.rename(files)
