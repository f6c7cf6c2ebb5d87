import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** The button that installs HERA, where the browser offers it; elsewhere the page says how to do it by hand. */
export class HeraInstall extends Interaction {
    static selector = ".o_hera_install";
    dynamicContent = {
        ".o_hera_install_button": { "t-on-click": this.onClick },
        _window: { "t-on-hera-installable": this.show, "t-on-appinstalled": this.onInstalled },
    };

    start() {
        this.show();
        if (window.matchMedia("(display-mode: standalone)").matches || window.navigator.standalone) {
            this.onInstalled();
        }
    }

    show() {
        if (window.heraInstallPrompt) {
            this.el.classList.add("o_hera_installable");
        }
    }

    async onClick() {
        const prompt = window.heraInstallPrompt;
        window.heraInstallPrompt = null;
        this.el.classList.remove("o_hera_installable");
        await prompt.prompt();
    }

    onInstalled() {
        this.el.classList.remove("o_hera_installable");
        this.el.classList.add("o_hera_installed");
    }
}

registry.category("public.interactions").add("sig_pqrs.hera_install", HeraInstall);
