import type { Socket } from 'node:net';
import { connectAsync } from 'mqtt';

// Gateways that answer each request at once, over a real broker: URL, USERNAME, PASSWORD, and COUNT of them, `gw-1` and on. The manager and
// the limit have topics of their own, since each would take in the answers to the other one.

const { URL: url = '', USERNAME: username, PASSWORD: password, COUNT } = process.env;

/** What TPE answers to GET /device/time. */
const TIME = JSON.stringify({
  data: {
    ...{ type: 'time', lastUpdateTime: '-', time: '2015-03-26T16:27:48+08:00', timezone: 'Asia/Taipei' },
    ntp: { enable: false, source: 'timeserver', server: 'pool.ntp.org', gpsLongJump: true, interval: 86400 },
  },
});

async function open(clientid: string): Promise<void> {
  const client = await connectAsync(url, { clientId: clientid, username, password, protocolVersion: 4 });
  // Small packets shall not wait for each other's acknowledgement.
  (client.stream as Socket).setNoDelay(true);
  client.on('message', (topic, payload) => {
    const { headers } = JSON.parse(payload.toString()) as { headers: Record<string, string>[] };
    const requestId = headers.find((header) => header['request-id'] !== undefined)?.['request-id'];
    const answer = { 'request-id': requestId, state: 200, payload: TIME };
    client.publish(topic.replace(/input$/, 'output'), JSON.stringify(answer), { qos: 1 });
  });
  await client.subscribeAsync([`/tpedm/${clientid}/input`, `/bare/${clientid}/input`], { qos: 1 });
}

Promise.all(Array.from({ length: Number(COUNT) }, (_, index) => open(`gw-${index + 1}`))).then(
  () => console.log('connected'),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
