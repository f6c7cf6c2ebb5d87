import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import frozen
from ..wave.wave import ENDED

_logger = logging.getLogger(__name__)

#: of what a change of the software's own format would be told
FORMAT = 1

#: figures of a wave, whether there is one, and what they are of the results
FIGURES = (
    ("response_rate", "has_response_rate", "response_rate"),
    ("satisfaction", "has_results", "satisfied"),
    ("nps", "has_nps", "nps"),
)


class SurveyWave(models.Model):
    """Results that stay: frozen when a wave is closed, and read from there ever after."""

    _inherit = "sig.survey.wave"

    results = fields.Json("Frozen results", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    results_digest = fields.Char(
        "Digest of the results",
        readonly=True,
        copy=False,
        help="SHA-256 of the frozen results: printed on the report, it shows that they are still the same.",
    )

    def _get_results(self):
        """All the results: the frozen ones of a closed wave, else those of now. Whoever calls it publishes nothing."""
        self.ensure_one()
        return (self.state in ENDED and self.sudo().results) or self._compute_results()

    def _reads_everything(self):
        """Whether the current user may read what few clients said: the SIG, where it does not ask for others."""
        return not self.env.context.get("sig_published") and (
            self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director")
        )

    def _get_readable_results(self):
        """The results as far as the current user may read them."""
        self.check_access("read")
        results = self._get_results()
        return results if self._reads_everything() else self._publish_now(results)

    @api.readonly
    def get_results(self):
        """The results of the wave, in JSON, as far as the current user may read them.

        :return: dict, see `_compute_results`; for who does not run the surveys, without what fewer than five clients
            said (marked ``suppressed``), and only who took part while the wave is running (``awaited``).
        :raises AccessError: for who does not read waves.
        """
        self.ensure_one()
        return self._get_readable_results()

    def _freeze_results(self):
        """Keep the results and the questionnaire as they are, in the language of the company."""
        for record in self:
            wave = record.sudo().with_context(lang=record.company_id._sig_lang())
            results = {"format": FORMAT, **wave._compute_results(), "questionnaire": wave._get_questionnaire()}
            results = frozen.as_kept(results)
            wave.write({"results": results, "results_digest": frozen.digest(results)})
            wave._store_figures(results)

    def _get_questionnaire(self):
        """The questions as they were asked, with their answers."""
        return [
            {
                "title": question.title,
                "type": "page" if question.is_page else question.question_type,
                "answers": question.suggested_answer_ids.mapped("value"),
            }
            for question in self.survey_id.question_and_page_ids
        ]

    def _store_figures(self, results):
        """The three figures that lists show, each with whether there is one: a figure that is missing is no zero.

        As they are read by all, only what may be published.
        """
        published = self._publish_now(results)
        vals = {}
        for name, flag, part in FIGURES:
            estimate = published[part]
            vals.update({name: estimate["value"] if estimate else 0, flag: bool(estimate)})
        self.sudo().write(vals)

    @api.model
    def _cron_figures(self):
        """Bring the figures of the running waves of all companies up to date."""
        waves = self.search([("state", "=", "running")])
        for position, wave in enumerate(waves, 1):
            wave._refresh_figures()
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(waves) - position):
                return

    def _refresh_figures(self):
        """Store the figures as they are now; a wave that fails stops no other."""
        for wave in self:
            try:
                with self.env.cr.savepoint():
                    wave._store_figures(wave._compute_results())
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("The figures of %s could not be brought up to date", wave.name)

    def _get_indicator_figures(self):
        """Figures for the indicators, as numerator and denominator; both are zero without answers.

        More people read indicators than surveys: what fewer than five clients said is no answer in them.

        :return: ``{"satisfaction": answers of 4 and 5, of all; "nps": promoters less detractors, of all;
            "response_rate": answered, of asked}``.
        """
        self.ensure_one()
        results = self._get_results()
        told = self._publish(results)
        sums = (told["satisfied"] and results["sums"]) or [0] * 6
        counts = self._get_nps_counts(results["questions"]) if told["nps"] else {}
        promoters = counts.get(9, 0) + counts.get(10, 0)
        detractors = sum(count for value, count in counts.items() if value <= 6)
        return {
            "satisfaction": (sums[1], sums[2]),
            "nps": (promoters - detractors, sum(counts.values())),
            "response_rate": (results["answered"], results["asked"]),
        }
