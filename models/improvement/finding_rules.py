from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

#: the figure of a process raises a finding from so many cases on: of fewer, one case decides
MINIMUM_CASES = 5


class FindingRules(models.Model):
    _inherit = "sig.finding"

    @api.model
    def _judge_measures(self, measures):
        measures = measures.sudo()
        kinds = {measure: self._get_measure_kinds(measure) for measure in measures}
        self._take_back(measures, kinds)
        for company, of_company in measures.grouped("company_id").items():
            rows = [
                self._get_measure_row(measure, kind)
                for measure in of_company._sig_in_language_of(company).sorted("date_from")
                for kind in kinds[measure]
            ]
            self._raise(company, rows)

    @api.model
    def _get_measure_kinds(self, measure):
        if measure.is_breakdown:
            cases = measure.numerator if measure.unit == "count" else measure.denominator
            return {"missed"} if measure.status == "missed" and cases >= MINIMUM_CASES else set()
        is_odd = measure.signal and (measure.signal_is_bad or measure.direction == "neutral")
        return ({"missed"} if measure.status in ("near", "missed") else set()) | ({"signal"} if is_odd else set())

    @api.model
    def _get_measure_row(self, measure, kind):
        words = {"measure": measure.display_name, "value": measure.value_text, "target": measure.target_text}
        if kind == "missed":
            text = measure.env._("%(measure)s: %(value)s; the target is %(target)s", **words)
        else:
            words["rule"] = measure._get_choices("signal")[measure.signal]
            text = measure.env._("%(measure)s: %(rule)s", **words)
        return {
            "kind": kind,
            "key": f"{kind}:{self._get_shared(measure.indicator_id).id}:{measure.process_id.id or 0}",
            "name": text,
            "reference": measure.indicator_id.name,
            "process_id": measure.process_id.id,
            "measures": measure,
        }

    @api.model
    def _get_shared(self, value):
        """The shared record that a company copied: findings stay the same when it does. Other values as they are."""
        return getattr(value, "origin_id", False) or value

    @api.model
    def _watch_findings(self, company):
        findings = self.sudo()._sig_in_language_of(company)
        findings._raise(company, [*findings._get_repetition_rows(company), *findings._get_survey_rows(company)])

    @api.model
    def _get_repetition_rows(self, company):
        """Similar cases of the last days; the same cases raise one finding, whatever else they have in common."""
        since = company._sig_midnight(company._sig_today() - timedelta(days=company.sig_repetition_days))
        recent = Domain([("company_id", "=", company.id), ("date_received", ">=", since), ("state", "!=", "to_file")])
        recent &= Domain("outcome", "not in", ("spam", "duplicate"))
        Case = self.env["sig.pqrs"]
        ours = [("company_id", "=", company.id), ("kind", "=", "repetition"), ("date", ">=", since.date())]
        found = {finding.key: set(finding.case_ids.ids) for finding in self.search(ours)}
        rows = []
        for fnames, condition in self._get_repetition_rules():
            having = [("__count", ">=", company.sig_repetition_count)]
            for *values, ids in Case._read_group(recent & condition, fnames, ["id:array_agg"], having=having):
                row = self._get_repetition_row(company, fnames, values, Case.browse(sorted(ids)))
                if not any(key != row["key"] and cases.issuperset(ids) for key, cases in found.items()):
                    found.setdefault(row["key"], set()).update(ids)
                    rows.append(row)
        return rows

    @api.model
    def _get_repetition_rules(self):
        """``[(equal fields, domain of the cases that have them)]``. Hook for other addons."""
        with_reason = Domain("reason_id", "!=", False)
        with_client = Domain("client_id", "!=", False) & Domain("identity_reserved", "=", False)
        return [
            (["process_ids", "reason_id"], with_reason & Domain("process_ids", "!=", False)),
            (["client_id", "reason_id"], with_reason & with_client),
            (["site", "client_id"], Domain("site", "not in", (False, "")) & Domain("identity_reserved", "=", False)),
        ]

    @api.model
    def _get_repetition_row(self, company, fnames, values, cases):
        labels = {fname: self.env["sig.pqrs"]._fields[fname]._description_string(self.env) for fname in fnames}
        shown = " · ".join(
            value.display_name
            if fname == "process_ids"
            else f"{labels[fname]}: {getattr(value, 'display_name', value)}"
            for fname, value in zip(fnames, values, strict=True)
            if value
        )
        if len(cases.filtered(lambda case: not case.restricted)) < company.sig_repetition_count:
            # More people read findings than those whom a restricted case names.
            shown = self.env._("PQRS of restricted access")
        marks = ":".join(str(getattr(self._get_shared(value), "id", value)) for value in values)
        process = values[0] if fnames[0] == "process_ids" else self.env["sig.process"]
        words = {"count": len(cases), "days": company.sig_repetition_days, "what": shown}
        return {
            "kind": "repetition",
            "key": f"repetition:{fnames[0]}:{marks}",
            "name": self.env._("%(count)s PQRS in %(days)s days: %(what)s", **words),
            "reference": shown,
            "process_id": process.id,
            "cases": cases,
            "minimum": company.sig_repetition_count,
        }

    @api.model
    def _forget_reserved(self, cases):
        """Who asks is told no longer by what repeats, unless the other cases repeat it without these."""
        for finding in self.search([("case_ids", "in", cases.ids), ("kind", "=", "repetition")]):
            if len(finding.case_ids - cases) >= finding.company_id.sig_repetition_count:
                finding.case_ids -= cases
        self.env["sig.anonymizer"]._anonymize_findings(cases)

    @api.model
    def _get_survey_rows(self, company):
        """The last semester, when it ended without a survey (procedure 6: at least twice a year)."""
        Wave = self.env["sig.survey.wave"].sudo()
        if not (missing := Wave._semester_without_survey(company)):
            return []
        year, semester = missing
        text = self.env._("No survey was made in semester %(semester)s of %(year)s", semester=semester, year=year)
        if answered := Wave._find_of(company, year, semester).filtered("answered_count")[:1]:
            text = self.env._("“%s” was answered, and was not closed", answered.name)
        key = self._get_survey_key(year, semester)
        return [{"kind": "no_survey", "key": key, "name": text, "reference": f"{year}-{semester}"}]

    @api.model
    def _get_survey_key(self, year, semester):
        return f"no_survey:{year}:{semester}"


class PqrsFindings(models.Model):
    _inherit = "sig.pqrs"

    def _apply_rating(self, rating, rate, feedback):
        result = super()._apply_rating(rating, rate, feedback)
        self.sudo().filtered(lambda case: 0 < case.rating_value <= case.company_id.sig_low_rating)._raise_low_rating()
        return result

    def _raise_low_rating(self):
        for case in self:
            company = case.company_id
            finding = self.env["sig.finding"]._sig_in_language_of(company)
            # Each rating is another fact: a decision on an earlier one does not settle it.
            ratings = len(case.act_ids.filtered(lambda act: act.kind == "rated"))
            words = {"case": case.name, "stars": case.rating_value}
            row = {
                "kind": "low_rating",
                "key": f"low_rating:{case.id}" + (f":{ratings}" if ratings > 1 else ""),
                "name": finding.env._("%(case)s was rated with %(stars)s of 5", **words),
                "reference": case.name,
                "date": company._sig_today(),
                "process_id": case.process_ids.id if len(case.process_ids) == 1 else False,
                "cases": case,
            }
            finding._raise(company, [row])
