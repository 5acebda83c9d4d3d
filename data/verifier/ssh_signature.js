// SPDX-License-Identifier: GPL-3.0-or-later
// SSHSIG: the same signer's signature in OpenSSH's form (PROTOCOL.sshsig), over the body, by the
// hash sha512. Canonical armor only: writing it again gives the same text.

function sshString(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined(length, bytes);
}

function sshPurpose(namespace) {
  return joined(sshString(bytesOf(namespace)), sshString(new Uint8Array(0)),
                sshString(bytesOf("sha512")));
}

function armored(blob) {
  const lines = base64Of(blob).match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

// Checks one; returns its key's id. roles: of each signer by key id.
async function checkSshSignature(text, roles, body, trust) {
  const found = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+\/=\n]+)-----END SSH SIGNATURE-----\n$/
    .exec(text);
  need(found, "an attachment is not an SSH signature in canonical armor");
  const blob = bytesOfBase64(found[1].replaceAll("\n", ""));
  need(blob.length > 97 && armored(blob) === text, "an SSH signature's armor is not canonical");
  const key = blob.subarray(33, 65);
  need(isGoodKey(key), "an SSH signature's key is not one that a signer can have");
  const keyId = await keyIdOf(key);
  need(roles.has(keyId), "an SSH signature is by none of the signers");
  const namespace = "quietus-" + roles.get(keyId);
  const signature = blob.subarray(blob.length - 64);
  const form = joined(
    bytesOf("SSHSIG"), Uint8Array.from([0, 0, 0, 1]), sshString(joined(kSshKeyPrefix, key)),
    sshPurpose(namespace), sshString(joined(sshString(bytesOf("ssh-ed25519")), sshString(signature))));
  need(equalBytes(form, blob), "an SSH signature is not for the signer's role, or of another form");
  if (trustedKey(trust, keyId) === undefined) return keyId;
  const message = joined(bytesOf("SSHSIG"), sshPurpose(namespace), sshString(await sha512(body)));
  need(await verifies(key, signature, message), "an SSH signature does not verify", 10);
  return keyId;
}
