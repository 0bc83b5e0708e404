import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.js';
import { runsOut } from '../../support/patience.js';
import { connectPacket, openRig, type Rig, refusalOf, until } from './embedded-rig.js';

describe('embedded broker: more connections than there is room for', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  /** A connection that is cut may end with an error first. */
  const closeOf = (socket: Socket) =>
    new Promise<void>((resolve) => void socket.resume().once('close', () => resolve()));
  /** Resolves with the return code of the CONNACK. */
  async function greet(socket: Socket, clientid: string): Promise<number> {
    socket.write(connectPacket(clientid, { keepalive: 60 }));
    const [connack] = (await once(socket, 'data')) as [Buffer];
    expect(connack.subarray(0, 3)).to.deep.equal(Buffer.from([0x20, 2, 0]));
    return connack[3]!;
  }

  it('closes the oldest that said nothing, of the address with the most of them', async () => {
    rig = await openRig({}, { limits: { pending: 4, pendingOfAddress: 3 } });
    const greedy: Socket[] = [];
    for (let count = 0; count < 3; count += 1) greedy.push(await rig.raw('127.1.0.1'));
    const ends = greedy.map(closeOf);
    const other = await rig.raw('127.1.0.2');
    // A fourth from the greedy address costs its own first one, a newcomer from elsewhere the second one.
    await Promise.all([rig.raw('127.1.0.1'), ends[0]]);
    await Promise.all([rig.raw('127.1.0.3'), ends[1]]);
    expect(await greet(other, 'other')).to.equal(0);
    expect(await greet(greedy[2]!, 'patient')).to.equal(0);
    expect(rig.warnings.join('\n')).to.include('the oldest of 127.1.0.1 (3) are closed');
  });

  it('closes who does not say CONNECT in time, slowly or not at all', async () => {
    rig = await openRig({}, { limits: { connectWithinMs: runsOut(300) } });
    const silent = await rig.raw();
    const slow = await rig.raw();
    const hello = connectPacket('slow', { keepalive: 60 });
    let at = 0;
    const timer = setInterval(() => slow.write(hello.subarray(at++, at)), 50);
    await Promise.all([closeOf(silent), closeOf(slow)]);
    clearInterval(timer);
    expect((await rig.connect('quick')).connected).to.equal(true);
    expect(rig.events.map(({ type, clientid }) => [type, clientid])).to.deep.equal([['connected', 'quick']]);
  });

  it('does not close whom it has let in, nor whose login it looks into', async () => {
    let settle = (_result: 'accepted') => {};
    rig = await openRig(
      {},
      {
        limits: { pending: 2, pendingOfAddress: 2, connectWithinMs: runsOut(400) },
        authenticate: (clientid) =>
          clientid === 'slow' ? new Promise((resolve) => (settle = resolve)) : Promise.resolve('accepted'),
      },
    );
    const early = await rig.raw();
    expect(await greet(early, 'early')).to.equal(0);
    const slow = await rig.raw();
    const answered = greet(slow, 'slow');
    const silent: Promise<unknown>[] = [];
    for (let count = 0; count < 5; count += 1) silent.push(closeOf(await rig.raw()));
    await Promise.all(silent);
    settle('accepted');
    expect(await answered).to.equal(0);
    expect((await rig.broker.listClients(10, null)).clients.map(({ clientid }) => clientid)).to.deep.equal([
      'early',
      'slow',
    ]);
  });

  it('refuses a login where too many have logged in already, and takes one when somebody leaves', async () => {
    rig = await openRig({}, { limits: { loggedIn: 3, loggedInOfAddress: 2 } });
    const first = await rig.connect('1');
    await rig.connect('2');
    expect(await refusalOf(rig.connect('3'))).to.equal(3);
    const refused = await rig.seen({ type: 'refused', clientid: '3' });
    expect(refused).to.include({ reason: 'too_many', ipAddress: '127.0.0.1', username: 'user' });
    await first.endAsync();
    await rig.seen({ type: 'disconnected', clientid: '1' });
    expect((await rig.connect('3')).connected).to.equal(true);
  });

  it('lets in 500 gateways that come back at once behind one address, also beside a flood from there', async () => {
    rig = await openRig({}, { authenticate: async () => 'accepted' });
    const flood = Array.from({ length: 2000 }, () => silentSocket(rig.port));
    const codes = await Promise.all(
      Array.from({ length: 500 }, async (_, number) => {
        // As a gateway does: it tries again.
        for (;;) {
          const socket = connect(rig.port, '127.0.0.1').on('error', () => undefined);
          const code = await Promise.race([
            once(socket, 'connect').then(() => greet(socket, `gateway-${number}`)),
            once(socket, 'close').then(() => null),
          ]).catch(() => null);
          flood.push(socket);
          if (code !== null) return code;
        }
      }),
    );
    expect(codes.every((code) => code === 0)).to.equal(true);
    expect((await rig.broker.listClients(1000, null)).clients).to.have.length(500);
    for (const socket of flood) socket.destroy();
  });

  it('forgets connections that ended in the midst of TLS or of a WebSocket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpe-broker-'));
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, SERVER_CERTIFICATE);
    writeFileSync(keyFile, SERVER_KEY);
    rig = await openRig(
      { tls: { port: 0, certFile, keyFile }, webSocket: { port: 0 } },
      { limits: { pending: 5, pendingOfAddress: 5, loggedIn: 5, loggedInOfAddress: 5 } },
    );
    const { tls, webSocket } = rig.broker.ports!;
    for (let count = 0; count < 12; count += 1) {
      const halfTls = silentSocket(tls!);
      const halfWeb = silentSocket(webSocket!);
      const whole = connectTls({
        port: tls!,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: CA_CERTIFICATE,
      });
      await once(whole, 'secureConnect');
      expect(await greet(whole, `whole-${count}`)).to.equal(0);
      for (const socket of [halfTls, halfWeb, whole]) socket.destroy();
      await rig.seen({ type: 'disconnected', clientid: `whole-${count}` });
    }
    await until(async () => (await rig.broker.listClients(10, null)).clients.length === 0);
    expect(rig.warnings.join('\n')).not.to.include('more');
    rmSync(folder, { recursive: true, force: true });
  });
});

function silentSocket(port: number): Socket {
  return connect(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
}
