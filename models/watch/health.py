import shutil
from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import config

from .. import clock
from ..mixin.transitions import OPEN

#: what should have run or left by now
LATE = timedelta(hours=2)
#: every company with cases has its acts verified each night
UNVERIFIED = timedelta(days=3)
#: share of the disk
LEAST_FREE = 0.05


class Health(models.AbstractModel):
    """What a monitor asks of an installation: counts and names of jobs, nothing of a case or a person."""

    _name = "sig.health"
    _description = "Health of the Installation"

    def _get_health(self):
        """:return: ``{check: {"ok": bool, figure: value}}``"""
        self = self.sudo()
        engine = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return {
            "jobs": self._judge_jobs(),
            "mail_out": self._judge_outgoing_mail(),
            "mail_in": self._judge_incoming_mail(),
            "answers": self._judge_communications(),
            "acts": self._judge_acts(),
            "disk": self._judge_disk(),
            "pdf": {"ok": engine == "ok", "state": engine},
        }

    def _get_jobs(self):
        """Ours, switched off too, and those of core that carry mail and escalate; core switches off the unused."""
        names = self.env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", "ir.cron")])
        mail = self.env.ref("mail.ir_cron_mail_scheduler_action")
        optional = ("mail.ir_cron_mail_gateway_action", "base_automation.ir_cron_data_base_automation_check")
        used = mail.union(*map(self.env.ref, optional)).filtered("active")
        return self.env["ir.cron"].browse(names.mapped("res_id")).exists() | mail | used

    def _judge_jobs(self):
        jobs = self._get_jobs()
        off = jobs.filtered(lambda job: not job.active)
        late = (jobs - off).filtered(lambda job: job.nextcall < clock.now() - LATE)
        failing = jobs.filtered("failure_count")
        firsts = self.env["sig.pqrs"]._read_group([("state", "in", OPEN)], ["company_id"], ["create_date:min"])
        reviewed = {company: company.sig_watched_on or company._sig_local_date(first) for company, first in firsts}
        if any(day < company._sig_today() - timedelta(days=1) for company, day in reviewed.items()):
            failing |= self.env.ref("sig_pqrs.cron_watch")  # it goes on with the next company when one fails
        found = {"late": late, "failing": failing, "off": off}
        return {"ok": not any(found.values()), **{name: group.mapped("cron_name") for name, group in found.items()}}

    def _judge_outgoing_mail(self):
        """Mails that a failure put off are not late before the date they were put off to."""
        limit, Mail = clock.now() - LATE, self.env["mail.mail"]
        due = Domain("scheduled_date", "=", False) | Domain("scheduled_date", "<", limit)
        ours = Domain("model", "=like", "sig.%") | Domain("sig_purpose", "!=", False)
        waiting = Mail.search_count(ours & due & Domain("state", "=", "outgoing") & Domain("create_date", "<", limit))
        failed = [("state", "=", "exception"), ("write_date", ">", clock.now() - timedelta(days=1))]
        return {"ok": not waiting, "waiting": waiting, "failed_today": Mail.search_count(ours & Domain(failed))}

    def _judge_incoming_mail(self):
        limit, Mail = clock.now() - LATE, self.env["sig.pqrs.mail"]
        # Core sets those that failed for five days back to draft.
        servers = self.env["fetchmail.server"].search(["|", ("state", "=", "done"), ("error_date", "!=", False)])
        failing = servers.filtered(lambda server: server.error_date or (server.date or server.create_date) < limit)
        unread = [("state", "in", ("waiting", "failed")), ("direction", "=", "in"), ("create_date", "<", limit)]
        count = Mail.search_count(unread)
        return {"ok": not (failing or count), "servers_failing": len(failing), "unread": count}

    def _judge_communications(self):
        """Answers and notices whose letter was not printed, or whose mail is gone and nobody noticed its fate."""
        gone = Domain("mail_id", "=", False) | Domain("mail_id.state", "!=", "outgoing")
        queued = Domain("state", "=", "queued") & Domain("write_date", "<", clock.now() - LATE)
        stuck = self.env["sig.pqrs.communication"].search_count(queued & gone)
        return {"ok": not stuck, "stuck": stuck}

    def _judge_acts(self):
        Check, oldest = self.env["sig.act.check"], clock.now() - UNVERIFIED
        firsts = self.env["sig.pqrs"]._read_group([], ["company_id"], ["create_date:min"])
        last = {company: Check._get_last(company) for company, _first in firsts}
        found = {
            "faults": sum(check.fault_count for check in last.values()),
            "unverified_companies": sum((last[company].date_done or first) < oldest for company, first in firsts),
        }
        return {"ok": not any(found.values()), **found}

    def _judge_disk(self):
        usage = shutil.disk_usage(config["data_dir"])
        free = usage.free / usage.total
        return {"ok": free >= LEAST_FREE, "free_percent": round(100 * free, 1)}
