import { expect } from 'chai';
import { createLoginRate } from '../../../nodes/manager/accounts/login-rate.js';

describe('accounts: login rate', () => {
  let time = 0;
  const rateOf = (addresses = 100) =>
    createLoginRate({ attempts: 3, windowMs: 60_000, addresses, now: () => time });

  it('lets an address try some times, then wait, then try again', () => {
    const rate = rateOf();
    expect([1, 2, 3].map(() => rate.take('10.0.0.1'))).to.deep.equal([0, 0, 0]);
    time += 20_000;
    expect(rate.take('10.0.0.1')).to.equal(40);
    expect(rate.take('10.0.0.2')).to.equal(0);
    time += 40_000;
    expect(rate.take('10.0.0.1')).to.equal(0);
  });

  it('starts anew when the password was right', () => {
    const rate = rateOf();
    for (let round = 0; round < 10; round += 1) {
      expect(rate.take('10.0.0.1')).to.equal(0);
      rate.succeeded('10.0.0.1');
    }
  });

  it('takes the addresses that one machine has for one', () => {
    const sameMachine = [
      ['10.0.0.1', '::ffff:10.0.0.1'],
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
      ['2001:db8::1', '2001:0db8:0:0:1::2'],
      ['fe80::1%eth0', 'fe80::2'],
    ];
    for (const [one = '', other = ''] of sameMachine) {
      const rate = rateOf();
      for (let attempt = 0; attempt < 3; attempt += 1) rate.take(one);
      expect(rate.take(other), other).to.be.greaterThan(0);
    }
    const rate = rateOf();
    for (let attempt = 0; attempt < 3; attempt += 1) rate.take('2001:db8:1:2::1');
    expect(rate.take('2001:db8:1:3::1')).to.equal(0);
  });

  it('remembers no more addresses than it may', () => {
    const rate = rateOf(2);
    for (let attempt = 0; attempt < 3; attempt += 1) rate.take('10.0.0.1');
    rate.take('10.0.0.2');
    expect(rate.take('10.0.0.1')).to.be.greaterThan(0);
    rate.take('10.0.0.3');
    expect(rate.take('10.0.0.1')).to.equal(0);
  });
});
