// Decides in the page as the server does: the pack's one syntax tree, evaluated in three values.
// true, false, and null for "not known", which is never taken for "no". Plain script: it runs in a
// page (window.crampCds), in an exported file, and under Node for the tests.
(function (root) {
  "use strict";
  const QUIET = { group: true, display: true };

  // ── The answers as a tree: every item of the form, at every place where it stands. ──

  function node(def, parent) {
    return { def, parent, linkId: def.linkId, answers: [], children: [], enabled: true };
  }

  /** The tree of a QuestionnaireResponse: items without an answer stand in it as well. */
  function treeOf(form, response) {
    const top = { def: { item: form.item }, parent: null, answers: [], children: [] };
    fill(top, response.item || []);
    return top;
  }

  function fill(at, items) {
    for (const def of at.def.item || []) {
      const given = items.filter((one) => one.linkId === def.linkId);
      for (const one of given.length ? given : [{}]) {
        const child = node(def, at);
        child.answers = (one.answer || []).filter((answer) => valueOf(answer));
        at.children.push(child);
        const below = (one.item || []).concat(...(one.answer || []).map((a) => a.item || []));
        fill(child, below);
      }
    }
  }

  function* walk(at) {
    for (const child of at.children) {
      yield child;
      yield* walk(child);
    }
  }

  /** ["Coding", {…}] of an answer, or null. */
  function valueOf(answer) {
    const key = Object.keys(answer).find((one) => one.startsWith("value"));
    return key === undefined ? null : [key.slice(5), answer[key]];
  }

  // ── enableWhen: answers count below the nearest common ancestor. ──

  function sources(at, question) {
    const below = (one, scope) => {
      for (let up = one.parent; up; up = up.parent) if (up === scope) return true;
      return false;
    };
    const listed = byLinkId(at).get(question) || [];
    for (let scope = at.parent; scope; scope = scope.parent) {
      if (scope.linkId === question) return [scope];
      const found = listed.filter((one) => below(one, scope));
      if (found.length) return found;
    }
    return [];
  }

  /** The nodes of a tree by linkId; found once, since no node comes later. */
  function byLinkId(at) {
    let top = at;
    while (top.parent) top = top.parent;
    if (!top.index) {
      top.index = new Map();
      for (const one of walk(top)) {
        if (top.index.has(one.linkId)) top.index.get(one.linkId).push(one);
        else top.index.set(one.linkId, [one]);
      }
    }
    return top.index;
  }

  const order = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
  const NUMBER = { Integer: true, Decimal: true };
  const MOMENT = { Date: 10, DateTime: 16, Time: 5 };

  function same([kind, value], [other, wanted]) {
    if (kind === "Coding" && other === "Coding") {
      if (wanted.system !== undefined && wanted.system !== value.system) return false;
      if (wanted.code === undefined) return wanted.display === value.display;
      return wanted.code === value.code;
    }
    return compare([kind, value], [other, wanted]) === 0;
  }

  /** -1, 0, 1, or null where the two cannot be ordered. */
  function compare([kind, value], [other, wanted]) {
    if (NUMBER[kind] && NUMBER[other]) return order(Number(value), Number(wanted));
    if (MOMENT[kind] && MOMENT[other]) {
      // Of two precisions the coarser decides, and then only whether one is before the other.
      const length = Math.min(value.length, wanted.length);
      const found = order(value.slice(0, length), wanted.slice(0, length));
      return found === 0 && value.length !== wanted.length ? null : found;
    }
    if (kind === "Quantity" && other === "Quantity") {
      const unit = (one) => (one.code ? `${one.system}|${one.code}` : one.unit || "");
      return unit(value) === unit(wanted) ? order(Number(value.value), Number(wanted.value)) : null;
    }
    if (kind === "Reference" && other === "Reference") {
      const key = ["reference", "identifier", "display"].find((one) => wanted[one] !== undefined);
      return key && value[key] === wanted[key] ? 0 : null;
    }
    if (typeof value !== typeof wanted || typeof value === "object") return null;
    if (kind !== other && !(typeof value === "string")) return null;
    return order(value, wanted);
  }

  const OPERATORS = {
    "=": (a, b) => same(a, b),
    "!=": (a, b) => !same(a, b),
    ">": (a, b) => compare(a, b) === 1,
    "<": (a, b) => compare(a, b) === -1,
    ">=": (a, b) => [0, 1].includes(compare(a, b)),
    "<=": (a, b) => [0, -1].includes(compare(a, b)),
  };

  /** Whether one condition holds at this place, and whether its question is blank there. */
  function holds(when, at) {
    const given = sources(at, when.question).flatMap((one) => one.answers);
    const wanted = Object.entries(when).find(([key]) => key.startsWith("answer"));
    if (when.operator === "exists") return [(given.length > 0) === (wanted[1] !== false), !given.length];
    const target = [wanted[0].slice(6), wanted[1]];
    const test = OPERATORS[when.operator];
    return [given.some((answer) => test(valueOf(answer), target)), !given.length];
  }

  /** {enabled, blanks}: `blanks` are the open questions on which a disabled state hangs. */
  function stateOf(at) {
    // Those above come first in the walk, so that theirs is known.
    if (at.parent && at.parent.parent && !at.parent.state.enabled) return at.parent.state;
    const conditions = at.def.enableWhen || [];
    if (!conditions.length) return { enabled: true, blanks: [] };
    const every = at.def.enableBehavior === "all";
    const results = conditions.map((when) => [when, ...holds(when, at)]);
    const enabled = every ? results.every((one) => one[1]) : results.some((one) => one[1]);
    const failed = results.filter((one) => !one[1]);
    const settled = every && failed.some((one) => !one[2]);
    const blanks = settled ? [] : failed.filter((one) => one[2]).map((one) => one[0].question);
    return { enabled, blanks };
  }

  /** Say of every item whether it is enabled; what is not loses its answers, until nothing moves. */
  function enable(tree) {
    for (let moved = true, round = 0; moved && round < 50; round += 1) {
      moved = false;
      for (const one of walk(tree)) {
        // An item below a question is asked once that question has an answer.
        const asked = one.parent.parent === null || one.parent.def.type === "group" ||
          one.parent.answers.length > 0;
        one.state = stateOf(one);
        one.enabled = asked && one.state.enabled;
        if (!one.enabled && one.answers.length) {
          one.answers = [];
          moved = true;
        }
      }
    }
    return tree;
  }

  // ── What counts. ──

  const exclusive = (def) => (def.answerOption || [])
    .filter((option) => option.exclusive && option.valueCoding)
    .map((option) => option.valueCoding.code);

  function controls(at) {
    const found = [];
    for (let one = at; one && one.def.linkId; one = one.parent) {
      found.unshift(...(one.def.enableWhen || []).map((when) => when.question));
    }
    return found;
  }

  function readAnswers(knowledge, tree, status) {
    const unknown = new Set(knowledge.unknown);
    const groups = new Map();
    for (const one of walk(tree)) {
      if (!QUIET[one.def.type]) groups.set(one.linkId, [...(groups.get(one.linkId) || []), one]);
    }
    const asked = [...groups.keys()];
    const [codes, open, notes] = [new Map(), new Map(), []];
    let blocked = status !== "completed" && status !== "amended";
    for (const [linkId, nodes] of groups) {
      const { def } = nodes[0];
      const answered = nodes.filter((one) => one.answers.length);
      const values = answered.flatMap((one) => one.answers).map(valueOf);
      const given = values.filter(([kind, value]) => kind === "Coding" && value.code)
        .map(([, value]) => value.code);
      const others = values.length - given.length;
      const text = def.type === "open-choice" && others > 0;
      if ((values.length > 1 && !def.repeats) || answered.length > 1) open.set(linkId, "duplicate");
      else if (others && !text) open.set(linkId, "unreadable");
      else if (!given.length && text) open.set(linkId, "free-text");
      else if (given.some((code) => unknown.has(code))) open.set(linkId, "unknown");
      if (["duplicate", "unreadable"].includes(open.get(linkId))) blocked = true;
      if (text) notes.push({ code: "free-text", about: linkId, text: knowledge.wording.freeText });
      const known = [...new Set(given)].filter((code) => !unknown.has(code));
      const positive = known.filter((code) => !exclusive(def).includes(code));
      if (known.length) codes.set(linkId, positive.length ? positive : known);
    }
    const [excused, hidden] = [new Set(), new Set()];
    for (const linkId of asked) {
      const { state } = groups.get(linkId)[0];
      if (state.enabled) continue;
      const settled = state.blanks.every((one) => excused.has(one)) &&
        controls(groups.get(linkId)[0]).every((one) => !open.has(one));
      (settled ? excused : hidden).add(linkId);
    }
    return { asked, codes, open, excused, hidden, notes, blocked, short: knowledge.form.short };
  }

  // ── Three values. ──

  const isSettled = (question, answers) => answers.codes.has(question) && !answers.open.has(question);
  const any = (values) => (values.includes(true) ? true : values.includes(null) ? null : false);
  const all = (values) => (values.includes(false) ? false : values.includes(null) ? null : true);
  const not = (value) => (value === null ? null : !value);

  function atLeast(count, values) {
    const certain = values.filter((one) => one === true).length;
    if (certain >= count) return true;
    return certain + values.filter((one) => one === null).length >= count ? null : false;
  }

  /** Each code of a leaf by itself: that is what "at least" counts. */
  const spread = (part) => part.codes ? part.codes.map((one) => ({ question: part.question, codes: [one] }))
    : part.facts ? part.facts.map((one) => ({ facts: [one] })) : [part];

  const partsOf = (when) => when.any || when.all || when.none || (when.of && when.of.flatMap(spread));

  function truth(when, answers, facts) {
    const of = (parts) => parts.map((part) => truth(part, answers, facts));
    if (when.any) return any(of(when.any));
    if (when.all) return all(of(when.all));
    if (when.none) return not(any(of(when.none)));
    if (when.of) return atLeast(when.atLeast, of(partsOf(when)));
    if (when.facts) return any(when.facts.map((name) => name in facts ? facts[name] : null));
    const settled = isSettled(when.question, answers);
    if (when.codes) {
      const given = answers.codes.get(when.question) || [];
      if (when.codes.some((code) => given.includes(code))) return true;
      return !settled && !answers.excused.has(when.question) ? null : false;
    }
    if (when.open) return !settled;
    return settled ? true : answers.excused.has(when.question) ? false : null;
  }

  function* reasons(when, answers, facts) {
    if (when.all) for (const part of when.all) yield* reasons(part, answers, facts);
    else if (when.any || when.of) {
      for (const part of partsOf(when)) {
        if (truth(part, answers, facts)) yield* reasons(part, answers, facts);
      }
    } else if (when.codes) {
      const given = answers.codes.get(when.question) || [];
      for (const code of when.codes) {
        if (given.includes(code)) yield { linkId: when.question, answer: code };
      }
    } else if (when.open) yield { linkId: when.question, answer: null };
    else if (when.facts) {
      for (const fact of when.facts) if (facts[fact]) yield { fact };
    }
  }

  const unique = (list) => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
  const becauseOf = (when, answers, facts) => unique([...reasons(when, answers, facts)]);

  function* waits(when, answers, facts) {
    if (truth(when, answers, facts) !== null) return;
    const parts = partsOf(when);
    if (parts) for (const part of parts) yield* waits(part, answers, facts);
    else if (when.question) yield when.question;
  }

  /** R2 before R10, as the engine sorts: digits as numbers, and before anything else. */
  function natural(left, right) {
    const [ours, theirs] = [left, right].map((id) => id.match(/\d+|\D+/g) || []);
    for (let n = 0; n < ours.length && n < theirs.length; n += 1) {
      const digits = [ours[n], theirs[n]].map((one) => one >= "0" && one < ":");
      const found = digits[0] && digits[1] ? Number(ours[n]) - Number(theirs[n])
        : digits[0] !== digits[1] ? (digits[0] ? -1 : 1) : order(ours[n], theirs[n]);
      if (found) return found;
    }
    return ours.length - theirs.length;
  }

  // ── The decision. ──

  function base(knowledge, answers) {
    const closed = (item) => isSettled(item, answers);
    const complete = knowledge.safety.every((one) => closed(one) || answers.excused.has(one));
    if (!complete || answers.blocked || answers.short) return [knowledge.floor, complete];
    return [knowledge.history.every(closed) ? knowledge.lowest : knowledge.otherwise, complete];
  }

  function openOf(knowledge, answers, findings, facts) {
    const rules = new Map();
    const add = (question, rule) => rules.set(question, [...(rules.get(question) || []), rule]);
    for (const one of knowledge.rules) {
      for (const question of new Set(waits(one.when, answers, facts))) add(question, one.rule);
    }
    for (const finding of findings) {
      for (const one of finding.because) if (one.answer === null) add(one.linkId, finding.rule);
    }
    const owed = new Set([...knowledge.safety, ...knowledge.history]);
    return answers.asked
      .filter((item) => !isSettled(item, answers) && !answers.excused.has(item))
      .filter((item) => owed.has(item) || answers.open.has(item) ||
        (rules.has(item) && !answers.hidden.has(item)))
      .map((item) => ({
        linkId: item,
        why: answers.open.get(item) || "unanswered",
        rules: [...new Set(rules.get(item) || [])].sort(natural),
      }));
  }

  function causesOf(knowledge, answers, facts) {
    const found = [];
    for (const { cause, supportedBy } of knowledge.causes) {
      const support = [];
      for (const [question, given] of answers.codes) {
        for (const code of [...given].sort()) {
          if (supportedBy.some((one) => one.codes && one.question === question && one.codes.includes(code))) {
            support.push({ linkId: question, answer: code });
          }
        }
      }
      for (const one of supportedBy) {
        if (!one.codes && truth(one, answers, facts)) support.push(...becauseOf(one, answers, facts));
      }
      if (support.length) found.push({ cause, supportedBy: unique(support) });
    }
    return found.sort((a, b) => b.supportedBy.length - a.supportedBy.length || order(a.cause, b.cause));
  }

  function notesOf(knowledge, answers, findings, status) {
    const remarks = new Map(knowledge.rules.map((one) => [one.rule, one.note]));
    const notes = findings.filter((one) => remarks.get(one.rule)).map((one) => ({
      code: remarks.get(one.rule).code,
      about: (one.because.find((because) => because.linkId) || {}).linkId || one.rule,
      text: remarks.get(one.rule).text,
    }));
    notes.push(...answers.notes);
    if (status !== "completed" && status !== "amended") {
      notes.push({ code: "status", about: "QuestionnaireResponse.status", text: knowledge.wording.unfinished });
    }
    if (answers.short) {
      notes.push({ code: "short-form", about: knowledge.form.url, text: knowledge.wording.shortForm });
    }
    return unique(notes);
  }

  /** The decision document (schema cramp-cds/assessment/1) of a tree that `enable` has seen. */
  function decideTree(knowledge, tree, head, facts) {
    const status = head.status;
    const answers = readAnswers(knowledge, tree, status);
    const ranks = new Map(knowledge.levels.map((level) => [level.code, level.rank]));
    let [level, complete] = base(knowledge, answers);
    const raise = (code) => { if (ranks.get(code) > ranks.get(level)) level = code; };
    const [findings, touched] = [[], []];
    for (const one of knowledge.rules) {
      if (truth(one.when, answers, facts) !== true) continue;
      const because = becauseOf(one.when, answers, facts);
      if (one.deviates) touched.push([one, because]);
      if (!one.floor) {
        const { rule, finding, basis, sources } = one;
        findings.push({ rule, finding, level: one.level, basis, sources, because });
      }
      raise(one.floor || one.level);
    }
    return {
      schema: "cramp-cds/assessment/1",
      pack: knowledge.pack,
      response: head,
      level,
      complete,
      findings,
      open: openOf(knowledge, answers, findings, facts),
      causes: causesOf(knowledge, answers, facts),
      notes: notesOf(knowledge, answers, findings, status),
      deviations: knowledge.deviations.map(({ option, value, text }) => {
        const hit = touched.filter(([one]) => one.deviates === option);
        const linkIds = hit.flatMap(([, because]) => because.map((one) => one.linkId)).filter(Boolean);
        return {
          option, value, rules: hit.map(([one]) => one.rule).sort(natural),
          linkIds: [...new Set(linkIds)], text,
        };
      }),
      issues: [],
    };
  }

  /** The decision on a QuestionnaireResponse. `facts`: what a record says, by id; else unknown. */
  function decide(knowledge, response, facts) {
    const head = {};
    for (const key of ["id", "status", "authored"]) if (response[key]) head[key] = response[key];
    return decideTree(knowledge, enable(treeOf(knowledge.form, response)), head, facts || {});
  }

  /** The items of a response: what is enabled and answered, in the form's order. */
  function itemsOf(tree) {
    const made = [];
    for (const one of tree.children) {
      if (!one.enabled || one.def.type === "display") continue;
      const below = itemsOf(one);
      const answers = one.answers.map((answer) => ({ ...answer }));
      if (!answers.length && (!below.length || one.def.type !== "group")) continue;
      const item = { linkId: one.linkId };
      if (one.def.text) item.text = one.def.text;
      if (answers.length) item.answer = answers;
      if (below.length && answers.length) answers[0].item = below;
      else if (below.length) item.item = below;
      made.push(item);
    }
    return made;
  }

  root.crampCds = Object.assign(root.crampCds || {}, {
    engine: { node, walk, treeOf, enable, decide, decideTree, itemsOf, readAnswers, truth },
  });
})(globalThis);
