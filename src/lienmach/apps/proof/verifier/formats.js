/*
 * What stands in a proof file, read: leaf, keys, signed note, checkpoint, policy. Nothing is verified here.
 * Leaf version 1 and lienmach/disclosure@v1 are ours; notes, checkpoints, proofs and policies are C2SP's.
 */

const FORMAT = "lienmach/disclosure@v1";
const MAX_FILE_SIZE = 4000000;
const MAX_NOTE_SIZE = 1000000;
const MAX_POLICY_SIZE = 1000000;
const MAX_LEAF_SIZE = 65535;
const MAX_SIGNATURES = 100;
const MAX_PATH = 63;
const ED25519 = 1;
const COSIGNATURE_ED25519 = 4;
const COSIGNATURE_MLDSA44 = 6;
const PUBLIC_SIZE = { [ED25519]: 32, [COSIGNATURE_ED25519]: 32, [COSIGNATURE_MLDSA44]: 1312 };
const SIGNATURE_SIZE = { [ED25519]: 64, [COSIGNATURE_ED25519]: 64, [COSIGNATURE_MLDSA44]: 2420 };
const GROUPS = ["partner", "private", "public"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KIND = /^[a-z][a-z0-9_]{0,39}(?:[.-][a-z][a-z0-9_]{0,39})?$/;
const TIME = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.[0-9]{3}Z$/;
const KEY_ID = /^[0-9a-f]{8}$/;
const HASH = /^[0-9a-f]{64}$/;
// What Python calls a space, and control characters.
const NO_NAME = /[+\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isKnown = (document, ...keys) => isObject(document) && Object.keys(document).every((key) => keys.includes(key));
const matches = (pattern, value) => typeof value === "string" && pattern.test(value);

function isTime(text) {
  const parts = matches(TIME, text) ? TIME.exec(text).slice(1).map(Number) : null;
  if (!parts) return false;
  const [year, month, day, hour, minute, second] = parts;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] || 0;
  return year > 0 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
}

/** The bytes of a leaf in its one spelling; `signature` in base64, "" for the part that is signed. */
function leafWritten(document, signature) {
  const { a: author, b: batch, c: groups } = document;
  const counted = author.n === undefined ? "" : `,"n":${author.n},"p":"${author.p}"`;
  const signed = batch === undefined ? "" : `"b":{"n":${batch.n},"r":"${batch.r}"},`;
  const commitments = Object.keys(groups).sort().map((group) => `"${group}":"${groups[group]}"`);
  return (
    `{"a":{"k":"${author.k}"${counted}},${signed}"c":{${commitments.join(",")}},"e":"${document.e}",` +
    `"k":"${document.k}",${signature && `"s":"${signature}",`}"t":"${document.t}","v":1}`
  );
}

/** Read a leaf of version 1; any other spelling of the same content is refused. */
function leafParse(data, code) {
  if (data.length > MAX_LEAF_SIZE) refuse(code, "size");
  const text = decoded(data, code);
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    refuse(code, "JSON");
  }
  if (!isKnown(document, "a", "b", "c", "e", "k", "s", "t", "v") || document.v !== 1) refuse(code, "version 1");
  const { a: author, b: batch, c: groups, s: signature } = document;
  const device = isObject(author) && author.n !== undefined;
  const counts = (value) => Number.isSafeInteger(value) && value >= 1;
  const sound =
    matches(UUID, document.e) &&
    matches(KIND, document.k) &&
    isTime(document.t) &&
    isKnown(author, "k", "n", "p") &&
    matches(KEY_ID, author.k) &&
    (!device || (counts(author.n) && (author.p === "" || matches(HASH, author.p)) && (author.n === 1) === (author.p === ""))) &&
    (batch === undefined || (isKnown(batch, "n", "r") && counts(batch.n) && matches(HASH, batch.r))) &&
    isKnown(groups, ...GROUPS) &&
    Object.values(groups).every((value) => matches(HASH, value));
  if (!sound) refuse(code, "header");
  if (signature === undefined && (device || batch !== undefined)) refuse(code, "signature missing");
  const raw = signature === undefined ? null : base64Bytes(signature, code, 64);
  if (leafWritten(document, signature || "") !== text) refuse(code, "spelling");
  return {
    event: document.e, kind: document.k, time: document.t, author: author.k, device, groups,
    batch: batch && { count: BigInt(batch.n), root: fromHex(batch.r) },
    signature: raw,
    signed: utf8("lm/leaf/v1\n" + leafWritten(document, "")),
  };
}

/** Read a vkey `name+id+base64(type || key)`; the id has to be the one of the key. */
async function vkeyParse(text, code) {
  const [name, id, ...rest] = text.split("+");
  if (!name || NO_NAME.test(name) || !matches(KEY_ID, id) || !rest.length) refuse(code, "key");
  const data = base64Bytes(rest.join("+"), code);
  const [type, material] = [data[0], data.slice(1)];
  if (PUBLIC_SIZE[type] === undefined || material.length !== PUBLIC_SIZE[type]) refuse(code, `key of ${name}`);
  const computed = hex((await sha256(utf8(`${name}\n`), data)).slice(0, 4));
  if (computed !== id) refuse(code, `key of ${name}: id ${computed}`);
  return { name, type, material, id, text };
}

/** Read a signed note: its text, and who signed with which key. */
function noteParse(text, code) {
  if (utf8(text).length > MAX_NOTE_SIZE) refuse(code, "size");
  const cut = text.lastIndexOf("\n\n");
  if (cut < 0) refuse(code, "blank line");
  const [body, block] = [text.slice(0, cut + 1), text.slice(cut + 2)];
  if (/[\u0000-\u0009\u000b-\u001f]/.test(body) || !block.endsWith("\n")) refuse(code, "signature lines");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) refuse(code, `${lines.length} signatures`);
  const signatures = lines.map((line) => {
    const space = line.indexOf(" ", 2);
    const name = line.slice(2, space);
    if (!line.startsWith("— ") || space < 0 || !name || NO_NAME.test(name)) refuse(code, "signature line");
    const data = base64Bytes(line.slice(space + 1), code);
    if (data.length < 5) refuse(code, `signature of ${name}`);
    return { name, id: hex(data.slice(0, 4)), signature: data.slice(4) };
  });
  return { body, signatures };
}

/** Read the text of a note as a checkpoint: which log, how many leaves, which root. */
function checkpointParse(body, code) {
  const lines = body.split("\n");
  if (lines.pop() !== "" || lines.length < 3 || !lines.every(Boolean)) refuse(code, "lines");
  return { origin: lines[0], size: decimal(lines[1], code), root: base64Bytes(lines[2], code, HASH_SIZE) };
}

/** Read a `.tlog-proof`: where the leaf stands, the way to the root, and the checkpoint. */
function proofParse(text, code) {
  if (utf8(text).length > MAX_NOTE_SIZE) refuse(code, "size");
  const cut = text.indexOf("\n\n");
  if (cut < 0) refuse(code, "blank line");
  const lines = text.slice(0, cut).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") refuse(code, "first line");
  if (lines.length && lines[0].startsWith("extra ")) {
    if (!base64Bytes(lines.shift().slice(6), code).length) refuse(code, "extra");
  }
  if (!lines.length || !lines[0].startsWith("index ")) refuse(code, "index");
  const index = decimal(lines.shift().slice(6), code);
  if (lines.length > MAX_PATH) refuse(code, `${lines.length} hashes`);
  const path = lines.map((line) => base64Bytes(line, code, HASH_SIZE));
  return { index, path, note: noteParse(text.slice(cut + 2), code) };
}

/** Read a policy: which logs, which witnesses by which names, and what is enough. */
async function policyParse(text, code) {
  if (utf8(text).length > MAX_POLICY_SIZE || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) refuse(code, "text");
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const [keys, grouped] = [new Set(), new Set()];
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name) || refuse(code, name);
  const fresh = (name) => {
    if (name === "none" || policy.witnesses.has(name) || policy.groups.has(name)) refuse(code, `${name} twice`);
  };
  const party = async (vkey, types) => {
    const key = await vkeyParse(vkey, code);
    const material = hex(key.material);
    if (!types.includes(key.type) || keys.has(material)) refuse(code, `key of ${key.name}`);
    keys.add(material);
    return key;
  };
  for (const line of text.split("\n")) {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (!words.length || words[0].startsWith("#")) continue;
    const [kind, ...rest] = words;
    if (kind === "log" && (rest.length === 1 || rest.length === 2)) {
      policy.logs.push(await party(rest[0], [ED25519, COSIGNATURE_MLDSA44]));
    } else if (kind === "witness" && (rest.length === 2 || rest.length === 3)) {
      fresh(rest[0]);
      policy.witnesses.set(rest[0], await party(rest[1], [COSIGNATURE_ED25519, COSIGNATURE_MLDSA44]));
    } else if (kind === "group" && rest.length >= 3) {
      const [name, count, ...members] = rest;
      fresh(name);
      members.forEach((member) => {
        known(member);
        if (grouped.has(member)) refuse(code, `${member} twice`);
        grouped.add(member);
      });
      const most = BigInt(members.length);
      const threshold = count === "all" ? most : count === "any" ? 1n : decimal(count, code);
      if (threshold < 1n || threshold > most) refuse(code, `${count} of ${members.length}`);
      policy.groups.set(name, { threshold, members });
    } else if (kind === "quorum" && rest.length === 1 && policy.quorum === null) {
      if (rest[0] !== "none") known(rest[0]);
      policy.quorum = rest[0];
    } else {
      refuse(code, line.slice(0, 60));
    }
  }
  if (policy.quorum === null) refuse(code, "quorum");
  return policy;
}
