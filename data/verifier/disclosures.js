// SPDX-License-Identifier: GPL-3.0-or-later
// Redaction: members that the signed body holds by digest only. A closed list; no policy reads any.

const kRedactable = [
  "people/N/person", "declared/N/person", "overrides/N/person", "person", "run/host",
  "run/account", "asset/source_host", "location",
].map(pointerForm);
const kRedactablePaths = [
  "asset/path", "asset/node", "asset/stable_path", "asset/backing_file", "asset/subject_salt",
  "asset/roots/N/path", "asset/file_system/mount_point", "asset/file_system/source",
  "asset/file_system/options", "asset/file_systems/N/mount_point",
  "asset/file_systems/N/source", "asset/file_systems/N/options", "exceptions/N/path",
  "medium/path", "method/plan_sha256",
].map((form) => pointerForm(form + "(_base64)?"));

function pointerForm(form) {
  return new RegExp("^/predicate/" + form.replaceAll("N", "(0|[1-9][0-9]*)") + "$");
}

function isRedactable(pointer, kind) {
  if ((pointer === "/predicate/person") !== (kind === "countersignature")) return false;
  return [...kRedactable, ...kRedactablePaths].some((form) => form.test(pointer));
}

// The object that holds the member which the pointer names, and the member's name.
function holderOf(json, pointer) {
  const cut = pointer.lastIndexOf("/");
  return [at(json, pointer.slice(0, cut)), pointer.slice(cut + 1)];
}

function checkMap(statement) {
  const map = has(statement.predicate, "redactable") ? statement.predicate.redactable
                                                     : Object.create(null);
  need(isObject(map), "redactable is not an object");
  for (const [pointer, digest] of Object.entries(map)) {
    need(isRedactable(pointer, statement.kind) && isHex64(digest),
         "redactable names what may not be withheld");
    const [holder, name] = holderOf(statement.json, pointer);
    need(isObject(holder) && !has(holder, name), "a redactable member's place is missing or taken");
  }
  return map;
}

async function disclosureDigest(text) {
  return hexOf(await sha256(bytesOf("quietus-disclosure-v1\0" + text)));
}

// Checks every disclosure against the signed map and puts its value at its place: the statement is
// then the full one. Returns {disclosed, withheld}, lists of pointers.
async function disclose(statement, disclosures) {
  const map = checkMap(statement);
  const disclosed = [];
  for (const text of disclosures) {
    const triple = strictJson(bytesOfBase64Url(text));
    need(Array.isArray(triple) && triple.length === 3, "a disclosure is not three values");
    const [salt, pointer, value] = triple;
    need(bytesOfBase64Url(salt).length === 16, "a disclosure's salt is not 16 bytes");
    need(typeof pointer === "string" && has(map, pointer) &&
         map[pointer] === await disclosureDigest(text),
         "a disclosure does not belong to what was signed");
    need(!disclosed.includes(pointer), "a disclosure stands twice");
    disclosed.push(pointer);
    const [holder, name] = holderOf(statement.json, pointer);
    need(isObject(holder) && !has(holder, name), "a disclosure's place is taken");
    holder[name] = value;
  }
  return { disclosed, withheld: Object.keys(map).filter((one) => !disclosed.includes(one)) };
}
