import { expect } from 'chai';
import * as fc from 'fast-check';
import { callRest } from '../support/call-rest.js';
import { anyJson, assault, isClearText, type Outcome, RUNS, spoilt } from '../support/hostile.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';

const V = 'virtual-0001';

const JOB = {
  name: 'who is there',
  do: { command: { method: 'GET', path: '/device/time' } },
  targets: { filter: { site: 'nowhere' } },
  rollout: { maxPerMinute: 60, maxInProgress: 2 },
};

/** What callers of the REST tab send when all is well; `{}` stands for a part of the path. */
const CALLS: { method: string; path: string; parts?: string[]; query?: object; body?: unknown }[] = [
  {
    method: 'GET',
    path: '/api/device',
    query: { limit: '5', search: 'v', status: 'online', model: 'UC', tag: 'a', sort: 'clientid' },
  },
  { method: 'GET', path: '/api/device/{}', parts: [V] },
  { method: 'POST', path: '/api/device', body: { clientid: 'N', password: 'long enough', tags: ['a'] } },
  { method: 'DELETE', path: '/api/device/{}', parts: ['N'] },
  { method: 'PUT', path: '/api/device/checkUpdate', body: { model: 'UC' } },
  { method: 'GET', path: '/api/device/checkUpdate', query: { limit: '5' } },
  { method: 'POST', path: '/api/device/{}/update', parts: ['N'], body: { snapshot: false } },
  { method: 'GET', path: '/api/operation/category' },
  { method: 'GET', path: '/api/operation', query: { categoryid: '1' } },
  { method: 'GET', path: '/api/operation/{}', parts: ['get-device-time-get-device-time'] },
  { method: 'DELETE', path: '/api/operation/{}', parts: ['own-none'] },
  {
    method: 'POST',
    path: '/api/operation/import',
    query: { dryRun: 'true' },
    body: { format: 'tpe-operations', version: 1, operations: [] },
  },
  {
    method: 'POST',
    path: '/api/emqx/clients/{}/message',
    parts: [V],
    query: { wait: '1', timeout: '2' },
    body: { path: '/device/time', method: 'GET' },
  },
  { method: 'GET', path: '/api/emqx/clients/{}', parts: [V] },
  {
    method: 'GET',
    path: '/api/command',
    query: {
      who: 'ada',
      gateway: 'pump',
      operation: 'time',
      outcome: 'open',
      since: '2026-01-01',
      limit: '5',
    },
  },
  { method: 'GET', path: '/api/audit', query: { who: 'ada', action: 'gateway.', door: 'rest', limit: '5' } },
  { method: 'GET', path: '/api/command/{}', parts: ['1'], query: { wait: '1' } },
  { method: 'GET', path: '/api/update', query: { limit: '5' } },
  { method: 'GET', path: '/api/update/{}', parts: ['1'] },
  { method: 'GET', path: '/api/job', query: { state: 'RUNNING', cursor: '5', limit: '5' } },
  { method: 'POST', path: '/api/job', body: JOB },
  { method: 'POST', path: '/api/job/preview', body: JOB },
  { method: 'GET', path: '/api/job/{}', parts: ['1'] },
  { method: 'PATCH', path: '/api/job/{}', parts: ['1'], body: { name: 'other', targets: JOB.targets } },
  { method: 'DELETE', path: '/api/job/{}', parts: ['1'] },
  { method: 'POST', path: '/api/job/{}/submit', parts: ['1'], body: { confirm: '1', previewHash: 'x' } },
  { method: 'POST', path: '/api/job/{}/pause', parts: ['1'] },
  { method: 'POST', path: '/api/job/{}/resume', parts: ['1'] },
  { method: 'POST', path: '/api/job/{}/cancel', parts: ['1'], body: { force: true, confirm: '1' } },
  { method: 'POST', path: '/api/job/{}/retry', parts: ['1'], body: { which: 'reason', code: 'x' } },
  { method: 'POST', path: '/api/job/{}/skip', parts: ['1'], body: { clientids: [V] } },
  {
    method: 'GET',
    path: '/api/job/{}/execution',
    parts: ['1'],
    query: { state: 'QUEUED', waitingFor: 'offline', sinceChange: '5', limit: '5' },
  },
  { method: 'GET', path: '/api/job/{}/execution/{}', parts: ['1', V] },
  { method: 'POST', path: '/api/job/{}/execution/{}/retry', parts: ['1', V], body: { confirm: V } },
  { method: 'GET', path: '/api/job/{}/preview', parts: ['1'] },
  { method: 'GET', path: '/api/job/{}/waiting', parts: ['1'] },
  { method: 'GET', path: '/api/job/{}/failures', parts: ['1'] },
  { method: 'GET', path: '/api/job/{}/report.csv', parts: ['1'] },
  { method: 'GET', path: '/api/stop', query: { includeLifted: 'true', limit: '5' } },
  { method: 'POST', path: '/api/stop', body: { scope: 'site', value: 'nowhere', reason: 'a test' } },
  { method: 'DELETE', path: '/api/stop/{}', parts: ['1'] },
  { method: 'GET', path: '/api/guard', query: { scope: 'site', value: 'Plant', limit: '5' } },
  { method: 'PUT', path: '/api/guard/limit', body: { scope: 'site', value: 'Plant', max: 2 } },
  {
    method: 'POST',
    path: '/api/guard/release',
    body: { clientid: V, owner: { kind: 'command', id: '1' }, reason: 'replaced' },
  },
  { method: 'GET', path: '/api/alarm', query: { state: 'open', kind: 'own', clientid: V, limit: '5' } },
  { method: 'GET', path: '/api/alarm/{}', parts: ['1'] },
  { method: 'POST', path: '/api/alarm/acknowledge', body: { ids: ['1'], note: 'x' } },
  { method: 'POST', path: '/api/alarm/assign', body: { ids: ['1'], to: 'ada' } },
  { method: 'POST', path: '/api/alarm/shelve', body: { ids: ['1'], seconds: 60, note: 'x' } },
  { method: 'POST', path: '/api/alarm/unshelve', body: { ids: ['1'] } },
  { method: 'POST', path: '/api/alarm', body: { key: 'pump', clientid: V, severity: 'info', text: 'x' } },
  { method: 'DELETE', path: '/api/alarm', query: { key: 'pump', clientid: V } },
  { method: 'GET', path: '/api/alarm/rule' },
  {
    method: 'PUT',
    path: '/api/alarm/rule',
    body: { id: 'disk-full', kind: 'disk-full', threshold: 80, filter: { site: 'Plant' } },
  },
  { method: 'DELETE', path: '/api/alarm/rule/{}', parts: ['none'] },
];

const HONEST = [200, 201, 202, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 431, 503, 504];

describe('hostile: calls of REST', () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '1' } });
    await restCaller(nodeRed).until('/api/device?status=online', ({ data }) => data.length === 1);
  });
  after(() => nodeRed?.stop());
  afterEach('and the next good call is served by the same process', async () => {
    const { status, data } = await restCaller(nodeRed).call('GET', `/api/device/${V}`);
    expect(status, nodeRed.log()).to.equal(200);
    expect(data.clientid).to.equal(V);
    expect(nodeRed.log()).not.to.match(/Uncaught|unhandled/i);
  });

  async function send(method: string, path: string, body: BodyInit | null, type = 'application/json') {
    const headers = { 'content-type': type, connection: 'close' };
    return await callRest(nodeRed, method, path, { redirect: 'manual', headers, body });
  }

  /** An honest status, and for what was wrong a code and words. */
  function isHonest(outcome: Outcome): void {
    if (outcome.kind === 'refused') throw outcome.error;
    const { status, text } = outcome.value as Awaited<ReturnType<typeof send>>;
    expect(HONEST, `${status}: ${text.slice(0, 500)}`).to.include(status);
    if (status < 400 || !text.startsWith('{')) return;
    const { status: isGood, data } = JSON.parse(text) as { status: unknown; data: Record<string, unknown> };
    expect(isGood).to.equal(false);
    expect(data.code).to.match(/^[A-Z_]+$/);
    isClearText(data.message);
  }

  function queryOf(query: unknown): string {
    const pairs = Object.entries((query ?? {}) as object).map(([name, value]) => [
      encode(name),
      encode(typeof value === 'string' ? value : JSON.stringify(value)),
    ]);
    return pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`.slice(0, 6000);
  }

  for (const { method, path, parts = [], query, body } of CALLS) {
    it(`${method} ${path} has an honest answer to spoilt parts, queries and bodies`, () =>
      assault(
        fc.record({
          parts: parts.length === 0 ? fc.constant([]) : fc.oneof(spoilt(parts), fc.constant(parts)),
          query: query === undefined ? fc.constant({}) : fc.oneof(spoilt(query), fc.constant(query)),
          body: body === undefined ? fc.constant(undefined) : fc.oneof(spoilt(body), fc.constant(body)),
        }),
        (input) => {
          const filled = [input.parts].flat().map((part) => encode(String(part)).slice(0, 2000));
          const whole = path.replace('{}', () => filled[0] || 'x') + queryOf(input.query);
          return send(method, whole, input.body === undefined ? null : JSON.stringify(input.body));
        },
        isHonest,
        Math.ceil(RUNS / 4),
      ));
  }

  it('has an honest answer to bodies that are no JSON', () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(...['{', '[1', '"', '{"a":}', '\u0000', 'a=1', '['.repeat(20_000)].map(encodeText)),
      anyJson.map((value) => encodeText(JSON.stringify(value))),
    );
    const types = fc.constantFrom(
      ...['application/json', 'application/json; charset=utf-7', 'text/plain', 'x', 'application/cbor'],
      ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '; charset', 'a/b; c="'],
    );
    return assault(
      fc.record({ body: bodies, type: types, path: fc.constantFrom('/api/device', '/api/operation/import') }),
      ({ body, type, path }) => send('POST', path, Buffer.from(body), type),
      isHonest,
      Math.ceil(RUNS / 2),
    );
  });

  it('has an honest answer to a body that is larger than anybody needs', async () => {
    const outcome = {
      kind: 'taken',
      value: await send('POST', '/api/device', `"${'x'.repeat(22e6)}"`),
    } as const;
    isHonest(outcome);
    expect(outcome.value.status).to.equal(413);
  });
});

function encodeText(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** Also what cannot be encoded: half of a surrogate pair. */
function encode(text: string | undefined): string {
  return encodeURIComponent((text ?? '').toWellFormed());
}
