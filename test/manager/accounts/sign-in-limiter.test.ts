import { expect } from 'chai';
import {
  createSignInLimiter,
  type SIGN_IN_LIMITS,
  type SignInLimiter,
} from '../../../nodes/manager/accounts/sign-in-limiter.js';

describe('accounts: the limiter of all doors', () => {
  let time = 0;
  const limiterOf = (limits: Partial<typeof SIGN_IN_LIMITS> = {}) =>
    createSignInLimiter({
      limits: { windowMs: 60_000, ofAddress: 3, ofPair: 3, ofName: 5, ofTokens: 3, ...limits },
      now: () => time,
    });
  const wait = (limiter: SignInLimiter, name: string, address: string) =>
    limiter.take(name, address).waitSeconds;
  function succeed(limiter: SignInLimiter, name: string, address: string): boolean {
    const attempt = limiter.take(name, address);
    if (!('succeeded' in attempt)) return false;
    attempt.succeeded();
    return true;
  }

  it('lets an address try some times, then wait, then try again', () => {
    const limiter = limiterOf();
    expect([1, 2, 3].map(() => wait(limiter, 'a', '10.0.0.1'))).to.deep.equal([0, 0, 0]);
    time += 20_000;
    expect(wait(limiter, 'a', '10.0.0.1')).to.equal(40);
    expect(wait(limiter, 'a', '10.0.0.2')).to.equal(0);
    time += 40_000;
    expect(wait(limiter, 'a', '10.0.0.1')).to.equal(0);
  });

  it('takes names together, and all spellings of one for one', () => {
    const limiter = limiterOf();
    const spellings = ['admin', 'Admin', 'ADMIN', 'ａｄｍｉｎ', 'kate', '\u212aate'];
    const waits = spellings.map((name) => wait(limiter, name, '10.0.0.1'));
    expect(waits.map((seconds) => seconds > 0)).to.deep.equal([false, false, false, true, true, true]);
    // From anywhere: the sixth spelling is the sixth try of one name, and of each address the first one goes on.
    const spread = limiterOf();
    for (let index = 0; index < 6; index += 1) wait(spread, spellings[index % 4]!, `10.0.1.${index}`);
    expect(wait(spread, 'AdMiN', '10.0.1.200')).to.equal(0);
    expect(wait(spread, 'admin', '10.0.1.200')).to.be.greaterThan(0);
    expect(wait(spread, 'kate', '10.0.1.200')).to.equal(0);
  });

  it('starts anew when the password was right', () => {
    const limiter = limiterOf();
    for (let round = 0; round < 10; round += 1) {
      expect(wait(limiter, 'a', '10.0.0.1')).to.equal(0);
      expect(succeed(limiter, 'a', '10.0.0.1')).to.equal(true);
    }
  });

  it('gives nothing back of what was tried for others: an own account does not buy more guesses', () => {
    const limiter = limiterOf();
    let guesses = 0;
    for (let round = 0; round < 20; round += 1) {
      if (wait(limiter, 'admin', '10.0.0.1') === 0) guesses += 1;
      succeed(limiter, 'mallory', '10.0.0.1');
    }
    expect(guesses).to.equal(3);
  });

  it('never counts against a person what others tried from elsewhere', () => {
    const limiter = limiterOf();
    succeed(limiter, 'ada', '10.0.0.1');
    for (let index = 0; index < 100; index += 1) wait(limiter, 'ada', `10.0.2.${index}`);
    // Known from there.
    expect(succeed(limiter, 'ada', '10.0.0.1')).to.equal(true);
    // A first try from anywhere.
    expect(succeed(limiter, 'ada', '10.0.0.77')).to.equal(true);
  });

  it('lets a person in from where others guess for other names, and not without end', () => {
    const limiter = limiterOf();
    succeed(limiter, 'ada', '10.0.0.1');
    for (let index = 0; index < 10; index += 1) wait(limiter, `name ${index}`, '10.0.0.1');
    expect([1, 2, 3, 4].map(() => wait(limiter, 'ada', '10.0.0.1') > 0)).to.deep.equal([
      false,
      false,
      false,
      true,
    ]);
  });

  it('gives a try back when no password was looked at', () => {
    const limiter = limiterOf();
    for (let round = 0; round < 10; round += 1) {
      const attempt = limiter.take('a', '10.0.0.1');
      if (!('undo' in attempt)) throw new Error('it has to wait');
      attempt.undo();
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
      const limiter = limiterOf();
      for (let attempt = 0; attempt < 3; attempt += 1) wait(limiter, 'a', one);
      expect(wait(limiter, 'a', other), other).to.be.greaterThan(0);
    }
    const limiter = limiterOf();
    for (let attempt = 0; attempt < 3; attempt += 1) wait(limiter, 'a', '2001:db8:1:2::1');
    expect(wait(limiter, 'a', '2001:db8:1:3::1')).to.equal(0);
  });

  it('remembers no more than it may', () => {
    const limiter = limiterOf({ remembered: 2 });
    for (let attempt = 0; attempt < 3; attempt += 1) wait(limiter, 'a', '10.0.0.1');
    wait(limiter, 'a', '10.0.0.2');
    expect(wait(limiter, 'a', '10.0.0.1')).to.be.greaterThan(0);
    wait(limiter, 'a', '10.0.0.3');
    expect(wait(limiter, 'a', '10.0.0.1')).to.equal(0);

    const ofPlaces = limiterOf({ places: 2, ofPair: 1 });
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) succeed(ofPlaces, 'a', address);
    const known = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ofPlaces.take('a', address));
    expect(known.map((attempt) => 'isKnown' in attempt && attempt.isKnown)).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  it('counts wrong API tokens apart from passwords', () => {
    const limiter = limiterOf();
    expect([1, 2, 3].map(() => limiter.wrongToken('10.0.0.1'))).to.deep.equal([0, 0, 0]);
    expect(limiter.wrongToken('10.0.0.1')).to.be.within(1, 60);
    expect(limiter.wrongToken('10.0.0.2')).to.equal(0);
    expect(wait(limiter, 'a', '10.0.0.1')).to.equal(0);
  });
});
