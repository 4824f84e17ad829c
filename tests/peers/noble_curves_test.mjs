// noble_curves_test.mjs SIGNATURES NODE_MODULES: @noble/curves judges every line the program SIGNATURES writes, and must refuse it altered.
// Keys that were derived or aggregated are computed once more from what they came of.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const [program, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { secp256k1, schnorr } = require('@noble/curves/secp256k1');
const { hash_to_field } = require('@noble/curves/abstract/hash-to-curve');
const { hmac } = require('@noble/hashes/hmac');
const { sha256, sha512 } = require('@noble/hashes/sha2');
const Point = secp256k1.Point;
const n = Point.Fn.ORDER;

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');
const integer = (array) => BigInt(`0x${hex(array) || '0'}`);
const mod = (x) => ((x % n) + n) % n;
const scalar = (x) => mod(x).toString(16).padStart(64, '0');
const be32 = (x) => Uint8Array.from([x >>> 24, x >>> 16, x >>> 8, x].map((b) => b & 255));
const join = (...parts) => Uint8Array.from(Buffer.concat(parts));
const times = (point, k) => (mod(k) === 0n ? Point.ZERO : point.multiplyUnsafe(mod(k)));
const flipped = (text, at) => {
  const out = bytes(text);
  out[(at >> 3) % out.length] ^= 1 << (at & 7);
  return hex(out);
};

// BIP32 CKDpub.
function child(parent, chainCode, index) {
  const left = hmac(sha512, bytes(chainCode), join(parent.toBytes(true), be32(index))).slice(0, 32);
  return parent.add(times(Point.BASE, integer(left)));
}
// BIP327 KeyAgg.
function aggregate(keys) {
  const list = schnorr.utils.taggedHash('KeyAgg list', ...keys.map(bytes));
  const second = keys.find((key) => key !== keys[0]);
  return keys.reduce((sum, key) => {
    const a = key === second ? 1n : integer(schnorr.utils.taggedHash('KeyAgg coefficient', list, bytes(key)));
    return sum.add(times(Point.fromHex(key), a));
  }, Point.ZERO);
}

const never = (check) => {
  try {
    return !check();
  } catch {
    return true;
  }
};
const seen = { highest: 0, recovery: new Set(), parity: new Set(), children: 0, taproot: 0 };

/// For each kind: what must be true of a line as it is, and then the check that it, and nothing altered, must pass.
const judges = {
  ecdsa(line) {
    const key = Point.fromHex(line.key);
    if (line.bip32.parent) {
      assert.ok(child(Point.fromHex(line.bip32.parent), line.bip32.chain_code, line.bip32.index).equals(key), 'BIP32 child');
      ++seen.children;
    }
    seen.recovery.add(line.recovery_id);
    seen.parity.add(line.key.slice(0, 2));
    return (l) => {
      const signature = secp256k1.Signature.fromCompact(l.signature);
      return !signature.hasHighS() && secp256k1.verify(signature, l.hash, l.key, { lowS: true, prehash: false }) &&
        signature.addRecoveryBit(l.recovery_id).recoverPublicKey(l.hash).toHex(true) === l.key;
    };
  },
  bip340(line) {
    let key = Point.fromHex(line.group.point);
    if (line.group.musig2_keys) assert.ok(aggregate(line.group.musig2_keys).equals(key), 'KeyAgg');
    if (line.bip32.parent) {
      assert.equal(line.bip32.parent, line.group.point);
      key = child(key, line.bip32.chain_code, line.bip32.index);
      ++seen.children;
    }
    if (line.taproot_root !== undefined) {
      const x = bytes(key.toHex(true).slice(2));
      const tweak = schnorr.utils.taggedHash('TapTweak', x, bytes(line.taproot_root));
      key = schnorr.utils.lift_x(integer(x)).add(times(Point.BASE, integer(tweak)));
      ++seen.taproot;
    }
    seen.parity.add(key.toHex(true).slice(0, 2));
    assert.equal(key.toHex(true).slice(2), line.key, 'tweaked key');
    return (l) => schnorr.verify(l.signature, l.message, l.key);
  },
  rfc9591() {
    return (l) => {
      const nonce = Point.fromHex(l.signature.slice(0, 66)), key = Point.fromHex(l.key), s = integer(bytes(l.signature.slice(66)));
      const c = hashToScalar(join(nonce.toBytes(true), key.toBytes(true), bytes(l.message)), 'FROST-secp256k1-SHA256-v1chal');
      return s < n && times(Point.BASE, s).equals(nonce.add(times(key, c)));
    };
  },
  arithmetic() {
    return (l) => {
      const a = integer(bytes(l.a)), b = integer(bytes(l.b)), p = times(Point.BASE, a), inverse = scalar(Point.Fn.inv(a));
      return l.sum === scalar(a + b) && l.difference === scalar(a - b) && l.product === scalar(a * b) && l.negative === scalar(-a) &&
        l.inverse === inverse && l.inverse_vartime === inverse && l.high === a > n / 2n && l.reduced === scalar(integer(bytes(l.wide))) &&
        l.base === p.toHex(true) && l.multiple === times(p, b).toHex(true) && l.point_sum === p.add(times(Point.BASE, b)).toHex(true) &&
        l.even === schnorr.utils.lift_x(p.x).toHex(true);
    };
  },
  hash_to_field() {
    return (l) => l.scalar === scalar(hashToScalar(bytes(l.message), l.dst));
  },
  base_ot() {
    return (l) => {
      const points = [l.points.slice(0, 66), l.points.slice(66)].map((p) => Point.fromHex(p));
      const other = 1 - l.choice;
      const x = schnorr.utils.taggedHash('touchstone/dkls23/base-ot/point', bytes(l.context), be32(l.index), be32(other), points[other].toBytes(true));
      const hashed = mapped(Point.Fp.create(integer(x)));
      return points[l.choice].add(hashed).equals(times(Point.BASE, integer(bytes(l.secret))));
    };
  },
};
/// Shallue and van de Woestijne's map by the definition: RFC 9380, section 6.6.1 and, for its Z, appendix H.1.
function mapped(u) {
  const F = Point.Fp, g = (x) => F.add(F.mul(F.sqr(x), x), 7n), two = F.create(2n), Z = F.ONE;
  const root = F.sqrt(F.neg(F.mul(g(Z), F.mul(F.create(3n), F.sqr(Z))))), c3 = F.isOdd(root) ? F.neg(root) : root;
  const c4 = F.div(F.neg(F.mul(F.create(4n), g(Z))), F.mul(F.create(3n), F.sqr(Z)));
  const t = F.mul(F.sqr(u), g(Z)), plus = F.add(F.ONE, t), minus = F.sub(F.ONE, t), product = F.mul(plus, minus);
  const inverse = F.is0(product) ? F.ZERO : F.inv(product), shift = F.mul(F.mul(F.mul(u, minus), inverse), c3);
  const middle = F.neg(F.div(Z, two)), ratio = F.mul(F.sqr(plus), inverse);
  const candidates = [F.sub(middle, shift), F.add(middle, shift), F.add(Z, F.mul(c4, F.sqr(ratio)))];
  const isSquare = (a) => F.is0(a) || F.pow(a, (F.ORDER - 1n) / 2n) === F.ONE;
  const x = candidates.find((candidate) => isSquare(g(candidate)));
  const even = schnorr.utils.lift_x(x);
  return F.isOdd(u) ? even.negate() : even;
}
function hashToScalar(message, dst) {
  return hash_to_field(message, 1, { DST: dst, p: n, m: 1, k: 128, expand: 'xmd', hash: sha256 })[0][0];
}

/// Fields in which any changed bit must be seen.
const sealed = {
  ecdsa: ['key', 'hash', 'signature'],
  bip340: ['key', 'message', 'signature'],
  rfc9591: ['key', 'message', 'signature'],
  arithmetic: ['sum', 'difference', 'product', 'inverse', 'inverse_vartime', 'negative', 'wide', 'reduced', 'base', 'multiple', 'point_sum', 'even'],
  hash_to_field: ['message', 'scalar'],
  base_ot: ['context', 'points', 'secret'],
};

const lines = execFileSync(program, { maxBuffer: 1 << 26, encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line));
const accepted = {}, refused = {};
lines.forEach((line, number) => {
  const label = line.by ?? line.kind, holds = judges[line.kind](line);
  assert.ok(holds(line), `line ${number + 1}, ${label}: not accepted`);
  accepted[label] = (accepted[label] ?? 0) + 1;
  const flips = line.by ? [0, 101, 202] : [0];
  const alterations = sealed[line.kind].filter((field) => line[field].length > 0)
    .flatMap((field) => flips.map((i) => ({ ...line, [field]: flipped(line[field], (number * 37 + i) % (line[field].length * 4)) })));
  if (line.kind === 'ecdsa') {
    const s = integer(bytes(line.signature.slice(64)));
    alterations.push({ ...line, recovery_id: line.recovery_id ^ 1 }, { ...line, signature: line.signature.slice(0, 64) + scalar(-s), recovery_id: line.recovery_id ^ 1 });
  }
  const other = lines.find((l) => l.kind === line.kind && l.key !== line.key);
  if (other?.key) alterations.push({ ...line, key: other.key });
  for (const altered of alterations) {
    assert.ok(never(() => holds(altered)), `line ${number + 1}, ${label}: accepted although altered: ${JSON.stringify(altered)}`);
    refused[label] = (refused[label] ?? 0) + 1;
  }
});
for (const label of Object.keys(accepted)) console.log(`${label}: ${accepted[label]} accepted, ${refused[label]} altered ones refused`);
console.log(`${seen.children} BIP32 children, ${seen.taproot} Taproot keys, key parities ${[...seen.parity]}, recovery ids ${[...seen.recovery]}`);
for (const label of ['DKLs23 2 of 2', 'DKLs23 2 of n', 'DKLs23 3 of n', 'Lindell17', 'MuSig2 2', 'MuSig2 5', 'FROST 2 of 3', 'FROST 4 of 7',
  'FROST RFC 9591', 'arithmetic', 'hash_to_field', 'base_ot']) assert.ok(accepted[label] >= 16 && refused[label] >= 16, label);
assert.ok(seen.children >= 60 && seen.taproot >= 40 && seen.parity.size === 2 && seen.recovery.size >= 2);
