// SPDX-License-Identifier: GPL-3.0-or-later
// The page: files in, the verdict out. All foreign text goes in as text, never as markup.

const kLimits =
  "This record proves which keys signed it, that nothing in it changed, and what the tool on that " +
  "machine saw; it does not prove that the machine, its administrator or the drive were honest.";

// Words for each outcome; no other can be taken for "SANITIZED".
const kOutcomeWords = {
  sanitized: "SANITIZED",
  sanitized_with_exceptions: "NOT COMPLETE: EXCEPTIONS REMAIN",
  unverified: "NOT VERIFIED",
  interrupted: "STOPPED BEFORE THE END",
  not_effective: "NOT EFFECTIVE",
  verification_failed: "VERIFICATION FAILED",
  failed: "NOT SANITIZED: FAILED",
  refused: "REFUSED: NOTHING WAS WRITTEN",
};

const kVerdicts = {
  0: "IT HOLDS",
  2: "NOT CHECKED: the keys or the revocations cannot be used",
  10: "IT DOES NOT HOLD: a signature is bad",
  11: "IT DOES NOT HOLD: a signer is missing or not trusted",
  12: "IT DOES NOT HOLD: a key was revoked or not valid at that time",
  13: "IT DOES NOT HOLD: it is not what you asked for",
  14: "IT DOES NOT HOLD: the receipt is bad",
  15: "IT DOES NOT HOLD: it is malformed",
};

// Control and bidirectional characters are shown as what they are.
function shown(text) {
  const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
  return String(text).replaceAll("\\", "\\\\").replace(harmful, (c) => {
    const code = c.codePointAt(0);
    return code < 0x80 ? "\\x" + code.toString(16).padStart(2, "0")
                       : "\\u{" + code.toString(16).padStart(4, "0") + "}";
  });
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== null) made.textContent = shown(text);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A circle with a tick, or a black square with a cross.
function shapeOf(good) {
  const title = drawn("title", {});
  title.textContent = good ? "circle with a tick" : "black square with a cross";
  const parts = good
    ? [drawn("circle", { cx: 24, cy: 24, r: 21, fill: "#fff", stroke: "#000", "stroke-width": 4 }),
       drawn("path", { d: "M13 25L21 33L35 16", fill: "none", stroke: "#000", "stroke-width": 5 })]
    : [drawn("rect", { x: 3, y: 3, width: 42, height: 42, fill: "#000" }),
       drawn("path", { d: "M13 13L35 35M35 13L13 35", stroke: "#fff", "stroke-width": 6 })];
  return drawn("svg", { viewBox: "0 0 48 48", role: "img" }, title, ...parts);
}

function factsOf(rows) {
  const list = element("dl", null);
  for (const [label, value] of rows) {
    if (value === "" || value === undefined || value === null) continue;
    list.append(element("div", null, element("dt", label), element("dd", value)));
  }
  return list;
}

function tableOf(caption, columns, rows) {
  const head = element("tr", null);
  for (const column of columns) {
    const cell = element("th", column);
    cell.scope = "col";
    head.append(cell);
  }
  const body = element("tbody", null);
  for (const row of rows) {
    const line = element("tr", null);
    row.forEach((text, i) => {
      const cell = element(i === 0 ? "th" : "td", text);
      if (i === 0) cell.scope = "row";
      line.append(cell);
    });
    body.append(line);
  }
  const table = element("table", null, element("caption", caption), element("thead", null, head), body);
  const box = element("div", null, table);
  box.className = "scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", caption);
  return box;
}

function personOf(verdict, i) {
  const json = verdict.statement;
  const place = "/predicate/people/" + i + "/person";
  const person = at(json, place);
  if (verdict.withheld.includes(place)) return "withheld";
  if (isObject(person)) return Object.values(person).filter((one) => typeof one === "string").join(", ");
  return at(json, "/predicate/people/" + i + "/name") ?? "not stated";
}

function signersOf(verdict) {
  const rows = verdict.signers.map((one, i) => [
    one.role || "not named in the record", personOf(verdict, i),
    one.principal || "unknown", one.trusted ? "good, trusted"
      : one.good ? "good, but counts for nothing: " + one.why : "counts for nothing: " + one.why,
    one.keyId]);
  return tableOf("Signers", ["Role", "Named in the record", "Named by your keys", "Signature", "Key"],
                 rows);
}

function countersignersOf(verdict) {
  const all = [...verdict.countersignatures, ...verdict.plans.flatMap((one) => one.countersignatures)];
  if (all.length === 0) return element("p", "Nobody countersigned.");
  return tableOf("Countersignatures", ["Role", "Declares", "Signed", "Named by your keys", "Counts"],
    all.map((one) => [one.statement.predicate.role,
                      one.statement.predicate.declaration.replaceAll("_", " "),
                      one.statement.timeText, one.signers[0].principal || "unknown",
                      one.whyNot === "" ? "yes" : "no: " + (one.whyNot ?? "not looked at")]));
}

function receiptsOf(verdict) {
  const box = element("div", null);
  if (verdict.receipts.length === 0) box.append(element("p", "There is no receipt."));
  for (const one of verdict.receipts) {
    box.append(element("p", one.checked
      ? "The ledger " + one.origin + " holds this record as entry " + one.index + ", written at " +
        one.at + " by that machine's clock. The inclusion proof and the log's signature are good. " +
        "By itself this proves order, not time. The checkpoint:"
      : "A receipt of the ledger " + one.origin + ", whose key you do not trust: not checked, counts " +
        "for nothing. Its checkpoint:"));
    const lines = element("pre", null);
    lines.textContent = one.note.split("\n").map(shown).join("\n");
    box.append(lines);
    for (const witness of one.cosignatures) {
      box.append(element("p", witness.at === null
        ? "Cosigned by " + witness.name + ", whom you do not trust for that: counts for nothing."
        : "Cosigned by " + witness.principal + " at " + timeText(witness.at) + "."));
    }
  }
  box.append(element("p", verdict.provenAt === ""
    ? "Time: as the signer claims; no witness that you trust proves it."
    : "Time: it existed at " + verdict.provenAt + ", as " + verdict.provenBy + " proves."));
  return box;
}

function withheldOf(verdict) {
  if (verdict.withheld.length === 0) return element("p", "Nothing that was signed is withheld.");
  const list = element("ul", null, ...verdict.withheld.map((one) => element("li", one + ": withheld")));
  return element("div", null, element("p", "Withheld from this copy, and covered by the signatures:"), list);
}

function policiesOf(verdict) {
  const policies = at(verdict.statement, "/predicate/policies");
  const rows = (Array.isArray(policies) ? policies : []).filter(isObject).map((one) => [
    one.id ?? "", one.met === true ? "met" : "NOT MET",
    String(one.permits ?? "nothing").replaceAll("_", " "), one.basis ?? ""]);
  if (rows.length === 0) return element("p", "The record holds no policy decision, so nothing in it supports a release.");
  return tableOf("As the issuer decided; this page does not decide policies anew",
                 ["Policy", "Met", "Permits", "Basis"], rows);
}

// What the record says; only of one whose signatures are good.
function detailsOf(verdict) {
  const text = (place) => {
    const value = at(verdict.statement, place);
    return ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
  };
  const certificate = verdict.kind === "certificate";
  return [
    element("h3", "What the record says"),
    factsOf([
      ["Outcome", certificate ? kOutcomeWords[verdict.outcome] : verdict.outcome],
      ["Which means", text("/predicate/outcome_meaning") || text("/predicate/result_meaning")],
      ["Kind of record", verdict.kind], ["Id", verdict.id], ["Digest", verdict.digest],
      ["Issued, as the signer claims", verdict.issued],
      ["Asset tag", text("/predicate/asset/tag")], ["Make", text("/predicate/asset/vendor")],
      ["Model", text("/predicate/asset/model")], ["Serial number", text("/predicate/asset/serial")],
      ["WWN", text("/predicate/asset/wwn")], ["Capacity in bytes", text("/predicate/asset/capacity_bytes")],
      ["Classification", text("/predicate/data/classification_before")],
      ["Purpose", text("/predicate/data/purpose")],
      ["Scheme", text("/predicate/method/scheme/title")], ["Category", text("/predicate/method/category")],
      ["Verification", text("/predicate/verification/mode")],
      ["Would have missed", text("/predicate/verification/would_have_missed")]]),
    element("h3", "Who signed"), signersOf(verdict), countersignersOf(verdict),
    element("h3", "Policies"), policiesOf(verdict),
    element("h3", "Receipt and time"), receiptsOf(verdict),
    element("h3", "Redactions"), withheldOf(verdict),
  ];
}

function show(verdict) {
  const good = verdict.exit === 0;
  const words = element("div", null, element("h2", kVerdicts[verdict.exit] ?? kVerdicts[15]));
  if (!good) words.append(element("p", verdict.reason));
  if (verdict.kind === "certificate") {
    words.append(element("p", (good ? "It says: " : "Do not rely on it. It says: ") +
                              kOutcomeWords[verdict.outcome]));
  }
  words.append(element("p", "As an exit code: " + verdict.exit));
  const box = element("div", null, shapeOf(good), words);
  box.className = good ? "verdict" : "verdict bad";
  const details = verdict.statement === null ? [] : detailsOf(verdict);
  document.getElementById("result").replaceChildren(
    box, element("p", "Judged by the keys that you chose, and by nothing else. " + kLimits), ...details);
  document.getElementById("result").dataset.exit = String(verdict.exit);
}

async function bytesOfFile(id) {
  const file = document.getElementById(id).files[0];
  return file === undefined ? null : new Uint8Array(await file.arrayBuffer());
}

async function checkForm() {
  delete document.getElementById("result").dataset.exit;
  const roles = ["operator", "witness", "approver", "log-witness"];
  const receipt = await bytesOfFile("receipt");
  show(await judge({
    certificate: (await bytesOfFile("certificate")) ?? "",
    trust: (await bytesOfFile("trust")) ?? "",
    revoked: (await bytesOfFile("revoked")) ?? "",
    receipts: receipt === null ? [] : [receipt],
    needs: roles.filter((role) => document.getElementById("need-" + role).checked),
    asset: document.getElementById("asset").value,
  }));
}

if (typeof document !== "undefined") {
  document.getElementById("form").addEventListener("submit", (event) => {
    event.preventDefault();
    checkForm();
  });
  // A file that misses its field must not replace the page.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (event.target.type !== "file") event.preventDefault();
    });
  }
}
