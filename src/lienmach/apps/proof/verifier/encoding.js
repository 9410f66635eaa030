/*
 * Strict reading of the few encodings the formats share: one text for one value, nothing else accepted.
 * The same rules as lienmach/engines/ledger (encoding.py, merkle.py, keys.py), written a second time.
 */

const HASH_SIZE = 32;
const MAX_SIZE = 2n ** 63n - 1n;

/** Why a proof is refused. `code` finds the sentence in both languages, `detail` names the place. */
class Refused extends Error {
  constructor(code, detail) {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
    this.detail = detail || "";
  }
}

const refuse = (code, detail) => {
  throw new Refused(code, detail);
};

const utf8 = (text) => new TextEncoder().encode(text);

/** Text of bytes that have to be UTF-8; a byte order mark is content, as it is for Python. */
function decoded(data, code) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    return refuse(code, "UTF-8");
  }
}

/** Text out of a JSON document that other programs can encode: no half of a surrogate pair. */
function textOf(value, code) {
  if (typeof value !== "string" || /[\ud800-\udfff]/u.test(value)) refuse(code, "text");
  return value;
}

/** Decode canonical base64 of the standard alphabet, of `length` bytes when given. */
function base64Bytes(text, code, length) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) refuse(code, "base64");
  let raw = "";
  try {
    raw = atob(text);
  } catch (error) {
    refuse(code, "base64");
  }
  if (btoa(raw) !== text) refuse(code, "base64");
  const data = Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
  if (length !== undefined && data.length !== length) refuse(code, `${data.length} bytes`);
  return data;
}

/** A non-negative decimal without sign or leading zero, as a BigInt. */
function decimal(text, code) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > MAX_SIZE) refuse(code, text.slice(0, 40));
  return BigInt(text);
}

const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

const equal = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Eight bytes, the largest first, as a BigInt. */
const bigEndian = (data) => data.reduce((value, byte) => value * 256n + BigInt(byte), 0n);

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

const leafHash = (data) => sha256(Uint8Array.of(0), data);

const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** Refuse unless the leaf hash stands at `index` in the tree of `size` leaves with this root (RFC 9162). */
async function checkInclusion(index, size, leaf, path, root, code) {
  if (index < 0n || index >= size) refuse(code, `${index} / ${size}`);
  let [first, last, computed] = [index, size - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) refuse(code, "path too long");
    if (first & 1n || first === last) {
      computed = await nodeHash(sibling, computed);
      while (first && !(first & 1n)) {
        first >>= 1n;
        last >>= 1n;
      }
    } else {
      computed = await nodeHash(computed, sibling);
    }
    first >>= 1n;
    last >>= 1n;
  }
  if (last) refuse(code, "path too short");
  if (!equal(computed, root)) refuse(code, "root");
}

/** The one spelling of a JSON document: keys in order, one space of indent, a newline at the end. */
function spelled(value, indent = "") {
  const inner = indent + " ";
  if (Array.isArray(value)) {
    if (!value.length) return "[]";
    return `[\n${value.map((each) => inner + spelled(each, inner)).join(",\n")}\n${indent}]`;
  }
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    if (!keys.length) return "{}";
    const lines = keys.map((key) => `${inner}${JSON.stringify(key)}: ${spelled(value[key], inner)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return JSON.stringify(value);
}
