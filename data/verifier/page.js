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
  0: "THE RECORD HOLDS",
  2: "NOT CHECKED: the keys or the revocations cannot be used",
  10: "THE RECORD DOES NOT HOLD: a signature is bad",
  11: "THE RECORD DOES NOT HOLD: a signer is missing or not trusted",
  12: "THE RECORD DOES NOT HOLD: a key was revoked or not valid at that time",
  13: "THE RECORD DOES NOT HOLD: it is not what you asked for",
  14: "THE RECORD DOES NOT HOLD: the receipt is bad",
  15: "THE RECORD DOES NOT HOLD: it is malformed",
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

// Shapes in a box of 48 by 48: what it is called, its outline, whether that is filled, and the sign
// in it. The tick is that of a record that holds and says "sanitized", and of nothing else.
const kCircle = "M24 3A21 21 0 1 1 23.9 3Z";
const kOutcomeShapes = {
  sanitized: ["circle with a tick", kCircle, false, "M13 25L21 33L35 16"],
  sanitized_with_exceptions:
    ["triangle with an exclamation mark", "M24 4L46 44H2Z", false, "M24 17V31M24 35V40"],
  unverified: ["square with a question mark", "M4 4H44V44H4Z", false,
               "M17 19C17 9 32 9 31 19C31 25 24 24 24 31M24 35V40"],
  interrupted: ["octagon with two bars", "M15 3H33L45 15V33L33 45H15L3 33V15Z", false,
                "M18 14V34M30 14V34"],
  not_effective: ["diamond with an unequal sign", "M24 2L46 24L24 46L2 24Z", false,
                  "M13 20H35M13 28H35M30 13L18 35"],
  verification_failed: ["black triangle on its tip with a cross", "M24 46L2 6H46Z", true,
                        "M17 13L31 27M31 13L17 27"],
  failed: ["black square with a cross", "M3 3H45V45H3Z", true, "M13 13L35 35M35 13L13 35"],
  refused: ["black circle with a bar", kCircle, true, "M10 24H38"],
  other: ["sheet of paper", "M10 3H38V45H10Z", false, "M16 14H32M16 24H32M16 34H32"],
};

function shapeOf(name) {
  const [words, outline, filled, sign] = kOutcomeShapes[name] ?? kOutcomeShapes.failed;
  const title = drawn("title", {});
  title.textContent = words;
  return drawn("svg", { viewBox: "0 0 48 48", role: "img" }, title,
    drawn("path", { d: outline, fill: filled ? "#000" : "#fff", stroke: "#000", "stroke-width": 4 }),
    drawn("path", { d: sign, fill: "none", stroke: filled ? "#fff" : "#000", "stroke-width": 5 }));
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

// What the record says of a drive's own method; nothing of an overwrite.
function methodOf(text) {
  const number = (name) => text("/predicate/firmware/canaries/" + name);
  const survived = number("survived_blocks");
  const hidden = { no: "none", yes: "there is one", unknown: "not known" };
  return [
    ["Method", text("/predicate/method/method").replaceAll("_", " ")],
    ["Command", text("/predicate/method/command")],
    ["The drive reported", text("/predicate/firmware/reported")],
    ["In its own terms", text("/predicate/firmware/reported_text")],
    ["Canaries", survived === "" ? "" : number("planted_blocks") + " planted, " +
      number("checked_blocks") + " looked at, " + (survived === "0" ? "none of these" : survived) +
      " survived, " + number("unreadable_blocks") + " unreadable"],
    ["Hidden area afterwards", hidden[text("/predicate/firmware/hidden_after/present")] ?? ""],
    ["Rests on", text("/predicate/firmware/keys/rests_on/meaning")],
  ];
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
      ...methodOf(text), ["Scheme", text("/predicate/method/scheme/title")],
      ["Category", text("/predicate/method/category")],
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
  const certificate = verdict.kind === "certificate";
  const says = certificate ? kOutcomeWords[verdict.outcome] : verdict.outcome;
  const words = element("div", null, element("h2", (kVerdicts[verdict.exit] ?? kVerdicts[15]) +
                                                   (good && says !== "" ? ". It says: " + says : "")));
  if (!good) words.append(element("p", verdict.reason));
  if (!good && says !== "") words.append(element("p", "Do not rely on what it says: " + says));
  words.append(element("p", "As an exit code: " + verdict.exit));
  const shape = certificate ? verdict.outcome : "other";
  const box = element("div", null, shapeOf(good ? shape : "failed"), words);
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
