import { expect } from 'chai';
import { createDeadlines } from '../../../nodes/manager/shared/deadlines.js';

describe('deadlines of one length', () => {
  it('are called in the order in which they began, none too early', async () => {
    const deadline = createDeadlines(20);
    const began = performance.now();
    const called: string[] = [];
    await new Promise<void>((resolve) => {
      deadline(() => called.push('first'));
      setTimeout(() => {
        deadline(() => {
          called.push('second');
          expect(performance.now() - began).to.be.at.least(29);
          resolve();
        });
      }, 10);
    });
    expect(called).to.deep.equal(['first', 'second']);
  });

  it('are not called when what they bound ends in time', async () => {
    const deadline = createDeadlines(10);
    const called: string[] = [];
    const inTime = deadline(() => called.push('ended'));
    await new Promise<void>((resolve) => {
      deadline(() => {
        called.push('late');
        resolve();
      });
      inTime();
    });
    expect(called).to.deep.equal(['late']);
  });

  it('are not delayed by one that begins while another is called', async () => {
    const deadline = createDeadlines(20);
    const called: string[] = [];
    await new Promise<void>((resolve) => {
      deadline(() => deadline(() => called.push('begun last')));
      setTimeout(
        () =>
          deadline(() => {
            called.push('second');
            resolve();
          }),
        5,
      );
    });
    // On a machine that was busy meanwhile, all of them may be due at once.
    expect(called[0]).to.equal('second');
  });

  it('go on after all have ended', async () => {
    const deadline = createDeadlines(5);
    await new Promise<void>((resolve) => void deadline(resolve));
    await new Promise<void>((resolve) => void deadline(resolve));
  });
});
