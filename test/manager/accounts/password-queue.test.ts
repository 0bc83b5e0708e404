import { expect } from 'chai';
import { createPasswordQueue } from '../../../nodes/manager/accounts/password-queue.js';

describe('accounts: the queue of a door', () => {
  const stranger = (address: string) => ({ address, isKnown: false });

  /** Holds the queue until it is let go. */
  function hold(queue: ReturnType<typeof createPasswordQueue>, address: string) {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    return { done: queue.run(stranger(address), () => gate), letGo };
  }

  it('goes round by address, one by one, those who are known first', async () => {
    const queue = createPasswordQueue(20);
    const order: string[] = [];
    let underWay = 0;
    const work = (name: string) => async () => {
      underWay += 1;
      expect(underWay).to.equal(1);
      await Promise.resolve();
      order.push(name);
      underWay -= 1;
    };
    const holding = hold(queue, '10.0.0.9');
    const all = [
      ...[1, 2, 3].map((turn) => queue.run(stranger('10.0.0.1'), work(`a${turn}`))),
      ...[1, 2].map((turn) => queue.run(stranger('10.0.0.2'), work(`b${turn}`))),
      queue.run({ address: '10.0.0.3', isKnown: true }, work('known')),
    ];
    holding.letGo();
    await Promise.all([holding.done, ...all]);
    expect(order).to.deep.equal(['known', 'a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('refuses the newest of the address with the most, not who comes from elsewhere', async () => {
    const queue = createPasswordQueue(5);
    const holding = hold(queue, '10.0.0.1');
    const outcomes: string[] = [];
    const run = (name: string, address: string, isKnown = false) =>
      queue
        .run({ address, isKnown }, async () => name)
        .then((done) => outcomes.push(done))
        .catch(({ code }) => outcomes.push(`${name} ${code}`));
    const all = [
      ...Array.from({ length: 10 }, (_, index) => run(`guess${index}`, '10.0.0.1')),
      run('fresh', '10.0.0.2'),
      run('known', '10.0.0.1', true),
    ];
    holding.letGo();
    await Promise.all([holding.done, ...all]);
    expect(outcomes.filter((one) => one.endsWith('BUSY'))).to.have.length(7);
    expect(outcomes).to.include.members(['fresh', 'known', 'guess0', 'guess1', 'guess2']);
  });

  it('goes on behind work that fails', async () => {
    const queue = createPasswordQueue(5);
    const failing = queue.run(stranger('10.0.0.1'), () => Promise.reject(new Error('no memory')));
    const next = queue.run(stranger('10.0.0.1'), async () => 'done');
    expect(await failing.catch((error: Error) => error.message)).to.equal('no memory');
    expect(await next).to.equal('done');
  });
});
