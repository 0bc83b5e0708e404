import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { expect } from 'chai';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { startSimulator } from '../../../nodes/manager/gateway-simulator/simulator.js';

const GATEWAYS = 130;
const AT_ONCE = 50;
const TOPICS = { inputTopic: '/tpedm/{clientid}/input', outputTopic: '/tpedm/{clientid}/output' };

describe('many virtual gateways', () => {
  it('connect only as fast as the broker lets them in', async () => {
    const aedes = await Aedes.createBroker();
    const waiting: (() => void)[] = [];
    let most = 0;
    // Lets nobody in before as many wait as ever will.
    aedes.authenticate = (_client, _username, _password, done) => {
      waiting.push(() => done(null, true));
      most = Math.max(most, waiting.length);
    };
    const server = createServer({ noDelay: true }, aedes.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const identities = virtualIdentities(GATEWAYS);
    const simulator = startSimulator({
      ...TOPICS,
      url: `mqtt://127.0.0.1:${port}`,
      gateways: identities.map((identity) => ({ identity, username: identity.clientid, password: 'any' })),
    });
    let unchanged = 0;
    for (let known = 0; simulator.status().connected < GATEWAYS; ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      unchanged = waiting.length === known ? unchanged + 1 : 0;
      known = waiting.length;
      if (unchanged > 10) for (const letIn of waiting.splice(0)) letIn();
    }
    await simulator.stop();
    server.close();
    await new Promise<void>((done) => aedes.close(() => done()));
    expect(most).to.equal(AT_ONCE);
  });
});
