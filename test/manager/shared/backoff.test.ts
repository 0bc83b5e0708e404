import { ok, strictEqual } from 'node:assert/strict';
import { backoffMs, SPREAD_OUT } from '../../../nodes/manager/shared/backoff.js';

describe('backoff', () => {
  it('doubles up to the longest pause', () => {
    const pauses = [0, 1, 2, 3, 10, 5000].map((doublings) =>
      backoffMs(doublings, { firstMs: 200, longestMs: 1500 }),
    );
    strictEqual(pauses.join(), '200,400,800,1500,1500,1500');
  });

  it('goes on doubling where no longest pause is given', () => {
    strictEqual(backoffMs(20, { firstMs: 1 }), 2 ** 20);
  });

  it('spreads the pauses out, also the longest', () => {
    const pauses = Array.from({ length: 200 }, () =>
      backoffMs(9, { firstMs: 100, longestMs: 1000, spread: SPREAD_OUT }),
    );
    ok(pauses.every((pause) => pause >= 500 && pause <= 1000));
    ok(new Set(pauses).size > 100);
  });
});
