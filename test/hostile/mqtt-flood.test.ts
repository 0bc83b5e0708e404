import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { generate } from 'mqtt-packet';
import { type BrokerProcess, startBroker } from '../support/broker-process.js';
import { connectGateway, GENERAL, type TestGateway } from '../support/gateway.js';
import { RUNS } from '../support/hostile.js';

/** Of each kind; the long form opens thousands. */
const CONNECTIONS = RUNS * 8;
const AT_ONCE = 100;
/** What the whole flood may add to the process, MB. A thousand sockets, their TLS and their first bytes fit in it. */
const MAX_GROWTH_MB = 150;

interface Attack {
  name: string;
  port: keyof BrokerProcess['ports'];
  /** Written at once, as far as the broker takes it. */
  bytes: (number: number) => Buffer;
}

const LOGIN = { protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60 } as const;
const connectAs = (clientId: string) =>
  generate({ cmd: 'connect', ...LOGIN, clientId, username: clientId, password: Buffer.from('a guess') });
const publish = (bytes: number) =>
  generate({
    cmd: 'publish',
    topic: '/tpedm/real/output',
    payload: Buffer.alloc(bytes, 'x'),
    qos: 1,
    messageId: 1,
    retain: false,
    dup: false,
  });
const UPGRADE = Buffer.from(
  `GET /mqtt HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\nsec-websocket-protocol: mqtt\r\n\r\n`,
);

const ATTACKS: Attack[] = [
  { name: 'say nothing', port: 'tcp', bytes: () => Buffer.alloc(0) },
  {
    name: 'begin a CONNECT of 127 kB and do not end it',
    port: 'tcp',
    bytes: () => Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0x07]), Buffer.alloc(127 * 1024)]),
  },
  {
    name: 'send 2 MB behind a CONNECT before they are let in',
    port: 'tcp',
    bytes: (number) => Buffer.concat([connectAs(`guess-${number}`), publish(1_000_000), publish(1_000_000)]),
  },
  {
    name: 'try passwords',
    port: 'tcp',
    bytes: (number) => connectAs(number % 2 ? 'real' : `guess-${number}`),
  },
  {
    name: 'begin a TLS handshake and do not end it',
    port: 'tls',
    bytes: () => Buffer.from([0x16, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb, 3, 3, ...Array(2000).fill(7)]),
  },
  {
    name: 'begin a WebSocket message of 1 MB and do not end it',
    port: 'webSocket',
    bytes: () =>
      Buffer.concat([
        UPGRADE,
        Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x0f, 0xff, 0xff, 0, 0, 0, 0]),
        Buffer.alloc(1_000_000),
      ]),
  },
  {
    name: 'begin an HTTP request and do not end it',
    port: 'webSocket',
    bytes: () => Buffer.from(`GET /mqtt HTTP/1.1\r\nx: ${'x'.repeat(6000)}`),
  },
];

describe('hostile: MQTT before a login', () => {
  let broker: BrokerProcess;
  const sockets = new Set<Socket>();
  const gateways: TestGateway[] = [];

  before(async () => {
    broker = await startBroker();
    await broker.register('real');
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });
  after(async () => {
    for (const gateway of gateways) gateway.cut();
    await broker.stop();
  });

  /** Opens so many connections and leaves them open; calls `between` a few times on the way. */
  async function flood(attack: Attack, addresses: number, between: () => Promise<void>): Promise<void> {
    for (let opened = 0; opened < CONNECTIONS; opened += AT_ONCE) {
      const some = Math.min(AT_ONCE, CONNECTIONS - opened);
      await Promise.all(
        Array.from({ length: some }, (_, index) => attackOnce(attack, opened + index, addresses)),
      );
      if (opened % (4 * AT_ONCE) === 0) await between();
    }
    await between();
  }

  async function attackOnce(attack: Attack, number: number, addresses: number): Promise<void> {
    const localAddress = `127.9.${Math.floor((number % addresses) / 250)}.${1 + ((number % addresses) % 250)}`;
    const socket = connect({ port: broker.ports[attack.port], host: '127.0.0.1', localAddress });
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume();
    const closed = once(socket, 'close');
    await Promise.race([once(socket, 'connect'), closed]);
    if (!socket.destroyed) socket.write(attack.bytes(number));
  }

  /** A gateway that answers whatever it is asked; `answered` resolves when it has answered so many requests. */
  async function join(clientid: string, password: string, username: string) {
    const gateway = await connectGateway({ clientid, username, password, port: broker.ports.tcp });
    gateways.push(gateway);
    const news = new EventEmitter();
    let count = 0;
    void (async () => {
      for (;;) {
        const { requestId } = await gateway.nextRequest();
        await gateway.answer(requestId, GENERAL);
        count += 1;
        news.emit('answered');
      }
    })().catch(() => undefined);
    return {
      leave: gateway.leave,
      async answered(requests: number) {
        while (count < requests) await once(news, 'answered');
      },
    };
  }

  for (const addresses of [1, 2000]) {
    const from = addresses === 1 ? 'one address' : 'many addresses';
    for (const [index, attack] of ATTACKS.entries()) {
      it(`holds a bounded memory and serves gateways while clients of ${from} ${attack.name}`, async () => {
        const before = await broker.memory();
        const clientid = `gateway-${addresses}-${index}`;
        const { username, password } = await broker.register(clientid);
        const grown: number[] = [];
        await flood(attack, addresses, async () => {
          // It comes anew each time: who was let in before the flood proves nothing.
          const gateway = await join(clientid, password, username);
          expect(await broker.command(clientid)).to.equal('SUCCEEDED');
          // It is asked for its profile too. A request on its way to a gateway that leaves keeps the next one waiting until it times out.
          await gateway.answered(2);
          await gateway.leave();
          grown.push((await broker.memory()) - before);
        });
        expect(Math.max(...grown), 'MB').to.be.below(MAX_GROWTH_MB);
      });
    }
  }

  it('tells of it in few lines', async () => {
    const log = await broker.log();
    expect(log.filter((line) => /was refused/.test(line)).length).to.be.within(1, 400);
    expect(log.join('\n')).to.match(
      /"guess-\d+" from 127\.9\.\d+\.\d+ was refused: no gateway has this client id/,
    );
  });

  it('knows of a gateway whose password is guessed', async () => {
    expect((await broker.status('real')).warning).to.match(
      /^login refused \d+ times, the last from 127\.9\./,
    );
  });
});
