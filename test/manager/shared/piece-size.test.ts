import { expect } from 'chai';
import { createPieceSize } from '../../../nodes/manager/shared/piece-size.js';

describe('the size of pieces', () => {
  it('becomes what takes some 20 ms, within its bounds, and grows by steps', () => {
    const pieces = createPieceSize({ first: 100, least: 50, most: 400 });
    expect(pieces.now()).to.equal(100);
    pieces.took(1, 100);
    expect(pieces.now()).to.equal(150);
    for (let times = 0; times < 9; times += 1) pieces.took(1, pieces.now());
    expect(pieces.now()).to.equal(400);
    pieces.took(40, 400);
    expect(pieces.now()).to.equal(200);
    pieces.took(10_000, 200);
    expect(pieces.now()).to.equal(50);
    // The last piece of a work is a small one, which says little of a whole one.
    pieces.took(0.1, 1);
    expect(pieces.now()).to.equal(50);
    pieces.took(1, 50);
    expect(pieces.now()).to.equal(75);
  });
});
