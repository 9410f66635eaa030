/* The page around the checks: takes a file or pasted text, shows the verdict. Text only, never markup. */

const by = (id) => document.getElementById(id);
let language = /^en/i.test(navigator.language) ? "en" : "vi";
let last = null;

const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), WORDS[language][key]);

function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

const list = (items) => element("ul", "", ...items.map((item) => element("li", item)));

function moment(seconds) {
  const at = new Date(Number(seconds) * 1000);
  const two = (value) => String(value).padStart(2, "0");
  if (Number.isNaN(at.getTime())) return String(seconds);
  const day = `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const shownValue = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));

function rowsOf(found) {
  const words = WORDS[language];
  const witnesses = found.witnesses.map((each) =>
    say("witnessText", { name: each.name, key: `${each.key.name}+${each.key.id}`, time: moment(each.time) }),
  );
  const held = found.province;
  const province = held && [
    words.province,
    [say("provinceText", { origin: held.origin, size: held.size, names: held.witnesses.join(", ") || "–" })],
  ];
  return [
    [words.witness, witnesses.length ? witnesses : [words.unwitnessedTitle]],
    [words.authorKey, [found.author ? `${found.author.name}+${found.author.id} · ${words[found.tier]}` : words.notShown]],
    [words.event, [found.event]],
    [words.kind, [found.kind]],
    [words.time, [found.time]],
    [words.place, [say("placeText", { index: found.index, origin: found.origin, size: found.size })]],
    ...(province ? [province] : []),
    [words.closed, [found.closed.map((group) => words.groups[group]).join(", ") || words.nothing]],
    [words.hash, [found.hash]],
    [words.root, [found.root]],
    [words.logKey, found.log],
  ];
}

function facts(rows) {
  const made = element("dl");
  for (const [term, details] of rows) {
    made.append(element("dt", term), element("dd", "", ...details.map((detail) => element("p", detail))));
  }
  return made;
}

/** The fields of an event as they were written; around them the words of its envelope, on whose word first. */
function contentRows(content) {
  const { fields, origins } = WORDS[language];
  const word = (name, value) => (name === "origin" && Object.hasOwn(origins, value) ? origins[value] : shownValue(value));
  const envelope = Object.entries(content).filter(([name]) => name !== "body" || !isObject(content.body));
  envelope.sort(([one], [two]) => (two === "origin") - (one === "origin"));
  const rows = envelope.map(([name, value]) => [Object.hasOwn(fields, name) ? fields[name] : name, [word(name, value)]]);
  if (isObject(content.body)) Object.entries(content.body).forEach(([name, value]) => rows.push([name, [shownValue(value)]]));
  return rows;
}

function verdictOf(answer) {
  const words = WORDS[language];
  if (answer.refused) {
    const { code, detail } = answer.refused;
    return {
      kind: "bad",
      parts: [
        element("h2", words.refusedTitle),
        element("p", `${words.reason}: ${words.reasons[code] || words.reasons.unexpected}${detail ? ` (${detail})` : ""}`),
        element("p", code === "unchecked" || code === "no-ed25519" || code === "own-policy" ? "" : words.refusedText),
      ],
    };
  }
  const found = answer.found;
  const count = found.witnesses.length;
  const names = found.witnesses.map((each) => each.name).join(", ");
  const parts = [element("h2", count ? `${say("witnessedTitle", { count })}: ${names}` : words.unwitnessedTitle)];
  if (!count) parts.push(element("p", words.unwitnessedText));
  parts.push(element("p", found.trust === "own" ? words.ownText : words.insideText));
  if (found.unchecked.length) parts.push(element("p", say("uncheckedText", { names: found.unchecked.join(", ") })));
  for (const [group, content] of Object.entries(found.groups)) {
    parts.push(element("h3", `${words.says}: ${words.groups[group]}`), facts(contentRows(isObject(content) ? content : { "": content })));
  }
  parts.push(facts(rowsOf(found)));
  parts.push(element("h3", words.proves), list(count ? words.provesItems : words.provesAlone));
  parts.push(element("h3", words.provesNot), list(words.provesNotItems));
  parts.push(element("p", say("took", { ms: answer.ms.toFixed(1) })));
  return { kind: count && found.trust === "own" ? "good" : count ? "information" : "watch", parts };
}

function show() {
  document.documentElement.lang = language;
  document.title = say("title");
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say(part.dataset.say);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  const place = by("verdict");
  place.hidden = !last;
  if (!last) return;
  const verdict = verdictOf(last);
  place.className = verdict.kind;
  place.replaceChildren(...verdict.parts.filter((part) => part.textContent));
}

/** Check bytes and answer with what holds or why not; never throws. Also the way in for tests. */
async function examine(bytes, own) {
  const start = performance.now();
  try {
    const found = await verifyFile(bytes, own);
    return { found, ms: performance.now() - start };
  } catch (error) {
    const refused = error instanceof Refused ? { code: error.code, detail: error.detail } : { code: "unexpected", detail: "" };
    return { refused, ms: performance.now() - start };
  }
}

async function check() {
  const file = by("file").files[0];
  const pasted = by("text").value;
  if (!file && !pasted.trim()) return by("file").focus();
  if (file && file.size > MAX_FILE_SIZE) last = { refused: { code: "file", detail: `${file.size} B` }, ms: 0 };
  else {
    // A pasted file may have lost its last newline or gained blanks around it.
    const bytes = file ? new Uint8Array(await file.arrayBuffer()) : utf8(`${pasted.trim()}\n`);
    last = await examine(bytes, { policy: by("policy").value, author: by("author").value });
  }
  show();
  by("verdict").focus();
}

window.lienmach = { examine };

by("form").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
by("file").addEventListener("change", () => {
  by("text").value = "";
  if (by("file").files.length) check();
});
by("text").addEventListener("input", () => {
  if (by("text").value) by("file").value = "";
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset.language;
    show();
  });
}
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  by("file").files = event.dataTransfer.files;
  by("text").value = "";
  check();
});
ed25519Known.then((known) => {
  by("no-browser").hidden = known;
  for (const button of document.querySelectorAll("#form button")) button.disabled = !known;
});
show();
