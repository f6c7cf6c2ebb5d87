import logging

from odoo import SUPERUSER_ID, api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, clean_context

_logger = logging.getLogger(__name__)


class RecordMixin(models.AbstractModel):
    """Every stored model of this module."""

    _name = "sig.record.mixin"
    _description = "Record of the SIG"
    _inherit = ["sig.output.mixin"]

    @api.model
    def default_get(self, fields):
        """Ignore context and user defaults when a step writes under sudo: they would be written with rights that the
        user lacks.
        """
        if not self.env.su or self.env.uid == SUPERUSER_ID:
            return super().default_get(fields)
        self = self.with_context(clean_context(self.env.context))
        defaults = super().default_get(fields)
        kept = self.env["ir.default"]._get_model_defaults(self._name)
        shared = kept and self.env["ir.default"].with_user(SUPERUSER_ID)._get_model_defaults(self._name)
        for name in kept.keys() & defaults.keys():
            if name in shared:
                defaults[name] = shared[name]
                continue
            del defaults[name]
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults

    def _get_nameable(self, fname):
        """The linked records that a display name may tell: what is stored is told to who reads the record; in a form
        that is filled in, whoever names a record by its id need not know its name.
        """
        return self[fname].sudo() if self.id else self[fname]._filtered_access("read")

    def write(self, vals):
        """A record is given to no company in which its writer does not work: core checks what it was alone."""
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return result

    @api.model
    def _in_isolation(self, records, step, on_failure=None):
        """Run ``step`` on records of any model together and, if it fails, on each one in a savepoint of its own.

        Conflicts with other transactions are raised: the job starts again.

        :param on_failure: called with each record that failed and the exception.
        :return: the records that failed.
        """
        failed = records.browse()
        if not records:
            return failed
        try:
            with self.env.cr.savepoint():
                step(records)
            return failed
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("A step failed on %s; each record is tried apart", records)
        for record in records:
            try:
                with self.env.cr.savepoint():
                    step(record)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("A step failed on %s, which is passed over", record)
                failed |= record
                if on_failure:
                    on_failure(record, error)
        return failed

    # -- Who reads --------------------------------------------------------------------------------------------------

    def _sig_as_read_by(self, user):
        """The records as a user works on them, in all of the user's companies."""
        companies = user.sudo().company_ids.ids
        return self.with_user(user).with_context(allowed_company_ids=companies, active_test=False)

    def _sig_filter_readable_by(self, user):
        """Those that a user reads, in all of the user's companies."""
        return self._sig_as_read_by(user)._filtered_access("read").with_env(self.env)

    def _sig_get_readers(self, users):
        """Those of the users who read all of the records, in one query."""
        queries = []
        for user in users:
            records = self._sig_as_read_by(user)
            if records.browse().has_access("read"):
                readable = records._search([("id", "in", self.ids)]).select()
                queries.append(
                    SQL("SELECT %s WHERE (SELECT COUNT(*) FROM (%s) AS readable) = %s", user.id, readable, len(self))
                )
        readers = {id_ for [id_] in self.env.execute_query(SQL(" UNION ALL ").join(queries))} if queries else ()
        return users.filtered(lambda user: user.id in readers)
