import { expect } from 'chai';
import { describe, it } from 'mocha';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { createSoftwareSources } from '../../../nodes/manager/catalogue/software-sources.js';

const sources = createSoftwareSources(null, ['mirror.example.com', 'registry.example.com:5000']);
const check = (method: string, path: string, requestBody: unknown) =>
  sources.check({ method, path, requestBody }, TPE_OPERATIONS.find(method, path));

const GOOD = 'https://mirror.example.com/a.yaml';
const EVIL = 'https://files.thingsprocloud.com\\@evil.example/x.yaml';

/** All ways in which the catalogue lets a gateway be told where software comes from. */
const DOORS: [method: string, path: string, body: (url: unknown) => unknown][] = [
  ['POST', '/upgrades', (url) => ({ url, install: true })],
  ['POST', '/system/upgrade', (url) => ({ mode: 'file', url, allowReboot: true })],
  ['POST', '/system/upgrade/file', (url) => ({ source: 'url', url })],
];

describe('Where gateways are told to load software from', () => {
  for (const [method, path, body] of DOORS) {
    it(`is held to the hosts that are allowed at ${method} ${path}`, () => {
      expect(check(method, path, body(GOOD))).to.deep.equal(body(GOOD));
      expect(check(method, path, body('HTTPS://mirror.example.com/b/../a.yaml'))).to.deep.equal(body(GOOD));
      for (const url of [EVIL, 'https://evil.example/x', '', null, 7, ['https://evil.example/x'], { a: 1 }]) {
        expect(() => check(method, path, body(url)), JSON.stringify(url)).to.throw(/not told to load from/);
      }
    });

    it(`is found at ${method} ${path} however the field or the path is spelled`, () => {
      const bodies: unknown[] = [
        { URL: EVIL },
        { Url: EVIL },
        { url: GOOD, URL: EVIL },
        { 'u\uff52l': EVIL },
        { parameter: { url: EVIL } },
        [{ url: EVIL }],
        { list: [[{ uRl: EVIL }]] },
        { downloadURL: 'https://evil.example/x' },
        { mirror: '//evil.example/x' },
        { at: { minute: 'x:\\\\evil.example' } },
      ];
      for (const one of bodies) {
        expect(() => check(method, path, one), JSON.stringify(one)).to.throw(/not told to load from/);
      }
      const spelled = [
        path.toUpperCase(),
        `/x/..${path}`,
        `${path}/`,
        `/${path}`,
        `${path};a`,
        `/api/v1${path}`,
      ];
      for (const one of [...spelled, path.replace('u', '%75'), path.replace('u', '%2575')]) {
        expect(() => check(method, one, body(EVIL)), one).to.throw(/not told to load from/);
      }
      for (const other of ['PUT', 'PATCH', 'DELETE']) {
        expect(() => check(other, `${path}/1`, body(EVIL)), other).to.throw(/not told to load from/);
      }
      for (const query of [
        'url=https://evil.example/x',
        'URL=x',
        'a=1;u%72l=x',
        'from=https%3A%2F%2Fevil.example',
      ]) {
        expect(() => check(method, `${path}?${query}`, {}), query).to.throw(/stands in the body/);
      }
    });

    it(`is a host that proves itself at ${method} ${path}`, () => {
      const told = { ...(body(GOOD) as object), insecure: false };
      expect(check(method, path, told)).to.deep.equal(told);
      for (const insecure of [true, 'true', 1]) {
        expect(() => check(method, path, { ...told, insecure })).to.throw(/any certificate/);
      }
      expect(() => check(method, path, { ...told, Insecure: true })).to.throw(/any certificate/);
    });
  }

  it('is a registry that is allowed for the images of Azure IoT Edge', () => {
    const image = (edgeAgentURI: unknown) => check('PATCH', '/azure-iotedge', { edgeAgentURI });
    for (const good of ['mcr.microsoft.com/azureiotedge-agent:1.4.23', 'registry.example.com:5000/a/b:1']) {
      expect(image(good)).to.deep.equal({ edgeAgentURI: good });
    }
    for (const bad of [
      'evil.example/agent:1',
      'agent:1',
      'evil/agent',
      'mcr.microsoft.com@evil.example/a',
      7,
    ]) {
      expect(() => image(bad), String(bad)).to.throw(/not told to load from/);
    }
    const settings = { provisioning: { globalEndpoint: 'https://global.azure-devices-provisioning.net' } };
    expect(check('PATCH', '/azure-iotedge', settings)).to.deep.equal(settings);
  });

  it('is looked up by name for Python and Debian packages', () => {
    const pip = (...packages: unknown[]) => check('PUT', '/function/requirements', { pip: packages });
    const good = ['requests', 'requests==2.32.3', 'paho-mqtt>=1.6, <2', 'uvicorn[standard] ~= 0.30', GOOD];
    expect(pip(...good)).to.deep.equal({ pip: good });
    const bad = [
      ...[
        'https://evil.example/a.whl',
        'git+https://evil.example/a',
        'a @ https://evil.example/a.whl',
        '../a',
        '/tmp/a',
      ],
      ...[
        '--index-url=https://evil.example',
        '-rhttps://evil.example',
        '-e.',
        'a --index-url=b',
        'a\n--index-url b',
        EVIL,
      ],
    ];
    for (const one of bad) expect(() => pip('requests', one), one).to.throw(/not told to load from/);
    expect(() => check('PUT', '/function/requirements', { PIP: 'git+https://evil.example/a' })).to.throw();

    const apt = (name: string, version?: string) =>
      check('POST', '/system/upgrade', { mode: 'apt', pkgs: [{ name, version }], allowReboot: true });
    apt('moxa-tpe', '0.50.28+deb11u1+8616');
    for (const name of ['./a.deb', '/tmp/a.deb', '-oAPT::Get::AllowUnauthenticated=1', 'a b', 'a/b']) {
      expect(() => apt(name), name).to.throw(/not told to load from/);
      expect(() => apt('a', name), name).to.throw(/not told to load from/);
    }
    // What is no package may have any name.
    const disks = { disks: [{ name: 'My disk' }] };
    expect(check('PUT', '/system/upgrade', disks)).to.deep.equal(disks);
  });

  it('is no question for what only reads, and for other operations', () => {
    expect(check('GET', '/upgrades', { url: EVIL })).to.deep.equal({ url: EVIL });
    const general = { description: 'see https://wiki.example.com' };
    expect(check('PATCH', '/device/general', general)).to.equal(general);
  });

  it('is held for the operations of users that mark such a field', () => {
    const operation = {
      ...TPE_OPERATIONS.get('post-upgrades-post-one-upgrades')!,
      path: '/tpfunc/loader/load',
      bodySchema: { type: 'object', properties: { from: { type: 'string', format: 'package-url' } } },
    };
    const own = (from: string) =>
      sources.check({ method: 'POST', path: '/tpfunc/loader/load', requestBody: { from } }, operation);
    expect(own(GOOD)).to.deep.equal({ from: GOOD });
    expect(() => own(EVIL)).to.throw(/not told to load from/);
  });

  it('takes no longer for long texts', () => {
    const long = ['a', ':', ': ', '/', 'https://a.', '-', 'a='].map((part) =>
      part.repeat(100_000 / part.length),
    );
    for (const text of long) {
      for (const body of [{ url: text }, { other: text }, { pip: [text] }, { edgeAgentURI: text }]) {
        for (const path of ['/upgrades', '/function/requirements', '/azure-iotedge']) {
          try {
            check('PUT', path, body);
          } catch {
            // Refused: all that is asked is that it ends.
          }
        }
      }
    }
  });
});
