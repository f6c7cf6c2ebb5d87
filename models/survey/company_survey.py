from odoo import fields, models

#: local hours in which clients are called, Monday to Friday and on Saturday (Ley 2300 de 2023, art. 3)
CALL_HOURS, SATURDAY_HOURS = (7, 19), (8, 15)


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_survey_reminders = fields.Integer("Reminders of a survey", default=2, prefetch="sig_pqrs")
    sig_survey_reminder_days = fields.Integer("Days between reminders", default=5, prefetch="sig_pqrs")
    sig_survey_basis = fields.Selection(
        [("service", "Every client who has not refused"), ("consent", "Only who allowed surveys")],
        "Who is surveyed",
        required=True,
        default="service",
        prefetch="sig_pqrs",
    )

    def _sig_get_survey_refusal(self, people, decisions):
        decided = {decisions[person.id] for person in people if person.id in decisions}
        if decided - {"given"}:
            return self.env._("Does not allow surveys.")
        if self.sig_survey_basis == "consent" and not decided:
            return self.env._("Has not allowed surveys yet.")
        return ""

    def _sig_get_call_refusal(self, moment):
        """Why clients may not be called at ``moment`` (naive UTC), by Ley 2300 de 2023, art. 3; empty when they may."""
        local = self._sig_local(moment)
        if local.weekday() == 6 or local.date() in self._sig_calendar(local.date()).holidays:
            return self.env._("Today is Sunday or a holiday: clients are not called (Ley 2300 de 2023).")
        start, end = SATURDAY_HOURS if local.weekday() == 5 else CALL_HOURS
        if start <= local.hour < end:
            return ""
        hours = {"hour": local.strftime("%H:%M"), "start": f"{start}:00", "end": f"{end}:00"}
        return self.env._(
            "It is %(hour)s: today clients are called between %(start)s and %(end)s (Ley 2300 de 2023).", **hours
        )
