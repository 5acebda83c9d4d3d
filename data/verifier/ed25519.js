// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 keys and signatures, as strictly as libsodium takes them. WebCrypto verifies; what it
// does not refuse by itself (points of small order, other encodings) is refused here.

const kP = 2n ** 255n - 19n;
const kL = 2n ** 252n + 27742317777372353535851937790883648493n; // RFC 8032 section 5.1
const kSpkiPrefix = Uint8Array.from([48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0]); // RFC 8410

function numberOf(littleEndian) {
  return BigInt("0x" + (hexOf(Uint8Array.from(littleEndian).reverse()) || "0"));
}

function modulo(value) {
  const rest = value % kP;
  return rest < 0n ? rest + kP : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let b = modulo(base), e = exponent; e > 0n; e >>= 1n, b = modulo(b * b)) {
    if (e & 1n) result = modulo(result * b);
  }
  return result;
}

function inverse(value) {
  return power(value, kP - 2n);
}

const kD = modulo(-121665n * inverse(121666n));
const kRootOfMinus1 = power(2n, (kP - 1n) / 4n);

// A point in extended coordinates, or null: not the encoding of a point (RFC 8032 section 5.1.3).
function pointOf(bytes) {
  const encoded = numberOf(bytes);
  const sign = encoded >> 255n;
  const y = encoded & (2n ** 255n - 1n);
  if (y >= kP) return null;
  const u = modulo(y * y - 1n);
  const v = modulo(kD * y * y + 1n);
  let x = modulo(u * power(v, 3n) * power(u * power(v, 7n), (kP - 5n) / 8n));
  if (modulo(v * x * x) === modulo(-u)) x = modulo(x * kRootOfMinus1);
  if (modulo(v * x * x) !== u) return null;
  if (x === 0n && sign === 1n) return null;
  if ((x & 1n) !== sign) x = modulo(-x);
  return { x, y, z: 1n, t: modulo(x * y) };
}

function sum(p, q) {
  const a = modulo((p.y - p.x) * (q.y - q.x));
  const b = modulo((p.y + p.x) * (q.y + q.x));
  const c = modulo(2n * kD * p.t * q.t);
  const d = modulo(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: modulo(e * f), y: modulo(g * h), z: modulo(f * g), t: modulo(e * h) };
}

function multiple(point, factor) {
  let result = { x: 0n, y: 1n, z: 1n, t: 0n };
  for (let p = point, f = factor; f > 0n; f >>= 1n, p = sum(p, p)) {
    if (f & 1n) result = sum(result, p);
  }
  return result;
}

function isNeutral(p) {
  return p.x === 0n && p.y === p.z;
}

function isSmall(bytes) {
  const point = pointOf(bytes);
  return point === null || isNeutral(multiple(point, 8n));
}

// A key that a signer can have: a point of the main group, encoded as it has to be.
function isGoodKey(bytes) {
  const point = bytes.length === 32 ? pointOf(bytes) : null;
  return point !== null && !isNeutral(multiple(point, 8n)) && isNeutral(multiple(point, kL));
}

async function keyIdOf(key) {
  return hexOf(await sha256(joined(kSpkiPrefix, key)));
}

// The key is one that isGoodKey() took.
async function verifies(key, signature, message) {
  if (signature.length !== 64 || numberOf(signature.subarray(32)) >= kL) return false;
  if (isSmall(signature.subarray(0, 32))) return false;
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

function keyOfPem(text) {
  const found = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+\/=]{60})\n-----END PUBLIC KEY-----\n$/.exec(text);
  need(found, "not the PEM form of an Ed25519 public key", 2);
  const der = bytesOfBase64(found[1]);
  need(der.length === 44 && equalBytes(der.subarray(0, 12), kSpkiPrefix), "not an Ed25519 key", 2);
  need(isGoodKey(der.subarray(12)), "the public key is not one that a signer can have", 2);
  return der.subarray(12);
}
