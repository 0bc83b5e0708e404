import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import type { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../support/errors.js';

const person = (name: string): Caller => ({
  ...{ id: name, name, role: 'viewer', address: '10.0.0.1' },
  ...{
    door: 'dashboard',
    requestedBy: 'dashboard: somebody',
    hasLogin: true,
    isSignedIn: true,
    ownPassword: null,
  },
});

describe('dashboard: what one person may ask of the server at once', () => {
  it('is one costly thing after the other, and nobody else waits for them', async () => {
    const limits = createLoadLimits();
    const order: string[] = [];
    const open: (() => void)[] = [];
    const work = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(name);
        open.push(resolve);
      });
    const greedy = Array.from({ length: 40 }, (_, index) =>
      limits.once(person('Eve'), true, work(`eve ${index}`)),
    );
    const refused = await errorOf(Promise.all(greedy));
    expect(refused).to.include({ code: 'BUSY' });
    expect((refused as TpeError).reason.cause?.code).to.equal('too-many-costly-requests');
    const other = limits.once(person('Otto'), true, work('otto'));
    while (order.length < 2) await new Promise(setImmediate);
    expect(order).to.deep.equal(['eve 0', 'otto']);
    const settled = Promise.allSettled(greedy);
    for (let count = 0; count < 12; count += 1) {
      while (open.length === 0) await new Promise(setImmediate);
      open.shift()?.();
    }
    await other;
    expect((await settled).filter(({ status }) => status === 'fulfilled')).to.have.length(11);
  });

  it('counts over all of an account, and follows of all sockets', async () => {
    const limits = createLoadLimits();
    const ends = Array.from({ length: 200 }, () => limits.subscribe(person('eve')));
    expect(() =>
      limits.subscribe({ ...person('eve'), name: 'Eve the second', address: '10.0.0.2' }),
    ).to.throw('too many subscriptions');
    limits.subscribe(person('Otto'));
    ends[0]?.();
    ends[0]?.();
    limits.subscribe(person('eve'));
    expect(() => limits.subscribe(person('eve'))).to.throw('too many subscriptions');
  });
});
