import hashlib
import hmac
import ipaddress
import logging
import random
import time
from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models

from .. import clock
from .tracking import KEY

_logger = logging.getLogger(__name__)

#: bits of the digest of an address: thousands of addresses share each, so that it identifies nobody
_BITS = 20
_TRIES = 50


class RateLimit(models.Model):
    """Uses an hour from an address, counted in a transaction of its own, which no rollback or retry changes."""

    _name = "sig.rate.limit"
    _description = "Rate Limit"
    _inherit = ["sig.record.mixin"]
    _log_access = False

    scope = fields.Char(required=True, readonly=True)
    address = fields.Integer(aggregator=None, required=True, readonly=True)
    hour = fields.Datetime(required=True, readonly=True, index=True)
    count = fields.Integer(required=True, readonly=True)

    _window_unique = models.UniqueIndex("(scope, address, hour)")

    @api.model
    def _take(self, scope, address, limit, uses=1):
        """Count uses from an IP address, or of all together; whether they are within the limit an hour (zero is none),
        or cannot be counted.
        """
        if limit < 1:
            return True
        window = [scope, self._hash_address(address), clock.now().replace(minute=0, second=0, microsecond=0), uses]
        for _attempt in range(_TRIES):
            try:
                with self.env.registry.cursor() as cr:
                    cr.execute(
                        """INSERT INTO sig_rate_limit AS taken (scope, address, hour, count) VALUES (%s, %s, %s, %s)
                           ON CONFLICT (scope, address, hour) DO UPDATE SET count = taken.count + EXCLUDED.count
                           RETURNING count""",
                        window,
                        log_exceptions=False,
                    )
                    return cr.fetchone()[0] <= limit
            except psycopg2.errors.SerializationFailure:
                time.sleep(random.uniform(0, 0.02))
        _logger.warning("The limit of %s could not be counted", scope)
        return True

    @api.model
    def _hash_address(self, address):
        """A number of `_BITS` bits for an IPv4 address or IPv6 network, which changes every day."""
        try:
            host = ipaddress.ip_address(address)
            host = getattr(host, "ipv4_mapped", None) or host
            network = ipaddress.ip_network((int(host), 32 if host.version == 4 else 64), strict=False)
        except ValueError:
            network = ""
        key = self.env["ir.config_parameter"].sudo().get_param(KEY, "")
        mac = hmac.new(key.encode(), f"sig.rate.limit/{clock.now():%Y-%m-%d}/{network}".encode(), hashlib.sha256)
        return int.from_bytes(mac.digest()[:4]) >> (32 - _BITS)

    @api.autovacuum
    def _gc_windows(self):
        self.env.cr.execute("DELETE FROM sig_rate_limit WHERE hour < %s", [clock.now() - timedelta(days=1)])
        return self.env.cr.rowcount, False
