import { expect } from 'chai';
import { doubtReason } from '../../../nodes/manager/presence/list-trust.js';
import { withTrust } from '../../../nodes/manager/presence/with-trust.js';
import type { Device } from '../../../nodes/manager/registry/device.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import type { Reason } from '../../../nodes/manager/shared/reason.js';

const DOUBTS = [
  doubtReason({ kind: 'list-short', listed: 50, counted: 100 }),
  doubtReason({ kind: 'nodes-away', nodes: ['emqx@a', 'emqx@b'] }),
];

describe('presence: what cannot be confirmed', () => {
  const device = (clientid: string, status: Device['status'], warning: string | null = null) =>
    ({ clientid, status, warning, warningCause: null }) as Device;
  const devices = [
    device('on', 'online'),
    device('off', 'offline'),
    device('new', 'never_seen'),
    device('shaky', 'online', 'unstable link or power'),
  ];
  const registry = {
    get: async (clientid: string) => devices.find((one) => one.clientid === clientid) ?? null,
    list: async () => ({ devices, next: null }),
    async *each() {
      yield* devices;
    },
  } as Partial<Registry> as Registry;

  it('is said beside each gateway that is online, unless it has a warning of its own', async () => {
    let doubt: Reason | null = DOUBTS[0]!;
    const doubted = withTrust(
      registry,
      () => null,
      () => doubt,
    );
    const warnings = async () => {
      const listed = (await doubted.list({})).devices.map(({ warning }) => warning);
      const walked: (string | null)[] = [];
      for await (const { warning } of doubted.each({})) walked.push(warning);
      expect(walked).to.deep.equal(listed);
      return listed;
    };
    for (doubt of DOUBTS) {
      expect(await warnings()).to.deep.equal([doubt.text, null, null, 'unstable link or power']);
      expect(await doubted.get('on')).to.include({ warning: doubt.text, warningCause: doubt.cause });
      expect(await doubted.get('shaky')).to.include({ warningCause: null });
    }
    expect(await doubted.get('nobody')).to.equal(null);
    doubt = null;
    expect(await warnings()).to.deep.equal([null, null, null, 'unstable link or power']);
  });

  it('is dated wherever a gateway is given, and doubted where it is read', async () => {
    const asOf = '2026-01-02T03:04:05.000Z';
    const online = device('on', 'online');
    const trusted = withTrust(
      {
        ...registry,
        register: async () => ({
          device: online,
          credential: { clientid: 'on', username: 'on', password: 'p', generated: true },
        }),
        update: async () => online,
        retire: async () => online,
      } as Registry,
      () => asOf,
      () => DOUBTS[0]!,
    );
    const read = { clientid: 'on', presenceAsOf: asOf, warning: DOUBTS[0]!.text };
    expect(await trusted.get('on')).to.include(read);
    expect((await trusted.list({})).devices[0]).to.include(read);
    for await (const one of trusted.each({})) expect(one.presenceAsOf).to.equal(asOf);
    const written = { clientid: 'on', presenceAsOf: asOf, warning: null };
    expect((await trusted.register({ clientid: 'on' })).device).to.include(written);
    expect(await trusted.update('on', {})).to.include(written);
    expect(await trusted.retire('on')).to.include(written);
  });
});
