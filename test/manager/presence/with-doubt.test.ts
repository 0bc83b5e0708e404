import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { doubtWords } from '../../../nodes/manager/presence/list-trust.js';
import { withDoubt } from '../../../nodes/manager/presence/with-doubt.js';
import type { Device } from '../../../nodes/manager/registry/device.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { PACKAGE_ROOT } from '../../support/editor-files.js';

const DOUBTS = [
  doubtWords({ kind: 'list-short', listed: 50, counted: 100 }),
  doubtWords({ kind: 'nodes-away', nodes: ['emqx@a', 'emqx@b'] }),
];

describe('presence: what cannot be confirmed', () => {
  const device = (clientid: string, status: Device['status'], warning: string | null = null) =>
    ({ clientid, status, warning }) as Device;
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
    let doubt: string | null = DOUBTS[0]!;
    const doubted = withDoubt(registry, () => doubt);
    const warnings = async () => {
      const listed = (await doubted.list({})).devices.map(({ warning }) => warning);
      const walked: (string | null)[] = [];
      for await (const { warning } of doubted.each({})) walked.push(warning);
      expect(walked).to.deep.equal(listed);
      return listed;
    };
    expect(await warnings()).to.deep.equal([doubt, null, null, 'unstable link or power']);
    expect(await doubted.get('on')).to.include({ warning: doubt });
    expect(await doubted.get('nobody')).to.equal(null);
    doubt = null;
    expect(await warnings()).to.deep.equal([null, null, null, 'unstable link or power']);
  });

  it('has words in every language of the dashboard', () => {
    for (const language of ['de', 'ja', 'zh-TW']) {
      const file = join(PACKAGE_ROOT, `nodes/dashboard/client/i18n/reasons/${language}.json`);
      const templates = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object).map(
        (template) => new RegExp(`^${template.replace(/\{\w+\}/g, '.+')}$`),
      );
      for (const doubt of DOUBTS)
        expect(
          templates.some((template) => template.test(doubt)),
          `${language}: ${doubt}`,
        ).to.equal(true);
    }
  });
});
