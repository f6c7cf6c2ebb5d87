import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import evidence_check


class ActHeadExport(models.Model):
    """The heads of the chains of acts of a company, which the daily review keeps as a file.

    Each file names the SHA-256 of the file before, and the SHA-256 of the last one is printed in the digest of the SIG
    and in the monthly report. Whoever has one of them can prove later tampering, however well done: no act can be
    changed, inserted or removed without another head. Files of before version 19.0.1.5.0 were mailed to management.
    """

    _name = "sig.act.head.export"
    _description = "Heads of the Acts of a Day"
    _inherit = ["sig.files.mixin"]
    _order = "id desc"
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True)
    case_count = fields.Integer("Cases", readonly=True)
    act_count = fields.Integer("Acts", readonly=True)
    head_count = fields.Integer("Heads", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "File", readonly=True)
    last_act = fields.Integer(aggregator=None, readonly=True, help="The highest id of an act when it was made.")

    _date_unique = models.UniqueIndex("(company_id, date)", "The heads of that day were kept already.")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The heads of the acts of a day stay known."))

    @api.model
    def _export_heads(self, company):
        """Keep the heads of a company, once a day.

        A transaction that was open when the last file was made may have recorded acts with lower ids since: what moved
        after the file before the last is listed again.
        """
        today = company._sig_today()
        own = self.sudo().with_context(lang=company._sig_lang())
        mine = [("company_id", "=", company.id)]
        if own.search_count([*mine, ("date", "=", today)], limit=1):
            return
        known = own.search(mine, limit=2)
        export = own.create({"company_id": company.id, "date": today, **own._count_acts(company)})
        heads = own._get_heads(company, known[1:].last_act)
        export._keep_file(heads, known[:1].digest)

    @api.model
    def _count_acts(self, company):
        self.env["sig.pqrs"].flush_model(["act_number"])
        [(cases, acts, last)] = self.env.execute_query(
            SQL(
                """SELECT count(*), COALESCE(sum(act_number), 0), (SELECT COALESCE(max(id), 0) FROM sig_pqrs_act)
                     FROM sig_pqrs WHERE company_id = %s""",
                company.id,
            )
        )
        return {"case_count": cases, "act_count": acts, "last_act": last}

    @api.model
    def _get_heads(self, company, since):
        """``[(filing number, number of the act, digest)]`` of the cases with acts of a higher id than ``since``."""
        self.env["sig.pqrs"].flush_model(["act_number", "act_head", "name"])
        return self.env.execute_query(
            SQL(
                """SELECT name, act_number, act_head FROM sig_pqrs
                    WHERE company_id = %s AND id IN (SELECT pqrs_id FROM sig_pqrs_act WHERE id > %s) ORDER BY id""",
                company.id,
                since,
            )
        )

    def _keep_file(self, heads, previous):
        """Keep the file of the heads, which `verify_evidence --heads` reads."""
        lines = [
            self.env._("Heads of the acts of the PQRS of %s", self.company_id.name),
            self.env._("Date: %s", self.date),
            self.env._("Cases: %(cases)s. Acts: %(acts)s.", cases=self.case_count, acts=self.act_count),
            self.env._("SHA-256 of the file before: %s", previous or "—"),
            "",
            *(f"{name} {number} {head}" for name, number, head in heads),
            "",
        ]
        content = "\n".join(lines).encode()
        file = self.env["ir.attachment"].create(
            {
                "name": f"sellos-{self.date}.txt",
                "raw": content,
                "mimetype": "text/plain",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write(
            {
                "head_count": len(heads),
                "digest": hashlib.sha256(content).hexdigest(),
                "attachment_id": file.id,
            }
        )

    @api.model
    def _get_last(self, company):
        """The last export of a company."""
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    # -- Proof ------------------------------------------------------------------------------------------------------

    @api.model
    def _verify(self, company):
        """What the files of a company prove: ``{filing number, or name of a file: [(number of an act, fault)]}``."""
        faults = {}
        for export in self.sudo().search([("company_id", "=", company.id)], order="id"):
            file = export.attachment_id
            if file._sig_sha256() != export.digest:
                faults[file.name or f"sellos-{export.date}.txt"] = [(0, "heads_altered")]
                continue
            heads = evidence_check.read_heads(file.raw.decode())
            for name, found in self._find_lost(company, heads):
                faults.setdefault(name, []).append(found)
            file.invalidate_recordset(["raw"])
        return faults

    @api.model
    def _find_lost(self, company, heads):
        """Yield ``(filing number, (number of the act, fault))`` of the heads that no chain has any more.

        :param heads: as `evidence_check.read_heads` gives them.
        """
        rows = [(name, number, head) for name, noted in heads.items() for number, head in noted]
        if not rows:
            return
        names, numbers, digests = (list(column) for column in zip(*rows, strict=True))
        for name, number, is_there in self.env.execute_query(
            SQL(
                """SELECT noted.name, noted.number, act.id IS NOT NULL
                     FROM unnest(%s, %s, %s) AS noted(name, number, digest)
                LEFT JOIN sig_pqrs pqrs ON pqrs.company_id = %s AND pqrs.name = noted.name
                LEFT JOIN sig_pqrs_act act ON act.pqrs_id = pqrs.id AND act.number = noted.number
                    WHERE act.digest IS DISTINCT FROM noted.digest""",
                names,
                numbers,
                digests,
                company.id,
            )
        ):
            yield name, (number, "witness_mismatch" if is_there else "truncated")


class PqrsHeads(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.act.head.export"]._export_heads]
