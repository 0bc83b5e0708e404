import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { NewAuditEntry } from '../../../nodes/manager/audit/audit-entry.js';
import { createRefusals, type Refusals } from '../../../nodes/manager/audit/refusals.js';
import { loginReason } from '../../../nodes/node-red/login/login-reasons.js';

const REFUSED: NewAuditEntry = {
  who: 'admin',
  role: null,
  address: '10.0.0.1',
  action: 'editor.login',
  clientid: null,
  detail: {},
  outcome: 'refused',
  reason: loginReason('wrong-user-or-password'),
};

describe('refusals', () => {
  let written: NewAuditEntry[];
  let refusals: Refusals;

  const open = (everyMs?: number) => {
    written = [];
    refusals = createRefusals({
      async write(entry) {
        written.push(entry);
      },
      ...(everyMs !== undefined && { everyMs }),
    });
  };
  afterEach(() => refusals.close());

  it('of one caller are one entry at once, and one more with their number', async () => {
    open();
    for (let time = 0; time < 12_872; time += 1) await refusals.record({ ...REFUSED, who: `guess ${time}` });
    expect(written).to.deep.equal([{ ...REFUSED, who: 'guess 0' }]);
    refusals.close();
    expect(written.slice(1)).to.deep.equal([{ ...REFUSED, who: 'guess 12871', detail: { count: 12_871 } }]);
  });

  it('are told apart by action and address; 2^64 addresses of one IPv6 network are one', async () => {
    open();
    await refusals.record(REFUSED);
    await refusals.record({ ...REFUSED, action: 'login' });
    await refusals.record({ ...REFUSED, address: '10.0.0.2' });
    for (let host = 1; host < 100; host += 1) {
      await refusals.record({ ...REFUSED, address: `2001:db8::${host.toString(16)}` });
    }
    expect(written.map(({ action, address }) => `${action} ${address}`)).to.deep.equal([
      'editor.login 10.0.0.1',
      'login 10.0.0.1',
      'editor.login 10.0.0.2',
      'editor.login 2001:db8::1',
    ]);
  });

  it('of people who are signed in are told apart by name too', async () => {
    open();
    for (const who of ['vera', 'viktor', 'vera']) await refusals.record({ ...REFUSED, who, role: 'viewer' });
    expect(written.map(({ who }) => who)).to.deep.equal(['vera', 'viktor']);
  });

  it('are few entries however many callers there are', async () => {
    open();
    for (let host = 0; host < 5000; host += 1) {
      await refusals.record({ ...REFUSED, address: `10.1.${host >> 8}.${host & 255}` });
    }
    expect(written).to.have.length(30);
    refusals.close();
    expect(written).to.have.length(31);
    expect(written.at(-1)).to.deep.include({
      who: 'several callers',
      address: null,
      detail: { count: 4970 },
    });
  });

  it('keep of a name that nobody vouches for only its beginning', async () => {
    open();
    await refusals.record({ ...REFUSED, who: 'x'.repeat(100_000) });
    expect(written[0]?.who).to.have.length(100);
  });

  it('that go on have an entry each time that they are counted, and after a pause one at once again', async () => {
    open(20);
    await refusals.record(REFUSED);
    for (let round = 2; round < 5; round += 1) {
      await refusals.record(REFUSED);
      while (written.length < round) await delay(5);
      expect(written.at(-1)?.detail).to.deep.equal({ count: 1 });
    }
    // Nothing is counted for one round: the caller is forgotten.
    while (written.at(-1)?.detail.count !== undefined) {
      await delay(60);
      await refusals.record(REFUSED);
    }
  });
});
