// SPDX-License-Identifier: GPL-3.0-or-later
// judge() of a verifier page, taken out of the very file that `quietus certificate verifier` wrote.
import fs from "fs";

// What the page's one script defines, run without a document.
export function judgeOf(page) {
  const html = fs.readFileSync(page, "utf8");
  const script = /<script>([^]*)<\/script>/.exec(html)[1];
  return new Function(script + "\nreturn judge;")();
}

// Withheld pointers as the corpus has them: those of what is attached with its kind in front.
export function withheldOf(verdict) {
  const attached = [...verdict.plans, ...verdict.countersignatures].flatMap((one) => [
    ...one.withheld.map((pointer) => one.statement.kind + ":" + pointer),
    ...withheldOf(one).filter((pointer) => pointer.includes(":"))]);
  return [...verdict.withheld, ...attached].sort();
}

// The cases of a corpus folder, with the inputs of judge().
export function casesOf(folder) {
  const read = (name) => (name === undefined ? new Uint8Array(0) : fs.readFileSync(folder + "/" + name));
  return JSON.parse(fs.readFileSync(folder + "/expected.json", "utf8")).map((one) => ({
    ...one,
    input: { certificate: new Uint8Array(read(one.file)), trust: new Uint8Array(read(one.trust)),
             revoked: new Uint8Array(read(one.revoked)), needs: one.needs ?? [], asset: one.asset ?? "" },
  }));
}
