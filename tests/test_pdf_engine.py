import functools
import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.addons.base.models import ir_actions_report as core
from odoo.addons.sig_pqrs.models import pdf_engine
from odoo.addons.sig_pqrs.models.ir_actions_report import TIME_LIMIT
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from .common import SigCommon

LOGGER = "odoo.addons.sig_pqrs"
LETTER = "sig_pqrs.report_response_letter"

#: starts another program, as scripts around the engine do, which holds what it was given to write to
HANGING = '#!/bin/sh\necho x >> "{counts}"\nsleep 60 &\necho $! > "{child}"\nwait\n'


@tagged("post_install", "-at_install")
class TestPdfEngine(SigCommon):
    """A PDF engine that does not come back holds neither who prints nor the jobs. Time is not frozen: it has to pass."""

    def setUp(self):
        super().setUp()
        self.addCleanup(pdf_engine.stopped_in.clear)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.env["ir.config_parameter"].sudo().set_param(TIME_LIMIT, "1")

    @contextmanager
    def engine(self, script, known=True):
        """An engine of our own.

        :param bool known: whether core has asked it already what it is.
        """
        path = self.folder / "wkhtmltopdf"
        names = {"counts": self.folder / "counts", "child": self.folder / "child"}
        path.write_text(script.format(**names))
        path.chmod(0o755)
        info = core.WkhtmlInfo("ok", True, str(path), "0.12.6", True, "wkhtmltoimage", None)
        asked = functools.lru_cache(1)(lambda: info)
        if known:
            asked()
        with patch.object(core, "_wkhtml", asked), patch.object(pdf_engine, "which", lambda _name: str(path)):
            yield

    @property
    def runs(self):
        counts = self.folder / "counts"
        return len(counts.read_text().split()) if counts.exists() else 0

    def print_letter(self, case):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        return reports._render_qweb_pdf(LETTER, case.ids)

    def test_stopped_with_what_it_started(self):
        case = self.make_approved()
        before = time.monotonic()
        told = "did not finish and was stopped"
        with self.engine(HANGING), self.assertLogs(LOGGER, "WARNING"), self.assertRaisesRegex(UserError, told):
            self.print_letter(case)
        self.assertLess(time.monotonic() - before, 20)
        child = int((self.folder / "child").read_text())
        for _attempt in range(50):
            if not self.is_running(child):
                break
            time.sleep(0.1)
        self.assertFalse(self.is_running(child), "what the engine started ended with it")

    def is_running(self, pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def test_letter_waits_and_is_printed_when_the_engine_is_back(self):
        cases = self.make_approved() | self.make_approved()
        with self.engine(HANGING), self.assertLogs(LOGGER, "WARNING"):
            cases.with_user(self.director).with_context(force_report_rendering=True).action_send_response()
        self.assertEqual(self.runs, 1, "the second letter does not wait for an engine that hangs")
        for case in cases:
            self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
            self.assertFalse(case.letter_id)
            self.assertTrue(case.delivery_failure)
        pdf_engine.stopped_in.clear()  # another transaction
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertTrue(all(case.letter_id for case in cases))

    def test_engine_that_does_not_say_what_it_is(self):
        case = self.make_approved()
        told = "did not finish and was stopped"
        with self.engine(HANGING, known=False), patch.object(pdf_engine, "ANSWER_SECONDS", 1):
            self.assertEqual(self.env["ir.actions.report"].get_wkhtmltopdf_state(), "broken")
            with self.assertLogs(LOGGER, "WARNING"), self.assertRaisesRegex(UserError, told):
                self.print_letter(case)

    def test_engine_in_time(self):
        """What ends is as core has it: its output, and what it says of a failure."""
        case = self.make_approved()
        with self.engine('#!/bin/sh\nfor last; do :; done\nprintf done > "$last"\n'):
            self.assertEqual(self.env["ir.actions.report"]._run_wkhtmltopdf(["<p/>"], report_ref=LETTER), b"done")
        failed = "error code: 7"
        with self.engine("#!/bin/sh\nexit 7\n"), self.assertLogs(core._logger, "WARNING"), self.assertRaisesRegex(
            UserError, failed
        ):
            self.print_letter(case)

    def test_limit_is_below_that_of_odoo(self):
        parameters = self.env["ir.config_parameter"].sudo()
        reports = self.env["ir.actions.report"]
        self.assertEqual(reports._sig_get_engine_seconds(), 1)
        for nonsense in ("", "0", "-5", "soon"):
            parameters.set_param(TIME_LIMIT, nonsense)
            for limit in (120, 40, 0, -1):
                with self.subTest(nonsense=nonsense, limit=limit), patch.dict(config.options, limit_time_real=limit):
                    seconds = reports._sig_get_engine_seconds()
                    self.assertGreater(seconds, 0)
                    if limit > 0:
                        self.assertLess(seconds, limit)

    def test_reports_of_others_are_left_alone(self):
        seen = []
        with self.engine('#!/bin/sh\nfor last; do :; done\nprintf done > "$last"\n'), patch.object(
            pdf_engine, "_run", lambda *args: seen.append(args)
        ):
            self.env["ir.actions.report"]._run_wkhtmltopdf(["<p/>"], report_ref="web.preview_layout_report")
        self.assertFalse(seen)
        self.assertTrue(os.access(self.folder / "wkhtmltopdf", os.X_OK))
