import { expect } from 'chai';
import { KEY, openRig, type Rig, recorded } from './rig.js';

interface Call {
  what: string;
  method: string;
  path: string;
  request_body?: unknown;
  status: number;
  content_type: string | null;
  body?: unknown;
}

const LOGINS: Record<string, string> = {
  'wrong secret': `${KEY.apiKey}:wrong`,
  'wrong key': `wrong:${KEY.apiSecret}`,
};
/** Names, sizes and times of the machine that was recorded. */
const OF_THE_MACHINE =
  /^(node|node_name|log_path|sys_path|otp_release|max_fds|memory_|process_|load|uptime|connections|live_connections|cluster_sessions|port|ip_address|at|until|connected_at|created_at|id|recv_|send_|heap_size|reductions|mailbox_len)/;

const byText = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);

/** A body in which what depends on the machine and the moment is replaced by its type. */
function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item, key)).sort(byText);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, shapeOf(inner, name)]);
    return Object.fromEntries(entries.sort(byText));
  }
  if (key === 'message' && typeof value === 'string') return value.replaceAll(/[\d,\n ]+/g, '0');
  return OF_THE_MACHINE.test(key) ? typeof value : value;
}

describe('EMQX stand-in: the REST answers recorded from 5.8.9 with the configuration of docker/', () => {
  let rig: Rig;
  before(async () => {
    rig = await openRig({ version: '5.8' });
    const client = await rig.client('cap2', {
      username: 'cap2',
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 300 },
    });
    await client.subscribeAsync('/tpedm/cap2/input', { qos: 1 });
  });
  after(() => rig.closeAll());

  for (const call of recorded<Call[]>('5.8.9', 'rest-calls')) {
    it(`${call.what}: ${call.method} ${call.path}`, async () => {
      const answer = await rig.rest(call.method, call.path, call.request_body, LOGINS[call.what]);
      expect(answer.status).to.equal(call.status);
      expect(answer.headers['content-type'] ?? null).to.equal(call.content_type);
      if (typeof call.body === 'object') expect(shapeOf(answer.body)).to.deep.equal(shapeOf(call.body));
    });
  }
});
