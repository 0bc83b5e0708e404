import type { TestManager } from './manager.js';

/** The first teller of a database begins with what happens from then on: resolves when it has begun. */
export async function untilAlarmsAreTold({ manager }: TestManager): Promise<void> {
  let isTold = false;
  const stop = manager.alarms.tell(async () => {
    isTold = true;
  });
  for (let key = 0; !isTold; key += 1) {
    await manager.alarms.raise({ key: `first-${key}`, text: 'x' }, 'test');
    await manager.alarms.clear({ key: `first-${key}` }, 'test');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop();
}
