/** @odoo-module ignore **/
// Whose what the phone keeps is, on whatever page: nobody else is shown it, and who logs out leaves nothing.
{
    /** Let somebody use the phone, or nobody: what others wrote on it is forgotten. */
    sig.setOwner = (owner) => {
        try {
            const drafts = Object.keys(localStorage).filter((name) => name.startsWith("sig.draft/"));
            drafts
                .filter((name) => !name.startsWith("sig.draft//") && !name.startsWith(`sig.draft/${owner}/`))
                .forEach((name) => localStorage.removeItem(name));
            localStorage.setItem("sig.owner", owner);
        } catch {
            return; // a browser that keeps nothing
        }
    };

    async function logOut(ev) {
        const link = ev.target.closest?.("a[href*='/web/session/logout']");
        const owner = link && !ev.defaultPrevented && (link.dataset.sigOwner || sig.getOwner?.());
        if (!owner) {
            return;
        }
        ev.preventDefault();
        const all = await sig.outbox.list().catch(() => []); // a browser that keeps nothing
        const entries = all.filter((entry) => entry.owner === owner);
        if (await sig.outbox.isBusy(entries.map((entry) => entry.id))) {
            alert(link.dataset.sigBusy || sig.text("busy"));
            return;
        }
        const text = entries.length && (link.dataset.sigSure || sig.text("log_out_sure"));
        if (text && !confirm(text.replace("%s", entries.length))) {
            return;
        }
        await Promise.all(entries.map((entry) => sig.outbox.remove(entry.id)));
        sig.setOwner("");
        location.assign(link.href);
    }

    document.addEventListener("click", logOut);
    const link = document.querySelector("a[data-sig-owner]");
    if (link) {
        sig.setOwner(link.dataset.sigOwner);
    }
}
