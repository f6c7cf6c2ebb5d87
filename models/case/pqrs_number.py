from odoo import api, models


class PqrsNumber(models.Model):
    """Filing numbers: a PostgreSQL sequence for each company and local year, its ranges made ahead."""

    _inherit = "sig.pqrs"

    @api.model
    def _get_sequences(self, companies):
        sequences = (
            self.env["ir.sequence"].sudo().search([("code", "=", "sig.pqrs"), ("company_id", "in", companies.ids)])
        )
        return {sequence.company_id: sequence for sequence in sequences}

    @api.model
    def _prepare_numbers(self, companies):
        """The sequence of each company, with the ranges of this year and the next made ahead."""
        sequences = self._get_sequences(companies)
        missing = companies.filtered(lambda company: company not in sequences)
        for sequence in (
            self.env["ir.sequence"]
            .sudo()
            .create(
                [
                    {
                        "name": f"PQRS {company.name}",
                        "code": "sig.pqrs",
                        "prefix": "PQRS-%(range_year)s-",
                        "padding": 5,
                        "use_date_range": True,
                        "company_id": company.id,
                    }
                    for company in missing
                ]
            )
        ):
            sequences[sequence.company_id] = sequence
        for company, sequence in sequences.items():
            year = company._sig_today().year
            for wanted in (year, year + 1):
                self._get_number_range(sequence, wanted)
        return sequences

    @api.model
    def _get_number_range(self, sequence, year):
        found = sequence.date_range_ids.filtered(lambda range_: range_.date_from.year == year)
        return found[:1] or sequence._create_date_range_seq(f"{year}-01-01")

    @api.model
    def _next_numbers(self, company, count):
        """``count`` filing numbers of the company's local year, in one query; one by one where its sequence leaves no
        gap. With the standard one a gap is possible: see the README.
        """
        sequence = self._get_sequences(company).get(company) or self._prepare_numbers(company)[company]
        year = company._sig_today().year
        range_ = self._get_number_range(sequence, year)
        day = f"{year}-01-01"
        if sequence.implementation != "standard":
            dated = range_.with_context(ir_sequence_date=day, ir_sequence_date_range=day)
            return [dated._next() for _number in range(count)]
        prefix, suffix = sequence._get_prefix_suffix(date=day, date_range=day)
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence.id:03d}_{range_.id:03d}", count]
        )
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in self.env.cr.fetchall()]

    @api.model
    def _set_numbers(self, vals_list):
        by_company = {}
        for vals in vals_list:
            by_company.setdefault(vals["company_id"], []).append(vals)
        for company_id, company_vals in by_company.items():
            company = self.env["res.company"].browse(company_id).sudo()
            numbers = self._next_numbers(company, len(company_vals))
            for vals, number in zip(company_vals, numbers, strict=True):
                vals["name"] = number
