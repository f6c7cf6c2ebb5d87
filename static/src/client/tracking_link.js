import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * The link of a mail carries number and code after the #, which no browser sends to a server: they go by the form, and
 * leave the address before that.
 */
export class TrackingLink extends Interaction {
    static selector = "#sig_track_form";

    start() {
        const [number, code] = decodeURIComponent(window.location.hash.slice(1)).split("/");
        if (!number || !code) {
            return;
        }
        window.history.replaceState(null, "", window.location.pathname);
        this.el.elements.number.value = number;
        this.el.elements.code.value = code;
        this.el.requestSubmit();
    }
}

registry.category("public.interactions").add("sig_pqrs.tracking_link", TrackingLink);
