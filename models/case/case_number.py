from odoo import models, tools


class CaseNumber(models.AbstractModel):
    """Filing numbers: one sequence for each company, with date ranges of local years that are created ahead."""

    _name = "sig.case.number"
    _description = "Filing Numbers"

    def _get_sequences(self, companies):
        domain = [("code", "=", "sig.pqrs"), ("company_id", "in", companies.ids)]
        return {sequence.company_id: sequence for sequence in self.env["ir.sequence"].sudo().search(domain)}

    def _prepare(self, companies):
        """``{company: sequence}``, created if missing, with the ranges of this year and the next."""
        sequences = self._get_sequences(companies)
        vals = {"code": "sig.pqrs", "prefix": "PQRS-%(range_year)s-", "padding": 5, "use_date_range": True}
        for company in companies - companies.browse().union(*sequences):
            own = {"name": f"PQRS {company.name}", "company_id": company.id}
            sequences[company] = self.env["ir.sequence"].sudo().create({**vals, **own})
        for company, sequence in sequences.items():
            year = company._sig_today().year
            self._get_range(sequence, year)
            self._get_range(sequence, year + 1)
        return sequences

    def _get_range(self, sequence, year):
        found = sequence.date_range_ids.filtered(lambda range_: range_.date_from.year == year)
        return found[:1] or sequence._create_date_range_seq(f"{year}-01-01")

    def _next(self, company, count):
        """Next filing numbers of the company's local year; a standard sequence may leave gaps (see the README)."""
        sequence = self._get_sequences(company).get(company) or self._prepare(company)[company]
        year = company._sig_today().year
        range_ = self._get_range(sequence, year)
        day = f"{year}-01-01"
        if sequence.implementation != "standard":
            dated = range_.with_context(ir_sequence_date=day, ir_sequence_date_range=day)
            return [dated._next() for _number in range(count)]
        prefix, suffix = sequence._get_prefix_suffix(date=day, date_range=day)
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence.id:03d}_{range_.id:03d}", count]
        )
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in self.env.cr.fetchall()]

    def _set_numbers(self, vals_list):
        for company_id, company_vals in tools.groupby(vals_list, lambda vals: vals["company_id"]):
            company = self.env["res.company"].browse(company_id).sudo()
            for vals, number in zip(company_vals, self._next(company, len(company_vals)), strict=True):
                vals["name"] = number
