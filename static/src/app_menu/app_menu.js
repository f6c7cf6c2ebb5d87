import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const APP = "sig_pqrs.menu_root";

/** Show the menus of the application to who comes from a link of a mail: core knows them for actions of a menu alone. */
registry.category("services").add("sig_pqrs.app_menu", {
    dependencies: ["action", "menu"],
    start(env, {action: actionService, menu: menuService}) {
        const showMenus = () => {
            const action = actionService.currentController?.action;
            const isOurs =
                (action?.res_model || "").startsWith("sig.") || (action?.xml_id || "").startsWith("sig_pqrs.");
            const app = menuService.getApps().find((menu) => menu.xmlid === APP);
            if (isOurs && app && menuService.getCurrentApp()?.id !== app.id) {
                menuService.setCurrentMenu(app);
            }
        };
        // Core chooses a menu once the first action is shown.
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", () => browser.setTimeout(showMenus), {once: true});
    },
});
