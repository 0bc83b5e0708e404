import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { type CheckTurns, createCheckTurns } from '../../../nodes/manager/presence/check-turns.js';
import { opener } from '../../support/databases.js';

interface Manager {
  turns: CheckTurns;
  told: EventEmitter<{ began: []; ended: []; left: [] }>;
  /** What a check waits for. */
  hold: Promise<void>;
}

describe('presence: which managers check, and when', () => {
  const open = opener('pglite');
  let database: Database;
  const managers: Manager[] = [];
  beforeEach(async () => {
    database = await open();
  });
  afterEach(async () => {
    for (const { turns } of managers.splice(0)) turns.close();
    await database.close();
  });

  function manager(): Manager {
    const schedule = createSchedule(database, `manager-${managers.length}`);
    const told = new EventEmitter<{ began: []; ended: []; left: [] }>();
    const turns = createCheckTurns({
      schedule: {
        async attempt(task, restMs, work) {
          const isDone = await schedule.attempt(task, restMs, work);
          told.emit(isDone ? 'ended' : 'left');
          return isDone;
        },
      },
      everyMs: () => 300_000,
      canCheck: () => true,
      async check() {
        told.emit('began');
        await one.hold;
      },
      onFault: (error) => expect.fail(String(error)),
    });
    const one: Manager = { turns, told, hold: Promise.resolve() };
    managers.push(one);
    return one;
  }

  it('check after what one of them alone has missed, though another began a moment before', async () => {
    const [a, b] = [manager(), manager()];
    let letGo: () => void = () => undefined;
    b.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const isBegun = once(b.told, 'began');
    b.turns.soon('lost');
    await isBegun;
    // The check of the other one runs, and read the list before the gap ended.
    const isChecked = once(a.told, 'ended');
    a.turns.soon('lost');
    await isChecked;
    letGo();
  });

  it('check once what each of them sees', async () => {
    const [a, b] = [manager(), manager()];
    const isChecked = once(b.told, 'ended');
    b.turns.soon('seen');
    await isChecked;
    const isLeft = once(a.told, 'left');
    a.turns.soon('seen');
    await isLeft;
  });

  it('check every few seconds at most, however often something is missed', async () => {
    const one = manager();
    const begun: number[] = [];
    one.told.on('began', () => {
      begun.push(performance.now());
      for (let times = 0; times < 100; times += 1) one.turns.soon('lost');
    });
    one.turns.soon('lost');
    while (begun.length < 3) await once(one.told, 'began');
    expect(begun[1]! - begun[0]!).to.be.at.least(4900);
    expect(begun[2]! - begun[1]!).to.be.at.least(4900);
  });
});
