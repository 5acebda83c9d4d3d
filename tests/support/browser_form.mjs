// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate's page in Chromium: PAGE WORK NAME. Accessibility that can be measured, reflow, paper.
import fs from "fs";
import path from "path";
import { withChromium } from "./chromium.mjs";

const [page, work, name] = process.argv.slice(2);
const kPapers = { a4: [8.27, 11.69], letter: [8.5, 11] };

// What of WCAG 2.2 AA a program can see; runs inside the page and returns what is wrong.
function audit() {
  const wrong = [];
  const expect = (good, what) => { if (!good) wrong.push(what); };
  const all = (selector) => [...document.querySelectorAll(selector)];
  expect(document.documentElement.lang === "en-GB", "lang");
  expect(document.title.length > 5, "title");
  expect(all("h1").length === 1, "one h1");
  for (const landmark of ["header", "main", "footer"]) expect(all("body > " + landmark).length === 1, landmark);
  const levels = all("h1,h2,h3").map((one) => Number(one.tagName[1]));
  expect(levels.every((level, i) => i === 0 ? level === 1 : level <= levels[i - 1] + 1), "heading levels");
  expect(all("th").every((one) => ["row", "col"].includes(one.scope)), "th without scope");
  expect(all("table").every((one) => one.caption !== null), "table without caption");
  expect(all("section").every((one) => document.getElementById(one.getAttribute("aria-labelledby"))), "section names");
  expect(all("svg[role=img]").length >= 2 && all("svg").every((one) => one.querySelector("title")?.textContent), "svg names");
  const ids = all("[id]").map((one) => one.id);
  expect(new Set(ids).size === ids.length, "an id stands twice");
  expect(all("script,iframe,object,link,img,[style],[onclick]").length === 0, "foreign or active elements");
  const number = (text) => text.match(/[\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let here = one; here; here = here.parentElement) {
      const colour = number(getComputedStyle(here).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  for (const one of all("body *")) {
    if (one.closest("svg") || ![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [high, low] = [light(number(getComputedStyle(one).color).slice(0, 3)), light(ground(one))].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) wrong.push("contrast " + contrast.toFixed(2) + " of " + one.tagName);
  }
  return wrong;
}

const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
// Elements wider than the sheet; boxes that scroll are no help on paper.
const cut = `[...document.querySelectorAll("body *")].filter((one) => !one.closest("svg") &&
  one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((one) => one.tagName + " " + one.className)`;

withChromium(async (browser) => {
  const failures = [];
  await browser.open(page);
  for (const wrong of await browser.evaluate("(" + audit + ")()")) failures.push(name + ": " + wrong);
  if (browser.errors.length > 0) failures.push("errors: " + browser.errors);
  if (browser.requests.length !== 1) failures.push("requests: " + browser.requests);
  await browser.screenshot(path.join(work, name + ".png"));
  await browser.open(page, 320, 800);
  if (await browser.evaluate(overflow) > 0) failures.push("it scrolls sideways at 320 px");
  await browser.screenshot(path.join(work, name + "-320.png"));
  for (const [paper, size] of Object.entries(kPapers)) {
    const file = path.join(work, name + "-" + paper + ".pdf");
    await browser.pdf(file, size);
    const pages = fs.readFileSync(file, "latin1").match(/\/Type \/Page\b/g).length;
    console.log(name + " on " + paper + ": " + pages + " pages");
    if (pages < 2 || pages > 12) failures.push(paper + ": " + pages + " pages");
    // The sheet less the margins of 14 mm, in CSS pixels.
    await browser.send("Emulation.setEmulatedMedia", { media: "print" });
    await browser.open(page, Math.round(size[0] * 96 - 2 * 14 / 25.4 * 96), 1000);
    const wide = await browser.evaluate(cut);
    if (wide.length > 0) failures.push(paper + " cuts: " + wide.slice(0, 5));
    await browser.screenshot(path.join(work, name + "-" + paper + ".png"));
    await browser.send("Emulation.setEmulatedMedia", { media: "" });
  }
  return failures;
});
