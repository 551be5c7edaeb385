// Uses the page as people do: points, clicks, searches.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, folder] = process.argv.slice(2);
const { JSDOM } = createRequire(`${modules}/x.js`)("jsdom");
const open = name => {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  return new JSDOM(text, { runScripts: "dangerously", pretendToBeVisual: true }).window;
};

const window = open("flex.html");
const { document } = window;
const svg = document.querySelector("svg");
const box = document.querySelector("input");
const count = document.querySelector("#count");
const name = node => node.querySelector("title").textContent.split("\n")[0];
const node = wanted => [...document.querySelectorAll(".node")].find(node => name(node) === wanted);
const lit = () => [...document.querySelectorAll(".node.on")].map(name);
const fire = (target, kind, more = {}) =>
  target.dispatchEvent(new window[kind.startsWith("key") ? "KeyboardEvent" : "MouseEvent"](kind, { bubbles: true, ...more }));
const search = text => { box.value = text; box.dispatchEvent(new window.Event("input")); };

// Pointing shows the ways through a box, and nothing that only meets them.
fire(node("Fleet customers"), "mouseenter");
assert.deepEqual(lit().sort(), ["Fleet customers", "Inbound", "Sales", "Sales Fleet", "alice@example.com", "alice@example.com"]);
fire(node("Fleet customers"), "mouseleave");
assert.equal(svg.classList.contains("some"), false);

// A click keeps them until the next one.
fire(node("Voicemail"), "click");
fire(node("Sales"), "mouseenter");
assert.deepEqual(lit().sort(), ["Inbound", "Voicemail", "Voicemail", "nobody"]);
assert.equal(document.querySelectorAll(".node.here").length, 1);
fire(svg, "click");
assert.equal(svg.classList.contains("some"), false);

// A search finds names and expressions.
search("german");
assert.equal(count.textContent, "1 match");
assert.ok(lit().includes("Workshop in German") && lit().includes("Workshop DE"));
search("nothing of the kind");
assert.equal(count.textContent, "0 matches");
assert.deepEqual(lit(), []);
fire(document, "keydown", { key: "Escape" });
assert.equal(box.value + count.textContent, "");
assert.equal(svg.classList.contains("some"), false);

// Names are text, whatever they hold.
const hostile = open("hostile.html").document;
assert.equal(hostile.querySelectorAll("script").length, 1);
assert.ok([...hostile.querySelectorAll("text")].some(text => text.textContent === "<script>alert(1)</script>"));
console.log(`${folder}: the pages do as they are told`);
