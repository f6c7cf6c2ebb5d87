from odoo import models

#: chains that do not hold which a report names
NAMED = 10


class ActsInput(models.Model):
    """Integrity of the acts (ISO 9001, 7.5.3): recipients of the report can prove later tampering."""

    _inherit = "sig.management.section"

    def _get_input_acts(self, date_from, date_to):
        company, model = self.env.company, "sig.act.head.export"
        period = self._get_period_domain(model, "date", date_from, date_to)
        export = self.env[model].search(period, order="date desc", limit=1)
        check = self.env["sig.act.check"]._get_last(company)
        moment = check and company._sig_local(check.date_done)
        faults = check.faults or {}
        return {
            "export": [export.date.isoformat(), export.case_count, export.act_count, export.digest] if export else None,
            "checked": check.case_count,
            "checked_on": f"{self._format_day(moment.date())} {moment:%H:%M}" if moment else "",
            "faulty": check.fault_count,
            "faults": list(faults.items())[:NAMED],
        }

    def _describe_acts(self, now, _earlier):
        exported = self.env._("No heads of the acts were exported in the period.")
        if last := now["export"]:
            exported = self.env._(
                "On %(day)s the acts of all cases were %(acts)s, and their last heads file is the one with SHA-256 "
                "%(digest)s.",
                day=self._format_day(last[0]),
                acts=self._format(last[2], 0),
                digest=last[3],
            )
        describe = self.env["sig.act.check"]._describe_faults
        columns = {self.env._("PQRS"): 0, self.env._("What does not hold*"): lambda fault: describe(fault[1])}
        title, faults = self.env._("Chains that do not hold"), now["faults"]
        return {
            "has_data": bool(last or now["checked"]),
            "summary": f"{self._describe_verified(now)} {exported}",
            "tables": [self._make_table(title, columns, faults, now["faulty"])] if faults else [],
        }

    def _describe_verified(self, now):
        values = {"checked": self._format(now["checked"], 0), "moment": now["checked_on"]}
        if not now["checked"]:
            return self.env._("No chain of acts was verified yet.")
        if now["faulty"]:
            return self.env._(
                "ALTERED: chains of acts that do not hold: %(faulty)s of %(checked)s, verified until %(moment)s.",
                faulty=self._format(now["faulty"], 0),
                **values,
            )
        return self.env._("The chains of acts hold (verified: %(checked)s; the last one on %(moment)s).", **values)
