const svg = document.querySelector("svg");
const box = document.querySelector("input");
const count = document.querySelector("#count");
const nodes = [...svg.querySelectorAll(".node")];
const edges = [...svg.querySelectorAll(".edge")];
const text = nodes.map(node => node.querySelector("title").textContent.toLowerCase());
const into = nodes.map(() => []), out = nodes.map(() => []);
for (const edge of edges) {
  out[edge.dataset.from].push(edge);
  into[edge.dataset.to].push(edge);
}
let pinned = null;

// Everything on the ways that lead to or from these nodes.
function show(chosen) {
  const on = new Set(chosen.map(at => nodes[at]));
  const walk = (from, lines, end) => {
    for (const todo = [...from]; todo.length;) {
      for (const edge of lines[todo.pop()]) {
        const next = edge.dataset[end];
        on.add(edge);
        if (!on.has(nodes[next])) { on.add(nodes[next]); todo.push(next); }
      }
    }
  };
  walk(chosen, out, "to");
  const ahead = new Set(on);
  on.clear();
  walk(chosen, into, "from");
  for (const one of ahead) on.add(one);
  svg.classList.toggle("some", chosen.length > 0);
  for (const one of [...nodes, ...edges]) one.classList.toggle("on", on.has(one));
  for (const [at, node] of nodes.entries()) node.classList.toggle("here", chosen.includes(at));
}

function found() {
  const wanted = box.value.trim().toLowerCase();
  return wanted ? text.flatMap((known, at) => known.includes(wanted) ? [at] : []) : null;
}

function settle() {
  const hits = found();
  count.textContent = hits ? hits.length + (hits.length === 1 ? " match" : " matches") : "";
  if (hits && !hits.length) {
    svg.classList.add("some");
    for (const one of [...nodes, ...edges]) one.classList.remove("on", "here");
  } else {
    show(hits ?? (pinned === null ? [] : [pinned]));
  }
}

for (const [at, node] of nodes.entries()) {
  const pin = event => {
    event.stopPropagation();
    pinned = pinned === at ? null : at;
    box.value = "";
    settle();
  };
  node.setAttribute("tabindex", "0");
  node.addEventListener("mouseenter", () => { if (pinned === null && !found()) show([at]); });
  node.addEventListener("mouseleave", () => { if (pinned === null && !found()) show([]); });
  node.addEventListener("click", pin);
  node.addEventListener("keydown", event => { if (event.key === "Enter") pin(event); });
}
svg.addEventListener("click", () => { pinned = null; settle(); });
box.addEventListener("input", () => { pinned = null; settle(); });
document.addEventListener("keydown", event => {
  if (event.key === "Escape") { pinned = null; box.value = ""; settle(); }
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
});
