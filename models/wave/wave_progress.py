from odoo import api, fields, models

from .recipient import OPEN

#: what a counter of a wave opens: the states of its clients
COUNTERS = {
    "asked": None,
    "answered": ("answered",),
    "pending": ("to_send", "sent", "started"),
    "unreached": ("failed", "bounced", "wrong_contact"),
    "declined": ("declined",),
    "excluded": ("excluded",),
}


class SurveyWave(models.Model):
    """How a wave goes: counted by one query for all the waves shown."""

    _inherit = "sig.survey.wave"

    recipient_count = fields.Integer("Clients of the wave", compute="_compute_progress", compute_sudo=True)
    answered_count = fields.Integer("Answers", compute="_compute_progress", compute_sudo=True)
    pending_count = fields.Integer("Without answer", compute="_compute_progress", compute_sudo=True)
    unreached_count = fields.Integer("Not reached", compute="_compute_progress", compute_sudo=True)
    declined_count = fields.Integer("Do not take part", compute="_compute_progress", compute_sudo=True)
    excluded_count = fields.Integer("Left out of the wave", compute="_compute_progress", compute_sudo=True)
    email_count = fields.Integer("By email", compute="_compute_progress", compute_sudo=True)
    visit_count = fields.Integer("By visit", compute="_compute_progress", compute_sudo=True)
    phone_count = fields.Integer("By phone", compute="_compute_progress", compute_sudo=True)
    queued_count = fields.Integer("In the queue", compute="_compute_progress", compute_sudo=True)
    shared_count = fields.Integer("In shared mailboxes", compute="_compute_shared_count", compute_sudo=True)
    progress = fields.Float("Progress (%)", compute="_compute_progress", compute_sudo=True)

    @api.depends("recipient_ids.state", "recipient_ids.channel", "recipient_ids.queued")
    def _compute_progress(self):
        counts = {wave.id: {} for wave in self}
        for wave, state, channel, queued, count in self.env["sig.survey.recipient"]._read_group(
            [("wave_id", "in", self.ids)], ["wave_id", "state", "channel", "queued"], ["__count"]
        ):
            counts[wave.id][state, channel, queued] = count
        for wave in self:
            cells = counts.get(wave.id, {})

            def total(states=None, channel=None, queued=None, cells=cells):
                return sum(
                    count
                    for (state, by, waits), count in cells.items()
                    if (state in states if states else state != "excluded")
                    and channel in (None, by)
                    and queued in (None, waits)
                )

            for name, states in COUNTERS.items():
                wave["recipient_count" if name == "asked" else f"{name}_count"] = total(states)
            for channel in ("email", "visit", "phone"):
                wave[f"{channel}_count"] = total(channel=channel)
            wave.queued_count = total(OPEN, queued=True)
            wave.progress = 100 * wave.answered_count / wave.recipient_count if wave.recipient_count else 0

    @api.depends("recipient_ids.email")
    def _compute_shared_count(self):
        shared = self.env["sig.survey.recipient"]._get_shared_emails(self)
        for wave in self:
            emails = {email for wave_id, email in shared if wave_id == wave.id}
            wave.shared_count = (
                sum((recipient.email or "").lower() in emails for recipient in wave.recipient_ids) if emails else 0
            )

    def action_view_recipients(self):
        """The clients behind a counter: those named by ``sig_counter`` in the context or by ``sig_channel``, or all."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_recipient")
        domain = [("wave_id", "=", self.id)]
        counter, channel = self.env.context.get("sig_counter"), self.env.context.get("sig_channel")
        if states := COUNTERS.get(counter):
            domain.append(("state", "in", states))
        elif counter or channel:  # as they are counted
            domain.append(("state", "!=", "excluded"))
        if channel:
            domain.append(("channel", "=", channel))
        if self.env.context.get("sig_shared"):
            domain.append(("is_shared_email", "=", True))
        return {**action, "domain": domain, "context": {}}
