import logging
from textwrap import shorten

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, clean_context

from .. import plain_search

_logger = logging.getLogger(__name__)


class RecordMixin(models.AbstractModel):
    """Every stored model of this module."""

    _name = "sig.record.mixin"
    _description = "Record of the SIG"
    _inherit = ["sig.output.mixin"]

    _check_company_auto = True
    #: whether nobody deletes its records, the superuser included; or the one state in which they may be deleted
    _sig_is_proof = False
    #: fields of users who have to be of the staff of the company of the record: those with one of some roles
    _staff_fields = ()
    _staff_roles = ("collaborator",)
    #: how many characters of a long name links show
    _sig_name_length = None
    #: fields of this module that users may write, where only steps write the others; None for all
    _editable_fields = None

    def _is_protected(self, field):
        """Whether only steps write the field: ours that are not editable, and those of core's ratings."""
        return (
            self._editable_fields is not None
            and field.name not in self._editable_fields
            and not {"sig_pqrs", "rating"}.isdisjoint(field._modules)
        )

    def _has_field_access(self, field, operation):
        # Core calls this for every value that it reads.
        if operation == "write" and not self.env.su and self._is_protected(field):
            return False
        return super()._has_field_access(field, operation)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proof(self):
        state = self._sig_is_proof
        if state is True or (state and any(record.state != state for record in self)):
            name = self.env["ir.model"]._get(self._name).name
            raise UserError(self.env._("This is proof, and is not deleted: %s.", name))

    def unlink(self):
        """As a step: core deletes the messages and files of records with them, as superuser."""
        return super(RecordMixin, self._sig_as_step()).unlink()

    @api.constrains(lambda self: self._staff_fields and (*self._staff_fields, "company_id"))
    def _check_staff(self):
        for record in self.sudo():
            users = self.env["res.users"].union(*(record[name] for name in self._staff_fields))
            record.company_id._sig_check_staff(users, self._staff_roles)

    @api.model
    def default_get(self, fields):
        """Under sudo, ignore defaults of context and user: they would be written with rights that the user lacks."""
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

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Offer no technical field for filters, groups, orders and exports; programs may use them all the same."""
        descriptions = super().fields_get(allfields, attributes)
        for name, description in descriptions.items():
            if self._is_technical(self._fields[name]):
                offers = {"searchable", "groupable", "sortable", "exportable"} & description.keys()
                description.update(dict.fromkeys(offers, False))
        if "searchable" in descriptions.get("id", ()):
            descriptions["id"]["searchable"] = False  # exports need it: core makes the external id of it
        return descriptions

    @api.model
    def _is_technical(self, field):
        """Whether it is of programs, so not ``exportable``, bytes, or a drawing of the screen."""
        return not field.exportable or field.type in ("binary", "json") or (field.type == "html" and not field.store)

    def _search(self, domain, *args, **kwargs):
        """What users type is found without accents and capitals, also where PostgreSQL has no ``unaccent``."""
        return super()._search(plain_search.make_domain(domain, self), *args, **kwargs)

    def _compute_display_name(self):
        result = super()._compute_display_name()
        for record in self if self._sig_name_length else ():
            record.display_name = shorten(record.display_name or "", self._sig_name_length, placeholder="…")
        return result

    def _get_nameable(self, fname):
        """Linked records that a display name may tell: stored ones, or those of a form that the user may read."""
        return self[fname].sudo() if self.id else self[fname]._filtered_access("read")

    @api.model
    def _get_own_names(self, vals):
        """Those of the names in ``vals`` that are fields of this module; a name that no field has is refused."""
        if unknown := vals.keys() - self._fields.keys():
            names = ", ".join(f"“{name}”" for name in sorted(map(str, unknown)))
            raise UserError(self.env._("%(model)s has no field %(names)s.", model=self._description, names=names))
        return {name for name in vals if "sig_pqrs" in self._fields[name]._modules}

    def write(self, vals):
        if not self.env.su:
            self._get_own_names(vals)
        result = super().write(vals)
        if "company_id" in vals:  # core checks the former company alone
            self.check_access("write")
        return result

    @api.model
    def _show_message(self, message, kind="info", closes=False, **params):
        """The action that shows a message for a while, and perhaps closes the dialog."""
        if closes:
            params["next"] = {"type": "ir.actions.act_window_close"}
        params.update(type=kind, message=message)
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    @api.model
    def _in_isolation(self, records, step, on_failure=None):
        """Run ``step`` on records of any model together, in a savepoint; if it fails, on each one apart.

        Conflicts with other transactions are raised: the job starts again.

        :param on_failure: called with each record that failed and the exception.
        :return: the records that failed.
        """
        if not records:
            return records
        try:
            with self.env.cr.savepoint():
                step(records)
            return records.browse()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("A step failed on %s", records)
            if len(records) > 1:
                return records.browse().union(*(self._in_isolation(record, step, on_failure) for record in records))
            if on_failure:
                on_failure(records, error)
            return records

    def _lock_rows(self, strength):
        """Lock the rows once others have let them go, for which core's `lock_for_update` does not wait.

        :param SQL strength: of PostgreSQL, as ``FOR SHARE``.
        :raises psycopg2.errors.SerializationFailure: when one changed meanwhile; the server retries.
        """
        if self:
            table = SQL.identifier(self._table)
            self.env.execute_query(SQL("SELECT id FROM %s WHERE id IN %s ORDER BY id %s", table, self._ids, strength))

    def _touch_rows(self, fname):
        """Conflict with a concurrent transaction that writes the field: the server retries one of both.

        Call it as late as possible: the rows stay locked.
        """
        if ids := tuple(self.ids):
            self.flush_recordset([fname])
            table, column = SQL.identifier(self._table), SQL.identifier(fname)
            self.env.cr.execute(SQL("UPDATE %s SET %s = %s WHERE id IN %s", table, column, column, ids))

    @api.model
    def _is_case_or_part(self, model):
        if not model or not model.startswith("sig.pqrs") or model not in self.env:
            return False
        return model == "sig.pqrs" or "pqrs_id" in self.env[model]._fields

    @api.model
    def _get_case_of(self, model, id_):
        """The case that a record is, or belongs to, as superuser; empty for any other record."""
        if not id_ or not self._is_case_or_part(model):
            return self.env["sig.pqrs"].sudo()
        record = self.env[model].sudo().browse(id_).exists()
        return record if model == "sig.pqrs" else record["pqrs_id"]

    def _sig_in_language_of(self, company):
        """With the language in which jobs write for a company."""
        return self.with_context(lang=company._sig_lang())

    def _sig_as_read_by(self, user):
        return self.with_user(user).with_context(allowed_company_ids=user.sudo().company_ids.ids, active_test=False)

    def _sig_filter_readable_by(self, user):
        return self._sig_as_read_by(user)._filtered_access("read").with_env(self.env)

    def _sig_get_readers(self, users):
        """Users who read all of the records, in one query."""
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

    def _sig_get_outsiders(self, partners):
        users = partners.sudo().user_ids.filtered(lambda user: not user.share)
        readers = self._sig_get_readers(users)
        return (users - readers).partner_id - readers.partner_id
