import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import { end, takeOrders } from './asking.js';

// A device manager that sends commands over the broker at URL and records them in DATABASE_URL. SHARED_GROUP: where the broker has groups.

const {
  DATABASE_URL = '',
  URL: url = '',
  USERNAME: username,
  PASSWORD: password,
  SHARED_GROUP,
} = process.env;

async function main(): Promise<void> {
  const manager = await openDeviceManager({
    database: { kind: 'postgresql', url: DATABASE_URL },
    broker: { kind: 'mqtt', url, username, password, ...(SHARED_GROUP && { sharedGroup: SHARED_GROUP }) },
    instance: 'bench',
    log: { info: () => undefined, warn: (text) => console.error(text) },
  });
  takeOrders(async (gateway) => {
    const record = await manager.commands.send({
      ...{ clientid: `gw-${gateway}`, method: 'GET', path: '/device/time' },
    });
    if (record.state !== 'SUCCEEDED') throw new Error(JSON.stringify(record));
  });
}

main().catch(end);
