from contextlib import contextmanager

from odoo import api, models

_KEY = "sig_roles"
_FOUND = "found"


class RolesMemory(models.AbstractModel):
    """What record rules ask of the user's roles, once for all the searches of one page.

    A page searches many times: columns, cards, counts, the fields of each. The answers are kept while it is read, and
    no longer: whatever changes who reads what is seen by the next page, and by what the same transaction does later.
    """

    _name = "sig.roles.memory.mixin"
    _description = "Roles of the User"

    @contextmanager
    def _remembering_roles(self):
        """Within it, `_remember` keeps answers; only for what writes nothing."""
        cache = self.env.cr.cache
        if _KEY in cache:
            yield
            return
        cache[_KEY] = {}
        try:
            yield
        finally:
            cache.pop(_KEY, None)  # a savepoint that was rolled back empties it

    @api.model
    def _remember(self, role, get_domain):
        """The domain of a role of the current user, from memory where one is kept: there made ready for the query."""
        known = self.env.cr.cache.get(_KEY)
        if known is None:
            return get_domain()
        key = (self._name, role, self.env.uid, self.env.su, self.env.context.get("active_test", True))
        if key not in known:
            known[key] = get_domain().optimize_full(self)
        return known[key]

    @api.model
    @api.private
    @api.readonly
    def search_fetch(self, *args, **kwargs):
        """What the rules let a page find, it reads: they are not asked again of the records at hand."""
        found = super().search_fetch(*args, **kwargs)
        known = self.env.cr.cache.get(_KEY)
        if known is not None and not self.env.su:
            known.setdefault(self._get_found_key(), set()).update(found._ids)
        return found

    def _check_access(self, operation):
        known = self.env.cr.cache.get(_KEY) if operation == "read" else None
        if known and self and known.get(self._get_found_key(), set()).issuperset(self._ids):
            return super(RolesMemory, self.browse())._check_access(operation)
        return super()._check_access(operation)

    @api.model
    def _get_found_key(self):
        """For whom, and in which companies, records were found: what rules depend on."""
        return (_FOUND, self._name, self.env.uid, tuple(self.env.context.get("allowed_company_ids") or ()))

    @api.model
    @api.readonly
    def web_search_read(self, *args, **kwargs):
        with self._remembering_roles():
            return super().web_search_read(*args, **kwargs)

    @api.model
    @api.readonly
    def web_read_group(self, *args, **kwargs):
        with self._remembering_roles():
            return super().web_read_group(*args, **kwargs)

    @api.model
    @api.readonly
    def read_progress_bar(self, *args, **kwargs):
        with self._remembering_roles():
            return super().read_progress_bar(*args, **kwargs)
