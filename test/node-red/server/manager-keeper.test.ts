import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { keepManager, type ManagerState } from '../../../nodes/node-red/server/manager-keeper.js';
import { fakeManager } from '../../support/fake-manager.js';

describe('keeping a manager open', () => {
  const log: string[] = [];
  const options = {
    log: { info: (text: string) => log.push(text), warn: (text: string) => log.push(text) },
    firstMs: 4,
    longestMs: 20,
  };

  function reaching(keeper: ReturnType<typeof keepManager>, phase: ManagerState['phase']): Promise<unknown> {
    const events = new EventEmitter();
    const reached = once(events, 'reached');
    keeper.follow((state) => {
      if (state.phase === phase) events.emit('reached');
    });
    return keeper.state().phase === phase ? Promise.resolve() : reached;
  }

  beforeEach(() => log.splice(0));

  it('tells the log of a fault once, however often it comes, and of the end of it', async () => {
    let attempts = 0;
    const keeper = keepManager({
      ...options,
      open: async () => {
        attempts += 1;
        if (attempts < 4) throw new TpeError('UNAVAILABLE', 'no database');
        return fakeManager();
      },
    });
    await reaching(keeper, 'open');
    expect(attempts).to.equal(4);
    expect(log).to.deep.equal(['no database', 'The device manager is open.']);
    await keeper.close();
  });

  it('tries no more once it is closed', async () => {
    let attempts = 0;
    const keeper = keepManager({
      ...options,
      firstMs: 1,
      open: async () => {
        attempts += 1;
        throw new Error('no database');
      },
    });
    await reaching(keeper, 'retrying');
    await keeper.close();
    const made = attempts;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(attempts).to.equal(made);
    expect(await keeper.get().catch((error: TpeError) => error.code)).to.equal('CLOSED');
  });

  it('answers those who wait for the first attempt when it is closed instead', async () => {
    const manager = fakeManager();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const keeper = keepManager({ ...options, open: () => held.then(() => manager) });
    const waiting = keeper.get().catch((error: TpeError) => error.code);
    const closing = keeper.close();
    goOn();
    await closing;
    expect(await waiting).to.equal('CLOSED');
    expect(manager.closed).to.equal(true);
  });
});
