/**
 * Light, dark or high contrast, as the host has it: Jupyter and VS Code say so on the page's body, a plain page by the
 * person's own preference. Who mounts the timeline may decide by a `data-theme` on the element it is mounted in.
 */

/** A theme by name; "" is the person's own preference. */
export type Theme = "light" | "dark" | "contrast" | "";

/** The theme that a page asks for; "" leaves it to the person's preference. */
export function themeOf(root: HTMLElement, body: HTMLElement, wantsContrast: boolean): Theme {
  const asked = root.dataset["theme"];
  if (asked === "light" || asked === "dark" || asked === "contrast") return asked;
  if (body.classList.contains("vscode-high-contrast-light")) return "light";
  if (body.classList.contains("vscode-high-contrast") || wantsContrast) return "contrast";
  if (body.classList.contains("vscode-dark")) return "dark";
  if (body.classList.contains("vscode-light")) return "light";
  const jupyter = body.dataset["jpThemeLight"];
  return jupyter === "true" ? "light" : jupyter === "false" ? "dark" : "";
}

/** Keep `box` in the host's theme, and tell of each change; returns what ends that. */
export function followTheme(root: HTMLElement, box: HTMLElement, changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const look = () => {
    const theme = themeOf(root, document.body, contrast.matches);
    if (theme) box.dataset["theme"] = theme;
    else delete box.dataset["theme"];
    changed();
  };
  look();
  const observer = new MutationObserver(look);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
  observer.observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  for (const query of [dark, contrast]) query.addEventListener("change", look);
  return () => {
    observer.disconnect();
    for (const query of [dark, contrast]) query.removeEventListener("change", look);
  };
}
