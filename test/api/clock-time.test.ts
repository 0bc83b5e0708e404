import { expect } from 'chai';
import { clockTimeIn } from '../../nodes/api/words/clock-time.js';

describe('the time of day in words', () => {
  const local = (day: number, hour: number) => new Date(2026, 10, day, hour, 46).toISOString();

  it('has the day unless it is that of the other time', () => {
    expect(clockTimeIn('en-US', local(29, 3), new Date(local(29, 23)))).to.equal('03:46 AM');
    expect(clockTimeIn('en-US', local(30, 3), new Date(local(29, 23)))).to.equal('Nov 30, 03:46 AM');
    expect(clockTimeIn('de', local(30, 3), new Date(local(29, 23)))).to.equal('30. Nov., 03:46');
  });

  it('has the day unless it is today where no other time is given', () => {
    expect(clockTimeIn('en-US', new Date().toISOString())).to.match(/^\d\d:\d\d [AP]M$/);
    expect(clockTimeIn('en-US', new Date(Date.now() - 3 * 86_400_000).toISOString())).to.match(
      /^\w{3} \d+, /,
    );
  });
});
