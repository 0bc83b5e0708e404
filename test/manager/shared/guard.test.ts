import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { guard } from '../../../nodes/manager/shared/guard.js';

describe('guard', () => {
  const isPoint = guard<{ x: number; name?: string | null }>({
    type: 'object',
    properties: { x: { type: 'number' }, name: { type: ['string', 'null'], maxLength: 3 } },
    required: ['x'],
  });

  it('takes what its schema takes, and nothing else', () => {
    strictEqual(isPoint({ x: 1, name: null, more: true }), true);
    for (const other of [null, [], '', {}, { x: '1' }, { x: 1, name: 'long' }])
      strictEqual(isPoint(other), false);
  });

  it('names the first fault of what it looked at last', () => {
    isPoint({ x: '1', name: 5 });
    deepStrictEqual(
      isPoint.errors?.map(({ instancePath }) => instancePath),
      ['/x'],
    );
    isPoint({ x: 1 });
    strictEqual(isPoint.errors, null);
  });
});
