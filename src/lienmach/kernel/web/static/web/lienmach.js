/*
 * Small comforts. Every page works without this file; nothing here decides anything.
 *
 * data-navigation-open / -close     the navigation on a phone, without a jump in the address
 * data-submit-on-change             a filter form that shows its result when a choice is made
 * data-hold                         a button that must be held for a second; without script it is a plain button
 * data-confirm="words"              a question before a form is sent
 * data-step="1" / "-1"              plus and minus beside a number
 * data-poll="seconds" data-poll-url a part that refreshes itself politely, only when it changed and is looked at
 * data-draft="key"                  a form whose input survives a closed page, kept on this device only
 * data-gantt                        bars of one order light up together
 * data-chart                        draws a chart over its printed form
 * data-print                        opens the print dialogue
 */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const closest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

  /* ---- navigation on a phone ---- */
  const navigation = document.getElementById("navigation");
  const opener = document.querySelector("[data-navigation-open]");
  function showNavigation(open) {
    if (!navigation || !opener) return;
    navigation.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    if (open) {
      const first = navigation.querySelector("a, button");
      if (first) first.focus();
    } else {
      opener.focus();
    }
  }
  if (opener) {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-expanded", "false");
  }

  document.addEventListener("click", (event) => {
    if (closest(event, "[data-navigation-open]")) {
      event.preventDefault();
      showNavigation(true);
    } else if (closest(event, "[data-navigation-close]")) {
      event.preventDefault();
      showNavigation(false);
    } else if (closest(event, "[data-print]")) {
      window.print();
    }
    const stepper = closest(event, "[data-step]");
    if (stepper) {
      const input = document.getElementById(stepper.getAttribute("aria-controls"));
      if (input) {
        const least = input.min === "" ? -Infinity : Number(input.min);
        const most = input.max === "" ? Infinity : Number(input.max);
        input.value = Math.min(most, Math.max(least, (Number(input.value) || 0) + Number(stepper.dataset.step)));
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && navigation && navigation.classList.contains("open")) showNavigation(false);
    const button = closest(event, "[data-navigation-open]");
    if (button && event.key === " ") {
      event.preventDefault();
      showNavigation(true);
    }
  });

  /* ---- the first problem of a form that came back ---- */
  const problems = document.querySelector("[data-focus]");
  if (problems && !problems.closest("[data-specimen]")) problems.focus();

  /* ---- filters ---- */
  document.addEventListener("change", (event) => {
    const form = closest(event, "[data-submit-on-change]");
    if (form && event.target instanceof HTMLSelectElement) form.requestSubmit();
  });

  /* ---- hold to confirm ---- */
  const HOLD_MS = 900;
  all("button[data-hold]").forEach((button) => {
    let timer = 0;
    let done = false;
    const start = (event) => {
      if (event.type === "keydown" && (event.key !== "Enter" && event.key !== " ")) return;
      if (event.repeat || timer) return;
      if (event.type === "keydown") event.preventDefault();
      done = false;
      button.classList.add("holding");
      timer = window.setTimeout(() => {
        done = true;
        stop();
        if (button.form) button.form.requestSubmit(button);
      }, HOLD_MS);
    };
    const stop = () => {
      window.clearTimeout(timer);
      timer = 0;
      button.classList.remove("holding");
    };
    button.addEventListener("pointerdown", start);
    button.addEventListener("keydown", start);
    ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"].forEach((name) => button.addEventListener(name, stop));
    button.addEventListener("click", (event) => {
      /* A real press that was too short does nothing; a click by assistive technology (detail 0) goes through. */
      if (event.detail !== 0 && !done) event.preventDefault();
    });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
  });

  /* ---- ask before sending; send once ---- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const question = (submitter && submitter.dataset.confirm) || form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    if (form.method === "post") {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      window.setTimeout(() => delete form.dataset.sent, 8000);
    }
  });

  /* ---- polite polling: conditional, slower on errors, silent in the background ---- */
  all("[data-poll]").forEach((part) => {
    const every = Math.max(2, Number(part.dataset.poll) || 10) * 1000;
    let wait = every;
    let tag = "";
    async function look() {
      if (!document.hidden) {
        try {
          const headers = { "X-Requested-With": "fetch" };
          if (tag) headers["If-None-Match"] = tag;
          const answer = await fetch(part.dataset.pollUrl, { headers, credentials: "same-origin", cache: "no-store" });
          if (answer.status === 200) {
            tag = answer.headers.get("ETag") || "";
            const words = await answer.text();
            if (words !== part.dataset.pollSeen) {
              part.dataset.pollSeen = words;
              const fresh = new DOMParser().parseFromString(words, "text/html");
              part.replaceChildren(...Array.from(fresh.body.childNodes).map((node) => document.adoptNode(node)));
            }
            if (answer.headers.get("X-Poll-Done")) return;
          } else if (answer.status === 204 || answer.status === 404 || answer.status === 403) {
            return;
          }
          part.removeAttribute("data-stale");
          wait = every;
        } catch (error) {
          part.setAttribute("data-stale", "");
          wait = Math.min(wait * 2, 120000);
        }
      }
      window.setTimeout(look, wait);
    }
    window.setTimeout(look, wait);
  });

  /* ---- drafts: kept on this device until the form is sent ---- */
  const secret = (field) => ["password", "file", "hidden", "submit", "button"].includes(field.type) || !field.name;
  all("form[data-draft]").forEach((form) => {
    const key = "draft:" + form.dataset.draft;
    const note = form.querySelector("[data-draft-note]");
    let kept = null;
    try {
      kept = JSON.parse(window.localStorage.getItem(key) || "null");
    } catch (error) {
      kept = null;
    }
    if (kept && !form.querySelector("[aria-invalid]")) {
      Array.from(form.elements).forEach((field) => {
        if (secret(field) || !(field.name in kept)) return;
        if (field.type === "checkbox" || field.type === "radio") field.checked = kept[field.name].includes(field.value);
        else field.value = kept[field.name][0];
      });
      if (note) note.hidden = false;
    }
    form.addEventListener("input", () => {
      const now = {};
      Array.from(form.elements).forEach((field) => {
        if (secret(field)) return;
        now[field.name] = now[field.name] || [];
        if (field.type === "checkbox" || field.type === "radio") {
          if (field.checked) now[field.name].push(field.value);
        } else {
          now[field.name].push(field.value);
        }
      });
      try {
        window.localStorage.setItem(key, JSON.stringify(now));
      } catch (error) {
        /* No room or not allowed: the form still works, it only does not survive a closed page. */
      }
    });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) window.localStorage.removeItem(key);
    });
    const forget = form.querySelector("[data-draft-forget]");
    if (forget) {
      forget.addEventListener("click", () => {
        window.localStorage.removeItem(key);
        form.reset();
        if (note) note.hidden = true;
      });
    }
  });

  /* ---- Gantt: the bars of one order together ---- */
  all("[data-gantt]").forEach((figure) => {
    const choose = (group) => {
      figure.classList.toggle("choosing", Boolean(group));
      all(".g-bar", figure).forEach((bar) => bar.classList.toggle("chosen", Boolean(group) && bar.dataset.group === group));
    };
    let pinned = "";
    const groupOf = (event) => {
      const bar = closest(event, ".g-bar[data-group]");
      return bar ? bar.dataset.group : "";
    };
    figure.addEventListener("click", (event) => {
      if (closest(event, "a[href]")) return;
      const group = groupOf(event);
      pinned = group === pinned ? "" : group;
      choose(pinned);
    });
    figure.addEventListener("keydown", (event) => {
      if (event.key === "Escape") choose((pinned = ""));
    });
    const now = figure.querySelector(".g-now");
    const frame = figure.querySelector(".gantt-frame");
    if (now && frame) {
      const x = Number(now.getAttribute("x1"));
      if (x > frame.clientWidth / 2) frame.scrollLeft = x - frame.clientWidth / 4;
    }
  });

  /* ---- charts: the interactive drawing takes the printed one's place; Vega loads only where one is ---- */
  const charts = all("[data-chart]");
  if (charts.length) {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue("--" + name).trim();
    import(charts[0].dataset.chart)
      .then(() =>
        Promise.all(
          charts.map((figure) => {
            const spec = JSON.parse(document.getElementById(figure.dataset.chartSpec).textContent);
            const words = JSON.stringify(spec).replace(/"token\(([a-z0-9-]+)\)"/g, (_all, name) => JSON.stringify(token(name)));
            const live = figure.querySelector(".chart-drawing.live");
            live.hidden = false; /* it must have a width before it is drawn into */
            return window
              .vegaEmbed(live, JSON.parse(words), {
                ast: true,
                actions: false,
                defaultStyle: false,
                renderer: "svg",
                tooltip: { disableDefaultStyle: true },
                formatLocale: JSON.parse(figure.dataset.chartNumbers),
                timeFormatLocale: JSON.parse(figure.dataset.chartTimes),
              })
              .then(() => {
                figure.querySelector(".chart-print").classList.add("replaced");
              });
          })
        )
      )
      .catch((error) => console.error("Chart not drawn; its printed form stands instead.", error));
  }
})();
