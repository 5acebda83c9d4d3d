// SPDX-License-Identifier: GPL-3.0-or-later
// The envelope: DSSE version 1, in the one form that we take. Every byte in it is accounted for.

const kPayloadType = "application/vnd.in-toto+json";
const kMaxSignatures = 16;
const kPageStart = "<!DOCTYPE html>\n";
const kTemplate = '<template id="quietus-envelope">';

// The envelope in a page that quietus made; nothing else in the page is looked at.
function envelopeInPage(text) {
  need(text.startsWith(kPageStart), "it is not a page that quietus made");
  const first = text.search(/<template/i);
  need(first >= 0, "the page holds no certificate");
  need(text.slice(first + 1).search(/<template/i) < 0, "the page holds more than one certificate");
  const begin = text.indexOf(kTemplate);
  const end = begin < 0 ? -1 : text.indexOf("</template>", begin);
  need(end >= 0, "the page holds no certificate");
  const envelope = text.slice(begin + kTemplate.length, end);
  need(!/[<>&\r\0]/.test(envelope), "the certificate in the page does not end as it has to");
  return envelope;
}

function signatureOf(json) {
  need(hasOnly(json, ["keyid", "sig"]), "a signature has unknown members");
  need(isHex64(json.keyid), "a keyid is not 64 lower-case hexadecimal digits");
  const bytes = bytesOfBase64(json.sig);
  need(bytes.length === 64, "a sig is not 64 bytes");
  return { keyId: json.keyid, bytes };
}

function listOf(json, name) {
  if (!has(json, name)) return [];
  need(Array.isArray(json[name]) && json[name].every((item) => typeof item === "string"),
       name + " is not a list of strings");
  return json[name];
}

// {body, signatures, receipts, disclosures, attachments, pae, digest} of the envelope's bytes.
async function envelopeOf(bytes) {
  need(bytes.length > 0 && bytes[0] === 0x7b, "the certificate does not begin with a brace");
  need(bytes[bytes.length - 1] === 0x0a, "the certificate does not end with a line feed");
  const json = strictJson(bytes, true);
  const lists = ["receipts", "disclosures", "attachments"];
  need(hasOnly(json, ["payload", "payloadType", "signatures", ...lists]),
       "the envelope has unknown members");
  need(json.payloadType === kPayloadType, "the payloadType is not " + kPayloadType);
  const body = bytesOfBase64(json.payload);
  need(body.length > 0, "the payload is empty");
  need(Array.isArray(json.signatures) && json.signatures.length > 0, "there are no signatures");
  need(json.signatures.length <= kMaxSignatures, "there are too many signatures");
  const signatures = json.signatures.map(signatureOf);
  need(new Set(signatures.map((one) => one.keyId)).size === signatures.length,
       "two signatures by the same key");
  const head = "DSSEv1 " + kPayloadType.length + " " + kPayloadType + " " + body.length + " ";
  const pae = joined(bytesOf(head), body);
  return { body, signatures, pae, digest: hexOf(await sha256(pae)),
           receipts: listOf(json, "receipts"), disclosures: listOf(json, "disclosures"),
           attachments: listOf(json, "attachments") };
}
