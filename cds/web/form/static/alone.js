// The exported page, without a server: it keeps its own draft for as long as the tab is open, shows
// the result, and hands out the response and the decision as files. Comes before form.js.
(function () {
  "use strict";
  const { crampCds } = globalThis;
  const { engine, knowledge, texts } = crampCds;
  const words = texts.result;
  const form = document.getElementById("form");
  const byId = (id) => document.getElementById(id);
  texts.alone = true;
  crampCds.id = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  const KEPT = `cramp-cds ${knowledge.pack.hash} ${knowledge.form.id}`;
  const fill = (text, values) => text.replace(/\{([\w-]+)\}/g, (whole, key) => values[key] ?? whole);

  // ── The draft ──

  function kept(write) {
    try { return write ? sessionStorage.setItem(KEPT, write) : sessionStorage.getItem(KEPT); } catch { return null; }
  }

  crampCds.keep = (body) => kept(String(body));
  for (const [name, value] of new URLSearchParams(kept() || "")) {
    for (const field of document.querySelectorAll("#form input, #form select, #form textarea")) {
      if (field.name !== name || name === "do") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.checked || field.value === value;
      else if (field.type !== "file") field.value = value;
    }
  }

  // A field that is called like a property of the form stands before it.
  const hide = (on) => Element.prototype.toggleAttribute.call(form, "hidden", on);

  // ── The result ──

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children.filter((one) => one !== null && one !== undefined));
    return made;
  }
  const list = (items, tag = "ul") => make(tag, {}, ...items.map((one) => make("li", {}, one)));
  const section = (title, ...children) => make("section", {}, make("h2", {}, title), ...children);

  const items = new Map();
  (function walk(listed) {
    for (const item of listed) { items.set(item.linkId, item); walk(item.item || []); }
  })(knowledge.form.item);

  function label(linkId, code) {
    for (const field of document.querySelectorAll(`#form [data-link="${CSS.escape(linkId)}"] input`)) {
      if (field.value === code) return field.parentElement.textContent.trim();
    }
    return code;
  }
  const reason = ({ linkId, answer, fact }) => fact ? texts.facts[fact] || fact
    : `${texts.shorts[linkId] || linkId}: ${answer === null ? words["not-answered"] : label(linkId, answer)}`;

  function levelBox(level) {
    const said = texts.levels[level.code];
    return make("div", { class: `level ${level.colour}`, tabindex: "-1", id: "level" },
      make("p", { class: "head" }, make("span", { class: "symbol", "aria-hidden": "true" }, said.symbol), " ",
        make("strong", { class: "word" }, said.word)),
      make("p", { class: "display" }, said.display));
  }

  function finding(one) {
    const rule = texts.detail[one.rule];
    const level = texts.levels[one.level];
    const colour = knowledge.levels.find((each) => each.code === one.level).colour;
    return make("li", {},
      make("p", {}, make("span", { class: `badge ${colour}` }, `${level.symbol} ${level.word}`), " ",
        make("strong", {}, texts.rules[one.rule]), " ", make("span", { class: "rule" }, `(${one.rule})`)),
      list([...new Set(one.because.map(reason))]),
      make("details", {}, make("summary", {}, `${words.source} (${one.rule})`),
        make("p", {}, words[`basis-${one.basis}`]),
        rule.reading ? make("p", {}, `${words.reading}: ${rule.reading}`) : null,
        list(rule.sources)));
  }

  /** The words in lines of at most 34 letters. */
  const wrap = (text) => text.split(" ").reduce((lines, word) => {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    return longer.length > 34 ? [...lines, word] : [...lines.slice(0, -1), longer];
  }, []);

  function ladder(code) {
    const NS = "http://www.w3.org/2000/svg";
    const draw = (tag, attributes, ...children) => {
      const made = document.createElementNS(NS, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.append(...children);
      return made;
    };
    const rtl = document.documentElement.dir === "rtl";
    const levels = knowledge.levels;
    const all = levels.map((one) => texts.levels[one.code].word).join(", ");
    const here = texts.levels[code];
    const title = fill(words["levels-alt"], { levels: all, level: `${here.word}: ${here.display}` });
    let top = 0;
    const rungs = levels.map((one) => {
      const lines = wrap(`${texts.levels[one.code].symbol} ${texts.levels[one.code].display}`);
      const from = top;
      top += 14 + 20 * lines.length;
      return draw("g", { class: `rung ${one.colour}${one.code === code ? " here" : ""}` },
        draw("rect", { x: 2, y: from + 2, width: 336, height: 20 * lines.length + 10, rx: 4 }),
        ...lines.map((line, place) => draw("text", { x: rtl ? 328 : 12, y: from + 20 * place + 22, ...(rtl ? { direction: "rtl" } : {}) }, line)));
    });
    return draw("svg", { role: "img", class: "ladder", viewBox: `0 0 340 ${top}`, "aria-label": title },
      draw("title", {}, title), ...rungs);
  }

  function adviceOf(decision, answers) {
    const given = knowledge.advice.filter((one) => one.levels.includes(decision.level) &&
      (!one.when || engine.truth(one.when, answers, {}) === true));
    const ids = new Set(given.map((one) => one.id));
    return given.filter((one) => !one.yieldsTo.some((id) => ids.has(id))).map((one) => texts.advice[one.id]);
  }

  function saved(name, text) {
    const link = make("a", { download: `${knowledge.form.id}-${name}.json`, href: "#" }, words[name]);
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    return link;
  }

  function show() {
    const { decision, response, answers } = crampCds;
    const who = (document.querySelector(".who [name=who]:checked") || { value: "you" }).value;
    const level = knowledge.levels.find((one) => one.code === decision.level);
    const rank = (code) => knowledge.levels.find((one) => one.code === code).rank;
    const top = Math.max(0, ...decision.findings.map((one) => rank(one.level)));
    const reasons = new Set(decision.findings.filter((one) => rank(one.level) === top).flatMap((one) => one.because.map(reason)));
    const voices = who === "clinician" ? ["clinician"] : [who, "clinician"];
    const quiet = !level.alert && response.status === "completed" &&
      !decision.findings.some((one) => knowledge.levels.find((each) => each.code === one.level).alert);
    const advice = adviceOf(decision, answers);
    const signs = byId("signs").value.split(" ").filter((one) => one && !decision.findings.some((each) => each.rule === one));
    const box = byId("result");
    box.replaceChildren(
      make("h2", {}, words.title),
      ...(signs.length ? [make("div", { class: "notice" }, fill(words["taken-back"], { signs: signs.map((one) => texts.rules[one]).join("; ") }))] : []),
      levelBox(level),
      ...voices.map((voice) => voice === "clinician"
        ? section(words["for-clinician"], make("p", { class: "do" }, texts.levels[decision.level].clinician),
          ...(decision.findings.length ? [make("h3", {}, words.why), make("ul", { class: "findings" }, ...decision.findings.map(finding))] : []),
          ...(decision.causes.length ? [make("h3", {}, words.causes), list(decision.causes.map((one) => texts.causes[one.cause]))] : []))
        : section(words.do, make("p", { class: "do" }, texts.levels[decision.level][voice]),
          ...(reasons.size ? [make("h3", {}, words.because), list([...reasons])] : []),
          ...(advice.length ? [make("h3", {}, words.advice), list(advice)] : []),
          quiet ? make("p", {}, texts.negative) : null)),
      ...(decision.open.length ? [section(words.open,
        decision.complete ? null : make("p", {}, words["not-settled"]),
        list(decision.open.map((one) => items.get(one.linkId) ? texts.questions[one.linkId] : one.linkId)))] : []),
      section(words.levels, ladder(decision.level)),
      ...(decision.notes.length ? [section(words.notes, list([...new Set(decision.notes.map((one) => texts.notes[one.text] || one.text))]))] : []),
      make("section", { class: "downloads" }, make("h2", {}, words.downloads),
        list([saved("response", JSON.stringify(response)), saved("decision", JSON.stringify(decision))]),
        make("p", {}, make("button", { type: "button", id: "again" }, words.again), " ",
          make("button", { type: "button", class: "quiet", id: "print" }, words.print), " ",
          make("button", { type: "button", class: "quiet", id: "erase" }, words.erase))),
      make("footer", {}, make("p", {}, fill(words.knowledge, {
        pack: knowledge.pack.id, version: knowledge.pack.version, hash: knowledge.pack.hash.slice(0, 19),
      }))));
    hide(true);
    byId("alarm").hidden = true;
    box.hidden = false;
    byId("print").addEventListener("click", () => print());
    byId("again").addEventListener("click", () => {
      box.hidden = true;
      hide(false);
      crampCds.refresh();
    });
    byId("erase").addEventListener("click", () => {
      try { sessionStorage.removeItem(KEPT); } catch { /* nothing was kept */ }
      HTMLFormElement.prototype.reset.call(form);
      byId("signs").value = "";
      byId("meant").value = "";
      location.reload();
    });
    byId("level").focus();
    scrollTo(0, 0);
  }

  // ── Sending is deciding ──

  let asked = false;
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    crampCds.refresh();
    const { decision, open } = crampCds;
    const alert = knowledge.levels.find((one) => one.code === decision.level).alert;
    if (open && !alert && !asked) {
      asked = true;
      byId("send").textContent = words["send-open"];
      const nav = byId("open");
      nav.hidden = false;
      nav.tabIndex = -1;
      nav.focus();
      return;
    }
    show();
  });
})();
