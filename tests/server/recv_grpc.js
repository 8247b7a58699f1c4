// OTLP/gRPC against a running aitrace-recv, spoken with node's own HTTP/2.
// Expected: the gRPC chapter of the OTLP specification, the gRPC protocol over
// HTTP/2 (status in trailers, 200 always), google.rpc.Code.
// usage: recv_grpc.js PROGRAM CAPTURES
'use strict';
const fs = require('fs');
const http2 = require('http2');
const net = require('net');
const path = require('path');
const zlib = require('zlib');
const { spawn, spawnSync } = require('child_process');

const [, , program, captures] = process.argv;
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const METRICS =
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

let count = 0, failed = 0;
function ok(cond, name, ...notes) {
  count++;
  if (!cond) failed++;
  console.log(`${cond ? '' : 'not '}ok ${count} - ${name}`);
  if (!cond)
    for (const n of notes)
      console.log('# ' + (typeof n === 'string' ? n : JSON.stringify(n))
        .slice(0, 1500).replace(/\n/g, '\n# '));
  return cond;
}
function same(got, want, name) {
  return ok(JSON.stringify(got) === JSON.stringify(want), name,
    'got  ' + JSON.stringify(got), 'want ' + JSON.stringify(want));
}

// -- messages by hand ---------------------------------------------------------
function varint(v) {
  const out = [];
  while (v >= 0x80) {
    out.push((v & 0x7f) | 0x80);
    v = Math.floor(v / 128);
  }
  out.push(v);
  return Buffer.from(out);
}
function field(n, payload) {
  payload = Buffer.from(payload);
  return Buffer.concat([varint(n * 8 + 2), varint(payload.length), payload]);
}
function fixed64(n, v) {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(v));
  return Buffer.concat([varint(n * 8 + 1), b]);
}
const T0 = 1763683422431000000n;
function spans(n, first, pad) {
  const all = [];
  for (let i = 0; i < n; i++) {
    const id = Buffer.alloc(8);
    id.writeUInt32BE(first + i, 4);
    all.push(field(2, Buffer.concat([
      field(1, Buffer.from('000000000000000000000000a1b2c3d4', 'hex')),
      field(2, id), field(5, `span-${first + i}`),
      fixed64(7, T0), fixed64(8, T0 + 1000n),
      field(9, Buffer.concat([field(1, 'pad'),
        field(2, field(1, 'x'.repeat(pad || 1)))])),
    ])));
  }
  return field(1, field(2, Buffer.concat(all)));
}
function frame(message, flag) {
  const head = Buffer.alloc(5);
  head[0] = flag || 0;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

// -- a receiver ---------------------------------------------------------------
class Recv {
  constructor(args) {
    this.p = spawn(program, ['--grpc', '127.0.0.1:0', '--ready-fd', '3',
      ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    this.out = Buffer.alloc(0);
    this.err = '';
    this.p.stdout.on('data', (d) => {
      this.out = Buffer.concat([this.out, d]);
    });
    this.p.stderr.on('data', (d) => { this.err += d; });
    this.exited = new Promise((r) => this.p.on('close', (code) => r(code)));
    this.ready = new Promise((resolve, reject) => {
      let text = '';
      this.p.stdio[3].on('data', (d) => { text += d; });
      this.p.stdio[3].on('end', () => {
        const m = /^grpc (.*):(\d+)$/m.exec(text);
        if (!m) return reject(new Error('not ready: ' + this.err));
        this.host = m[1];
        this.port = Number(m[2]);
        resolve(this);
      });
    });
  }

  connect() {
    const c = http2.connect(`http://${this.host}:${this.port}`);
    c.on('error', () => {});
    return c;
  }

  async stop(sig) {
    this.p.kill(sig || 'SIGTERM');
    return await this.exited;
  }

  lines() {
    return this.out.toString().split('\n').filter(Boolean)
      .map((l) => JSON.parse(l));
  }
}
async function start(...args) {
  return await new Recv(args).ready;
}

// One call: {http, status, message, body, headers, error}.
function call(client, where, chunks, headers, options) {
  options = options || {};
  return new Promise((resolve) => {
    const r = { body: Buffer.alloc(0) };
    const req = client.request({
      ':method': options.method || 'POST', ':path': where,
      'content-type': 'application/grpc', te: 'trailers', ...headers,
    });
    req.on('response', (h) => {
      r.http = h[':status'];
      r.headers = h;
      if (h['grpc-status'] !== undefined) {
        r.status = Number(h['grpc-status']);
        r.message = decodeURIComponent(h['grpc-message'] || '');
        r.details = h['grpc-status-details-bin'];
      }
    });
    req.on('trailers', (h) => {
      if (h['grpc-status'] === undefined) return;
      r.status = Number(h['grpc-status']);
      r.message = decodeURIComponent(h['grpc-message'] || '');
      r.details = h['grpc-status-details-bin'];
    });
    req.on('data', (d) => { r.body = Buffer.concat([r.body, d]); });
    req.on('error', (e) => { r.error = e.message; });
    req.on('close', () => resolve(r));
    if (options.keep) options.keep(req);
    for (const c of chunks) req.write(c);
    if (!options.open) req.end();
  });
}
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
async function until(f, ms) {
  for (let t = 0; t < (ms || 10000) && !f(); t += 10) await wait(10);
  return f();
}

async function answers() {
  const recv = await start('--max-body', '1M');
  const c = recv.connect();
  let r = await call(c, TRACES, [frame(spans(3, 1))]);
  ok(r.http === 200 && r.status === 0 &&
    r.headers['content-type'] === 'application/grpc' &&
    r.body.equals(Buffer.from([0, 0, 0, 0, 0])),
  'an export: 200, an empty message, grpc-status 0 in the trailers', r);
  r = await call(c, TRACES, [frame(Buffer.alloc(0))]);
  ok(r.status === 0, 'an empty request is a success', r);
  for (const [coding, pack] of [['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync]]) {
    r = await call(c, TRACES, [frame(pack(spans(2, 10)), 1)],
      { 'grpc-encoding': coding });
    ok(r.status === 0, `a ${coding} message`, r);
  }
  r = await call(c, TRACES, [frame(spans(1, 20))], { 'grpc-encoding': 'gzip' });
  ok(r.status === 0, 'grpc-encoding on a message that is plain', r);
  const whole = frame(spans(2, 30));
  r = await call(c, TRACES, [...whole].map((b) => Buffer.from([b])));
  ok(r.status === 0, 'a message byte by byte', r);
  r = await call(c, TRACES, [frame(spans(1, 40))],
    { 'content-type': 'application/grpc+proto' });
  ok(r.status === 0, 'application/grpc+proto', r);

  // Partial success: a span without a trace id.
  const half = field(1, field(2, field(2, Buffer.concat([
    field(2, Buffer.from('0000000000000001', 'hex')), field(5, 'x')]))));
  r = await call(c, TRACES, [frame(half)]);
  ok(r.status === 0 && r.body[5] === 0x0a && r.body[7] === 0x08 &&
    r.body[8] === 1, 'a span without ids: partial_success', r);

  // Failures, each with its code of google.rpc.Code.
  const bad = [
    ['truncated protobuf', TRACES, frame(spans(1, 50).subarray(0, 30)), {}, 3],
    ['bad gzip', TRACES, frame(Buffer.from('hello'), 1),
      { 'grpc-encoding': 'gzip' }, 3],
    ['truncated gzip', TRACES, frame(zlib.gzipSync(spans(1, 1))
      .subarray(0, 20), 1), { 'grpc-encoding': 'gzip' }, 3],
    ['half a message', TRACES, frame(spans(1, 1)).subarray(0, 20), {}, 3],
    ['no message', TRACES, Buffer.alloc(0), {}, 3],
    ['another method', TRACES.replace('Export', 'Import'), frame(spans(1, 1)),
      {}, 12],
    ['another service', '/grpc.health.v1.Health/Check', frame(Buffer.alloc(0)),
      {}, 12],
    ['an unknown coding', TRACES, frame(spans(1, 1), 1),
      { 'grpc-encoding': 'br' }, 12],
    ['two messages', TRACES, Buffer.concat([frame(spans(1, 1)),
      frame(spans(1, 1))]), {}, 12],
    ['packed without a coding', TRACES, frame(spans(1, 1), 1), {}, 13],
    ['unknown flags', TRACES, frame(spans(1, 1), 7), {}, 13],
    ['a message over the limit', TRACES, frame(spans(1, 1, 1 << 20)), {}, 8],
    ['a message over the limit once unpacked', TRACES,
      frame(zlib.gzipSync(spans(1, 1, 1 << 20)), 1),
      { 'grpc-encoding': 'gzip' }, 8],
    ['another host', TRACES, frame(spans(1, 1)),
      { ':authority': 'evil.example' }, 7],
  ];
  for (const [name, where, body, headers, code] of bad) {
    r = await call(c, where, body.length ? [body] : [], headers);
    ok(r.http === 200 && r.status === code && r.message.length > 5 &&
      r.body.length === 0 && r.details === undefined,
    `${name}: grpc-status ${code}, with a message`, r);
  }
  r = await call(c, TRACES, [Buffer.from('{}')],
    { 'content-type': 'application/json' });
  ok(r.http === 415 && r.status === undefined, 'not gRPC: HTTP 415', r);
  r = await call(c, TRACES, [], {}, { method: 'GET' });
  ok(r.http === 405, 'GET: HTTP 405', r);
  r = await call(c, TRACES, [frame(spans(1, 60))]);
  ok(r.status === 0, 'the connection still serves', r);

  // Many at once on one connection.
  const all = await Promise.all(Array.from({ length: 150 }, (_, i) =>
    call(c, TRACES, [frame(spans(2, 1000 + 2 * i))])));
  ok(all.every((x) => x.status === 0), '150 calls at once on one connection',
    all.find((x) => x.status !== 0) || '');
  await new Promise((resolve) => c.ping(Buffer.from('12345678'), (e, _, p) => {
    ok(!e && p.toString() === '12345678', 'a ping is answered');
    resolve();
  }));
  c.close();
  const code = await recv.stop();
  same(code, 0, 'exit 0');
  const names = recv.lines().map((l) => l.name);
  same(names.length, 3 + 4 + 1 + 2 + 1 + 1 + 300, 'what was taken is there');
  same(new Set(names.slice(-300)).size, 300, 'each once');
}

// Two of the same: offline and by gRPC.
async function recorded() {
  const recv = await start();
  const c = recv.connect();
  let n = 0;
  const want = [];
  for (const client of fs.readdirSync(captures).sort())
    for (const scenario of fs.statSync(path.join(captures, client))
      .isDirectory() ? fs.readdirSync(path.join(captures, client)).sort() : [])
      for (const f of !fs.statSync(path.join(captures, client, scenario))
        .isDirectory() ? [] :
        fs.readdirSync(path.join(captures, client, scenario)).sort()) {
        if (!f.endsWith('.headers.json')) continue;
        const dir = path.join(captures, client, scenario);
        const h = JSON.parse(fs.readFileSync(path.join(dir, f)));
        if (!h.protocol.includes('grpc')) continue;
        const pb = path.join(dir, f.replace('.headers.json', '.pb'));
        const body = fs.readFileSync(pb);
        const packed = h.grpc_message_compressed;
        const r = await call(c, h.path,
          [packed ? frame(zlib.gzipSync(body), 1) : frame(body)],
          packed ? { 'grpc-encoding': h.headers['grpc-encoding'] || 'gzip' }
            : {});
        ok(r.status === 0 && r.body.length === 5,
          `${client}/${scenario}/${f}: success`, r);
        want.push(spawnSync(program, [pb], { maxBuffer: 1 << 28 }).stdout);
        n++;
      }
  ok(n > 10, `${n} recorded calls were there`);
  c.close();
  same(await recv.stop(), 0, 'exit 0');
  ok(recv.out.equals(Buffer.concat(want)), 'live equals offline');
  same(recv.err, '', 'nothing to complain of');
}

async function slowReader() {
  const recv = await start('--wait', '1s');
  recv.p.stdout.pause();
  const c = recv.connect();
  let r, acked = 0;
  for (let i = 0; i < 60; i++) {
    r = await call(c, TRACES, [frame(spans(20, 1 + 20 * i, 8192))]);
    if (r.status !== 0) break;
    acked++;
  }
  ok(r.status === 14 && r.message.length > 5,
    `the reader stopped: UNAVAILABLE after ${acked} calls`, r);
  const details = Buffer.from(r.details || '', 'base64').toString('latin1');
  ok(details.includes('type.googleapis.com/google.rpc.RetryInfo'),
    'with RetryInfo', details);
  recv.p.stdout.resume();
  r = await call(c, TRACES, [frame(spans(1, 999999))]);
  same(r.status, 0, 'it reads again: served');
  c.close();
  same(await recv.stop(), 0, 'exit 0');
  // A call that was being written when it was sent away may be there, too.
  const names = recv.lines().map((l) => l.name);
  const want = [999999];
  for (let i = 1; i <= 20 * acked; i++) want.push(i);
  ok(want.every((i) => names.includes(`span-${i}`)),
    'everything acknowledged is there');
  ok(new Set(names).size === names.length && names.length % 20 === 1,
    'once, and whole', names.length);
}

async function shutdown() {
  const recv = await start();
  const c = recv.connect();
  let req;
  const body = frame(spans(2, 1));
  const slow = call(c, TRACES, [body.subarray(0, 40)], {},
    { open: true, keep: (q) => { req = q; } });
  await call(c, TRACES, [frame(spans(1, 10))]);
  const goaway = new Promise((r) => c.on('goaway', (code) => r(code)));
  recv.p.kill('SIGTERM');
  same(await Promise.race([goaway, wait(5000).then(() => 'none')]), 0,
    'SIGTERM: GOAWAY without an error');
  req.end(body.subarray(40));
  same((await slow).status, 0, 'the call under way is finished');
  same(await recv.exited, 0, 'exit 0');
  same(recv.lines().length, 3, 'with all its records');
}

async function hostile() {
  const recv = await start('--request-timeout', '1s', '--max-connections',
    '20');
  // A call that never ends.
  let c = recv.connect();
  let r = await call(c, TRACES, [frame(spans(1, 1)).subarray(0, 20)], {},
    { open: true });
  ok(r.status === 4, 'a call that does not come: DEADLINE_EXCEEDED', r);
  r = await call(c, TRACES, [frame(spans(1, 1))]);
  ok(r.status === 0, 'its connection serves others', r);
  // Too many headers.
  const fat = {};
  for (let i = 0; i < 60; i++) fat['x-' + i] = 'y'.repeat(1000);
  r = await call(c, TRACES, [frame(spans(1, 1))], fat);
  ok(r.status !== 0 && r.http === undefined, 'a bomb of headers is cut', r);
  c.destroy();
  c = recv.connect();
  // Rapid resets.
  for (let i = 0; i < 3000 && !c.destroyed; i++) {
    const q = c.request({ ':method': 'POST', ':path': TRACES,
      'content-type': 'application/grpc' });
    q.on('error', () => {});
    q.close(http2.constants.NGHTTP2_CANCEL);
    if (i % 100 === 0) await wait(1);
  }
  c.destroy();
  // Garbage, and HTTP/1.
  for (const raw of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    Buffer.alloc(100000, 0xff), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' +
    '\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00'])
    await new Promise((resolve) => {
      const s = net.connect(recv.port, recv.host, () => s.write(raw));
      s.on('error', () => {});
      s.on('close', resolve);
      s.resume();
      setTimeout(() => s.destroy(), 3000);
    });
  // A crowd that says nothing.
  const crowd = [];
  for (let i = 0; i < 100; i++) {
    const s = net.connect(recv.port, recv.host);
    s.on('error', () => {});
    crowd.push(s);
  }
  await wait(50);
  c = recv.connect();
  r = await call(c, TRACES, [frame(spans(1, 2))]);
  ok(r.status === 0, 'after all that a normal call is served', r);
  c.destroy();
  for (const s of crowd) s.destroy();
  same(await recv.stop(), 0, 'exit 0');
  same(recv.lines().length, 2, 'nothing else came out');
}

(async () => {
  await answers();
  await recorded();
  await slowReader();
  await shutdown();
  await hostile();
  console.log(`1..${count}`);
  process.exit(failed || !count ? 1 : 0);
})().catch((e) => {
  console.log('# ' + e.stack.replace(/\n/g, '\n# '));
  process.exit(1);
});
