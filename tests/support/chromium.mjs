// SPDX-License-Identifier: GPL-3.0-or-later
// A headless Chromium, spoken to over the devtools pipe. Nothing is loaded but the file that is opened.
import { spawn } from "child_process";
import fs from "fs";
import os from "os";
import path from "path";

const kFlags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--hide-scrollbars", "--remote-debugging-pipe"];

export class Chromium {
  constructor() {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "quietus-chromium-"));
    this.process = spawn("chromium", [...kFlags, "--user-data-dir=" + this.profile, "about:blank"],
                         { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.waiting = new Map();
    this.listeners = [];
    this.requests = [];
    this.errors = [];
    this.last = 0;
    let rest = "";
    this.process.stdio[4].on("data", (data) => {
      const parts = (rest + data.toString()).split("\0");
      rest = parts.pop();
      for (const part of parts) this.receive(JSON.parse(part));
    });
  }

  receive(message) {
    if (message.id !== undefined) {
      const { resolve, reject } = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) reject(new Error(JSON.stringify(message.error)));
      else resolve(message.result);
      return;
    }
    if (message.method === "Network.requestWillBeSent") this.requests.push(message.params.request.url);
    if (message.method === "Log.entryAdded") this.errors.push(message.params.entry.text);
    if (message.method === "Runtime.exceptionThrown") {
      this.errors.push(message.params.exceptionDetails.exception?.description ?? "exception");
    }
    this.listeners.filter((one) => one.method === message.method).forEach((one) => one.done());
  }

  send(method, params = {}) {
    this.last += 1;
    const message = { id: this.last, method, params };
    if (this.session) message.sessionId = this.session;
    this.process.stdio[3].write(JSON.stringify(message) + "\0");
    return new Promise((resolve, reject) => this.waiting.set(message.id, { resolve, reject }));
  }

  event(method) {
    return new Promise((resolve) => {
      const listener = { method, done: () => {
        this.listeners = this.listeners.filter((one) => one !== listener);
        resolve();
      } };
      this.listeners.push(listener);
    });
  }

  async open(file, width = 900, height = 1200) {
    if (!this.session) {
      const { targetInfos } = await this.send("Target.getTargets");
      const page = targetInfos.find((one) => one.type === "page");
      const { sessionId } = await this.send("Target.attachToTarget", { targetId: page.targetId, flatten: true });
      this.session = sessionId;
      for (const domain of ["Page", "Runtime", "DOM", "Network", "Log"]) await this.send(domain + ".enable");
    }
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    this.requests = [];
    this.errors = [];
    const loaded = this.event("Page.loadEventFired");
    await this.send("Page.navigate", { url: "file://" + path.resolve(file) });
    await loaded;
  }

  async evaluate(expression) {
    const answer = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  }

  // As if a person chose the file.
  async choose(selector, file) {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [path.resolve(file)] });
  }

  async screenshot(file) {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    fs.writeFileSync(file, Buffer.from(data, "base64"));
  }

  // Paper sizes in inches.
  async pdf(file, [paperWidth, paperHeight], more = {}) {
    const { data } = await this.send("Page.printToPDF", { paperWidth, paperHeight, printBackground: false, ...more });
    fs.writeFileSync(file, Buffer.from(data, "base64"));
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.session = undefined;
    this.send("Browser.close").catch(() => {});
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
    fs.rmSync(this.profile, { recursive: true, force: true });
  }
}

// Runs the work with a browser and sees to its end whatever happens; the work returns what failed.
export async function withChromium(work) {
  const browser = new Chromium();
  let failures = ["the test did not come to its end"];
  try {
    failures = await work(browser);
  } catch (error) {
    failures = [String(error.stack ?? error)];
  } finally {
    await browser.close();
  }
  for (const failure of failures) console.log("FAILED: " + failure);
  process.exit(failures.length === 0 ? 0 : 1);
}
