from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from ...tools import periods
from ..indicator.indicator_judgement import WORSENING
from ..mixin.transitions import RUNNING

#: the figure of a process raises a finding from so many cases on: of fewer, one case decides
MINIMUM_CASES = 5


class FindingRules(models.Model):
    """When a finding arises: measures, repetition, low ratings, surveys that were not made, what is overdue."""

    _inherit = "sig.finding"

    # -- Of measures ------------------------------------------------------------------------------------------------

    @api.model
    def _judge_measures(self, measures, histories):
        """Raise what new measures show, and take back what those measured again do not show any more."""
        measures = measures.sudo()
        kinds = {measure: self._get_measure_kinds(measure, histories[measure]) for measure in measures}
        self._take_back(measures, kinds)
        for company, of_company in measures.grouped("company_id").items():
            rows = [
                self._get_measure_row(measure, kind)
                for measure in of_company.with_context(lang=company._sig_lang()).sorted("date_from")
                for kind in kinds[measure]
            ]
            self._raise(company, rows)

    @api.model
    def _get_measure_kinds(self, measure, history):
        """Kinds of finding that a measure shows."""
        if measure.is_breakdown:
            is_enough = measure.denominator >= MINIMUM_CASES
            return {"missed"} if measure.status == "missed" and is_enough else set()
        found = set()
        if measure.status in ("near", "missed"):
            found.add("missed")
        if measure.signal and (measure.signal_is_bad or measure.direction == "neutral"):
            found.add("signal")
        if measure.trend == "worsening" and self._is_worsening(measure, history):
            found.add("worsening")
        return found

    @api.model
    def _is_worsening(self, measure, history):
        """Whether the last periods are one after another, each worse than the one before."""
        series = history[-WORSENING:]
        frequency = measure.indicator_id.frequency
        period = periods.Period(measure.date_from, measure.date_to)
        if len(series) < WORSENING:
            return False
        for other in reversed(series):
            if other.date_from != period.start or other.trend != "worsening":
                return False
            period = periods.before(period, frequency)
        return True

    @api.model
    def _get_measure_row(self, measure, kind):
        name, value, target = measure.display_name, measure.value_text, measure.target_text
        if kind == "missed":
            text = measure.env._(
                "%(measure)s: %(value)s; the target is %(target)s", measure=name, value=value, target=target
            )
        elif kind == "worsening":
            text = measure.env._("%(measure)s: %(value)s, worse three periods in a row", measure=name, value=value)
        else:
            text = measure.env._("%(measure)s: %(rule)s", measure=name, rule=measure._get_rules()[measure.signal])
        return {
            "kind": kind,
            "key": f"{kind}:{measure.indicator_id.id}:{measure.process_id.id or 0}",
            "name": text,
            "reference": measure.indicator_id.name,
            "process_id": measure.process_id.id,
            "measures": measure,
        }

    @api.model
    def _rename_keys(self, company, kinds, position, old_id, new_id):
        """Let findings be the same when what their key names is another record from now on."""
        findings = self.sudo().search([("company_id", "=", company.id), ("kind", "in", kinds)])
        for finding in findings:
            parts = finding.key.split(":")
            if parts[position : position + 1] == [str(old_id)]:
                parts[position] = str(new_id)
                finding.key = ":".join(parts)

    # -- Of cases ---------------------------------------------------------------------------------------------------

    @api.model
    def _watch_findings(self, company):
        """What a day shows in a company."""
        findings = self.sudo().with_context(lang=company._sig_lang())
        findings._raise(company, findings._get_repetition_rows(company))
        findings._raise(company, findings._get_backlog_rows(company))
        findings._raise(company, findings._get_survey_rows(company))

    @api.model
    def _get_repetition_rows(self, company):
        """Cases alike within the days of the rule: same process and reason, same client and reason, same site."""
        since = company._sig_midnight(company._sig_today() - timedelta(days=company.sig_repetition_days))
        recent = (
            Domain("company_id", "=", company.id)
            & Domain("date_received", ">=", since)
            & Domain("state", "!=", "to_file")
            & (Domain("outcome", "=", False) | Domain("outcome", "not in", ("spam", "duplicate")))
        )
        Case = self.env["sig.pqrs"].sudo()
        known = self.sudo().search(
            [("company_id", "=", company.id), ("kind", "=", "repetition"), ("date", ">=", since.date())]
        )
        told = {finding.key: set(finding.case_ids.ids) for finding in known}
        rows = []
        for fnames, condition in self._get_repetition_rules():
            having = [("__count", ">=", company.sig_repetition_count)]
            for *values, ids in Case._read_group(recent & condition, fnames, ["id:array_agg"], having=having):
                row = self._get_repetition_row(company, fnames, values, Case.browse(sorted(ids)))
                # The same cases are told once, whatever else they have in common.
                if not any(key != row["key"] and cases.issuperset(ids) for key, cases in told.items()):
                    told.setdefault(row["key"], set()).update(ids)
                    rows.append(row)
        return rows

    @api.model
    def _get_repetition_rules(self):
        """``[(fields that are alike, domain of the cases that have them)]``. Hook for other addons."""
        with_reason = Domain("reason_id", "!=", False)
        with_client = Domain("client_id", "!=", False) & Domain("identity_reserved", "=", False)
        return [
            (["process_ids", "reason_id"], with_reason & Domain("process_ids", "!=", False)),
            (["client_id", "reason_id"], with_reason & with_client),
            (["site", "client_id"], Domain("site", "not in", (False, "")) & Domain("identity_reserved", "=", False)),
        ]

    @api.model
    def _get_repetition_row(self, company, fnames, values, cases):
        shown = " · ".join(filter(None, (getattr(value, "display_name", value) for value in values)))
        if len(cases.filtered(lambda case: not case.restricted)) < company.sig_repetition_count:
            # More people read findings than those whom a restricted case names.
            shown = self.env._("PQRS of restricted access")
        marks = ":".join(str(getattr(value, "id", value)) for value in values)
        process = values[0] if fnames[0] == "process_ids" else self.env["sig.process"]
        return {
            "kind": "repetition",
            "key": f"repetition:{fnames[0]}:{marks}",
            "name": self.env._(
                "%(count)s PQRS in %(days)s days: %(what)s",
                count=len(cases),
                days=company.sig_repetition_days,
                what=shown,
            ),
            "reference": shown,
            "process_id": process.id,
            "cases": cases,
            "minimum": company.sig_repetition_count,
        }

    @api.model
    def _get_backlog_rows(self, company):
        """So many cases overdue at once as the company does not stand."""
        limit = company.sig_backlog_limit
        overdue = (
            self.env["sig.pqrs"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("state", "in", RUNNING), ("deadline_state", "=", "overdue")],
                order="id",
            )
        )
        if not limit or len(overdue) < limit:
            return []
        return [
            {
                "kind": "backlog",
                "key": "backlog",
                "name": self.env._("Cases overdue: %s", len(overdue)),
                "cases": overdue,
                "minimum": limit,
            }
        ]

    @api.model
    def _get_survey_rows(self, company):
        """The last semester, when it ended without a survey (procedure 6: at least twice a year)."""
        missing = self.env["sig.survey.wave"]._semester_without_survey(company)
        if not missing:
            return []
        year, semester = missing["year"], missing["semester"]
        key = self._get_survey_key(year, semester)
        if self.sudo().search_count([("company_id", "=", company.id), ("key", "=", key)], limit=1):
            return []
        text = self.env._("No survey was made in semester %(semester)s of %(year)s", semester=semester, year=year)
        return [{"kind": "no_survey", "key": key, "name": text, "reference": f"{year}-{semester}"}]

    @api.model
    def _get_survey_key(self, year, semester):
        return f"no_survey:{year}:{semester}"


class PqrsReason(models.Model):
    _inherit = "sig.pqrs.reason"

    def _move_to_own(self, own):
        """Repetition that was told stays the same with the company's own reason: it is the last part of the key."""
        result = super()._move_to_own(own)
        self.env["sig.finding"]._rename_keys(own.company_id, ("repetition",), 3, self.id, own.id)
        return result


class MeasureFindings(models.Model):
    _inherit = "sig.indicator.measure"

    def _judge_by(self, histories):
        result = super()._judge_by(histories)
        self.env["sig.finding"]._judge_measures(self, histories)
        return result


class PqrsFindings(models.Model):
    _inherit = "sig.pqrs"

    def _apply_rating(self, rating, rate, feedback):
        result = super()._apply_rating(rating, rate, feedback)
        self.sudo().filtered(lambda case: 0 < case.rating_value <= case.company_id.sig_low_rating)._raise_low_rating()
        return result

    def _raise_low_rating(self):
        for case in self:
            finding = self.env["sig.finding"].with_context(lang=case.company_id._sig_lang())
            # Each rating is another fact: what was decided of an earlier one does not settle it.
            ratings = len(case.act_ids.filtered(lambda act: act.kind == "rated"))
            text = finding.env._("%(case)s was rated with %(stars)s of 5", case=case.name, stars=case.rating_value)
            finding._raise(
                case.company_id,
                [
                    {
                        "kind": "low_rating",
                        "key": f"low_rating:{case.id}" + (f":{ratings}" if ratings > 1 else ""),
                        "name": text,
                        "reference": case.name,
                        "process_id": case.process_ids.id if len(case.process_ids) == 1 else False,
                        "cases": case,
                    }
                ],
            )


class FindingReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.finding"]._watch_findings]
