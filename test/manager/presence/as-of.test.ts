import { expect } from 'chai';
import type { BrokerHealth } from '../../../nodes/manager/broker/broker.js';
import { createHealthTeller } from '../../../nodes/manager/broker/health.js';
import { watchPresenceAsOf } from '../../../nodes/manager/presence/as-of.js';
import { patience } from '../../support/patience.js';

const THERE: BrokerHealth = { connected: true, detail: 'there' };
const AWAY: BrokerHealth = { connected: false, detail: 'away' };

describe('presence: as of when it is known', () => {
  it('is now while the broker is there, for this manager or for another', () => {
    const health = createHealthTeller(AWAY);
    let othersKnow = false;
    const { asOf } = watchPresenceAsOf({ health: health.now, onHealth: health.onChange }, () => othersKnow);
    expect(asOf()).to.be.a('string');
    othersKnow = true;
    expect(asOf()).to.equal(null);
    othersKnow = false;
    health.set(THERE);
    expect(asOf()).to.equal(null);
  });

  it('is when the broker went, or when it was heard last', () => {
    const health = createHealthTeller(THERE);
    const watch = watchPresenceAsOf({ health: health.now, onHealth: health.onChange }, () => false);
    watch.heard();
    health.set(AWAY);
    const went = Date.parse(watch.asOf()!);
    expect(Date.now() - went).to.be.below(patience(60_000));
    health.set({ ...AWAY, detail: 'still away' });
    expect(Date.parse(watch.asOf()!), 'not again with each other word').to.equal(went);
    while (Date.now() === went);
    // Its API refuses the key, and its webhooks come.
    watch.heard();
    expect(Date.parse(watch.asOf()!)).to.be.above(went);
  });
});
