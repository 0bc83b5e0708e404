import { expect } from 'chai';
import fc from 'fast-check';
import { readOwnOperation } from '../../../nodes/manager/catalogue/custom-operation.js';
import {
  createOperationSet,
  type OperationSet,
  TPE_OPERATIONS,
} from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { RISKS } from '../../../nodes/manager/catalogue/risk.js';
import { type RatedRequest, riskOfRequest } from '../../../nodes/manager/catalogue/risk-of-request.js';
import { checkRequest } from '../../../nodes/manager/catalogue/validation/request-rules.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const rate = (method: unknown, path: unknown, more: Partial<RatedRequest> = {}) =>
  riskOfRequest(TPE_OPERATIONS, { method, path, ...more });
const riskOf = (method: unknown, path: unknown, more?: Partial<RatedRequest>) =>
  rate(method, path, more).risk;

/** The code of the refusal; null: it would be sent. */
function refusalOf(method: string, path: string): string | null {
  try {
    checkRequest({ method, path }, TPE_OPERATIONS);
    return null;
  } catch (error) {
    if (error instanceof TpeError) return error.code;
    throw error;
  }
}

/** The catalogue with the pack's operations and these of users, as a manager has it. */
function withOwn(...own: object[]): OperationSet {
  return createOperationSet([
    ...OPERATIONS,
    ...own.map((one, index) => readOwnOperation({ category: 'Own', name: `Own ${index}`, ...one })),
  ]);
}

describe('the risk of a request', () => {
  it('is that of its operation, by id or by path', () => {
    for (const operation of OPERATIONS) {
      const { method, risk, classes } = operation;
      const path = operation.path.replaceAll(/\{\w+\}/g, '1');
      expect(rate(method, path), operation.id).to.deep.equal({ risk, classes });
      expect(rate(method, path, { operation }), operation.id).to.deep.equal({ risk, classes });
      expect(rate(undefined, undefined, { operation }).risk, operation.id).to.be.oneOf([risk, 'disruptive']);
    }
  });

  it('takes a literal level before a placeholder, as a gateway does, where it is spelled as the catalogue has it', () => {
    expect(rate('PUT', '/mqtt/check')).to.deep.equal({ risk: 'read', classes: [] });
    expect(rate('PUT', '/mqtt/Check').classes).to.include('cuts-mqtt');
    expect(riskOf('PUT', '/azure-device/messages/test', { requestBody: { format: '.' } })).to.equal('read');
  });

  it('is that of what a field belongs to that the operation itself does not take', () => {
    const body = { enable: true, profile: 'script-security 2' };
    expect(rate('PUT', '/openvpn', { requestBody: { enable: true } }).classes).not.to.include('runs-code');
    for (const [method, path] of [
      ['PUT', '/openvpn'],
      ['POST', '/openvpn'],
      ['PATCH', '/openvpn'],
      ['PUT', '/system/openvpn'],
      ['PATCH', '/system/openvpn'],
    ]) {
      expect(rate(method, path, { requestBody: body }).classes, `${method} ${path}`).to.include('runs-code');
      expect(rate(method, path, { requestBody: [{ Profile: 'x' }] }).classes).to.include('runs-code');
    }
    expect(rate('PATCH', '/device/general', { requestBody: { hostName: 'a', other: 1 } }).risk).to.equal(
      'write',
    );
  });

  it('is raised by a field however deep, and by a query that is escaped twice', () => {
    const at = '/system/configuration?encryption=true';
    expect(riskOf('GET', at)).to.equal('read');
    for (const requestBody of [[{ encryption: false }], { options: { Encryption: false } }]) {
      expect(riskOf('GET', at, { requestBody })).to.equal('disruptive');
    }
    expect(riskOf('GET', `${at}&encry%2570tion=false`)).to.equal('disruptive');
  });

  it('counts for every version of the API', () => {
    for (const path of ['/api/v2/function', '/API/V12/function', '/api/v2/api/v1/function']) {
      expect(rate('PATCH', path).classes, path).to.include('runs-code');
      expect(refusalOf('PATCH', path), path).to.equal('INVALID_INPUT');
    }
    expect(refusalOf('POST', '/api/v2/auth')).to.equal('FORBIDDEN');
  });

  it('does not depend on the spelling', () => {
    const reset = [
      '?mode=factory',
      '?mode=FACTORY',
      '?Mode=Factory',
      '?mode=%66actory',
      '',
      '?mode=x',
      '?x;mode=factory',
    ];
    for (const query of reset)
      expect(riskOf('PUT', `/system/reset-default${query}`), query).to.equal('destructive');
    const reboots = [
      ...[
        '/system/reboot',
        '/System/reboot',
        '/SYSTEM/REBOOT',
        '/system/./reboot',
        '/system/reboot;a',
        '/system;a/reboot',
      ],
      ...[
        '/system/%72eboot',
        '/system/%2572eboot',
        '/x/../system/reboot',
        '//system/reboot',
        '/system\\reboot',
      ],
      ...[
        '/system/reboot/',
        '/system%2freboot',
        '/system/reboot%3fx',
        '/api/v1/system/reboot',
        '/api/v1/api/v1/system/reboot',
      ],
      ...[
        '/x%2f..%2fsystem%2freboot',
        '/system/reboot#x',
        ' /system/reboot ',
        '/ｓｙｓｔｅｍ/reboot',
        '/%C5%BFystem/reboot',
      ],
      '/x／..／system／reboot',
    ];
    for (const path of reboots) {
      expect(rate('put', path).classes, path).to.include('cuts-mqtt');
      expect(RISKS.indexOf(riskOf('PUT', path)), path).to.be.at.least(RISKS.indexOf('disruptive'));
    }
  });

  it('is disruptive at least for what the pack does not know, unless it is a GET', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'X', '', undefined]) {
      expect(rate(method, '/brand/new'), String(method)).to.deep.equal({ risk: 'disruptive', classes: [] });
    }
    expect(riskOf('GET', '/brand/new')).to.equal('read');
    expect(riskOf('HEAD', '/device/general')).to.equal('disruptive');
    expect(riskOf('POST', undefined)).to.equal('disruptive');
    // Its own settings take no body: one that is given may be a server to connect to.
    expect(riskOf('PUT', '/mqtt/check', { requestBody: {} })).to.equal('read');
    expect(riskOf('PUT', '/mqtt/check', { requestBody: { server: 'evil.example' } })).to.equal('disruptive');
  });

  it('has the classes of what is known at and above an unknown path: firmware differs in methods', () => {
    expect(rate('PUT', '/function').classes).to.deep.equal(['runs-code']);
    expect(rate('POST', '/function/mine/start').classes).to.deep.equal(['runs-code']);
    expect(rate('DELETE', '/function/mine')).to.deep.equal({ risk: 'destructive', classes: ['loses-data'] });
    expect(rate('POST', '/system/decommission').risk).to.equal('destructive');
    expect(riskOf('GET', '/function/mine')).to.equal('read');
  });

  it('is more than reading for a configuration without encryption, in any spelling', () => {
    const path = '/system/configuration';
    for (const query of [
      '',
      '?action=download',
      '?action=download&encryption=true',
      '?encryption=true&select=a',
    ])
      expect(riskOf('GET', `${path}${query}`), query).to.equal('read');
    const clear = [
      'encryption=false',
      'encryption=FALSE',
      'Encryption=false',
      'encryption=0',
      'encryption=',
      'encryption',
    ];
    const hidden = [
      'encryption=true&encryption=false',
      '%65ncryption=false',
      'x;encryption=false',
      'encryption[]=false',
    ];
    for (const query of [...clear, ...hidden]) {
      const rating = rate('GET', `${path}?action=download&${query}`);
      expect(rating, query).to.deep.equal({ risk: 'disruptive', classes: ['changes-access'] });
    }
    expect(riskOf('GET', path, { requestBody: { encryption: false } })).to.equal('disruptive');
    expect(riskOf('GET', `${path}%3Fencryption=false`)).to.equal('disruptive');
  });

  it('is not lowered by what users describe, and is raised by it', () => {
    const lies = [
      { method: 'PUT', path: '/system/decommission', risk: 'read' },
      { method: 'PUT', path: '/system/{what}', risk: 'read' },
      { method: 'PUT', path: '/{a}/{b}', risk: 'write' },
    ];
    const catalogue = withOwn(...lies);
    const decommission = { method: 'PUT', path: '/system/decommission' };
    for (const [index, lie] of lies.entries()) {
      const operation = catalogue.operations()[OPERATIONS.length + index]!;
      expect(operation.risk, lie.path).to.equal('destructive');
      expect(operation.classes, lie.path).to.include('loses-data');
      const rating = riskOfRequest(catalogue, { ...decommission, operation });
      expect(rating.risk, lie.path).to.equal('destructive');
    }
    const pumps = { method: 'PUT', path: '/pumps/stop' };
    expect(riskOfRequest(withOwn({ ...pumps, risk: 'read' }), pumps).risk).to.equal('disruptive');

    const truth = { method: 'PATCH', path: '/device/general', risk: 'destructive', actuates: true };
    const raised = riskOfRequest(withOwn(truth), { method: 'PATCH', path: '/Device/general' });
    expect(raised).to.deep.equal({ risk: 'destructive', classes: ['moves-equipment'] });
    const code = withOwn({ method: 'GET', path: '/pumps/run', classes: ['runs-code'] });
    expect(riskOfRequest(code, { method: 'GET', path: '/pumps/run' })).to.deep.equal({
      risk: 'disruptive',
      classes: ['runs-code'],
    });
  });

  it('is never lower than that of the operation that a disguised path belongs to, or the path is refused', () => {
    const risky = OPERATIONS.filter(({ risk }) => risk !== 'read');
    let sent = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...risky),
        fc.array(fc.tuple(disguise, fc.nat(1000)), { maxLength: 5 }),
        fc.constantFrom('', '?mode=FACTORY', '?Mode=factory&x=1', '?%6dode=factory', '?delAll=FALSE'),
        (operation, disguises, query) => {
          const plain = operation.path.replaceAll(/\{\w+\}/g, '7');
          const path = disguises.reduce((text, [apply, place]) => apply(text, place), plain) + query;
          const rating = rate(operation.method, path);
          if (refusalOf(operation.method, path) === null) sent += 1;
          else if (path.includes('\\') || path.includes('#')) return;
          expect(RISKS.indexOf(rating.risk), path).to.be.at.least(RISKS.indexOf(operation.risk));
          expect(rating.classes, path).to.include.members(operation.classes);
        },
      ),
      { numRuns: 3000 },
    );
    expect(sent, 'some pass').to.be.above(0);
  });

  it('is told of anything at all, without a fault and in no time', () => {
    fc.assert(
      fc.property(fc.anything(), fc.oneof(fc.string({ unit: 'binary' }), fc.anything()), (method, path) => {
        expect(RISKS).to.include(rate(method, path).risk);
      }),
    );
    const circle: Record<string, unknown> = { big: 1n };
    circle.self = circle;
    expect(riskOf('GET', '/system/configuration', { requestBody: circle })).to.equal('read');
    const long = ['a/', '%2561/', '%25252525252525252541/', '\uff0f;?#', '../', '{x}/'];
    for (const text of long) rate('PUT', `/${text.repeat(4000 / text.length)}`);
  });
});

describe('a path', () => {
  it('is taken in its plain spelling alone', () => {
    const odd = [
      ...[
        '/system//reboot',
        '/system/reboot/',
        '/',
        '/./system',
        '/x/../system',
        '/x/%2e%2E/system',
        '/a;b/c',
      ],
      ...[
        '/system/%72eboot',
        '/events?%6dode=1',
        '/events?a=1;b=2',
        '/100%',
        '/a%2',
        '/a%2Dz',
        '/x%5Fy',
        '/x%30',
      ],
    ];
    // Another operation than the plain reading has, for a server that folds case, decodes twice or cuts at a "?".
    const ambiguous = [
      ...[
        '/System/reboot',
        '/SYSTEM/RESET-DEFAULT?mode=factory',
        '/mqtt/Check',
        '/ｓｙｓｔｅｍ/reboot',
        '/%C5%BFystem/reboot',
      ],
      ...[
        '/system%2Freboot',
        '/apps/a%2Fstart',
        '/system/reboot%3Fx',
        '/x%2F..%2Fsystem%2Freboot',
        '/system/%2572eboot',
      ],
    ];
    for (const path of [...odd, ...ambiguous]) expect(refusalOf('PUT', path), path).to.equal('INVALID_INPUT');
    const plain = [
      ...['/tags/access/modbus/Dev:1/a%2Fb', '/apps/a%20b%25', '/apps/%C3%B6l', '/apps/öl', "/apps/a(1)'~!*"],
      ...['/events?limit=5&order=time', '/events?message=a%3Bb%26c', '/apps/{appname}', '/a..b/.c'],
    ];
    for (const path of plain) expect(refusalOf('GET', path), path).to.equal(null);
  });

  it('is taken as the catalogue makes it of any value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (value) => {
        fc.pre(value.isWellFormed() && !/^\.{1,2}$/.test(value) && !/[\p{Cc}]/u.test(value));
        const path = `/tags/access/modbus/plc/${encodeURIComponent(value)}`;
        // What is encoded over and over hides something.
        expect(refusalOf('GET', path), path).to.be.oneOf(
          /%/.test(value) ? [null, 'FORBIDDEN', 'INVALID_INPUT'] : [null],
        );
      }),
    );
  });
});

/** Ways to write the same path differently, each of which some server reads as the plain one. */
const disguise = fc.constantFrom<(path: string, place: number) => string>(
  (path) => path.toUpperCase(),
  (path, place) => changedAt(path, place, (one) => one.toUpperCase()),
  (path, place) => atLevel(path, place, '/./'),
  (path, place) => atLevel(path, place, '/x/../'),
  (path, place) => atLevel(path, place, '//'),
  (path, place) => atLevel(path, place, ';a=1/'),
  (path, place) => atLevel(path, place, '\\'),
  (path, place) => atLevel(path, place, '%2f'),
  (path, place) => changedAt(path, place, (one) => `%${one.charCodeAt(0).toString(16)}`),
  (path, place) => changedAt(path, place, (one) => `%25${one.charCodeAt(0).toString(16)}`),
  (path) => `/api/v1${path}`,
  (path) => `/API/V1${path}`,
  (path) => `${path}/`,
  (path) => `${path};a`,
  (path) => `${path}%3Fx`,
  (path) => ` ${path} `,
);

/** One letter changed. */
function changedAt(path: string, place: number, change: (letter: string) => string): string {
  const letters = [...path.matchAll(/(?<!%|%.|%25|%25.)[a-z]/g)].map(({ index }) => index);
  const at = letters[place % letters.length];
  return at === undefined ? path : path.slice(0, at) + change(path[at]!) + path.slice(at + 1);
}

/** One "/" written as something else; the first one stays. */
function atLevel(path: string, place: number, text: string): string {
  const slashes = [...path.slice(1).matchAll(/\//g)].map(({ index }) => index + 1);
  const at = slashes[place % slashes.length];
  return at === undefined ? path : path.slice(0, at) + text + path.slice(at + 1);
}
