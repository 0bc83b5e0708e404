import { expect } from 'chai';
import fc from 'fast-check';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import {
  checkRequest as checkBy,
  type GivenRequest,
} from '../../../nodes/manager/catalogue/validation/request-rules.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const checkRequest = (given: GivenRequest) => checkBy(given, TPE_OPERATIONS);

function faultOf(given: GivenRequest): TpeError | null {
  try {
    checkRequest(given);
    return null;
  } catch (error) {
    if (error instanceof TpeError) return error;
    throw error;
  }
}
const codeOf = (path: unknown, method: unknown = 'GET', requestBody?: unknown) =>
  faultOf({ path, method, requestBody })?.code ?? null;

describe('the rules for requests', () => {
  it('bring a request into its one form', () => {
    expect(checkRequest({ path: '/device/general', method: 'get' })).to.deep.equal({
      path: '/device/general',
      method: 'GET',
      requestBody: {},
    });
    const pasted = { path: ' /api/v1/events?limit=5', method: ' patch ', requestBody: [{ id: 1 }] };
    expect(checkRequest(pasted)).to.deep.equal({
      path: '/events?limit=5',
      method: 'PATCH',
      requestBody: [{ id: 1 }],
    });
  });

  it('refuse paths that are none, and say what a path looks like', () => {
    const long = `/${'a'.repeat(2048)}`;
    for (const path of [undefined, null, 7, {}, '', 'device/general', long, '/x#y', '/a\\b', '/\ud800']) {
      const fault = faultOf({ path, method: 'GET' });
      expect(fault?.code, String(path).slice(0, 20)).to.equal('INVALID_INPUT');
      expect(fault?.details).to.include({ field: 'path' });
    }
    for (const path of ['/x\n', '/a\u0000b', '/a\u0085b', '/a%00b', '/a%0Ab', '/a%7fb']) {
      expect(codeOf(path), JSON.stringify(path)).to.equal('INVALID_INPUT');
    }
    expect(codeOf(`/${'a'.repeat(2047)}`)).to.equal(null);
  });

  it('refuse methods that TPE does not know', () => {
    for (const method of [undefined, '', 'HEAD', 'OPTIONS', 'GET /', 1]) {
      expect(faultOf({ path: '/device/general', method })?.code, String(method)).to.equal('INVALID_INPUT');
    }
  });

  it('take JSON objects and arrays as a body, of bounded depth and size', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { in: nested(depth - 1) });
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const bad = ['text', 5, true, Buffer.from('{}'), new Date(), circle, nested(33)];
    bad.push({ lost: 2 ** 64 }, { none: Number.NaN }, { endless: 10n ** 41n }, Array(3000).fill(2n ** 64n));
    for (const body of [...bad, { fill: 'x'.repeat(256 * 1024) }]) {
      expect(codeOf('/device/general', 'PATCH', body)).to.equal('INVALID_INPUT');
    }
    for (const body of [undefined, null, {}, [], nested(32), { fill: 'x'.repeat(255 * 1024) }]) {
      expect(codeOf('/device/general', 'PATCH', body)).to.equal(null);
    }
  });

  it('let operations pass that the catalogue does not know', () => {
    expect(codeOf('/brand/new/thing', 'POST', { a: 1 })).to.equal(null);
    for (const path of ['/auth-lock', '/authentic', '/device/routes', '/device', '/x/auth']) {
      expect(codeOf(path), path).to.equal(null);
    }
  });

  it('refuse /auth and /device/route in the spellings that people try', () => {
    const spellings = [
      ...[
        '/auth',
        '/auth/',
        '/AUTH',
        '//auth',
        '/./auth',
        '/x/../auth',
        '/auth?x=1',
        '/auth;a=b',
        '/auth/x/y',
      ],
      ...['/%61uth', '/%2561uth', '/x/%2e%2e/auth', '/x%2F..%2Fauth', '/x/%252e%252e%252fauth', '/auth/../x'],
      ...['/api/v1/auth', '/API/v1/auth', '/api/v1//auth', '/api/v1/api/v1/auth', '/x/../api/v1/auth'],
      ...['/auth%3Fx', '/x%3F/../auth', '/x%23/../auth', '/x;/../auth', '/auth;/../x', '/auth/%252e%252e/x'],
      ...[
        '/auth%20',
        '/\uff41uth',
        '/device/route',
        '/device//route/',
        '/Device/ROUTE?x',
        '/device/x/../route',
      ],
      ...[
        '/device%2Froute',
        '/device;x=1/route',
        '/device/route/1',
        '/auth%2500',
        '/x%3F%2F..%2Fauth',
        '/openvpn/profile;/x',
      ],
    ];
    for (const path of spellings) expect(codeOf(path), path).to.equal('FORBIDDEN');
  });

  it('refuse what hides behind a placeholder of another operation', () => {
    expect(codeOf('/tags/monitor/system/status')).to.equal('FORBIDDEN');
    expect(codeOf('/tags/monitor/System/%73tatus')).to.equal('FORBIDDEN');
    expect(codeOf('/tags/monitor/modbus/pump')).to.equal(null);
  });

  it('say why an operation cannot be done over MQTT', () => {
    const fault = faultOf({ path: '/openvpn/profile', method: 'POST' });
    expect(fault?.code).to.equal('FORBIDDEN');
    expect(fault?.message).to.contain('POST /openvpn/profile').and.to.contain('not JSON');
  });

  it('refuse however a forbidden path is disguised', () => {
    const refused = fc.constantFrom<Pick<Operation, 'path' | 'method'>>(
      ...OPERATIONS.filter(({ refusedBecause }) => refusedBecause !== null),
      ...['/auth', '/auth/token', '/device/route', '/device/route/1'].flatMap((path) =>
        ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ path, method })),
      ),
    );
    fc.assert(
      fc.property(refused, fc.array(disguise, { maxLength: 6 }), (operation, disguises) => {
        const plain = operation.path.replaceAll(/\{\w+\}/g, 'a1');
        const path = disguises.reduce((text, apply) => apply(text), plain);
        fc.pre(path.length <= 2048);
        expect(codeOf(path, operation.method), path).to.equal('FORBIDDEN');
      }),
      { numRuns: 2000 },
    );
  });

  it('never fail but by saying so', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.webPath(), fc.anything()),
        fc.anything(),
        fc.anything(),
        (path, method, requestBody) => {
          expect(faultOf({ path, method, requestBody })?.code).to.be.oneOf([
            'INVALID_INPUT',
            'FORBIDDEN',
            undefined,
          ]);
        },
      ),
    );
  });
});

/** Ways to write the same path differently, each of which some server reads as the plain one. */
const disguise: fc.Arbitrary<(path: string) => string> = fc.oneof(
  fc.constantFrom<(path: string) => string>(
    (path) => `${path}/`,
    (path) => `${path}?limit=1`,
    (path) => `/api/v1${path}`,
    (path) => path.toUpperCase(),
    (path) => `/x/..${path}`,
    (path) => `/.${path}`,
    (path) => path.replace('/', '//'),
    (path) => beforeQuery(path, (plain) => plain.replaceAll('/', ';v=1/').replace(';v=1', '')),
    (path) => beforeQuery(path, (plain) => `/${plain.slice(1).replaceAll('/', '%2f')}`),
    (path) => beforeQuery(path, (plain) => plain.replaceAll('..', '%2e%2E')),
    (path) => beforeQuery(path, (plain) => plain.replaceAll('%', '%25')),
  ),
  // One character, percent-encoded.
  fc.nat(200).map((place) => (path: string) => {
    const at = 1 + (place % Math.max(1, path.length - 1));
    const code = path.charCodeAt(at);
    if (!/[a-z/.]/i.test(path[at] ?? '') || path.slice(0, at).includes('?') || /%.?$/.test(path.slice(0, at)))
      return path;
    return `${path.slice(0, at)}%${code.toString(16)}${path.slice(at + 1)}`;
  }),
);

function beforeQuery(path: string, change: (plain: string) => string): string {
  const [plain = '', ...query] = path.split('?');
  return [change(plain), ...query].join('?');
}
