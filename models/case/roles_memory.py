from contextlib import contextmanager

from odoo import api, models

_KEY = "sig_roles"


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
            del cache[_KEY]

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
