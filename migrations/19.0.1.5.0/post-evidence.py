"""Packs are not drawn at random any more: how those were drawn that exist is said on them."""

from odoo import SUPERUSER_ID, api

TEXT = (
    "Muestra al azar: PQRS recibidas entre %s y %s, escogidas entre %s, sin contar %s de acceso restringido. "
    "Semilla: %s. Son las de menor SHA-256 de la semilla, un salto de línea y el radicado."
)


def migrate(cr, version):
    Pack = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})["sig.evidence.pack"]
    cr.execute(
        """SELECT id, date_from, date_to, COALESCE(population, 0), COALESCE(left_out, 0), seed
             FROM sig_evidence_pack WHERE seed IS NOT NULL ORDER BY id"""
    )
    for id_, *sample in cr.fetchall():
        Pack.browse(id_)._message_log(body=TEXT % tuple(sample))
    cr.execute("UPDATE sig_evidence_pack SET left_out = 0 WHERE seed IS NOT NULL")
