// The page's own hand: what is asked appears at once, "none" clears the others, what is open is
// listed, and a warning sign is shown in the moment it is marked. Everything works without it, too;
// the server decides again. The rules are engine.js and the pack's published tree.
(function () {
  "use strict";
  const { crampCds } = window;
  const { engine, knowledge, texts } = crampCds;
  // Of the form itself nothing is asked: a field that is called like a property of it stands before it.
  const form = document.getElementById("form");
  const byId = (id) => document.getElementById(id);
  const questions = byId("questions");
  const all = (selector, at = document) => [...at.querySelectorAll(selector)];
  const fill = (text, values) => text.replace(/\{([\w-]+)\}/g, (whole, key) => values[key] ?? whole);
  const facts = JSON.parse(questions.dataset.facts || "{}");
  const RANK = new Map(knowledge.levels.map((level) => [level.code, level]));

  // ── The page as a tree of answers ──

  const NUMBER = /^[+-]?\d+(\.\d+)?$/;
  const COMMA = /^[+-]?\d+,(\d{1,2}|\d{4,})$/;

  function number(text) {
    const plain = text.trim().replace("\u2212", "-");
    const pointed = COMMA.test(plain) ? plain.replace(",", ".") : plain;
    return NUMBER.test(pointed) ? Number(pointed) : null;
  }

  /** The answers in the fields of one place; null for what cannot be read. */
  function answersIn(element, def) {
    const own = all("input, select, textarea", element)
      .filter((one) => one.closest("[data-link]") === element && !one.name.endsWith(":row"));
    const chosen = (def.answerOption || []).filter((_, place) => {
      const field = own.find((one) => one.id === `${element.dataset.item}.${place}`);
      return field ? field.checked : own.some((one) => one.tagName === "SELECT" && one.selectedIndex === place + 1);
    });
    const found = chosen.map(({ exclusive, ...option }) => option);
    const part = (name) => own.find((one) => one.name.endsWith(`:${name}`));
    const other = part("other");
    if (other && other.value.trim()) found.push({ valueString: other.value.trim() });
    if (def.answerOption) return found;
    if (def.type === "boolean") {
      const box = own.find((one) => one.checked && one.value);
      return box ? [{ valueBoolean: box.value === "true" }] : [];
    }
    const field = own.find((one) => one.name === element.dataset.item);
    if (!field || !field.value.trim() || def.type === "open-choice") return found;
    return [typed(def.type, field.value.trim(), part)];
  }

  const ZONE = () => {
    const minutes = -new Date().getTimezoneOffset();
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    const size = Math.abs(minutes);
    return `${minutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
  };

  function typed(type, value, part) {
    switch (type) {
      case "integer": case "decimal": {
        const found = number(value);
        if (found === null || (type === "integer" && !Number.isInteger(found))) return null;
        return type === "integer" ? { valueInteger: found } : { valueDecimal: found };
      }
      case "quantity": {
        const found = number(value);
        const unit = part("unit");
        return found === null ? null : { valueQuantity: { value: found, ...(unit ? { unit: unit.value } : {}) } };
      }
      case "date": return { valueDate: value };
      case "dateTime": return { valueDateTime: value.length === 16 ? `${value}:00${ZONE()}` : value };
      case "time": return { valueTime: value.length === 5 ? `${value}:00` : value };
      case "url": return { valueUri: value };
      case "reference": return { valueReference: { display: value } };
      case "attachment": return { valueAttachment: { title: value.split(/[\\/]/).pop() } };
      default: return { valueString: value };
    }
  }

  function treeOfPage() {
    const top = { def: { item: knowledge.form.item }, parent: null, answers: [], children: [], bad: false };
    build(top, questions);
    return top;
  }

  function build(at, container) {
    const inside = all("[data-link]", container)
      .filter((one) => (one.parentElement.closest("[data-link]") || questions) === container);
    for (const def of at.def.item || []) {
      const places = inside.filter((one) => one.dataset.link === def.linkId);
      if (def.type === "group" || def.type === "display" || places.length < 2) {
        for (const element of places) add(at, def, [element]);
      } else add(at, def, places);
    }
  }

  function add(at, def, elements) {
    const child = engine.node(def, at);
    child.elements = elements;
    at.children.push(child);
    if (def.type !== "group" && def.type !== "display") {
      const given = elements.flatMap((element) => answersIn(element, def));
      child.answers = given.filter(Boolean);
      child.bad = given.includes(null);
    }
    for (const element of elements) build(child, element);
  }

  // ── After every change ──

  const waiting = (tree) => [...engine.walk(tree)].filter((one) => one.enabled && !one.answers.length &&
    one.def.required && one.def.type !== "group" && one.def.type !== "display");

  function refresh() {
    const tree = engine.enable(treeOfPage());
    for (const one of engine.walk(tree)) {
      for (const element of one.elements) if (element.hidden === one.enabled) element.hidden = !one.enabled;
    }
    const open = waiting(tree);
    const bad = [...engine.walk(tree)].some((one) => one.enabled && one.bad);
    const status = open.length || bad ? "in-progress" : "completed";
    const head = texts.alone ? { id: crampCds.id, status, authored: new Date().toISOString() } : { status };
    const canonical = `${knowledge.form.url}|${knowledge.form.version}`;
    const item = engine.itemsOf(tree);
    crampCds.response = {
      resourceType: "QuestionnaireResponse", questionnaire: canonical, ...head, ...(item.length ? { item } : {}),
    };
    crampCds.answers = engine.readAnswers(knowledge, tree, status);
    crampCds.open = open.length;
    crampCds.decision = engine.decideTree(knowledge, tree, head, facts);
    alarm(crampCds.decision);
    list(open);
    if (steps.on) steps.count();
  }

  function list(open) {
    const nav = byId("open");
    nav.hidden = !open.length || !touched;
    nav.querySelector("ul").replaceChildren(...open.map((one) => {
      const [row, link] = [document.createElement("li"), document.createElement("a")];
      link.href = `#q.${one.elements[0].dataset.item}`;
      link.textContent = texts.shorts[one.linkId] || one.linkId;
      row.append(link);
      return row;
    }));
  }

  let touched = false;

  // ── The alarm: shown at once, said aloud, and never gone in silence ──

  const banner = byId("alarm");
  const signs = byId("signs");
  const meant = byId("meant");
  const part = (name) => banner.querySelector(`.${name}`);
  const voice = () => (document.querySelector(".who [name=who]:checked") || { value: "you" }).value;
  const marked = new Map(); // rule → finding, since the page was opened
  const known = new Set(meant.value.split(" ").filter(Boolean)); // rules whose going was meant
  for (const rule of signs.value.split(" ")) {
    const found = knowledge.rules.find((one) => one.rule === rule);
    if (found) marked.set(rule, { rule, level: found.level, text: texts.rules[rule] });
  }
  let shown = "";

  function reasonText({ linkId, answer, fact }) {
    if (fact) return texts.facts[fact] || fact;
    const field = all(`[data-link="${CSS.escape(linkId)}"] input`).find((one) => one.value === answer);
    const said = field ? field.parentElement.textContent.trim() : texts.open;
    return `${texts.shorts[linkId] || linkId}: ${said}`;
  }

  function alarm(decision) {
    const firing = decision.findings.filter((one) => RANK.get(one.level).alert);
    for (const one of firing) {
      marked.set(one.rule, { ...one, text: [...new Set(one.because.map(reasonText))].join("; ") });
      known.delete(one.rule);
    }
    const now = new Set(firing.map((one) => one.rule));
    const gone = [...marked.values()].filter((one) => !now.has(one.rule) && !known.has(one.rule));
    meant.value = [...known].join(" ");
    signs.value = [...new Set([...signs.value.split(" "), ...marked.keys()])].filter(Boolean).join(" ");
    const told = [...firing.map((one) => marked.get(one.rule)), ...gone];
    banner.hidden = !told.length;
    if (!told.length) { shown = ""; return; }
    const top = (firing.length ? firing : gone)
      .reduce((best, one) => (RANK.get(one.level).rank > RANK.get(best.level).rank ? one : best));
    const level = texts.levels[top.level];
    banner.classList.toggle("was", !firing.length);
    part("was-text").hidden = !gone.length;
    part("was-ok").hidden = !gone.length;
    part("go-on").hidden = !firing.length;
    part("symbol").textContent = level.symbol;
    part("word").textContent = level.word;
    part("action").textContent = level[voice()];
    part("reasons").textContent = [...new Set(told.map((one) => one.text))].join("; ");
    const call = part("call");
    if (call) call.hidden = false;
    const state = `${top.level} ${firing.length > 0} ${[...now].sort()}`;
    if (state !== shown && firing.length && touched && !arrowed) banner.focus({ preventScroll: true });
    shown = state;
  }

  part("was-ok").addEventListener("click", (event) => {
    event.preventDefault();
    for (const rule of marked.keys()) known.add(rule);
    refresh();
    save();
    byId("questions").focus({ preventScroll: true });
  });

  // ── What a click or a key does ──

  let arrowed = false; // going through options with the arrow keys must not lose the focus
  document.addEventListener("keydown", ({ key }) => { arrowed = key.startsWith("Arrow"); });
  document.addEventListener("pointerdown", () => { arrowed = false; });

  function clear(field) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else field.value = "";
  }

  function alone(field) {
    const set = field.closest("fieldset");
    if (!set || field.name === "who") return;
    const own = all("input", set).filter((one) => one !== field && !/:(confirm|row)$/.test(one.name));
    const filled = field.checked || (field.type === "text" && field.value.trim());
    if (!filled) return;
    if (field.hasAttribute("data-alone") && field.type === "checkbox") own.forEach(clear);
    else own.filter((one) => one.hasAttribute("data-alone")).forEach((one) => { one.checked = false; });
    if (field.type === "radio") own.filter((one) => one.type === "text").forEach(clear);
    if (field.type === "text") own.filter((one) => one.type === "radio").forEach(clear);
  }

  document.addEventListener("change", ({ target }) => {
    touched = true;
    alone(target);
    refresh();
    save();
  });
  document.addEventListener("input", ({ target }) => {
    touched = true;
    if (target.type === "text") alone(target);
    if (target.type !== "radio" && target.type !== "checkbox") { refresh(); save(); }
  });

  // ── One more of what repeats ──

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[value^='add:']");
    if (!button) return;
    event.preventDefault();
    const [, item] = button.value.split(/:(.*)/s);
    const last = all("[data-item]", questions).find((one) => one.dataset.item === item);
    const [, before, row] = item.match(/^.*?((?:~\d+)*)~(\d+)$/);
    const next = `${before}~${Number(row) + 1}`;
    const old = new RegExp(`${before}~${row}(?=[~:."\\s]|$)`, "g");
    const copy = last.cloneNode(true);
    for (const one of [copy, ...all("*", copy)]) {
      for (const { name, value } of [...one.attributes]) {
        if (value.includes(`~${row}`)) one.setAttribute(name, value.replace(old, next));
      }
      if (one.matches("input:not([type=hidden]), textarea, select")) {
        one.removeAttribute("checked");
        clear(one);
        if (one.tagName === "SELECT") one.selectedIndex = 0;
      }
    }
    for (const one of all(".faults", copy)) one.remove();
    // The first is the copy's own; groups inside keep their numbers.
    const head = copy.matches(".group") && copy.querySelector("[data-row]");
    if (head) head.textContent = fill(head.dataset.row, { number: Number(row) + 2 });
    button.closest(".more").before(copy);
    button.value = `add:${copy.dataset.item}`;
    refresh();
    const field = copy.querySelector("input:not([type=hidden]), textarea, select");
    if (field) field.focus();
  });

  // ── Nothing is lost: the draft goes into the session on the server ──

  const kept = crampCds.keep || ((body, last) => fetch(location.pathname, { method: "POST", body, keepalive: last }));
  let timer = 0;
  let dirty = false;

  function save() {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(send, 400);
  }

  function send(last = false) {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    const data = new FormData(form);
    data.set("do", "draft");
    const texts = [...data].filter(([, value]) => typeof value === "string");
    Promise.resolve(kept(new URLSearchParams(texts), last)).then(
      (answer) => { if (answer && !answer.ok) dirty = true; },
      () => { dirty = true; },
    );
  }

  addEventListener("pagehide", () => send(true));
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(true); });
  document.addEventListener("submit", () => { clearTimeout(timer); dirty = false; });

  // ── One question a screen, on a phone ──

  const given = (question) => all("input, select, textarea", question).some((one) =>
    one.value && one.type !== "hidden" && (one.checked || !["radio", "checkbox"].includes(one.type)));
  const steps = {
    on: false,
    at: 0,
    list: () => all(".who, .question").filter((one) =>
      !one.closest("[hidden]") && !one.parentElement.closest(".question")),
    count() {
      const listed = steps.list();
      const current = document.querySelector(".current");
      steps.at = Math.max(0, listed.indexOf(current));
      const last = steps.at >= listed.length - 1;
      byId("step").textContent = fill(texts.step, { number: steps.at + 1, count: listed.length });
      byId("back").disabled = steps.at === 0;
      byId("next").hidden = last;
      all(".send, .open").forEach((one) => one.classList.toggle("last", last));
    },
    /** What is wrong comes first; of a form that was begun, the first question without an answer. */
    start() {
      const listed = steps.list();
      const wrong = listed.findIndex((one) => one.matches(".wrong"));
      const asked = listed.filter((one) => one.matches(".question"));
      const open = listed.indexOf(asked.find((one) => !given(one)));
      return wrong >= 0 ? wrong : asked.some(given) && open >= 0 ? open : 0;
    },
    show(place, focus = true) {
      const listed = steps.list();
      const next = listed[Math.min(Math.max(place, 0), listed.length - 1)];
      if (!next) return; // the result stands in the form's place: nothing is asked
      all(".current").forEach((one) => one.classList.remove("current"));
      next.classList.add("current");
      steps.count();
      if (!focus) return;
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
      scrollTo(0, 0);
    },
    go(place) {
      history.pushState({ step: place }, "");
      steps.show(place);
    },
    turn(on) {
      steps.on = on;
      document.body.classList.toggle("by-step", on);
      byId("steps").hidden = !on;
      if (!on) return;
      steps.show(steps.start(), false);
      history.replaceState({ step: steps.at }, "");
    },
  };
  byId("next").addEventListener("click", () => steps.go(steps.at + 1));
  byId("back").addEventListener("click", () => steps.go(steps.at - 1));
  addEventListener("popstate", ({ state }) => { if (steps.on) steps.show((state && state.step) || 0); });

  // A link to a question leads there, and into it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#q.']");
    const target = link && byId(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    if (steps.on) steps.go(steps.list().indexOf(target.closest(".question")));
    target.scrollIntoView({ block: "center" });
    const field = target.querySelector("input:not([type=hidden]), select, textarea");
    if (field) field.focus({ preventScroll: true });
  });

  all("[data-zone]").forEach((one) => { one.value = ZONE(); });
  const narrow = matchMedia("(max-width: 40rem)");
  narrow.addEventListener("change", () => steps.turn(narrow.matches));
  touched = all("[data-focus]").length > 0 || signs.value !== "";
  refresh();
  steps.turn(narrow.matches);
  const first = document.querySelector("[data-focus]:not([hidden])");
  if (first) first.focus();
  crampCds.refresh = refresh;
})();
