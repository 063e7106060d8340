"use strict";
// The plan's page: what happens is shown as it happens, marks tell what they rest on, findings lead to their places and
// back, and what is typed is kept in this browser until it is saved. Without it the page can still be read.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const { say } = window.fangan;
  const body = document.body, plan = body.dataset.plan;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const scrollTo = (element) => element.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });

  // --- panes: one at a time where there is no room for three -------------------------------------------------------
  const show = (pane) => {
    body.dataset.pane = pane;
    for (const button of all(".tabs button")) button.setAttribute("aria-pressed", String(button.dataset.pane === pane));
  };
  show("text");
  document.addEventListener("click", (event) => {
    const tab = event.target.closest(".tabs button");
    if (tab) show(tab.dataset.pane);
    const link = event.target.closest('.pane a[href^="#s-"]');
    if (link) { show("text"); const to = one(link.getAttribute("href")); if (to) to.focus({ preventScroll: true }); }
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false;
  });

  // --- what a mark rests on ------------------------------------------------------------------------------------------
  const note = one("#note");
  let marked = null, hiding = 0;
  const hideNote = () => { note.hidden = true; marked = null; };
  const showNote = (mark) => {
    clearTimeout(hiding);
    if (mark === marked) return;
    const told = document.getElementById(mark.getAttribute("aria-describedby"));
    if (!told) return;
    marked = mark;
    note.replaceChildren(...[...told.childNodes].map((node) => node.cloneNode(true)));
    note.className = `note ${mark.className}`;
    note.hidden = false;
    const at = mark.getClientRects()[0] ?? mark.getBoundingClientRect(), room = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.left, room - note.offsetWidth - 8));
    const below = at.bottom + 8 + note.offsetHeight < innerHeight || at.top < note.offsetHeight + 16;
    note.style.left = `${left}px`;
    note.style.top = `${below ? at.bottom + 6 : at.top - note.offsetHeight - 6}px`;
  };
  const markOf = (event) => event.target.closest?.("mark[aria-describedby]");
  // By movement alone: when the page scrolls under a pointer at rest, nobody has pointed at anything.
  document.addEventListener("pointermove", (event) => {
    if (!event.movementX && !event.movementY) return;
    const mark = markOf(event);
    if (mark) showNote(mark);
    else if (event.target.closest?.("#note")) clearTimeout(hiding);
  });
  document.addEventListener("pointerout", (event) => {
    if ((markOf(event) || event.target.closest?.("#note")) && document.activeElement !== marked) {
      clearTimeout(hiding);
      hiding = setTimeout(hideNote, 250);
    }
  });
  document.addEventListener("focusin", (event) => { const mark = markOf(event); if (mark) showNote(mark); else if (!event.target.closest?.("#note")) hideNote(); });
  addEventListener("scroll", () => { if (marked && document.activeElement !== marked) hideNote(); else if (marked) { const mark = marked; marked = null; showNote(mark); } }, { passive: true });

  // --- findings and their places -------------------------------------------------------------------------------------
  // Places are counted in code points; the browser counts UTF-16 units.
  const units = (text, points) => { let at = 0; for (const sign of text) { if (points-- <= 0) break; at += sign.length; } return at; };
  const points = (text) => [...text].length;
  const paragraphs = (slug) => all(`#s-${slug} p[data-at]`).map((p) => ({ p, at: Number(p.dataset.at), text: p.textContent }));
  const spot = (slug, place) => {
    const found = paragraphs(slug).findLast(({ at }) => at <= place);
    if (!found) return null;
    let rest = units(found.text, place - found.at);
    const walk = document.createTreeWalker(found.p, NodeFilter.SHOW_TEXT);
    let node = walk.nextNode(), last = null;
    while (node && rest > node.length) { rest -= node.length; last = node; node = walk.nextNode(); }
    return node ? { node, offset: rest, p: found.p } : last && { node: last, offset: last.length, p: found.p };
  };
  let origin = null;
  const back = document.createElement("button");
  back.type = "button"; back.className = "back"; back.hidden = true; back.textContent = body.dataset.return;
  body.append(back);
  const goBack = () => {
    back.hidden = true;
    CSS.highlights?.delete("found");
    if (!origin?.isConnected) return;
    show("findings");
    origin.focus({ preventScroll: true });
    scrollTo(origin);
    origin = null;
  };
  back.addEventListener("click", goBack);
  const go = (button) => {
    const { s: slug, start, end } = button.dataset;
    origin = button;
    show("text");
    const area = one(`#s-${slug} textarea`);
    if (area) {
      area.blur();
      area.setSelectionRange(units(area.value, Number(start)), units(area.value, Number(end)));
      area.focus();
      back.hidden = false;
      return;
    }
    const from = spot(slug, Number(start)), to = spot(slug, Number(end));
    if (!from || !to) { one(`#s-${slug}`)?.focus(); return; }
    const range = new Range();
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
    if (window.Highlight) CSS.highlights.set("found", new Highlight(range));
    const mark = all("mark[tabindex]", from.p).find((m) => range.intersectsNode(m));
    if (!mark) from.p.tabIndex = -1;
    (mark ?? from.p).focus({ preventScroll: true });
    scrollTo(mark ?? from.p);
    back.hidden = false;
  };
  const findingOf = (mark) => {
    const p = mark.closest("p[data-at]"), slug = mark.closest("article")?.dataset.s;
    if (!p) return null;
    const before = new Range();
    before.setStart(p, 0);
    before.setEndBefore(mark);
    const start = Number(p.dataset.at) + points(before.toString()), end = start + points(mark.textContent);
    return all(`button.go[data-s="${slug}"]`).find((b) => Number(b.dataset.start) < end && Number(b.dataset.end) > start);
  };
  const toFinding = (mark) => {
    const button = findingOf(mark);
    if (!button) return;
    show("findings");
    button.focus({ preventScroll: true });
    scrollTo(button);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.go");
    if (button) go(button);
    const mark = event.target.closest("mark.u, mark.h, mark.p");
    if (mark) toFinding(mark);
  });
  document.addEventListener("keydown", (event) => {
    // Else the key would press the button that it led to, and that leads back.
    if (event.key === "Enter" && event.target.matches?.("mark[tabindex]")) { event.preventDefault(); toFinding(event.target); }
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest?.("form[data-draft]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
    }
    if (event.key !== "Escape" || one("#dialog").open) return;
    const menu = one("details.menu[open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); } else if (!back.hidden) goBack(); else hideNote();
  });

  // --- what happens --------------------------------------------------------------------------------------------------
  const dirty = new Set();
  let asking = false, waiting = 0;
  const refresh = async () => {
    if (asking || !dirty.size) return;
    asking = true;
    const wanted = dirty.has("all") ? "all" : [...dirty].join(",");
    dirty.clear();
    try { await htmx.ajax("GET", `/plans/${plan}/parts?sections=${encodeURIComponent(wanted)}`, { swap: "none" }); }
    finally { asking = false; }
    if (dirty.size) later();
  };
  const later = (delay = 350) => { clearTimeout(waiting); waiting = setTimeout(refresh, delay); };
  for (const name of ["plan", "section", "finding", "repair", "end"]) {
    document.addEventListener(name, (event) => {
      if (event.target.id !== "stream") return;
      const told = JSON.parse(event.detail.data);
      dirty.add(name === "end" ? "all" : told.section ?? "");
      later();
    });
  }
  // A plan at rest is not followed; whoever comes back to the page sees what others did meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || one("#stream") || asking) return;
    htmx.ajax("GET", `/plans/${plan}/parts?sections=all&since=${one("#nav").dataset.event}`, { swap: "none" });
  });
  let lost = false;
  document.addEventListener("htmx:sse:error", () => { if (!lost) { lost = true; say(body.dataset.lost, true); } });
  document.addEventListener("htmx:sse:after:connection", () => { if (lost) { lost = false; say(body.dataset.back); } });
  document.addEventListener("htmx:sse:close", (event) => { if (event.detail.reason === "message") setTimeout(() => event.target.remove()); });

  // What is being edited stays as it is, whatever happens elsewhere; but for answers to its own form.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    // What was found in a text that has been saved or left meanwhile.
    if (ctx.sourceElement.matches("textarea") && !ctx.sourceElement.isConnected) tasks.length = 0;
    for (let i = tasks.length - 1; i >= 0; i--) {
      const slug = tasks[i].target?.dataset?.s;
      if (slug && one(`#s-${slug}.editing`) && !ctx.sourceElement.closest?.(`#s-${slug}`)) tasks.splice(i, 1);
    }
    // A field that was drawn larger: htmx carries its size over as a style attribute, which the policy refuses.
    for (const { target } of tasks) for (const sized of target?.querySelectorAll?.("textarea[style]") ?? []) sized.removeAttribute("style");
    hideNote();
  });

  // --- errors --------------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const form = ctx.sourceElement.closest?.("form"), place = form && one(".failed", form);
    place?.replaceChildren();
    if (ctx.response.status < 400) return;
    ctx.swap = "none";
    const told = new DOMParser().parseFromString(ctx.text, "text/html").querySelector(".remark");
    if (place && told) place.replaceChildren(told);
    else say(told?.textContent.trim() ?? `${ctx.response.status}`, true);
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.sourceElement?.id === "stream") {
      const stream = event.detail.ctx.sourceElement;
      setTimeout(() => { stream.remove(); dirty.add("all"); refresh(); }, 3000);
    }
    else if (event.detail.ctx) say(body.dataset.lost, true);
  });

  // --- editing -------------------------------------------------------------------------------------------------------
  const key = (form) => `fangan:draft:${form.dataset.draft}`;
  const stored = (form) => { try { return JSON.parse(localStorage.getItem(key(form))); } catch { return null; } };
  const forget = (name) => localStorage.removeItem(name);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form || event.target.name !== "text") return;
    try {
      localStorage.setItem(key(form), JSON.stringify({ version: form.elements.version.value, text: event.target.value }));
      const kept = one(".kept", form);
      if (kept) kept.textContent = kept.dataset.kept;
    } catch { /* the browser keeps nothing: the text is still in the form */ }
  });
  const opened = (form) => {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    const area = form.elements.text, draft = stored(form);
    if (form.closest(".conflict") || !draft || draft.text === area.value) return;
    const saved = { version: form.elements.version.value, text: area.value };
    const put = ({ version, text }) => { form.elements.version.value = version; area.value = text; htmx.trigger(area, "recheck"); };
    one(".restored", form).hidden = false;
    put(draft);
    one("[data-drop]", form).addEventListener("click", () => { forget(key(form)); put(saved); one(".restored", form).hidden = true; area.focus(); });
  };
  document.addEventListener("htmx:after:swap", () => all("form[data-draft]").forEach(opened));
  document.addEventListener("click", (event) => {
    const leave = event.target.closest("[data-leave]"), form = leave?.closest("form");
    if (!form) return;
    const area = form.elements.text;
    if (leave.dataset.leave === "drop" || area.value === area.defaultValue) forget(key(form));
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail, source = ctx.sourceElement;
    if (source.matches?.("form[data-draft]")) {
      if (!document.querySelector(`form[data-draft="${source.dataset.draft}"]`)) forget(key(source));
    }
    if (source.matches?.("form[data-close]") && ctx.response?.status < 400) dialog.close();
    const left = ctx.target?.matches?.("article") && document.getElementById(ctx.target.id);
    if (left && !left.classList.contains("editing") && document.activeElement === body) left.focus({ preventScroll: true });
  });

  // --- the dialog ----------------------------------------------------------------------------------------------------
  const dialog = one("#dialog");
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    if (target?.id === "dialog-body" && !dialog.open) dialog.showModal();
    const first = target?.matches?.("#dialog-body, article") && one(`#${target.id} [data-focus]`);
    if (first) first.focus();
    for (const time of all("#dialog time")) time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-shut]")) dialog.close(); });

  // --- where one is --------------------------------------------------------------------------------------------------
  let looking = 0, last = null;
  const follow = (slug) => {
    const list = one(".findings"), group = one(`#f-${slug}`);
    if (slug === last || !group || group.hidden || list.matches(":hover, :focus-within")) return;
    last = slug;
    if (list.scrollHeight > list.clientHeight) list.scrollTop = group.offsetTop - 12;
  };
  const here = () => {
    looking = 0;
    const editing = document.activeElement.closest?.("article.editing");
    const current = editing ?? all("article.section").findLast((a) => a.getBoundingClientRect().top < innerHeight / 3) ?? one("article.section");
    if (scrollY > 40 || editing) follow(current?.dataset.s);
    for (const link of all("#nav a[data-s]")) {
      if (link.dataset.s === current?.dataset.s) {
        if (link.getAttribute("aria-current")) continue;
        link.setAttribute("aria-current", "location");
        const list = one("#nav");
        const place = link.offsetTop - list.clientHeight / 2;
        if (list.scrollHeight > list.clientHeight) list.scrollTop = place;
      } else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", () => { looking ||= setTimeout(here, 120); }, { passive: true });
  document.addEventListener("htmx:after:swap", here);
  here();
})();
