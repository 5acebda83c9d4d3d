// SPDX-License-Identifier: GPL-3.0-or-later
// verifier.html in Chromium, from file://: PAGE CORPUS WORK. Files are chosen as a person would; then
// the corpus and drawn flips go through the page's own judge().
import fs from "fs";
import path from "path";
import { withChromium } from "./chromium.mjs";
import { casesOf } from "./judge.mjs";

const [page, corpus, work] = process.argv.slice(2);
const kFlips = 200;
const complete = casesOf(corpus).find((one) => one.file === "good-complete.json");

// Numbers that are the same in every run.
function drawer(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function flipped(bytes, bit) {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

async function verdictOn(browser, input) {
  const packed = JSON.stringify({ ...input, certificate: base64(input.certificate),
                                  trust: base64(input.trust), revoked: base64(input.revoked) });
  return browser.evaluate(`(async () => {
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const input = ${packed};
    for (const name of ["certificate", "trust", "revoked"]) input[name] = bytes(input[name]);
    const verdict = await judge(input);
    const attached = (one) => [...one.plans, ...one.countersignatures].flatMap((inner) => [
      ...inner.withheld.map((pointer) => inner.statement.kind + ":" + pointer), ...attached(inner)]);
    return { exit: verdict.exit, reason: verdict.reason,
             withheld: [...verdict.withheld, ...attached(verdict)].sort() };
  })()`);
}

// Chooses files and presses the button; what the page then shows.
async function pressed(browser, files, needs = []) {
  await browser.open(page);
  for (const [id, file] of Object.entries(files)) await browser.choose("#" + id, file);
  return browser.evaluate(`(async () => {
    for (const role of ${JSON.stringify(needs)}) document.getElementById("need-" + role).click();
    document.getElementById("check").click();
    const result = document.getElementById("result");
    for (let i = 0; i < 500 && !result.dataset.exit; ++i) await new Promise((done) => setTimeout(done, 20));
    return { exit: Number(result.dataset.exit), text: result.innerText, secure: isSecureContext };
  })()`);
}

async function checkByHand(browser, failures) {
  const expect = (what, good) => { if (!good) failures.push(what); };
  const certificate = path.join(corpus, complete.file);
  const trust = path.join(corpus, complete.trust);
  const good = await pressed(browser, { certificate, trust }, complete.needs);
  await browser.screenshot(path.join(work, "verifier-good.png"));
  expect("a good certificate holds: " + good.text, good.exit === 0 && good.text.includes("THE RECORD HOLDS. It says: SANITIZED"));
  expect("the page says where trust comes from", good.text.includes("Judged by the keys that you chose"));
  expect("file:// is a secure context", good.secure);
  expect("errors: " + browser.errors, browser.errors.length === 0);
  expect("requests: " + browser.requests, browser.requests.every((url) => url.startsWith("file://")) &&
                                          browser.requests.length === 1);
  const changed = path.join(work, "changed.json");
  fs.writeFileSync(changed, flipped(fs.readFileSync(certificate), 8 * 400));
  const bad = await pressed(browser, { certificate: changed, trust });
  await browser.screenshot(path.join(work, "verifier-bad.png"));
  expect("a changed one does not: " + bad.text, bad.exit >= 10 && bad.text.includes("DOES NOT HOLD"));
  const failed = await pressed(browser, { certificate: path.join(corpus, "good-failed.json"), trust });
  await browser.screenshot(path.join(work, "verifier-failed.png"));
  expect("a failure that holds is no success: " + failed.text, failed.exit === 0 &&
         failed.text.includes("THE RECORD HOLDS. It says: NOT SANITIZED: FAILED") &&
         !(await browser.evaluate("result.innerHTML")).includes("circle with a tick"));
  const other = path.join(work, "nobody");
  fs.writeFileSync(other, "# nobody\n");
  const untrusted = await pressed(browser, { certificate, trust: other });
  expect("nobody trusted: 11, found " + untrusted.exit, untrusted.exit === 11);
  expect("and what it says is not relied on", untrusted.text.includes("Do not rely on what it says"));
}

async function checkCorpus(browser, failures) {
  let count = 0;
  for (const one of casesOf(corpus)) {
    const verdict = await verdictOn(browser, one.input);
    const same = verdict.exit === one.exit && (one.exit !== 0 ||
      JSON.stringify(verdict.withheld) === JSON.stringify(one.withheld));
    if (!same) failures.push(`${one.file}: expected ${one.exit}, found ${verdict.exit} ${verdict.reason}`);
    count += 1;
  }
  if (count < 150) failures.push("the corpus has only " + count + " cases");
  console.log(count + " cases of the corpus");
}

async function checkFlips(browser, failures) {
  const draw = drawer(20261124);
  const bits = complete.input.certificate.length * 8;
  for (let i = 0; i < kFlips; ++i) {
    const bit = draw(bits);
    const verdict = await verdictOn(browser, { ...complete.input, certificate: flipped(complete.input.certificate, bit) });
    if (verdict.exit < 10 || verdict.exit > 15) failures.push(`bit ${bit}: exit ${verdict.exit}`);
  }
  console.log(kFlips + " flips of " + bits + " bits");
}

withChromium(async (browser) => {
  const failures = [];
  await checkByHand(browser, failures);
  await browser.open(page);
  await checkCorpus(browser, failures);
  await checkFlips(browser, failures);
  return failures;
});
