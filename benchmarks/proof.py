"""Evidence packs and chains of acts, as they are measured."""

import tracemalloc

from odoo.addons.sig_pqrs.tools import act_chain

CASES = 100
TENTH = 10
ACTS = 100_000
BATCH = 10_000


def ask_pack(env, count=CASES):
    """A pack that waits to be made, of cases with all that hangs on them."""
    cases = env["sig.pqrs"].search([("state", "=", "closed")], order="id", limit=count)
    cases.action_make_evidence()
    return env["sig.evidence.pack"].sudo().search([], order="id desc", limit=1)


def describe_memory(env, _pack):
    """Peaks of memory of a pack and of one of a tenth of its cases."""
    peaks = []
    for count in (TENTH, CASES):
        pack = ask_pack(env, count)
        env.flush_all()
        env.invalidate_all()
        tracemalloc.start()
        pack._make()
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    size = pack.attachment_id.file_size / 2**20
    return f"{size:.0f} MiB; peak of memory {peaks[1]:.0f} MiB, {peaks[0]:.0f} MiB for a tenth of the cases"


def find_chains(env):
    """Cases that have together as many acts as are verified, or all; those that were multiplied are chained anew."""
    env.cr.execute(
        """SELECT id FROM (SELECT id, sum(act_number) OVER (ORDER BY id) - act_number AS before FROM sig_pqrs) cases
            WHERE before < %s ORDER BY id""",
        [ACTS],
    )
    cases = env["sig.pqrs"].browse(id_ for (id_,) in env.cr.fetchall())
    chain_anew(env, cases)
    return cases


def chain_anew(env, cases):
    """Chain the acts of multiplied cases, in batches."""
    for start in range(0, len(cases), BATCH):
        _chain_batch(env, cases[start : start + BATCH])


def _chain_batch(env, cases):
    links = []
    for case_id, acts in env["sig.pqrs.act"]._read_entries(cases).items():
        previous = act_chain.GENESIS
        for act in acts:
            digest = act_chain.digest(previous, act)
            links.append((case_id, act["number"], previous, digest))
            previous = digest
    env.cr.execute_values(
        """UPDATE sig_pqrs_act act SET previous_digest = link.previous, digest = link.digest
             FROM (VALUES %s) AS link(case_id, number, previous, digest)
            WHERE act.pqrs_id = link.case_id AND act.number = link.number""",
        links,
        page_size=10_000,
    )
    env.cr.execute(
        """UPDATE sig_pqrs SET act_head = act.digest FROM sig_pqrs_act act
            WHERE act.pqrs_id = sig_pqrs.id AND act.number = sig_pqrs.act_number AND sig_pqrs.id = ANY(%s)""",
        [cases.ids],
    )
    env.invalidate_all()


def verify_chains(env, cases):
    """Whole chains, in the batches of the job."""
    for start in range(0, len(cases), BATCH // 10):
        found = env["sig.act.check"]._find_faults(cases[start : start + BATCH // 10])
        assert not found, f"{len(found)} chains do not hold"
        env.invalidate_all()


def describe_chains(env, cases):
    return f"{sum(cases.mapped('act_number'))} acts of {len(cases)} cases"
