from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.people.handover import KINDS
from .dialog import PROPOSED


class HandoverWizard(models.TransientModel):
    _name = "sig.handover.wizard"
    _description = "Hand Over What Is Pending"
    _inherit = ["sig.output.mixin"]

    user_id = fields.Many2one(
        "res.users", "Who hands over", required=True, context={"active_test": False}, domain="[('share', '=', False)]"
    )
    receiver_id = fields.Many2one(
        "res.users",
        "Who receives",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Receives all; each line can say otherwise.",
    )
    reason = fields.Char("Explanation", required=True, default=lambda self: self.env._("Change of personnel"))
    archive_user = fields.Boolean(
        "Archive the user afterwards", help="Once nothing waits for them, they can no longer log in."
    )
    line_ids = fields.One2many(
        "sig.handover.wizard.line", "wizard_id", "Pending", compute="_compute_line_ids", **PROPOSED
    )
    stranded_user_ids = fields.Many2many(
        "res.users", compute="_compute_stranded_user_ids", compute_sudo=True, context={"active_test": False}
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_stranded_user_ids(self):
        self.stranded_user_ids = self.env["sig.handover"]._get_stranded()

    @api.onchange("user_id")
    def _onchange_user_id(self):
        """Propose who stands in for the user today, or leads one of the processes of the user; maybe nobody."""
        self.receiver_id = False
        user, Absence, Process = self.user_id._origin, self.env["sig.process.absence"], self.env["sig.process"]
        companies = Domain("company_id", "in", self.env.companies.ids)
        for process in Process.search(companies & Process._get_domain_of_people(user)):
            for candidate in user | process.leader_id | process.deputy_ids:
                stand_in = Absence._get_stand_in(candidate, process)
                if stand_in != user:
                    self.receiver_id = stand_in
                    return

    @api.depends("user_id")
    def _compute_line_ids(self):
        for wizard in self:
            lines = [
                Command.create({"kind": kind, "res_id": record.id, "name": wizard._describe(record)})
                for kind, records in wizard._get_pending().items()
                for record in records
            ]
            wizard.line_ids = [Command.clear(), *lines]

    def _get_pending(self):
        return self.env["sig.handover"]._get_pending(self.user_id, self.env.companies) if self.user_id else {}

    @api.model
    def _describe(self, record):
        if record._name == "mail.activity":
            return " · ".join(filter(None, [record.res_name, record.summary or record.activity_type_id.name]))
        if record._name == "sig.process.absence":
            return f"{record.process_id.name} · {record.display_name}"
        return record.display_name

    def action_confirm(self):
        self.ensure_one()
        chosen = self._get_chosen()
        if not chosen and not self.archive_user:
            raise UserError(self.env._("Choose who receives what is pending."))
        Notice = self.env["sig.staff.notice"]
        with Notice._gathering():
            Notice._mail(self._prepare_mails(chosen))
            for kind, record, receiver in chosen:
                try:
                    self.env["sig.handover"]._reassign(kind, record, self.user_id, receiver, self.reason)
                except UserError as error:
                    line = self._describe(record)
                    raise type(error)(f"{line}: {str(error).removeprefix(line + ': ')}") from error
        if self.archive_user:
            self.user_id.action_archive()
        return {"type": "ir.actions.act_window_close"}

    def _get_chosen(self):
        """:return: ``[(kind, record, receiver)]`` of the lines with a receiver that still wait."""
        receivers = {(line.kind, line.res_id): line.receiver_id for line in self.line_ids}
        waiting = [(kind, record) for kind, records in self._get_pending().items() for record in records]
        return [(kind, record, receiver) for kind, record in waiting if (receiver := receivers.get((kind, record.id)))]

    def _prepare_mails(self, chosen):
        texts = {}
        for kind, record, receiver in chosen:
            env = self.with_context(lang=receiver.lang).env
            label = self.line_ids.with_env(env)._get_choices("kind")[kind]
            texts.setdefault(receiver, []).append(f"{label}: {self._describe(record)}")
        texts.pop(self.env.user, None)
        url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_my_work"
        mails = []
        for receiver, lines in texts.items():
            env = receiver.with_context(lang=receiver.lang).env
            subject = env._("%s hands over work to you", self.user_id.sudo().name)
            mails.append((receiver, self.env.company, subject, "\n".join(lines), url))
        return mails


class HandoverWizardLine(models.TransientModel):
    _name = "sig.handover.wizard.line"
    _description = "Pending Work"
    _inherit = ["sig.output.mixin"]

    wizard_id = fields.Many2one("sig.handover.wizard", required=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("draft", "Drafts as responsible"),
            ("approval", "Named approver"),
            ("commitment", "Commitment"),
            ("leader", "Leads the process"),
            ("deputy", "Deputy of the process"),
            ("member", "Collaborator of the process"),
            ("substitute", "Stands in"),
            ("director", "SIG director of the company"),
            ("legal_setting", "Legal reviewer of the company"),
            ("legal", "Legal review"),
            ("reason", "Proposed by the reason"),
            ("plan", "Responsible for the action plan"),
            ("verifier", "Verifies the action plan"),
            ("plan_line", "Activity of the action plan"),
            ("decision", "Decision of top management"),
            ("interviewer", "Client to visit or call"),
            ("activity", "Activity"),
            ("authorized", "May see the case of restricted access"),
        ],
        required=True,
    )
    res_id = fields.Integer(required=True)
    name = fields.Char("Pending work")
    receiver_id = fields.Many2one(
        "res.users",
        "Who receives",
        compute="_compute_receiver_id",
        domain="[('share', '=', False), ('id', '!=', parent.user_id)]",
        **PROPOSED,
    )

    @api.depends("wizard_id.receiver_id", "kind", "res_id")
    def _compute_receiver_id(self):
        """That of all, if they can; settings of administrators, and readers of a restricted case, are chosen apart."""
        is_administrator = self.env.user.has_group("sig_pqrs.group_administrator")
        for (receiver, name), lines in self.grouped(lambda line: (line.wizard_id.receiver_id, line.kind)).items():
            kind, ids = KINDS.get(name), lines.mapped("res_id")
            is_chosen = not kind or name == "authorized" or (kind.is_setting and not is_administrator)
            able = () if is_chosen else set(self.env["sig.handover"]._iter_receivable(name, ids, receiver))
            for line in lines:
                line.receiver_id = line.res_id in able and receiver
