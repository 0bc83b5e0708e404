import { expect } from 'chai';
import { createLoginFailures } from '../../../nodes/manager/broker/embedded/login-failures.js';

describe('login failures', () => {
  let now = 1_000_000;
  const clock = () => now;

  it('lets one client id at one address fail five times, then once in ten seconds', () => {
    const failures = createLoginFailures(clock);
    for (let count = 0; count < 5; count += 1) {
      expect(failures.mayTry('10.0.0.1', 'A')).to.equal(true);
      failures.failed('10.0.0.1', 'A');
    }
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(false);
    expect(failures.mayTry('10.0.0.2', 'A')).to.equal(true);
    expect(failures.mayTry('10.0.0.1', 'B')).to.equal(true);
    now += 10_000;
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(true);
    failures.failed('10.0.0.1', 'A');
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(false);
  });

  it('never locks anybody out for longer than twenty seconds, however often it failed', () => {
    const failures = createLoginFailures(clock);
    for (let count = 0; count < 1000; count += 1) failures.failed('10.0.0.1', 'A');
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(false);
    now += 20_000;
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(true);
  });

  it('slows down one address that tries many client ids', () => {
    const failures = createLoginFailures(clock);
    let tried = 0;
    for (; failures.mayTry('10.0.0.1', `id ${tried}`); tried += 1) failures.failed('10.0.0.1', `id ${tried}`);
    expect(tried).to.equal(100);
    expect(failures.mayTry('10.0.0.2', 'A')).to.equal(true);
    now += 1000;
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(true);
  });

  it('stays out of a clock that was set back', () => {
    const failures = createLoginFailures(clock);
    failures.failed('10.0.0.1', 'A');
    now -= 3_600_000;
    expect(failures.mayTry('10.0.0.1', 'A')).to.equal(true);
  });
});
