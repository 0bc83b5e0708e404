import { ok, rejects, strictEqual } from 'node:assert/strict';
import { getActiveResourcesInfo } from 'node:process';
import { within } from '../../../nodes/manager/shared/timeout.js';

const NEVER = new Promise<string>(() => undefined);

describe('timeout', () => {
  it('comes to what the work comes to', async () => {
    strictEqual(await within(10_000, Promise.resolve('done'), () => 'late'), 'done');
    await rejects(
      within(10_000, Promise.reject(new Error('broken')), () => 'late'),
      /broken/,
    );
  });

  it('comes to what is said of late work', async () => {
    strictEqual(await within(5, NEVER, () => 'late'), 'late');
    strictEqual(await within(5, NEVER, async () => 'later'), 'later');
    await rejects(
      within(5, NEVER, () => {
        throw new Error('too late');
      }),
      /too late/,
    );
  });

  it('lets late work reject without harm', async () => {
    let reject = (_error: Error): void => undefined;
    const work = new Promise<string>((_resolve, fail) => {
      reject = fail;
    });
    strictEqual(await within(5, work, () => 'late'), 'late');
    reject(new Error('nobody listens'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('leaves no timer behind', async () => {
    const timers = () => getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    // The timer of the test itself begins when it waits for the first time.
    await within(60_000, Promise.resolve(), () => undefined);
    const before = timers();
    await within(60_000, Promise.resolve(), () => undefined);
    await within(60_000, Promise.reject(new Error('broken')), () => undefined).catch(() => undefined);
    ok(timers() <= before);
  });
});
