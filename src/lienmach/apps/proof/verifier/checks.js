/*
 * The checks themselves, in the order of lienmach/engines/ledger/disclosure.py: leaf, checkpoint, witnesses,
 * place in the tree, content shown, author. The first that fails refuses the whole file.
 */

/** Whether this browser knows Ed25519; found out once, by a known answer. */
const ed25519Known = (async () => {
  try {
    const key = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch (error) {
    return false;
  }
})();

async function ed25519Holds(key, message, signature) {
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch (error) {
    return false;
  }
}

/** Whether this browser can check ML-DSA-44; few can. What it cannot check counts for nothing and is named. */
async function mldsaHolds(key, message, signature) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw-public", key, { name: "ML-DSA-44" }, false, ["verify"]);
  } catch (error) {
    return null;
  }
  return crypto.subtle.verify({ name: "ML-DSA-44" }, imported, signature, message);
}

/** What a cosigner of type 0x06 signs about the whole tree. */
function subtreeMessage(name, time, head) {
  const [cosigner, origin] = [utf8(name), utf8(head.origin)];
  if (cosigner.length > 255 || origin.length > 255) refuse("signature", name);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, head.size);
  return joined(
    utf8("subtree/v1\n\0"), Uint8Array.of(cosigner.length), cosigner, time,
    Uint8Array.of(origin.length), origin, new Uint8Array(8), size, head.root,
  );
}

/** Check one signature of a known key: its time (0n: none), or null when it cannot be checked here. */
async function signatureTime(key, body, head, signature) {
  const length = SIGNATURE_SIZE[key.type];
  if (key.type === ED25519) {
    const holds = signature.length === length && (await ed25519Holds(key.material, utf8(body), signature));
    return holds ? 0n : refuse("signature", key.name);
  }
  if (signature.length !== 8 + length) refuse("signature", key.name);
  const [stamp, raw] = [signature.slice(0, 8), signature.slice(8)];
  const time = bigEndian(stamp);
  if (time > MAX_SIZE) refuse("signature", key.name);
  if (key.type === COSIGNATURE_MLDSA44) {
    const holds = await mldsaHolds(key.material, subtreeMessage(key.name, stamp, head), raw);
    return holds === null ? null : holds ? time : refuse("signature", key.name);
  }
  const message = utf8(`cosignature/v1\ntime ${time}\n${body}`);
  return (await ed25519Holds(key.material, message, raw)) ? time : refuse("signature", key.name);
}

function satisfied(policy, witnesses) {
  const holding = new Set(witnesses);
  for (const [name, group] of policy.groups) {
    if (group.members.filter((member) => holding.has(member)).length >= group.threshold) holding.add(name);
  }
  return policy.quorum === "none" || holding.has(policy.quorum);
}

/** Check a checkpoint against a policy: who signed it, who witnessed it and when. */
async function evaluate(policy, note) {
  const head = checkpointParse(note.body, "checkpoint");
  const logs = policy.logs.filter((key) => key.name === head.origin);
  if (!logs.length) refuse("unknown-log", head.origin);
  const parties = [...logs.map((key) => ({ key, log: true }))];
  policy.logs.filter((key) => key.name !== head.origin).forEach((key) => parties.push({ key }));
  policy.witnesses.forEach((key, witness) => parties.push({ key, witness }));
  const known = new Map(parties.map((each) => [`${each.key.name} ${each.key.id}`, each]));
  const [witnesses, unchecked] = [new Map(), []];
  let signed = false;
  for (const line of note.signatures) {
    const party = known.get(`${line.name} ${line.id}`);
    if (!party) continue;
    const time = await signatureTime(party.key, note.body, head, line.signature);
    if (time === null) unchecked.push(party.key.name);
    else if (party.log) signed = true;
    else if (party.witness && time) {
      const before = witnesses.get(party.witness);
      witnesses.set(party.witness, { key: party.key, time: before && before.time > time ? before.time : time });
    }
  }
  if (!signed) refuse(unchecked.length ? "unchecked" : "no-log-signature", head.origin);
  if (head.size === 0n) refuse("checkpoint", "size 0");
  if (!satisfied(policy, witnesses.keys())) {
    const seen = [...witnesses.keys()].join(", ") || "–";
    refuse(unchecked.length ? "unchecked" : "few-witnesses", `${policy.quorum}; ${seen}`);
  }
  return { head, witnesses, unchecked };
}

async function openedGroups(opened, leaf) {
  const shown = {};
  for (const group of Object.keys(opened).sort()) {
    const part = opened[group];
    const commitment = Object.hasOwn(leaf.groups, group) ? leaf.groups[group] : refuse("group", group);
    if (!isKnown(part, "body", "salt") || part.body === undefined) refuse("file", group);
    const salt = base64Bytes(part.salt, "file");
    const body = textOf(part.body, "file");
    if (salt.length !== 32) refuse("opening", group);
    if (hex(await sha256(utf8("lm/v1"), salt, utf8(body))) !== commitment) refuse("opening", group);
    try {
      shown[group] = JSON.parse(body);
    } catch (error) {
      refuse("opening", group);
    }
  }
  return shown;
}

/** Check who signed the leaf: itself, or the batch it stands in. */
async function authorOf(document, data, leaf) {
  if (!isKnown(document, "key", "batch")) refuse("file", "author");
  const key = await vkeyParse(textOf(document.key, "author"), "author");
  const signedBy = async (each) => {
    const own = key.type === ED25519 && each.author === key.id && each.signature !== null;
    if (!own || !(await ed25519Holds(key.material, each.signed, each.signature))) refuse("author", key.name);
  };
  const batch = document.batch === null ? undefined : document.batch;
  if (batch === undefined) {
    await signedBy(leaf);
    return key;
  }
  if (!isKnown(batch, "index", "leaf", "path") || !Number.isSafeInteger(batch.index)) refuse("file", "batch");
  if (!Array.isArray(batch.path)) refuse("file", "batch");
  const signing = leafParse(base64Bytes(batch.leaf, "author"), "author");
  if (!signing.batch || signing.author !== leaf.author) refuse("author", "batch");
  await signedBy(signing);
  const path = batch.path.map((text) => base64Bytes(text, "author", HASH_SIZE));
  const hash = await leafHash(data);
  await checkInclusion(BigInt(batch.index), signing.batch.count, hash, path, signing.batch.root, "author");
  return key;
}

/** Check that the log itself signed the gathered checkpoint and another log of the policy holds it. */
async function provinceOf(part, proof, policy) {
  if (!isKnown(part, "entry", "proof") || part.entry === undefined) refuse("file", "province");
  const text = textOf(part.entry, "province");
  const entry = noteParse(text, "province");
  const held = proofParse(textOf(part.proof, "province"), "province");
  if (entry.body !== proof.note.body) refuse("province", "checkpoint");
  const origin = checkpointParse(entry.body, "province").origin;
  const own = policy.logs.filter((key) => key.name === origin);
  await evaluate({ logs: own, witnesses: new Map(), groups: new Map(), quorum: "none" }, entry);
  const { head, witnesses, unchecked } = await evaluate(policy, held.note);
  await checkInclusion(held.index, head.size, await leafHash(utf8(text)), held.path, head.root, "province");
  if (head.origin === origin) refuse("province", origin);
  return { origin: head.origin, size: head.size, witnesses: [...witnesses.keys()], unchecked };
}

function fileParse(bytes) {
  if (bytes.length > MAX_FILE_SIZE) refuse("file", "size");
  const text = decoded(bytes, "file");
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    refuse("file", "JSON");
  }
  if (!isKnown(document, "author", "format", "leaf", "opened", "policy", "proof", "province")) refuse("file", "parts");
  if (document.format !== FORMAT) refuse("file", "format");
  if (`${spelled(document)}\n` !== text) refuse("spelling");
  if (!isObject(document.opened)) refuse("file", "opened");
  return document;
}

/**
 * Verify a proof file.
 *
 * bytes: the file. own: { policy, author } in the reader's own words, both may be empty.
 * Answers what holds; throws Refused with the reason.
 */
async function verifyFile(bytes, own = {}) {
  if (!(await ed25519Known)) refuse("no-ed25519");
  const document = fileParse(bytes);
  const data = base64Bytes(document.leaf, "file");
  const proof = proofParse(textOf(document.proof, "proof"), "proof");
  const inside = await policyParse(textOf(document.policy, "policy"), "policy");
  const policy = own.policy ? await policyParse(own.policy, "own-policy") : inside;
  const leaf = leafParse(data, "leaf");
  const { head, witnesses, unchecked } = await evaluate(policy, proof.note);
  const hash = await leafHash(data);
  await checkInclusion(proof.index, head.size, hash, proof.path, head.root, "inclusion");
  const groups = await openedGroups(document.opened, leaf);
  const author = document.author === undefined ? null : await authorOf(document.author, data, leaf);
  const given = document.province;
  const province = given === undefined ? null : await provinceOf(given, proof, policy);
  if (own.author && (!author || author.text !== own.author.trim())) refuse("other-author");
  return {
    event: leaf.event, kind: leaf.kind, time: leaf.time, hash: hex(hash),
    origin: head.origin, index: proof.index, size: head.size, root: hex(head.root),
    witnesses: [...witnesses].map(([name, each]) => ({ name, key: each.key, time: each.time })),
    asked: policy.witnesses.size,
    unchecked: [...new Set([...unchecked, ...(province ? province.unchecked : [])])],
    province,
    groups,
    closed: Object.keys(leaf.groups).sort().filter((group) => !(group in groups)),
    author,
    tier: author === null ? "" : leaf.device ? "device" : "hosted",
    log: policy.logs.filter((key) => key.name === head.origin).map((key) => key.text),
    trust: own.policy ? "own" : "inside",
  };
}
