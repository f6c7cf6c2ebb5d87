from odoo import models


class ActsInput(models.Model):
    """Integrity of the acts (ISO 9001, 7.5.3): recipients of the report can prove later tampering."""

    _inherit = "sig.management.section"

    def _get_input_acts(self, date_from, date_to):
        model = "sig.act.head.export"
        period = self._get_period_domain(model, "date", date_from, date_to)
        export = self.env[model].search(period, order="date desc", limit=1)
        return export, self.env["sig.act.check"]._get_last(self.env.company)

    def _describe_acts(self, now, _earlier):
        export, check = now
        exported = self.env._("No heads of the acts were exported in the period.")
        if export:
            exported = self.env._(
                "On %(day)s the acts of all cases were %(acts)s, and their last heads file is the one with SHA-256 "
                "%(digest)s.",
                day=self._format_day(export.date),
                acts=self._format(export.act_count, 0),
                digest=export.digest,
            )
        summary = f"{self._describe_verified(check)} {exported}"
        return {"has_data": bool(export or check.case_count), "summary": summary}

    def _describe_verified(self, check):
        if not check.case_count:
            return self.env._("No chain of acts was verified yet.")
        moment = self.env.company._sig_local(check.date_done)
        values = {
            "checked": self._format(check.case_count, 0),
            "moment": f"{self._format_day(moment.date())} {moment:%H:%M}",
        }
        if check.fault_count:
            return self.env._(
                "ALTERED: chains of acts that do not hold: %(faulty)s of %(checked)s, verified until %(moment)s.",
                faulty=self._format(check.fault_count, 0),
                **values,
            )
        return self.env._("The chains of acts hold (verified: %(checked)s; the last one on %(moment)s).", **values)
