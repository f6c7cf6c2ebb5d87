import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .. import clock

#: heads of one mail; the rest go with the next one
MAX_HEADS = 20_000


class ActWitness(models.Model):
    """The heads of the chains that moved, as they are mailed to management every business day.

    Whoever keeps the mails can prove later that acts were altered, however well: no act that was mailed can be changed,
    inserted or taken away without its head being another one. Each file names the SHA-256 of the one before.
    """

    _name = "sig.act.witness"
    _description = "Heads of the Acts of a Day"
    _inherit = ["sig.files.mixin"]
    _order = "id desc"
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    act_count = fields.Integer("Acts", readonly=True)
    head_count = fields.Integer("Heads mailed", readonly=True)
    fault_count = fields.Integer("Cases that do not hold", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "Heads", readonly=True)
    user_ids = fields.Many2many("res.users", string="Mailed to", readonly=True)

    _date_unique = models.UniqueIndex("(company_id, date)", "The heads of that day were mailed already.")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was mailed to management stays known."))

    @api.model
    def _mail_heads(self, company):
        """Mail the heads that moved since the last mail; once a day, on business days."""
        today = company._sig_today()
        if not self.env["sig.pqrs"]._is_business_day(company):
            return self.browse()
        mine = [("company_id", "=", company.id)]
        if self.sudo().search_count([*mine, ("date", "=", today)], limit=1):
            return self.browse()
        known = self.sudo().search(mine, order="id desc", limit=1)
        witness = self.sudo().create({"company_id": company.id, "date": today, **self._count(company)})
        heads = self._take_heads(company)
        witness._keep_file(heads, known.digest)
        witness._send()
        return witness

    @api.model
    def _count(self, company):
        self.env["sig.pqrs"].flush_model(["act_number"])
        [(cases, acts)] = self.env.execute_query(
            SQL("SELECT count(*), COALESCE(sum(act_number), 0) FROM sig_pqrs WHERE company_id = %s", company.id)
        )
        faulty = [("company_id", "=", company.id), ("faults", "!=", False)]
        return {
            "case_count": cases,
            "act_count": acts,
            "fault_count": self.env["sig.act.check"].sudo().search_count(faulty),
        }

    @api.model
    def _take_heads(self, company):
        """``[(filing number, number of the act, digest)]`` of what was not mailed yet, which counts as mailed now."""
        self.env["sig.pqrs"].flush_model(["act_number", "act_head", "name"])
        self.env["sig.act.check"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT pqrs.id, pqrs.name, pqrs.act_number, pqrs.act_head
                     FROM sig_pqrs pqrs LEFT JOIN sig_act_check verified ON verified.pqrs_id = pqrs.id
                    WHERE pqrs.company_id = %s AND COALESCE(verified.mailed_number, 0) <> pqrs.act_number
                    ORDER BY pqrs.id LIMIT %s""",
                company.id,
                MAX_HEADS,
            )
        )
        if rows:
            now = clock.now()
            self.env.cr.execute_values(
                """INSERT INTO sig_act_check (pqrs_id, company_id, mailed_number, create_date, write_date) VALUES %s
                   ON CONFLICT (pqrs_id) DO UPDATE SET mailed_number = excluded.mailed_number""",
                [(id_, company.id, number, now, now) for id_, _name, number, _head in rows],
                page_size=len(rows),
            )
            self.env["sig.act.check"].invalidate_model()
        return [(name, number, head) for _id, name, number, head in rows]

    def _keep_file(self, heads, previous):
        """Keep the file of the heads, which `verify_evidence --heads` reads."""
        mine = self.with_context(lang=self.company_id._sig_lang())
        lines = [
            mine.env._("Heads of the acts of the PQRS of %s", self.company_id.name),
            mine.env._("Date: %s", self.date),
            mine.env._("Cases: %(cases)s. Acts: %(acts)s.", cases=self.case_count, acts=self.act_count),
            mine.env._("SHA-256 of the file before: %s", previous or "—"),
            "",
            *(f"{name} {number} {head}" for name, number, head in heads),
            "",
        ]
        content = "\n".join(lines).encode()
        self.write(
            {
                "head_count": len(heads),
                "digest": hashlib.sha256(content).hexdigest(),
                "attachment_id": self.env["ir.attachment"]
                .create(
                    {
                        "name": f"sellos-{self.date}.txt",
                        "raw": content,
                        "mimetype": "text/plain",
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
                .id,
            }
        )

    def _send(self):
        """Mail the file to management; while the company has none, to the SIG."""
        company = self.company_id
        users = company._sig_get_top_management() or company._sig_get_director()
        rows = []
        for user in users:
            env = self.with_context(lang=user.lang).env
            day = tools.format_date(env, self.date)
            lines = [
                env._(
                    "Cases: %(cases)s; acts: %(acts)s; cases with acts since the last mail: %(moved)s.",
                    cases=self.case_count,
                    acts=self.act_count,
                    moved=self.head_count,
                ),
                env._("ATTENTION: cases whose acts do not hold: %s.", self.fault_count)
                if self.fault_count
                else env._("All acts verified up to today hold."),
                env._("SHA-256 of the attached file: %s", self.digest),
                env._("Keep this mail: with it anybody can prove that acts were altered afterwards."),
            ]
            url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_act_witness"
            rows.append((user, company, env._("Heads of the PQRS of %s", day), "\n".join(lines), url))
        mails = self.env["sig.people"]._mail(rows)
        mails.write({"attachment_ids": [Command.link(self.attachment_id.id)]})
        self.user_ids = users


class PqrsWitness(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.act.witness"]._mail_heads]
