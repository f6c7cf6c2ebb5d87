/** @odoo-module ignore **/
// Links of old mails carry number and code after the #, which no browser sends to a server: they go by the form, and
// leave the address before that.
{
    const form = document.querySelector("#sig_track_form");
    const [number, code] = form ? decodeURIComponent(window.location.hash.slice(1)).split("/") : [];
    if (number && code) {
        window.history.replaceState(null, "", window.location.pathname);
        form.elements.number.value = number;
        form.elements.code.value = code;
        form.requestSubmit();
    }
}
