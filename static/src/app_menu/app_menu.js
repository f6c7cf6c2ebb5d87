import { patch } from "@web/core/utils/patch";
import { WebClient } from "@web/webclient/webclient";

const APP = "sig_pqrs.menu_root";

/** Whoever comes from a link of a mail finds the menus of the application: core finds them only for actions of a menu. */
patch(WebClient.prototype, {
    async loadRouterState() {
        await super.loadRouterState(...arguments);
        const action = this.actionService.currentController?.action;
        const isOurs =
            (action?.res_model || "").startsWith("sig.") || (action?.xml_id || "").startsWith("sig_pqrs.");
        const app = this.menuService.getApps().find((menu) => menu.xmlid === APP);
        if (isOurs && app && this.menuService.getCurrentApp()?.id !== app.id) {
            this.menuService.setCurrentMenu(app);
        }
    },
});
