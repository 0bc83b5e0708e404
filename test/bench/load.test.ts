import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { LOAD_GENERATOR, runLoad } from './load.js';
import { createBodies, GATEWAYS } from './webhook-bodies.js';

type Body = Record<string, unknown> & { event: string; clientid: string };
const parse = (text: string) => JSON.parse(text) as Body;

describe('bench: the webhooks that it posts', () => {
  it('are changes: every gateway disconnects, connects, and disconnects from that session, and times grow', () => {
    const next = createBodies({ first: 40, count: 3, turn: 20 });
    const bodies = Array.from({ length: 9 }, () => parse(next()));
    expect(bodies.map(({ event, clientid }) => `${clientid} ${event}`)).to.deep.equal(
      ['disconnected', 'connected', 'disconnected'].flatMap((kind) =>
        ['gw-41', 'gw-42', 'gw-43'].map((clientid) => `${clientid} client.${kind}`),
      ),
    );
    const [first, second, third] = [bodies[0]!, bodies[3]!, bodies[6]!];
    expect(second.connected_at).to.be.above(first.disconnected_at as number);
    expect(third.connected_at).to.equal(second.connected_at);
    expect(third.disconnected_at).to.be.above(third.connected_at as number);
  });

  it(`are the same ones by ${LOAD_GENERATOR}, which counts the answers of 2xx`, async () => {
    const bodies: string[] = [];
    const secrets = new Set<string | undefined>();
    const server = createServer((request, response) => {
      secrets.add(request.headers.authorization);
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      request.on('end', () => {
        bodies.push(text);
        response.statusCode = bodies.length === 5 ? 503 : 200;
        response.end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const result = await runLoad([`http://127.0.0.1:${port}/hook`], 'a-secret', 1, 1);
    server.closeAllConnections();
    server.close();
    const withoutTimes = (body: Body) =>
      Object.fromEntries(Object.entries(body).filter(([name]) => !/timestamp|_at$/.test(name)));
    const next = createBodies({ first: 0, count: GATEWAYS, turn: 0 });
    for (const text of bodies.slice(0, GATEWAYS + 100))
      expect(withoutTimes(parse(text))).to.deep.equal(withoutTimes(parse(next())));
    expect([...secrets]).to.deep.equal(['Bearer a-secret']);
    // The last one may have been under way when time was up.
    expect(result.taken).to.be.within(bodies.length - 2, bodies.length - 1);
    expect(result.failed).to.be.at.least(1);
    expect(result.perSecond).to.be.above(0);
  });
});
