import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { httpRepository } from '../../nodes/manager/updates/repository/http-repository.js';
import type { PackageList, SoftwareRepository } from '../../nodes/manager/updates/repository/repository.js';
import { anyJson, assault, isClear, isClearText, type Outcome, RUNS, spoilt } from '../support/hostile.js';
import { runsOut } from '../support/patience.js';

const LIMITS = { answerWithinMs: runsOut(300), mostBytes: 200_000, pauseMs: 1 };
const GOOD = {
  count: 2,
  data: [
    {
      ...{ category: 'mil', packageName: 'p', firmwareVersion: '1.8.0', size: 5, displayName: null },
      ...{ dependency: { minFirmwareVersion: '1.7' }, yamlUrl: 'https://tpe2.thingspro.io/p.yaml' },
    },
    {
      ...{ packageName: 'q', version: '2.3.0', buildNumber: '3571', firmwareVersion: '1.9', size: '7' },
      ...{ yamlUrl: 'https://tpe2.thingspro.io/q.yaml', models: ['UC-81'] },
    },
  ],
};

describe('hostile: answers of a software repository', () => {
  let listener: RequestListener = (_request, response) => void response.end();
  let server: Server;
  let repository: SoftwareRepository;
  const { signal } = new AbortController();

  before(async () => {
    server = createServer((request, response) => listener(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
    repository = httpRepository({ kind: 'http', url }, LIMITS);
  });
  after(() => {
    repository.close();
    server.closeAllConnections();
    server.close();
  });

  const ask = (answer: RequestListener) => {
    listener = answer;
    return repository.packages('mil', 'UC-8112A', signal);
  };
  /** Only packages that can be worked with, each other one named; or a clear refusal. */
  function isListOrClear(outcome: Outcome): void {
    if (outcome.kind === 'refused') return isClear(outcome.error);
    const { packages, faults } = outcome.value as PackageList;
    for (const one of packages) {
      // In characters, as the schema counts them.
      expect([...one.packageName].length, one.packageName).to.be.within(1, 500);
      expect(one.version).to.be.a('string').that.is.not.empty;
      expect(one.yamlUrl).to.be.a('string').that.is.not.empty;
      expect(one.category).to.equal('mil');
    }
    for (const fault of faults) isClearText(fault);
  }

  it('are read or clearly refused when they are JSON, good, spoilt or noise', () =>
    assault(
      fc.oneof(spoilt(GOOD), anyJson),
      (body) => ask((_request, response) => response.end(JSON.stringify(body))),
      isListOrClear,
    ));

  it('are clearly refused when they are bytes, with any status and headers', () => {
    const answers = fc.record({
      bytes: fc.uint8Array({ maxLength: 3000 }),
      status: fc.constantFrom(200, 200, 204, 206, 301, 304, 400, 401, 404, 418, 500, 503, 599),
      headers: fc.constantFrom(
        {},
        { 'content-type': 'text/html' },
        { 'content-encoding': 'gzip' },
        { 'content-encoding': 'br' },
        { location: 'file:///etc/passwd' },
        { 'content-length': '5' },
      ),
    });
    return assault(
      answers,
      ({ bytes, status, headers }) =>
        ask((_request, response) => {
          response.on('error', () => undefined);
          response.writeHead(status, headers);
          response.write(bytes, () => response.destroy());
        }),
      isListOrClear,
    );
  });

  it('are clearly refused when they break off, never end, or are too long', () => {
    const endings = fc.constantFrom<RequestListener>(
      (request) => void request.socket.destroy(),
      (_request, response) => void response.write('{"data": ['),
      (_request, response) => void response.end(`{"data": "${'x'.repeat(300_000)}"}`),
      (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n'),
      (request) => void request.socket.end('SMTP ready\r\n'),
      (_request, response) => void response.end(JSON.stringify({ count: 1e9, data: [{}] })),
    );
    return assault(
      endings,
      ask,
      (outcome) => {
        isListOrClear(outcome);
        if (outcome.kind === 'taken') expect((outcome.value as PackageList).packages).to.deep.equal([]);
      },
      // Some are waited for.
      Math.ceil(RUNS / 6),
    );
  });
});
