import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { cached } from '../../../nodes/manager/updates/repository/cached.js';
import { folderRepository } from '../../../nodes/manager/updates/repository/folder-repository.js';
import { httpRepository } from '../../../nodes/manager/updates/repository/http-repository.js';
import type { SoftwareRepository } from '../../../nodes/manager/updates/repository/repository.js';
import {
  CA_CERTIFICATE,
  EXPIRED_CERTIFICATE,
  EXPIRED_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../support/certificates.js';
import { patience, runsOut } from '../../support/patience.js';
import { expectCause } from './expect-cause.js';

const LIMITS = { answerWithinMs: patience(30_000), mostBytes: 100_000, pauseMs: 5 };
const IMPATIENT = { ...LIMITS, answerWithinMs: runsOut(500) };
const ITEM = {
  packageName: 'p',
  version: '2.3.0',
  buildNumber: '3571',
  size: '5',
  yamlUrl: 'https://tpe2.thingspro.io/p.yaml',
};
const { signal } = new AbortController();

describe('software repository', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  }
  const answering = (body: unknown, status = 200) =>
    serve((_request, response) =>
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
    );
  async function faultOf(repository: SoftwareRepository): Promise<TpeError> {
    const error: unknown = await repository.packages('tpe', 'UC', signal).catch((fault: unknown) => fault);
    if (error instanceof TpeError) return error;
    throw new Error(`no fault: ${JSON.stringify(error)}`);
  }

  it('is asked by category and model, page by page, and read item by item', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset') ?? 0);
      const data =
        offset === 0 ? [ITEM, { packageName: 'broken' }] : [{ ...ITEM, packageName: 'q', dependency: null }];
      response.end(JSON.stringify({ count: 3, data }));
    });
    const repository = httpRepository({ kind: 'http', url }, LIMITS);
    const { packages, faults } = await repository.packages('tpe', 'UC 8112 (TPC)', signal);
    expect(asked).to.deep.equal([
      '/api/v1/packages?category=tpe&model=UC+8112+%28TPC%29',
      '/api/v1/packages?category=tpe&model=UC+8112+%28TPC%29&offset=2',
    ]);
    expect(packages.map(({ packageName, version, size }) => [packageName, version, size])).to.deep.equal([
      ['p', '2.3.0-3571', 5],
      ['q', '2.3.0-3571', 5],
    ]);
    expect(faults).to.have.length(1);
    expect(faults[0]).to.contain('package 2 (broken)');
  });

  it('says in words what is wrong with an answer', async () => {
    const cases: [string, RegExp, typeof LIMITS?][] = [
      [await answering('<!doctype html><html>'), /a page of HTML/],
      [await answering('{"data": '), /its answer/],
      [await answering({ error: 1 }), /no list "data"/],
      [await answering('', 500), /status 500/],
      [await answering('', 403), /client certificate right/],
      [await answering('', 302), /redirect/],
      [await answering('', 503), /overloaded or down/],
      [await answering('x'.repeat(200_000)), /larger than/],
      [await serve(() => undefined), /no answer within 0.5 s/, IMPATIENT],
      [await serve((request) => request.socket.destroy()), /cannot be used/],
      ['http://127.0.0.1:9/', /cannot be used/],
    ];
    for (const [url, words, limits = LIMITS] of cases) {
      const fault = await faultOf(httpRepository({ kind: 'http', url }, limits));
      expect(fault.code).to.equal('UNAVAILABLE');
      expect(fault.message).to.match(words);
      expectCause(fault.message, fault.reason.cause);
      expect(fault.reason.cause?.code).to.equal('repository-not-usable');
    }
    for (const url of ['nothing', 'ftp://x/', '']) {
      expect(() => httpRepository({ kind: 'http', url })).to.throw(TpeError, /must look like/);
    }
    const files = { kind: 'http', url: 'https://x/', certFile: '/nowhere.pem' } as const;
    expect(() => httpRepository(files)).to.throw(TpeError, /client certificate.*nowhere/);
  });

  it('stops an answer that drips for ever, and asks again where it may help', async () => {
    const drip = await serve((_request, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect((await faultOf(httpRepository({ kind: 'http', url: drip }, IMPATIENT))).message).to.contain(
      'no answer within',
    );
    let tries = 0;
    const shaky = await serve((_request, response) => {
      tries += 1;
      response.writeHead(tries < 3 ? 503 : 200).end(JSON.stringify([ITEM]));
    });
    expect(
      (await httpRepository({ kind: 'http', url: shaky }, LIMITS).packages('tpe', 'UC', signal)).packages,
    ).to.have.length(1);
  });

  it('is believed only with a certificate that is right, and gets ours', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpedm-certificates-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    // One certificate for both sides: the authority is what each looks at.
    const files = {
      certFile: file('cert.pem', SERVER_CERTIFICATE),
      keyFile: file('key.pem', SERVER_KEY),
      caFile: file('ca.pem', CA_CERTIFICATE),
    };
    const server = createTlsServer(
      {
        cert: SERVER_CERTIFICATE,
        key: SERVER_KEY,
        ca: CA_CERTIFICATE,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_request, response) => response.end(JSON.stringify({ data: [ITEM] })),
    ).listen(0, '127.0.0.1');
    servers.push(server as unknown as Server);
    await once(server, 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const right = { kind: 'http', url, ...files } as const;
    expect((await httpRepository(right, LIMITS).packages('tpe', 'UC', signal)).packages).to.have.length(1);
    expect(
      (
        await faultOf(
          httpRepository({ kind: 'http', url, certFile: files.certFile, keyFile: files.keyFile }, LIMITS),
        )
      ).message,
    ).to.match(/authority|self-signed/);
    expect(
      (await faultOf(httpRepository({ kind: 'http', url, caFile: files.caFile }, LIMITS))).message,
    ).to.match(/certificate|TLS/);
  });

  it('is not believed with a certificate that has expired', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpedm-certificates-'));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, EXPIRED_CERTIFICATE);
    let wasAsked = false;
    const server = createTlsServer({ cert: EXPIRED_CERTIFICATE, key: EXPIRED_KEY }, (_request, response) => {
      wasAsked = true;
      response.end(JSON.stringify({ data: [ITEM] }));
    }).listen(0, '127.0.0.1');
    servers.push(server as unknown as Server);
    await once(server, 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const fault = await faultOf(httpRepository({ kind: 'http', url, caFile }, LIMITS));
    expect(fault).to.have.property('code', 'UNAVAILABLE');
    expect(fault.message).to.match(/certificate.*expired/);
    expect(wasAsked, 'nothing is sent to it').to.equal(false);
  });

  it("can be a folder or a file of one's own, for models by their series", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpedm-packages-'));
    const write = (data: unknown) => writeFileSync(join(folder, 'packages.json'), JSON.stringify(data));
    write({
      data: [
        { ...ITEM, models: ['UC-81'] },
        { ...ITEM, packageName: 'all' },
        { ...ITEM, category: 'mil', firmwareVersion: '1.5' },
      ],
    });
    const repository = folderRepository(folder);
    const names = async (model: string) =>
      (await repository.packages('tpe', model, signal)).packages.map(({ packageName }) => packageName);
    expect(await names('uc-8112A-ME')).to.deep.equal(['p', 'all']);
    expect(await names('AIG-301')).to.deep.equal(['all']);
    writeFileSync(join(folder, 'packages.json'), '<html>');
    expect((await faultOf(repository)).message).to.contain('packages.json cannot be read');
    const file = (await answering({ data: [{ ...ITEM, models: ['UC'] }] })).replace(
      '/api/v1',
      '/packages.json',
    );
    const { packages } = await httpRepository({ kind: 'http', url: file }, LIMITS).packages(
      'tpe',
      'UC-1',
      signal,
    );
    expect(packages).to.have.length(1);
  });

  it('is asked once in ten minutes, but again after a fault', async () => {
    let asked = 0;
    let now = 0;
    const slow = cached(
      {
        place: 'test',
        async packages() {
          asked += 1;
          if (asked === 1) throw new TpeError('UNAVAILABLE', 'away');
          return { packages: [], faults: [] };
        },
        close: () => undefined,
      },
      () => now,
    );
    const ask = () => slow.packages('mil', 'UC', signal);
    await ask().catch(() => undefined);
    await Promise.all([ask(), ask()]);
    await ask();
    expect(asked).to.equal(2);
    now = 600_001;
    await ask();
    expect(asked).to.equal(3);
  });
});
