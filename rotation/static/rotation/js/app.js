// What the pages do beyond HTML and htmx. Every page works without it.

const reach = (event, selector) => event.target.closest?.(selector);

// Menus: one open at a time; Escape and a click elsewhere close it.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(reach(event, "details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// Dialogs: <button data-dialog="id"> opens <dialog id>; <button data-close> closes the one it is in.
document.addEventListener("click", (event) => {
  const opener = reach(event, "[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
  if (reach(event, "[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches?.("dialog[open]")) event.target.close();
});

// Toasts: good news fades unless somebody is reading it; errors stay.
const dismiss = (toast) => toast.remove();
const fade = (toast) => setTimeout(() => {
  if (toast.matches(":hover, :focus-within")) fade(toast);
  else dismiss(toast);
}, 8000);
const fadeToasts = (root) => {
  for (const toast of root.querySelectorAll?.("[data-fades]") ?? []) {
    delete toast.dataset.fades;
    fade(toast);
  }
};
document.addEventListener("click", (event) => {
  if (reach(event, "[data-dismiss]")) dismiss(event.target.closest(".r-toast"));
});
const tellFailure = () => {
  const toast = document.createElement("div");
  toast.className = "r-toast r-toast--error";
  toast.setAttribute("role", "alert");
  toast.append(Object.assign(document.createElement("span"), {
    textContent: document.body.dataset.failed,
  }));
  document.getElementById("toasts")?.append(toast);
};
document.addEventListener("htmx:responseError", tellFailure);
document.addEventListener("htmx:sendError", tellFailure);

// Theme: seen at once, kept by the server.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  document.documentElement.dataset.theme = chosen;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
  const body = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) tellFailure();
});

// One press, one request.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.method === "dialog") return;
  if (button.getAttribute("aria-busy") === "true") event.preventDefault();
  button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  for (const button of event.target.querySelectorAll?.("button[aria-busy]") ?? []) {
    button.removeAttribute("aria-busy");
  }
});

// Selects and date fields marked so send their form when changed.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// The browser shows its own locale in date fields; the day in words says what was meant.
const language = document.documentElement.lang;
const words = new Intl.DateTimeFormat(language, {
  weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
});
const echoDate = (input) => {
  const echo = document.getElementById(`${input.id}_echo`);
  if (echo) echo.textContent = input.value ? words.format(new Date(`${input.value}T00:00Z`)) : "";
};
document.addEventListener("input", (event) => {
  if (event.target.matches('input[type="date"]')) echoDate(event.target);
});

// Copy buttons.
document.addEventListener("click", async (event) => {
  const button = reach(event, "[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = button.dataset.copied;
});

const prepare = (root) => {
  fadeToasts(root);
  for (const input of root.querySelectorAll?.('input[type="date"]') ?? []) echoDate(input);
};
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
