/** @odoo-module ignore **/
// A form that is on its way is not sent again by another tap. Without it, the server knows the token.
{
    // After so long, what was sent is taken for lost, and may be sent again.
    const PATIENCE = 15000;
    let sent = new WeakSet();

    // On the document: after what a form itself listens to, which may hold it back.
    document.addEventListener("submit", (ev) => {
        const form = ev.target;
        if (ev.defaultPrevented || !form.matches(".o_sig_form")) {
            return;
        }
        if (sent.has(form)) {
            ev.preventDefault();
            return;
        }
        sent.add(form);
        setTimeout(() => sent.delete(form), PATIENCE);
    });
    window.addEventListener("pageshow", () => {
        sent = new WeakSet();
    });
}
